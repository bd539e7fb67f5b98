//! The keys of `aiplat.yaml`, and its JSON Schema for editors.

use serde_json::{Map, Value, json};

use crate::rules::{self, Budget, Severity};

/// A key, and what it is for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    what: &'static str,
}

const fn key(name: &'static str, what: &'static str) -> Key {
    Key { name, what }
}

pub(super) const ROOT: &[Key] = &[
    key(
        "budget",
        "What the whole release may ask for; what is absent is not checked.",
    ),
    key("rules", "Severities and parameters of rules."),
    key(
        "environments",
        "The ways in which the chart is installed. Absent: one, `default`, of the chart's and the \
         command line's values.",
    ),
];

pub(super) const ENVIRONMENT: &[Key] = &[
    key("values", "Values files, relative to this file."),
    key("set", "Values as `--set` takes them."),
    key("namespace", "The namespace of the release."),
    key("kube-version", "The Kubernetes version."),
];

pub(super) const WORKLOAD: &[Key] = &[
    key("kind", "The kind, exactly."),
    key("name", "A glob over the name."),
    key("image", "A glob over a container's image."),
];

/// The key of a rule's severity.
pub(super) const SEVERITY: &str = "severity";
/// The key of further workloads that a rule is about.
const WORKLOADS: &str = "workloads";

/// The keys of a rule: its severity, and the parameters that the catalogue has below its name.
pub(super) fn keys_of(rule: &rules::Rule) -> Vec<&str> {
    let names = rule.parameters.iter().map(|one| one.name.as_str());
    let own = names.filter(|name| !name.contains('.'));
    std::iter::once(SEVERITY).chain(own).collect()
}

/// The names of keys.
pub(super) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// A quantity of Kubernetes, as `Limit::parse` takes it.
const QUANTITY: &str = r"^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";

/// The JSON Schema (2020-12) of `aiplat.yaml`, with a final line feed: `schemas/` has it.
#[must_use]
pub fn schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": super::FILE_NAME,
        "description": "Settings of the aiplat linter.",
        "type": ["object", "null"],
        "properties": described(ROOT, |name| match name {
            "budget" => budget(),
            "rules" => rules(),
            _ => json!({"type": ["object", "null"], "additionalProperties": environment()}),
        }),
        "additionalProperties": false,
        "$defs": {
            "quantity": {"type": ["string", "number"], "pattern": QUANTITY, "minimum": 0},
            "severity": {
                "description": "`false` is what YAML 1.1 makes of `off`.",
                "enum": severities(),
            },
            "text": {"type": ["string", "number", "boolean"], "minLength": 1},
            "texts": {
                "anyOf": [
                    {"$ref": "#/$defs/text"},
                    {"type": ["array", "null"], "items": {"$ref": "#/$defs/text"}},
                ],
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema of each key, with what it is for.
fn described(keys: &[Key], schema: impl Fn(&str) -> Value) -> Value {
    let entries = keys.iter().map(|key| {
        let mut schema = schema(key.name);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), json!(key.what));
        }
        (key.name.to_owned(), schema)
    });
    Value::Object(entries.collect())
}

fn budget() -> Value {
    let all = rules::catalogue().flat_map(|rule| &rule.parameters);
    let entries = Budget::KEYS.iter().map(|name| {
        let mut schema = json!({"$ref": "#/$defs/quantity"});
        let path = format!("budget.{name}");
        if let Some(parameter) = all.clone().find(|parameter| parameter.name == path) {
            schema["description"] = json!(parameter.summary);
        }
        ((*name).to_owned(), schema)
    });
    let entries: Map<String, Value> = entries.collect();
    json!({"type": ["object", "null"], "properties": entries, "additionalProperties": false})
}

/// What of the catalogue can be set: all but what says that something was not linted.
fn rules() -> Value {
    let settable = rules::catalogue().filter(|rule| !rule.is_failure());
    let entries: Map<String, Value> = settable
        .map(|rule| (rule.name.to_owned(), of_rule(rule)))
        .collect();
    json!({"type": ["object", "null"], "properties": entries, "additionalProperties": false})
}

fn of_rule(rule: &rules::Rule) -> Value {
    let severity = || json!({"$ref": "#/$defs/severity"});
    let mut parameters = json!({SEVERITY: severity()});
    for parameter in rule.parameters.iter().filter(|one| one.name == WORKLOADS) {
        let text = |_: &str| json!({"$ref": "#/$defs/text"});
        parameters[WORKLOADS] = json!({
            "description": parameter.summary,
            "type": ["array", "null"],
            "minItems": 1,
            "items": {
                "type": "object",
                "minProperties": 1,
                "properties": described(WORKLOAD, text),
                "additionalProperties": false,
            },
        });
    }
    json!({
        "description": rule.summary,
        "anyOf": [
            severity(),
            {"type": "object", "properties": parameters, "additionalProperties": false},
        ],
    })
}

fn severities() -> Vec<Value> {
    let named = Severity::ALL.iter().map(|severity| json!(severity.name()));
    let off = [json!("off"), json!(false)];
    off.into_iter().chain(named).collect()
}

fn environment() -> Value {
    let keys = described(ENVIRONMENT, |name| match name {
        "values" | "set" => json!({"$ref": "#/$defs/texts"}),
        _ => json!({"$ref": "#/$defs/text"}),
    });
    json!({"type": ["object", "null"], "properties": keys, "additionalProperties": false})
}
