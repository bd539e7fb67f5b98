//! JSON as Go's `encoding/json` reads it, with spans: `fromJson`, `--set-json`.
//!
//! Helm 4.3.1 was built with `GOEXPERIMENT=jsonv2`, where that package stands on the newer
//! `jsontext`; the errors have its words.

use std::collections::HashMap;

use crate::golang::quote::quote;
use crate::golang::unicode;
use crate::source::{FileId, Span};

use super::super::plain::{Plain, PlainValue};
use super::super::resolve::lossy;

/// Arrays and objects nest no deeper (Go allows 10,000).
const MAX_DEPTH: usize = 500;

/// What a JSON text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// The value.
    pub plain: Plain,
    /// Go's complaint about the first number that is too large, which it makes after all others.
    pub overflow: Option<String>,
}

/// Reads a JSON text as `json.Unmarshal` does.
///
/// # Errors
/// What Go says: `invalid character 'x' looking for beginning of value`.
pub fn read_json(file: FileId, text: &[u8]) -> Result<Json, String> {
    let mut reader = Reader::new(file, text, 0);
    let read = reader.document();
    read.map(|plain| Json {
        plain,
        overflow: reader.overflow.take(),
    })
    .map_err(|stop| reader.error(&stop))
}

/// Reads one value from `start` on as a `json.Decoder` does, and gives where it ends; what follows
/// is not looked at. `None` where it is no JSON.
#[must_use]
pub fn read_json_prefix(file: FileId, text: &[u8], start: usize) -> Option<(Plain, usize)> {
    let mut reader = Reader::new(file, text, start);
    reader.skip_space();
    let plain = reader.value().ok()?;
    reader.overflow.is_none().then_some((plain, reader.at))
}

/// Why reading stopped at the current place.
enum Stop {
    /// The text ends too early.
    End,
    /// A character does not belong here.
    Character(String),
    /// A string has an escape that JSON does not know, of so many bytes.
    Escape(usize),
    /// Nesting without end.
    Depth,
}

struct Reader<'a> {
    file: FileId,
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// Keys and indices on the way to the current value.
    path: Vec<Step>,
    overflow: Option<String>,
}

/// A step on the way to a value.
enum Step {
    /// The key that begins at this offset: it is asked for only where something is wrong.
    Key(usize),
    Index(usize),
}

/// Entries of one object. Objects with more keys than these are looked up by a table.
const FEW_KEYS: usize = 8;
/// Longer strings are looked through many bytes at once.
const SHORT: usize = 32;

#[derive(Default)]
struct Entries {
    all: Vec<(Box<str>, Span, Plain)>,
    /// Nobody can write keys that all have one hash.
    by_key: HashMap<Box<str>, usize>,
}

impl Entries {
    /// The last of equal keys counts, in the place of the first.
    fn put(&mut self, entry: (Box<str>, Span, Plain)) {
        let at = match self.by_key.is_empty() {
            true => self.all.iter().position(|(key, ..)| *key == entry.0),
            false => self.by_key.get(&entry.0).copied(),
        };
        if let Some(earlier) = at.and_then(|at| self.all.get_mut(at)) {
            *earlier = entry;
            return;
        }
        if !self.by_key.is_empty() {
            self.by_key.insert(entry.0.clone(), self.all.len());
        }
        self.all.push(entry);
        if self.all.len() == FEW_KEYS {
            let keys = self.all.iter().enumerate();
            self.by_key = keys.map(|(at, (key, ..))| (key.clone(), at)).collect();
        }
    }
}

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a [u8], start: usize) -> Self {
        Self {
            file,
            text,
            at: start,
            depth: 0,
            path: Vec::new(),
            overflow: None,
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn document(&mut self) -> Result<Plain, Stop> {
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(Stop::Character("after top-level value".to_owned()));
        }
        Ok(value)
    }

    fn error(&self, stop: &Stop) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match stop {
            Stop::End => "unexpected end of JSON input".to_owned(),
            Stop::Character(place) => format!("invalid character {} {place}", quote_first(rest)),
            Stop::Escape(length) => escape_problem(rest.get(..*length).unwrap_or(rest)),
            Stop::Depth => "exceeded max depth".to_owned(),
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
        let start = self.at;
        let value = match self.next().ok_or(Stop::End)? {
            b'n' => self.literal("null", PlainValue::Null)?,
            b'f' => self.literal("false", PlainValue::Bool(false))?,
            b't' => self.literal("true", PlainValue::Bool(true))?,
            b'"' => PlainValue::Str(self.string()?.into()),
            b'-' | b'0'..=b'9' => self.number()?,
            open @ (b'{' | b'[') => {
                if self.depth >= MAX_DEPTH {
                    return Err(Stop::Depth);
                }
                self.depth += 1;
                let value = if open == b'{' {
                    self.object()?
                } else {
                    self.array()?
                };
                self.depth -= 1;
                value
            }
            _ => return Err(Stop::Character("looking for beginning of value".to_owned())),
        };
        let span = self.span(start);
        Ok(Plain {
            value,
            span,
            anchored: None,
        })
    }

    fn literal(&mut self, literal: &str, value: PlainValue) -> Result<PlainValue, Stop> {
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
        Ok(value)
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

    fn number(&mut self) -> Result<PlainValue, Stop> {
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
            return Ok(PlainValue::Number(value));
        }
        if self.overflow.is_none() {
            self.overflow = Some(self.too_large(text));
        }
        Ok(PlainValue::Number(0.0))
    }

    fn too_large(&self, text: &str) -> String {
        let step = |step: &Step| match step {
            Step::Key(start) => {
                let mut reader = Reader::new(self.file, self.text, *start);
                reader.string().unwrap_or_default()
            }
            Step::Index(index) => index.to_string(),
        };
        let is_index =
            |step: &String| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let steps: Vec<String> = self.path.iter().map(step).collect();
        let into = match steps.last() {
            None => "Go value".to_owned(),
            Some(last) => {
                // Go guesses from the last step whether it is a field.
                let what = if is_index(last) {
                    ""
                } else {
                    "Go struct field "
                };
                format!("{what}.{}", steps.join("."))
            }
        };
        format!("json: cannot unmarshal number {text} into {into} of type float64")
    }

    fn object(&mut self) -> Result<PlainValue, Stop> {
        let mut entries = Entries::default();
        self.at += 1;
        self.skip_space();
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(PlainValue::Map(entries.all));
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
            let span = self.span(start);
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b':') => self.at += 1,
                Some(_) => return Err(Stop::Character("after object key".to_owned())),
            }
            self.skip_space();
            self.path.push(Step::Key(start));
            let value = self.value()?;
            self.path.pop();
            entries.put((key, span, value));
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(PlainValue::Map(entries.all));
                }
                Some(_) => {
                    return Err(Stop::Character("after object key:value pair".to_owned()));
                }
            }
        }
    }

    fn array(&mut self) -> Result<PlainValue, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.next() == Some(b']') {
            self.at += 1;
            return Ok(PlainValue::List(items));
        }
        loop {
            self.skip_space();
            self.path.push(Step::Index(items.len()));
            items.push(self.value()?);
            self.path.pop();
            self.skip_space();
            match self.next() {
                None => return Err(Stop::End),
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(PlainValue::List(items));
                }
                Some(_) => return Err(Stop::Character("after array element".to_owned())),
            }
        }
    }

    fn string(&mut self) -> Result<String, Stop> {
        self.at += 1;
        let first = self.plain();
        if self.next() == Some(b'"')
            && let Ok(text) = str::from_utf8(first)
        {
            self.at += 1;
            return Ok(text.to_owned());
        }
        let mut value = first.to_vec();
        loop {
            match self.next() {
                None => return Err(Stop::End),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(String::from_utf8(value).unwrap_or_else(|no| lossy(no.as_bytes())));
                }
                Some(b'\\') => self.escape(&mut value)?,
                Some(..b' ') => return Err(Stop::Character("in string".to_owned())),
                Some(_) => value.extend_from_slice(self.plain()),
            }
        }
    }

    /// Steps over bytes of a string that mean themselves.
    fn plain(&mut self) -> &'a [u8] {
        let text: &'a [u8] = self.text;
        let rest = text.get(self.at..).unwrap_or_default();
        let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | ..b' ');
        let mut plain = rest
            .iter()
            .take(SHORT)
            .take_while(|byte| is_plain(byte))
            .count();
        if plain == SHORT {
            let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let run = rest.get(..end).unwrap_or_default();
            // Each byte is asked: processors do that many at once.
            let has_control = run.iter().fold(false, |any, byte| any | (*byte < b' '));
            plain = match has_control {
                true => run.iter().take_while(|byte| is_plain(byte)).count(),
                false => end,
            };
        }
        self.at += plain;
        rest.get(..plain).unwrap_or_default()
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

/// The first character as Go quotes it.
fn quote_first(text: &[u8]) -> String {
    let (rune, width) = unicode::decode_rune(text);
    match text.first() {
        None => "'\\x00'".to_owned(),
        Some(byte) if rune == 0xfffd && width == 1 => format!("'\\x{byte:02x}'"),
        Some(b'\'') => "'\\''".to_owned(),
        Some(b'"') => "'\"'".to_owned(),
        Some(_) => {
            let quoted = quote(text.get(..width).unwrap_or_default());
            format!("'{}'", quoted.trim_matches('"'))
        }
    }
}

fn escape_problem(what: &[u8]) -> String {
    let text = lossy(what);
    let awkward = |c: char| {
        let mut buffer = [0; 4];
        let encoded = c.encode_utf8(&mut buffer);
        c == '`'
            || c == '\u{fffd}'
            || c.is_whitespace()
            || quote(encoded.as_bytes()).len() > encoded.len() + 2
    };
    let is_awkward = |c: char| !matches!(c, '\\' | '"') && awkward(c);
    if text.contains(is_awkward) {
        format!("invalid escape sequence {} in string", quote(what))
    } else {
        format!("invalid escape sequence `{text}` in string")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};

    #[test]
    fn one_value_is_read_and_what_follows_is_left() {
        case("1,b=2", Some("Number(1.0) ..1"));
        case("12abc", Some("Number(12.0) ..2"));
        case(" \"a\\u00e9\\ud83d\\ude00\" ", Some("Str(\"aé😀\") ..22"));
        case("\"\\ud83dx\"", Some("Str(\"\u{fffd}x\") ..9"));
        case("null", Some("Null ..4"));
        case(
            "[true]",
            Some(
                "List([Plain { value: Bool(true), span: Span { file: FileId(0), start: 1, end: 5 }, anchored: None }]) ..6",
            ),
        );
        case("01", Some("Number(0.0) ..1"));
        case("1e999", None);
        case("{\"a\":}", None);
        case("[1,]", None);
        case("nul", None);
        case("\"a\n\"", None);
        case("", None);
    }

    #[test]
    fn of_many_keys_the_last_counts_too() {
        let keys = (0..20).map(|at| format!("\"k{at}\":{at},"));
        let text = format!("{{{}\"k1\":100,\"k15\":200}}", keys.collect::<String>());
        let read = read_json(FileId::DETACHED, text.as_bytes()).map(|json| json.plain.value);
        let Ok(PlainValue::Map(entries)) = read else {
            panic!("{read:?}");
        };
        assert_eq!(entries.len(), 20);
        assert_eq!(entries[1].2.value, PlainValue::Number(100.0));
        assert_eq!(entries[14].2.value, PlainValue::Number(14.0));
        assert_eq!(entries[15].2.value, PlainValue::Number(200.0));
    }

    #[test]
    fn a_number_that_is_too_large_is_told_with_its_way() {
        let read =
            |text: &str| read_json(FileId::DETACHED, text.as_bytes()).map(|json| json.overflow);
        let said =
            "json: cannot unmarshal number 1e999 into Go struct field .a\"b.c of type float64";
        let text = "{\"a\\\"b\":{\"c\":1e999}}";
        assert_eq!(read(text), Ok(Some(said.to_owned())));
    }

    #[test]
    fn of_a_repeated_key_the_last_counts() {
        case(
            "{\"a\":1,\"a\":null}",
            Some(
                "Map([(\"a\", Span { file: FileId(0), start: 7, end: 10 }, Plain { value: Null, span: Span { file: FileId(0), start: 11, end: 15 }, anchored: None })]) ..16",
            ),
        );
    }

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let file = Sources::new().add("--set-json[0]", FileKind::Values, Vec::new());
        let got = read_json_prefix(file, text.as_bytes(), 0)
            .map(|(plain, end)| format!("{:?} ..{end}", plain.value));
        assert_eq!(got.as_deref(), expected, "{text}");
    }
}
