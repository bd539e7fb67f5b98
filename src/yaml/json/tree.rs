//! JSON as `serde_json` reads it, in a tree that takes little work to make and to walk.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use smol_str::SmolStr;

/// Among so many keys one is found fastest by looking at each.
const FEW: usize = 8;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonTree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(SmolStr),
    /// An array.
    List(Vec<JsonTree>),
    /// An object.
    Map(JsonEntries),
}

/// The entries of an object in byte order of their keys, each key once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JsonEntries(Vec<(SmolStr, JsonTree)>);

impl JsonTree {
    /// Reads JSON.
    ///
    /// # Errors
    /// Where it is none: what `serde_json` says of it.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        // What is known to be UTF-8 is not asked for it again at each string.
        match std::str::from_utf8(text) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(text),
        }
    }

    /// What stands under a key, where it is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The string, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number that is not negative, where it is one.
    #[must_use]
    pub fn as_count(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The items, where it is an array.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, where it is an object.
    #[must_use]
    pub fn as_map(&self) -> Option<&JsonEntries> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

impl From<&JsonTree> for Value {
    fn from(tree: &JsonTree) -> Self {
        match tree {
            JsonTree::Null => Self::Null,
            JsonTree::Bool(value) => Self::Bool(*value),
            JsonTree::Number(number) => Self::Number(number.clone()),
            JsonTree::Text(text) => Self::String(text.to_string()),
            JsonTree::List(items) => Self::Array(items.iter().map(Self::from).collect()),
            JsonTree::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (key.to_owned(), Self::from(value)));
                Self::Object(entries.collect())
            }
        }
    }
}

impl JsonEntries {
    /// What stands under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&JsonTree> {
        let (first, _) = self.0.first()?;
        // Most keys that are asked for and not there begin with `$`, before all others.
        if first.as_bytes().first() > key.as_bytes().first() {
            return None;
        }
        if self.0.len() <= FEW {
            let known = self.0.iter().find(|(name, _)| **name == *key);
            return known.map(|(_, value)| value);
        }
        let at = self.0.binary_search_by(|(name, _)| (**name).cmp(key));
        self.0.get(at.ok()?).map(|(_, value)| value)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys and what stands under them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &JsonTree)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// What stands under each key, in order, and what `other` has under the same.
    pub fn beside<'a, 'b>(
        &'a self,
        other: &'b Self,
    ) -> impl Iterator<Item = (&'a JsonTree, Option<&'b JsonTree>)> {
        let mut rest = other.0.as_slice();
        self.0.iter().map(move |(key, value)| {
            while let [(name, there), more @ ..] = rest {
                match name.as_str().cmp(key.as_str()) {
                    Ordering::Less => rest = more,
                    Ordering::Equal => return (value, Some(there)),
                    Ordering::Greater => break,
                }
            }
            (value, None)
        })
    }
}

/// The last of equal keys counts.
impl From<Vec<(SmolStr, JsonTree)>> for JsonEntries {
    fn from(mut entries: Vec<(SmolStr, JsonTree)>) -> Self {
        if !entries.is_sorted_by(|(a, _), (b, _)| a.as_str() < b.as_str()) {
            entries.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
            entries.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self(entries)
    }
}

impl<'de> Deserialize<'de> for JsonTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = JsonTree;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<JsonTree, E> {
        Ok(JsonTree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonTree, E> {
        Ok(JsonTree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonTree, E> {
        Ok(JsonTree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonTree, E> {
        Ok(JsonTree::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<JsonTree, E> {
        Ok(Number::from_f64(value).map_or(JsonTree::Null, JsonTree::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonTree, E> {
        Ok(JsonTree::Text(SmolStr::new(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<JsonTree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = all.next_element()? {
            items.push(item);
        }
        Ok(JsonTree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<JsonTree, A::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), value)) = all.next_entry()? {
            entries.push((key, value));
        }
        Ok(JsonTree::Map(entries.into()))
    }
}

struct Key(SmolStr);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyKey)
    }
}

struct AnyKey;

impl Visitor<'_> for AnyKey {
    type Value = Key;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(Key(SmolStr::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a text into both trees: they hold the same, or complain of the same.
    fn is_read_alike(text: &[u8]) -> Result<(), TestCaseError> {
        let tree = JsonTree::read(text);
        let value = serde_json::from_slice::<Value>(text);
        match (tree, value) {
            (Ok(tree), Ok(value)) => prop_assert_eq!(Value::from(&tree), value),
            (Err(tree), Err(value)) => prop_assert_eq!(tree.to_string(), value.to_string()),
            (tree, value) => prop_assert!(false, "{:?} {:?}", tree, value),
        }
        Ok(())
    }

    #[test]
    fn odd_texts() {
        let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        let texts: [&[u8]; 24] = [
            b"",
            b"{\"a\": 1, \"b\": {\"a\": 1, \"a\": []}, \"a\": 2}",
            b"{\"b\": 1, \"b\": 2, \"a\": 3, \"\\u0061\": 4}",
            b"{\"a\": 1,}",
            b"{1: 2}",
            b"{\"a\" 1}",
            b"[1 2]",
            b"[\"\\ud83d\\ude00\", \"\\ud83d\"]",
            b"[\"\xff\"]",
            b"[\"\\x\"]",
            b"[-0, 1e400]",
            b"[18446744073709551616, -9223372036854775809, 1e2, -0.0, 0.1]",
            b"[01]",
            b"nul",
            b"        {\n\t  \"a\" : [ true ,false,\r\n        null ] , \"b\":{ }, \"c\": [ ] }         ",
            b"{\"\\\\\": \"a long text \\\" with \\n escapes\", \"\xc3\xa9\": \"\\\xc3\xa9\"}",
            b"{\"what is long\": \"a text with a tab\tin it\"}",
            b"[\"not ended\\",
            b"[\"\xe2\x82\xac and so on, and so on\", 123456789012345678, 1234567890123456789]",
            b"[1+1]",
            &deep(99),
            &deep(101),
            &deep(127),
            &deep(128),
        ];
        for text in texts {
            is_read_alike(text).unwrap();
        }
    }

    #[test]
    fn keys_are_found() {
        let tree = JsonTree::read(br#"{"c": 3, "a": 1, "d": 4}"#).unwrap();
        let other = JsonTree::read(br#"{"b": 7, "d": 8, "a": 9, "c0": null}"#).unwrap();
        let (tree, other) = (tree.as_map().unwrap(), other.as_map().unwrap());
        assert_eq!(tree.get("c").and_then(JsonTree::as_count), Some(3));
        assert_eq!(tree.get("b"), None);
        let count = |tree: &JsonTree| tree.as_count().unwrap();
        let pairs = tree.beside(other);
        let pairs: Vec<_> = pairs.map(|(a, b)| (count(a), b.map(count))).collect();
        assert_eq!(pairs, [(1, Some(9)), (3, None), (4, Some(8))]);
    }

    proptest! {
        #[test]
        fn texts_are_read_alike(text in r#"([{}\[\]:,\"0-9.eE+ -]|\\[u"n/]|null|true|"a":|"b"|\{|\}){0,16}"#) {
            is_read_alike(text.as_bytes())?;
        }
    }
}
