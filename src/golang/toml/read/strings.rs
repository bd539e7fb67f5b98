//! Strings of one line and of several, with escapes and without.

use crate::golang::quote::quote;
use crate::golang::unicode::append_rune;

use super::{Read, Reader, Stop, ascii, is, is_newline, plain};

impl Reader<'_> {
    pub(super) fn string(&mut self) -> Read<Vec<u8>> {
        let raw = self.until(b'"', "'\"'", false)?;
        self.unescaped(&raw)
    }

    pub(super) fn raw_string(&mut self) -> Read<Vec<u8>> {
        self.until(b'\'', "\"'\"", false)
    }

    /// What stands before the quote that ends a string, or before the three that end a long one,
    /// which may have several lines.
    fn until(&mut self, quote: u8, shown: &str, is_long: bool) -> Read<Vec<u8>> {
        let start = self.pos;
        let has_escapes = quote == b'"';
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                _ if rune.is_none() => {
                    return self.fail(format!("unexpected EOF; expected {shown}"));
                }
                b'\n' | b'\r' if !is_long => {
                    return self.fail_before("strings cannot contain newlines");
                }
                b'\\' if has_escapes && is_long && is_newline(self.peek()?) => {
                    self.next()?;
                }
                b'\\' if has_escapes => self.escape(start)?,
                found if found == quote && (!is_long || self.closes(quote, start)?) => break,
                _ => {}
            }
        }
        Ok(self.before(start, if is_long { 3 } else { 1 }))
    }

    /// What was read since `start` without the last bytes.
    fn before(&self, start: usize, last: usize) -> Vec<u8> {
        let raw = self.text.get(start..self.pos - last);
        raw.unwrap_or_default().to_vec()
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

    pub(super) fn long_string(&mut self) -> Read<Vec<u8>> {
        let raw = self.until(b'"', "'\"\"\"'", true)?;
        let joined = without_escaped_newlines(without_first_newline(&raw));
        self.unescaped(&joined)
    }

    pub(super) fn long_raw_string(&mut self) -> Read<Vec<u8>> {
        let raw = self.until(b'\'', "\"'''\"", true)?;
        Ok(without_first_newline(&raw).to_vec())
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
