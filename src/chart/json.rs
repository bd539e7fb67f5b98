//! JSON as `--set-json` takes it, with the bytes of every value.

use crate::source::{FileId, Span};
use crate::yaml::plain::{Plain, PlainValue};

/// Arrays and objects nest no deeper.
const MAX_DEPTH: usize = 256;

/// Reads one value from `start` on, and gives where it ends; what follows is not looked at.
/// `None` where it is no JSON.
pub(super) fn read(file: FileId, text: &str, start: usize) -> Option<(Plain, usize)> {
    let mut reader = Reader {
        file,
        text,
        at: start,
    };
    let value = reader.value(0)?;
    Some((value, reader.at))
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Plain> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        let start = self.at;
        let value = match self.peek()? {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => PlainValue::Str(self.string()?.into()),
            b'-' | b'0'..=b'9' => PlainValue::Number(self.number()?),
            _ => {
                let words = [
                    ("null", PlainValue::Null),
                    ("true", PlainValue::Bool(true)),
                    ("false", PlainValue::Bool(false)),
                ];
                let (word, value) = words
                    .into_iter()
                    .find(|(word, _)| self.rest().starts_with(word))?;
                self.at += word.len();
                value
            }
        };
        let span = Span::new(self.file, start, self.at);
        Some(Plain { value, span })
    }

    fn array(&mut self, depth: usize) -> Option<PlainValue> {
        self.eat(b'[')?;
        let mut items = Vec::new();
        self.space();
        if self.eat(b']').is_some() {
            return Some(PlainValue::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']').is_some() {
                return Some(PlainValue::List(items));
            }
            self.eat(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<PlainValue> {
        self.eat(b'{')?;
        let mut entries: Vec<(Box<str>, Span, Plain)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        self.space();
        if self.eat(b'}').is_some() {
            return Some(PlainValue::Map(entries));
        }
        loop {
            self.space();
            let start = self.at;
            let key: Box<str> = self.string()?.into();
            let span = Span::new(self.file, start, self.at);
            self.space();
            self.eat(b':')?;
            let value = self.value(depth + 1)?;
            match places.get(&key).and_then(|at: &usize| entries.get_mut(*at)) {
                Some(known) => *known = (key, span, value),
                None => {
                    places.insert(key.clone(), entries.len());
                    entries.push((key, span, value));
                }
            }
            self.space();
            if self.eat(b'}').is_some() {
                return Some(PlainValue::Map(entries));
            }
            self.eat(b',')?;
        }
    }

    fn number(&mut self) -> Option<f64> {
        let start = self.at;
        let _ = self.eat(b'-');
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number: f64 = self.text.get(start..self.at)?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut out = String::new();
        loop {
            let c = self.rest().chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(out),
                '\\' => {
                    let escaped = self.escape()?;
                    out.push(escaped);
                }
                c if u32::from(c) < 0x20 => return None,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(match c {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
                    let before = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let rune = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        return char::from_u32(rune);
                    }
                    self.at = before;
                }
                // Half of a pair is replaced, as encoding/json does.
                char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
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
        case("[true]", None.or(Some("List([Plain { value: Bool(true), span: Span { file: FileId(0), start: 1, end: 5 } }]) ..6")));
        case("01", Some("Number(0.0) ..1"));
        case("1e999", None);
        case("{\"a\":}", None);
        case("[1,]", None);
        case("nul", None);
        case("\"a\n\"", None);
        case("", None);
    }

    #[test]
    fn of_a_repeated_key_the_last_counts() {
        case(
            "{\"a\":1,\"a\":null}",
            Some(
                "Map([(\"a\", Span { file: FileId(0), start: 7, end: 10 }, Plain { value: Null, span: Span { file: FileId(0), start: 11, end: 15 } })]) ..16",
            ),
        );
    }

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let file = Sources::new().add("--set-json[0]", FileKind::Values, Vec::new());
        let got = read(file, text, 0).map(|(plain, end)| format!("{:?} ..{end}", plain.value));
        assert_eq!(got.as_deref(), expected, "{text}");
    }
}
