//! Scalars: plain, quoted and block, with their folding.

use super::super::document::ScalarStyle;
use super::run::{is_printed, leading, spaces};
use super::{Kind, Mark, Scanner, Token, Trouble, text};

/// White space between two words of a scalar that may span lines.
#[derive(Default)]
struct Gap {
    /// Where the spaces and tabs before any line break stand.
    blanks: (usize, usize),
    /// The first line break; empty where it is escaped.
    first: &'static str,
    /// Further line breaks.
    more: String,
    /// Whether there was a line break.
    broken: bool,
}

impl Gap {
    /// Appends what the gap in `text` stands for: itself on one line, a space for one line break,
    /// one line break less for several.
    fn close(&mut self, text: &[u8], into: &mut Vec<u8>) {
        if !self.broken {
            let (start, end) = std::mem::take(&mut self.blanks);
            into.extend_from_slice(text.get(start..end).unwrap_or_default());
            return;
        }
        if self.first != "\n" {
            into.extend_from_slice(self.first.as_bytes());
        } else if self.more.is_empty() {
            into.push(b' ');
        }
        into.extend_from_slice(self.more.as_bytes());
        self.first = "";
        self.more.clear();
        self.broken = false;
    }
}

/// Few block scalars are shorter, in bytes.
const LINE: usize = 80;

/// What ends a plain scalar, at least in some places.
fn may_end_plain(byte: u8) -> bool {
    matches!(byte, b':' | b',' | b'?' | b'[' | b']' | b'{' | b'}')
}

/// What means more than itself in a quoted scalar of some kind.
fn is_special_in_quotes(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"' | b'\\')
}

/// The first `end` bytes of a text without the spaces that they end with: how many those are.
fn without_blanks(text: &[u8], end: usize) -> usize {
    let words = text.get(..end).unwrap_or_default();
    let last = words.iter().rposition(|byte| *byte != b' ');
    last.map_or(0, |last| last + 1)
}

impl<'a> Scanner<'a> {
    /// Takes one blank or line break into a gap.
    fn read_gap(&mut self, gap: &mut Gap) {
        if self.is_blank(0) {
            let at = self.mark.pos;
            self.skip();
            if !gap.broken {
                let start = if gap.blanks.1 == at { gap.blanks.0 } else { at };
                gap.blanks = (start, self.mark.pos);
            }
        } else if gap.broken {
            gap.more.push_str(self.read_line());
        } else {
            gap.blanks = (0, 0);
            gap.first = self.read_line();
            gap.broken = true;
        }
    }

    pub(super) fn scan_plain(&mut self) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut end = start;
        // On one line the value is what is written; only several lines are put together.
        let mut value: Option<Vec<u8>> = None;
        let mut gap = Gap::default();
        loop {
            self.look_ahead(4);
            if self.mark.column == 0 && self.document_indicator().is_some() || self.at(0) == b'#' {
                break;
            }
            let words = self.plain_words();
            if words > 0 {
                if gap.broken && value.is_none() {
                    value = self.text.get(start.pos..end.pos).map(<[u8]>::to_vec);
                }
                if let Some(value) = &mut value {
                    gap.close(self.text, value);
                    value.extend_from_slice(self.ahead(words));
                }
                self.step(words);
                end = self.mark;
            }
            while !self.is_blank_or_end(0) {
                let stops = match self.at(0) {
                    b':' => self.is_blank_or_end(1),
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
                    _ => false,
                };
                if stops {
                    break;
                }
                if gap.broken && value.is_none() {
                    value = self.text.get(start.pos..end.pos).map(<[u8]>::to_vec);
                }
                match &mut value {
                    Some(value) => {
                        gap.close(self.text, value);
                        self.read(value);
                        self.read_run(may_end_plain, value);
                    }
                    None => {
                        gap.blanks = (0, 0);
                        self.skip();
                        self.skip_run(may_end_plain);
                    }
                }
                end = self.mark;
            }
            if !(self.is_blank(0) || self.is_break(0)) {
                break;
            }
            while self.is_blank(0) || self.is_break(0) {
                if gap.broken && self.column() < indent && self.at(0) == b'\t' {
                    return Err(
                        self.trouble("found a tab character that violates indentation", start)
                    );
                }
                self.read_gap(&mut gap);
                if gap.broken {
                    self.skip_spaces(usize::MAX);
                }
            }
            if self.flow_level == 0 && self.column() < indent {
                break;
            }
        }
        if gap.broken {
            self.simple_key_allowed = true;
        }
        let token = Token::new(Kind::Scalar(ScalarStyle::Plain), start, end);
        Ok(match value {
            Some(value) => token.text(text(value)),
            None => token.text(self.whole.get(start.pos..end.pos).unwrap_or_default()),
        })
    }

    /// How many bytes the words of a plain scalar on this line have, as far as they are ASCII and
    /// nothing has to be looked at twice. None where it matters how far yaml.v2 has looked.
    fn plain_words(&self) -> usize {
        if self.forbidden.is_some() {
            return 0;
        }
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        let behind = |at: usize| rest.get(at..).unwrap_or_default();
        let mut end = 0;
        loop {
            end += match self.flow_level {
                0 => leading(behind(end), |byte| {
                    is_printed(byte) & (byte != b':') & (byte != b'#')
                }),
                _ => leading(behind(end), |byte| {
                    is_printed(byte) & (byte != b'#') & !may_end_plain(byte)
                }),
            };
            match behind(end) {
                [b'#', ..] if end > 0 && rest.get(end - 1) != Some(&b' ') => {}
                // Whatever follows, the `:` is looked at again.
                [b':', b'!'..=b'~', ..] if self.flow_level == 0 => {}
                _ => break,
            }
            end += 1;
        }
        without_blanks(behind(0), end)
    }

    /// How many bytes the words of a quoted scalar on this line have that mean themselves, as far
    /// as they are ASCII. None where it matters how far yaml.v2 has looked.
    fn quoted_words(&self) -> usize {
        if self.forbidden.is_some() {
            return 0;
        }
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        let is_word = |byte| is_printed(byte) & !is_special_in_quotes(byte);
        without_blanks(rest, leading(rest, is_word))
    }

    /// So many bytes that come next.
    fn ahead(&self, count: usize) -> &'a [u8] {
        let from = self.mark.pos;
        self.text.get(from..from + count).unwrap_or_default()
    }

    pub(super) fn scan_quoted(&mut self, single: bool) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        let (quote, style) = if single {
            (b'\'', ScalarStyle::SingleQuoted)
        } else {
            (b'"', ScalarStyle::DoubleQuoted)
        };
        self.skip();
        if let Some(text) = self.skip_simple_quoted(quote) {
            return Ok(self.token(Kind::Scalar(style), start).text(text));
        }
        let mut value = Vec::new();
        let mut gap = Gap::default();
        loop {
            self.look_ahead(4);
            if self.mark.column == 0 && self.document_indicator().is_some() {
                return Err(self.trouble("found unexpected document indicator", start));
            }
            if self.is_end() {
                return Err(self.trouble("found unexpected end of stream", start));
            }
            let mut escaped_break = false;
            while !self.is_blank_or_end(0) {
                match self.at(0) {
                    b'\'' if single && self.at(1) == b'\'' => {
                        value.push(b'\'');
                        self.skip();
                        self.skip();
                    }
                    byte if byte == quote => break,
                    b'\\' if !single && self.is_break(1) => {
                        self.skip();
                        self.skip_line();
                        escaped_break = true;
                        break;
                    }
                    b'\\' if !single => self.scan_escape(start, &mut value)?,
                    _ => match self.quoted_words() {
                        0 => {
                            self.read(&mut value);
                            self.read_run(is_special_in_quotes, &mut value);
                        }
                        words => {
                            value.extend_from_slice(self.ahead(words));
                            self.step(words);
                        }
                    },
                }
            }
            if self.at(0) == quote {
                break;
            }
            // Behind an escaped line break, blanks vanish, and the next break is not folded.
            gap.broken = escaped_break;
            while self.is_blank(0) || self.is_break(0) {
                self.read_gap(&mut gap);
            }
            gap.close(self.text, &mut value);
        }
        self.skip();
        Ok(self.token(Kind::Scalar(style), start).text(text(value)))
    }

    /// Steps over the rest of a quoted scalar that means what is written: ASCII on one line
    /// without escapes.
    pub(super) fn skip_simple_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let rest = self.text.get(self.mark.pos..)?;
        let is_end = |byte: &u8| !matches!(byte, b' '..=b'~') || is_special_in_quotes(*byte);
        let length = rest.iter().position(is_end)?;
        if rest.get(length) != Some(&quote) || rest.get(length + 1) == Some(&quote) {
            return None;
        }
        let from = self.mark.pos;
        let text = self.whole.get(from..from + length)?;
        self.mark.pos += length + 1;
        self.mark.index += length + 1;
        self.mark.column += length + 1;
        Some(text)
    }

    fn scan_escape(&mut self, start: Mark, value: &mut Vec<u8>) -> Result<(), Trouble> {
        let plain = match self.at(1) {
            b'0' => "\0",
            b'a' => "\x07",
            b'b' => "\x08",
            b't' | b'\t' => "\t",
            b'n' => "\n",
            b'v' => "\x0b",
            b'f' => "\x0c",
            b'r' => "\r",
            b'e' => "\x1b",
            b' ' => " ",
            b'"' => "\"",
            b'\'' => "'",
            b'\\' => "\\",
            b'N' => "\u{85}",
            b'_' => "\u{a0}",
            b'L' => "\u{2028}",
            b'P' => "\u{2029}",
            b'x' => return self.scan_code(2, start, value),
            b'u' => return self.scan_code(4, start, value),
            b'U' => return self.scan_code(8, start, value),
            _ => return Err(self.trouble("found unknown escape character", start)),
        };
        value.extend_from_slice(plain.as_bytes());
        self.skip();
        self.skip();
        Ok(())
    }

    /// `\x`, `\u` or `\U` and its digits.
    fn scan_code(
        &mut self,
        length: usize,
        start: Mark,
        value: &mut Vec<u8>,
    ) -> Result<(), Trouble> {
        self.skip();
        self.skip();
        let mut code: u32 = 0;
        for ahead in 0..length {
            let Some(digit) = char::from(self.at(ahead)).to_digit(16) else {
                return Err(self.trouble("did not find expected hexdecimal number", start));
            };
            code = (code << 4) | digit;
        }
        let Some(character) = char::from_u32(code) else {
            return Err(self.trouble("found invalid Unicode character escape code", start));
        };
        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        for _ in 0..length {
            self.skip();
        }
        Ok(())
    }

    pub(super) fn scan_block(&mut self, literal: bool) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        self.skip();
        let (keep, increment) = self.scan_block_header(start)?;
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end(0) {
            return Err(self.trouble("did not find expected comment or line break", start));
        }
        self.skip_line();
        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) + increment,
        };
        let header = self.mark.pos;
        let mut end = self.mark;
        let mut value = Vec::with_capacity(LINE);
        let mut first = "";
        let mut more = String::new();
        self.scan_block_breaks(&mut indent, &mut more, start, &mut end)?;
        // What belongs to the value, without the lines that are chomped.
        let mut content = if self.column() == indent && !self.is_end() {
            (self.mark.pos, self.mark.pos)
        } else {
            (header, header)
        };
        let mut leading_blank = false;
        while self.column() == indent && !self.is_end() {
            let blank = self.is_blank(0);
            if !literal && !leading_blank && !blank && first == "\n" {
                if more.is_empty() {
                    value.push(b' ');
                }
            } else {
                value.extend_from_slice(first.as_bytes());
            }
            value.extend_from_slice(more.as_bytes());
            more.clear();
            leading_blank = blank;
            while !self.is_break_or_end(0) {
                self.read(&mut value);
                self.read_rest_of_line(&mut value);
            }
            if literal {
                self.read_alike_lines(indent, &mut value);
            }
            content.1 = self.mark.pos;
            first = self.read_line();
            self.scan_block_breaks(&mut indent, &mut more, start, &mut end)?;
        }
        if keep != Some(false) {
            value.extend_from_slice(first.as_bytes());
        }
        if keep == Some(true) {
            value.extend_from_slice(more.as_bytes());
        }
        let style = if literal {
            ScalarStyle::Literal
        } else {
            ScalarStyle::Folded
        };
        let mut token = Token::new(Kind::Scalar(style), start, end).text(text(value));
        token.content = content;
        Ok(token)
    }

    /// Copies the lines of a literal behind this one that mean what is written: those of printable
    /// ASCII that begin with the indentation. Ends at the line break of the last.
    fn read_alike_lines(&mut self, indent: isize, into: &mut Vec<u8>) {
        let indent = usize::try_from(indent).unwrap_or(0);
        loop {
            let rest = self.text.get(self.mark.pos..).unwrap_or_default();
            let Some((b'\n', line)) = rest.split_first() else {
                return;
            };
            let Some((before, line)) = line.split_at_checked(indent) else {
                return;
            };
            let length = leading(line, is_printed);
            if spaces(before) < indent || length == 0 || line.get(length) != Some(&b'\n') {
                return;
            }
            into.push(b'\n');
            into.extend_from_slice(line.get(..length).unwrap_or_default());
            self.step(1 + indent + length);
            self.mark.line += 1;
            self.mark.column = indent + length;
        }
    }

    /// What stands behind `|` or `>`: whether line breaks at the end are all kept (`+`) or all
    /// dropped (`-`), and the indentation, 0 where it is not given.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Option<bool>, isize), Trouble> {
        let mut keep = None;
        let mut increment = 0;
        for _ in 0..2 {
            match self.at(0) {
                sign @ (b'+' | b'-') if keep.is_none() => {
                    keep = Some(sign == b'+');
                    self.skip();
                }
                b'0' if increment == 0 => {
                    return Err(self.trouble("found an indentation indicator equal to 0", start));
                }
                digit @ b'1'..=b'9' if increment == 0 => {
                    increment = isize::from(digit - b'0');
                    self.skip();
                }
                _ => break,
            }
        }
        Ok((keep, increment))
    }

    /// Indentation and empty lines; finds out the indentation where it is not known.
    fn scan_block_breaks(
        &mut self,
        indent: &mut isize,
        breaks: &mut String,
        start: Mark,
        end: &mut Mark,
    ) -> Result<(), Trouble> {
        *end = self.mark;
        let mut deepest = 0;
        loop {
            if *indent == 0 {
                self.skip_spaces(usize::MAX);
            } else {
                self.skip_spaces(usize::try_from(*indent - self.column()).unwrap_or(0));
            }
            deepest = deepest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.at(0) == b'\t' {
                return Err(self.trouble(
                    "found a tab character where an indentation space is expected",
                    start,
                ));
            }
            if !self.is_break(0) {
                break;
            }
            breaks.push_str(self.read_line());
            *end = self.mark;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
