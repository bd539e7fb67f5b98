//! Recorded answers of Helm 4.3.1's libraries (sigs.k8s.io/yaml 1.6.0 on go.yaml.in/yaml v2.4.4)
//! for generated texts.

use serde_json::{Value, json};

use crate::source::FileId;
use crate::yaml::plain::{Plain, PlainValue, read_plain};

fn value(plain: &Plain) -> Value {
    match &plain.value {
        PlainValue::Null => Value::Null,
        PlainValue::Bool(value) => json!(value),
        PlainValue::Number(value) => json!(value),
        PlainValue::Str(text) => json!(text),
        PlainValue::List(items) => items.iter().map(value).collect(),
        PlainValue::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, _, v)| (key.to_string(), value(v)));
            Value::Object(entries.collect())
        }
    }
}

/// All numbers as floats, so that `1` and `1.0` are equal.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(floats).collect(),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(k, v)| (k.clone(), floats(v)))
                .collect(),
        ),
        value => value.clone(),
    }
}

/// Each line: `yaml`, made by changing texts at random, and the `value` or `error` of `Unmarshal`
/// into an `interface {}`.
#[test]
fn texts_are_read_as_by_the_library() {
    let mut wrong = Vec::new();
    for line in include_str!("../../../fixtures/go/read.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["yaml"].as_str().unwrap();
        let found = match read_plain(FileId::DETACHED, 0, text.as_bytes()) {
            Ok(read) => json!({"value": read.map(|(_, plain)| value(&plain))}),
            Err(error) => json!({"error": error.go_message}),
        };
        let wanted = match case.get("error") {
            Some(error) => json!({"error": error}),
            None => json!({"value": floats(&case["value"])}),
        };
        if found != wanted {
            wrong.push(format!("{text:?}\n  found  {found}\n  wanted {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
