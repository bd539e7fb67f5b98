//! Values that surely keep to their schema, as is seen without compiling it.
//!
//! Most schemas of charts ask for types, names, bounds and patterns. To compile one takes several
//! times as long as to read it, and a schema of the validator's own language has to be compiled
//! before. Here both are only looked at. That all is well is told where every keyword is one of
//! those below and has the shape that the language demands; any doubt is left to the validator.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Number, Value as Json};

use crate::golang::regexp::Regexp;

use super::PATTERN_SIZE;

/// Schemas and values are looked at so often at most.
const MOST_STEPS: u32 = 100_000;
/// References lead no deeper.
const MAX_REFERENCES: usize = 32;
/// Longer patterns, and more of them, are left to the validator, which bounds what they cost.
const MAX_PATTERN: usize = 200;
const MAX_PATTERNS: usize = 200;
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

/// Whether it is one of the languages in which the keywords mean the same.
fn is_language(name: &str) -> bool {
    let name = name.strip_suffix('#').unwrap_or(name);
    let behind = |scheme| name.strip_prefix(scheme);
    let name = behind("http://").or_else(|| behind("https://"));
    matches!(
        name,
        Some(
            "json-schema.org/schema"
                | "json-schema.org/draft-07/schema"
                | "json-schema.org/draft/2019-09/schema"
                | "json-schema.org/draft/2020-12/schema"
        )
    )
}

/// What has to stand behind a keyword.
enum Shape {
    Text,
    Flag,
    List,
    Anything,
    Count,
    Number,
    Types,
    Names,
    Choices,
    Pattern,
    Schema,
    Schemas,
    NamedSchemas,
    Reference,
    /// Not looked at here.
    Other,
}

/// The shape behind a keyword. What the languages do not know stands for nothing.
fn shape(keyword: &str) -> Shape {
    match keyword {
        "title" | "description" | "$comment" => Shape::Text,
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => Shape::Flag,
        "examples" => Shape::List,
        "default" | "const" => Shape::Anything,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            Shape::Count
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => Shape::Number,
        "type" => Shape::Types,
        "required" => Shape::Names,
        "enum" => Shape::Choices,
        "pattern" => Shape::Pattern,
        "additionalProperties" | "propertyNames" | "items" | "not" | "if" | "then" | "else" => {
            Shape::Schema
        }
        "allOf" | "anyOf" | "oneOf" => Shape::Schemas,
        "properties" | "$defs" | "definitions" => Shape::NamedSchemas,
        "$ref" => Shape::Reference,
        "$schema"
        | "$id"
        | "id"
        | "$anchor"
        | "$vocabulary"
        | "$dynamicRef"
        | "$dynamicAnchor"
        | "$recursiveRef"
        | "$recursiveAnchor"
        | "multipleOf"
        | "format"
        | "additionalItems"
        | "prefixItems"
        | "contains"
        | "minContains"
        | "maxContains"
        | "patternProperties"
        | "dependencies"
        | "dependentSchemas"
        | "dependentRequired"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentEncoding"
        | "contentMediaType"
        | "contentSchema" => Shape::Other,
        _ => Shape::Anything,
    }
}

/// Whether a keyword says nothing of a value.
fn is_note(keyword: &str) -> bool {
    matches!(
        keyword,
        "title" | "description" | "$comment" | "examples" | "default" | "deprecated"
    )
}

struct Look<'s> {
    root: &'s Json,
    steps: u32,
    /// How many references lead here.
    references: usize,
    patterns: FxHashMap<&'s str, Option<Regexp>>,
}

impl<'s> Look<'s> {
    fn step(&mut self) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
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
        let mut holds = Some(true);
        for (keyword, inner) in map {
            match self.keyword(map, keyword, inner, value) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => holds = None,
            }
        }
        holds
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
            "allOf" => self.count(inner, value, |_, broken| broken == 0),
            "anyOf" => {
                let all = inner.as_array()?;
                let mut doubt = false;
                for one in all {
                    match self.holds(one, value) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => doubt = true,
                    }
                }
                (!doubt).then_some(false)
            }
            "oneOf" => self.count(inner, value, |kept, _| kept == 1),
            "type" => is_of_type(inner, value),
            "const" => is_equal(inner, value),
            "enum" => {
                let mut choices = inner
                    .as_array()?
                    .iter()
                    .map(|choice| is_equal(choice, value));
                match choices.clone().any(|is_equal| is_equal == Some(true)) {
                    true => Some(true),
                    false => choices.all(|is_equal| is_equal.is_some()).then_some(false),
                }
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

    /// How many of several schemas hold and do not; nothing where one of them is in doubt.
    fn count(
        &mut self,
        all: &'s Json,
        value: &Json,
        decide: impl Fn(usize, usize) -> bool,
    ) -> Option<bool> {
        let all = all.as_array()?;
        let (mut kept, mut broken) = (0, 0);
        for one in all {
            match self.holds(one, value)? {
                true => kept += 1,
                false => broken += 1,
            }
        }
        Some(decide(kept, broken))
    }

    fn text(&mut self, keyword: &str, inner: &'s Json, text: &str) -> Option<bool> {
        let length = || text.chars().count() as u64;
        match keyword {
            "minLength" => Some(length() >= inner.as_u64()?),
            "maxLength" => Some(length() <= inner.as_u64()?),
            "pattern" => {
                let pattern = inner.as_str()?;
                let known = self.patterns.get_mut(pattern)?;
                if known.is_none() {
                    *known = Regexp::within(pattern.as_bytes(), PATTERN_SIZE).ok()?;
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
            "uniqueItems" if *inner == Json::Bool(true) => are_different(items).then_some(true),
            "items" => self.every(inner, items.iter()),
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
                let mut names = inner.as_array()?.iter().filter_map(Json::as_str);
                Some(names.all(|name| entries.contains_key(name)))
            }
            "properties" => {
                let mut holds = Some(true);
                for (name, schema) in inner.as_object()? {
                    match entries.get(name).map(|value| self.holds(schema, value)) {
                        None | Some(Some(true)) => {}
                        Some(Some(false)) => return Some(false),
                        Some(None) => holds = None,
                    }
                }
                holds
            }
            "propertyNames" => {
                let names: Vec<Json> = entries.keys().cloned().map(Json::String).collect();
                self.every(inner, names.iter())
            }
            "additionalProperties" => {
                let named = map.get("properties").and_then(Json::as_object);
                let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                let others = entries.iter().filter(|(name, _)| !is_named(name));
                self.every(inner, others.map(|(_, value)| value))
            }
            _ => Some(true),
        }
    }

    /// Whether each of several values keeps to a schema.
    fn every<'v>(
        &mut self,
        schema: &'s Json,
        values: impl Iterator<Item = &'v Json>,
    ) -> Option<bool> {
        let mut holds = Some(true);
        for value in values {
            match self.holds(schema, value) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => holds = None,
            }
        }
        holds
    }
}

fn is_type(name: &str) -> bool {
    matches!(
        name,
        "null" | "boolean" | "integer" | "number" | "string" | "array" | "object"
    )
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
        Json::Array(names) => {
            let mut all = Some(false);
            for name in names {
                match is(name.as_str()?) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => all = None,
                }
            }
            all
        }
        _ => None,
    }
}

/// Whether two values are equal; nothing where it depends on how numbers are held.
fn is_equal(a: &Json, b: &Json) -> Option<bool> {
    match (a, b) {
        (Json::Number(one), Json::Number(other)) if one.is_f64() || other.is_f64() => {
            (one == other).then_some(true)
        }
        (Json::Array(_), Json::Array(_)) | (Json::Object(_), Json::Object(_)) => {
            (a == b).then_some(true)
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;

    use super::*;

    /// What the validator says, which Helm's agrees with.
    fn is_valid(schema: &Json, values: &Json) -> bool {
        let told = super::super::with_compiled(schema.clone(), |compiled| {
            compiled.validator.is_valid(values)
        });
        matches!(told, Ok(true))
    }

    fn scalar() -> impl Strategy<Value = Json> {
        prop_oneof![
            select(vec![
                json!(null),
                json!(true),
                json!(false),
                json!(1.5),
                json!(2.0),
                json!(-1)
            ]),
            (0_u64..4).prop_map(Json::from),
            select(vec!["", "a", "ab", "1", "é"]).prop_map(Json::from),
        ]
    }

    fn name() -> impl Strategy<Value = String> {
        select(vec!["a", "b", "c"]).prop_map(str::to_owned)
    }

    fn value() -> impl Strategy<Value = Json> {
        scalar().prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                prop::collection::btree_map(name(), inner, 0..3)
                    .prop_map(|all| Json::Object(all.into_iter().collect())),
            ]
        })
    }

    /// Keywords with what may stand behind them, and sometimes may not.
    fn schema() -> impl Strategy<Value = Json> {
        let types = select(vec![
            "null", "boolean", "integer", "number", "string", "array", "object",
        ]);
        let kinds = prop_oneof![
            6 => types.clone().prop_map(Json::from),
            1 => prop::collection::vec(types, 1..3).prop_map(Json::from),
        ];
        let plain = prop_oneof![
            4 => kinds.prop_map(|kind| ("type", kind)),
            2 => prop::collection::vec(scalar(), 0..4).prop_map(|all| ("enum", Json::from(all))),
            1 => scalar().prop_map(|value| ("const", value)),
            2 => prop::collection::vec(name(), 0..3).prop_map(|all| ("required", Json::from(all))),
            2 => (
                select(vec!["minLength", "maxLength", "minItems", "maxItems", "minProperties",
                    "maxProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
                scalar(),
            ),
            2 => select(vec!["^a", "b$", "^[ab]*$", "^$|^.$", "(", "\\d", "a{2000}", "(?i)A"])
                .prop_map(|pattern| ("pattern", json!(pattern))),
            1 => select(vec!["#/definitions/a", "#/definitions/b", "#/$defs/a", "#", "x.json"])
                .prop_map(|reference| ("$ref", json!(reference))),
            1 => (
                select(vec!["title", "examples", "uniqueItems", "form", "format", "$id", "deprecated"]),
                scalar(),
            ),
        ];
        let leaf = prop_oneof![
            1 => any::<bool>().prop_map(Json::Bool),
            9 => prop::collection::vec(plain, 0..3).prop_map(|all| {
                Json::Object(all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            let named = prop::collection::btree_map(name(), inner.clone(), 0..3)
                .prop_map(|all| Json::Object(all.into_iter().collect()));
            let many = prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from);
            let keyword = prop_oneof![
                3 => (select(vec!["properties", "properties", "definitions", "patternProperties"]), named),
                2 => (select(vec!["allOf", "anyOf", "oneOf"]), many),
                3 => (
                    select(vec!["additionalProperties", "items", "not", "if", "then", "else",
                        "contains", "propertyNames"]),
                    inner.clone(),
                ),
            ];
            (inner, prop::collection::vec(keyword, 0..4)).prop_map(|(base, more)| {
                let mut all = base.as_object().cloned().unwrap_or_default();
                all.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
                Json::Object(all)
            })
        })
    }

    fn with_language() -> impl Strategy<Value = Json> {
        let languages = select(vec![
            "",
            "",
            "http://json-schema.org/schema#",
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
            "https://json-schema.org/draft/2020-12/schema",
            "http://json-schema.org/draft-04/schema#",
        ]);
        (schema(), languages).prop_map(|(mut schema, language)| {
            if let Json::Object(all) = &mut schema
                && !language.is_empty()
            {
                all.insert("$schema".to_owned(), json!(language));
            }
            schema
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// What is told to be fine is so for the validator.
        #[test]
        fn what_is_fine_is_valid(schema in with_language(), value in value()) {
            if are_fine(&schema, &value) {
                prop_assert!(is_valid(&schema, &value));
            }
        }

        /// What certainly does not keep to a schema keeps to its opposite.
        #[test]
        fn what_is_broken_is_not_valid(schema in schema(), value in value()) {
            let opposite = json!({"not": schema});
            if are_fine(&opposite, &value) {
                prop_assert!(!is_valid(&schema, &value));
            }
        }
    }

    #[test]
    fn plain_schemas_are_seen_through() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"port": {"type": "integer", "minimum": 1, "maximum": 65535}},
            "type": "object",
            "required": ["name"],
            "additionalProperties": false,
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z]+$", "minLength": 1},
                "port": {"$ref": "#/definitions/port"},
                "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
                "mode": {"anyOf": [{"const": "x"}, {"type": "null"}]},
                "extra": {"form": true, "if": {"type": "string"}, "then": {"maxLength": 2}},
            },
        });
        let fine = [
            json!({"name": "a"}),
            json!({"name": "a", "port": 80, "tags": ["a", "b"], "mode": null, "extra": "ab"}),
            json!({"name": "a", "extra": {"b": [1]}}),
        ];
        for values in fine {
            assert!(are_fine(&schema, &values), "{values}");
        }
        let broken = [
            json!({}),
            json!({"name": "A"}),
            json!({"name": "a", "port": 0}),
            json!({"name": "a", "tags": ["c"]}),
            json!({"name": "a", "mode": "y"}),
            json!({"name": "a", "extra": "abc"}),
            json!({"name": "a", "other": 1}),
        ];
        for values in broken {
            assert!(
                !are_fine(&schema, &values) && !is_valid(&schema, &values),
                "{values}"
            );
        }
    }

    #[test]
    fn doubt_is_left_to_the_validator() {
        let cases = [
            // No schema, though nothing of it is asked about the values.
            json!({"properties": {"a": {"type": "strin"}}}),
            json!({"properties": {"a": {"pattern": "("}}}),
            json!({"properties": {"a": {"required": true}}}),
            json!({"definitions": {"a": {"minimum": "1"}}}),
            json!({"$ref": "#/definitions/a"}),
            // Out of the schema, and round in it.
            json!({"$ref": "https://example.com/a.json"}),
            json!({"definitions": {"a": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"}),
            // Keywords and languages that are not looked at.
            json!({"patternProperties": {"^a": {}}}),
            json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
        ];
        for schema in cases {
            assert!(!are_fine(&schema, &json!({})), "{schema}");
        }
    }
}
