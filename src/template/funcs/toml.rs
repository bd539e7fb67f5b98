//! TOML.

use crate::golang::toml::{Toml, encode};

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::Param::Any;
use super::Passing::Derived;
use super::strval::{MAX_DEPTH, items, too_deep};
use super::{Call, Function, Machine};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toToml", &[Any], Derived, |call| {
        // sprig gives the error back as the result.
        Ok(to_toml(call)?.unwrap_or_else(Value::str))
    }),
    Function::new("mustToToml", &[Any], Derived, |call| Ok(to_toml(call)??)),
];

fn to_toml(call: &mut Call<'_>) -> Result<Result<Value, &'static str>, Failure> {
    let value = call.arg(0);
    let owned = own(&value, call.machine, MAX_DEPTH)?;
    Ok(encode(&owned.borrow()).map(Value::str))
}

/// [`Toml`] that owns its strings: maps cannot be lent while they are shared.
enum Owned {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Vec<u8>),
    Array(Vec<Self>),
    Table(Vec<(Vec<u8>, Self)>),
}

impl Owned {
    fn borrow(&self) -> Toml<'_> {
        match self {
            Self::Nil => Toml::Nil,
            Self::Bool(value) => Toml::Bool(*value),
            Self::Int(value) => Toml::Int(*value),
            Self::Float(value) => Toml::Float(*value),
            Self::String(bytes) => Toml::String(bytes),
            Self::Array(items) => Toml::Array(items.iter().map(Self::borrow).collect()),
            Self::Table(entries) => Toml::Table(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_slice(), value.borrow()))
                    .collect(),
            ),
        }
    }
}

fn own(value: &Value, machine: &mut dyn Machine, depth: usize) -> Result<Owned, Failure> {
    machine.spend(1)?;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    if let Some(items) = items(value) {
        let mut owned = Vec::with_capacity(items.len());
        for item in items.iter() {
            owned.push(own(item, machine, depth)?);
        }
        return Ok(Owned::Array(owned));
    }
    Ok(match &value.data {
        Data::Bool(value) => Owned::Bool(*value),
        Data::Int(value, _) => Owned::Int(*value),
        Data::Float(value) => Owned::Float(*value),
        Data::Str(text) => Owned::String(text.bytes().to_vec()),
        Data::Map(_, map) => {
            let mut owned = Vec::new();
            for (key, entry) in map.entries.borrow().iter() {
                owned.push((key.to_vec(), own(&entry.value, machine, depth)?));
            }
            Owned::Table(owned)
        }
        Data::Object(object) => match object.entries() {
            Some(entries) => {
                let mut owned = Vec::new();
                for (key, value) in entries {
                    owned.push((key.to_vec(), own(&value, machine, depth)?));
                }
                Owned::Table(owned)
            }
            None => Owned::String(object.print()),
        },
        _ => Owned::Nil,
    })
}
