//! TOML.

use std::rc::Rc;

use crate::golang::time::Time;
use crate::golang::toml::{self, Toml, encode};
use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Entry, Value};
use super::Param::{Any, Str};
use super::Passing::Derived;
use super::strval::{MAX_DEPTH, items, too_deep};
use super::{Call, Function, Machine, dates};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toToml", &[Any], Derived, |call| {
        // sprig gives the error back as the result.
        Ok(to_toml(call)?.unwrap_or_else(Value::str))
    }),
    Function::new("mustToToml", &[Any], Derived, |call| Ok(to_toml(call)??)),
    Function::new("fromToml", &[Str], Derived, |call| {
        call.machine.spend(call.bytes(0).len() as u64)?;
        Ok(match toml::read(call.bytes(0)) {
            Ok(table) => table_value(table),
            Err(message) => map([(b"Error".to_vec(), Value::str(message))]),
        })
    }),
];

fn map(entries: impl IntoIterator<Item = (Vec<u8>, Value)>) -> Value {
    Value::map(entries.into_iter().map(|(key, value)| {
        let entry = Entry {
            key: Prov::NONE,
            value,
        };
        (Rc::from(key), entry)
    }))
}

fn table_value(table: toml::Table) -> Value {
    map(table
        .into_iter()
        .map(|(key, value)| (key, read_value(value))))
}

fn read_value(value: toml::Value) -> Value {
    match value {
        toml::Value::Bool(value) => Value::bool(value),
        toml::Value::Int(value) => Value::int64(value),
        toml::Value::Float(value) => Value::float(value),
        toml::Value::String(text) => Value::str(text),
        toml::Value::Time(time) => dates::object(time),
        toml::Value::Array(items) => Value::list(items.into_iter().map(read_value).collect()),
        toml::Value::Tables(tables) => {
            Value::list_of(ElemType::Map, tables.into_iter().map(table_value).collect())
        }
        toml::Value::Table(table) => table_value(table),
    }
}

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
    Time(Time),
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
            Self::Time(time) => Toml::Time(time),
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
            None => match dates::time_of(value) {
                Some(time) => Owned::Time(time),
                None => Owned::String(object.print()),
            },
        },
        _ => Owned::Nil,
    })
}
