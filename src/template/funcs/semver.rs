//! Semantic versions.

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::golang::semver::{Constraint, Version};
use crate::source::Origins;

use super::super::error::Failure;
use super::super::value::{Data, IntType, Object, Value};
use super::Param::Str;
use super::Passing::Derived;
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("semver", &[Str], Derived, |call| {
        let version = Version::new_loose(call.bytes(0))?;
        Ok(object(version, true))
    }),
    Function::new("semverCompare", &[Str, Str], Derived, compare),
];

fn compare(call: &mut Call<'_>) -> Result<Value, Failure> {
    let constraint = Constraint::new(call.bytes(0))?;
    let version = Version::new_loose(call.bytes(1))?;
    Ok(Value::bool(constraint.check(&version)))
}

/// `*semver.Version`, or `semver.Version` as the `Inc…` methods give it.
#[derive(Debug)]
struct VersionObject {
    version: Version,
    is_pointer: bool,
}

fn object(version: Version, is_pointer: bool) -> Value {
    Value::new(Data::Object(Rc::new(VersionObject {
        version,
        is_pointer,
    })))
}

#[expect(
    clippy::cast_possible_wrap,
    reason = "an unsigned value above i64::MAX is kept as its bits"
)]
fn number(value: u64) -> Value {
    Value::new(Data::Int(value as i64, IntType::Uint64))
}

impl VersionObject {
    /// The version in the only argument, which has to be a pointer to one.
    fn other(name: &str, args: &[Value]) -> Result<Version, String> {
        let [arg] = args else {
            let got = args.len();
            return Err(format!("wrong number of args for {name}: want 1 got {got}"));
        };
        if let Data::Object(object) = &arg.data
            && let Some(other) = object.as_any().downcast_ref::<Self>()
            && other.is_pointer
        {
            return Ok(other.version.clone());
        }
        let got = match &arg.data {
            Data::Missing | Data::Nil => {
                return Err("invalid value; expected *semver.Version".to_owned());
            }
            _ => arg.type_name(),
        };
        Err(format!(
            "wrong type for value; expected *semver.Version; got {got}"
        ))
    }

    fn text_argument(name: &str, args: &[Value]) -> Result<String, String> {
        match args {
            [arg] => match arg.as_bytes() {
                Some(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
                None => Err(format!(
                    "wrong type for value; expected string; got {}",
                    arg.type_name()
                )),
            },
            _ => Err(format!(
                "wrong number of args for {name}: want 1 got {}",
                args.len()
            )),
        }
    }

    /// The version with another pre-release or other metadata; what is no such text fails.
    fn with_suffix(&self, pre: &str, metadata: &str) -> Result<Value, String> {
        let mut text = format!(
            "{}.{}.{}",
            self.version.major, self.version.minor, self.version.patch
        );
        if !pre.is_empty() {
            text = format!("{text}-{pre}");
        }
        if !metadata.is_empty() {
            text = format!("{text}+{metadata}");
        }
        let mut version = Version::new_loose(&text)?;
        if self.version.original.starts_with('v') {
            version.original = format!("v{text}");
        }
        Ok(object(version, false))
    }
}

impl Object for VersionObject {
    fn type_name(&self) -> &str {
        if self.is_pointer {
            "*semver.Version"
        } else {
            "semver.Version"
        }
    }

    fn kind(&self) -> &'static str {
        if self.is_pointer { "ptr" } else { "struct" }
    }

    fn print(&self) -> Vec<u8> {
        self.version.to_string().into_bytes()
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn call(
        &self,
        name: &str,
        args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        let version = &self.version;
        let without_arguments = |value: Value| {
            if args.is_empty() {
                return Ok(value);
            }
            let got = args.len();
            Err(format!("wrong number of args for {name}: want 0 got {got}"))
        };
        let increased = |next: Result<Version, &'static str>| {
            let next = next.map_err(str::to_owned)?;
            without_arguments(object(next, false))
        };
        let ordered = |holds: fn(Ordering) -> bool| {
            let other = Self::other(name, args)?;
            Ok(Value::bool(holds(version.compare(&other))))
        };
        Some(match name {
            "Major" => without_arguments(number(version.major)),
            "Minor" => without_arguments(number(version.minor)),
            "Patch" => without_arguments(number(version.patch)),
            "Prerelease" => without_arguments(Value::str(version.pre.as_str())),
            "Metadata" => without_arguments(Value::str(version.metadata.as_str())),
            "String" => without_arguments(Value::str(version.to_string())),
            "IncMajor" => increased(version.inc_major()),
            "IncMinor" => increased(version.inc_minor()),
            "IncPatch" => increased(version.inc_patch()),
            "SetPrerelease" => Self::text_argument(name, args)
                .and_then(|text| self.with_suffix(&text, &version.metadata)),
            "SetMetadata" => Self::text_argument(name, args)
                .and_then(|text| self.with_suffix(&version.pre, &text)),
            // The others are methods of the pointer.
            _ if !self.is_pointer => return None,
            "Original" => without_arguments(Value::str(version.original.as_str())),
            "Compare" => {
                Self::other(name, args).map(|other| Value::int(version.compare(&other) as i64))
            }
            "LessThan" => ordered(Ordering::is_lt),
            "LessThanEqual" => ordered(Ordering::is_le),
            "GreaterThan" => ordered(Ordering::is_gt),
            "GreaterThanEqual" => ordered(Ordering::is_ge),
            "Equal" => ordered(Ordering::is_eq),
            _ => return None,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
