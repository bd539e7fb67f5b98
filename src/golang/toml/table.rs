//! The tables of a document while it is read: which key may be written where.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::golang::time::Time;

use super::encode::push_key;

/// A table: its entries in the byte order of their keys.
pub type Table = BTreeMap<Vec<u8>, Value>;

/// What is read and written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A nil, which is never read: left out of tables, an error in arrays.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float, always written with a point or an exponent.
    Float(f64),
    /// A string.
    String(Vec<u8>),
    /// A date, a time, or both; local ones in zones named as the library names them.
    Time(Time),
    /// An array; one that holds only tables, and at least one, is written as an array of tables.
    Array(Vec<Self>),
    /// Tables under `[[name]]`, of a slice type of their own in Go.
    Tables(Vec<Table>),
    /// A table.
    Table(Table),
    /// A struct, which is never read.
    Struct(Vec<Field>),
}

/// A field of a struct that is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Vec<u8>,
    /// The how manieth of all fields it is, those counted that are not exported.
    pub index: usize,
    /// Its value.
    pub value: Value,
}

/// A key of several parts.
pub(super) type Key = Vec<Vec<u8>>;

/// A key as messages show it: parts that are no bare keys in quotes.
pub(super) fn show(key: &[Vec<u8>]) -> String {
    let mut out = Vec::new();
    for (i, part) in key.iter().enumerate() {
        if i > 0 {
            out.push(b'.');
        }
        push_key(&mut out, part);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// All tables, the one that is open, and how keys came to be.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) root: Table,
    /// The table that keys are written to.
    pub(super) context: Key,
    /// Tables that were only named as parents of others; they may be opened once.
    implicit: FxHashSet<Key>,
    /// Whether what was last written under a key is an array.
    arrays: FxHashMap<Key, bool>,
}

impl Tables {
    /// Records whether a key of the open table is an array.
    pub(super) fn mark(&mut self, key: &[u8], is_array: bool) {
        let mut path = self.context.clone();
        if !key.is_empty() {
            path.push(key.to_vec());
        }
        self.arrays.insert(path, is_array);
    }

    /// Records that a table was named as a parent.
    pub(super) fn imply(&mut self, key: Key) {
        self.implicit.insert(key);
    }

    /// Opens a table, or a new one of an array of tables, and makes its parents.
    pub(super) fn open(&mut self, key: &[Vec<u8>], array: bool) -> Result<(), String> {
        let Some((last, parents)) = key.split_last() else {
            return Ok(());
        };
        let mut table = &mut self.root;
        for (at, part) in parents.iter().enumerate() {
            let path = key.get(..=at).unwrap_or_default();
            if !table.contains_key(part) {
                self.implicit.insert(path.to_vec());
            }
            let entry = table
                .entry(part.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            table = match inside(entry) {
                Some(table) => table,
                None => {
                    return Err(format!(
                        "Key '{}' was already created as a hash.",
                        show(path)
                    ));
                }
            };
        }
        self.context = parents.to_vec();
        if array {
            let entry = table
                .entry(last.clone())
                .or_insert_with(|| Value::Tables(Vec::new()));
            match entry {
                Value::Tables(tables) => tables.push(Table::new()),
                _ => {
                    return Err(format!(
                        "Key '{}' was already created and cannot be used as an array.",
                        show(key)
                    ));
                }
            }
        } else {
            self.set(last, Value::Table(Table::new()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Writes a key of the open table.
    pub(super) fn set(&mut self, key: &[u8], value: Value) -> Result<(), String> {
        let mut path = Key::new();
        let mut table = &mut self.root;
        for part in &self.context {
            path.push(part.clone());
            table = match table.get_mut(part).and_then(inside) {
                Some(table) => table,
                None => return Err(defined(&path)),
            };
        }
        path.push(key.to_vec());
        if table.contains_key(key) {
            // A table that was only implied is there already; an array over it replaces it.
            if !self.implicit.remove(&path) {
                return Err(defined(&path));
            }
            if self.arrays.get(&path) != Some(&true) {
                return Ok(());
            }
        }
        table.insert(key.to_vec(), value);
        Ok(())
    }
}

fn defined(path: &[Vec<u8>]) -> String {
    format!("Key '{}' has already been defined.", show(path))
}

/// The table behind a value: itself, or the last of an array of tables.
fn inside(value: &mut Value) -> Option<&mut Table> {
    match value {
        Value::Table(table) => Some(table),
        Value::Tables(tables) => tables.last_mut(),
        _ => None,
    }
}
