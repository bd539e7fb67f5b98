//! Semantic versions.

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::golang::semver::{Constraint, Version};
use crate::source::{Origins, Text};

use super::super::error::Failure;
use super::super::value::{Data, Encoded, Encoding, IntType, Member, Object, Value};
use super::Param::{self, Str};
use super::Passing::Derived;
use super::strval::NIL_POINTER;
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
    /// The version in the only argument, a pointer to one, which can be nil.
    fn other(args: &[Value]) -> Result<&Version, String> {
        let other = args.first().and_then(|arg| match &arg.data {
            Data::Object(object) => object.as_any().downcast_ref::<Self>(),
            _ => None,
        });
        other
            .map(|other| &other.version)
            .ok_or_else(|| NIL_POINTER.to_owned())
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

    fn has_string(&self) -> bool {
        true
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn members(&self) -> Option<Vec<Member>> {
        let version = &self.version;
        let text = |text: &String| Value::str(text.as_bytes());
        Some(vec![
            Member::new("major", number(version.major)),
            Member::new("minor", number(version.minor)),
            Member::new("patch", number(version.patch)),
            Member::new("pre", text(&version.pre)),
            Member::new("metadata", text(&version.metadata)),
            Member::new("original", text(&version.original)),
        ])
    }

    /// `MarshalJSON` and `MarshalText`.
    fn encoded(&self, _encoding: Encoding) -> Option<Result<Encoded, String>> {
        Some(Ok(Encoded::Text(self.print())))
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| !self.is_pointer && self.version == other.version)
    }

    /// No field is exported, so none is copied.
    fn copied(&self) -> Option<Value> {
        let zero = Version {
            major: 0,
            minor: 0,
            patch: 0,
            pre: String::new(),
            metadata: String::new(),
            original: String::new(),
        };
        Some(object(zero, self.is_pointer))
    }

    fn params(&self, method: &str) -> Option<&'static [Param]> {
        match method {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" | "IncMajor"
            | "IncMinor" | "IncPatch" | "MarshalJSON" | "MarshalText" | "Value" => Some(&[]),
            "SetPrerelease" | "SetMetadata" => Some(&[Str]),
            // The others are methods of the pointer.
            _ if !self.is_pointer => None,
            "Original" => Some(&[]),
            "Compare" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual"
            | "Equal" => Some(&[Param::Pointer("*semver.Version")]),
            _ => None,
        }
    }

    fn call(
        &self,
        name: &str,
        args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        self.params(name)?;
        let version = &self.version;
        let increased = |next: Result<Version, &'static str>| match next {
            Ok(next) => Ok(object(next, false)),
            Err(why) => Err(why.to_owned()),
        };
        let ordered = |holds: fn(Ordering) -> bool| {
            Ok(Value::bool(holds(version.compare(Self::other(args)?))))
        };
        let bytes = |bytes: Vec<u8>| Value::new(Data::Bytes(Rc::new(Text::plain(bytes))));
        let text = args.first().and_then(Value::as_bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        Some(match name {
            "Major" => Ok(number(version.major)),
            "Minor" => Ok(number(version.minor)),
            "Patch" => Ok(number(version.patch)),
            "Prerelease" => Ok(Value::str(version.pre.as_str())),
            "Metadata" => Ok(Value::str(version.metadata.as_str())),
            "String" | "Value" => Ok(Value::str(version.to_string())),
            "MarshalText" => Ok(bytes(self.print())),
            "MarshalJSON" => Ok(bytes(format!("\"{version}\"").into_bytes())),
            "IncMajor" => increased(version.inc_major()),
            "IncMinor" => increased(version.inc_minor()),
            "IncPatch" => increased(version.inc_patch()),
            "SetPrerelease" => version.set_pre(&text).map(|next| object(next, false)),
            "SetMetadata" => version.set_metadata(&text).map(|next| object(next, false)),
            "Original" => Ok(Value::str(version.original.as_str())),
            "Compare" => Self::other(args).map(|other| Value::int(version.compare(other) as i64)),
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
