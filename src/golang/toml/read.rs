//! Reading: what the library's lexer and parser take, with their messages.

use crate::golang::numparse::{parse_float, parse_int};
use crate::golang::quote::{quote, quote_rune};
use crate::golang::time::{Time, parse as parse_time};
use crate::golang::unicode::{append_rune, decode_rune, is_letter};

use super::table::{Key, Table, Tables, Value, show};

/// How deep arrays and inline tables may nest; the library has no limit.
const MAX_DEPTH: usize = 100;

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

/// Reads a document.
///
/// # Errors
/// The library's text.
pub fn read(text: &[u8]) -> Result<Table, String> {
    let text = [&b"\xff\xfe"[..], b"\xfe\xff", b"\xef\xbb\xbf"]
        .iter()
        .find_map(|mark| text.strip_prefix(*mark))
        .unwrap_or(text);
    if text.iter().take(6).any(|b| *b == 0) {
        let what =
            "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {what}"));
    }
    let mut reader = Reader {
        text,
        pos: 0,
        tables: Tables::default(),
        key: Vec::new(),
        key_line: 0,
        depth: 0,
    };
    match reader.document() {
        Ok(()) => Ok(reader.tables.root),
        Err(Stop { line, message }) => {
            let mut last = show(&reader.tables.context);
            if !reader.key.is_empty() {
                if !last.is_empty() {
                    last.push('.');
                }
                last.push_str(&String::from_utf8_lossy(&reader.key));
            }
            Err(match last.as_str() {
                "" => format!("toml: line {line}: {message}"),
                last => format!(
                    "toml: line {line} (last key {}): {message}",
                    quote(last.as_bytes())
                ),
            })
        }
    }
}

/// Why reading stopped.
struct Stop {
    line: usize,
    message: String,
}

type Read<T> = Result<T, Stop>;

struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    tables: Tables,
    /// The key whose value is read.
    key: Vec<u8>,
    /// The line of the key that was read last.
    key_line: usize,
    depth: usize,
}

/// A character, or the end.
type Rune = Option<u32>;

fn is(rune: Rune, byte: u8) -> bool {
    rune == Some(u32::from(byte))
}

fn is_blank(rune: Rune) -> bool {
    is(rune, b' ') || is(rune, b'\t')
}

fn is_newline(rune: Rune) -> bool {
    is(rune, b'\n') || is(rune, b'\r')
}

fn ascii(rune: Rune) -> u8 {
    rune.and_then(|rune| u8::try_from(rune).ok()).unwrap_or(0)
}

/// `%q` of a character; the end is the library's zero.
fn quoted(rune: Rune) -> String {
    quote_rune(rune.unwrap_or(0), false, false)
}

/// `%c` of a character.
fn plain(rune: Rune) -> String {
    let mut text = Vec::new();
    append_rune(&mut text, rune.unwrap_or(0));
    String::from_utf8_lossy(&text).into_owned()
}

fn rune_or_eof(rune: Rune) -> String {
    match rune {
        Some(_) => format!("'{}'", plain(rune)),
        None => "end of file".to_owned(),
    }
}

impl Reader<'_> {
    fn line(&self) -> usize {
        let before = self.text.get(..self.pos).unwrap_or_default();
        before.iter().filter(|b| **b == b'\n').count() + 1
    }

    fn fail<T>(&self, message: impl Into<String>) -> Read<T> {
        let mut line = self.line();
        if self.pos >= self.text.len() && self.text.last() == Some(&b'\n') {
            line -= 1;
        }
        Err(Stop {
            line,
            message: message.into(),
        })
    }

    /// About a character that was read: a line's end stands on the line that it begins.
    fn fail_about<T>(&self, rune: Rune, message: String) -> Read<T> {
        match rune {
            Some(_) => Err(Stop {
                line: self.line(),
                message,
            }),
            None => self.fail(message),
        }
    }

    /// About something that a line's end cut off: the line before.
    fn fail_before<T>(&self, message: impl Into<String>) -> Read<T> {
        Err(Stop {
            line: self.line().saturating_sub(1),
            message: message.into(),
        })
    }

    fn at_key<T>(&self, done: Result<T, String>) -> Read<T> {
        done.map_err(|message| Stop {
            line: self.key_line,
            message,
        })
    }

    /// The next character, unread.
    fn peek(&self) -> Read<Rune> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return Ok(None);
        };
        let (rune, width) = decode_rune(rest);
        let here = |message| {
            Err(Stop {
                line: self.line() + usize::from(*first == b'\n'),
                message,
            })
        };
        if rune == 0xFFFD && width == 1 {
            return here(format!("invalid UTF-8 byte: 0x{first:02x}"));
        }
        let lone_return = *first == b'\r' && rest.get(1) != Some(&b'\n');
        if lone_return || (rune < 0x20 && !matches!(first, b'\t' | b'\r' | b'\n')) || rune == 0x7F {
            return here(format!(
                "TOML files cannot contain control characters: '0x{rune:02x}'"
            ));
        }
        Ok(Some(rune))
    }

    fn next(&mut self) -> Read<Rune> {
        let rune = self.peek()?;
        if rune.is_some() {
            self.pos += decode_rune(self.text.get(self.pos..).unwrap_or_default()).1;
        }
        Ok(rune)
    }

    fn accept(&mut self, byte: u8) -> Read<bool> {
        let found = is(self.peek()?, byte);
        if found {
            self.pos += 1;
        }
        Ok(found)
    }

    fn accept_word(&mut self, word: &[u8]) -> Read<bool> {
        for byte in word {
            if !self.accept(*byte)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn skip(&mut self, want: impl Fn(Rune) -> bool) -> Read<()> {
        while want(self.peek()?) {
            self.next()?;
        }
        Ok(())
    }

    fn since(&self, start: usize) -> &[u8] {
        self.text.get(start..self.pos).unwrap_or_default()
    }

    fn comment(&mut self) -> Read<()> {
        self.skip(|rune| rune.is_some() && !is_newline(rune))
    }

    fn document(&mut self) -> Read<()> {
        loop {
            self.skip(|rune| is_blank(rune) || is_newline(rune))?;
            let rune = self.peek()?;
            match ascii(rune) {
                _ if rune.is_none() => return Ok(()),
                b'#' => {
                    self.comment()?;
                    continue;
                }
                b'[' => self.header()?,
                _ => self.assignment()?,
            }
            self.skip(is_blank)?;
            let end = self.next()?;
            match ascii(end) {
                _ if end.is_none() => return Ok(()),
                b'#' => self.comment()?,
                b'\n' | b'\r' => {}
                _ => {
                    return self.fail(format!(
                        "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                        quoted(end)
                    ));
                }
            }
        }
    }

    /// `[name]` or `[[name]]`.
    fn header(&mut self) -> Read<()> {
        self.next()?;
        let array = self.accept(b'[')?;
        let mut key = Key::new();
        loop {
            self.skip(is_blank)?;
            let rune = self.peek()?;
            match ascii(rune) {
                _ if rune.is_none() => {
                    return self.fail("unexpected end of table name (table names cannot be empty)");
                }
                b']' => {
                    return self.fail("unexpected end of table name (table names cannot be empty)");
                }
                b'.' => {
                    return self.fail("unexpected table separator (table names cannot be empty)");
                }
                _ => {}
            }
            let part = self.key_part()?;
            if key.is_empty() {
                self.key_line = self.line();
            }
            key.push(part);
            self.skip(is_blank)?;
            let rune = self.next()?;
            match ascii(rune) {
                b'.' => {}
                b']' => break,
                _ => {
                    return self.fail_about(
                        rune,
                        format!(
                            "expected '.' or ']' to end table name, but got {} instead",
                            quoted(rune)
                        ),
                    );
                }
            }
        }
        if array {
            let rune = self.next()?;
            if !is(rune, b']') {
                return self.fail(format!(
                    "expected end of table array name delimiter ']', but got {} instead",
                    quoted(rune)
                ));
            }
        }
        let opened = self.tables.open(&key, array);
        self.at_key(opened)?;
        self.tables.mark(b"", false);
        Ok(())
    }

    /// One part of a key.
    fn key_part(&mut self) -> Read<Vec<u8>> {
        if self.accept(b'"')? {
            return self.string();
        }
        if self.accept(b'\'')? {
            return self.raw_string();
        }
        let start = self.pos;
        let bare = |rune: Rune| {
            let byte = ascii(rune);
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        };
        self.skip(bare)?;
        Ok(self.since(start).to_vec())
    }

    /// All parts of a key and the equals sign.
    fn whole_key(&mut self) -> Read<Key> {
        self.skip(is_blank)?;
        let rune = self.peek()?;
        if rune.is_none() || is(rune, b'=') {
            return self.fail("unexpected '=': key name appears blank");
        }
        if is(rune, b'.') {
            return self.fail("unexpected '.': keys cannot start with a '.'");
        }
        let mut key = Key::new();
        loop {
            let part = self.key_part()?;
            if key.is_empty() {
                self.key_line = self.line();
            }
            key.push(part);
            self.skip(is_blank)?;
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => {
                    return self.fail("unexpected EOF; expected key separator '='");
                }
                b'=' => return Ok(key),
                b'.' => {}
                found => {
                    let message = format!("expected '.' or '=', but got {} instead", quoted(rune));
                    return match found {
                        b'\n' => self.fail_before(message),
                        _ => self.fail(message),
                    };
                }
            }
            self.skip(is_blank)?;
            let rune = self.peek()?;
            if rune.is_none() || is(rune, b'=') {
                return self.fail("unexpected '='");
            }
            if is(rune, b'.') {
                return self.fail("unexpected '.'");
            }
        }
    }

    /// `key = value`, into the open table. Gives the parts before the last, it, and the value.
    fn assignment(&mut self) -> Read<()> {
        let outer = self.tables.context.clone();
        self.pair()?;
        self.tables.context = outer;
        self.key = Vec::new();
        Ok(())
    }

    fn pair(&mut self) -> Read<(Key, Value)> {
        let key = self.whole_key()?;
        let (last, parents) = key.split_last().map_or((&[][..], &[][..]), |(l, p)| (l, p));
        self.key = last.to_vec();
        for part in parents {
            let mut path = self.tables.context.clone();
            path.push(part.clone());
            self.tables.imply(path.clone());
            let opened = self.tables.open(&path, false);
            self.at_key(opened)?;
        }
        let value = self.value(false)?;
        let set = self.tables.set(last, value.clone());
        self.at_key(set)?;
        self.tables.mark(last, matches!(value, Value::Array(_)));
        Ok((key, value))
    }

    fn value(&mut self, in_array: bool) -> Read<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("arrays and inline tables nest too deep");
        }
        let value = self.one_value(in_array);
        self.depth -= 1;
        value
    }

    fn one_value(&mut self, in_array: bool) -> Read<Value> {
        self.skip(is_blank)?;
        let start = self.pos;
        let rune = self.next()?;
        match ascii(rune) {
            b'0'..=b'9' => return self.number_or_date(start),
            b'[' => return self.array(),
            b'{' => return self.inline_table(in_array),
            b'"' => {
                return Ok(Value::String(match self.accept(b'"')? {
                    true if self.accept(b'"')? => self.long_string()?,
                    true => Vec::new(),
                    false => self.string()?,
                }));
            }
            b'\'' => {
                return Ok(Value::String(match self.accept(b'\'')? {
                    true if self.accept(b'\'')? => self.long_raw_string()?,
                    true => Vec::new(),
                    false => self.raw_string()?,
                }));
            }
            b'.' => return self.fail("floats must start with a digit, not '.'"),
            b'i' | b'n'
                if (self.accept(b'n')? && self.accept(b'f')?)
                    || (self.accept(b'a')? && self.accept(b'n')?) =>
            {
                return self.float_value(start);
            }
            b'-' | b'+' => return self.signed(start),
            _ => {}
        }
        if rune.is_some_and(is_letter) {
            return self.boolean(rune);
        }
        match rune {
            None => self.fail("unexpected EOF; expected value"),
            Some(0x0A) => {
                self.fail_before(format!("expected value but found {} instead", quoted(rune)))
            }
            _ => self.fail(format!("expected value but found {} instead", quoted(rune))),
        }
    }

    fn boolean(&mut self, first: Rune) -> Read<Value> {
        // The library goes back one character, whatever it accepted of `inf` and `nan` before.
        let width = first.and_then(char::from_u32).map_or(0, char::len_utf8);
        self.pos -= width;
        let start = self.pos;
        while self.peek()?.is_some_and(is_letter) {
            self.next()?;
        }
        match self.since(start) {
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            other => {
                let message = format!("expected value but found {} instead", quote(other));
                self.fail(message)
            }
        }
    }

    fn array(&mut self) -> Read<Value> {
        let key = self.key.clone();
        self.tables.mark(&key, true);
        let mut items = Vec::new();
        loop {
            self.skip(|rune| is_blank(rune) || is_newline(rune))?;
            match ascii(self.peek()?) {
                b'#' => {
                    self.comment()?;
                    continue;
                }
                b',' => {
                    self.next()?;
                    return self.fail("unexpected comma");
                }
                b']' => {
                    self.next()?;
                    return Ok(Value::Array(items));
                }
                _ => {}
            }
            items.push(self.value(true)?);
            loop {
                let rune = self.next()?;
                match ascii(rune) {
                    b' ' | b'\t' | b'\n' | b'\r' => {}
                    b'#' => self.comment()?,
                    b',' => break,
                    b']' => return Ok(Value::Array(items)),
                    _ => {
                        return self.fail(format!(
                            "expected a comma (',') or array terminator (']'), but got {}",
                            rune_or_eof(rune)
                        ));
                    }
                }
            }
        }
    }

    fn inline_table(&mut self, in_array: bool) -> Read<Value> {
        let (outer, outer_key) = (self.tables.context.clone(), std::mem::take(&mut self.key));
        let mut inner = outer.clone();
        inner.push(outer_key.clone());
        self.tables.context.clone_from(&inner);
        self.tables.imply(inner.clone());
        let opened = self.tables.open(&inner, in_array);
        self.at_key(opened)?;
        let inner = self.tables.context.clone();
        let mut table = Table::new();
        'pairs: loop {
            self.skip(|rune| is_blank(rune) || is_newline(rune))?;
            match ascii(self.peek()?) {
                b'#' => {
                    self.comment()?;
                    continue;
                }
                b',' => {
                    self.next()?;
                    return self.fail("unexpected comma");
                }
                b'}' => {
                    self.next()?;
                    break;
                }
                _ => {}
            }
            let (key, value) = self.pair()?;
            let nested = insert(&mut table, &key, value, &self.tables.context);
            self.at_key(nested)?;
            self.tables.context.clone_from(&inner);
            loop {
                let rune = self.next()?;
                match ascii(rune) {
                    b' ' | b'\t' | b'\n' | b'\r' => {}
                    b'#' => self.comment()?,
                    b',' => {
                        self.skip(is_blank)?;
                        if !is(self.peek()?, b'}') {
                            break;
                        }
                    }
                    b'}' => break 'pairs,
                    _ => {
                        return self.fail(format!(
                            "expected a comma or an inline table terminator '}}', but got {} instead",
                            rune_or_eof(rune)
                        ));
                    }
                }
            }
        }
        self.tables.context = outer;
        self.key = outer_key;
        Ok(Value::Table(table))
    }

    fn string(&mut self) -> Read<Vec<u8>> {
        let start = self.pos;
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => return self.fail("unexpected EOF; expected '\"'"),
                b'\n' | b'\r' => return self.fail_before("strings cannot contain newlines"),
                b'\\' => self.escape(start)?,
                b'"' => break,
                _ => {}
            }
        }
        let raw = self.text.get(start..self.pos - 1).unwrap_or_default();
        self.unescaped(raw)
    }

    fn raw_string(&mut self) -> Read<Vec<u8>> {
        let start = self.pos;
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => return self.fail("unexpected EOF; expected \"'\""),
                b'\n' | b'\r' => return self.fail_before("strings cannot contain newlines"),
                b'\'' => break,
                _ => {}
            }
        }
        Ok(self
            .text
            .get(start..self.pos - 1)
            .unwrap_or_default()
            .to_vec())
    }

    /// Looks for the three quotes that end a long string, after its first one. Up to two more may
    /// stand before them.
    fn closes(&mut self, quote: u8, start: usize) -> Read<bool> {
        if !(self.accept(quote)? && self.accept(quote)?) {
            return Ok(false);
        }
        if !is(self.peek()?, quote) {
            return Ok(true);
        }
        let five = [quote; 5];
        let mut escaped = vec![b'\\'];
        escaped.extend(five);
        let text = self.since(start);
        if text.ends_with(&five) && !(quote == b'"' && text.ends_with(&escaped)) {
            return match quote {
                b'"' => self.fail("unexpected '\"\"\"\"\"\"'"),
                _ => self.fail("unexpected \"''''''\""),
            };
        }
        self.pos -= 2;
        Ok(false)
    }

    fn long_string(&mut self) -> Read<Vec<u8>> {
        let start = self.pos;
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => return self.fail("unexpected EOF; expected '\"\"\"'"),
                b'\\' if is_newline(self.peek()?) => {
                    self.next()?;
                }
                b'\\' => self.escape(start)?,
                b'"' if self.closes(b'"', start)? => break,
                _ => {}
            }
        }
        let raw = self.text.get(start..self.pos - 3).unwrap_or_default();
        let joined = without_escaped_newlines(without_first_newline(raw));
        self.unescaped(&joined)
    }

    fn long_raw_string(&mut self) -> Read<Vec<u8>> {
        let start = self.pos;
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => return self.fail("unexpected EOF; expected \"'''\""),
                b'\'' if self.closes(b'\'', start)? => break,
                _ => {}
            }
        }
        let raw = self.text.get(start..self.pos - 3).unwrap_or_default();
        Ok(without_first_newline(raw).to_vec())
    }

    /// Checks what follows a backslash in the string that begins at `start`.
    fn escape(&mut self, start: usize) -> Read<()> {
        let rune = self.next()?;
        let (digits, word) = match ascii(rune) {
            b'e' | b'b' | b't' | b'n' | b'f' | b'r' | b'"' | b' ' | b'\t' | b'\\' => return Ok(()),
            b'x' => (2, "two hexadecimal digits after '\\x'"),
            b'u' => (4, "four hexadecimal digits after '\\u'"),
            b'U' => (8, "eight hexadecimal digits after '\\U'"),
            _ => {
                let message = format!("invalid escape in string '\\{}'", plain(rune));
                // The end of the text is told a line early, whatever stands before it.
                let early = usize::from(rune.is_none());
                let line = self.line().saturating_sub(early);
                return Err(Stop { line, message });
            }
        };
        for _ in 0..digits {
            let rune = self.next()?;
            if !ascii(rune).is_ascii_hexdigit() {
                // The library quotes the whole string so far.
                let got = quote(self.since(start));
                return self.fail(format!("expected {word}, but got {got} instead"));
            }
        }
        Ok(())
    }

    fn unescaped(&self, text: &[u8]) -> Read<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if *first != b'\\' {
                out.push(*first);
                continue;
            }
            let kind = rest.first().copied().unwrap_or(0);
            rest = rest.get(1..).unwrap_or_default();
            let digits = match kind {
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                b' ' | b'\t' => {
                    return self.fail(format!("invalid escape: '\\{}'", char::from(kind)));
                }
                _ => {
                    out.push(match kind {
                        b'b' => 8,
                        b't' => b'\t',
                        b'n' => b'\n',
                        b'f' => 12,
                        b'r' => b'\r',
                        b'e' => 0x1B,
                        other => other,
                    });
                    continue;
                }
            };
            let hex = rest.get(..digits).unwrap_or_default();
            rest = rest.get(digits..).unwrap_or_default();
            let hex = String::from_utf8_lossy(hex);
            match u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32) {
                Some(char) => append_rune(&mut out, u32::from(char)),
                None => {
                    return self.fail(format!("Escaped character '\\u{hex}' is not valid UTF-8."));
                }
            }
        }
        Ok(out)
    }

    fn number_or_date(&mut self, start: usize) -> Read<Value> {
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

    fn signed(&mut self, start: usize) -> Read<Value> {
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

    fn float_value(&self, start: usize) -> Read<Value> {
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
                    ..time
                },
            }));
        }
        self.fail(format!("invalid datetime: {}", quote(&text)))
    }
}

/// Writes a pair of an inline table into the value that the table becomes.
fn insert(table: &mut Table, key: &[Vec<u8>], value: Value, context: &Key) -> Result<(), String> {
    let Some((last, parents)) = key.split_last() else {
        return Ok(());
    };
    let mut table = table;
    for part in parents {
        let entry = table
            .entry(part.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else {
            let context = show(context);
            return Err(format!("{} is not a table", quote(context.as_bytes())));
        };
        table = inner;
    }
    table.insert(last.clone(), value);
    Ok(())
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

fn without_first_newline(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\n")
        .or(text.strip_prefix(b"\r\n"))
        .unwrap_or(text)
}

/// Drops backslashes at a line's end with all white space that follows.
fn without_escaped_newlines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let rest = text.get(at + 1..).unwrap_or_default();
        if *byte != b'\\' {
            out.push(*byte);
            at += 1;
            continue;
        }
        if rest.first() == Some(&b'\\') {
            out.extend(b"\\\\");
            at += 2;
            continue;
        }
        let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        let blank = rest.iter().take_while(|b| is_space(b)).count();
        if rest.get(..blank).unwrap_or_default().contains(&b'\n') {
            at += 1 + blank;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}
