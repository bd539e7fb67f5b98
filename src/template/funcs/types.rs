//! What type a value has.

use super::super::value::Value;
use super::Function;
use super::Param::{Any, Str};
use super::Passing::Shallow;
use super::equal::deep_equal;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("typeOf", &[Any], Shallow, |call| {
        Ok(Value::str(call.arg(0).type_name()))
    }),
    Function::new("typeIs", &[Str, Any], Shallow, |call| {
        let is = call.arg(1).type_name().as_bytes() == call.bytes(0);
        Ok(Value::bool(is))
    }),
    Function::new("typeIsLike", &[Str, Any], Shallow, |call| {
        let value = call.arg(1);
        let name = value.type_name().as_bytes();
        let behind = name.strip_prefix(b"*").unwrap_or(name);
        let wanted = call.bytes(0);
        Ok(Value::bool(name == wanted || behind == wanted))
    }),
    Function::new("kindOf", &[Any], Shallow, |call| {
        Ok(Value::str(call.arg(0).kind()))
    }),
    Function::new("kindIs", &[Str, Any], Shallow, |call| {
        let is = call.arg(1).kind().as_bytes() == call.bytes(0);
        Ok(Value::bool(is))
    }),
    Function::new("deepEqual", &[Any, Any], super::Passing::Derived, |call| {
        let (a, b) = (call.arg(0), call.arg(1));
        Ok(Value::bool(deep_equal(&a, &b, call.machine)?))
    }),
];
