//! Recorded answers of Helm 4.3.1's libraries (sigs.k8s.io/yaml 1.6.0 on go.yaml.in/yaml v2.4.4)
//! for generated texts and values.

use serde_json::{Value, json};

use crate::source::FileId;
use crate::yaml::emit::{Held, Item, Sink, Tree, to_yaml, to_yaml_pretty};
use crate::yaml::json::{Style, read_json, to_json};
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

/// What was found, or the error, against the case's.
#[track_caller]
fn compare(cases: &str, name: &str, read: impl Fn(&str) -> Result<Value, String>) {
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case[name].as_str().unwrap();
        let found = match read(text) {
            Ok(value) => json!({ "value": value }),
            Err(error) => json!({ "error": error }),
        };
        let wanted = match case.get("error") {
            Some(error) => json!({ "error": error }),
            None => json!({"value": floats(&case["value"])}),
        };
        if found != wanted {
            wrong.push(format!("{text:?}\n  found  {found}\n  wanted {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Each line: `yaml`, made by changing texts at random, and the `value` or `error` of `Unmarshal`
/// into an `interface {}`.
#[test]
fn yaml_is_read_as_by_the_library() {
    let cases = include_str!("../../../fixtures/go/read.jsonl");
    compare(cases, "yaml", |text| {
        let read = read_plain(FileId::DETACHED, 0, text.as_bytes());
        let read = read.map_err(|error| error.go_message)?;
        Ok(read.map_or(Value::Null, |(_, plain)| value(&plain)))
    });
}

/// Each line: `json`, and the `value` or `error` of `encoding/json`, built with
/// `GOEXPERIMENT=jsonv2` as Helm 4.3.1 is.
#[test]
fn json_is_read_as_by_the_library() {
    let cases = include_str!("../../../fixtures/go/json.jsonl");
    compare(cases, "json", |text| {
        let read = read_json(FileId::DETACHED, text.as_bytes())?;
        read.overflow.map_or_else(|| Ok(value(&read.plain)), Err)
    });
}

fn item(value: &Value) -> Item<'_> {
    let tree = match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => Tree::Float(number.as_f64().unwrap()),
        Value::String(text) => Tree::Str(Held::Of(text.as_bytes())),
        Value::Array(items) => Tree::List(items.iter().map(item).collect()),
        Value::Object(entries) => Tree::Map(
            entries
                .iter()
                .map(|(key, value)| (Held::Of(key.as_bytes()), 0, item(value)))
                .collect(),
        ),
    };
    Item { mark: 0, tree }
}

type Writer = fn(&Item<'_>, &mut Sink) -> Result<(), String>;

#[track_caller]
fn written(cases: &str, forms: &[(&str, Writer)]) {
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        for (form, write) in forms {
            let mut sink = Sink::default();
            let result = write(&item(&case["value"]), &mut sink);
            let (out, _) = sink.finish();
            // Templates see nothing of a value that cannot be written.
            let found = result.map_or(String::new(), |()| String::from_utf8(out).unwrap());
            if Some(found.as_str()) != case[form].as_str() {
                wrong.push(format!(
                    "{form} {}\n  found  {found:?}\n  wanted {}",
                    case["value"], case[form]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Each line: `value`, and what Helm 4.3.1's `toYaml` printed.
#[test]
fn to_yaml_writes_what_helm_writes() {
    let cases = include_str!("../../../fixtures/go/to-yaml.jsonl");
    written(cases, &[("out", to_yaml)]);
}

/// Each line: `value`; `yaml` as by `Marshal`, `pretty` as by yaml.v3's encoder with an indentation
/// of 2, `json`, `indent` and `raw` as by `toJson`, `toPrettyJson` and `toRawJson`.
#[test]
fn values_are_written_as_by_the_libraries() {
    const fn style(escape_html: bool, pretty: bool) -> Style {
        Style {
            escape_html,
            pretty,
        }
    }
    let cases = include_str!("../../../fixtures/go/write.jsonl");
    let forms: [(&str, Writer); 5] = [
        ("yaml", to_yaml),
        ("pretty", to_yaml_pretty),
        ("json", |item, sink| to_json(item, style(true, false), sink)),
        ("indent", |item, sink| {
            to_json(item, style(true, true), sink)
        }),
        ("raw", |item, sink| to_json(item, style(false, false), sink)),
    ];
    written(cases, &forms);
}
