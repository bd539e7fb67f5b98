//! Values as text: quoting, joining with spaces, indenting.

use std::rc::Rc;

use crate::golang::quote::{plain_length, quote};
use crate::golang::unicode::runes;
use crate::source::Origins;

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::Param::{Any, Int, Str};
use super::Passing::Exact;
use super::strval::{shown, strval};
use super::weave::Weave;
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("quote", &[], Exact, |call| {
        each_quoted(call, |call, value| {
            let text = strval(call, value)?;
            // Each character is looked at by itself.
            let bytes = text.as_bytes().unwrap_or_default().len();
            call.machine.allow(bytes)?;
            call.machine.spend(bytes as u64 / 2)?;
            Ok(quoted(&text, call.machine.origins()))
        })
    })
    .and_any(Any),
    Function::new("squote", &[], Exact, |call| {
        each_quoted(call, |call, value| {
            let text = shown(call, value)?;
            Ok(single_quoted(&text, call.machine.origins()))
        })
    })
    .and_any(Any),
    Function::new("cat", &[], Exact, |call| each_quoted(call, shown)).and_any(Any),
    Function::new("toString", &[Any], Exact, |call| {
        let value = call.arg(0);
        strval(call, &value)
    }),
    Function::new("indent", &[Int, Str], Exact, |call| indent(call, "")),
    Function::new("nindent", &[Int, Str], Exact, |call| indent(call, "\n")),
];

/// The arguments that are not nil, each made text, with spaces between.
fn each_quoted(
    call: &mut Call<'_>,
    text: impl Fn(&mut Call<'_>, &Value) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let args = call.args;
    let mut parts = Vec::with_capacity(args.len());
    for arg in args.iter().filter(|arg| !arg.is_nil()) {
        parts.push(text(call, arg)?);
    }
    let because = if parts.is_empty() {
        call.deps()
    } else {
        crate::source::Prov::NONE
    };
    call.joined(&parts, &Value::str(" "), because)
}

/// `fmt`'s `%q`: the quotes belong to the bytes beside them, what needs no escape stays exact.
fn quoted(value: &Value, origins: &mut Origins) -> Value {
    let bytes = value.as_bytes().unwrap_or_default();
    let mut weave = Weave::with_room(value, 2, 2);
    weave.insert(b"\"", 0, origins);
    let (mut kept, mut at) = (0, 0);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += plain_length(rest, b'"');
        let rest = bytes.get(at..).unwrap_or_default();
        let Some((_, _, width)) = runes(rest).next() else {
            break;
        };
        let char = rest.get(..width).unwrap_or_default();
        let mut literal = String::new();
        // Nearly all that is escaped are these two; the others take memory of their own.
        let inner = match char {
            b"\"" => b"\\\"",
            b"\\" => b"\\\\",
            _ => {
                literal.push_str(&quote(char));
                let inner = literal.get(1..literal.len().saturating_sub(1));
                inner.unwrap_or_default().as_bytes()
            }
        };
        if inner != char {
            weave.keep(kept, at);
            weave.insert(inner, at, origins);
            kept = at + width;
        }
        at += width;
    }
    weave.keep(kept, bytes.len());
    weave.insert(b"\"", bytes.len(), origins);
    weave.finish(crate::source::Prov::NONE, origins)
}

fn single_quoted(value: &Value, origins: &mut Origins) -> Value {
    let len = value.as_bytes().map_or(0, <[u8]>::len);
    let mut weave = Weave::with_room(value, 2, 2);
    weave.insert(b"'", 0, origins);
    weave.keep(0, len);
    weave.insert(b"'", len, origins);
    weave.finish(crate::source::Prov::NONE, origins)
}

/// Pads every line; the padding belongs to the byte behind it.
fn indent(call: &mut Call<'_>, before: &str) -> Result<Value, Failure> {
    let Ok(width) = usize::try_from(call.int(0)) else {
        return Err("strings: negative Repeat count".into());
    };
    let value = call.arg(1);
    let text = value.as_text().cloned().unwrap_or_default();
    let bytes = text.bytes();
    let breaks = memchr::memchr_iter(b'\n', bytes).count();
    let padding = width.saturating_mul(breaks.saturating_add(1));
    call.machine.allow(padding.saturating_add(bytes.len()))?;
    call.machine.spend(breaks as u64)?;
    let because = call.because(0);
    let origins = call.machine.origins();
    let padded = text.padded(breaks, before.as_bytes(), width, origins);
    let prov = origins.union(value.prov, because);
    Ok(Value::with(Data::Str(Rc::new(padded)), prov))
}
