//! A template and its data, and whether two of them are the same.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxHasher;

use super::super::super::value::{Data, Entries, Map, Value};
use super::super::program::{Def, Set};

/// Maps and lists of no more entries are compared by what is in them: the arguments that a call
/// puts together for a template.
const MOST_ENTRIES: usize = 6;
/// And texts of no more bytes.
const MOST_BYTES: usize = 1 << 10;
/// So many of them within one another.
const LEVELS: usize = 3;

/// A template and its data.
#[derive(Debug)]
pub(in super::super) struct Request {
    set: Rc<Set>,
    def: Rc<Def>,
    data: Value,
    print: u64,
}

impl Request {
    /// `is_scope` knows the maps that are the same wherever they are met.
    pub(super) fn new(
        set: &Rc<Set>,
        def: &Rc<Def>,
        data: &Value,
        is_scope: impl Fn(&Map) -> bool,
    ) -> Self {
        let set = set.without_root();
        let mut hasher = FxHasher::default();
        Rc::as_ptr(set).addr().hash(&mut hasher);
        Rc::as_ptr(def).addr().hash(&mut hasher);
        fingerprint(data, LEVELS, &is_scope, &mut hasher);
        Self {
            set: Rc::clone(set),
            def: Rc::clone(def),
            data: data.clone(),
            print: hasher.finish(),
        }
    }

    /// What equal requests have in common.
    pub(super) fn print(&self) -> u64 {
        self.print
    }

    /// Whether two are the same, but for where the keys were written in their data where `keys`
    /// says that it does not matter.
    pub(super) fn is(&self, other: &Self, keys: Keys) -> bool {
        Rc::ptr_eq(&self.set, &other.set)
            && Rc::ptr_eq(&self.def, &other.def)
            && is_same(&self.data, &other.data, LEVELS, keys)
    }
}

/// What is compared of the keys of maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Name,
    Origin,
}

/// What equal data has in common: nothing that [`is_same`] does not compare.
fn fingerprint(
    value: &Value,
    levels: usize,
    is_scope: &impl Fn(&Map) -> bool,
    hasher: &mut FxHasher,
) {
    value.prov.hash(hasher);
    match &value.data {
        Data::Bool(value) => value.hash(hasher),
        Data::Int(value, _) => value.hash(hasher),
        Data::Str(text) | Data::Bytes(text) if text.len() <= MOST_BYTES => {
            text.bytes().hash(hasher);
        }
        Data::Str(text) | Data::Bytes(text) => Rc::as_ptr(text).addr().hash(hasher),
        Data::List(list) if levels > 0 && list.items.len() <= MOST_ENTRIES => {
            for item in &list.items {
                fingerprint(item, levels - 1, is_scope, hasher);
            }
        }
        Data::List(list) => Rc::as_ptr(list).addr().hash(hasher),
        Data::Map(_, map) if levels > 0 && map.len() <= MOST_ENTRIES && !is_scope(map) => {
            for entry in map.entries.borrow().values() {
                fingerprint(&entry.value, levels - 1, is_scope, hasher);
            }
        }
        Data::Map(_, map) => Rc::as_ptr(map).addr().hash(hasher),
        Data::Missing | Data::Nil | Data::Float(_) | Data::Complex(..) | Data::Object(_) => {}
    }
}

/// Whether templates cannot tell two values apart, nor their origins.
fn is_same(a: &Value, b: &Value, levels: usize, keys: Keys) -> bool {
    if a.prov != b.prov {
        return false;
    }
    match (&a.data, &b.data) {
        (Data::Missing, Data::Missing) | (Data::Nil, Data::Nil) => true,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Int(a, kind), Data::Int(b, other)) => a == b && kind == other,
        (Data::Float(a), Data::Float(b)) => a.to_bits() == b.to_bits(),
        (Data::Str(a), Data::Str(b)) | (Data::Bytes(a), Data::Bytes(b)) => {
            let is_bare = a.segments().is_empty() && b.segments().is_empty();
            let is_short = is_bare && a.len() <= MOST_BYTES;
            Rc::ptr_eq(a, b) || (is_short && a.bytes() == b.bytes())
        }
        (Data::List(a), Data::List(b)) => {
            let are_short = levels > 0 && a.items.len() <= MOST_ENTRIES;
            Rc::ptr_eq(a, b)
                || (are_short
                    && a.elem == b.elem
                    && a.items.len() == b.items.len()
                    && std::iter::zip(&a.items, &b.items)
                        .all(|(a, b)| is_same(a, b, levels - 1, keys)))
        }
        (Data::Map(kind, a), Data::Map(other, b)) => {
            kind == other && (Rc::ptr_eq(a, b) || have_same(&a.entries, &b.entries, levels, keys))
        }
        (Data::Object(a), Data::Object(b)) => {
            Rc::as_ptr(a).cast::<()>() == Rc::as_ptr(b).cast::<()>()
        }
        _ => false,
    }
}

fn have_same(a: &RefCell<Entries>, b: &RefCell<Entries>, levels: usize, keys: Keys) -> bool {
    let (a, b) = (a.borrow(), b.borrow());
    levels > 0
        && a.len() == b.len()
        && a.len() <= MOST_ENTRIES
        && a.iter().zip(b.iter()).all(|((name, a), (other, b))| {
            name == other
                && (keys == Keys::Name || a.key == b.key)
                && is_same(&a.value, &b.value, levels - 1, keys)
        })
}
