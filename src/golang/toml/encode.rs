//! The encoder, behind `toToml`: keys sorted, plain values before tables, every level of tables
//! indented by two spaces, arrays on one line.

use crate::golang::float::append_float;
use crate::golang::strings;
use crate::golang::time::Time;

use super::table::{Field, Table, Value};

/// `toml.Encoder.Encode`. The error is the library's text. A nil at the top
/// writes nothing here; Go panics.
pub fn encode(value: &Value) -> Result<Vec<u8>, &'static str> {
    check(value)?;
    let mut encoder = Encoder { out: Vec::new() };
    encoder.value(&mut Vec::new(), value)?;
    Ok(encoder.out)
}

/// The library looks at all elements of an array before it writes one.
fn check(value: &Value) -> Result<(), &'static str> {
    match value {
        Value::Array(items) if items.contains(&Value::Nil) => {
            Err("toml: cannot encode array with nil element")
        }
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Table(entries) => entries.values().try_for_each(check),
        Value::Struct(fields) => fields.iter().try_for_each(|field| check(&field.value)),
        _ => Ok(()),
    }
}

/// What is written as a table.
#[derive(Clone, Copy)]
enum Rows<'a> {
    Table(&'a Table),
    Struct(&'a [Field]),
}

impl<'a> Rows<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Table(table) => Some(Self::Table(table)),
            Value::Struct(fields) => Some(Self::Struct(fields)),
            _ => None,
        }
    }

    /// Plain values and tables apart, a table's in key order, a struct's in that of its fields.
    fn sorted(self) -> (Entries<'a>, Entries<'a>) {
        let all: Entries<'a> = match self {
            Self::Table(entries) => entries.iter().collect(),
            Self::Struct(fields) => {
                let pair = |field: &'a Field| (&field.name, &field.value);
                fields.iter().map(pair).collect()
            }
        };
        all.into_iter().partition(|(_, value)| !is_table(value))
    }
}

/// The tables of an array that holds nothing else, and at least one.
fn array_of_tables(value: &Value) -> Option<Vec<Rows<'_>>> {
    let tables: Vec<Rows<'_>> = match value {
        Value::Tables(tables) => tables.iter().map(Rows::Table).collect(),
        Value::Array(items) => items.iter().map(Rows::of).collect::<Option<_>>()?,
        _ => return None,
    };
    (!tables.is_empty()).then_some(tables)
}

fn is_table(value: &Value) -> bool {
    Rows::of(value).is_some() || array_of_tables(value).is_some()
}

/// Escapes quotes, backslashes and control characters; other bytes pass as they are.
fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &b in text {
        match b {
            b'"' | b'\\' => out.extend([b'\\', b]),
            0x08 => out.extend(b"\\b"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            0x0C => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            0..0x20 | 0x7F => out.extend(format!("\\u{b:04x}").bytes()),
            _ => out.push(b),
        }
    }
    out.push(b'"');
}

/// Writes a key, quoted unless it is bare.
pub(super) fn push_key(out: &mut Vec<u8>, key: &[u8]) {
    if !key.is_empty()
        && key
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-')
    {
        out.extend_from_slice(key);
    } else {
        push_quoted(out, key);
    }
}

struct Encoder {
    out: Vec<u8>,
}

impl Encoder {
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, keys: &[&[u8]]) {
        self.out.extend(b"  ".repeat(keys.len().saturating_sub(1)));
    }

    fn value<'a>(
        &mut self,
        keys: &mut Vec<&'a [u8]>,
        value: &'a Value,
    ) -> Result<(), &'static str> {
        if let Some(tables) = array_of_tables(value) {
            if keys.is_empty() {
                return Err("toml: top-level values must be Go maps or structs");
            }
            for table in tables {
                self.newline();
                self.header(keys, "[[", "]]");
                self.table(keys, table)?;
            }
            return Ok(());
        }
        if let Some(rows) = Rows::of(value) {
            if keys.len() == 1 {
                self.newline();
            }
            if !keys.is_empty() {
                self.header(keys, "[", "]");
            }
            return self.table(keys, rows);
        }
        match value {
            Value::Nil => {}
            _ => {
                if let Some(last) = keys.last() {
                    self.indent(keys);
                    push_key(&mut self.out, last);
                    self.out.extend(b" = ");
                    self.element(value);
                    self.newline();
                } else {
                    self.element(value);
                }
            }
        }
        Ok(())
    }

    fn header(&mut self, keys: &[&[u8]], open: &str, close: &str) {
        self.indent(keys);
        self.out.extend(open.bytes());
        for (i, key) in keys.iter().enumerate() {
            if i > 0 {
                self.out.push(b'.');
            }
            push_key(&mut self.out, key);
        }
        self.out.extend(close.bytes());
        self.newline();
    }

    fn table<'a>(&mut self, keys: &mut Vec<&'a [u8]>, rows: Rows<'a>) -> Result<(), &'static str> {
        let (plain, tables) = rows.sorted();
        for (key, value) in plain.into_iter().chain(tables) {
            keys.push(key);
            self.value(keys, value)?;
            keys.pop();
        }
        Ok(())
    }

    /// A value on the right of an equals sign or in an array.
    fn element(&mut self, value: &Value) {
        match value {
            Value::Nil => {}
            Value::Bool(b) => self.out.extend(b.to_string().bytes()),
            Value::Int(n) => self.out.extend(n.to_string().bytes()),
            Value::Float(f) => self.out.extend(float_text(*f).bytes()),
            Value::String(text) => push_quoted(&mut self.out, text),
            Value::Time(time) => self.out.extend(time_text(time)),
            Value::Array(items) => self.list(items, Self::element),
            Value::Tables(tables) => {
                self.list(tables, |encoder, table| encoder.inline(Rows::Table(table)));
            }
            Value::Table(entries) => self.inline(Rows::Table(entries)),
            Value::Struct(fields) => self.inline_fields(fields),
        }
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.out.push(b'[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.out.extend(b", ");
            }
            each(self, item);
        }
        self.out.push(b']');
    }

    /// A comma follows all fields but the one whose place among all is as high as the number of
    /// those written, less one: with fields that are not exported that is the wrong one.
    fn inline_fields(&mut self, fields: &[Field]) {
        self.out.push(b'{');
        let (plain, tables): (Vec<_>, Vec<_>) =
            fields.iter().partition(|field| !is_table(&field.value));
        for field in plain.into_iter().chain(tables) {
            if field.value == Value::Nil {
                continue;
            }
            push_key(&mut self.out, &field.name);
            self.out.extend(b" = ");
            self.element(&field.value);
            if field.index + 1 != fields.len() {
                self.out.extend(b", ");
            }
        }
        self.out.push(b'}');
    }

    fn inline(&mut self, rows: Rows<'_>) {
        let (plain, tables) = rows.sorted();
        self.out.push(b'{');
        // A comma follows all but the last entry by position, so a nil at the end leaves one.
        let more = !tables.is_empty();
        for (part, more) in [(plain, more), (tables, false)] {
            let last = part.len().saturating_sub(1);
            for (i, (key, value)) in part.into_iter().enumerate() {
                if *value == Value::Nil {
                    continue;
                }
                push_key(&mut self.out, key);
                self.out.extend(b" = ");
                self.element(value);
                if more || i != last {
                    self.out.extend(b", ");
                }
            }
        }
        self.out.push(b'}');
    }
}

/// Entries in the order that they are written in.
type Entries<'e> = Vec<(&'e Vec<u8>, &'e Value)>;

/// Local times, told by the zones that reading gives them, are written without a zone.
fn time_text(time: &Time) -> Vec<u8> {
    match time.zone.as_slice() {
        b"datetime-local" => time.format(b"2006-01-02T15:04:05.999999999"),
        b"date-local" => time.format(b"2006-01-02"),
        b"time-local" => time.format(b"15:04:05.999999999"),
        _ => time.rfc3339(),
    }
}

fn float_text(f: f64) -> String {
    if f.is_nan() {
        return "nan".to_owned();
    }
    if f.is_infinite() {
        return if f < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = append_float(f, b'g', -1, 64);
    let whole =
        !strings::contains(text.as_bytes(), b"e") && !strings::contains(text.as_bytes(), b".");
    if whole { format!("{text}.0") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::quote::unquote;
    use serde_json::Value as Json;

    fn toml(value: &Json) -> Value {
        match value {
            Json::Null => Value::Nil,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => Value::Float(n.as_f64().unwrap()),
            Json::String(s) => Value::String(s.clone().into_bytes()),
            Json::Array(items) => Value::Array(items.iter().map(toml).collect()),
            Json::Object(map) => {
                let entry = |(k, v): (&String, &Json)| (k.clone().into_bytes(), toml(v));
                Value::Table(map.iter().map(entry).collect())
            }
        }
    }

    /// Lines printed by toml 1.6.0 under Go 1.27.2: JSON (its numbers float64) and the text or error.
    #[test]
    fn agrees_with_go() {
        for line in include_str!("../../../fixtures/go/toml.txt").lines() {
            let (json, want) = line.split_once('\t').unwrap();
            let value: Json = serde_json::from_str(json).unwrap();
            let got = encode(&toml(&value)).unwrap_or_else(|e| e.as_bytes().to_vec());
            let want = unquote(want.as_bytes()).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&got),
                String::from_utf8_lossy(&want),
                "{line}"
            );
        }
    }

    #[test]
    fn writes_integers_and_special_floats() {
        let value = Value::Table(Table::from([
            (b"n".to_vec(), Value::Int(-3)),
            (b"i".to_vec(), Value::Float(f64::NEG_INFINITY)),
            (b"a".to_vec(), Value::Float(f64::NAN)),
        ]));
        assert_eq!(encode(&value), Ok(b"a = nan\ni = -inf\nn = -3\n".to_vec()));
    }
}
