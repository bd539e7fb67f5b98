//! TOML.

use std::rc::Rc;

use crate::golang::toml;
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
        toml::Value::Nil => Value::nil(),
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
    Ok(toml::encode(&owned).map(Value::str))
}

fn own(value: &Value, machine: &mut dyn Machine, depth: usize) -> Result<toml::Value, Failure> {
    machine.spend(1)?;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    if let Some(items) = items(value) {
        let mut owned = Vec::with_capacity(items.len());
        for item in items.iter() {
            owned.push(own(item, machine, depth)?);
        }
        return Ok(toml::Value::Array(owned));
    }
    Ok(match &value.data {
        Data::Bool(value) => toml::Value::Bool(*value),
        Data::Int(value, _) => toml::Value::Int(*value),
        Data::Float(value) => toml::Value::Float(*value),
        Data::Str(text) => toml::Value::String(text.bytes().to_vec()),
        Data::Map(_, map) => {
            let mut owned = toml::Table::new();
            for (key, entry) in map.entries.borrow().iter() {
                owned.insert(key.to_vec(), own(&entry.value, machine, depth)?);
            }
            toml::Value::Table(owned)
        }
        Data::Object(object) => match object.entries() {
            Some(entries) => {
                let mut owned = toml::Table::new();
                for (key, value) in entries {
                    owned.insert(key.to_vec(), own(&value, machine, depth)?);
                }
                toml::Value::Table(owned)
            }
            None => match dates::time_of(value) {
                Some(time) => toml::Value::Time(time),
                None => toml::Value::String(object.print()),
            },
        },
        _ => toml::Value::Nil,
    })
}
