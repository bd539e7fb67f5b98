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
use serde_json::{Map, Number, Value as Json};

use crate::golang::regexp::Regexp;

use super::encode::draft;
use shape::{Shape, is_language, is_note, is_type, shape};

/// Schemas and values are looked at so often at most.
const MOST_STEPS: usize = 100_000;
/// Looking at so many bytes is a step.
const BYTES_A_STEP: usize = 64;
/// References lead no deeper.
const MAX_REFERENCES: usize = 32;
/// Longer patterns, and more of them, are left to the validator, which bounds what they cost.
const MAX_PATTERN: usize = 200;
const MAX_PATTERNS: usize = 200;
/// And so are those that compile to more bytes.
const MAX_COMPILED: usize = 128 << 10;
/// In longer lists equal items are not looked for.
const MAX_ITEMS: usize = 64;
/// Whole numbers below are the same whichever way they are held.
const EXACT: f64 = 9.0e15;

/// Whether the schema is one, and the values keep to it. `false` says nothing.
pub(super) fn are_fine(schema: &Json, values: &Json) -> bool {
    let is_known = match schema.get("$schema") {
        None => true,
        Some(language) => language.as_str().is_some_and(is_language),
    };
    let mut look = Look {
        root: schema,
        steps: MOST_STEPS,
        references: 0,
        patterns: FxHashMap::default(),
    };
    is_known && look.is_sound(schema, true) && look.holds(schema, values) == Some(true)
}

struct Look<'s> {
    root: &'s Json,
    steps: usize,
    /// How many references lead here.
    references: usize,
    patterns: FxHashMap<&'s str, Option<Regexp>>,
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
    fn is_sound(&mut self, schema: &'s Json, is_root: bool) -> bool {
        match schema {
            Json::Bool(_) => true,
            Json::Object(map) => map.iter().all(|(keyword, inner)| {
                (is_root && keyword == "$schema") || self.is_shaped(shape(keyword), inner)
            }),
            _ => false,
        }
    }

    fn is_shaped(&mut self, shape: Shape, inner: &'s Json) -> bool {
        if self.step().is_none() {
            return false;
        }
        match (shape, inner) {
            (Shape::Anything, _)
            | (Shape::Text, Json::String(_))
            | (Shape::Flag, Json::Bool(_))
            | (Shape::List, Json::Array(_))
            | (Shape::Number, Json::Number(_)) => true,
            (Shape::Count, Json::Number(number)) => number.is_u64(),
            (Shape::Types, Json::String(name)) => is_type(name),
            (Shape::Types, Json::Array(names)) => {
                let are_types = names.iter().all(|name| name.as_str().is_some_and(is_type));
                !names.is_empty() && are_types && are_different(names)
            }
            (Shape::Names | Shape::Choices, Json::Array(all)) if self.pay(all.len()).is_none() => {
                false
            }
            (Shape::Names, Json::Array(names)) => {
                names.iter().all(Json::is_string) && are_different(names)
            }
            (Shape::Choices, Json::Array(choices)) => !choices.is_empty() && are_different(choices),
            (Shape::Pattern, Json::String(pattern)) => self.is_pattern(pattern),
            (Shape::Schema, inner) => self.is_sound(inner, false),
            (Shape::Schemas, Json::Array(all)) => {
                !all.is_empty() && all.iter().all(|one| self.is_sound(one, false))
            }
            (Shape::NamedSchemas, Json::Object(all)) => {
                all.values().all(|one| self.is_sound(one, false))
            }
            (Shape::Reference, Json::String(reference)) => self.target(reference).is_some(),
            // Within a schema, and without a name of its own, it says nothing.
            (Shape::Language, Json::String(language)) => draft(language).is_some(),
            _ => false,
        }
    }

    fn is_pattern(&mut self, pattern: &'s str) -> bool {
        if self.patterns.contains_key(pattern) {
            return true;
        }
        let is_pattern = pattern.len() <= MAX_PATTERN
            && self.patterns.len() < MAX_PATTERNS
            && Regexp::translated(pattern.as_bytes()).is_ok();
        if is_pattern {
            self.patterns.insert(pattern, None);
        }
        is_pattern
    }

    /// The schema that a reference to one of the definitions names.
    fn target(&self, reference: &str) -> Option<&'s Json> {
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
    fn holds(&mut self, schema: &'s Json, value: &Json) -> Option<bool> {
        self.step()?;
        let map = match schema {
            Json::Bool(holds) => return Some(*holds),
            Json::Object(map) => map,
            _ => return None,
        };
        if let Some(reference) = map.get("$ref") {
            // Whether anything beside it counts depends on the language.
            if !map
                .keys()
                .all(|keyword| keyword == "$ref" || is_note(keyword))
            {
                return None;
            }
            let target = self.target(reference.as_str()?)?;
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
        map: &'s Map<String, Json>,
        keyword: &str,
        inner: &'s Json,
        value: &Json,
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
            "allOf" => all_hold(inner.as_array()?.iter().map(|one| self.holds(one, value))),
            "anyOf" => some_holds(inner.as_array()?.iter().map(|one| self.holds(one, value))),
            "oneOf" => {
                let each = inner.as_array()?.iter().map(|one| self.holds(one, value));
                let each: Vec<bool> = each.collect::<Option<_>>()?;
                Some(each.into_iter().filter(|holds| *holds).count() == 1)
            }
            "type" => is_of_type(inner, value),
            "const" => {
                self.pay(size(value))?;
                is_equal(inner, value)
            }
            "enum" => {
                self.pay(inner.as_array()?.len() * size(value))?;
                let choices = inner.as_array()?.iter();
                some_holds(choices.map(|choice| is_equal(choice, value)))
            }
            _ => match value {
                Json::Number(number) => bound(keyword, inner, number),
                Json::String(text) => self.text(keyword, inner, text),
                Json::Array(items) => self.items(keyword, inner, items),
                Json::Object(entries) => self.entries(map, keyword, inner, entries),
                Json::Null | Json::Bool(_) => Some(true),
            },
        }
    }

    fn text(&mut self, keyword: &str, inner: &'s Json, text: &str) -> Option<bool> {
        self.pay(text.len() / BYTES_A_STEP)?;
        let length = || text.chars().count() as u64;
        match keyword {
            "minLength" => Some(length() >= inner.as_u64()?),
            "maxLength" => Some(length() <= inner.as_u64()?),
            "pattern" => {
                let pattern = inner.as_str()?;
                let known = self.patterns.get_mut(pattern)?;
                if known.is_none() {
                    *known = Regexp::within(pattern.as_bytes(), MAX_COMPILED).ok()?;
                }
                Some(known.as_ref()?.is_match(text.as_bytes()))
            }
            _ => Some(true),
        }
    }

    fn items(&mut self, keyword: &str, inner: &'s Json, items: &[Json]) -> Option<bool> {
        match keyword {
            "minItems" => Some(items.len() as u64 >= inner.as_u64()?),
            "maxItems" => Some(items.len() as u64 <= inner.as_u64()?),
            "uniqueItems" if *inner == Json::Bool(true) => {
                self.pay(items.iter().map(size).sum())?;
                are_different(items).then_some(true)
            }
            "items" => all_hold(items.iter().map(|item| self.holds(inner, item))),
            _ => Some(true),
        }
    }

    fn entries(
        &mut self,
        map: &'s Map<String, Json>,
        keyword: &str,
        inner: &'s Json,
        entries: &Map<String, Json>,
    ) -> Option<bool> {
        match keyword {
            "minProperties" => Some(entries.len() as u64 >= inner.as_u64()?),
            "maxProperties" => Some(entries.len() as u64 <= inner.as_u64()?),
            "required" => {
                self.pay(inner.as_array()?.len())?;
                let mut names = inner.as_array()?.iter().filter_map(Json::as_str);
                Some(names.all(|name| entries.contains_key(name)))
            }
            "properties" => {
                self.pay(inner.as_object()?.len())?;
                let named = inner.as_object()?.iter();
                let named = named.filter_map(|(name, schema)| Some((schema, entries.get(name)?)));
                all_hold(named.map(|(schema, value)| self.holds(schema, value)))
            }
            "propertyNames" => {
                self.pay(entries.len())?;
                let names: Vec<Json> = entries.keys().cloned().map(Json::String).collect();
                all_hold(names.iter().map(|name| self.holds(inner, name)))
            }
            "additionalProperties" => {
                self.pay(entries.len())?;
                let named = map.get("properties").and_then(Json::as_object);
                let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                let others = entries.iter().filter(|(name, _)| !is_named(name));
                all_hold(others.map(|(_, value)| self.holds(inner, value)))
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
fn are_different(values: &[Json]) -> bool {
    let texts: Option<FxHashSet<&str>> = values.iter().map(Json::as_str).collect();
    match texts {
        Some(texts) => texts.len() == values.len(),
        None if values.len() > MAX_ITEMS => false,
        None => values.iter().enumerate().all(|(at, value)| {
            let mut others = values.iter().skip(at + 1);
            others.all(|other| is_equal(value, other) == Some(false))
        }),
    }
}

fn is_of_type(wanted: &Json, value: &Json) -> Option<bool> {
    let is = |name: &str| match name {
        "null" => Some(value.is_null()),
        "boolean" => Some(value.is_boolean()),
        "string" => Some(value.is_string()),
        "array" => Some(value.is_array()),
        "object" => Some(value.is_object()),
        "number" => Some(value.is_number()),
        "integer" => match value {
            // What has no fraction may count as whole.
            Json::Number(number) if number.is_f64() => None,
            value => Some(value.is_number()),
        },
        _ => None,
    };
    match wanted {
        Json::String(name) => is(name),
        Json::Array(names) => some_holds(names.iter().map(|name| is(name.as_str()?))),
        _ => None,
    }
}

/// How many steps it takes to compare a value that is no collection.
fn size(value: &Json) -> usize {
    1 + value.as_str().map_or(0, str::len) / BYTES_A_STEP
}

/// Whether two values are equal; nothing where it depends on how numbers are held, or where there
/// is much to compare.
fn is_equal(a: &Json, b: &Json) -> Option<bool> {
    match (a, b) {
        (Json::Number(one), Json::Number(other)) if one.is_f64() || other.is_f64() => {
            (one == other).then_some(true)
        }
        (Json::Array(a), Json::Array(b)) => (a.is_empty() && b.is_empty()).then_some(true),
        (Json::Object(a), Json::Object(b)) => (a.is_empty() && b.is_empty()).then_some(true),
        _ => Some(a == b),
    }
}

fn bound(keyword: &str, limit: &Json, value: &Number) -> Option<bool> {
    let check: fn(f64, f64) -> bool = match keyword {
        "minimum" => |value, limit| value >= limit,
        "maximum" => |value, limit| value <= limit,
        "exclusiveMinimum" => |value, limit| value > limit,
        "exclusiveMaximum" => |value, limit| value < limit,
        _ => return Some(true),
    };
    let (value, limit) = (value.as_f64()?, limit.as_f64()?);
    (value.abs() < EXACT && limit.abs() < EXACT).then(|| check(value, limit))
}
