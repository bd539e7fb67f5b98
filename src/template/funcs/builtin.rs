//! Go's own template functions, but for those that print.

use std::cmp::Ordering;

use crate::golang::strings;

use super::super::error::Failure;
use super::super::value::{Data, IntType, MapType, Value};
use super::{Call, Function, Param, Passing, strval};

const fn function(
    name: &'static str,
    params: &'static [Param],
    variadic: Option<Param>,
    passing: Passing,
    call: fn(&mut Call<'_>) -> Result<Value, Failure>,
) -> Function {
    Function {
        name,
        params,
        variadic,
        passing,
        call,
    }
}

const VALUE: &[Param] = &[Param::Reflect];
const TWO: &[Param] = &[Param::Reflect, Param::Reflect];
const REST: Option<Param> = Some(Param::Reflect);

pub(super) const FUNCTIONS: &[Function] = &[
    // The evaluator does these two itself: they evaluate no further than they must.
    function("and", VALUE, REST, Passing::Exact, |call| Ok(call.arg(0))),
    function("or", VALUE, REST, Passing::Exact, |call| Ok(call.arg(0))),
    function("not", VALUE, None, Passing::Shallow, |call| {
        Ok(Value::bool(!call.arg(0).truth()))
    }),
    function("len", VALUE, None, Passing::Shallow, len),
    function("index", VALUE, REST, Passing::Exact, index),
    function("html", &[], Some(Param::Any), Passing::Derived, |call| {
        escape(call, strings::template_html_escape)
    }),
    function("js", &[], Some(Param::Any), Passing::Derived, |call| {
        escape(call, strings::js_escape)
    }),
    function("urlquery", &[], Some(Param::Any), Passing::Derived, |call| {
        escape(call, |bytes| crate::golang::url::query_escape(bytes).into())
    }),
    function("call", VALUE, REST, Passing::Derived, |call| {
        let value = call.arg(0);
        if value.is_nil() {
            return Err("call of nil".into());
        }
        Err(format!("non-function {} of type {}", "value", value.type_name()).into())
    }),
    function("eq", VALUE, REST, Passing::Shallow, eq),
    function("ne", TWO, None, Passing::Shallow, |call| {
        Ok(Value::bool(!equal(&call.arg(0), &call.arg(1))?))
    }),
    function("lt", TWO, None, Passing::Shallow, |call| {
        less(call, |order| order == Ordering::Less)
    }),
    function("le", TWO, None, Passing::Shallow, |call| {
        less(call, |order| order != Ordering::Greater)
    }),
    function("gt", TWO, None, Passing::Shallow, |call| {
        less(call, |order| order == Ordering::Greater)
    }),
    function("ge", TWO, None, Passing::Shallow, |call| {
        less(call, |order| order != Ordering::Less)
    }),
];

fn len(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.arg(0);
    let len = match &value.data {
        Data::Missing | Data::Nil => return Err("len of nil pointer".into()),
        Data::Str(text) | Data::Bytes(text) => text.len(),
        Data::List(list) => list.items.len(),
        Data::Map(_, map) => map.len(),
        Data::Object(object) if object.entries().is_some() => {
            object.entries().map_or(0, |entries| entries.len())
        }
        _ => return Err(format!("len of type {}", value.type_name()).into()),
    };
    Ok(Value::int(i64::try_from(len).unwrap_or(i64::MAX)))
}

fn index(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut item = call.arg(0);
    if item.is_nil() {
        return Err("index of untyped nil".into());
    }
    for at in 1..call.args.len() {
        let index = call.arg(at);
        let because = index.deps(call.machine.origins());
        item = step(&item, &index)?;
        item.prov = call.machine.origins().union(item.prov, because);
    }
    Ok(item)
}

fn step(item: &Value, index: &Value) -> Result<Value, Failure> {
    let position = |len: usize| -> Result<usize, Failure> {
        match index.data {
            Data::Int(value, kind) => {
                let at = usize::try_from(value).ok().filter(|at| *at < len);
                at.ok_or_else(|| {
                    format!("index out of range: {}", strval::int_text(value, kind)).into()
                })
            }
            Data::Missing | Data::Nil => Err("cannot index slice/array with nil".into()),
            _ => Err(format!(
                "cannot index slice/array with type {}",
                index.type_name()
            )
            .into()),
        }
    };
    match &item.data {
        Data::Missing | Data::Nil => Err("index of nil pointer".into()),
        Data::List(list) => {
            let at = position(list.items.len())?;
            Ok(list.items.get(at).cloned().unwrap_or_else(Value::nil))
        }
        Data::Str(text) | Data::Bytes(text) => {
            let at = position(text.len())?;
            let byte = text.bytes().get(at).copied().unwrap_or(0);
            let data = Data::Int(i64::from(byte), IntType::Uint8);
            Ok(Value::with(data, item.prov))
        }
        Data::Map(kind, map) => {
            let Some(key) = index.as_bytes() else {
                return Err(if index.is_nil() {
                    "value is nil; should be of type string".into()
                } else {
                    format!(
                        "value has type {}; should be string",
                        index.type_name()
                    )
                    .into()
                });
            };
            Ok(match map.get(key) {
                Some(entry) => entry.value,
                None if *kind == MapType::String => {
                    Value::with(Value::str("").data, item.prov)
                }
                None => Value::with(Data::Nil, item.prov),
            })
        }
        Data::Object(object) if object.kind() == "slice" => {
            let entries = object.entries().unwrap_or_default();
            let at = position(entries.len())?;
            let found = entries.into_iter().nth(at);
            Ok(found.map_or_else(Value::nil, |(_, value)| value))
        }
        Data::Object(object) => {
            let key = index.as_bytes().unwrap_or_default();
            let name = String::from_utf8_lossy(key);
            object
                .field(&name)
                .ok_or_else(|| format!("can't index item of type {}", item.type_name()).into())
        }
        _ => Err(format!("can't index item of type {}", item.type_name()).into()),
    }
}

/// `html`, `js`, `urlquery`: one string as it is, anything else printed first.
fn escape(
    call: &mut Call<'_>,
    escaped: impl Fn(&[u8]) -> Vec<u8>,
) -> Result<Value, Failure> {
    let mut bytes = Vec::new();
    for at in 0..call.args.len() {
        let value = call.arg(at);
        let is_string = |value: &Value| matches!(value.data, Data::Str(_));
        if at > 0 && !is_string(&value) && !is_string(&call.arg(at - 1)) {
            bytes.push(b' ');
        }
        if value.is_nil() {
            bytes.extend_from_slice(b"<no value>");
        } else {
            bytes.extend(strval::show(&value, call.machine)?);
        }
    }
    call.machine.allow(bytes.len().saturating_mul(6))?;
    Ok(Value::str(escaped(&bytes)))
}

/// Go's classes of comparable values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn class(value: &Value) -> Option<Class> {
    Some(match &value.data {
        Data::Bool(_) => Class::Bool,
        Data::Complex(..) => Class::Complex,
        Data::Int(_, kind) if kind.is_unsigned() => Class::Uint,
        Data::Int(..) => Class::Int,
        Data::Float(_) => Class::Float,
        Data::Str(_) => Class::String,
        _ => return None,
    })
}

fn incompatible(a: &Value, b: &Value) -> Failure {
    format!(
        "incompatible types for comparison: {} and {}",
        a.type_name(),
        b.type_name()
    )
    .into()
}

fn eq(call: &mut Call<'_>) -> Result<Value, Failure> {
    if call.args.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    let first = call.arg(0);
    for at in 1..call.args.len() {
        if equal(&first, &call.arg(at))? {
            return Ok(Value::bool(true));
        }
    }
    Ok(Value::bool(false))
}

#[expect(clippy::float_cmp, reason = "Go's == on floats")]
fn equal(a: &Value, b: &Value) -> Result<bool, Failure> {
    match (&a.data, &b.data) {
        (Data::Missing | Data::Nil, Data::Missing | Data::Nil) => return Ok(true),
        (Data::Missing | Data::Nil, _) => return other_than_nil(b),
        (_, Data::Missing | Data::Nil) => return other_than_nil(a),
        _ => {}
    }
    let (left, right) = (class(a), class(b));
    match (left, right) {
        (Some(left), Some(right)) if left == right => {}
        (Some(Class::Int), Some(Class::Uint)) | (Some(Class::Uint), Some(Class::Int)) => {
            let (Data::Int(x, kind), Data::Int(y, _)) = (&a.data, &b.data) else {
                return Ok(false);
            };
            let signed = if kind.is_unsigned() { *y } else { *x };
            return Ok(signed >= 0 && x == y);
        }
        (Some(_), Some(_)) => return Err(incompatible(a, b)),
        (None, _) | (_, None) => {
            let value = if left.is_none() { a } else { b };
            if left.is_some() || right.is_some() || a.type_name() != b.type_name() {
                return Err(incompatible(a, b));
            }
            return Err(format!("non-comparable type {}: {}", text(value), value.type_name()).into());
        }
    }
    Ok(match (&a.data, &b.data) {
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Int(a, _), Data::Int(b, _)) => a == b,
        (Data::Float(a), Data::Float(b)) => a == b,
        (Data::Complex(a, b), Data::Complex(c, d)) => a == c && b == d,
        (Data::Str(a), Data::Str(b)) => a.bytes() == b.bytes(),
        _ => false,
    })
}

/// Nil equals nothing else; comparing it with what cannot be compared is an error.
fn other_than_nil(other: &Value) -> Result<bool, Failure> {
    match &other.data {
        Data::List(_) | Data::Map(..) | Data::Bytes(_) => Ok(false),
        _ => Ok(false),
    }
}

fn text(value: &Value) -> String {
    let mut out = Vec::new();
    super::format::value(&mut out, value, 0);
    String::from_utf8_lossy(&out).into_owned()
}

fn less(call: &mut Call<'_>, holds: impl Fn(Ordering) -> bool) -> Result<Value, Failure> {
    let (a, b) = (call.arg(0), call.arg(1));
    let (Some(left), Some(right)) = (class(&a), class(&b)) else {
        return Err("invalid type for comparison".into());
    };
    let order = match (&a.data, &b.data) {
        (Data::Int(x, kind), Data::Int(y, _)) if left == right => {
            #[expect(clippy::cast_sign_loss, reason = "unsigned types keep their bits")]
            if kind.is_unsigned() {
                (*x as u64).cmp(&(*y as u64))
            } else {
                x.cmp(y)
            }
        }
        (Data::Int(x, kind), Data::Int(y, _)) => {
            #[expect(clippy::cast_sign_loss, reason = "unsigned types keep their bits")]
            let wide = |value: i64, unsigned: bool| {
                if unsigned {
                    i128::from(value as u64)
                } else {
                    i128::from(value)
                }
            };
            wide(*x, kind.is_unsigned()).cmp(&wide(*y, !kind.is_unsigned()))
        }
        (Data::Float(x), Data::Float(y)) => match x.partial_cmp(y) {
            Some(order) => order,
            None => return Ok(Value::bool(false)),
        },
        (Data::Str(x), Data::Str(y)) => x.bytes().cmp(y.bytes()),
        _ if left != right => return Err(incompatible(&a, &b)),
        _ => return Err("invalid type for comparison".into()),
    };
    Ok(Value::bool(holds(order)))
}
