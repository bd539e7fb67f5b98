//! `print`, `printf`, `println`, and what an action prints.

use std::rc::Rc;

use super::super::error::Failure;
use super::super::fmt::{From, Out, sprint, sprintf, sprintln};
use super::super::value::{Data, Value};
use super::{Call, Function, Machine, Param, Passing};
use crate::source::{Prov, Text};

/// What Go prints of no value.
const NO_VALUE: &[u8] = b"<no value>";

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("print", &[], Passing::Exact, print).and_any(Param::Any),
    Function::new("printf", &[Param::Str], Passing::Exact, printf).and_any(Param::Any),
    Function::new("println", &[], Passing::Exact, println).and_any(Param::Any),
];

fn print(call: &mut Call<'_>) -> Result<Value, Failure> {
    let out = sprint(call.args, call.machine)?;
    Ok(woven(call, out, None, call.args))
}

fn println(call: &mut Call<'_>) -> Result<Value, Failure> {
    let out = sprintln(call.args, call.machine)?;
    Ok(woven(call, out, None, call.args))
}

fn printf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (format, args) = match call.args {
        [format, args @ ..] => (format.clone(), args),
        [] => (Value::str(""), call.args),
    };
    let out = sprintf(format.as_bytes().unwrap_or_default(), args, call.machine)?;
    Ok(woven(call, out, Some(&format), args))
}

/// The text that the action `{{ value }}` writes: a string as it is, anything else as fmt prints
/// it, decided by all that is in it. No value and nil are `<no value>`.
///
/// # Errors
/// When a budget is passed.
pub fn print_value(value: &Value, machine: &mut dyn Machine) -> Result<Text, Failure> {
    let mut call = Call {
        name: "print",
        args: &[],
        machine,
    };
    if let Data::Str(text) = &value.data {
        return Ok(whole(&mut call, text, value.prov));
    }
    let bytes = match &value.data {
        Data::Missing | Data::Nil => NO_VALUE.to_vec(),
        Data::Object(object) => object.display(),
        _ => sprint(std::slice::from_ref(value), call.machine)?.into_bytes(),
    };
    let deps = value.deep_deps(call.machine.origins());
    let origin = call.origin(deps);
    let mut text = Text::new();
    text.push(&bytes, origin, 0);
    if bytes.is_empty() {
        text.mark(origin);
    }
    Ok(text)
}

/// The arguments as one string, as `html`, `js` and `urlquery` see them: printed as by `print`,
/// where no value is `<no value>`.
pub(super) fn eval_args(call: &mut Call<'_>) -> Result<Vec<u8>, Failure> {
    let args: Vec<Value> = call
        .args
        .iter()
        .map(|arg| match arg.is_nil() {
            true => Value::str(NO_VALUE),
            false => arg.clone(),
        })
        .collect();
    Ok(sprint(&args, call.machine)?.into_bytes())
}

/// A text with a segment for every byte, and one where there is no byte.
fn whole(call: &mut Call<'_>, text: &Text, prov: Prov) -> Text {
    if !text.segments().is_empty() {
        return text.clone();
    }
    let origin = call.origin(prov);
    let mut segmented = Text::new();
    segmented.push(text.bytes(), origin, 0);
    if text.is_empty() {
        segmented.mark(origin);
    }
    segmented
}

/// What was printed, each run with the origins of what it came from.
fn woven(call: &mut Call<'_>, out: Out, format: Option<&Value>, args: &[Value]) -> Value {
    let (bytes, runs, asterisks) = out.into_parts();
    let mut text = Text::uncovered(bytes, runs.len());
    let mut prov = Prov::NONE;
    let mut start = 0;
    for (end, from) in runs {
        let length = end - std::mem::replace(&mut start, end);
        let (value, offset) = match from {
            From::Format(offset) => (format, Some(offset)),
            From::Text(arg, offset) => (args.get(arg), Some(offset)),
            From::Arg(arg) => (args.get(arg), None),
            From::Complaint => (format, None),
            From::Nothing => (None, None),
        };
        let source = value.and_then(|value| match &value.data {
            Data::Str(text) | Data::Bytes(text) => Some((text, value.prov)),
            _ => None,
        });
        if let (Some((source, decided)), Some(offset)) = (source, offset) {
            if !source.segments().is_empty() {
                prov = call.machine.origins().union(prov, decided);
            }
            let origin = call.origin(decided);
            if source.is_empty() && source.segments().is_empty() {
                text.cover(end, origin, 0);
            } else {
                text.cover_as(source, (offset, offset + length), origin);
            }
        } else {
            let deps = match value {
                Some(value) => value.deep_deps(call.machine.origins()),
                None => Prov::NONE,
            };
            let origin = call.origin(deps);
            if length > 0 {
                text.cover(end, origin, 0);
            }
        }
    }
    for arg in asterisks {
        if let Some(arg) = args.get(arg) {
            prov = call.machine.origins().union(prov, arg.prov);
        }
    }
    if text.is_empty() && text.segments().is_empty() {
        prov = {
            let deps = call.deps();
            call.machine.origins().union(prov, deps)
        };
    }
    Value::with(Data::Str(Rc::new(text)), prov)
}
