//! What decided which keys maps have that no variable holds: the conditions of the branches that set
//! them or take them out, whichever way those went.

use rustc_hash::FxHashMap;

use super::super::ast::Branch;
use super::super::funcs::Asks;
use super::super::value::{Key, Map, Value};
use super::state::{State, Val};
use crate::source::{Origins, Prov};

/// So much is known of one map: what a loop notes again and again does not grow.
const MOST_NOTES: usize = 64;

/// What is known, by when the map was made.
#[derive(Debug, Default)]
pub(super) struct Settled(FxHashMap<u64, Vec<Note>>);

/// A key, or any, and what decided whether it is there.
type Note = (Option<Key>, Prov);

impl Settled {
    /// Notes what decided whether a key is there, or any. `false`: nothing new.
    fn note(&mut self, map: &Map, key: Option<&[u8]>, because: Prov) -> bool {
        if because.is_none() {
            return false;
        }
        let notes = self.0.entry(map.born()).or_default();
        let is_known = |(other, prov): &Note| *prov == because && other.as_deref() == key;
        let is_new = notes.len() < MOST_NOTES && !notes.iter().any(is_known);
        if is_new {
            notes.push((key.map(Key::from), because));
        }
        is_new
    }

    /// What decided whether a key is in a map, or which ones are.
    pub(super) fn of(&self, map: &Map, key: Option<&[u8]>, origins: &mut Origins) -> Prov {
        let notes = self.0.get(&map.born()).into_iter().flatten();
        let is_about =
            |other: &Option<Key>| key.is_none() || other.is_none() || other.as_deref() == key;
        let notes = notes.filter(|(other, _)| is_about(other));
        notes.fold(Prov::NONE, |all, (_, prov)| origins.union(all, *prov))
    }
}

impl State<'_, '_> {
    /// Files a branch's condition for the keys that are changed within.
    pub(super) fn settle(&mut self, dot: &Val, branch: &Branch, control: Prov) {
        for altered in &branch.alters {
            let var = |name| self.vars.iter().rev().find(|var| var.name == name);
            let start = match &altered.root {
                Some(name) => var(name).map(|var| &var.value),
                None => Some(&dot.value),
            };
            let Some(mut map) = start.and_then(Value::as_map).cloned() else {
                continue;
            };
            let is_there = altered.fields.iter().all(|field| {
                let inner = map.get(field.as_bytes());
                let inner = inner.and_then(|entry| entry.value.as_map().cloned());
                inner.map(|inner| map = inner).is_some()
            });
            if is_there {
                self.note_key(&map, altered.key.as_deref(), control);
            }
        }
    }

    /// What `unset` took out of a map is not there because execution came here.
    pub(super) fn control_absence(&mut self, args: &[Value]) {
        let [map, key] = args else { return };
        let (Some(map), Some(bytes)) = (map.as_map(), key.as_bytes()) else {
            return;
        };
        let origins = &mut self.engine.origins;
        let deps = key.deps(origins);
        let because = origins.union(self.frame.control, deps);
        let because = origins.as_control(because);
        self.note_key(map, Some(bytes), because);
    }

    /// What was written with other reasons is not written again.
    fn note_key(&mut self, map: &Map, key: Option<&[u8]>, because: Prov) {
        if self.engine.settled.note(map, key, because) {
            self.engine.memo.change(map, None);
        }
    }

    /// Adds what decided which keys a map has to it, for a function that asks for them.
    pub(super) fn tell_asked(&mut self, asks: Asks, args: &mut [Value]) {
        let Some((map, rest)) = args.split_first_mut() else {
            return;
        };
        if self.engine.settled.0.is_empty() {
            return;
        }
        match asks {
            Asks::Nothing => {}
            Asks::Key => {
                let key = rest.first().and_then(Value::as_bytes);
                self.tell_keys(map, key);
            }
            Asks::Keys => self.tell_keys(map, None),
        }
    }

    /// Adds what decided whether a map has a key to it, or which ones it has.
    pub(super) fn tell_keys(&mut self, value: &mut Value, key: Option<&[u8]>) {
        let Some(map) = value.as_map() else { return };
        let engine = &mut *self.engine;
        let settled = engine.settled.of(map, key, &mut engine.origins);
        value.prov = engine.origins.union(value.prov, settled);
    }
}
