//! Dates. The local zone is UTC, and a zone by name is the one of the tables that are built in: what a
//! chart prints must not change with the machine's own.

use std::any::Any;
use std::rc::Rc;

use crate::golang::cast::dropped_error;
use crate::golang::duration;
use crate::golang::numparse::parse_int;
use crate::golang::time::{Time, civil_from_days, parse};
use crate::source::Origins;

use super::super::error::Failure;
use super::super::value::{Data, IntType, Object, Value};
use super::Param::{Any as Anything, Named, Str};
use super::Passing::Derived;
use super::durations::{self, DurationObject};
use super::{Call, Function};

/// Go's name of the type.
const TYPE: &str = "time.Time";

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("now", &[], Derived, |call| Ok(object(now(call)))),
    Function::new("date", &[Str, Anything], Derived, |call| date(call, b"")),
    Function::new("dateInZone", &[Str, Anything, Str], Derived, date_in_zone),
    Function::new("date_in_zone", &[Str, Anything, Str], Derived, date_in_zone),
    Function::new("htmlDate", &[Anything], Derived, |call| {
        Ok(html_date(call, b""))
    }),
    Function::new("htmlDateInZone", &[Anything, Str], Derived, |call| {
        Ok(html_date(call, call.bytes(1)))
    }),
    Function::new("dateModify", &[Str, Named(TYPE)], Derived, date_modify),
    Function::new("date_modify", &[Str, Named(TYPE)], Derived, date_modify),
    Function::new("mustDateModify", &[Str, Named(TYPE)], Derived, must_modify),
    Function::new(
        "must_date_modify",
        &[Str, Named(TYPE)],
        Derived,
        must_modify,
    ),
    Function::new("toDate", &[Str, Str], Derived, |call| {
        let time = parsed(call)?;
        Ok(object(time.unwrap_or_else(|_| Time::zero())))
    }),
    Function::new("mustToDate", &[Str, Str], Derived, |call| {
        Ok(object(parsed(call)??))
    }),
    Function::new("unixEpoch", &[Named(TYPE)], Derived, |call| {
        let time = time_of(&call.arg(0)).unwrap_or_else(Time::zero);
        Ok(Value::str(time.unix.to_string()))
    }),
    Function::new("ago", &[Anything], Derived, |call| {
        let now = now(call);
        let time = moment(call, 0, false);
        Ok(Value::str(time.ago(&now)))
    }),
    Function::new("duration", &[Anything], Derived, |call| {
        let seconds = match &call.arg(0).data {
            Data::Str(text) => dropped_error(parse_int(text.bytes(), 10, 64), text.bytes()),
            Data::Int(value, IntType::Int64) => *value,
            _ => 0,
        };
        Ok(Value::str(duration::from_seconds(seconds)))
    }),
    Function::new("durationRound", &[Anything], Derived, |call| {
        let value = call.arg(0);
        let nanoseconds = match &value.data {
            Data::Str(text) => duration::parse(text.bytes()).unwrap_or(0),
            Data::Int(value, IntType::Int64) => *value,
            _ => match time_of(&value) {
                Some(time) => now(call).sub(&time),
                None => 0,
            },
        };
        Ok(Value::str(duration::rounded(nanoseconds)))
    }),
];

fn now(call: &Call<'_>) -> Time {
    Time::from_unix(call.machine.now())
}

/// A time argument: a time, or seconds since 1970 as an integer; the present for anything else.
fn moment(call: &Call<'_>, at: usize, narrow: bool) -> Time {
    let value = call.arg(at);
    match &value.data {
        Data::Int(seconds, IntType::Int | IntType::Int64) => Time::from_unix(*seconds),
        Data::Int(seconds, IntType::Int32) if narrow => Time::from_unix(*seconds),
        _ => time_of(&value).unwrap_or_else(|| now(call)),
    }
}

fn date_in_zone(call: &mut Call<'_>) -> Result<Value, Failure> {
    let zone = call.bytes(2).to_vec();
    date(call, &zone)
}

/// The text in the second argument, read by the layout in the first.
fn parsed(call: &mut Call<'_>) -> Result<Result<Time, String>, Failure> {
    let bytes = call.bytes(0).len() + call.bytes(1).len();
    call.machine.spend(bytes as u64)?;
    Ok(parse(call.bytes(0), call.bytes(1)))
}

fn date(call: &mut Call<'_>, zone: &[u8]) -> Result<Value, Failure> {
    let time = moment(call, 1, true).in_zone(zone);
    let layout = call.bytes(0).len();
    call.machine.allow(layout.saturating_mul(16))?;
    call.machine.spend(layout as u64 / 2)?;
    Ok(Value::str(time.format(call.bytes(0))))
}

fn html_date(call: &Call<'_>, zone: &[u8]) -> Value {
    let time = moment(call, 0, true).in_zone(zone);
    Value::str(time.format(b"2006-01-02"))
}

fn date_modify(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.machine.spend(call.bytes(0).len() as u64 / 2)?;
    let time = time_of(&call.arg(1)).unwrap_or_else(Time::zero);
    Ok(object(time.modify(call.bytes(0))))
}

fn must_modify(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.machine.spend(call.bytes(0).len() as u64 / 2)?;
    let time = time_of(&call.arg(1)).unwrap_or_else(Time::zero);
    Ok(object(time.add(duration::parse(call.bytes(0))?)))
}

/// A time as a value.
pub(super) fn object(time: Time) -> Value {
    Value::new(Data::Object(Rc::new(TimeObject { time })))
}

/// The time behind a value.
pub(super) fn time_of(value: &Value) -> Option<Time> {
    let Data::Object(object) = &value.data else {
        return None;
    };
    let object = object.as_any().downcast_ref::<TimeObject>()?;
    Some(object.time.clone())
}

/// `time.Time`.
#[derive(Debug)]
struct TimeObject {
    time: Time,
}

impl TimeObject {
    /// The number that a method without arguments gives.
    fn number(&self, name: &str) -> Option<Value> {
        let time = &self.time;
        let local = time.unix.saturating_add(i64::from(time.offset));
        let (days, clock) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, _, day) = civil_from_days(days);
        let nanos = i64::from(time.nanos);
        Some(match name {
            "Unix" => Value::int64(time.unix),
            "UnixMilli" => Value::int64(time.unix.wrapping_mul(1000) + nanos / 1_000_000),
            "UnixMicro" => Value::int64(time.unix.wrapping_mul(1_000_000) + nanos / 1000),
            "UnixNano" => {
                let seconds = time.unix.wrapping_mul(1_000_000_000);
                Value::int64(seconds.wrapping_add(nanos))
            }
            "Year" => Value::int(year),
            "Day" => Value::int(i64::from(day)),
            "Hour" => Value::int(clock / 3600),
            "Minute" => Value::int(clock / 60 % 60),
            "Second" => Value::int(clock % 60),
            "Nanosecond" => Value::int(nanos),
            "UTC" | "Local" => object(time.in_utc()),
            "String" => Value::str(time.to_bytes()),
            "IsZero" => Value::bool(time.unix == Time::zero().unix && nanos == 0),
            _ => return None,
        })
    }
}

impl Object for TimeObject {
    fn type_name(&self) -> &str {
        TYPE
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        self.time.to_bytes()
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
        let wrong_type = |wanted: &str, value: &Value| {
            let got = value.type_name();
            Err(format!(
                "wrong type for value; expected {wanted}; got {got}"
            ))
        };
        if let Some(value) = self.number(name) {
            let got = args.len();
            return Some(match got {
                0 => Ok(value),
                _ => Err(format!("wrong number of args for {name}: want 0 got {got}")),
            });
        }
        if !matches!(
            name,
            "Format" | "Add" | "Sub" | "After" | "Before" | "Equal"
        ) {
            return None;
        }
        let [arg] = args else {
            let got = args.len();
            return Some(Err(format!(
                "wrong number of args for {name}: want 1 got {got}"
            )));
        };
        Some(match name {
            "Format" => match arg.as_bytes() {
                Some(layout) => Ok(Value::str(self.time.format(layout))),
                None => wrong_type("string", arg),
            },
            "Add" => match DurationObject::of(arg) {
                Some(nanoseconds) => Ok(object(self.time.add(nanoseconds))),
                None => wrong_type("time.Duration", arg),
            },
            _ => match time_of(arg) {
                Some(other) => {
                    let distance = self.time.sub(&other);
                    Ok(match name {
                        "Sub" => durations::object(distance),
                        "After" => Value::bool(distance > 0),
                        "Before" => Value::bool(distance < 0),
                        _ => Value::bool(distance == 0),
                    })
                }
                None => wrong_type(TYPE, arg),
            },
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
