//! mergo 1.0.1 as `merge` and `mergeOverwrite` use it.

use std::rc::Rc;

use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, Entry, Key, Map, MapType, Value};
use super::Machine;
use super::strval::{MAX_DEPTH, too_deep};

/// Merges `source` into `target`. Maps that both have are merged in place; what the target lacks
/// is taken over as it is, shared. An empty value counts as lacking; with `overwrite`, anything
/// but a map gives way. `choice` is what decided which map the source is.
pub(super) fn merge(
    target: &Rc<Map>,
    (source, choice): (&Rc<Map>, Prov),
    overwrite: bool,
    machine: &mut dyn Machine,
) -> Result<(), Failure> {
    let way = Way {
        overwrite,
        fits: true,
    };
    merge_to(target, (source, choice), way, machine, MAX_DEPTH)
}

/// How two maps are merged.
#[derive(Clone, Copy)]
struct Way {
    overwrite: bool,
    /// Whether the target takes values of the source's type.
    fits: bool,
}

fn merge_to(
    target: &Rc<Map>,
    (source, choice): (&Rc<Map>, Prov),
    way: Way,
    machine: &mut dyn Machine,
    depth: usize,
) -> Result<(), Failure> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep());
    };
    let overwrite = way.overwrite;
    if Rc::ptr_eq(target, source) && !overwrite {
        // Nothing in it can be lacking; what is merged below is itself.
        return Ok(());
    }
    let entries: Vec<_> = source
        .entries
        .borrow()
        .iter()
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    machine.spend((entries.len() as u64).saturating_mul(super::VALUE))?;
    for (key, mut entry) in entries {
        let own = target.get(&key);
        let origins = machine.origins();
        entry.value.prov = origins.union(entry.value.prov, choice);
        if entry.value.is_nil() {
            if overwrite {
                put(target, key, entry, way, machine)?;
            }
            continue;
        }
        if let Some(own) = &own {
            // A nil map gives way as a whole.
            if let (Data::Map(kind, own), Data::Map(other, theirs)) =
                (&own.value.data, &entry.value.data)
                && !own.is_nil()
            {
                let choice = machine.origins().choice(entry.value.prov);
                let fits = *kind != MapType::String || *other == MapType::String;
                let way = Way { overwrite, fits };
                merge_to(own, (theirs, choice), way, machine, depth)?;
                if theirs.is_empty() && !entry.value.prov.is_none() {
                    lacks(target, &key, entry.value.prov, machine);
                }
            }
            // Asked after the maps below were merged, as mergo does.
            if !is_empty(own) {
                let both_maps = own.value.kind() == "map" && entry.value.kind() == "map";
                if both_maps {
                    continue;
                }
                if entry.value.kind() == "slice" {
                    if overwrite {
                        put(target, key, entry, way, machine)?;
                    }
                    continue;
                }
                if !overwrite {
                    continue;
                }
            } else if !overwrite {
                // It would have stayed, had there been anything in it.
                let origins = machine.origins();
                let control = origins.as_control(own.value.prov);
                entry.value.prov = origins.union(entry.value.prov, control);
            }
        }
        put(target, key, entry, way, machine)?;
    }
    Ok(())
}

/// The map under a key would have more, had there been anything in the one that was merged into it.
fn lacks(target: &Map, key: &Key, because: Prov, machine: &mut dyn Machine) {
    let Some(mut own) = target.get(key) else {
        return;
    };
    let origins = machine.origins();
    let control = origins.as_control(because);
    let prov = origins.union(own.value.prov, control);
    // What is known already changes nothing, and calls that saw it may be repeated.
    if prov == own.value.prov {
        return;
    }
    own.value.prov = prov;
    machine.change(target, Some(&own.value));
    target.set(key.clone(), own);
}

fn put(
    target: &Map,
    key: Key,
    entry: Entry,
    way: Way,
    machine: &mut dyn Machine,
) -> Result<(), Failure> {
    if !way.fits {
        let why = "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string";
        return Err(why.into());
    }
    machine.change(target, Some(&entry.value));
    target.set(key, entry);
    Ok(())
}

/// mergo's `isEmptyValue`: complex numbers and structs are never empty.
fn is_empty(entry: &Entry) -> bool {
    match &entry.value.data {
        Data::Complex(..) => false,
        Data::Object(object) => match object.kind() {
            "struct" | "ptr" => false,
            _ => !entry.value.truth(),
        },
        _ => !Value::truth(&entry.value),
    }
}
