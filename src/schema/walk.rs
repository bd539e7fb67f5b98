//! What checking values against a schema would cost: the schema is walked beside the values first,
//! each schema for each value only once.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use super::document::{Document, REFERENCES};

/// Schemas within schemas, references followed, go no deeper.
const MAX_DEPTH: usize = 1_000;
/// So many schemas are asked about the values of one chart at most, and fifty times as many about
/// those of all charts of a tree.
const MAX_STEPS: u64 = 2_000_000;

/// How many schemas may be asked about the values of each of so many charts.
pub(super) fn most_steps(charts: usize) -> u64 {
    MAX_STEPS.min(50 * MAX_STEPS / charts.max(1) as u64)
}

/// The check would take too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Whether values can be checked against a schema without cycles in bounded time.
pub(super) fn cost(document: &Document<'_>, values: &Json, most: u64) -> Result<(), TooMuch> {
    let steps = Walk::new(document, most).schema(document.root, values)?;
    if steps > most {
        return Err(TooMuch);
    }
    Ok(())
}

struct Walk<'d, 's> {
    document: &'d Document<'s>,
    /// How many schemas and values may be walked.
    most: u64,
    /// The steps of each schema that a reference names and value, by their addresses, that were
    /// walked: only these are come to in more ways than one.
    known: FxHashMap<(*const Json, *const Json), u64>,
    /// How many schemas and values were walked.
    walked: u64,
    /// How many schemas are around the current one.
    depth: usize,
}

impl<'d, 's> Walk<'d, 's> {
    fn new(document: &'d Document<'s>, most: u64) -> Self {
        Self {
            document,
            most,
            known: FxHashMap::default(),
            walked: 0,
            depth: 0,
        }
    }

    /// How many schemas are asked in all where this one is asked about a value.
    fn schema(&mut self, schema: &'s Json, value: &Json) -> Result<u64, TooMuch> {
        let Json::Object(map) = schema else {
            return Ok(1);
        };
        let pair = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        let is_named = self.document.is_named(schema);
        if is_named && let Some(steps) = self.known.get(&pair) {
            return Ok(*steps);
        }
        if self.depth >= MAX_DEPTH || self.walked >= self.most {
            return Err(TooMuch);
        }
        self.walked += 1;
        let (mut has_type, mut refers) = (true, false);
        for (key, inner) in map {
            match key.as_str() {
                "type" => has_type = is_of_type(value, inner),
                key => refers |= REFERENCES.contains(&key),
            }
        }
        let mut steps = 1;
        // Nothing more is asked of a value of another type.
        if has_type {
            self.depth += 1;
            steps = self.keywords(map, value, refers)?;
            self.depth -= 1;
        }
        if is_named {
            self.known.insert(pair, steps);
        }
        Ok(steps)
    }

    /// `refers` is whether there is a reference among the keywords.
    fn keywords(
        &mut self,
        map: &'s Map<String, Json>,
        value: &Json,
        refers: bool,
    ) -> Result<u64, TooMuch> {
        let mut steps = 1_u64;
        let mut add = |more: u64| steps = steps.saturating_add(more);
        if refers {
            for key in REFERENCES {
                let target = map.get(key).and_then(|to| self.document.target(to));
                if let Some(target) = target {
                    add(self.schema(target, value)?);
                }
            }
            if self.document.is_alone && map.contains_key("$ref") {
                return Ok(steps);
            }
        }
        for (key, inner) in map {
            match (key.as_str(), inner) {
                ("allOf" | "anyOf" | "oneOf", Json::Array(all)) => {
                    for one in all {
                        add(self.schema(one, value)?);
                    }
                }
                ("not" | "if" | "then" | "else", one) => {
                    add(self.schema(one, value)?);
                }
                ("dependentSchemas" | "dependencies", Json::Object(all)) => {
                    for (name, one) in all {
                        if value.get(name).is_some() {
                            add(self.schema(one, value)?);
                        }
                    }
                }
                (key, inner) => match value {
                    Json::Object(values) => add(self.entries(map, (key, inner), values)?),
                    Json::Array(values) => add(self.items(map, (key, inner), values)?),
                    _ => {}
                },
            }
        }
        Ok(steps)
    }

    /// A keyword about what is in an object.
    fn entries(
        &mut self,
        map: &'s Map<String, Json>,
        (key, inner): (&str, &'s Json),
        values: &Map<String, Json>,
    ) -> Result<u64, TooMuch> {
        match (key, inner) {
            ("properties", Json::Object(all)) => {
                let mut others = values.len() as u64;
                let own = values
                    .iter()
                    .filter_map(|(name, value)| Some((all.get(name)?, value)))
                    .inspect(|_| others -= 1);
                let steps = self.all(own)?;
                let others = match map.get("additionalProperties") {
                    Some(other) if !other.is_object() => others,
                    _ => 0,
                };
                Ok(steps.saturating_add(others))
            }
            // One that asks nothing more is counted with the properties.
            ("additionalProperties", one)
                if !one.is_object() && map.get("properties").is_some_and(Json::is_object) =>
            {
                Ok(0)
            }
            // Which of them the name fits is not asked: all of them is enough of a bound.
            ("patternProperties", Json::Object(all)) => {
                let values = values.values();
                self.all(values.flat_map(|value| all.values().map(move |one| (one, value))))
            }
            ("additionalProperties", one) => {
                let own = map.get("properties").and_then(Json::as_object);
                let is_own = |name: &String| own.is_some_and(|own| own.contains_key(name));
                let others = values.iter().filter(|(name, _)| !is_own(name));
                self.all(others.map(|(_, value)| (one, value)))
            }
            ("unevaluatedProperties", one) => self.all(values.values().map(|value| (one, value))),
            ("propertyNames", Json::Object(_)) => Ok(values.len() as u64),
            _ => Ok(0),
        }
    }

    /// A keyword about what is in an array.
    fn items(
        &mut self,
        map: &'s Map<String, Json>,
        (key, inner): (&str, &'s Json),
        values: &[Json],
    ) -> Result<u64, TooMuch> {
        match (key, inner) {
            ("items" | "prefixItems", Json::Array(all)) => self.all(all.iter().zip(values)),
            ("items", one) => {
                let first = map.get("prefixItems").and_then(Json::as_array);
                let others = values.iter().skip(first.map_or(0, Vec::len));
                self.all(others.map(|value| (one, value)))
            }
            ("additionalItems" | "unevaluatedItems" | "contains", one) => {
                self.all(values.iter().map(|value| (one, value)))
            }
            _ => Ok(0),
        }
    }

    /// How many schemas are asked in all where each of these is asked about its value.
    fn all<'v>(
        &mut self,
        pairs: impl Iterator<Item = (&'s Json, &'v Json)>,
    ) -> Result<u64, TooMuch> {
        let mut steps = 0_u64;
        for (schema, value) in pairs {
            steps = steps.saturating_add(self.schema(schema, value)?);
        }
        Ok(steps)
    }
}

/// Whether a value is of a type, or of one of several.
fn is_of_type(value: &Json, wanted: &Json) -> bool {
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

    fn cost(schema: &Json, values: &Json) -> Result<(), TooMuch> {
        super::cost(&Document::new(schema), values, MAX_STEPS)
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
            assert_eq!(cost(&schema, &json!({})), Err(TooMuch), "{key}");
        }
        let values = (0..100).fold(json!(1), |inner, _| json!({"a": inner}));
        let schema = json!({"anyOf": [
            {"additionalProperties": {"$ref": "#"}}, {"additionalProperties": {"$ref": "#"}}]});
        assert_eq!(cost(&schema, &values), Err(TooMuch));
    }

    #[test]
    fn charts_share_what_may_be_asked() {
        assert_eq!(most_steps(1), MAX_STEPS);
        assert_eq!(most_steps(50), MAX_STEPS);
        assert_eq!(most_steps(2_500), 40_000);
        let schema = json!({"properties": {"a": {}, "b": {}}});
        let (document, values) = (Document::new(&schema), json!({"a": 1, "b": 2}));
        assert_eq!(super::cost(&document, &values, 3), Ok(()));
        assert_eq!(super::cost(&document, &values, 2), Err(TooMuch));
    }

    #[test]
    fn each_schema_is_counted_for_each_value() {
        let old = "http://json-schema.org/draft-07/schema#";
        let two = json!({"a": 1, "b": 2});
        for (schema, values, want) in [
            (json!({}), &two, 1),
            (json!({"properties": {"a": {}, "c": {}}}), &two, 2),
            (json!({"additionalProperties": false}), &two, 3),
            (json!({"additionalProperties": {"type": "string"}}), &two, 3),
            (
                json!({"properties": {"a": {"allOf": [{}]}}, "additionalProperties": false}),
                &two,
                4,
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": {"not": {}}}),
                &two,
                4,
            ),
            (
                json!({"properties": 1, "additionalProperties": false}),
                &two,
                3,
            ),
            (json!({"patternProperties": {"a": {}, "b": true}}), &two, 5),
            (json!({"propertyNames": {"maxLength": 1}}), &two, 3),
            (json!({"unevaluatedProperties": false}), &two, 3),
            (json!({"dependentSchemas": {"a": {}, "c": {}}}), &two, 2),
            (json!({"items": {}, "contains": {}}), &two, 1),
            (
                json!({"items": [{}], "additionalItems": false}),
                &json!([1, 2]),
                4,
            ),
            (
                json!({"prefixItems": [{}], "items": {"not": {}}}),
                &json!([1, 2]),
                4,
            ),
            (
                json!({"contains": {}, "properties": {"a": {}}}),
                &json!([1, 2]),
                3,
            ),
            (json!({"type": "array", "not": {}}), &two, 1),
            (
                json!({"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
                    "$defs": {"a": {"properties": {"a": {}}}}}),
                &two,
                7,
            ),
            (
                json!({"$ref": "#/$defs/a", "not": {}, "$defs": {"a": {}}}),
                &two,
                3,
            ),
            (
                json!({"$schema": old, "$ref": "#/$defs/a", "not": {}, "$defs": {"a": {}}}),
                &two,
                2,
            ),
        ] {
            let document = Document::new(&schema);
            let steps = Walk::new(&document, MAX_STEPS).schema(&schema, values);
            assert_eq!(steps, Ok(want), "{schema}");
        }
    }
}
