//! Go's own functions but for printing and comparing: `index`, `len`, `not`, `and`, `or`, `html`,
//! `js`, `urlquery`, `call`. (`slice` is sprig's in Helm.)

use super::super::error::Failure;
use super::super::value::{Data, IntType, MapType, Value};
use super::print::eval_args;
use super::strval::ZERO_VALUE;
use super::{Call, Function, Param, Passing};
use crate::golang::unicode::{decode_rune, is_print};
use crate::golang::url::query_escape;
use crate::source::Prov;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("index", &[Param::Reflect], Passing::Exact, index).and_any(Param::Reflect),
    Function::new("len", &[Param::Reflect], Passing::Shallow, len),
    Function::new("not", &[Param::Reflect], Passing::Shallow, not),
    Function::new("and", &[Param::Reflect], Passing::Exact, and).and_any(Param::Reflect),
    Function::new("or", &[Param::Reflect], Passing::Exact, or).and_any(Param::Reflect),
    Function::new("html", &[], Passing::Derived, html).and_any(Param::Any),
    Function::new("js", &[], Passing::Derived, js).and_any(Param::Any),
    Function::new("urlquery", &[], Passing::Derived, urlquery).and_any(Param::Any),
    Function::new("call", &[Param::Reflect], Passing::Derived, call_function)
        .and_any(Param::Reflect),
];

/// `index x 1 "a"` is `x[1]["a"]`: the element as it is, with what decided the keys.
fn index(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut item = call.arg(0);
    if item.is_nil() {
        return Err("index of untyped nil".into());
    }
    for key in call.args.get(1..).unwrap_or_default() {
        if item.is_nil() {
            return Err("index of nil pointer".into());
        }
        let of = item.prov;
        let is_list = matches!(item.data, Data::List(_));
        let origins = call.machine.origins();
        let decided = key.deps(origins);
        item = match element(&item, key)? {
            Some(found) => {
                let found = found.because(decided, origins);
                let chosen = if is_list {
                    origins.order(of)
                } else {
                    origins.choice(of)
                };
                found.because(chosen, origins)
            }
            // What is not there is decided by the map it is not in.
            None => Value::with(Data::Nil, origins.union(of, decided)),
        };
    }
    Ok(item)
}

/// One element; `None` where a map has no such key.
fn element(item: &Value, key: &Value) -> Result<Option<Value>, Failure> {
    match &item.data {
        Data::Str(text) | Data::Bytes(text) => {
            let kind = match item.data {
                Data::Str(_) => "string",
                _ => "slice",
            };
            let at = position(key, text.len(), kind)?;
            let byte = text.bytes().get(at).copied().unwrap_or_default();
            let data = Data::Int(i64::from(byte), IntType::Uint8);
            Ok(Some(Value::with(data, item.prov)))
        }
        Data::List(list) => {
            let at = position(key, list.items.len(), "slice")?;
            Ok(list.items.get(at).cloned())
        }
        Data::Map(kind, map) => {
            let found = map.get(map_key(key)?).map(|entry| entry.value);
            Ok(match kind {
                MapType::String => {
                    Some(found.unwrap_or_else(|| Value::with(Value::str("").data, item.prov)))
                }
                MapType::Interface | MapType::Values => found,
            })
        }
        Data::Object(object) if object.kind() == "map" => {
            let key = String::from_utf8_lossy(map_key(key)?);
            Ok(object.field(&key))
        }
        Data::Object(object) if object.kind() == "slice" => {
            let entries = object.entries().unwrap_or_default();
            let at = position(key, entries.len(), "slice")?;
            Ok(entries.into_iter().nth(at).map(|(_, value)| value))
        }
        _ => {
            let name = item.type_name();
            let name = name.strip_prefix('*').unwrap_or(name);
            Err(format!("can't index item of type {name}").into())
        }
    }
}

fn map_key(key: &Value) -> Result<&[u8], Failure> {
    if key.is_nil() {
        return Err("value is nil; should be of type string".into());
    }
    key.as_bytes().ok_or_else(|| {
        let name = key.type_name();
        format!("value has type {name}; should be string").into()
    })
}

/// An index into `len` elements.
fn position(key: &Value, len: usize, kind: &str) -> Result<usize, Failure> {
    let number = match (&key.data, key.as_integer()) {
        (_, Some((number, _))) => number,
        (Data::Missing | Data::Nil, _) => {
            return Err("cannot index slice/array with nil".into());
        }
        _ => {
            let name = key.type_name();
            return Err(format!("cannot index slice/array with type {name}").into());
        }
    };
    match usize::try_from(number) {
        Ok(at) if at < len => Ok(at),
        // Go's check lets this one pass, and its reflection catches it.
        Ok(at) if at == len => Err(format!("reflect: {kind} index out of range").into()),
        _ => Err(format!("index out of range: {number}").into()),
    }
}

fn len(call: &mut Call<'_>) -> Result<Value, Failure> {
    let item = call.arg(0);
    let len = match &item.data {
        Data::Missing => return Err(ZERO_VALUE.into()),
        Data::Nil => return Err("len of nil pointer".into()),
        Data::Str(text) | Data::Bytes(text) => text.len(),
        Data::List(list) => list.items.len(),
        Data::Map(_, map) => map.len(),
        Data::Object(object) if matches!(object.kind(), "map" | "slice") => {
            object.entries().unwrap_or_default().len()
        }
        _ => {
            let name = item.type_name();
            let name = name.strip_prefix('*').unwrap_or(name);
            return Err(format!("len of type {name}").into());
        }
    };
    Ok(Value::int(i64::try_from(len).unwrap_or(i64::MAX)))
}

fn not(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::bool(!call.arg(0).truth()))
}

/// The first argument that is false, or the last. The evaluator does not come here: it stops
/// evaluating arguments where the answer is known.
fn and(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(first_or_last(call, false))
}

/// The first argument that is true, or the last. As with `and`, the evaluator does not come here.
fn or(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(first_or_last(call, true))
}

fn first_or_last(call: &mut Call<'_>, wanted: bool) -> Value {
    let found = call.args.iter().position(|arg| arg.truth() == wanted);
    let at = found.unwrap_or(call.args.len().saturating_sub(1));
    let mut passed = Prov::NONE;
    for arg in call.args.iter().take(at) {
        let origins = call.machine.origins();
        let deps = arg.deps(origins);
        passed = origins.union(passed, deps);
    }
    call.arg(at).chosen(passed, call.machine.origins())
}

fn html(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = eval_args(call)?;
    call.machine.allow(text.len().saturating_mul(5))?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    Ok(Value::str(out))
}

fn js(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = eval_args(call)?;
    call.machine.allow(text.len().saturating_mul(6))?;
    call.machine.spend(text.len() as u64 / 2)?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    while let Some(&byte) = rest.first() {
        let (rune, width) = decode_rune(rest);
        match byte {
            b'\\' | b'\'' | b'"' => out.extend([b'\\', byte]),
            b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                out.extend_from_slice(format!("\\u00{byte:02X}").as_bytes());
            }
            0x80.. if !is_print(rune) => {
                out.extend_from_slice(format!("\\u{rune:04X}").as_bytes());
            }
            _ => out.extend_from_slice(rest.get(..width).unwrap_or_default()),
        }
        rest = rest.get(width.max(1)..).unwrap_or_default();
    }
    Ok(Value::str(out))
}

fn urlquery(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = eval_args(call)?;
    call.machine.allow(text.len().saturating_mul(3))?;
    Ok(Value::str(query_escape(&text)))
}

/// Nothing that a chart's template can hold is a function, so every call fails. Go names the
/// argument as it was written; this names the function.
fn call_function(call: &mut Call<'_>) -> Result<Value, Failure> {
    let function = call.arg(0);
    if function.is_nil() {
        return Err("call of nil".into());
    }
    let (name, type_name) = (call.name, function.type_name());
    Err(format!("non-function {name} of type {type_name}").into())
}
