//! Reading: what the library's lexer and parser take, with their messages.

mod document;
mod numbers;
mod strings;

use crate::golang::quote::{quote, quote_rune};
use crate::golang::unicode::{append_rune, decode_rune};

use super::table::{Table, Tables, show};

/// How deep arrays and inline tables may nest; the library has no limit.
const MAX_DEPTH: usize = 100;

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
}
