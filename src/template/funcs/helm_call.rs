//! Functions of Helm that execute templates or stop them: `include tpl required fail lookup`.

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::Param::{Any, Str};
use super::Passing::{Derived, Exact};
use super::{Call, Function};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("include", &[Str, Any], Exact, |call| {
        let (name, data) = (call.bytes(0).to_vec(), call.arg(1));
        call.machine.include(&name, data)
    }),
    Function::new("tpl", &[Str, Any], Exact, |call| {
        let (text, data) = (call.arg(0), call.arg(1));
        call.machine.tpl(&text, data)
    }),
    Function::new("required", &[Str, Any], Exact, required),
    Function::new("fail", &[Str], Exact, |call| {
        Err(Failure::Fail(call.string(0)))
    }),
    // Without a cluster Helm looks nothing up.
    Function::new("lookup", &[Str, Str, Str, Str], Derived, |_| {
        Ok(Value::map([]))
    }),
];

/// Fails for nil and for the empty string, and for nothing else.
fn required(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.arg(1);
    let absent = match &value.data {
        Data::Missing | Data::Nil => true,
        Data::Str(text) => text.is_empty(),
        _ => false,
    };
    if absent {
        return Err(Failure::Fail(call.string(0)));
    }
    Ok(value)
}
