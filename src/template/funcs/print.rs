//! `print`, `println`, `printf`, and how an action prints its value.

use crate::source::{OriginId, Prov, Text};

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::format;
use super::strval;
use super::{Call, Function, Param, Passing};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "print",
        params: &[],
        variadic: Some(Param::Any),
        passing: Passing::Exact,
        call: |call| print(call, false),
    },
    Function {
        name: "println",
        params: &[],
        variadic: Some(Param::Any),
        passing: Passing::Exact,
        call: |call| print(call, true),
    },
    Function {
        name: "printf",
        params: &[Param::Str],
        variadic: Some(Param::Any),
        passing: Passing::Exact,
        call: printf,
    },
];

/// What an action prints for a value that is no string: fmt's `%v`, `<no value>` for none.
#[must_use]
pub fn print_value(value: &Value) -> Text {
    if value.is_nil() {
        return Text::plain("<no value>");
    }
    if let Data::Object(object) = &value.data {
        return Text::plain(object.display());
    }
    let mut out = Vec::new();
    format::value(&mut out, value, 0);
    Text::plain(out)
}

/// A value's text with a segment for every byte.
pub(super) fn segmented(call: &mut Call<'_>, value: &Value) -> Result<Text, Failure> {
    let shown = strval::shown(call, value)?;
    let mut text = call.segmented(&shown);
    if text.segments().is_empty() && !shown.prov.is_none() {
        let origin = call.origin(shown.prov);
        text.mark(origin);
    }
    Ok(text)
}

/// fmt's `Sprint`: a space between two operands where neither is a string; `Sprintln`: always.
fn print(call: &mut Call<'_>, is_line: bool) -> Result<Value, Failure> {
    let mut out = Text::new();
    let mut whole = Prov::NONE;
    let plain = call.origin(Prov::NONE);
    for index in 0..call.args.len() {
        let value = call.arg(index);
        let is_string = |value: &Value| matches!(value.data, Data::Str(_));
        if index > 0 && (is_line || !is_string(&value) && !is_string(&call.arg(index - 1))) {
            out.push(b" ", plain, 0);
        }
        let text = segmented(call, &value)?;
        call.machine.allow(out.len().saturating_add(text.len()))?;
        out.append(&text, OriginId::default());
        if let Data::Str(text) = &value.data
            && !text.is_plain()
        {
            whole = call.machine.origins().union(whole, value.prov);
        }
    }
    if is_line {
        out.push(b"\n", plain, 0);
    }
    Ok(Value::with(Value::text(out).data, whole))
}

fn printf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let format = call.text(0);
    let args: Vec<Value> = call.args.iter().skip(1).cloned().collect();
    let mut out = Text::new();
    let mut whole = call.arg(0).prov;
    if call.arg(0).as_text().is_some_and(|text| text.is_plain()) {
        // A format without segments decides its own bytes only.
        whole = Prov::NONE;
    }
    let pieces = format::sprintf(format.bytes(), &args);
    for piece in pieces {
        match piece {
            format::Piece::Format(start, end) => {
                out.append_range(&format, start, end, OriginId::default());
            }
            format::Piece::Whole(index, before, after) => {
                let Some(arg) = args.get(index) else { continue };
                let text = segmented(call, arg)?;
                let deps = arg.deps(call.machine.origins());
                let padding = call.origin(deps);
                out.push(&before, padding, 0);
                call.machine.allow(out.len().saturating_add(text.len()))?;
                out.append(&text, OriginId::default());
                out.push(&after, padding, 0);
                if let Data::Str(text) = &arg.data
                    && !text.is_plain()
                {
                    whole = call.machine.origins().union(whole, arg.prov);
                }
            }
            format::Piece::Made(index, bytes) => {
                let deps = match index.and_then(|index| args.get(index)) {
                    Some(arg) => arg.deep_deps(call.machine.origins()),
                    None => Prov::NONE,
                };
                let origin = call.origin(deps);
                call.machine.allow(out.len().saturating_add(bytes.len()))?;
                out.push(&bytes, origin, 0);
            }
        }
    }
    Ok(Value::with(Value::text(out).data, whole))
}
