//! Lines that are read without tokens: most of a manifest is `key: value` and `- value`.
//!
//! Each step here leaves the scanner as it would stand behind the tokens that it steps over, had
//! they been fetched and taken; where that is not sure it takes none, and tokens are fetched.

use std::cmp::Ordering;

use super::super::document::ScalarStyle;
use super::Scanner;
use super::fetch::KEY_LENGTH;
use super::run::{leading_in, spaces};

/// A scalar on one line, which means what is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::yaml) struct Word<'a> {
    pub(in crate::yaml) text: &'a str,
    pub(in crate::yaml) style: ScalarStyle,
    /// Its bytes, with their quotes.
    pub(in crate::yaml) start: usize,
    pub(in crate::yaml) end: usize,
}

/// Spaces and line breaks up to what follows them.
struct Gap {
    /// How many bytes from here they end.
    end: usize,
    lines: usize,
    column: usize,
    /// The byte behind them; `None` at the end of the text.
    next: Option<u8>,
}

/// By byte, whether it is printable ASCII that means only itself within a plain scalar in block
/// context: no space, `:` or `#`.
const WITHIN_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        table[byte as usize] = !matches!(byte, b':' | b'#');
        byte += 1;
    }
    table
};

/// By byte, whether it is a letter, a digit or one of `_-./`.
const WITHIN_KEY: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        let is_sign = matches!(byte, b'_' | b'-' | b'.' | b'/');
        table[byte as usize] = byte.is_ascii_alphanumeric() || is_sign;
        byte += 1;
    }
    table
};

/// Whether a plain scalar may begin so wherever it stands: this is no indicator, and no part of
/// `---` or `...`.
fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.mark.pos..).unwrap_or_default()
    }

    /// Whether the text alone decides what comes next: in block context no token waits, none can
    /// become a key, and it does not matter how far yaml.v2 has looked.
    pub(in crate::yaml) fn is_between_tokens(&self) -> bool {
        #[cfg(test)]
        if tests::tokens_only() {
            return false;
        }
        self.tokens.is_empty()
            && self.forbidden.is_none()
            && self.flow_level == 0
            && !self.ended
            && self.simple_keys.last().is_some_and(|key| !key.possible)
    }

    /// Goes to the next token, and says how its column compares with the indentation of the block
    /// around it. `None` where tokens are needed to know.
    pub(in crate::yaml) fn next_line(&mut self) -> Option<Ordering> {
        if !self.is_between_tokens() {
            return None;
        }
        let gap = self.gap(0);
        self.go_to(&gap);
        // Anything else may be more that stands before a token: a tab, a comment, a byte order mark.
        if !matches!(gap.next, Some(b'$'..=b'~')) {
            self.skip_to_token();
        }
        let is_end = self.mark.pos >= self.text.len();
        (!is_end).then(|| self.column().cmp(&self.indent))
    }

    /// The first byte behind the spaces on this line; 0 at the end of the text.
    pub(in crate::yaml) fn next_byte(&mut self) -> u8 {
        self.skip_spaces(usize::MAX);
        self.rest().first().copied().unwrap_or_default()
    }

    /// Whether what stands here begins as a key or a word does.
    pub(in crate::yaml) fn is_word_ahead(&self) -> bool {
        self.rest().first().copied().is_some_and(starts_word)
    }

    /// Whether a `-` with an item or nothing behind it stands here, where one may.
    pub(in crate::yaml) fn is_dash_ahead(&self) -> bool {
        self.simple_key_allowed && matches!(self.rest(), [b'-', b' ' | b'\n', ..])
    }

    /// Steps over that `-` and gives the offset behind it.
    pub(in crate::yaml) fn take_dash(&mut self) -> usize {
        self.step(1);
        self.taken += 1;
        self.mark.pos
    }

    /// Starts a block collection here, where there is room for one more.
    pub(in crate::yaml) fn start_block(&mut self) -> bool {
        if self.indents.len() + 1 >= self.max_depth {
            return false;
        }
        self.indents.push(self.indent);
        self.indent = self.column();
        self.taken += 1;
        true
    }

    /// Ends the innermost block collection.
    pub(in crate::yaml) fn end_block(&mut self) {
        self.indent = self.indents.pop().unwrap_or(-1);
        self.taken += 1;
    }

    /// The plain key that stands here, if one does; its `:` follows at once.
    pub(in crate::yaml) fn plain_key(&self) -> Option<Word<'a>> {
        if !self.simple_key_allowed || !self.is_word_ahead() {
            return None;
        }
        let start = self.mark.pos;
        let rest = self.rest();
        let length = leading_in(&WITHIN_KEY, rest);
        if length > KEY_LENGTH || !matches!(rest.get(length..)?, [b':', b' ' | b'\n', ..]) {
            return None;
        }
        Some(Word {
            text: self.whole.get(start..start + length)?,
            style: ScalarStyle::Plain,
            start,
            end: start + length,
        })
    }

    /// Steps over the key and its `:` and gives the offset behind them.
    pub(in crate::yaml) fn take_key(&mut self, key: &Word<'_>) -> usize {
        self.step(key.end + 1 - key.start);
        self.simple_key_allowed = false;
        self.taken += 3;
        self.mark.pos
    }

    /// Steps over the scalar that is the rest of this line, or that only a comment follows. It is
    /// the value of a key or an item.
    pub(in crate::yaml) fn take_word(&mut self) -> Option<Word<'a>> {
        let word = match self.rest() {
            [quote @ (b'"' | b'\''), ..] => self.quoted_word(*quote)?,
            [b'-', b'!'..=b'~', ..] => self.plain_word()?,
            [first, ..] if starts_word(*first) || matches!(first, b'/' | b'$' | b'.' | b'+') => {
                self.plain_word()?
            }
            _ => return None,
        };
        self.taken += 1;
        Some(word)
    }

    /// The opening one of the empty brackets that the rest of this line is.
    pub(in crate::yaml) fn opening_bracket(&self) -> Option<u8> {
        match self.rest() {
            [b'[', b']', b'\n', ..] | [b'{', b'}', b'\n', ..] => self.rest().first().copied(),
            _ => None,
        }
    }

    /// Steps over those brackets and gives the offset behind them.
    pub(in crate::yaml) fn take_brackets(&mut self) -> usize {
        self.step(2);
        self.simple_key_allowed = false;
        self.taken += 2;
        self.mark.pos
    }

    fn plain_word(&mut self) -> Option<Word<'a>> {
        let start = self.mark.pos;
        let rest = self.rest();
        let mut at = 0;
        // Behind the last byte that is no space.
        let mut end = 0;
        loop {
            let length = leading_in(&WITHIN_PLAIN, rest.get(at..)?);
            at += length;
            if length > 0 {
                end = at;
            }
            match rest.get(at..)? {
                [b' ', ..] => at += 1,
                [b':', b'!'..=b'~', ..] => {
                    at += 1;
                    end = at;
                }
                [b'#', ..] if end < at => break,
                [b'#', ..] => {
                    at += 1;
                    end = at;
                }
                [b'\n', ..] => break,
                _ => return None,
            }
        }
        let text = self.whole.get(start..start + end)?;
        if rest.get(at) == Some(&b'#') {
            self.step(at);
            self.simple_key_allowed = false;
        } else {
            self.end_plain_word(at)?;
        }
        Some(Word {
            text,
            style: ScalarStyle::Plain,
            start,
            end: start + end,
        })
    }

    /// Goes to what follows the line break that is `at` bytes from here, if it does not go on with
    /// the plain scalar before it.
    fn end_plain_word(&mut self, at: usize) -> Option<()> {
        let gap = self.gap(at);
        match gap.next {
            None | Some(b'#') => {}
            Some(b'!'..=b'~') if isize::try_from(gap.column).ok()? <= self.indent => {}
            Some(_) => return None,
        }
        self.go_to(&gap);
        Some(())
    }

    /// The spaces and line breaks that start `at` bytes from here, on this line.
    fn gap(&self, at: usize) -> Gap {
        let rest = self.rest();
        let mut gap = Gap {
            end: at,
            lines: 0,
            column: self.mark.column + at,
            next: None,
        };
        loop {
            gap.next = rest.get(gap.end).copied();
            match gap.next {
                Some(b'\n') => {
                    gap.lines += 1;
                    gap.column = 0;
                    gap.end += 1;
                }
                Some(b' ') => {
                    let spaces = spaces(rest.get(gap.end..).unwrap_or_default());
                    gap.column += spaces;
                    gap.end += spaces;
                }
                _ => return gap,
            }
        }
    }

    /// Steps over what is before the end of a gap.
    fn go_to(&mut self, gap: &Gap) {
        self.mark.pos += gap.end;
        self.mark.index += gap.end;
        self.mark.line += gap.lines;
        self.mark.column = gap.column;
        // A key may start on a new line.
        self.simple_key_allowed |= gap.lines > 0;
    }

    /// A scalar in quotes that a line break follows at once.
    fn quoted_word(&mut self, quote: u8) -> Option<Word<'a>> {
        let before = self.mark;
        self.step(1);
        let text = self.skip_simple_quoted(quote);
        if text.is_none() || self.rest().first() != Some(&b'\n') {
            self.mark = before;
            return None;
        }
        self.simple_key_allowed = false;
        Some(Word {
            text: text?,
            style: if quote == b'"' {
                ScalarStyle::DoubleQuoted
            } else {
                ScalarStyle::SingleQuoted
            },
            start: before.pos,
            end: self.mark.pos,
        })
    }
}

/// A switch for tests, which read texts both ways.
#[cfg(test)]
pub(in crate::yaml) mod tests {
    use std::cell::Cell;

    thread_local! {
        static TOKENS_ONLY: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn tokens_only() -> bool {
        TOKENS_ONLY.get()
    }

    /// What `read` gives where every line goes through tokens.
    pub(in crate::yaml) fn through_tokens<T>(read: impl FnOnce() -> T) -> T {
        TOKENS_ONLY.set(true);
        let found = read();
        TOKENS_ONLY.set(false);
        found
    }
}
