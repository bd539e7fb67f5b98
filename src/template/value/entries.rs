//! The entries of a map.

use std::collections::{BTreeMap, btree_map};
use std::{slice, vec};

use super::{Entry, Key, Value};

/// A row of more entries is only added to at its end: whatever else changes makes a tree of it.
const LONG_ROW: usize = 64;

/// Entries in byte order of their keys, each key once. Nearly all maps of charts are small, are
/// copied often and change seldom: they are rows, which take one piece of memory each.
#[derive(Debug, Clone)]
pub struct Entries(Shape);

#[derive(Debug, Clone)]
enum Shape {
    Row(Vec<(Key, Entry)>),
    Tree(BTreeMap<Key, Entry>),
}
use Shape::{Row, Tree};

/// Where a key is in a row, or where it belongs.
fn place(row: &[(Key, Entry)], key: &[u8]) -> Result<usize, usize> {
    match row.last() {
        Some((last, _)) if **last < *key => Err(row.len()),
        _ => row.binary_search_by(|(known, _)| (**known).cmp(key)),
    }
}

/// In a row of so many entries one is found soonest by looking at each: most keys are of another
/// length, which is known without a look at their bytes.
const FEW: usize = 32;

/// Where a key is in a row.
fn find(row: &[(Key, Entry)], key: &[u8]) -> Option<usize> {
    match row.len() {
        ..=FEW => row.iter().position(|(known, _)| **known == *key),
        _ => place(row, key).ok(),
    }
}

impl Entries {
    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Entry> {
        match &self.0 {
            Row(row) => {
                let at = find(row, key)?;
                row.get(at).map(|(_, entry)| entry)
            }
            Tree(tree) => tree.get(key),
        }
    }

    /// The entry of a key, to be changed.
    #[must_use]
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut Entry> {
        match &mut self.0 {
            Row(row) => {
                let at = find(row, key)?;
                row.get_mut(at).map(|(_, entry)| entry)
            }
            Tree(tree) => tree.get_mut(key),
        }
    }

    /// Sets a key.
    pub fn insert(&mut self, key: Key, entry: Entry) {
        match &mut self.0 {
            Row(row) => match place(row, &key) {
                Ok(at) => {
                    if let Some((_, known)) = row.get_mut(at) {
                        *known = entry;
                    }
                }
                Err(at) if at == row.len() || row.len() < LONG_ROW => row.insert(at, (key, entry)),
                Err(_) => {
                    let mut tree = self.take_tree();
                    tree.insert(key, entry);
                    self.0 = Tree(tree);
                }
            },
            Tree(tree) => {
                tree.insert(key, entry);
            }
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &[u8]) {
        match &mut self.0 {
            Row(row) if row.len() < LONG_ROW => {
                if let Some(at) = find(row, key) {
                    row.remove(at);
                }
            }
            Row(row) if find(row, key).is_none() => {}
            _ => {
                let mut tree = self.take_tree();
                tree.remove(key);
                self.0 = Tree(tree);
            }
        }
    }

    /// Keeps the entries that `is_kept` holds for.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&Entry) -> bool) {
        match &mut self.0 {
            Row(row) => row.retain(|(_, entry)| is_kept(entry)),
            Tree(tree) => tree.retain(|_, entry| is_kept(entry)),
        }
    }

    /// The row as a tree, for the change that it is too long for.
    fn take_tree(&mut self) -> BTreeMap<Key, Entry> {
        match std::mem::take(self).0 {
            Row(row) => row.into_iter().collect(),
            Tree(tree) => tree,
        }
    }

    /// The same keys with copies of their values.
    ///
    /// # Errors
    /// What `copy` says of the first value that it cannot copy.
    pub fn try_copy<E>(&self, mut copy: impl FnMut(&Value) -> Result<Value, E>) -> Result<Self, E> {
        let mut row = Vec::with_capacity(self.len());
        for (key, entry) in self {
            let value = copy(&entry.value)?;
            row.push((Key::clone(key), Entry { value, ..*entry }));
        }
        Ok(Self(Row(row)))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Row(row) => row.len(),
            Tree(tree) => tree.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Row(row) => Iter::Row(row.iter()),
            Tree(tree) => Iter::Tree(tree.iter()),
        }
    }

    /// The entries in order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Entry> {
        self.iter().map(|(_, entry)| entry)
    }

    /// The entries in order of their keys.
    pub fn into_values(self) -> impl Iterator<Item = Entry> {
        self.into_iter().map(|(_, entry)| entry)
    }
}

impl Default for Entries {
    fn default() -> Self {
        Self(Row(Vec::new()))
    }
}

/// Of a key that comes more than once the last entry counts.
impl FromIterator<(Key, Entry)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Key, Entry)>>(entries: I) -> Self {
        let mut row: Vec<(Key, Entry)> = entries.into_iter().collect();
        if !row.is_sorted_by(|(a, _), (b, _)| a < b) {
            row.sort_by(|(a, _), (b, _)| a.cmp(b));
            // The last of equals: the later one is moved into the place that stays.
            row.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self(Row(row))
    }
}

/// Entries in order.
#[derive(Debug, Clone)]
pub enum Iter<'e> {
    /// Of a row.
    Row(slice::Iter<'e, (Key, Entry)>),
    /// Of a tree.
    Tree(btree_map::Iter<'e, Key, Entry>),
}

impl<'e> Iterator for Iter<'e> {
    type Item = (&'e Key, &'e Entry);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Row(row) => row.next().map(|(key, entry)| (key, entry)),
            Self::Tree(tree) => tree.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Row(row) => row.size_hint(),
            Self::Tree(tree) => tree.size_hint(),
        }
    }
}

impl<'e> IntoIterator for &'e Entries {
    type Item = (&'e Key, &'e Entry);
    type IntoIter = Iter<'e>;

    fn into_iter(self) -> Iter<'e> {
        self.iter()
    }
}

/// Entries in order, given away.
#[derive(Debug)]
pub enum IntoIter {
    /// Of a row.
    Row(vec::IntoIter<(Key, Entry)>),
    /// Of a tree.
    Tree(btree_map::IntoIter<Key, Entry>),
}

impl Iterator for IntoIter {
    type Item = (Key, Entry);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Row(row) => row.next(),
            Self::Tree(tree) => tree.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Row(row) => row.size_hint(),
            Self::Tree(tree) => tree.size_hint(),
        }
    }
}

impl IntoIterator for Entries {
    type Item = (Key, Entry);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        match self.0 {
            Row(row) => IntoIter::Row(row.into_iter()),
            Tree(tree) => IntoIter::Tree(tree.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Prov;
    use crate::template::value::{Data, Value};
    use proptest::prelude::*;

    fn entry(number: i64) -> Entry {
        let (key, value) = (Prov::NONE, Value::int(number));
        Entry { key, value }
    }

    fn number(entry: &Entry) -> i64 {
        match entry.value.data {
            Data::Int(number, _) => number,
            _ => -1,
        }
    }

    proptest! {
        /// Whatever is done to them, entries are what a tree would be: below the longest row, at
        /// it and above.
        #[test]
        fn they_behave_like_a_tree(
            first in prop::collection::vec(0_u8..100, 0..90),
            steps in prop::collection::vec((0_u8..4, 0_u8..100), 0..200),
        ) {
            let key = |name: u8| -> Key { [name].into() };
            let pairs = || first.iter().zip(0..).map(|(name, at)| (key(*name), at));
            let mut tree: BTreeMap<Key, i64> = pairs().collect();
            let mut entries: Entries = pairs().map(|(key, at)| (key, entry(at))).collect();
            for (at, (step, name)) in (1000..).zip(steps) {
                match step {
                    0 => {
                        tree.remove(&*key(name));
                        entries.remove(&[name]);
                    }
                    1 if name < 3 => {
                        tree.retain(|_, known| *known % 7 != i64::from(name));
                        entries.retain(|known| number(known) % 7 != i64::from(name));
                    }
                    _ => {
                        tree.insert(key(name), at);
                        entries.insert(key(name), entry(at));
                    }
                }
                prop_assert_eq!(tree.get(&*key(name)).copied(), entries.get(&[name]).map(number));
            }
            let got: Vec<(Key, i64)> = entries.iter().map(|(k, e)| (k.clone(), number(e))).collect();
            prop_assert_eq!(entries.len(), got.len());
            let given: Vec<(Key, i64)> = entries.into_iter().map(|(k, e)| (k, number(&e))).collect();
            prop_assert_eq!(&given, &got);
            prop_assert_eq!(tree.into_iter().collect::<Vec<_>>(), got);
        }
    }
}
