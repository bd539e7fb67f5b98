//! Numbers: conversion, arithmetic on integers and floats, sequences.

use crate::golang::cast;
use crate::golang::numparse::{atoi, parse_int};
use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{ElemType, Value};
use super::Param::{Any, Float, Int, Str};
use super::Passing::{Derived, Exact};
use super::decimal::Decimal;
use super::number::{to_float64, to_int64};
use super::strval::show;
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("atoi", &[Str], Derived, |call| {
        Ok(Value::int(atoi(call.bytes(0)).unwrap_or(0)))
    }),
    Function::new("int64", &[Any], Derived, |call| {
        Ok(Value::int64(to_int64(&call.arg(0))))
    }),
    Function::new("int", &[Any], Derived, |call| {
        Ok(Value::int(to_int64(&call.arg(0))))
    }),
    Function::new("float64", &[Any], Derived, |call| {
        Ok(Value::float(to_float64(&call.arg(0))))
    }),
    Function::new("toDecimal", &[Any], Derived, |call| {
        let text = show(&call.arg(0), call.machine)?;
        Ok(Value::int64(parse_int(text, 8, 64).unwrap_or(0)))
    }),
    Function::new("add1", &[Any], Derived, |call| {
        Ok(Value::int64(to_int64(&call.arg(0)).wrapping_add(1)))
    }),
    Function::new("add", &[], Derived, |call| {
        let sum = call.args.iter().map(to_int64);
        Ok(Value::int64(sum.fold(0, i64::wrapping_add)))
    })
    .and_any(Any),
    Function::new("sub", &[Any, Any], Derived, |call| {
        let (a, b) = (to_int64(&call.arg(0)), to_int64(&call.arg(1)));
        Ok(Value::int64(a.wrapping_sub(b)))
    }),
    Function::new("mul", &[Any], Derived, |call| {
        let factors = call.args.iter().map(to_int64);
        Ok(Value::int64(factors.fold(1, i64::wrapping_mul)))
    })
    .and_any(Any),
    Function::new("div", &[Any, Any], Derived, |call| {
        divided(call, i64::wrapping_div)
    }),
    Function::new("mod", &[Any, Any], Derived, |call| {
        divided(call, i64::wrapping_rem)
    }),
    Function::new("biggest", &[Any], Derived, |call| {
        Ok(extreme(call, i64::max))
    })
    .and_any(Any),
    Function::new("max", &[Any], Derived, |call| Ok(extreme(call, i64::max))).and_any(Any),
    Function::new("min", &[Any], Derived, |call| Ok(extreme(call, i64::min))).and_any(Any),
    Function::new("maxf", &[Any], Derived, |call| {
        Ok(extreme_float(call, |a, b| a > b))
    })
    .and_any(Any),
    Function::new("minf", &[Any], Derived, |call| {
        Ok(extreme_float(call, |a, b| a < b))
    })
    .and_any(Any),
    Function::new("add1f", &[Any], Derived, |call| {
        let one = Value::int(1);
        let number = call.arg(0);
        in_decimal(&number, &[one], Decimal::add)
    }),
    Function::new("addf", &[], Derived, |call| {
        in_decimal(&Value::float(0.0), call.args, Decimal::add)
    })
    .and_any(Any),
    Function::new("subf", &[Any], Derived, |call| {
        in_decimal_from(call, Decimal::subtract)
    })
    .and_any(Any),
    Function::new("mulf", &[Any], Derived, |call| {
        in_decimal_from(call, Decimal::multiply)
    })
    .and_any(Any),
    Function::new("divf", &[Any], Derived, |call| {
        let divisors = call.args.get(1..).unwrap_or_default();
        if divisors.iter().any(|value| to_float64(value) == 0.0) {
            let finite = call.args.iter().all(|value| to_float64(value).is_finite());
            if finite {
                return Err("decimal division by 0".into());
            }
        }
        in_decimal_from(call, Decimal::divide)
    })
    .and_any(Any),
    Function::new("ceil", &[Any], Derived, |call| {
        Ok(Value::float(to_float64(&call.arg(0)).ceil()))
    }),
    Function::new("floor", &[Any], Derived, |call| {
        Ok(Value::float(to_float64(&call.arg(0)).floor()))
    }),
    Function::new("round", &[Any, Int], Derived, round).and_any(Float),
    Function::new("until", &[Int], Exact, |call| {
        let count = call.int(0);
        until_step(call, 0, count, if count < 0 { -1 } else { 1 })
    }),
    Function::new("untilStep", &[Int, Int, Int], Exact, |call| {
        let (start, stop, step) = (call.int(0), call.int(1), call.int(2));
        until_step(call, start, stop, step)
    }),
    Function::new("seq", &[], Derived, seq).and_any(Int),
];

fn divided(call: &mut Call<'_>, op: fn(i64, i64) -> i64) -> Result<Value, Failure> {
    let (a, b) = (to_int64(&call.arg(0)), to_int64(&call.arg(1)));
    if b == 0 {
        return Err("runtime error: integer divide by zero".into());
    }
    Ok(Value::int64(op(a, b)))
}

fn extreme(call: &mut Call<'_>, choose: fn(i64, i64) -> i64) -> Value {
    let numbers = call.args.iter().map(to_int64);
    Value::int64(numbers.reduce(choose).unwrap_or(0))
}

/// `math.Max` and `math.Min` in turn: what is no number stays none.
fn extreme_float(call: &mut Call<'_>, better: fn(f64, f64) -> bool) -> Value {
    let numbers = call.args.iter().map(to_float64);
    let chosen = numbers.reduce(|best, next| {
        if best.is_nan() || next.is_nan() {
            f64::NAN
        } else if better(next, best) {
            next
        } else {
            best
        }
    });
    Value::float(chosen.unwrap_or(0.0))
}

fn in_decimal_from(
    call: &mut Call<'_>,
    op: fn(Decimal, &Decimal) -> Decimal,
) -> Result<Value, Failure> {
    let first = call.arg(0);
    in_decimal(&first, call.args.get(1..).unwrap_or_default(), op)
}

/// A chain of one operation on the shortest decimal forms of floats.
fn in_decimal(
    first: &Value,
    rest: &[Value],
    op: fn(Decimal, &Decimal) -> Decimal,
) -> Result<Value, Failure> {
    let mut result = decimal(to_float64(first))?;
    for value in rest {
        result = op(result, &decimal(to_float64(value))?);
        if result.digits() > 20_000 {
            return Err(Failure::Budget("the digits of a number"));
        }
    }
    Ok(Value::float(result.to_float()))
}

fn decimal(value: f64) -> Result<Decimal, Failure> {
    Decimal::new(value).ok_or_else(|| {
        let shown = match value {
            value if value.is_nan() => "NaN",
            value if value < 0.0 => "-Inf",
            _ => "+Inf",
        };
        format!("Cannot create a Decimal from {shown}").into()
    })
}

/// sprig's `round`: up where the fraction is at least one half, which it never is below zero.
fn round(call: &mut Call<'_>) -> Result<Value, Failure> {
    let round_on = call.args.get(2).map_or(0.5, to_float64);
    let value = to_float64(&call.arg(0));
    Ok(Value::float(cast::round(value, call.int(1), round_on)))
}

/// The numbers from `start` up or down to before `stop`.
fn steps(call: &mut Call<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Failure> {
    let distance = stop.abs_diff(start);
    let runs = if stop < start { step < 0 } else { step > 0 };
    if !runs || distance == 0 {
        return Ok(Vec::new());
    }
    let count = distance.div_ceil(step.unsigned_abs());
    call.machine.spend(count)?;
    call.machine
        .allow(usize::try_from(count).unwrap_or(usize::MAX))?;
    let numbers = std::iter::successors(Some(start), |at| at.checked_add(step));
    Ok(numbers
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .collect())
}

fn until_step(call: &mut Call<'_>, start: i64, stop: i64, step: i64) -> Result<Value, Failure> {
    let numbers = steps(call, start, stop, step)?;
    // Where it stops decides which numbers there are, and is in none of them.
    let (mut number, mut end) = (Prov::NONE, Prov::NONE);
    // The only argument of `until`, the second of `untilStep`.
    let last = call.args.len() / 2;
    for (at, arg) in call.args.iter().enumerate() {
        let origins = call.machine.origins();
        let part = if at == last { &mut end } else { &mut number };
        let deps = arg.deps(origins);
        *part = origins.union(*part, deps);
    }
    let origins = call.machine.origins();
    let end = origins.as_control(end);
    let prov = origins.union(number, end);
    let items = numbers
        .into_iter()
        .map(|number| Value::with(Value::int(number).data, prov))
        .collect();
    let list = Value::list_of(ElemType::Int, items);
    Ok(Value::with(list.data, call.deps()))
}

/// The numbers of a shell's `seq`, with spaces between.
fn seq(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (start, step, end) = match call.args.len() {
        1 => (1, None, call.int(0)),
        2 => (call.int(0), None, call.int(1)),
        3 => (call.int(0), Some(call.int(1)), call.int(2)),
        _ => return Ok(Value::str("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if end < start && step.is_some_and(|step| step > 0) {
        return Ok(Value::str(""));
    }
    let stop = end.wrapping_add(direction);
    let numbers = steps(call, start, stop, step.unwrap_or(direction))?;
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(Value::str(texts.join(" ")))
}
