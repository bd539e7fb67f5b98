//! Choosing among values: defaults and conditions.

use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::Param::{Any, Bool};
use super::Passing::{Exact, Shallow};
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("default", &[Any], Exact, default).and_any(Any),
    Function::new("empty", &[Any], Shallow, |call| {
        Ok(Value::bool(!call.arg(0).truth()))
    }),
    Function::new("coalesce", &[], Exact, coalesce).and_any(Any),
    Function::new("all", &[], Shallow, |call| {
        Ok(Value::bool(call.args.iter().all(Value::truth)))
    })
    .and_any(Any),
    Function::new("any", &[], Shallow, |call| {
        Ok(Value::bool(call.args.iter().any(Value::truth)))
    })
    .and_any(Any),
    Function::new("ternary", &[Any, Any, Bool], Exact, ternary),
];

/// The second argument unless it is empty; the first is also decided by the emptiness.
fn default(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(given) = call.args.get(1) else {
        return Ok(call.arg(0));
    };
    if given.truth() {
        return Ok(given.clone());
    }
    let because = given.deps(call.machine.origins());
    Ok(call.arg(0).chosen(because, call.machine.origins()))
}

/// The first value that is not empty, also decided by those before it.
fn coalesce(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut because = Prov::NONE;
    for value in call.args {
        let origins = call.machine.origins();
        if value.truth() {
            return Ok(value.clone().chosen(because, origins));
        }
        let deps = value.deps(origins);
        because = origins.union(because, deps);
    }
    Ok(Value::with(Data::Nil, because))
}

fn ternary(call: &mut Call<'_>) -> Result<Value, Failure> {
    let chosen = usize::from(!call.arg(2).truth());
    let because = call.because(2);
    Ok(call.arg(chosen).chosen(because, call.machine.origins()))
}
