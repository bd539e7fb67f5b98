//! Anything as a number, by spf13/cast 1.7: what cannot be one is 0.

use crate::golang::numparse::{parse_float, parse_int};

use super::super::value::{Data, IntType, Value};

/// Go's conversion of a float to `int64` on amd64: cut towards zero, and the least number where
/// it does not fit.
pub(super) fn float_to_int64(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) {
        #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
        return value as i64;
    }
    i64::MIN
}

/// `cast.ToInt64`, and `cast.ToInt` on a machine of 64 bits.
pub(super) fn to_int64(value: &Value) -> i64 {
    match &value.data {
        Data::Int(value, _) => *value,
        Data::Float(value) => float_to_int64(*value),
        Data::Bool(value) => i64::from(*value),
        Data::Str(text) => parse_int(trim_zero_decimal(text.bytes()), 0, 64).unwrap_or(0),
        _ => calendar(value).unwrap_or(0),
    }
}

/// Of the types with names the library knows months and days of the week, but no durations.
fn calendar(value: &Value) -> Option<i64> {
    match &value.data {
        Data::Object(object) if object.kind() == "int" => Some(object.integer()?.value),
        _ => None,
    }
}

/// `cast.ToFloat64`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "Go's conversions round too, and unsigned values are kept as their bits"
)]
pub(super) fn to_float64(value: &Value) -> f64 {
    match &value.data {
        Data::Int(value, IntType::Uint | IntType::Uint64) => *value as u64 as f64,
        Data::Int(value, _) => *value as f64,
        Data::Float(value) => *value,
        Data::Bool(value) => f64::from(u8::from(*value)),
        Data::Str(text) => parse_float(text.bytes(), 64).unwrap_or(0.0),
        _ => calendar(value).unwrap_or(0) as f64,
    }
}

/// `1.0` as `1`: a point and zeros at the end are dropped.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    let head = text.len() - zeros;
    match head.checked_sub(1) {
        Some(point) if zeros > 0 && text.get(point) == Some(&b'.') => {
            text.get(..point).unwrap_or(text)
        }
        _ => text,
    }
}
