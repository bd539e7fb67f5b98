//! What is told without the validator is what the validator says.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use super::JsonTree;

/// Whether values surely keep to a schema, both read as texts are.
fn are_fine(schema: &Json, values: &Json) -> bool {
    let read = |value: &Json| serde_json::from_str::<JsonTree>(&value.to_string()).unwrap();
    super::are_fine(&read(schema), &read(values))
}

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
    let addresses = select(vec![
        "",
        "http://example.com/example.json",
        "https://example.com",
        "http://example.com/a.json#",
        "http://json-schema.org/draft-07/schema",
        "a.json",
    ]);
    (schema(), languages, addresses).prop_map(|(mut schema, language, address)| {
        let more = [("$schema", language), ("$id", address)];
        if let Json::Object(all) = &mut schema {
            let more = more.into_iter().filter(|(_, text)| !text.is_empty());
            all.extend(more.map(|(key, text)| (key.to_owned(), json!(text))));
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
        "$id": "https://example.com/charts/values.schema.json",
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
        // Addresses that could mean something.
        json!({"$id": "http://example.com/a.json#b"}),
        json!({"$id": "http://json-schema.org/draft-07/schema"}),
        json!({"$id": "http://example.com/../a.json"}),
        json!({"$id": "a.json"}),
        json!({"properties": {"a": {"$id": "http://example.com/a.json"}}}),
        // Keywords and languages that are not looked at.
        json!({"patternProperties": {"^a": {}}}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
    ];
    for schema in cases {
        assert!(!are_fine(&schema, &json!({})), "{schema}");
    }
}
