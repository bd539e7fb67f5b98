//! Go's comparisons: `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::error::Failure;
use super::super::fmt::sprintf;
use super::super::value::{Data, Value};
use super::{Call, Function, Param, Passing};

const fn two(name: &'static str, call: fn(&mut Call<'_>) -> Result<Value, Failure>) -> Function {
    Function::new(
        name,
        &[Param::Reflect, Param::Reflect],
        Passing::Derived,
        call,
    )
}

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("eq", &[Param::Reflect], Passing::Derived, eq).and_any(Param::Reflect),
    two("ne", |call| Ok(Value::bool(!equal(call)?))),
    two("lt", |call| Ok(Value::bool(less(call)?))),
    two("le", |call| Ok(Value::bool(less(call)? || equal(call)?))),
    two("gt", |call| Ok(Value::bool(!(less(call)? || equal(call)?)))),
    two("ge", |call| Ok(Value::bool(!less(call)?))),
];

/// The kinds that Go compares, each with itself only, but for integers of either sign.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Bool,
    Complex,
    Int,
    Float,
    Str,
    Uint,
}

fn kind(value: &Value) -> Kind {
    match &value.data {
        Data::Bool(_) => Kind::Bool,
        Data::Complex(..) => Kind::Complex,
        Data::Int(_, int) if int.is_unsigned() => Kind::Uint,
        Data::Int(..) => Kind::Int,
        Data::Float(_) => Kind::Float,
        Data::Str(_) => Kind::Str,
        Data::Object(object) if object.integer().is_some() => Kind::Int,
        _ => Kind::Invalid,
    }
}

fn incompatible(a: &Value, b: &Value) -> Failure {
    let (a, b) = (a.type_name(), b.type_name());
    format!("incompatible types for comparison: {a} and {b}").into()
}

/// How two values of one basic kind, or two integers, stand to each other; `None` for a NaN, for
/// complex numbers that differ, and for anything else.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (&a.data, &b.data) {
        (Data::Bool(a), Data::Bool(b)) => Some(a.cmp(b)),
        (Data::Complex(a, b), Data::Complex(c, d)) => (a == c && b == d).then_some(Ordering::Equal),
        (Data::Float(a), Data::Float(b)) => a.partial_cmp(b),
        (Data::Str(a), Data::Str(b)) => Some(a.bytes().cmp(b.bytes())),
        _ => {
            let (a, left) = a.as_integer()?;
            let (b, right) = b.as_integer()?;
            let wide = |number: i64, unsigned: bool| match unsigned {
                true => i128::from(number.cast_unsigned()),
                false => i128::from(number),
            };
            Some(wide(a, left.is_unsigned()).cmp(&wide(b, right.is_unsigned())))
        }
    }
}

/// Whether the first argument equals any of the others.
fn eq(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::bool(equal(call)?))
}

fn equal(call: &mut Call<'_>) -> Result<bool, Failure> {
    let [first, others @ ..] = call.args else {
        return Err("missing argument for comparison".into());
    };
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    let kind_of_first = kind(first);
    for other in others {
        let integers = |kind| matches!(kind, Kind::Int | Kind::Uint);
        let kind = kind(other);
        let same = kind == kind_of_first || integers(kind) && integers(kind_of_first);
        let equal = if !same {
            if !first.is_nil() && !other.is_nil() {
                return Err(incompatible(first, other));
            }
            false
        } else if kind == Kind::Invalid {
            equal_beyond_basics(call, first, other)?
        } else {
            order(first, other) == Some(Ordering::Equal)
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Values of no basic kind: nil, collections, objects.
fn equal_beyond_basics(call: &mut Call<'_>, a: &Value, b: &Value) -> Result<bool, Failure> {
    if is_nil(a) || is_nil(b) {
        return Ok(is_nil(a) == is_nil(b));
    }
    if a.kind() != b.kind() {
        let args = [a.clone(), a_type(a), a_type(b), b.clone()];
        return Err(complaint(
            call,
            "non-comparable types %s: %v, %s: %v",
            &args,
        )?);
    }
    if matches!(b.kind(), "map" | "slice" | "func") {
        let args = [b.clone(), a_type(b)];
        return Err(complaint(call, "non-comparable type %s: %v", &args)?);
    }
    Ok(match (&a.data, &b.data) {
        (Data::Object(a), Data::Object(b)) => {
            Rc::ptr_eq(a, b) || a.type_name() == b.type_name() && a.is_equal(&**b)
        }
        _ => false,
    })
}

/// Go's `isNil`: a nil of any type.
pub(super) fn is_nil(value: &Value) -> bool {
    match &value.data {
        Data::Map(_, map) => map.is_nil(),
        Data::List(list) => list.elem.is_nil(),
        _ => value.is_nil(),
    }
}

fn a_type(value: &Value) -> Value {
    Value::str(value.type_name())
}

fn complaint(call: &mut Call<'_>, format: &str, args: &[Value]) -> Result<Failure, Failure> {
    let text = sprintf(format.as_bytes(), args, call.machine)?.into_bytes();
    Ok(String::from_utf8_lossy(&text).into_owned().into())
}

fn less(call: &mut Call<'_>) -> Result<bool, Failure> {
    let [a, b] = call.args else {
        return Err("missing argument for comparison".into());
    };
    let (left, right) = (kind(a), kind(b));
    let incomparable = || Failure::from("invalid type for comparison");
    if left == Kind::Invalid || right == Kind::Invalid {
        return Err(incomparable());
    }
    match (left, right) {
        (Kind::Int | Kind::Uint, Kind::Int | Kind::Uint) => {}
        _ if left != right => return Err(incompatible(a, b)),
        (Kind::Bool | Kind::Complex, _) => return Err(incomparable()),
        _ => {}
    }
    Ok(order(a, b) == Some(Ordering::Less))
}
