//! Base64 and base32.

use crate::golang::encoding::{BASE32, BASE64, Encoding};

use super::super::error::Failure;
use super::super::value::Value;
use super::Param::Str;
use super::Passing::Derived;
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("b64enc", &[Str], Derived, |call| encoded(call, &BASE64)),
    Function::new("b64dec", &[Str], Derived, |call| decoded(call, &BASE64)),
    Function::new("b32enc", &[Str], Derived, |call| encoded(call, &BASE32)),
    Function::new("b32dec", &[Str], Derived, |call| decoded(call, &BASE32)),
];

fn encoded(call: &mut Call<'_>, encoding: &Encoding) -> Result<Value, Failure> {
    let len = call.bytes(0).len();
    call.machine.allow(len.saturating_mul(2))?;
    Ok(Value::str(encoding.encode(call.bytes(0))))
}

/// The bytes, or what is wrong with the text: sprig gives the error back as the result.
fn decoded(call: &mut Call<'_>, encoding: &Encoding) -> Result<Value, Failure> {
    let result = encoding.decode(call.bytes(0));
    Ok(Value::str(result.unwrap_or_else(|at| {
        let name = encoding.name;
        format!("illegal {name} data at input byte {at}").into_bytes()
    })))
}
