//! Agreement with recorded answers of Helm 4.3.1.

use super::*;
use crate::source::{FileId, FileKind, Sources};
use serde_json::{Value, json};

pub(super) fn file() -> FileId {
    Sources::new().add("test.yaml", FileKind::Values, Vec::new())
}

fn value(plain: &Plain) -> Value {
    match &plain.kind {
        PlainKind::Null => Value::Null,
        PlainKind::Bool(value) => json!(value),
        PlainKind::Number(value) => json!(value),
        PlainKind::Str(text) => json!(text),
        PlainKind::List(items) => items.iter().map(value).collect(),
        PlainKind::Map(entries) => {
            let entries = entries.iter().map(|e| (e.key.to_string(), value(&e.value)));
            Value::Object(entries.collect())
        }
    }
}

/// All numbers as floats, so that `1` and `1.0` are equal.
fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(k, v)| (k, floats(v))).collect())
        }
        value => value,
    }
}

#[test]
fn from_yaml_agrees_with_helm() {
    let mut wrong = Vec::new();
    for line in include_str!("../../fixtures/go/from-yaml.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["yaml"].as_str().unwrap();
        let read = |expect| from_yaml(file(), 0, text, expect, Limits::default());
        let map = match read(Expect::Map) {
            Ok(plain) if plain.kind == PlainKind::Null => json!({}),
            Ok(plain) => value(&plain),
            Err(error) => json!({"Error": error.go_message}),
        };
        let list = match read(Expect::List) {
            Ok(plain) if plain.kind == PlainKind::Null => json!([]),
            Ok(plain) => value(&plain),
            Err(error) => json!([error.go_message]),
        };
        for (found, wanted) in [(map, &case["fromYaml"]), (list, &case["fromYamlArray"])] {
            let wanted = floats(wanted.clone());
            if found != wanted {
                wrong.push(format!("{text:?}\n  found  {found}\n  wanted {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
