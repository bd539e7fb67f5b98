//! gobwas/glob 0.2.3 with the separator `/`, as Helm compiles the patterns of `.Files.Glob`.
//!
//! `*` and `?` do not cross a slash, `**` does; `[abc]`, `[!abc]`, `[a-c]`, `{a,b}` and `\` as usual. The
//! pattern becomes a regular expression, so matching takes linear time. The library itself is known to
//! mismatch some patterns with alternatives; that is not reproduced.

use super::unicode::{RUNE_ERROR, from_runes, to_runes};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Regex,
    /// For a pattern of text, `**` and text, which the library matches by prefix and suffix alone: the
    /// two may overlap, so `a/**/c` matches `a/c`.
    around: Option<(String, String)>,
}

/// The lexer: text as characters, 0 where it ends. A NUL in the pattern is taken for the end, as the
/// library takes it.
struct Lexer {
    runes: Vec<u32>,
    at: usize,
}

const END: u32 = 0;

impl Lexer {
    fn peek(&self) -> u32 {
        self.runes.get(self.at).copied().unwrap_or(END)
    }

    fn read(&mut self) -> u32 {
        let rune = self.peek();
        self.at += 1;
        rune
    }

    /// Literal text up to one of `breakers`, with escapes resolved.
    fn text(&mut self, breakers: &str) -> Vec<u32> {
        let mut out = Vec::new();
        let mut escaped = false;
        loop {
            let rune = self.read();
            let c = char::from_u32(rune).unwrap_or_default();
            if rune == END {
                return out;
            }
            if !escaped && c == '\\' {
                escaped = true;
                continue;
            }
            if !escaped && breakers.contains(c) {
                self.at -= 1;
                return out;
            }
            escaped = false;
            out.push(rune);
        }
    }
}

fn push_literal(out: &mut String, rune: u32) {
    out.push_str(&format!(r"\x{{{rune:X}}}"));
}

/// `[…]` after its bracket, as a class.
fn range(lexer: &mut Lexer, out: &mut String) -> Option<()> {
    let mut not = false;
    let mut first = lexer.read();
    if first == u32::from('!') {
        not = true;
        first = lexer.read();
    }
    if first == END {
        return None;
    }
    out.push_str(if not { "[^" } else { "[" });
    if lexer.peek() == u32::from('-') {
        lexer.at += 1;
        let high = lexer.read();
        if high == END || high < first {
            return None;
        }
        push_literal(out, first);
        out.push('-');
        push_literal(out, high);
    } else {
        lexer.at -= 1;
        let chars = lexer.text("]");
        if chars.is_empty() {
            return None;
        }
        for rune in chars {
            push_literal(out, rune);
        }
    }
    out.push(']');
    (lexer.read() == u32::from(']')).then_some(())
}

impl Glob {
    /// `glob.Compile(pattern, '/')`, `None` where that fails. An unclosed brace is no failure.
    pub fn compile(pattern: impl AsRef<[u8]>) -> Option<Glob> {
        let runes = to_runes(pattern.as_ref());
        if runes.contains(&RUNE_ERROR) {
            return None;
        }
        let mut lexer = Lexer { runes, at: 0 };
        let mut out = String::from(r"\A");
        let mut depth = 0usize;
        // The items of the pattern as far as `around` cares: `Some` for text, `None` for `**`.
        let mut items: Vec<Option<Vec<u32>>> = Vec::new();
        let mut plain = true;
        loop {
            plain &= !matches!(char::from_u32(lexer.peek()), Some('{' | '[' | '?'));
            match char::from_u32(lexer.read()).unwrap_or_default() {
                '\0' => break,
                '{' => {
                    depth += 1;
                    out.push_str("(?:");
                }
                ',' if depth > 0 => out.push('|'),
                '}' if depth > 0 => {
                    depth -= 1;
                    out.push(')');
                }
                '[' => range(&mut lexer, &mut out)?,
                '?' => out.push_str("[^/]"),
                '*' if lexer.peek() == u32::from('*') => {
                    lexer.at += 1;
                    out.push_str("(?s:.*)");
                    items.push(None);
                }
                '*' => {
                    plain = false;
                    out.push_str("[^/]*");
                }
                _ => {
                    lexer.at -= 1;
                    let text = lexer.text(if depth > 0 { "?*[{}," } else { "?*[{" });
                    for &rune in &text {
                        push_literal(&mut out, rune);
                    }
                    items.push(Some(text));
                }
            }
        }
        out.push_str(&")".repeat(depth));
        out.push_str(r"\z");
        let regex = RegexBuilder::new(&out).nest_limit(500).build().ok()?;
        let text = |runes: &[u32]| String::from_utf8_lossy(&from_runes(runes)).into_owned();
        let around = match items.as_slice() {
            [Some(prefix), None, Some(suffix)] if plain => Some((text(prefix), text(suffix))),
            _ => None,
        };
        Some(Glob { regex, around })
    }

    /// Whether the whole name matches. Bytes that are not UTF-8 count as U+FFFD.
    pub fn is_match(&self, name: impl AsRef<[u8]>) -> bool {
        let name = name.as_ref();
        let text = match std::str::from_utf8(name) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                Cow::Owned(String::from_utf8_lossy(&from_runes(&to_runes(name))).into_owned())
            }
        };
        match &self.around {
            Some((prefix, suffix)) => text.starts_with(prefix) && text.ends_with(suffix),
            None => self.regex.is_match(&text),
        }
    }
}
