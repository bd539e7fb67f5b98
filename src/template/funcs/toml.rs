//! TOML.

use std::rc::Rc;

use crate::golang::toml;
use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Encoded, Encoding, Entry, Value};
use super::Param::{Any, Str};
use super::Passing::Derived;
use super::compare::is_nil;
use super::strval::{MAX_DEPTH, ZERO_VALUE, items, too_deep};
use super::{Call, Function, Machine, times};

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
        toml::Value::Time(time) => times::object(time),
        toml::Value::Array(items) => Value::list(items.into_iter().map(read_value).collect()),
        toml::Value::Tables(tables) => {
            Value::list_of(ElemType::Map, tables.into_iter().map(table_value).collect())
        }
        toml::Value::Table(table) => table_value(table),
        // Only written.
        toml::Value::Struct(_) => Value::nil(),
    }
}

fn to_toml(call: &mut Call<'_>) -> Result<Result<Value, &'static str>, Failure> {
    let value = call.arg(0);
    if value.is_nil() {
        // The library asks for its type, and the panic is no error of the library's.
        return Err(ZERO_VALUE.into());
    }
    let owned = own(&value, call.machine, MAX_DEPTH)?;
    Ok(toml::encode(&owned).map(Value::str))
}

/// A value within another, which the library leaves out where it is nil.
fn inner(value: &Value, machine: &mut dyn Machine, depth: usize) -> Result<toml::Value, Failure> {
    if is_nil(value) {
        return Ok(toml::Value::Nil);
    }
    own(value, machine, depth)
}

fn own(value: &Value, machine: &mut dyn Machine, depth: usize) -> Result<toml::Value, Failure> {
    machine.spend(1)?;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    if let Some(items) = items(value) {
        let mut owned = Vec::with_capacity(items.len());
        for item in items.iter() {
            owned.push(inner(item, machine, depth)?);
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
                owned.insert(key.to_vec(), inner(&entry.value, machine, depth)?);
            }
            toml::Value::Table(owned)
        }
        Data::Object(object) => {
            if let Some(time) = times::time_of(value) {
                return Ok(toml::Value::Time(time));
            }
            if let Some(encoded) = object.encoded(Encoding::Toml) {
                let (Encoded::Text(text) | Encoded::Bare(text)) = encoded?;
                return Ok(toml::Value::String(text));
            }
            if let Some(integer) = object.integer() {
                return Ok(toml::Value::Int(integer.value));
            }
            if let Some(members) = object.members() {
                let mut fields = Vec::with_capacity(members.len());
                for (index, member) in members.iter().enumerate() {
                    if member.is_exported() {
                        fields.push(toml::Field {
                            name: member.name_in(Encoding::Toml).into_bytes(),
                            index,
                            value: inner(&member.value, machine, depth)?,
                        });
                    }
                }
                return Ok(toml::Value::Struct(fields));
            }
            let mut owned = toml::Table::new();
            for (key, value) in object.entries().unwrap_or_default() {
                owned.insert(key.to_vec(), inner(&value, machine, depth)?);
            }
            toml::Value::Table(owned)
        }
        _ => toml::Value::Nil,
    })
}
