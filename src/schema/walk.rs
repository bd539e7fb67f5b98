//! What checking values against a schema would cost, and where it would never end: the schema is
//! walked beside the values first, each schema for each value only once.
//!
//! Helm's validator stops where a schema comes to itself again for the same value, and takes that
//! for a violation. The validator used here takes it for none.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value as Json};

use crate::golang::url::{Url, path_escape};

/// Schemas within schemas, references followed, go no deeper.
const MAX_DEPTH: usize = 1_000;
/// So many schemas are asked about values at most.
pub(super) const MAX_STEPS: u64 = 2_000_000;
/// More cycles are not told.
const MAX_CYCLES: usize = 20;
/// Where a schema is that Helm's validator names.
const HOME: &str = "file:///values.schema.json#";

/// A schema that demands itself for the same value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cycle {
    /// The value, as a JSON pointer.
    pub(super) pointer: String,
    /// What Helm says.
    pub(super) message: String,
}

/// The check would take too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// The cycles that nothing but a change of the schema or the values gets around. One behind an
/// `anyOf`, a `oneOf`, a `not` or an `if` is none of them.
pub(super) fn cycles(schema: &Json, values: &Json) -> Result<Vec<Cycle>, TooMuch> {
    let mut anchors = FxHashMap::default();
    let mut locations = FxHashMap::default();
    index(schema, &mut String::new(), &mut anchors, &mut locations);
    let text = |key: &str| schema.get(key).and_then(Json::as_str);
    let draft = text("$schema").unwrap_or_default();
    let mut walk = Walk {
        root: schema,
        anchors,
        locations,
        is_alone: ["draft-04", "draft-06", "draft-07"]
            .iter()
            .any(|old| draft.contains(old)),
        known: FxHashMap::default(),
        open: FxHashMap::default(),
        way: Vec::new(),
        at: Vec::new(),
        told: FxHashSet::default(),
        cycles: Vec::new(),
    };
    let steps = walk.schema(schema, values, true)?;
    if steps > MAX_STEPS {
        return Err(TooMuch);
    }
    Ok(walk.cycles)
}

/// Where each schema is, and what anchors and identities name.
fn index<'s>(
    schema: &'s Json,
    at: &mut String,
    anchors: &mut FxHashMap<String, &'s Json>,
    locations: &mut FxHashMap<*const Json, String>,
) {
    locations.insert(std::ptr::from_ref(schema), at.clone());
    let length = at.len();
    match schema {
        Json::Object(map) => {
            for (key, inner) in map {
                if let Json::String(name) = inner {
                    match key.as_str() {
                        "$anchor" | "$dynamicAnchor" => {
                            anchors.entry(format!("#{name}")).or_insert(schema);
                        }
                        "$id" | "id" if length > 0 => {
                            anchors.entry(name.clone()).or_insert(schema);
                        }
                        _ => {}
                    }
                }
                at.push('/');
                at.push_str(&keyword(key));
                index(inner, at, anchors, locations);
                at.truncate(length);
            }
        }
        Json::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                at.push_str(&format!("/{number}"));
                index(inner, at, anchors, locations);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

/// A name as a part of a JSON pointer.
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The same in the address of a schema.
fn keyword(name: &str) -> String {
    path_escape(token(name).as_bytes())
}

/// A schema and a value, by their addresses, and whether the schema has to hold for the values to
/// hold.
type Pair = (*const Json, *const Json, bool);

struct Walk<'s> {
    root: &'s Json,
    anchors: FxHashMap<String, &'s Json>,
    locations: FxHashMap<*const Json, String>,
    /// Whether a reference is all that counts of its schema.
    is_alone: bool,
    /// The steps of each pair that was walked.
    known: FxHashMap<Pair, u64>,
    /// The pairs around the current one, and how long the way of keywords to each was.
    open: FxHashMap<(*const Json, *const Json), usize>,
    /// The keywords from the root to the current schema.
    way: Vec<String>,
    /// The names from the root to the current value.
    at: Vec<String>,
    told: FxHashSet<(*const Json, *const Json)>,
    cycles: Vec<Cycle>,
}

impl<'s> Walk<'s> {
    /// How many schemas are asked in all where this one is asked about a value.
    fn schema(&mut self, schema: &'s Json, value: &Json, has_to: bool) -> Result<u64, TooMuch> {
        let Json::Object(map) = schema else {
            return Ok(1);
        };
        let place = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        if let Some(length) = self.open.get(&place) {
            let length = *length;
            if has_to {
                self.tell(place, length);
            }
            return Ok(1);
        }
        let pair = (place.0, place.1, has_to);
        if let Some(steps) = self.known.get(&pair) {
            return Ok(*steps);
        }
        if self.open.len() >= MAX_DEPTH || self.known.len() as u64 >= MAX_STEPS {
            return Err(TooMuch);
        }
        let mut steps = 1;
        // Helm's validator asks nothing more of a value of another type.
        if map.get("type").is_none_or(|wanted| has_type(value, wanted)) {
            self.open.insert(place, self.way.len());
            steps = self.keywords(map, value, has_to)?;
            self.open.remove(&place);
        }
        self.known.insert(pair, steps);
        Ok(steps)
    }

    fn tell(&mut self, place: (*const Json, *const Json), length: usize) {
        if self.cycles.len() >= MAX_CYCLES || !self.told.insert(place) {
            return;
        }
        let here = self.way.concat();
        let before = self.way.get(..length).unwrap_or_default().concat();
        let location = self.locations.get(&place.0);
        let location = location.map_or("", String::as_str);
        self.cycles.push(Cycle {
            pointer: self.at.concat(),
            message: format!(
                "both {here} and {before} resolve to \"{HOME}{location}\" causing reference cycle"
            ),
        });
    }

    /// What is behind a keyword, for the same value.
    fn below(
        &mut self,
        way: String,
        schema: &'s Json,
        value: &Json,
        has_to: bool,
    ) -> Result<u64, TooMuch> {
        self.way.push(way);
        let steps = self.schema(schema, value, has_to);
        self.way.pop();
        steps
    }

    /// The same for what is in the value.
    fn inside(
        &mut self,
        way: String,
        schema: &'s Json,
        (name, value): (&str, &Json),
        has_to: bool,
    ) -> Result<u64, TooMuch> {
        self.at.push(format!("/{}", token(name)));
        let steps = self.below(way, schema, value, has_to);
        self.at.pop();
        steps
    }

    fn keywords(
        &mut self,
        map: &'s Map<String, Json>,
        value: &Json,
        has_to: bool,
    ) -> Result<u64, TooMuch> {
        let mut steps = 1_u64;
        let mut add = |more: u64| steps = steps.saturating_add(more);
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(target) = map.get(key).and_then(|to| self.target(to)) {
                add(self.below(format!("/{key}"), target, value, has_to)?);
            }
        }
        if self.is_alone && map.contains_key("$ref") {
            return Ok(steps);
        }
        for (key, inner) in map {
            let way = format!("/{key}");
            match (key.as_str(), inner) {
                ("allOf" | "anyOf" | "oneOf", Json::Array(all)) => {
                    let has_to = has_to && key == "allOf";
                    for (number, one) in all.iter().enumerate() {
                        add(self.below(format!("{way}/{number}"), one, value, has_to)?);
                    }
                }
                ("not" | "if" | "then" | "else", one) => {
                    add(self.below(way, one, value, false)?);
                }
                ("dependentSchemas" | "dependencies", Json::Object(all)) => {
                    for (name, one) in all {
                        if value.get(name).is_some() {
                            let way = format!("{way}/{}", keyword(name));
                            add(self.below(way, one, value, has_to)?);
                        }
                    }
                }
                _ => {
                    let more = match value {
                        Json::Object(values) => self.entries(map, (key, inner), values, has_to)?,
                        Json::Array(values) => self.items(map, (key, inner), values, has_to)?,
                        _ => 0,
                    };
                    add(more);
                }
            }
        }
        Ok(steps)
    }

    /// The keywords about what is in an object.
    fn entries(
        &mut self,
        map: &'s Map<String, Json>,
        (key, inner): (&str, &'s Json),
        values: &Map<String, Json>,
        has_to: bool,
    ) -> Result<u64, TooMuch> {
        let mut steps = 0_u64;
        for (name, value) in values {
            let entry = (name.as_str(), value);
            let own = map.get("properties").and_then(|all| all.get(name));
            let patterns = map.get("patternProperties").and_then(Json::as_object);
            let more = match (key, inner) {
                ("properties", _) => match own {
                    Some(one) => {
                        let way = format!("/properties/{}", keyword(name));
                        self.inside(way, one, entry, has_to)?
                    }
                    None => 0,
                },
                // Which of them the name fits is not asked: all of them is enough of a bound.
                ("patternProperties", Json::Object(all)) => {
                    let mut more = 0_u64;
                    for (pattern, one) in all {
                        let way = format!("/patternProperties/{}", keyword(pattern));
                        more = more.saturating_add(self.inside(way, one, entry, false)?);
                    }
                    more
                }
                ("additionalProperties", one) if own.is_none() => {
                    let has_to = has_to && patterns.is_none_or(Map::is_empty);
                    self.inside(format!("/{key}"), one, entry, has_to)?
                }
                ("unevaluatedProperties", one) => {
                    self.inside(format!("/{key}"), one, entry, false)?
                }
                ("propertyNames", Json::Object(_)) => 1,
                _ => 0,
            };
            steps = steps.saturating_add(more);
        }
        Ok(steps)
    }

    /// The keywords about what is in an array.
    fn items(
        &mut self,
        map: &'s Map<String, Json>,
        (key, inner): (&str, &'s Json),
        values: &[Json],
        has_to: bool,
    ) -> Result<u64, TooMuch> {
        let mut steps = 0_u64;
        let first = map.get("prefixItems").and_then(Json::as_array);
        let first = first.map_or(0, Vec::len);
        for (number, value) in values.iter().enumerate() {
            let name = number.to_string();
            let entry = (name.as_str(), value);
            let way = format!("/{key}");
            let more = match (key, inner) {
                ("items" | "prefixItems", Json::Array(all)) => match all.get(number) {
                    Some(one) => self.inside(format!("{way}/{number}"), one, entry, has_to)?,
                    None => 0,
                },
                ("items", one) if number >= first => self.inside(way, one, entry, has_to)?,
                ("additionalItems" | "unevaluatedItems" | "contains", one) => {
                    self.inside(way, one, entry, false)?
                }
                _ => 0,
            };
            steps = steps.saturating_add(more);
        }
        Ok(steps)
    }

    /// The schema that a reference names; `None` where it is not in this file.
    fn target(&self, reference: &Json) -> Option<&'s Json> {
        let text = reference.as_str()?;
        let found = match text.strip_prefix('#') {
            Some("") => Some(self.root),
            Some(inner) if inner.starts_with('/') => {
                let pointer = Url::parse(text.as_bytes()).ok()?.fragment;
                self.root.pointer(std::str::from_utf8(&pointer).ok()?)
            }
            _ => None,
        };
        found.or_else(|| self.anchors.get(text).copied())
    }
}

/// Whether a value is of a type, or of one of several.
fn has_type(value: &Json, wanted: &Json) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match wanted {
        Json::String(name) => is(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).any(is),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Recorded from Helm 4.3.1.
    #[test]
    fn a_schema_that_demands_itself() {
        let x = json!({"x": {"$ref": "#/$defs/x"}});
        for (schema, values, want) in [
            (
                json!({"$ref": "#/definitions/a", "definitions": {
                    "a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}}),
                json!({"a": 1}),
                &[(
                    "",
                    "both /$ref/$ref/$ref and /$ref resolve to \
                    \"file:///values.schema.json#/definitions/a\" causing reference cycle",
                )][..],
            ),
            (
                json!({"allOf": [{"$ref": "#"}]}),
                json!({}),
                &[(
                    "",
                    "both /allOf/0/$ref and  resolve to \
                    \"file:///values.schema.json#\" causing reference cycle",
                )],
            ),
            (
                json!({"properties": {"a/b": {"$ref": "#/$defs/x"}}, "$defs": x}),
                json!({"a/b": 1}),
                &[(
                    "/a~1b",
                    "both /properties/a~1b/$ref/$ref and /properties/a~1b/$ref resolve to \
                    \"file:///values.schema.json#/$defs/x\" causing reference cycle",
                )],
            ),
            (
                json!({"properties": {"b": {"$ref": "#foo"}},
                    "$defs": {"x": {"$anchor": "foo", "$ref": "#foo"}}}),
                json!({"b": 1}),
                &[(
                    "/b",
                    "both /properties/b/$ref/$ref and /properties/b/$ref resolve to \
                    \"file:///values.schema.json#/$defs/x\" causing reference cycle",
                )],
            ),
            // Nothing is there that it would be demanded of.
            (
                json!({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": x}),
                json!({"b": 1}),
                &[],
            ),
            // Each value ends it.
            (
                json!({"properties": {"a": {"$ref": "#"}}}),
                json!({"a": {"a": 1}}),
                &[],
            ),
            // There is a way around.
            (
                json!({"anyOf": [{"$ref": "#"}, {"type": "object"}]}),
                json!({"a": 1}),
                &[],
            ),
            // Another type is all that is told.
            (json!({"type": "string", "$ref": "#"}), json!({"a": 1}), &[]),
        ] {
            let found = cycles(&schema, &values).unwrap();
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|cycle| (cycle.pointer.as_str(), cycle.message.as_str()))
                .collect();
            assert_eq!(found, want, "{schema}");
        }
    }

    #[test]
    fn schemas_that_multiply() {
        for key in ["allOf", "anyOf", "oneOf"] {
            let mut defs = Map::new();
            for at in 0..14 {
                let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
                defs.insert(format!("d{at}"), json!({key: [next, next, next, next]}));
            }
            defs.insert("d14".to_owned(), json!({"type": "object"}));
            let schema = json!({"$ref": "#/$defs/d0", "$defs": defs});
            assert_eq!(cycles(&schema, &json!({})), Err(TooMuch), "{key}");
        }
        let values = (0..100).fold(json!(1), |inner, _| json!({"a": inner}));
        let schema = json!({"anyOf": [
            {"additionalProperties": {"$ref": "#"}}, {"additionalProperties": {"$ref": "#"}}]});
        assert_eq!(cycles(&schema, &values), Err(TooMuch));
    }
}
