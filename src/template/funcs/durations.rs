//! Durations, Helm's own functions on them.

use std::any::Any;
use std::rc::Rc;

use crate::golang::duration::{self, MINUTE, SECOND, in_units};
use crate::golang::float::append_float;
use crate::golang::numparse::parse_float;
use crate::golang::quote::quote;
use crate::golang::strings::trim_space;
use crate::source::Origins;

use super::super::value::{Data, Encoded, Encoding, Integer, Object, Value};
use super::Param::Any as Anything;
use super::Passing::Derived;
use super::number::float_to_int64;
use super::strval::int_text;
use super::{Function, Param};

const HOUR: i64 = 60 * MINUTE;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("mustToDuration", &[Anything], Derived, |call| {
        Ok(object(nanoseconds(&call.arg(0))?))
    }),
    Function::new("durationSeconds", &[Anything], Derived, |call| {
        Ok(Value::float(in_units(or_zero(&call.arg(0)), SECOND)))
    }),
    Function::new("durationMilliseconds", &[Anything], Derived, |call| {
        Ok(Value::int64(or_zero(&call.arg(0)) / 1_000_000))
    }),
    Function::new("durationMicroseconds", &[Anything], Derived, |call| {
        Ok(Value::int64(or_zero(&call.arg(0)) / 1000))
    }),
    Function::new("durationNanoseconds", &[Anything], Derived, |call| {
        Ok(Value::int64(or_zero(&call.arg(0))))
    }),
    Function::new("durationMinutes", &[Anything], Derived, |call| {
        Ok(Value::float(in_units(or_zero(&call.arg(0)), MINUTE)))
    }),
    Function::new("durationHours", &[Anything], Derived, |call| {
        Ok(Value::float(in_units(or_zero(&call.arg(0)), HOUR)))
    }),
    Function::new("durationDays", &[Anything], Derived, |call| {
        let hours = in_units(or_zero(&call.arg(0)), HOUR);
        Ok(Value::float(hours / 24.0))
    }),
    Function::new("durationWeeks", &[Anything], Derived, |call| {
        let hours = in_units(or_zero(&call.arg(0)), HOUR);
        Ok(Value::float(hours / 24.0 / 7.0))
    }),
    Function::new("durationRoundTo", &[Anything, Anything], Derived, |call| {
        Ok(to_multiple(&call.arg(0), &call.arg(1), duration::round))
    }),
    Function::new(
        "durationTruncateTo",
        &[Anything, Anything],
        Derived,
        |call| Ok(to_multiple(&call.arg(0), &call.arg(1), duration::truncate)),
    ),
];

fn or_zero(value: &Value) -> i64 {
    nanoseconds(value).unwrap_or(0)
}

fn to_multiple(value: &Value, multiple: &Value, to: fn(i64, i64) -> i64) -> Value {
    let Ok(length) = nanoseconds(value) else {
        return object(0);
    };
    match nanoseconds(multiple) {
        Ok(multiple) => object(to(length, multiple)),
        Err(_) => object(length),
    }
}

/// Helm's `asDuration`: numbers are seconds.
#[expect(
    clippy::cast_sign_loss,
    reason = "an unsigned value above i64::MAX is kept as its bits"
)]
fn nanoseconds(value: &Value) -> Result<i64, String> {
    if let Some(length) = DurationObject::of(value) {
        return Ok(length);
    }
    if let Some((seconds, int)) = value.as_integer() {
        let fits = !int.is_unsigned() || seconds as u64 <= i64::MAX as u64;
        let length = seconds.checked_mul(SECOND).filter(|_| fits);
        return length.ok_or_else(|| {
            let shown = int_text(seconds, int);
            format!("duration seconds overflow: {shown}")
        });
    }
    match &value.data {
        Data::Missing | Data::Nil => Err("invalid duration".to_owned()),
        Data::Str(text) => {
            let trimmed = trim_space(text.bytes());
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(length) = duration::parse(trimmed) {
                return Ok(length);
            }
            match parse_float(trimmed, 64) {
                Ok(seconds) => of_float(seconds),
                Err(_) => Err(format!("could not parse duration {}", quote(text.bytes()))),
            }
        }
        Data::Float(seconds) => of_float(*seconds),
        _ => Err(format!("unsupported duration type {}", value.type_name())),
    }
}

#[expect(clippy::cast_precision_loss, reason = "Go's conversions round too")]
fn of_float(seconds: f64) -> Result<i64, String> {
    let shown = || append_float(seconds, b'g', -1, 64);
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", shown()));
    }
    let second = SECOND as f64;
    if seconds > i64::MAX as f64 / second || seconds < i64::MIN as f64 / second {
        return Err(format!("duration seconds overflow: {}", shown()));
    }
    Ok(float_to_int64(seconds * second))
}

/// A `time.Duration`.
pub(in super::super) fn object(nanoseconds: i64) -> Value {
    Value::new(Data::Object(Rc::new(DurationObject { nanoseconds })))
}

/// `time.Duration`.
#[derive(Debug)]
pub(super) struct DurationObject {
    nanoseconds: i64,
}

impl DurationObject {
    /// The nanoseconds of a value of this type.
    pub(super) fn of(value: &Value) -> Option<i64> {
        let Data::Object(object) = &value.data else {
            return None;
        };
        let object = object.as_any().downcast_ref::<Self>()?;
        Some(object.nanoseconds)
    }
}

impl Object for DurationObject {
    fn type_name(&self) -> &str {
        "time.Duration"
    }

    fn kind(&self) -> &'static str {
        "int64"
    }

    fn print(&self) -> Vec<u8> {
        duration::to_string(self.nanoseconds).into_bytes()
    }

    fn has_string(&self) -> bool {
        true
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn integer(&self) -> Option<Integer> {
        Some(Integer {
            value: self.nanoseconds,
            of: object,
        })
    }

    /// To JSON it is a number.
    fn encoded(&self, encoding: Encoding) -> Option<Result<Encoded, String>> {
        let known = matches!(encoding, Encoding::Yaml | Encoding::Toml);
        known.then(|| Ok(Encoded::Text(self.print())))
    }

    fn params(&self, method: &str) -> Option<&'static [Param]> {
        match method {
            "Round" | "Truncate" => Some(&[Param::Duration]),
            "Hours" | "Minutes" | "Seconds" | "Milliseconds" | "Microseconds" | "Nanoseconds"
            | "String" | "Abs" => Some(&[]),
            _ => None,
        }
    }

    fn call(
        &self,
        name: &str,
        args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        let length = self.nanoseconds;
        let multiple = || args.first().and_then(Self::of).unwrap_or(0);
        Some(Ok(match name {
            "Hours" => Value::float(in_units(length, HOUR)),
            "Minutes" => Value::float(in_units(length, MINUTE)),
            "Seconds" => Value::float(in_units(length, SECOND)),
            "Milliseconds" => Value::int64(length / 1_000_000),
            "Microseconds" => Value::int64(length / 1000),
            "Nanoseconds" => Value::int64(length),
            "String" => Value::str(duration::to_string(length)),
            "Abs" => object(length.saturating_abs()),
            "Round" => object(duration::round(length, multiple())),
            "Truncate" => object(duration::truncate(length, multiple())),
            _ => return None,
        }))
    }

    fn truth(&self) -> bool {
        self.nanoseconds != 0
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
