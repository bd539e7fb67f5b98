//! Schemas that come to themselves again for the same value.
//!
//! Helm's validator takes that for a violation where it happens: one that fails a branch of an
//! `anyOf` and makes a `not` hold. The validator used here takes it for none. So what comes to
//! itself is unfolded: each way into the cycle gets a copy of its own, and where the way comes to a
//! schema that it has passed there is `false`.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value as Json};

use super::document::{Document, FILE, REFERENCES, address, behind, shape};

/// The copies hold no more schemas.
const MAX_COPIES: usize = 20_000;
/// A way from a schema to itself leads through no more schemas.
const MAX_WAY: usize = 1_000;
/// Beyond so many schemas for the same value it is looked for cycles.
const MAX_STRAIGHT: usize = 100;

/// What belongs to a place in a document, and not to a copy of it.
const OF_PLACE: [&str; 8] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$defs",
    "definitions",
];

/// A schema without cycles.
pub(super) struct Unfolded {
    pub(super) schema: Json,
    /// Where the schemas are that stand for a cycle, as JSON pointers.
    pub(super) cycles: Cycles,
}

/// The unfolded schema would be too large.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

#[derive(Debug, Default)]
pub(super) struct Cycles(FxHashMap<String, Cycle>);

#[derive(Debug)]
struct Cycle {
    /// The way from the schema to itself.
    way: String,
    /// The schema, as Helm names it.
    schema: String,
}

impl Cycles {
    /// What Helm says of a schema that comes to itself, if this is the place of one. `evaluated` is
    /// the way from the root of the schema to here, as a JSON pointer.
    pub(super) fn message(&self, place: &str, evaluated: &str) -> Option<String> {
        let cycle = self.0.get(place)?;
        let mut before = evaluated;
        for _ in cycle.way.matches('/') {
            before = before.rsplit_once('/').map_or("", |(before, _)| before);
        }
        let before = address(before);
        let (way, schema) = (&cycle.way, &cycle.schema);
        Some(format!(
            "both {before}{way} and {before} resolve to \"{schema}\" causing reference cycle"
        ))
    }
}

/// The schema without cycles; `None` where it has none.
pub(super) fn unfolded(document: &Document<'_>) -> Result<Option<Unfolded>, TooLarge> {
    let mut straight = FxHashSet::default();
    // A cycle comes through a reference.
    let mut targets = document.targets();
    if targets.all(|target| is_straight(target, document, &mut straight, 0)) {
        return Ok(None);
    }
    let core = core(document);
    if core.is_empty() {
        return Ok(None);
    }
    let schema = document.root;
    let mut name = "$unfolded".to_owned();
    while schema.get(&name).is_some() {
        name.push('_');
    }
    let mut unfolding = Unfolding {
        document,
        core,
        name,
        waiting: Vec::new(),
        starts: FxHashMap::default(),
        entries: Map::new(),
        numbers: 0,
        cycles: FxHashMap::default(),
        copies: 0,
    };
    let way = unfolding.enter(schema, &None, "")?;
    let mut copy = unfolding.copy(schema, &way, &mut String::new(), true)?;
    while let Some((number, target, way)) = unfolding.waiting.pop() {
        let mut at = format!("/{}/{number}", unfolding.name);
        let entry = unfolding.copy(target, &way, &mut at, false)?;
        unfolding.entries.insert(number.to_string(), entry);
    }
    if let Json::Object(map) = &mut copy {
        map.insert(unfolding.name, Json::Object(unfolding.entries));
    }
    Ok(Some(Unfolded {
        schema: copy,
        cycles: Cycles(unfolding.cycles),
    }))
}

/// Whether a schema comes to an end soon wherever it leads to for the same value. `known` are those
/// that do.
fn is_straight(
    schema: &Json,
    document: &Document<'_>,
    known: &mut FxHashSet<*const Json>,
    depth: usize,
) -> bool {
    let Json::Object(map) = schema else {
        return true;
    };
    let place = std::ptr::from_ref(schema);
    if known.contains(&place) {
        return true;
    }
    if depth > MAX_STRAIGHT {
        return false;
    }
    let mut is_end = |schema| is_straight(schema, document, known, depth + 1);
    let leads_to_ends = map.iter().all(|(key, inner)| {
        if REFERENCES.contains(&key.as_str()) {
            return document.target(inner).is_none_or(&mut is_end);
        }
        !shape(key).1 || behind(key, inner).all(|(_, inner)| is_end(inner))
    });
    if leads_to_ends {
        known.insert(place);
    }
    leads_to_ends
}

/// The schemas from which a cycle for the same value can be reached, and which one can reach.
fn core(document: &Document<'_>) -> FxHashSet<*const Json> {
    let mut numbers = FxHashMap::default();
    let mut ways: Vec<Vec<usize>> = Vec::new();
    let mut schemas = vec![document.root];
    numbers.insert(std::ptr::from_ref(document.root), 0);
    let mut next = 0;
    while let Some(schema) = schemas.get(next).copied() {
        next += 1;
        let mut to = Vec::new();
        let mut number = |schema| {
            let new = schemas.len();
            let number = *numbers.entry(std::ptr::from_ref(schema)).or_insert(new);
            if number == new {
                schemas.push(schema);
            }
            number
        };
        if let Json::Object(map) = schema {
            let is_reference = document.is_alone && map.contains_key("$ref");
            for (key, inner) in map {
                for (_, inner) in behind(key, inner) {
                    let inner = number(inner);
                    if shape(key).1 && !is_reference {
                        to.push(inner);
                    }
                }
                if REFERENCES.contains(&key.as_str())
                    && let Some(target) = document.target(inner)
                {
                    to.push(number(target));
                }
            }
        }
        ways.push(to);
    }
    let mut back = vec![Vec::new(); ways.len()];
    for (from, to) in ways.iter().enumerate() {
        for to in to {
            if let Some(back) = back.get_mut(*to) {
                back.push(from);
            }
        }
    }
    let mut is_out = vec![false; ways.len()];
    peel(&ways, &back, &mut is_out);
    peel(&back, &ways, &mut is_out);
    let kept = schemas.iter().zip(is_out).filter(|(_, is_out)| !is_out);
    kept.map(|(schema, _)| std::ptr::from_ref(*schema))
        .collect()
}

/// Takes out what leads to nothing that is still in, again and again.
fn peel(ways: &[Vec<usize>], back: &[Vec<usize>], is_out: &mut [bool]) {
    let is_in = |at: &usize, is_out: &[bool]| is_out.get(*at) == Some(&false);
    let mut left: Vec<usize> = ways
        .iter()
        .map(|to| to.iter().filter(|to| is_in(to, is_out)).count())
        .collect();
    let mut ends: Vec<usize> = (0..ways.len())
        .filter(|at| left.get(*at) == Some(&0) && is_in(at, is_out))
        .collect();
    while let Some(end) = ends.pop() {
        if let Some(is_out) = is_out.get_mut(end) {
            *is_out = true;
        }
        for from in back.get(end).into_iter().flatten() {
            if let Some(left) = left.get_mut(*from)
                && is_in(from, is_out)
            {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ends.push(*from);
                }
            }
        }
    }
}

/// A schema that was passed for the same value.
struct Passed {
    schema: *const Json,
    /// The way to it from the one passed before.
    way: String,
    length: usize,
    before: Way,
}

/// The schemas of cycles that were passed for the same value, the last one first.
type Way = Option<Rc<Passed>>;

struct Unfolding<'d, 's> {
    document: &'d Document<'s>,
    core: FxHashSet<*const Json>,
    /// The key of the copies.
    name: String,
    /// The copies that are still to be made: their numbers, of what, and what was passed.
    waiting: Vec<(usize, &'s Json, Way)>,
    /// The copies that nothing was passed before.
    starts: FxHashMap<*const Json, usize>,
    entries: Map<String, Json>,
    numbers: usize,
    cycles: FxHashMap<String, Cycle>,
    copies: usize,
}

impl<'s> Unfolding<'_, 's> {
    /// A copy of a schema. `way` ends with it where it is part of a cycle; `at` is where the copy
    /// will be, and `is_home` whether that is where the schema is.
    fn copy(
        &mut self,
        schema: &'s Json,
        way: &Way,
        at: &mut String,
        is_home: bool,
    ) -> Result<Json, TooLarge> {
        let Json::Object(map) = schema else {
            return Ok(schema.clone());
        };
        self.copies += 1;
        if self.copies > MAX_COPIES {
            return Err(TooLarge);
        }
        let mut copy = Map::new();
        for (key, inner) in map {
            if !is_home && OF_PLACE.contains(&key.as_str()) {
                continue;
            }
            if !REFERENCES.contains(&key.as_str()) {
                let inner = self.inner((key, inner), way, at, is_home)?;
                copy.insert(key.clone(), inner);
                continue;
            }
            // Only the root can be named with this one.
            let is_bound = key == "$recursiveRef" && !map.contains_key("$ref");
            match self.document.target(inner) {
                Some(target) if self.core.contains(&std::ptr::from_ref(target)) => {
                    let number = self.reference(target, way, key)?;
                    let key = if is_bound { "$ref" } else { key };
                    let pointer = format!("#/{}/{number}", self.name);
                    copy.insert(key.to_owned(), Json::String(pointer));
                }
                Some(target) if !is_home && !is_bound => {
                    let location = self.document.location(target).unwrap_or_default();
                    let pointer = format!("#{}", address(location));
                    copy.insert(key.clone(), Json::String(pointer));
                }
                _ => {
                    copy.insert(key.clone(), inner.clone());
                }
            }
        }
        Ok(Json::Object(copy))
    }

    /// A copy of what is behind a keyword.
    fn inner(
        &mut self,
        (key, inner): (&str, &'s Json),
        way: &Way,
        at: &mut String,
        is_home: bool,
    ) -> Result<Json, TooLarge> {
        let mut copy = inner.clone();
        for (step, schema) in behind(key, inner) {
            let inside = step.map_or_else(String::new, |step| step.to_string());
            let name = format!("/{key}{inside}");
            let length = at.len();
            at.push_str(&name);
            let new = if !shape(key).1 {
                let way = self.enter(schema, &None, "")?;
                self.copy(schema, &way, at, is_home)?
            } else if let Some(cycle) = self.cycle(schema, way, &address(&name)) {
                self.cycles.insert(at.clone(), cycle);
                Json::Bool(false)
            } else {
                let way = self.enter(schema, way, &address(&name))?;
                self.copy(schema, &way, at, is_home)?
            };
            at.truncate(length);
            if let Some(old) = copy.pointer_mut(&inside) {
                *old = new;
            }
        }
        Ok(copy)
    }

    /// The number of the copy that a reference to part of a cycle names.
    fn reference(&mut self, target: &'s Json, way: &Way, key: &str) -> Result<usize, TooLarge> {
        let place = std::ptr::from_ref(target);
        if way.is_none()
            && let Some(number) = self.starts.get(&place)
        {
            return Ok(*number);
        }
        let number = self.numbers;
        self.numbers += 1;
        let step = format!("/{key}");
        if let Some(cycle) = self.cycle(target, way, &step) {
            self.cycles
                .insert(format!("/{}/{number}", self.name), cycle);
            self.entries.insert(number.to_string(), Json::Bool(false));
            return Ok(number);
        }
        if way.is_none() {
            self.starts.insert(place, number);
        }
        let way = self.enter(target, way, &step)?;
        self.waiting.push((number, target, way));
        Ok(number)
    }

    /// The way that ends with a schema; `None` where it is no part of a cycle.
    fn enter(&self, schema: &Json, before: &Way, step: &str) -> Result<Way, TooLarge> {
        let schema = std::ptr::from_ref(schema);
        if !self.core.contains(&schema) {
            return Ok(None);
        }
        let length = before.as_ref().map_or(0, |before| before.length) + 1;
        if length > MAX_WAY {
            return Err(TooLarge);
        }
        Ok(Some(Rc::new(Passed {
            schema,
            way: step.to_owned(),
            length,
            before: before.clone(),
        })))
    }

    /// Whether a schema was passed before, and how it is come to again.
    fn cycle(&self, schema: &Json, way: &Way, step: &str) -> Option<Cycle> {
        let place = std::ptr::from_ref(schema);
        let mut steps = vec![step];
        let mut passed = way.as_ref()?;
        while passed.schema != place {
            steps.push(&passed.way);
            passed = passed.before.as_ref()?;
        }
        steps.reverse();
        let location = self.document.location(schema).unwrap_or_default();
        Some(Cycle {
            way: steps.concat(),
            schema: format!("{FILE}#{}", address(location)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whether a value holds, recorded from Helm 4.3.1. `fixtures/errors` has what it says of those
    /// that do not.
    #[test]
    fn a_cycle_fails_where_it_happens() {
        for (schema, want) in [
            (json!({"anyOf": [{"$ref": "#"}, {"type": "object"}]}), true),
            (json!({"anyOf": [{"$ref": "#"}, {"type": "string"}]}), false),
            (json!({"oneOf": [{"$ref": "#"}, {"type": "object"}]}), true),
            (json!({"oneOf": [{"$ref": "#"}]}), false),
            (json!({"not": {"$ref": "#"}}), true),
            (json!({"not": {"not": {"$ref": "#"}}}), false),
            (json!({"if": {"$ref": "#"}, "then": false}), true),
            (json!({"if": {"$ref": "#"}, "else": false}), false),
            (json!({"if": false, "then": {"$ref": "#"}}), true),
            (json!({"dependentSchemas": {"b": {"$ref": "#"}}}), true),
            (
                json!({"contains": {"$ref": "#"}, "not": {"$ref": "#"}}),
                true,
            ),
            // Each value ends it.
            (json!({"additionalProperties": {"$ref": "#"}}), true),
            (json!({"propertyNames": {"$ref": "#"}}), true),
            (json!({"unevaluatedProperties": {"$ref": "#"}}), true),
            (
                json!({"$id": "http://x.y/z", "properties": {"a": {"anyOf": [{"$ref": "z"}]}}}),
                true,
            ),
            (
                json!({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {
                    "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "string"}]},
                    "b": {"oneOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]}}}),
                true,
            ),
            (
                json!({"$dynamicAnchor": "n", "not": {"$dynamicRef": "#n"}}),
                true,
            ),
            (
                json!({"$schema": "http://json-schema.org/draft-07/schema#",
                    "dependencies": {"a": {"not": {"$ref": "#"}}}}),
                true,
            ),
        ] {
            let unfolded = unfolded(&Document::new(&schema)).ok().unwrap();
            let unfolded = unfolded.map_or(schema.clone(), |unfolded| unfolded.schema);
            let holds = jsonschema::is_valid(&unfolded, &json!({"a": 1}));
            assert_eq!(holds, want, "{schema}");
        }
    }

    #[test]
    fn cycles_that_multiply() {
        let names: Vec<String> = (0..12).map(|at| format!("#/$defs/d{at}")).collect();
        let all: Vec<Json> = names.iter().map(|name| json!({"$ref": name})).collect();
        let mut defs = Map::new();
        for at in 0..12 {
            defs.insert(format!("d{at}"), json!({"anyOf": all}));
        }
        let schema = json!({"$ref": "#/$defs/d0", "$defs": defs});
        let unfolded = unfolded(&Document::new(&schema));
        assert_eq!(unfolded.err(), Some(TooLarge));
    }
}
