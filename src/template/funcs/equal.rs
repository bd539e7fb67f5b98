//! `reflect.DeepEqual`.

use std::rc::Rc;

use super::super::error::Failure;
use super::super::value::{Data, Object, Value};
use super::Machine;
use super::strval::{MAX_DEPTH, too_deep};

/// Whether two values are of the same types and equal to any depth: 1 and 1.0 are not.
pub(super) fn deep_equal(a: &Value, b: &Value, machine: &mut dyn Machine) -> Result<bool, Failure> {
    equal_to(a, b, machine, MAX_DEPTH)
}

fn equal_to(
    a: &Value,
    b: &Value,
    machine: &mut dyn Machine,
    depth: usize,
) -> Result<bool, Failure> {
    machine.spend(1)?;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    Ok(match (&a.data, &b.data) {
        (Data::Missing | Data::Nil, Data::Missing | Data::Nil) => true,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Int(a, left), Data::Int(b, right)) => a == b && left == right,
        (Data::Float(a), Data::Float(b)) => a == b,
        (Data::Complex(a, b), Data::Complex(c, d)) => a == c && b == d,
        (Data::Str(a), Data::Str(b)) | (Data::Bytes(a), Data::Bytes(b)) => a.bytes() == b.bytes(),
        (Data::List(a), Data::List(b)) => {
            if a.elem != b.elem || a.items.len() != b.items.len() {
                return Ok(false);
            }
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            for (a, b) in a.items.iter().zip(&b.items) {
                if !equal_to(a, b, machine, depth)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Map(left, a), Data::Map(right, b)) => {
            if left != right {
                return Ok(false);
            }
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            let (a, b) = (a.entries.borrow(), b.entries.borrow());
            if a.len() != b.len() {
                return Ok(false);
            }
            for ((a_key, a), (b_key, b)) in a.iter().zip(b.iter()) {
                if a_key != b_key || !equal_to(&a.value, &b.value, machine, depth)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Object(a), Data::Object(b)) => {
            if Rc::ptr_eq(a, b) || a.type_name() != b.type_name() {
                return Ok(a.type_name() == b.type_name());
            }
            let is_nil = |object: &dyn Object| object.address() == Some(0);
            if is_nil(&**a) || is_nil(&**b) {
                return Ok(is_nil(&**a) == is_nil(&**b));
            }
            let (Some(left), Some(right)) = (a.members(), b.members()) else {
                return Ok(a.print() == b.print());
            };
            for (a, b) in left.iter().zip(&right) {
                if !equal_to(&a.value, &b.value, machine, depth)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}
