//! What execution came by: which values it read, which branches it took.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::value::{Data, Value};
use crate::source::{Prov, Span};

/// How often to look into what is in a collection.
const DEPTH: usize = 64;

/// Which values were read and which branches ran.
#[derive(Debug, Default)]
pub struct Trail {
    read: Vec<bool>,
    branches: FxHashMap<Span, Coverage>,
}

/// Which ways a branch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The body was executed: the condition held, the loop had a turn.
    pub body: bool,
    /// It was not: the condition did not hold, the loop had no turn.
    pub other: bool,
}

impl Trail {
    /// Whether a value or an entry was read whose own set, or whose key's, this is. A collection
    /// that was only passed on counts as read; what is in it counts when it is looked at.
    #[must_use]
    pub fn is_read(&self, prov: Prov) -> bool {
        self.read.get(prov.number()).copied().unwrap_or(false)
    }

    /// The branches that were reached, by the span of their opening action.
    #[must_use]
    pub fn branches(&self) -> BTreeMap<Span, Coverage> {
        self.branches
            .iter()
            .map(|(span, way)| (*span, *way))
            .collect()
    }

    pub(super) fn read(&mut self, prov: Prov) {
        let at = prov.number();
        if at == 0 {
            return;
        }
        if self.read.len() <= at {
            self.read.resize((at + 1).next_power_of_two(), false);
        }
        if let Some(read) = self.read.get_mut(at) {
            *read = true;
        }
    }

    /// A value was looked at with all that is in it.
    pub(super) fn read_whole(&mut self, value: &Value) {
        self.read_to(value, DEPTH, &mut FxHashSet::default());
    }

    /// A collection that is shared is looked at once; `seen` has the addresses of those.
    fn read_to(&mut self, value: &Value, depth: usize, seen: &mut FxHashSet<usize>) {
        self.read(value.prov);
        let shared = match &value.data {
            Data::List(list) if Rc::strong_count(list) > 1 => Some(Rc::as_ptr(list).addr()),
            Data::Map(_, map) if Rc::strong_count(map) > 1 => Some(Rc::as_ptr(map).addr()),
            _ => None,
        };
        if depth == 0 || shared.is_some_and(|at| !seen.insert(at)) {
            return;
        }
        match &value.data {
            Data::List(list) => {
                for item in &list.items {
                    self.read_to(item, depth - 1, seen);
                }
            }
            Data::Map(_, map) => {
                for entry in map.entries.borrow().values() {
                    self.read(entry.key);
                    self.read_to(&entry.value, depth - 1, seen);
                }
            }
            _ => {}
        }
    }

    pub(super) fn branch(&mut self, span: Span, body: bool) {
        let way = self.branches.entry(span).or_default();
        if body {
            way.body = true;
        } else {
            way.other = true;
        }
    }
}
