//! The lexer of Go's `text/template/parse`, for the delimiters `{{` and `}}`.

use crate::golang::unicode;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Eof,
    Text,
    Comment,
    LeftDelim,
    RightDelim,
    Space,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Field,
    Identifier,
    LeftParen,
    RightParen,
    Number,
    Pipe,
    RawString,
    String,
    Variable,
    Dot,
    Nil,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Kind {
    /// Whether Go prints it as `<word>`.
    pub(super) fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Dot
                | Self::Nil
                | Self::Block
                | Self::Break
                | Self::Continue
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Range
                | Self::Template
                | Self::With
        )
    }

    fn keyword(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"block" => Self::Block,
            b"break" => Self::Break,
            b"continue" => Self::Continue,
            b"define" => Self::Define,
            b"else" => Self::Else,
            b"end" => Self::End,
            b"if" => Self::If,
            b"range" => Self::Range,
            b"nil" => Self::Nil,
            b"template" => Self::Template,
            b"with" => Self::With,
            _ => return None,
        })
    }
}

/// A token: its bytes, and the line it starts in.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: usize,
    /// What is wrong, for an error.
    pub(super) error: String,
}

const EOF: u32 = u32::MAX;

/// All tokens of a text. The last one is the end or an error.
pub(super) fn lex(text: &[u8]) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        start: 0,
        pos: 0,
        line: 1,
        start_line: 1,
        parens: 0,
        tokens: Vec::with_capacity(text.len() / 6 + 4),
    };
    lexer.run();
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t [u8],
    start: usize,
    pos: usize,
    line: usize,
    start_line: usize,
    parens: usize,
    tokens: Vec<Token>,
}

/// What to lex next.
enum State {
    Text,
    LeftDelim,
    Action,
    RightDelim,
    Done,
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut state = State::Text;
        loop {
            state = match state {
                State::Text => self.text(),
                State::LeftDelim => self.left_delim(),
                State::Action => self.action(),
                State::RightDelim => self.right_delim(),
                State::Done => return,
            };
        }
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.rest().starts_with(prefix)
    }

    fn peek(&self) -> u32 {
        let rest = self.rest();
        if rest.is_empty() {
            EOF
        } else {
            unicode::decode_rune(rest).0
        }
    }

    fn next(&mut self) -> u32 {
        let rest = self.rest();
        if rest.is_empty() {
            return EOF;
        }
        let (rune, width) = unicode::decode_rune(rest);
        self.pos += width;
        if rune == u32::from(b'\n') {
            self.line += 1;
        }
        rune
    }

    /// Takes back a rune that [`Self::next`] gave.
    fn back(&mut self, before: usize, rune: u32) {
        self.pos = before;
        if rune == u32::from(b'\n') {
            self.line -= 1;
        }
    }

    fn emit(&mut self, kind: Kind) {
        self.tokens.push(Token {
            kind,
            start: self.start,
            end: self.pos,
            line: self.start_line,
            error: String::new(),
        });
        self.ignore();
    }

    /// Skips what was read. Newlines in it are counted by whoever moved over them.
    fn ignore(&mut self) {
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn fail(&mut self, message: impl Into<String>) -> State {
        self.tokens.push(Token {
            kind: Kind::Error,
            start: self.start,
            end: self.pos,
            line: self.start_line,
            error: message.into(),
        });
        State::Done
    }

    fn skip(&mut self, bytes: usize) {
        let end = (self.pos + bytes).min(self.text.len());
        let passed = self.text.get(self.pos..end).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.pos = end;
    }

    fn text(&mut self) -> State {
        let Some(len) = find(self.rest(), b"{{") else {
            let len = self.rest().len();
            self.skip(len);
            if self.pos > self.start {
                self.emit(Kind::Text);
            }
            self.emit(Kind::Eof);
            return State::Done;
        };
        let delim = self.pos + len;
        let is_trimmed = has_left_trim(self.text.get(delim + 2..).unwrap_or_default());
        let mut keep = delim;
        if is_trimmed {
            while keep > self.start && is_space(self.text.get(keep - 1).copied()) {
                keep -= 1;
            }
        }
        self.skip(keep - self.pos);
        if self.pos > self.start {
            self.emit(Kind::Text);
        }
        self.skip(delim - self.pos);
        self.ignore();
        State::LeftDelim
    }

    fn left_delim(&mut self) -> State {
        self.pos += 2;
        let is_trimmed = has_left_trim(self.rest());
        let after = if is_trimmed { 2 } else { 0 };
        if self
            .rest()
            .get(after..)
            .is_some_and(|rest| rest.starts_with(b"/*"))
        {
            self.skip(after);
            self.ignore();
            return self.comment();
        }
        self.emit(Kind::LeftDelim);
        self.skip(after);
        self.ignore();
        self.parens = 0;
        State::Action
    }

    fn comment(&mut self) -> State {
        self.pos += 2;
        let Some(len) = find(self.rest(), b"*/") else {
            return self.fail("unclosed comment");
        };
        self.skip(len + 2);
        let (is_delim, is_trimmed) = self.at_right_delim();
        if !is_delim {
            return self.fail("comment ends before closing delimiter");
        }
        self.emit(Kind::Comment);
        self.skip(if is_trimmed { 4 } else { 2 });
        if is_trimmed {
            self.trim_left();
        }
        self.ignore();
        State::Text
    }

    fn right_delim(&mut self) -> State {
        let (_, is_trimmed) = self.at_right_delim();
        if is_trimmed {
            self.skip(2);
            self.ignore();
        }
        self.pos += 2;
        self.emit(Kind::RightDelim);
        if is_trimmed {
            self.trim_left();
            self.ignore();
        }
        State::Text
    }

    fn trim_left(&mut self) {
        while is_space(self.text.get(self.pos).copied()) {
            self.skip(1);
        }
    }

    /// Whether a closing delimiter stands here, and whether with a trim marker.
    fn at_right_delim(&self) -> (bool, bool) {
        let rest = self.rest();
        if has_right_trim(rest) && rest.get(2..).is_some_and(|rest| rest.starts_with(b"}}")) {
            return (true, true);
        }
        (rest.starts_with(b"}}"), false)
    }

    fn action(&mut self) -> State {
        let (is_delim, _) = self.at_right_delim();
        if is_delim {
            if self.parens == 0 {
                return State::RightDelim;
            }
            return self.fail("unclosed left paren");
        }
        let before = self.pos;
        let rune = self.next();
        let ascii = u8::try_from(rune).ok();
        match ascii {
            _ if rune == EOF => return self.fail("unclosed action"),
            Some(b' ' | b'\t' | b'\r' | b'\n') => {
                self.back(before, rune);
                return self.space();
            }
            Some(b'=') => self.emit(Kind::Assign),
            Some(b':') => {
                if self.next() != u32::from(b'=') {
                    return self.fail("expected :=");
                }
                self.emit(Kind::Declare);
            }
            Some(b'|') => self.emit(Kind::Pipe),
            Some(b'"') => return self.quote(),
            Some(b'`') => return self.raw_quote(),
            Some(b'$') => return self.field_or_variable(Kind::Variable),
            Some(b'\'') => return self.char_constant(),
            Some(b'.') => {
                let digit = self.rest().first().is_some_and(u8::is_ascii_digit);
                if !digit {
                    return self.field_or_variable(Kind::Field);
                }
                self.back(before, rune);
                return self.number();
            }
            Some(b'+' | b'-' | b'0'..=b'9') => {
                self.back(before, rune);
                return self.number();
            }
            _ if is_alphanumeric(rune) => {
                self.back(before, rune);
                return self.identifier();
            }
            Some(b'(') => {
                self.emit(Kind::LeftParen);
                self.parens += 1;
            }
            Some(b')') => {
                if self.parens == 0 {
                    return self.fail("unexpected right paren");
                }
                self.emit(Kind::RightParen);
                self.parens -= 1;
            }
            Some(byte) if byte.is_ascii_graphic() => self.emit(Kind::Char),
            _ => {
                let shown = char_code(rune);
                return self.fail(format!("unrecognized character in action: {shown}"));
            }
        }
        State::Action
    }

    fn space(&mut self) -> State {
        let mut count = 0;
        while is_space(self.text.get(self.pos).copied()) {
            self.skip(1);
            count += 1;
        }
        // A space before a minus and a closing delimiter belongs to the delimiter.
        let last = self.pos - 1;
        let tail = self.text.get(last..).unwrap_or_default();
        if has_right_trim(tail) && tail.get(2..).is_some_and(|rest| rest.starts_with(b"}}")) {
            let byte = self.text.get(last).copied().unwrap_or(b' ');
            self.back(last, u32::from(byte));
            if count == 1 {
                return State::RightDelim;
            }
        }
        self.emit(Kind::Space);
        State::Action
    }

    fn identifier(&mut self) -> State {
        self.accept_alphanumeric();
        if !self.at_terminator() {
            let shown = char_code(self.peek());
            return self.fail(format!("bad character {shown}"));
        }
        let word = self.text.get(self.start..self.pos).unwrap_or_default();
        let kind = match word {
            b"true" | b"false" => Kind::Bool,
            word => Kind::keyword(word).unwrap_or(Kind::Identifier),
        };
        self.emit(kind);
        State::Action
    }

    fn accept_alphanumeric(&mut self) {
        loop {
            let before = self.pos;
            let rune = self.next();
            if rune == EOF {
                return;
            }
            if !is_alphanumeric(rune) {
                self.back(before, rune);
                return;
            }
        }
    }

    fn field_or_variable(&mut self, kind: Kind) -> State {
        if self.at_terminator() {
            self.emit(if kind == Kind::Variable {
                Kind::Variable
            } else {
                Kind::Dot
            });
            return State::Action;
        }
        self.accept_alphanumeric();
        if !self.at_terminator() {
            let shown = char_code(self.peek());
            return self.fail(format!("bad character {shown}"));
        }
        self.emit(kind);
        State::Action
    }

    /// Whether a name may end here.
    fn at_terminator(&self) -> bool {
        let rune = self.peek();
        if rune == EOF || self.starts_with(b"}}") {
            return true;
        }
        matches!(
            u8::try_from(rune),
            Ok(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(')
        )
    }

    fn char_constant(&mut self) -> State {
        loop {
            match self.next() {
                rune if rune == u32::from(b'\\') => {
                    let next = self.next();
                    if next == EOF || next == u32::from(b'\n') {
                        return self.fail("unterminated character constant");
                    }
                }
                rune if rune == EOF || rune == u32::from(b'\n') => {
                    return self.fail("unterminated character constant");
                }
                rune if rune == u32::from(b'\'') => break,
                _ => {}
            }
        }
        self.emit(Kind::CharConstant);
        State::Action
    }

    fn quote(&mut self) -> State {
        loop {
            match self.next() {
                rune if rune == u32::from(b'\\') => {
                    let next = self.next();
                    if next == EOF || next == u32::from(b'\n') {
                        return self.fail("unterminated quoted string");
                    }
                }
                rune if rune == EOF || rune == u32::from(b'\n') => {
                    return self.fail("unterminated quoted string");
                }
                rune if rune == u32::from(b'"') => break,
                _ => {}
            }
        }
        self.emit(Kind::String);
        State::Action
    }

    fn raw_quote(&mut self) -> State {
        loop {
            match self.next() {
                EOF => return self.fail("unterminated raw quoted string"),
                rune if rune == u32::from(b'`') => break,
                _ => {}
            }
        }
        self.emit(Kind::RawString);
        State::Action
    }

    fn number(&mut self) -> State {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.rest().first(), Some(b'+' | b'-')) {
            // A complex number: the imaginary part, without a space between.
            if !self.scan_number() || self.text.get(self.pos - 1) != Some(&b'i') {
                return self.bad_number();
            }
            self.emit(Kind::Complex);
        } else {
            self.emit(Kind::Number);
        }
        State::Action
    }

    fn bad_number(&mut self) -> State {
        let word = self.text.get(self.start..self.pos).unwrap_or_default();
        let shown = crate::golang::quote::quote(word);
        self.fail(format!("bad number syntax: {shown}"))
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let fits = self.rest().first().is_some_and(|byte| valid.contains(byte));
        if fits {
            self.pos += 1;
        }
        fits
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }

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
        if digits == DECIMAL && self.accept(b"eE") {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        if digits == HEX && self.accept(b"pP") {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if is_alphanumeric(self.peek()) {
            self.next();
            return false;
        }
        true
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let at = from + haystack.get(from..)?.iter().position(|byte| *byte == first)?;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn is_space(byte: Option<u8>) -> bool {
    matches!(byte, Some(b' ' | b'\t' | b'\r' | b'\n'))
}

/// `- ` behind an opening delimiter.
fn has_left_trim(rest: &[u8]) -> bool {
    rest.first() == Some(&b'-') && is_space(rest.get(1).copied())
}

/// ` -` before a closing delimiter.
fn has_right_trim(rest: &[u8]) -> bool {
    is_space(rest.first().copied()) && rest.get(1) == Some(&b'-')
}

fn is_alphanumeric(rune: u32) -> bool {
    rune != EOF && (rune == u32::from(b'_') || unicode::is_letter(rune) || unicode::is_digit(rune))
}

/// Go's `%#U`: `U+0040 '@'`.
fn char_code(rune: u32) -> String {
    if rune == EOF {
        return "U+FFFFFFFFFFFFFFFF".to_owned();
    }
    match char::from_u32(rune).filter(|_| unicode::is_print(rune)) {
        Some(c) => format!("U+{rune:04X} '{c}'"),
        None => format!("U+{rune:04X}"),
    }
}
