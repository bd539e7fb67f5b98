//! Dates. The local zone is UTC, and a zone by name is the one of the tables that are built in: what a
//! chart prints must not change with the machine's own.

use crate::golang::cast::dropped_error;
use crate::golang::duration;
use crate::golang::numparse::parse_int;
use crate::golang::time::{Time, parse};

use super::super::error::Failure;
use super::super::value::{Data, IntType, Value};
use super::Param::{Any as Anything, Named, Str};
use super::Passing::Derived;
use super::times::{TYPE, object, time_of};
use super::{Call, Function};

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
