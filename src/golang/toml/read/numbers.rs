//! Numbers, dates and times.

use crate::golang::numparse::{parse_float, parse_int};
use crate::golang::quote::quote;
use crate::golang::time::{Place, Time, parse as parse_time};

use super::super::table::Value;
use super::{Read, Reader, Rune, ascii, is, plain, quoted};

/// The layouts of dates and times, and the zones of those that name none.
const LAYOUTS: [(&[u8], &[u8]); 7] = [
    (b"2006-01-02T15:04:05.999999999Z07:00", b""),
    (b"2006-01-02T15:04:05.999999999", b"datetime-local"),
    (b"2006-01-02", b"date-local"),
    (b"15:04:05.999999999", b"time-local"),
    (b"2006-01-02T15:04Z07:00", b""),
    (b"2006-01-02T15:04", b"datetime-local"),
    (b"15:04", b"time-local"),
];

impl Reader<'_> {
    pub(super) fn number_or_date(&mut self, start: usize) -> Read<Value> {
        let zero = self.since(start) == b"0";
        let base = ascii(self.peek()?);
        if zero && matches!(base, b'b' | b'o' | b'x') {
            return self.based(start, base);
        }
        self.skip(|rune| ascii(rune).is_ascii_digit())?;
        match ascii(self.peek()?) {
            // A single zero begins no date.
            b'-' | b':' if self.since(start) != b"0" => self.date(start),
            b'_' => self.decimal(start),
            b'.' | b'e' | b'E' => self.float(start),
            _ => self.integer(start),
        }
    }

    fn based(&mut self, start: usize, base: u8) -> Read<Value> {
        self.next()?;
        let is_digit = |rune: Rune| match base {
            b'b' => matches!(ascii(rune), b'0' | b'1'),
            b'o' => matches!(ascii(rune), b'0'..=b'7'),
            _ => ascii(rune).is_ascii_hexdigit(),
        };
        let rune = self.peek()?;
        if !is_digit(rune) {
            let kind = match base {
                b'b' => "a binary",
                b'o' => "an octal",
                _ => "a hexadecimal",
            };
            let shown = plain(rune);
            let so_far = String::from_utf8_lossy(self.since(start)).into_owned();
            return self.fail(format!("not {kind} number: '{so_far}{shown}'"));
        }
        self.skip(|rune| is_digit(rune) || is(rune, b'_'))?;
        self.integer(start)
    }

    pub(super) fn signed(&mut self, start: usize) -> Read<Value> {
        let rune = self.next()?;
        let word: &[u8] = match ascii(rune) {
            b'i' => b"nf",
            b'n' => b"an",
            b'0' if matches!(ascii(self.peek()?), b'b' | b'o' | b'x') => {
                let shown =
                    String::from_utf8_lossy(self.text.get(start..=self.pos).unwrap_or_default());
                return self.fail(format!(
                    "cannot use sign with non-decimal numbers: '{shown}'"
                ));
            }
            b'0'..=b'9' => return self.decimal(start),
            b'.' => return self.fail("floats must start with a digit, not '.'"),
            _ => {
                return self.fail_about(rune, format!("expected a digit but got {}", quoted(rune)));
            }
        };
        if self.accept_word(word)? {
            return self.float_value(start);
        }
        let shown = String::from_utf8_lossy(self.since(start)).into_owned();
        self.fail(format!("invalid float: '{shown}'"))
    }

    fn decimal(&mut self, start: usize) -> Read<Value> {
        self.skip(|rune| ascii(rune).is_ascii_digit() || is(rune, b'_'))?;
        match ascii(self.peek()?) {
            b'.' | b'e' | b'E' => self.float(start),
            _ => self.integer(start),
        }
    }

    fn integer(&mut self, start: usize) -> Read<Value> {
        let text = self.since(start).to_vec();
        if !underscores_fit(&text) {
            return self.fail(format!(
                "Invalid integer {}: underscores must be surrounded by digits",
                quote(&text)
            ));
        }
        if has_leading_zero(&text) {
            return self.fail(format!(
                "Invalid integer {}: cannot have leading zeroes",
                quote(&text)
            ));
        }
        match parse_int(&text, 0, 64) {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => self.fail(format!(
                "{} is out of range for int64",
                String::from_utf8_lossy(&text)
            )),
        }
    }

    fn float(&mut self, start: usize) -> Read<Value> {
        self.skip(|rune| {
            let byte = ascii(rune);
            byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-' | b'+' | b'e' | b'E')
        })?;
        self.float_value(start)
    }

    pub(super) fn float_value(&self, start: usize) -> Read<Value> {
        let text = self.since(start).to_vec();
        let shown = quote(&text);
        let parts: Vec<&[u8]> = text
            .split(|b| matches!(b, b'.' | b'e' | b'E'))
            .filter(|part| !part.is_empty())
            .collect();
        if !parts.iter().all(|part| underscores_fit(part)) {
            return self.fail(format!(
                "Invalid float {shown}: underscores must be surrounded by digits"
            ));
        }
        if parts.first().is_some_and(|part| has_leading_zero(part)) {
            return self.fail(format!("Invalid float {shown}: cannot have leading zeroes"));
        }
        let after_points = text.split(|b| *b == b'.').skip(1);
        if !after_points
            .map(<[u8]>::first)
            .all(|first| first.is_some_and(u8::is_ascii_digit))
        {
            return self.fail(format!(
                "Invalid float {shown}: '.' must be followed by one or more digits"
            ));
        }
        let plain: Vec<u8> = text.iter().copied().filter(|b| *b != b'_').collect();
        let number = match plain.as_slice() {
            b"+nan" | b"-nan" => Ok(f64::NAN),
            other => parse_float(other, 64),
        };
        match number {
            Ok(number) => Ok(Value::Float(number)),
            Err(error) if error.to_string().ends_with("value out of range") => self.fail(format!(
                "{} is out of range for float64",
                String::from_utf8_lossy(&text)
            )),
            Err(_) => self.fail(format!("Invalid float value: {shown}")),
        }
    }

    fn date(&mut self, start: usize) -> Read<Value> {
        self.skip(|rune| {
            let byte = ascii(rune);
            byte.is_ascii_digit()
                || matches!(
                    byte,
                    b'-' | b':' | b'T' | b't' | b' ' | b'.' | b'Z' | b'z' | b'+'
                )
        })?;
        let text: Vec<u8> = self
            .since(start)
            .trim_ascii()
            .iter()
            .map(|b| match b {
                b'z' => b'Z',
                b't' | b' ' => b'T',
                other => *other,
            })
            .collect();
        for (layout, zone) in LAYOUTS {
            let Ok(time) = parse_time(layout, &text) else {
                continue;
            };
            if misses_zero(&text, layout) {
                break;
            }
            return Ok(Value::Time(match zone {
                b"" => time,
                zone => Time {
                    zone: zone.to_vec(),
                    place: Place::Fixed,
                    ..time
                },
            }));
        }
        self.fail(format!("invalid datetime: {}", quote(&text)))
    }
}

/// Go's parser takes numbers without a leading zero, TOML does not.
fn misses_zero(text: &[u8], layout: &[u8]) -> bool {
    for (at, byte) in layout.iter().enumerate() {
        if matches!(byte, b'.' | b'Z') {
            return false;
        }
        if !byte.is_ascii_digit() && text.get(at) != Some(byte) {
            return true;
        }
    }
    false
}

fn has_leading_zero(text: &[u8]) -> bool {
    match text {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

/// Whether each underscore stands between digits.
fn underscores_fit(text: &[u8]) -> bool {
    let word = text.strip_prefix(b"+").or(text.strip_prefix(b"-"));
    if matches!(word.unwrap_or(text), b"nan" | b"inf") {
        return true;
    }
    let mut accept = false;
    for byte in text {
        if *byte == b'_' && !accept {
            return false;
        }
        accept = byte.is_ascii_hexdigit();
    }
    accept
}
