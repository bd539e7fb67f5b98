//! JSON as Go's `encoding/json` reads it, with spans: `fromJson`, `--set-json`.
//!
//! Since Go 1.27, with which Helm 4.3.1 was built, that package stands on the newer `jsontext`; the
//! errors have its words.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use regex::Regex;

use crate::source::{FileId, Span};

use super::plain::{Expect, Plain, PlainEntry, PlainKind};
use super::read::Limits;
use super::resolve::lossy;
use super::syntax::SyntaxError;

/// Reads a JSON text as `json.Unmarshal` does. `base` is the offset of the text in its file. `null`
/// is [`PlainKind::Null`] whatever was expected.
///
/// # Errors
/// What Go says is the error's `go_message`: `invalid character 'x' looking for beginning of value`.
/// It is `None` where a limit was passed that Go does not have.
pub fn from_json(
    file: FileId,
    base: usize,
    text: &[u8],
    expect: Expect,
    limits: Limits,
) -> Result<Plain, SyntaxError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        nodes: 0,
        limits,
        span: |start, end| Span::new(file, base.saturating_add(start), base.saturating_add(end)),
        path: Vec::new(),
        overflow: None,
    };
    let plain = reader.document().map_err(|stop| reader.error(&stop))?;
    if let Err(message) = plain.expect(expect) {
        return Err(SyntaxError {
            span: plain.span,
            message: match expect {
                Expect::List => "A list is expected here".to_owned(),
                _ => "A map is expected here".to_owned(),
            },
            go_message: Some(message),
        });
    }
    match reader.overflow {
        Some(error) => Err(error),
        None => Ok(plain),
    }
}

/// Why reading stopped at the current place.
enum Stop {
    /// The text ends too early.
    End,
    /// A character does not belong here.
    Character(String),
    /// A string has an escape that JSON does not know, of so many bytes.
    Escape(usize),
    /// A limit of ours.
    Limit,
}

struct Reader<'a, F> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    nodes: usize,
    limits: Limits,
    span: F,
    /// Keys and indices on the way to the current value.
    path: Vec<String>,
    /// The first number that is too large, which Go reports at the end.
    overflow: Option<SyntaxError>,
}

impl<F: Fn(usize, usize) -> Span> Reader<'_, F> {
    fn document(&mut self) -> Result<Plain, Stop> {
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(Stop::Character("after top-level value".to_owned()));
        }
        Ok(value)
    }

    fn error(&self, stop: &Stop) -> SyntaxError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (message, go_message, length) = match stop {
            Stop::End => (
                "The JSON ends too early".to_owned(),
                Some("unexpected end of JSON input".to_owned()),
                0,
            ),
            Stop::Character(place) => {
                let (name, length) = quote_first(rest);
                (
                    "JSON does not allow this character here".to_owned(),
                    Some(format!("invalid character {name} {place}")),
                    length,
                )
            }
            Stop::Escape(length) => (
                "JSON knows no such escape".to_owned(),
                Some(escape_problem(rest.get(..*length).unwrap_or(rest))),
                (*length).min(rest.len()),
            ),
            Stop::Limit => (
                "The JSON is too large or nested too deeply".to_owned(),
                None,
                0,
            ),
        };
        SyntaxError {
            span: (self.span)(self.at, self.at + length),
            message,
            go_message,
        }
    }

    fn next(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Plain, Stop> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Stop::Limit);
        }
        let start = self.at;
        let kind = match self.next().ok_or(Stop::End)? {
            b'n' => self.literal("null", PlainKind::Null)?,
            b'f' => self.literal("false", PlainKind::Bool(false))?,
            b't' => self.literal("true", PlainKind::Bool(true))?,
            b'"' => PlainKind::Str(self.string()?.into()),
            b'-' | b'0'..=b'9' => self.number()?,
            open @ (b'{' | b'[') => {
                if self.depth >= self.limits.depth {
                    return Err(if self.depth >= 10_000 {
                        Stop::End
                    } else {
                        Stop::Limit
                    });
                }
                self.depth += 1;
                let kind = if open == b'{' {
                    self.object()
                } else {
                    self.array()
                };
                self.depth -= 1;
                kind?
            }
            _ => return Err(Stop::Character("looking for beginning of value".to_owned())),
        };
        Ok(Plain {
            span: (self.span)(start, self.at),
            kind,
        })
    }

    fn literal(&mut self, literal: &str, kind: PlainKind) -> Result<PlainKind, Stop> {
        for expected in literal.bytes() {
            match self.next() {
                None => return Err(Stop::End),
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => {
                    let expected = char::from(expected);
                    let place = format!("in literal {literal} (expecting '{expected}')");
                    return Err(Stop::Character(place));
                }
            }
        }
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), Stop> {
        match self.next() {
            None => return Err(Stop::End),
            Some(b'0'..=b'9') => {}
            Some(_) => return Err(Stop::Character("in numeric literal".to_owned())),
        }
        while self.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<PlainKind, Stop> {
        let start = self.at;
        if self.next() == Some(b'-') {
            self.at += 1;
        }
        if self.next() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.next() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.next(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.next(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = str::from_utf8(text).unwrap_or_default();
        let value: f64 = text.parse().unwrap_or_default();
        if value.is_finite() {
            return Ok(PlainKind::Number(value));
        }
        if self.overflow.is_none() {
            self.overflow = Some(self.too_large(text, start));
        }
        Ok(PlainKind::Number(0.0))
    }

    fn too_large(&self, text: &str, start: usize) -> SyntaxError {
        let into = match self.path.last() {
            None => "Go value".to_owned(),
            Some(last) => {
                // Go guesses from the last step whether it is a field.
                let index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
                let what = if index { "" } else { "Go struct field " };
                format!("{what}.{}", self.path.join("."))
            }
        };
        SyntaxError {
            span: (self.span)(start, self.at),
            message: "This number is too large".to_owned(),
            go_message: Some(format!(
                "json: cannot unmarshal number {text} into {into} of type float64"
            )),
        }
    }

    fn object(&mut self) -> Result<PlainKind, Stop> {
        let mut entries: Vec<PlainEntry> = Vec::new();
        let mut by_key: BTreeMap<Box<str>, usize> = BTreeMap::new();
        self.at += 1;
        self.skip_space();
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(PlainKind::Map(entries));
        }
        loop {
            self.skip_space();
            let start = self.at;
            match self.next() {
                None => return Err(Stop::End),
                Some(b'"') => {}
                Some(_) => {
                    let place = "looking for beginning of object key string";
                    return Err(Stop::Character(place.to_owned()));
                }
            }
            let key: Box<str> = self.string()?.into();
            let key_span = (self.span)(start, self.at);
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b':') => self.at += 1,
                Some(_) => return Err(Stop::Character("after object key".to_owned())),
            }
            self.skip_space();
            self.path.push(key.to_string());
            let value = self.value()?;
            self.path.pop();
            let entry = PlainEntry {
                key: key.clone(),
                key_span,
                value,
            };
            // The last of equal keys counts.
            match by_key.get(&key).and_then(|at| entries.get_mut(*at)) {
                Some(earlier) => *earlier = entry,
                None => {
                    by_key.insert(key, entries.len());
                    entries.push(entry);
                }
            }
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(PlainKind::Map(entries));
                }
                Some(_) => {
                    return Err(Stop::Character("after object key:value pair".to_owned()));
                }
            }
        }
    }

    fn array(&mut self) -> Result<PlainKind, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.next() == Some(b']') {
            self.at += 1;
            return Ok(PlainKind::List(items));
        }
        loop {
            self.skip_space();
            self.path.push(items.len().to_string());
            items.push(self.value()?);
            self.path.pop();
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(PlainKind::List(items));
                }
                Some(_) => return Err(Stop::Character("after array element".to_owned())),
            }
        }
    }

    fn string(&mut self) -> Result<String, Stop> {
        let mut value = Vec::new();
        self.at += 1;
        loop {
            match self.next() {
                None => return Err(Stop::End),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(lossy(&value));
                }
                Some(b'\\') => self.escape(&mut value)?,
                Some(..b' ') => return Err(Stop::Character("in string".to_owned())),
                Some(byte) => {
                    value.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, value: &mut Vec<u8>) -> Result<(), Stop> {
        let plain = match self.text.get(self.at + 1).copied().ok_or(Stop::End)? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let high = self.code_unit()?;
                self.at += 6;
                let low = match high {
                    0xD800..0xDC00 => self.code_unit().ok(),
                    _ => None,
                };
                let low = low.filter(|low| (0xDC00..0xE000).contains(low));
                let code = match low {
                    Some(low) => {
                        self.at += 6;
                        0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
                    }
                    None => high,
                };
                let c = char::from_u32(code).unwrap_or('\u{fffd}');
                value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(Stop::Escape(2)),
        };
        value.push(plain);
        self.at += 2;
        Ok(())
    }

    /// The four digits of the `\u` here.
    fn code_unit(&self) -> Result<u32, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut code = 0;
        for at in 0..6 {
            let byte = rest.get(at).copied();
            let digit = byte.and_then(|byte| char::from(byte).to_digit(16));
            match (at, byte, digit) {
                (_, None, _) => return Err(Stop::End),
                (0, Some(b'\\'), _) | (1, Some(b'u'), _) => {}
                (2.., _, Some(digit)) => code = code * 16 + digit,
                _ => return Err(Stop::Escape(6)),
            }
        }
        Ok(code)
    }
}

/// The first character as Go quotes it, and its length.
fn quote_first(text: &[u8]) -> (String, usize) {
    let first = text.utf8_chunks().next();
    let Some(chunk) = first else {
        return ("'\\x00'".to_owned(), 0);
    };
    let Some(c) = chunk.valid().chars().next() else {
        let byte = text.first().copied().unwrap_or_default();
        return (format!("'\\x{byte:02x}'"), 1);
    };
    let name = match c {
        '\'' => "'\\''".to_owned(),
        '\\' => "'\\\\'".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", quote(&c.to_string()).trim_matches('"')),
    };
    (name, c.len_utf8())
}

fn escape_problem(what: &[u8]) -> String {
    let text = lossy(what);
    let awkward = |c: char| {
        c == '`'
            || c == '\u{fffd}'
            || c.is_whitespace()
            || quote(&c.to_string()).len() > c.len_utf8() + 2
    };
    let is_awkward = |c: char| !matches!(c, '\\' | '"') && awkward(c);
    if text.contains(is_awkward) {
        format!("invalid escape sequence {} in string", quote_bytes(what))
    } else {
        format!("invalid escape sequence `{text}` in string")
    }
}

/// `strconv.Quote` of any bytes.
fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        out.push_str(
            quote(chunk.valid())
                .trim_start_matches('"')
                .strip_suffix('"')
                .unwrap_or_default(),
        );
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

/// `strconv.Quote`.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let written = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\x07' => write!(out, "\\a"),
            '\x08' => write!(out, "\\b"),
            '\x0c' => write!(out, "\\f"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\x0b' => write!(out, "\\v"),
            '\0'..='\x1f' | '\x7f' => write!(out, "\\x{:02x}", u32::from(c)),
            c if !is_printable(c) && u32::from(c) > 0xFFFF => {
                write!(out, "\\U{:08x}", u32::from(c))
            }
            c if !is_printable(c) => write!(out, "\\u{:04x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
        if written.is_err() {
            break;
        }
    }
    out.push('"');
    out
}

/// `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and the space.
fn is_printable(c: char) -> bool {
    static PRINTABLE: OnceLock<Option<Regex>> = OnceLock::new();
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    let regex = PRINTABLE.get_or_init(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());
    let matches = |regex: &Regex| regex.is_match(c.encode_utf8(&mut [0; 4]));
    regex.as_ref().is_some_and(matches)
}
