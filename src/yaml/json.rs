//! JSON as Go's encoding/json reads and writes it, with spans and marks.

use crate::golang::{float, unicode};
use crate::source::{FileId, Span};

use super::emit::{Item, Sink, Tree};
use super::plain::{Plain, PlainValue};

/// Values nest no deeper (Go allows 10,000).
const MAX_DEPTH: usize = 500;

/// How JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// `<`, `>`, `&`, U+2028 and U+2029 as escapes.
    pub escape_html: bool,
    /// One entry a line, indented by two spaces.
    pub pretty: bool,
}

/// Writes `item` as encoding/json does.
///
/// # Errors
/// Infinities, and values that nest too deep.
pub fn to_json(item: &Item<'_>, style: Style, sink: &mut Sink<'_>) -> Result<(), String> {
    write(item, style, sink, 0)
}

fn line(style: Style, sink: &mut Sink<'_>, depth: usize) {
    if style.pretty {
        sink(b"\n", 0);
        sink(&b" ".repeat(depth * 2), 0);
    }
}

fn write(item: &Item<'_>, style: Style, sink: &mut Sink<'_>, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("json: unsupported value: encountered a cycle".to_owned());
    }
    match &item.tree {
        Tree::Null => sink(b"null", item.mark),
        Tree::Bool(value) => sink(if *value { b"true" } else { b"false" }, item.mark),
        Tree::Int(value) => sink(value.to_string().as_bytes(), item.mark),
        Tree::Uint(value) => sink(value.to_string().as_bytes(), item.mark),
        Tree::Float(value) => {
            let text = float::json_float(*value).ok_or("json: unsupported value")?;
            sink(text.as_bytes(), item.mark);
        }
        Tree::Str(text) => sink(&quoted(text, style), item.mark),
        Tree::List(items) if items.is_empty() => sink(b"[]", item.mark),
        Tree::List(items) => {
            for (at, inner) in items.iter().enumerate() {
                sink(if at == 0 { b"[" } else { b"," }, 0);
                line(style, sink, depth + 1);
                write(inner, style, sink, depth + 1)?;
            }
            line(style, sink, depth);
            sink(b"]", 0);
        }
        Tree::Map(entries) if entries.is_empty() => sink(b"{}", item.mark),
        Tree::Map(entries) => {
            let mut order: Vec<_> = entries.iter().collect();
            order.sort_by(|a, b| a.0.cmp(&b.0));
            for (at, (key, mark, inner)) in order.into_iter().enumerate() {
                sink(if at == 0 { b"{" } else { b"," }, 0);
                line(style, sink, depth + 1);
                sink(&quoted(key, style), *mark);
                sink(if style.pretty { b": " } else { b":" }, 0);
                write(inner, style, sink, depth + 1)?;
            }
            line(style, sink, depth);
            sink(b"}", 0);
        }
    }
    Ok(())
}

fn quoted(text: &[u8], style: Style) -> Vec<u8> {
    let mut out = vec![b'"'];
    for (at, rune, width) in unicode::runes(text) {
        let escape = match rune {
            0x22 => "\\\"",
            0x5c => "\\\\",
            0x08 => "\\b",
            0x0c => "\\f",
            0x0a => "\\n",
            0x0d => "\\r",
            0x09 => "\\t",
            _ => {
                let is_html = matches!(rune, 0x3c | 0x3e | 0x26) && style.escape_html;
                if rune < 0x20 || is_html || matches!(rune, 0x2028 | 0x2029) {
                    out.extend_from_slice(format!("\\u{rune:04x}").as_bytes());
                } else if rune == 0xfffd && width == 1 {
                    out.extend_from_slice(b"\\ufffd");
                } else {
                    out.extend_from_slice(text.get(at..at + width).unwrap_or_default());
                }
                continue;
            }
        };
        out.extend_from_slice(escape.as_bytes());
    }
    out.push(b'"');
    out
}

/// Reads one JSON value. Spans count from the start of `text`.
///
/// # Errors
/// encoding/json's message.
pub fn read_json(text: &[u8]) -> Result<Plain, String> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.invalid("after top-level value")),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn invalid(&self, place: &str) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return "unexpected end of JSON input".to_owned();
        }
        let byte = rest.first().copied().unwrap_or(0);
        let shown = match byte {
            b'\'' => "'\\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            _ => {
                let quoted = crate::golang::quote::quote(&[byte]);
                let inside = quoted
                    .get(1..quoted.len().saturating_sub(1))
                    .unwrap_or_default();
                format!("'{inside}'")
            }
        };
        format!("invalid character {shown} {place}")
    }

    fn value(&mut self, depth: usize) -> Result<Plain, String> {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => PlainValue::Str(self.string()?.into()),
            Some(b't') => self.word(b"true", "literal true", PlainValue::Bool(true))?,
            Some(b'f') => self.word(b"false", "literal false", PlainValue::Bool(false))?,
            Some(b'n') => self.word(b"null", "literal null", PlainValue::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.invalid("looking for beginning of value")),
        };
        let span = Span::new(FileId::DETACHED, start, self.at);
        Ok(Plain { value, span })
    }

    fn word(&mut self, word: &[u8], what: &str, value: PlainValue) -> Result<PlainValue, String> {
        for want in word {
            if self.peek() != Some(*want) {
                return Err(self.invalid(&format!("in {what} (expecting '{}')", char::from(*want))));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<PlainValue, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(self.invalid("in numeric literal"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.invalid("after decimal point in numeric literal"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.invalid("in exponent of numeric literal"));
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(PlainValue::Number(value)),
            _ => Err(format!(
                "json: cannot unmarshal number {text} into Go value of type float64"
            )),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let mut out: Vec<u8> = Vec::new();
        self.at += 1;
        loop {
            let Some(byte) = self.peek() else {
                return Err("unexpected end of JSON input".to_owned());
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(String::from_utf8_lossy(&out).into_owned());
                }
                b'\\' => self.escape(&mut out)?,
                0..=0x1f => return Err(self.invalid("in string literal")),
                _ => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        self.at += 1;
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex()?;
                let mut rune = first;
                if (0xd800..0xdc00).contains(&first)
                    && self
                        .text
                        .get(self.at..)
                        .unwrap_or_default()
                        .starts_with(b"\\u")
                {
                    let back = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xdc00..0xe000).contains(&second) {
                        rune = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    } else {
                        self.at = back;
                    }
                }
                unicode::append_rune(out, rune);
                return Ok(());
            }
            _ => return Err(self.invalid("in string escape code")),
        };
        out.push(byte);
        self.at += 1;
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, String> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.invalid("in \\u hexadecimal character escape"));
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<PlainValue, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(PlainValue::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(PlainValue::List(items));
                }
                _ => return Err(self.invalid("after array element")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<PlainValue, String> {
        let mut entries: Vec<(Box<str>, Span, Plain)> = Vec::new();
        let mut known = std::collections::HashMap::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(PlainValue::Map(entries));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.invalid("looking for beginning of object key string"));
            }
            let start = self.at;
            let key: Box<str> = self.string()?.into();
            let span = Span::new(FileId::DETACHED, start, self.at);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.invalid("after object key"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            match known.get(&key) {
                Some(at) => entries[*at] = (key, span, value),
                None => {
                    known.insert(key.clone(), entries.len());
                    entries.push((key, span, value));
                }
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(PlainValue::Map(entries));
                }
                _ => return Err(self.invalid("after object key:value pair")),
            }
        }
    }
}
