//! How values become text: fmt's `%v` and sprig's `strval`, and what functions see as a slice.

use std::borrow::Cow;

use crate::golang::float::format_g;
use crate::golang::strings::push_numbers;

use super::super::error::Failure;
use super::super::value::{Data, IntType, Value};
use super::{Call, Machine};

/// What Go says where a function asks for the type of nil.
pub(super) const NIL_POINTER: &str =
    "runtime error: invalid memory address or nil pointer dereference";

/// What Go's reflection says of no value at all.
pub(super) const ZERO_VALUE: &str = "reflect: call of reflect.Value.Type on zero Value";

/// How deep values may nest; Go itself would overflow its stack on a value that contains itself.
pub(super) const MAX_DEPTH: usize = 200;

/// The failure where values nest too deep.
pub(super) fn too_deep() -> Failure {
    Failure::Budget("levels of values within each other")
}

/// fmt's `%v`.
pub(super) fn show(value: &Value, machine: &mut dyn Machine) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    show_into(value, &mut out, machine, MAX_DEPTH)?;
    Ok(out)
}

fn show_into(
    value: &Value,
    out: &mut Vec<u8>,
    machine: &mut dyn Machine,
    depth: usize,
) -> Result<(), Failure> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    machine.fits(out.len())?;
    match &value.data {
        Data::Missing | Data::Nil => out.extend_from_slice(b"<nil>"),
        Data::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Data::Int(value, int) => out.extend_from_slice(int_text(*value, *int).as_bytes()),
        Data::Float(value) => show_float(*value, out),
        Data::Complex(re, im) => {
            out.push(b'(');
            show_float(*re, out);
            if *im >= 0.0 {
                out.push(b'+');
            }
            show_float(*im, out);
            out.extend_from_slice(b"i)");
        }
        Data::Str(text) => {
            machine.allow_more(out.len(), text.len())?;
            out.extend_from_slice(text.bytes());
        }
        Data::Bytes(text) => {
            machine.allow_more(out.len(), text.len().saturating_mul(4))?;
            push_numbers(text.bytes(), out);
        }
        Data::List(list) => {
            out.push(b'[');
            for (at, item) in list.items.iter().enumerate() {
                machine.spend(1)?;
                if at > 0 {
                    out.push(b' ');
                }
                show_into(item, out, machine, depth)?;
            }
            out.push(b']');
        }
        Data::Map(_, map) => {
            out.extend_from_slice(b"map[");
            for (at, (key, entry)) in map.entries.borrow().iter().enumerate() {
                machine.spend(1)?;
                if at > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(key);
                out.push(b':');
                show_into(&entry.value, out, machine, depth)?;
            }
            out.push(b']');
        }
        Data::Object(object) => out.extend_from_slice(&object.print()),
    }
    Ok(())
}

fn show_float(value: f64, out: &mut Vec<u8>) {
    let mut text = String::new();
    format_g(value, &mut text);
    out.extend_from_slice(text.as_bytes());
}

/// An integer in decimal, its bits read as the type says.
#[expect(
    clippy::cast_sign_loss,
    reason = "an unsigned value above i64::MAX is kept as its bits"
)]
pub(super) fn int_text(value: i64, int: IntType) -> String {
    if int.is_unsigned() {
        (value as u64).to_string()
    } else {
        value.to_string()
    }
}

/// sprig's `strval`: a string as it is with its segments, a `[]byte` as a string, anything else
/// by `%v`, decided by all that is in it.
pub(super) fn strval(call: &mut Call<'_>, value: &Value) -> Result<Value, Failure> {
    match &value.data {
        Data::Str(_) => Ok(value.clone()),
        Data::Bytes(text) => Ok(Value::with(Data::Str(text.clone()), value.prov)),
        _ => shown(call, value),
    }
}

/// A value by `%v`; a string keeps its segments.
pub(super) fn shown(call: &mut Call<'_>, value: &Value) -> Result<Value, Failure> {
    if let Data::Str(_) = &value.data {
        return Ok(value.clone());
    }
    let text = show(value, call.machine)?;
    let prov = value.deep_deps(call.machine.origins());
    Ok(Value::with(Value::str(text).data, prov))
}

/// The items of anything whose kind is slice; `None` for any other kind.
pub(super) fn items(value: &Value) -> Option<Cow<'_, [Value]>> {
    match &value.data {
        Data::List(list) => Some(Cow::Borrowed(&list.items)),
        Data::Bytes(text) => Some(Cow::Owned(
            text.bytes()
                .iter()
                .map(|byte| Value::with(Data::Int(i64::from(*byte), IntType::Uint8), value.prov))
                .collect(),
        )),
        Data::Object(object) if object.kind() == "slice" => Some(Cow::Owned(
            object
                .entries()
                .unwrap_or_default()
                .into_iter()
                .map(|(_, value)| value)
                .collect(),
        )),
        _ => None,
    }
}

/// sprig's `strslice`: the items as strings without the nil ones, or a scalar alone.
pub(super) fn strslice(call: &mut Call<'_>, value: &Value) -> Result<Vec<Value>, Failure> {
    let Some(items) = items(value) else {
        if value.is_nil() {
            return Ok(Vec::new());
        }
        return Ok(vec![strval(call, value)?]);
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !item.is_nil()) {
        call.machine.spend(1)?;
        texts.push(strval(call, item)?);
    }
    Ok(texts)
}
