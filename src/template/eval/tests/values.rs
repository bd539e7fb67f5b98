//! Values for tests: from JSON with a span for every scalar and key, and from YAML without.

use std::rc::Rc;

use crate::source::{FileId, Origins, Prov, Span};
use crate::template::value::{Data, Entry, Key, MapType, Value};

/// Reads JSON (without escapes in strings) as Helm would read it as YAML. A scalar's set is its
/// bytes, a collection's the key that it stands under.
pub(super) fn read_json(text: &str, file: FileId, origins: &mut Origins) -> Value {
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
        file,
        origins,
    };
    reader.value(Prov::NONE)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    file: FileId,
    origins: &'a mut Origins,
}

impl Reader<'_> {
    fn peek(&mut self) -> u8 {
        while self.text[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
        self.text[self.at]
    }

    fn leaf(&mut self, from: usize) -> Prov {
        let span = Span::new(self.file, from, self.at);
        self.origins.leaf(span)
    }

    fn value(&mut self, key: Prov) -> Value {
        match self.peek() {
            b'{' => self.map(key),
            b'[' => self.list(key),
            b'"' => {
                let (text, prov) = self.string();
                Value::with(Value::str(text).data, prov)
            }
            _ => self.word(),
        }
    }

    fn string(&mut self) -> (Vec<u8>, Prov) {
        self.peek();
        let from = self.at;
        let inside = &self.text[from + 1..];
        let len = inside.iter().position(|byte| *byte == b'"').unwrap();
        let text = inside[..len].to_vec();
        self.at = from + len + 2;
        (text, self.leaf(from))
    }

    fn word(&mut self) -> Value {
        let from = self.at;
        while self.at < self.text.len() && !b",]} \n".contains(&self.text[self.at]) {
            self.at += 1;
        }
        let data = match &self.text[from..self.at] {
            b"null" => Data::Nil,
            b"true" => Data::Bool(true),
            b"false" => Data::Bool(false),
            word => Data::Float(std::str::from_utf8(word).unwrap().parse().unwrap()),
        };
        Value::with(data, self.leaf(from))
    }

    fn list(&mut self, key: Prov) -> Value {
        self.at += 1;
        let mut items = Vec::new();
        while self.peek() != b']' {
            items.push(self.value(key));
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Value::with(Value::list(items).data, key)
    }

    fn map(&mut self, key: Prov) -> Value {
        self.at += 1;
        let mut entries: Vec<(Key, Entry)> = Vec::new();
        while self.peek() != b'}' {
            let (name, key) = self.string();
            assert_eq!(self.peek(), b':');
            self.at += 1;
            let value = self.value(key);
            entries.push((Rc::from(name), Entry { key, value }));
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Value::with(Value::map(entries).data, key)
    }
}

/// Reads YAML as Helm does, without spans.
pub(super) fn read_yaml(text: &str) -> Value {
    let value: yaml_serde::Value = yaml_serde::from_str(text).unwrap_or_default();
    match from_yaml(&value) {
        value if value.as_map().is_some() => value,
        _ => Value::map([]),
    }
}

fn from_yaml(value: &yaml_serde::Value) -> Value {
    match value {
        yaml_serde::Value::Null => Value::nil(),
        yaml_serde::Value::Bool(value) => Value::bool(*value),
        yaml_serde::Value::Number(value) => Value::float(value.as_f64().unwrap_or_default()),
        yaml_serde::Value::String(value) => Value::str(value.as_bytes()),
        yaml_serde::Value::Sequence(items) => Value::list(items.iter().map(from_yaml).collect()),
        // A null in a chart's own values is as if it were not written.
        yaml_serde::Value::Mapping(map) => Value::map(map.iter().filter_map(|(key, value)| {
            if value.is_null() {
                return None;
            }
            // YAML 1.1, which Helm reads, takes these for booleans, as keys too.
            let key = match key {
                yaml_serde::Value::String(key) if key == "y" => "true".to_owned(),
                yaml_serde::Value::String(key) if key == "n" => "false".to_owned(),
                yaml_serde::Value::String(key) => key.clone(),
                other => format!("{other:?}"),
            };
            Some(entry(&key, from_yaml(value)))
        })),
        yaml_serde::Value::Tagged(tagged) => from_yaml(&tagged.value),
    }
}

fn entry(key: &str, value: Value) -> (Key, Entry) {
    let key_set = Prov::NONE;
    let entry = Entry {
        key: key_set,
        value,
    };
    (Rc::from(key.as_bytes()), entry)
}

fn typed(mut value: Value, to: MapType) -> Value {
    if let Data::Map(kind, _) = &mut value.data {
        *kind = to;
    }
    value
}

/// `.` of chart `c`, released as `rel` into `test`.
pub(super) fn scope(values: Value) -> Value {
    let release = Value::map([
        entry("Name", Value::str("rel")),
        entry("Namespace", Value::str("test")),
        entry("Service", Value::str("Helm")),
        entry("Revision", Value::int(1)),
        entry("IsInstall", Value::bool(true)),
        entry("IsUpgrade", Value::bool(false)),
    ]);
    let mut chart = vec![
        entry("Annotations", typed(Value::map([]), MapType::String)),
        entry("Deprecated", Value::bool(false)),
        entry("IsRoot", Value::bool(true)),
    ];
    for list in ["Dependencies", "Keywords", "Maintainers", "Sources"] {
        chart.push(entry(list, Value::list(Vec::new())));
    }
    for text in [
        "Condition",
        "Description",
        "Home",
        "Icon",
        "KubeVersion",
        "Tags",
        "Type",
    ] {
        chart.push(entry(text, Value::str("")));
    }
    for (key, text) in [
        ("APIVersion", "v2"),
        ("AppVersion", "1.2"),
        ("Name", "c"),
        ("Version", "0.1.0"),
    ] {
        chart.push(entry(key, Value::str(text)));
    }
    let scope = Value::map([
        entry("Values", typed(values, MapType::Values)),
        entry("Release", release),
        entry("Chart", Value::map(chart)),
        entry("Subcharts", Value::map([])),
    ]);
    typed(scope, MapType::Values)
}
