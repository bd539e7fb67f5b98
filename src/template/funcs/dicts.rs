//! Dictionaries: maps with string keys, shared and mutable.

use std::rc::Rc;

use crate::source::{ContextId, Prov};

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Entry, Key, Map, MapType, Value};
use super::Param::{Any, Map as Dict, Str};
use super::Passing::{Exact, Shallow};
use super::strval::{MAX_DEPTH, ZERO_VALUE, strval, too_deep};
use super::{Call, Function, Machine, merge};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("dict", &[], Exact, dict).and_any(Any),
    Function::new("get", &[Dict, Str], Exact, get),
    Function::new("set", &[Dict, Str, Any], Exact, set),
    Function::new("unset", &[Dict, Str], Exact, unset),
    Function::new("hasKey", &[Dict, Str], Shallow, |call| {
        let map = map(call, 0);
        Ok(Value::bool(map.get(call.bytes(1)).is_some()))
    }),
    Function::new("pluck", &[Str], Exact, pluck).and_any(Dict),
    Function::new("keys", &[], Exact, keys).and_any(Dict),
    Function::new("values", &[Dict], Exact, values),
    Function::new("pick", &[Dict], Exact, |call| chosen(call, true)).and_any(Str),
    Function::new("omit", &[Dict], Exact, |call| chosen(call, false)).and_any(Str),
    Function::new("merge", &[Dict], Exact, |call| merge_all(call, false)).and_any(Dict),
    Function::new("mustMerge", &[Dict], Exact, |call| merge_all(call, false)).and_any(Dict),
    Function::new("mergeOverwrite", &[Dict], Exact, |call| {
        merge_all(call, true)
    })
    .and_any(Dict),
    Function::new("mustMergeOverwrite", &[Dict], Exact, |call| {
        merge_all(call, true)
    })
    .and_any(Dict),
    Function::new("deepCopy", &[Any], Exact, deep_copy),
    Function::new("mustDeepCopy", &[Any], Exact, deep_copy),
    Function::new("dig", &[], Exact, dig).and_any(Any),
];

/// A map argument; an empty one where it is none.
fn map(call: &Call<'_>, at: usize) -> Rc<Map> {
    call.args
        .get(at)
        .and_then(Value::as_map)
        .cloned()
        .unwrap_or_default()
}

/// What decided which of several maps an argument is, and with that all that is in it.
fn choice(call: &mut Call<'_>, at: usize) -> Prov {
    let of = call.args.get(at).map_or(Prov::NONE, |map| map.prov);
    call.machine.origins().choice(of)
}

/// A map argument as Go's parameter has it: `map[string]interface {}`, whatever the type's name
/// was.
fn as_parameter(call: &Call<'_>, at: usize) -> Value {
    let value = call.arg(at);
    match value.data {
        Data::Map(_, map) => Value::with(Data::Map(MapType::Interface, map), value.prov),
        // Go's parameter is a nil map then.
        Data::Missing | Data::Nil => {
            let nil = Data::Map(MapType::Interface, Rc::new(Map::nil()));
            Value::with(nil, value.prov)
        }
        _ => value,
    }
}

fn dict(call: &mut Call<'_>) -> Result<Value, Failure> {
    let map = Map::new();
    let args = call.args;
    let entries = args.len() as u64 / 2;
    call.machine
        .spend(super::MAP + entries.saturating_mul(super::VALUE))?;
    for pair in args.chunks(2) {
        let [key, rest @ ..] = pair else { continue };
        let key = strval(call, key)?;
        let prov = key.deps(call.machine.origins());
        let value = match rest {
            [value] => value.clone(),
            _ => Value::str(""),
        };
        let key = key.as_bytes().unwrap_or_default();
        map.set(key, Entry { key: prov, value });
    }
    Ok(Value::new(Data::Map(MapType::Interface, Rc::new(map))))
}

fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let because = call.because(1);
    let found = map(call, 0).get(call.bytes(1));
    let choice = choice(call, 0);
    let value = match found {
        Some(entry) => entry.value.because(choice, call.machine.origins()),
        None => Value::with(Value::str("").data, call.arg(0).prov),
    };
    Ok(value.because(because, call.machine.origins()))
}

fn set(call: &mut Call<'_>) -> Result<Value, Failure> {
    let dict = as_parameter(call, 0);
    if dict.as_map().is_none_or(|map| map.is_nil()) {
        return Err("assignment to entry in nil map".into());
    }
    let key = call.because(1);
    // That the entry is there at all was decided by the conditions around this call.
    let control = control(call.machine);
    let key = call.machine.origins().union(key, control);
    let value = call.arg(2);
    let value = match value.data {
        Data::Missing => Value::with(Data::Nil, value.prov),
        _ => value,
    };
    call.machine.spend(super::VALUE)?;
    let changed = map(call, 0);
    call.machine.change(&changed, Some(&value));
    changed.set(call.bytes(1), Entry { key, value });
    Ok(dict)
}

/// The conditions around a call, as control.
fn control(machine: &mut dyn Machine) -> Prov {
    let here = machine.context();
    let origins = machine.origins();
    let control = origins.control(here, ContextId::default());
    origins.as_control(control)
}

fn unset(call: &mut Call<'_>) -> Result<Value, Failure> {
    let map = map(call, 0);
    call.machine.change(&map, None);
    map.entries.borrow_mut().remove(call.bytes(1));
    Ok(as_parameter(call, 0))
}

fn pluck(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut found = Vec::new();
    let mut prov = call.because(0);
    for at in 1..call.args.len() {
        if let Some(entry) = map(call, at).get(call.bytes(0)) {
            let choice = choice(call, at);
            found.push(entry.value.because(choice, call.machine.origins()));
        }
        let because = call.because(at);
        prov = call.machine.origins().union(prov, because);
    }
    Ok(Value::with(Value::list(found).data, prov))
}

/// All keys, each with where it was written. Go gives them in no order; here it is that of bytes.
fn keys(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut found = Vec::new();
    let mut prov = Prov::NONE;
    for at in 0..call.args.len() {
        let map = map(call, at);
        call.machine.spend(map.len() as u64)?;
        let choice = choice(call, at);
        for (key, entry) in map.entries.borrow().iter() {
            let prov = call.machine.origins().union(entry.key, choice);
            found.push(Value::with(Value::str(key.to_vec()).data, prov));
        }
        let because = call.because(at);
        prov = call.machine.origins().union(prov, because);
    }
    let list = Value::list_of(ElemType::String, found);
    Ok(Value::with(list.data, prov))
}

/// All values, in the order of their keys' bytes (Go's is random).
fn values(call: &mut Call<'_>) -> Result<Value, Failure> {
    let map = map(call, 0);
    call.machine.spend(map.len() as u64)?;
    let entries = map.entries.borrow();
    let choice = choice(call, 0);
    let origins = call.machine.origins();
    let found = entries
        .values()
        .map(|entry| entry.value.clone().because(choice, origins));
    let list = Value::list(found.collect());
    Ok(Value::with(list.data, call.arg(0).prov))
}

/// `pick` and `omit`: a new map of the entries whose keys are, or are not, among the arguments.
fn chosen(call: &mut Call<'_>, named: bool) -> Result<Value, Failure> {
    let map = map(call, 0);
    call.machine
        .spend(super::MAP + (map.len() as u64).saturating_mul(super::VALUE))?;
    let mut prov = call.arg(0).prov;
    let names: Vec<Vec<u8>> = (1..call.args.len())
        .map(|at| call.bytes(at).to_vec())
        .collect();
    for at in 1..call.args.len() {
        let because = call.because(at);
        prov = call.machine.origins().union(prov, because);
    }
    let names: std::collections::BTreeSet<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let entries: Vec<(Key, Entry)> = map
        .entries
        .borrow()
        .iter()
        .filter(|(key, _)| names.contains(key.as_ref()) == named)
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    Ok(Value::with(Value::map(entries).data, prov))
}

/// All four merges: the first map is changed, and given back.
fn merge_all(call: &mut Call<'_>, overwrite: bool) -> Result<Value, Failure> {
    let mut target = as_parameter(call, 0);
    for at in 1..call.args.len() {
        let Some(source) = call.arg(at).as_map().filter(|map| !map.is_nil()).cloned() else {
            continue;
        };
        // mergo makes a map where there is none; whoever holds the nil still does.
        if target.as_map().is_some_and(|map| map.is_nil()) {
            let made = Data::Map(MapType::Interface, Rc::new(Map::new()));
            target = Value::with(made, target.prov);
        }
        let choice = choice(call, at);
        if let Some(target) = target.as_map() {
            merge::merge(target, (&source, choice), overwrite, call.machine)?;
        }
        // What the map that was chosen lacks would be in it, had it been another.
        target = target.because(choice, call.machine.origins());
    }
    Ok(target)
}

fn deep_copy(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.arg(0);
    if value.is_nil() {
        return Err(ZERO_VALUE.into());
    }
    copy(&value, call.machine, MAX_DEPTH)
}

/// A copy that shares no map with the value.
fn copy(value: &Value, machine: &mut dyn Machine, depth: usize) -> Result<Value, Failure> {
    machine.spend(super::VALUE)?;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    let data = match &value.data {
        Data::List(list) => {
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                items.push(copy(item, machine, depth)?);
            }
            Value::list_of(list.elem, items).data
        }
        Data::Map(_, map) if map.is_nil() => value.data.clone(),
        Data::Map(kind, map) => {
            machine.spend(super::MAP)?;
            let entries = map.entries.borrow();
            let copies = entries.try_copy(|value| copy(value, machine, depth))?;
            Data::Map(*kind, Rc::new(Map::from(copies)))
        }
        Data::Object(object) => match object.copied() {
            Some(copied) => copied.data,
            None => value.data.clone(),
        },
        data => data.clone(),
    };
    Ok(Value::with(data, value.prov))
}

fn dig(call: &mut Call<'_>) -> Result<Value, Failure> {
    let [path @ .., default, dict] = call.args else {
        return Err("dig needs at least three arguments".into());
    };
    if path.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut step = dict.clone();
    own_map(&step)?;
    let mut names = Vec::with_capacity(path.len());
    for name in path {
        if name.as_bytes().is_none() {
            return Err(conversion(name, "string").into());
        }
        names.push(name);
    }
    let mut because = Prov::NONE;
    for name in names {
        let map = own_map(&step)?;
        let key = name.deps(call.machine.origins());
        because = call.machine.origins().union(because, key);
        match map.get(name.as_bytes().unwrap_or_default()) {
            Some(entry) => {
                let choice = call.machine.origins().choice(step.prov);
                step = entry.value.because(choice, call.machine.origins());
            }
            None => {
                let missing = call.machine.origins().union(because, step.prov);
                return Ok(default.clone().because(missing, call.machine.origins()));
            }
        }
    }
    Ok(step.because(because, call.machine.origins()))
}

/// A Go type assertion to exactly `map[string]interface {}`.
fn own_map(value: &Value) -> Result<Rc<Map>, Failure> {
    match &value.data {
        Data::Map(MapType::Interface, map) => Ok(map.clone()),
        _ => Err(conversion(value, "map[string]interface {}").into()),
    }
}

fn conversion(value: &Value, wanted: &str) -> String {
    let found = match &value.data {
        Data::Missing | Data::Nil => "nil",
        _ => value.type_name(),
    };
    format!("interface conversion: interface {{}} is {found}, not {wanted}")
}
