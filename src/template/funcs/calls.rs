//! Helm's functions that execute templates or stop the rendering.

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::{Call, Function, Param, Passing};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "include",
        params: &[Param::Str, Param::Any],
        variadic: None,
        passing: Passing::Exact,
        call: |call| {
            let name = call.bytes(0).to_vec();
            let data = call.arg(1);
            call.machine.include(&name, data)
        },
    },
    Function {
        name: "tpl",
        params: &[Param::Str, Param::Any],
        variadic: None,
        passing: Passing::Exact,
        call: |call| {
            let (text, data) = (call.arg(0), call.arg(1));
            call.machine.tpl(&text, data)
        },
    },
    Function {
        name: "required",
        params: &[Param::Str, Param::Any],
        variadic: None,
        passing: Passing::Exact,
        call: required,
    },
    Function {
        name: "fail",
        params: &[Param::Str],
        variadic: None,
        passing: Passing::Exact,
        call: |call| Err(Failure::Fail(call.string(0))),
    },
    Function {
        name: "lookup",
        params: &[Param::Str, Param::Str, Param::Str, Param::Str],
        variadic: None,
        passing: Passing::Exact,
        // Without a cluster Helm finds nothing.
        call: |_| Ok(Value::map([])),
    },
    Function {
        name: "getHostByName",
        params: &[Param::Str],
        variadic: None,
        passing: Passing::Exact,
        // Helm answers with nothing unless DNS is switched on.
        call: |_| Ok(Value::str("")),
    },
];

/// Nil and the empty string fail; zero, false and empty lists pass.
fn required(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.arg(1);
    let is_absent = match &value.data {
        Data::Missing | Data::Nil => true,
        Data::Str(text) => text.is_empty(),
        _ => false,
    };
    if is_absent {
        return Err(Failure::Fail(call.string(0)));
    }
    Ok(value)
}
