//! Paths, always with slashes. On the systems that Helm is measured on, those of files are the
//! same.

use crate::golang::path;

use super::super::error::Failure;
use super::super::value::Value;
use super::Param::Str;
use super::Passing::{Derived, Exact};
use super::{Call, Function, weave};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base", &[Str], Exact, |call| made(call, path::base)),
    Function::new("dir", &[Str], Exact, |call| made(call, path::dir)),
    Function::new("clean", &[Str], Exact, |call| made(call, path::clean)),
    Function::new("ext", &[Str], Exact, |call| {
        made(call, |text| path::ext(text).to_vec())
    }),
    Function::new("isAbs", &[Str], Derived, is_abs),
    Function::new("osBase", &[Str], Exact, |call| made(call, path::base)),
    Function::new("osDir", &[Str], Exact, |call| made(call, path::dir)),
    Function::new("osClean", &[Str], Exact, |call| made(call, path::clean)),
    Function::new("osExt", &[Str], Exact, |call| {
        made(call, |text| path::ext(text).to_vec())
    }),
    Function::new("osIsAbs", &[Str], Derived, is_abs),
    // Without `--enable-dns` Helm answers with no address.
    Function::new("getHostByName", &[Str], Derived, |_| Ok(Value::str(""))),
];

fn is_abs(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::bool(path::is_abs(call.bytes(0))))
}

/// A path made of another: its end or its beginning stays where it was written.
fn made(call: &mut Call<'_>, make: impl Fn(&[u8]) -> Vec<u8>) -> Result<Value, Failure> {
    let value = call.arg(0);
    let text = call.bytes(0);
    let result = make(text);
    let range = if text.starts_with(&result) {
        Some((0, result.len()))
    } else if text.ends_with(&result) {
        Some((text.len().saturating_sub(result.len()), text.len()))
    } else {
        None
    };
    let origins = call.machine.origins();
    Ok(match range {
        Some((start, end)) => weave::slice(&value, start, end, crate::source::Prov::NONE, origins),
        None => Value::with(Value::str(result).data, value.deps(origins)),
    })
}
