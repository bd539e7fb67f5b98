//! Agreement with recorded answers: those of Helm 4.3.1's functions (`from-yaml.jsonl`,
//! `to-yaml.jsonl`), and those of its libraries (sigs.k8s.io/yaml 1.6.0, go.yaml.in/yaml v2.4.4 and
//! v3.0.5, `encoding/json` with `GOEXPERIMENT=jsonv2`) for generated inputs.

use serde_json::{Value, json};

use super::super::*;
use super::file;

pub(super) fn value(plain: &Plain) -> Value {
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
pub(super) fn floats(value: Value) -> Value {
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
    for line in include_str!("../../../fixtures/go/from-yaml.jsonl").lines() {
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

/// JSON as a source of values, without marks.
impl Source for &Value {
    type Mark = ();
    type Key = String;

    fn mark(&self) {}

    fn view(&self) -> View<'_, Self> {
        match self {
            Value::Null => View::Null,
            Value::Bool(value) => View::Bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => View::Int(value),
                (_, Some(value)) => View::Uint(value),
                _ => View::Float(number.as_f64().unwrap()),
            },
            Value::String(text) => View::Str(text.as_bytes()),
            Value::Array(items) => View::List(items.iter().collect()),
            Value::Object(entries) => View::Map(
                entries
                    .iter()
                    .map(|(key, value)| MapEntry {
                        key: key.clone(),
                        mark: (),
                        value,
                    })
                    .collect(),
            ),
        }
    }
}

pub(super) fn yaml_of(value: &Value) -> String {
    let mut out = Vec::new();
    match to_yaml(&value, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(_) => String::new(),
    }
}

#[test]
fn to_yaml_agrees_with_helm() {
    let mut wrong = Vec::new();
    for line in include_str!("../../../fixtures/go/to-yaml.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        // Values reach templates as float64.
        let found = yaml_of(&floats(case["value"].clone()));
        if Some(found.as_str()) != case["out"].as_str() {
            wrong.push(format!(
                "{}\n  found  {found:?}\n  wanted {}",
                case["value"], case["out"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

fn read_agrees(cases: &str, text: &str, read: impl Fn(&str) -> Result<Plain, SyntaxError>) {
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case[text].as_str().unwrap();
        let found = match read(text) {
            Ok(plain) => json!({"value": value(&plain)}),
            Err(error) => json!({"error": error.go_message}),
        };
        let wanted = match case.get("error") {
            Some(error) => json!({"error": error}),
            None => json!({"value": floats(case["value"].clone())}),
        };
        if found != wanted {
            wrong.push(format!("{text:?}\n  found  {found}\n  wanted {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn yaml_is_read_as_by_the_library() {
    let cases = include_str!("../../../fixtures/go/read.jsonl");
    read_agrees(cases, "yaml", |text| {
        from_yaml(file(), 0, text, Expect::Any, Limits::default())
    });
}

#[test]
fn json_is_read_as_by_the_library() {
    let cases = include_str!("../../../fixtures/go/json.jsonl");
    read_agrees(cases, "json", |text| {
        from_json(file(), 0, text.as_bytes(), Expect::Any, Limits::default())
    });
}

#[test]
fn values_are_written_as_by_the_libraries() {
    type Writer = fn(&&Value, &mut Vec<u8>) -> Result<(), EmitError<()>>;
    let forms: [(&str, Writer); 5] = [
        ("yaml", |value, out| to_yaml(value, out)),
        ("pretty", |value, out| to_yaml_pretty(value, out)),
        ("json", |value, out| to_json(value, JsonStyle::Compact, out)),
        ("indent", |value, out| {
            to_json(value, JsonStyle::Pretty, out)
        }),
        ("raw", |value, out| to_json(value, JsonStyle::Raw, out)),
    ];
    let mut wrong = Vec::new();
    for line in include_str!("../../../fixtures/go/write.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let value = floats(case["value"].clone());
        for (form, write) in forms {
            let mut out = Vec::new();
            let found = match write(&&value, &mut out) {
                Ok(()) => String::from_utf8(out).unwrap(),
                Err(_) => String::new(),
            };
            if Some(found.as_str()) != case[form].as_str() {
                wrong.push(format!(
                    "{form} {value}\n  found  {found:?}\n  wanted {}",
                    case[form]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
