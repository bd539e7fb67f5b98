//! The tokens of a template, read one by one as the parser asks for them.

use memchr::memmem::{self, Finder};

use super::token::{Kind, Token};
use crate::golang::unicode::{decode_rune, is_digit, is_letter, is_print};

/// Where reading stands.
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    /// Finds the next `{{`.
    openings: Finder<'static>,
    pos: usize,
    start: usize,
    inside: bool,
    parens: usize,
    failed: bool,
    error: String,
    comments: Vec<(usize, usize)>,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
/// A trim marker is a minus and the white space that sets it off from a sign.
const MARKER: usize = 2;

impl<'a> Lexer<'a> {
    /// Starts at the beginning.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            openings: Finder::new(LEFT),
            pos: 0,
            start: 0,
            inside: false,
            parens: 0,
            failed: false,
            error: String::new(),
            comments: Vec::new(),
        }
    }

    /// Why the last token was an error.
    pub(super) fn error(&self) -> &str {
        &self.error
    }

    /// Whether an action is open at the point reached.
    pub(super) fn is_inside(&self) -> bool {
        self.inside || self.failed
    }

    /// The point reached.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    /// The comments passed so far, each from `{{` to `}}`.
    pub(super) fn comments(&self) -> &[(usize, usize)] {
        &self.comments
    }

    /// Goes on as text at `pos`, whatever was being read.
    pub(super) fn resume(&mut self, pos: usize) {
        self.pos = pos.min(self.text.len());
        self.start = self.pos;
        self.inside = false;
        self.parens = 0;
        self.failed = false;
    }

    /// Behind the end of the action that `from` lies in, or at the beginning of the next one where
    /// that comes first: where parsing may go on after an error.
    pub(super) fn next_boundary(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.text.len() {
            let rest = self.rest(at);
            if rest.starts_with(LEFT) {
                return at;
            }
            if is_right(rest) {
                let behind = at + RIGHT.len();
                let trims = at
                    .checked_sub(MARKER)
                    .is_some_and(|marker| has_right_trim_marker(self.rest(marker)));
                return match trims {
                    true => behind + left_trim_length(self.rest(behind)),
                    false => behind,
                };
            }
            at += 1;
        }
        self.text.len()
    }

    /// The next token. After an error it stays the same until [`Lexer::resume`].
    pub(super) fn next_token(&mut self) -> Token {
        if self.failed {
            return self.token(Kind::Error);
        }
        match self.inside {
            true => self.inside_action(),
            false => self.between_actions(),
        }
    }

    /// Steps over what would be the next token, if that is white space.
    #[inline]
    pub(super) fn skip_space(&mut self) {
        let is_space = |byte: &u8| CLASSES[usize::from(*byte)] & SPACE != 0;
        if self.inside && !self.failed && self.text.get(self.pos).is_some_and(is_space) {
            let first = self.pos;
            self.absorb(SPACE);
            if matches!(self.rest(self.pos), [b'-', b'}', b'}', ..]) {
                // The last one is the closing delimiter's.
                self.pos = (self.pos - 1).max(first);
            }
            self.start = self.pos;
        }
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.text.get(from..).unwrap_or_default()
    }

    fn word(&self) -> &'a [u8] {
        self.text.get(self.start..self.pos).unwrap_or_default()
    }

    fn token(&self, kind: Kind) -> Token {
        Token::new(kind, self.start, self.pos)
    }

    fn emit(&mut self, kind: Kind) -> Token {
        let token = self.token(kind);
        self.start = self.pos;
        token
    }

    #[cold]
    fn fail(&mut self, error: impl Into<String>) -> Token {
        self.error = error.into();
        self.failed = true;
        self.token(Kind::Error)
    }

    fn peek(&self) -> Option<u32> {
        let (rune, width) = decode_rune(self.rest(self.pos));
        (width > 0).then_some(rune)
    }

    fn next(&mut self) -> Option<u32> {
        let (rune, width) = decode_rune(self.rest(self.pos));
        self.pos += width;
        (width > 0).then_some(rune)
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let accepted = self
            .text
            .get(self.pos)
            .is_some_and(|byte| valid.contains(byte));
        self.pos += usize::from(accepted);
        accepted
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }

    fn between_actions(&mut self) -> Token {
        loop {
            let Some(before) = self.openings.find(self.rest(self.pos)) else {
                self.pos = self.text.len();
                return match self.pos > self.start {
                    true => self.emit(Kind::Text),
                    false => self.emit(Kind::Eof),
                };
            };
            if before > 0 {
                let delim = self.pos + before;
                let text = self.text.get(self.start..delim).unwrap_or_default();
                let trimmed = match has_left_trim_marker(self.rest(delim + LEFT.len())) {
                    true => right_trim_length(text),
                    false => 0,
                };
                self.pos = delim - trimmed;
                let token = self.token(Kind::Text);
                self.pos = delim;
                self.start = delim;
                if token.end() > token.start() {
                    return token;
                }
            }
            if let Some(token) = self.left_delim() {
                return token;
            }
        }
    }

    /// `{{`, with its trim marker. A comment gives no token.
    fn left_delim(&mut self) -> Option<Token> {
        let open = self.pos;
        self.pos += LEFT.len();
        let marker = match has_left_trim_marker(self.rest(self.pos)) {
            true => MARKER,
            false => 0,
        };
        if self.rest(self.pos + marker).starts_with(b"/*") {
            self.pos += marker;
            self.start = self.pos;
            return self.comment(open);
        }
        let token = self.token(Kind::LeftDelim);
        self.inside = true;
        self.pos += marker;
        self.start = self.pos;
        self.parens = 0;
        Some(token)
    }

    fn comment(&mut self, open: usize) -> Option<Token> {
        self.pos += 2;
        let Some(inside) = memmem::find(self.rest(self.pos), b"*/") else {
            return Some(self.fail("unclosed comment"));
        };
        self.pos += inside + 2;
        let Some(trims) = self.right_delim_here() else {
            return Some(self.fail("comment ends before closing delimiter"));
        };
        self.pos += RIGHT.len() + if trims { MARKER } else { 0 };
        self.comments.push((open, self.pos));
        if trims {
            self.pos += left_trim_length(self.rest(self.pos));
        }
        self.start = self.pos;
        None
    }

    /// Whether `}}` follows, and if so whether it has a trim marker.
    fn right_delim_here(&self) -> Option<bool> {
        match self.rest(self.pos) {
            [b'}', b'}', ..] => Some(false),
            [space, b'-', b'}', b'}', ..] if is_space(*space) => Some(true),
            _ => None,
        }
    }

    /// `}}`, or its trim marker, is here.
    fn closing(&mut self) -> Token {
        match self.parens {
            0 => self.right_delim(),
            _ => self.fail("unclosed left paren"),
        }
    }

    fn right_delim(&mut self) -> Token {
        let trims = self.right_delim_here() == Some(true);
        if trims {
            self.pos += MARKER;
            self.start = self.pos;
        }
        self.pos = (self.pos + RIGHT.len()).min(self.text.len());
        let token = self.emit(Kind::RightDelim);
        if trims {
            self.pos += left_trim_length(self.rest(self.pos));
            self.start = self.pos;
        }
        self.inside = false;
        token
    }

    fn inside_action(&mut self) -> Token {
        let before = self.pos;
        let Some(byte) = self.text.get(before).copied() else {
            return self.fail("unclosed action");
        };
        if !byte.is_ascii() {
            let rune = self.next().unwrap_or_default();
            return match is_alphanumeric(rune) {
                true => self.identifier(),
                false => self.unrecognized(rune),
            };
        }
        self.pos += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.space(before),
            b'}' if self.text.get(self.pos) == Some(&b'}') => {
                self.pos = before;
                self.closing()
            }
            b'=' => self.emit(Kind::Assign),
            b':' if self.accept(b"=") => self.emit(Kind::Declare),
            b':' => self.fail("expected :="),
            b'|' => self.emit(Kind::Pipe),
            b'"' => self.quoted(b'"', Kind::String),
            b'\'' => self.quoted(b'\'', Kind::CharConstant),
            b'`' => self.raw_quoted(),
            b'$' => self.field_or_variable(Kind::Variable, Kind::Variable),
            b'.' if !self.peek_is_digit_or_end() => self.field_or_variable(Kind::Field, Kind::Dot),
            b'.' | b'+' | b'-' | b'0'..=b'9' => {
                self.pos = before;
                self.number()
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.identifier(),
            b'(' => {
                self.parens += 1;
                self.emit(Kind::LeftParen)
            }
            b')' => match self.parens.checked_sub(1) {
                Some(parens) => {
                    self.parens = parens;
                    self.emit(Kind::RightParen)
                }
                None => self.fail("unexpected right paren"),
            },
            b' '..=b'~' => self.emit(Kind::Char),
            _ => self.unrecognized(u32::from(byte)),
        }
    }

    fn unrecognized(&mut self, rune: u32) -> Token {
        self.fail(format!(
            "unrecognized character in action: {}",
            code_point(rune)
        ))
    }

    /// A dot at the very end of the text is left to the number reader, as in Go.
    fn peek_is_digit_or_end(&self) -> bool {
        self.text.get(self.pos).is_none_or(u8::is_ascii_digit)
    }

    /// White space, of which one was read. A closing delimiter's trim marker takes the last one.
    fn space(&mut self, first: usize) -> Token {
        self.absorb(SPACE);
        if self.text.get(self.pos) == Some(&b'-') {
            let last = self.pos - 1;
            if let [_, b'-', b'}', b'}', ..] = self.rest(last) {
                self.pos = last;
                if last == first {
                    return self.closing();
                }
            }
        }
        self.emit(Kind::Space)
    }

    /// Steps over the bytes of a class.
    #[inline]
    fn absorb(&mut self, class: u8) {
        let mut at = self.pos;
        while let Some(byte) = self.text.get(at)
            && CLASSES[usize::from(*byte)] & class != 0
        {
            at += 1;
        }
        self.pos = at;
    }

    #[inline]
    fn absorb_alphanumeric(&mut self) {
        loop {
            self.absorb(NAME);
            let is_ascii = self.text.get(self.pos).is_none_or(u8::is_ascii);
            if is_ascii || !self.peek().is_some_and(is_alphanumeric) {
                return;
            }
            self.next();
        }
    }

    fn bad_character(&mut self) -> Token {
        let rune = self.next().unwrap_or_default();
        self.fail(format!("bad character {}", code_point(rune)))
    }

    fn identifier(&mut self) -> Token {
        self.absorb_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match self.word() {
            b"block" => Kind::Block,
            b"break" => Kind::Break,
            b"continue" => Kind::Continue,
            b"define" => Kind::Define,
            b"else" => Kind::Else,
            b"end" => Kind::End,
            b"if" => Kind::If,
            b"range" => Kind::Range,
            b"nil" => Kind::Nil,
            b"template" => Kind::Template,
            b"with" => Kind::With,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind)
    }

    fn field_or_variable(&mut self, named: Kind, bare: Kind) -> Token {
        if self.at_terminator() {
            return self.emit(bare);
        }
        self.absorb_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.emit(named)
    }

    /// Whether a name may end here.
    #[inline]
    fn at_terminator(&self) -> bool {
        match self.text.get(self.pos).copied() {
            None => true,
            Some(b'}') => is_right(self.rest(self.pos)),
            Some(byte) => CLASSES[usize::from(byte)] & TERMINATOR != 0,
        }
    }

    fn quoted(&mut self, quote: u8, kind: Kind) -> Token {
        let unterminated = match kind {
            Kind::String => "unterminated quoted string",
            _ => "unterminated character constant",
        };
        loop {
            // No byte of a character of several is one that stops here.
            self.absorb(QUOTED);
            let byte = self.text.get(self.pos).copied();
            self.pos += usize::from(byte.is_some());
            match byte {
                Some(b'\\') if self.peek().is_none_or(|rune| rune == 0x0A) => {
                    self.next();
                    return self.fail(unterminated);
                }
                Some(b'\\') => {
                    self.next();
                }
                None | Some(b'\n') => return self.fail(unterminated),
                Some(byte) if byte == quote => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_quoted(&mut self) -> Token {
        match memmem::find(self.rest(self.pos), b"`") {
            Some(inside) => {
                self.pos += inside + 1;
                self.emit(Kind::RawString)
            }
            None => {
                self.pos = self.text.len();
                self.fail("unterminated raw quoted string")
            }
        }
    }

    fn bad_number(&mut self) -> Token {
        let word = crate::golang::quote::quote(self.word());
        self.fail(format!("bad number syntax: {word}"))
    }

    fn number(&mut self) -> Token {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.text.get(self.pos), Some(b'+' | b'-')) {
            if !self.scan_number() || !self.word().ends_with(b"i") {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    /// Takes in what may be a number; whether it is one is seen when it is converted.
    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEX: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEX;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if digits == DECIMAL && self.accept(b"eE") || digits == HEX && self.accept(b"pP") {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

/// What Go's templates trim and take for a space.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_right(text: &[u8]) -> bool {
    matches!(text, [b'}', b'}', ..])
}

/// How much white space stands at the end.
fn right_trim_length(text: &[u8]) -> usize {
    text.iter()
        .rev()
        .take_while(|byte| is_space(**byte))
        .count()
}

fn left_trim_length(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space(**byte)).count()
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
}

fn is_alphanumeric(rune: u32) -> bool {
    rune == 0x5F || is_letter(rune) || is_digit(rune)
}

/// The bytes of names, where they are ASCII.
const NAME: u8 = 1;
/// What Go's templates trim and take for a space.
const SPACE: u8 = 2;
/// What a name may end before, `}}` aside.
const TERMINATOR: u8 = 4;
/// What neither ends a string in quotes nor has a meaning of its own there.
const QUOTED: u8 = 8;

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            table[at] |= NAME;
        }
        if is_space(byte) {
            table[at] |= SPACE;
        }
        if is_space(byte) || matches!(byte, b'.' | b',' | b'|' | b':' | b')' | b'(') {
            table[at] |= TERMINATOR;
        }
        if !matches!(byte, b'"' | b'\'' | b'\\' | b'\n') {
            table[at] |= QUOTED;
        }
        at += 1;
    }
    table
};

/// Go's `%#U`.
fn code_point(rune: u32) -> String {
    match char::from_u32(rune).filter(|_| is_print(rune)) {
        Some(c) => format!("U+{rune:04X} '{c}'"),
        None => format!("U+{rune:04X}"),
    }
}
