//! Values that surely keep to their schema, as is seen without compiling it.
//!
//! Most schemas of charts ask for types, names, bounds and patterns. To compile one takes several
//! times as long as to read it, and a schema of the validator's own language has to be compiled
//! before. Here both are only looked at. That all is well is told where every keyword is one of
//! those below and has the shape that the language demands; any doubt is left to the validator.

mod shape;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Number;

use crate::golang::regexp::{Regexp, Small};
use crate::yaml::json::{JsonEntries, JsonTree};

use super::encode::draft;
use shape::{Shape, is_address, is_language, is_note, is_type, shape};

/// Schemas and values are looked at so often at most.
const MOST_STEPS: usize = 100_000;
/// Looking at so many bytes is a step.
const BYTES_A_STEP: usize = 64;
/// And so is trying so many places of a pattern.
const PLACES_A_STEP: usize = 1024;
/// References lead no deeper.
const MAX_REFERENCES: usize = 32;
/// Longer patterns, and more of them, are left to the validator, which bounds what they cost.
const MAX_PATTERN: usize = 200;
const MAX_PATTERNS: usize = 200;
/// And so are those that compile to more bytes.
const MAX_COMPILED: usize = 128 << 10;
/// In longer lists equal items are not looked for.
const MAX_ITEMS: usize = 64;
/// Fewer are compared each with each.
const FEW_ITEMS: usize = 8;
/// Whole numbers below are the same whichever way they are held.
const EXACT: f64 = 9.0e15;

/// Whether the schema is one, and the values keep to it. `false` says nothing.
pub(super) fn are_fine(schema: &JsonTree, values: &JsonTree) -> bool {
    let is_known = match schema.get("$schema") {
        None => true,
        Some(language) => language.as_text().is_some_and(is_language),
    };
    let mut look = Look {
        root: schema,
        steps: MOST_STEPS,
        references: 0,
        patterns: FxHashMap::default(),
        targets: FxHashMap::default(),
    };
    is_known && look.is_sound(schema, true) && look.holds(schema, values) == Some(true)
}

struct Look<'s> {
    root: &'s JsonTree,
    steps: usize,
    /// How many references lead here.
    references: usize,
    patterns: FxHashMap<&'s str, Pattern>,
    /// What the references name.
    targets: FxHashMap<&'s str, Option<&'s JsonTree>>,
}

/// What a pattern is matched with.
enum Pattern {
    Small(Small),
    Compiled(Regexp),
    /// It has to be compiled first.
    Large,
}

impl<'s> Look<'s> {
    fn step(&mut self) -> Option<()> {
        self.pay(1)
    }

    /// Counts work; nothing where it is too much.
    fn pay(&mut self, steps: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(steps)?;
        Some(())
    }

    /// Whether a schema, with all that are in it, is surely one.
    fn is_sound(&mut self, schema: &'s JsonTree, is_root: bool) -> bool {
        match schema {
            JsonTree::Bool(_) => true,
            JsonTree::Map(map) => map.iter().all(|(keyword, inner)| match keyword {
                "$schema" if is_root => true,
                "$id" if is_root => inner.as_text().is_some_and(is_address),
                _ => self.is_shaped(shape(keyword), inner),
            }),
            _ => false,
        }
    }

    fn is_shaped(&mut self, shape: Shape, inner: &'s JsonTree) -> bool {
        if self.step().is_none() {
            return false;
        }
        match (shape, inner) {
            (Shape::Anything, _)
            | (Shape::Text, JsonTree::Text(_))
            | (Shape::Flag, JsonTree::Bool(_))
            | (Shape::List, JsonTree::List(_))
            | (Shape::Number, JsonTree::Number(_)) => true,
            (Shape::Count, JsonTree::Number(number)) => number.is_u64(),
            (Shape::Types, JsonTree::Text(name)) => is_type(name),
            (Shape::Types, JsonTree::List(names)) => {
                let are_types = names.iter().all(|name| name.as_text().is_some_and(is_type));
                !names.is_empty() && are_types && are_different(names)
            }
            (Shape::Names | Shape::Choices, JsonTree::List(all))
                if self.pay(all.len()).is_none() =>
            {
                false
            }
            (Shape::Names, JsonTree::List(names)) => {
                names.iter().all(|name| name.as_text().is_some()) && are_different(names)
            }
            (Shape::Choices, JsonTree::List(choices)) => {
                !choices.is_empty() && are_different(choices)
            }
            (Shape::Pattern, JsonTree::Text(pattern)) => self.is_pattern(pattern),
            (Shape::Schema, inner) => self.is_sound(inner, false),
            (Shape::Schemas, JsonTree::List(all)) => {
                !all.is_empty() && all.iter().all(|one| self.is_sound(one, false))
            }
            (Shape::NamedSchemas, JsonTree::Map(all)) => {
                all.iter().all(|(_, one)| self.is_sound(one, false))
            }
            (Shape::Reference, JsonTree::Text(reference)) => self.target(reference).is_some(),
            // Within a schema, and without a name of its own, it says nothing.
            (Shape::Language, JsonTree::Text(language)) => draft(language).is_some(),
            _ => false,
        }
    }

    fn is_pattern(&mut self, pattern: &'s str) -> bool {
        if self.patterns.contains_key(pattern) {
            return true;
        }
        if pattern.len() > MAX_PATTERN || self.patterns.len() >= MAX_PATTERNS {
            return false;
        }
        let read = match Small::read(pattern) {
            Some(small) => Pattern::Small(small),
            None if Regexp::translated(pattern.as_bytes()).is_ok() => Pattern::Large,
            None => return false,
        };
        self.patterns.insert(pattern, read);
        true
    }

    /// The schema that a reference to one of the definitions names.
    fn target(&mut self, reference: &'s str) -> Option<&'s JsonTree> {
        if let Some(known) = self.targets.get(reference) {
            return *known;
        }
        let target = self.looked_up(reference);
        self.targets.insert(reference, target);
        target
    }

    fn looked_up(&self, reference: &str) -> Option<&'s JsonTree> {
        let place = reference.strip_prefix("#/")?;
        let (list, name) = place.split_once('/')?;
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if !matches!(list, "$defs" | "definitions") || !name.bytes().all(is_plain) {
            return None;
        }
        self.root.get(list)?.get(name)
    }

    /// Whether a value keeps to a schema; nothing where that is not certain.
    fn holds(&mut self, schema: &'s JsonTree, value: &JsonTree) -> Option<bool> {
        self.step()?;
        let map = match schema {
            JsonTree::Bool(holds) => return Some(*holds),
            JsonTree::Map(map) => map,
            _ => return None,
        };
        if let Some(reference) = map.get("$ref") {
            // Whether anything beside it counts depends on the language.
            let mut keywords = map.iter().map(|(keyword, _)| keyword);
            if !keywords.all(|keyword| keyword == "$ref" || is_note(keyword)) {
                return None;
            }
            let target = self.target(reference.as_text()?)?;
            if self.references >= MAX_REFERENCES {
                return None;
            }
            self.references += 1;
            let holds = self.holds(target, value);
            self.references -= 1;
            return holds;
        }
        all_hold(
            map.iter()
                .map(|(keyword, inner)| self.keyword(map, keyword, inner, value)),
        )
    }

    fn keyword(
        &mut self,
        map: &'s JsonEntries,
        keyword: &str,
        inner: &'s JsonTree,
        value: &JsonTree,
    ) -> Option<bool> {
        match keyword {
            "not" => self.holds(inner, value).map(|holds| !holds),
            "if" => {
                let branch = if self.holds(inner, value)? {
                    "then"
                } else {
                    "else"
                };
                map.get(branch)
                    .map_or(Some(true), |one| self.holds(one, value))
            }
            "allOf" => all_hold(inner.as_list()?.iter().map(|one| self.holds(one, value))),
            "anyOf" => some_holds(inner.as_list()?.iter().map(|one| self.holds(one, value))),
            "oneOf" => {
                let each = inner.as_list()?.iter().map(|one| self.holds(one, value));
                let each: Vec<bool> = each.collect::<Option<_>>()?;
                Some(each.into_iter().filter(|holds| *holds).count() == 1)
            }
            "type" => is_of_type(inner, value),
            "const" => {
                self.pay(size(value))?;
                is_equal(inner, value)
            }
            "enum" => {
                self.pay(inner.as_list()?.len() * size(value))?;
                let choices = inner.as_list()?.iter();
                some_holds(choices.map(|choice| is_equal(choice, value)))
            }
            _ => match value {
                JsonTree::Number(number) => bound(keyword, inner, number),
                JsonTree::Text(text) => self.text(keyword, inner, text),
                JsonTree::List(items) => self.items(keyword, inner, items),
                JsonTree::Map(entries) => self.entries(map, keyword, inner, entries),
                JsonTree::Null | JsonTree::Bool(_) => Some(true),
            },
        }
    }

    fn text(&mut self, keyword: &str, inner: &'s JsonTree, text: &str) -> Option<bool> {
        self.pay(text.len() / BYTES_A_STEP)?;
        let length = || text.chars().count() as u64;
        match keyword {
            "minLength" => Some(length() >= inner.as_count()?),
            "maxLength" => Some(length() <= inner.as_count()?),
            "pattern" => {
                let pattern = inner.as_text()?;
                let known = self.patterns.get_mut(pattern)?;
                if matches!(known, Pattern::Large) {
                    let compiled = Regexp::within(pattern.as_bytes(), MAX_COMPILED);
                    *known = Pattern::Compiled(compiled.ok()??);
                }
                match known {
                    Pattern::Small(small) => {
                        let steps = text.len().saturating_mul(small.places()) / PLACES_A_STEP;
                        self.steps = self.steps.checked_sub(steps)?;
                        Some(small.is_match(text))
                    }
                    Pattern::Compiled(compiled) => Some(compiled.is_match(text.as_bytes())),
                    Pattern::Large => None,
                }
            }
            _ => Some(true),
        }
    }

    fn items(&mut self, keyword: &str, inner: &'s JsonTree, items: &[JsonTree]) -> Option<bool> {
        match keyword {
            "minItems" => Some(items.len() as u64 >= inner.as_count()?),
            "maxItems" => Some(items.len() as u64 <= inner.as_count()?),
            "uniqueItems" if *inner == JsonTree::Bool(true) => {
                self.pay(items.iter().map(size).sum())?;
                are_different(items).then_some(true)
            }
            "items" => all_hold(items.iter().map(|item| self.holds(inner, item))),
            _ => Some(true),
        }
    }

    fn entries(
        &mut self,
        map: &'s JsonEntries,
        keyword: &str,
        inner: &'s JsonTree,
        entries: &JsonEntries,
    ) -> Option<bool> {
        match keyword {
            "minProperties" => Some(entries.len() as u64 >= inner.as_count()?),
            "maxProperties" => Some(entries.len() as u64 <= inner.as_count()?),
            "required" => {
                self.pay(inner.as_list()?.len())?;
                let mut names = inner.as_list()?.iter().filter_map(JsonTree::as_text);
                Some(names.all(|name| entries.get(name).is_some()))
            }
            "properties" => {
                self.pay(inner.as_map()?.len())?;
                let named = inner.as_map()?.beside(entries);
                let named = named.filter_map(|(schema, value)| Some((schema, value?)));
                all_hold(named.map(|(schema, value)| self.holds(schema, value)))
            }
            "propertyNames" => {
                self.pay(entries.len())?;
                let names = entries.iter().map(|(name, _)| name.into());
                let names: Vec<JsonTree> = names.map(JsonTree::Text).collect();
                all_hold(names.iter().map(|name| self.holds(inner, name)))
            }
            "additionalProperties" => {
                self.pay(entries.len())?;
                let none = JsonEntries::default();
                let named = map.get("properties").and_then(JsonTree::as_map);
                let others = entries.beside(named.unwrap_or(&none));
                let others = others.filter(|(_, named)| named.is_none());
                all_hold(others.map(|(value, _)| self.holds(inner, value)))
            }
            _ => Some(true),
        }
    }
}

/// Whether all of several things hold; nothing where that hangs on one that is in doubt.
fn all_hold(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    some_holds(each.map(|holds| holds.map(|holds| !holds))).map(|broken| !broken)
}

/// Whether one of several things holds, likewise.
fn some_holds(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut answer = Some(false);
    for holds in each {
        match holds {
            Some(true) => return Some(true),
            Some(false) => {}
            None => answer = None,
        }
    }
    answer
}

/// Whether no two of several values are equal; false, too, where that takes long to find out.
fn are_different(values: &[JsonTree]) -> bool {
    if values.len() > FEW_ITEMS {
        let texts: Option<FxHashSet<&str>> = values.iter().map(JsonTree::as_text).collect();
        match texts {
            Some(texts) => return texts.len() == values.len(),
            None if values.len() > MAX_ITEMS => return false,
            None => {}
        }
    }
    values.iter().enumerate().all(|(at, value)| {
        let mut others = values.iter().skip(at + 1);
        others.all(|other| is_equal(value, other) == Some(false))
    })
}

fn is_of_type(wanted: &JsonTree, value: &JsonTree) -> Option<bool> {
    let is = |name: &str| match (name, value) {
        ("null", JsonTree::Null)
        | ("boolean", JsonTree::Bool(_))
        | ("string", JsonTree::Text(_))
        | ("array", JsonTree::List(_))
        | ("object", JsonTree::Map(_))
        | ("number", JsonTree::Number(_)) => Some(true),
        // What has no fraction may count as whole.
        ("integer", JsonTree::Number(number)) => (!number.is_f64()).then_some(true),
        (name, _) => is_type(name).then_some(false),
    };
    match wanted {
        JsonTree::Text(name) => is(name),
        JsonTree::List(names) => some_holds(names.iter().map(|name| is(name.as_text()?))),
        _ => None,
    }
}

/// How many steps it takes to compare a value that is no collection.
fn size(value: &JsonTree) -> usize {
    1 + value.as_text().map_or(0, str::len) / BYTES_A_STEP
}

/// Whether two values are equal; nothing where it depends on how numbers are held, or where there
/// is much to compare.
fn is_equal(a: &JsonTree, b: &JsonTree) -> Option<bool> {
    match (a, b) {
        (JsonTree::Number(one), JsonTree::Number(other)) if one.is_f64() || other.is_f64() => {
            (one == other).then_some(true)
        }
        (JsonTree::List(a), JsonTree::List(b)) => (a.is_empty() && b.is_empty()).then_some(true),
        (JsonTree::Map(a), JsonTree::Map(b)) => (a.is_empty() && b.is_empty()).then_some(true),
        _ => Some(a == b),
    }
}

fn bound(keyword: &str, limit: &JsonTree, value: &Number) -> Option<bool> {
    let check: fn(f64, f64) -> bool = match keyword {
        "minimum" => |value, limit| value >= limit,
        "maximum" => |value, limit| value <= limit,
        "exclusiveMinimum" => |value, limit| value > limit,
        "exclusiveMaximum" => |value, limit| value < limit,
        _ => return Some(true),
    };
    let JsonTree::Number(limit) = limit else {
        return None;
    };
    let (value, limit) = (value.as_f64()?, limit.as_f64()?);
    (value.abs() < EXACT && limit.abs() < EXACT).then(|| check(value, limit))
}
