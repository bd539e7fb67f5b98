//! Text to tokens, by the rules of libyaml as Go's yaml.v2 has them.
//!
//! Helm reads every YAML text with that library, so what it takes and what it refuses, and in
//! which words, is the definition here; the specification of YAML is not. Tokens know their bytes.

mod fetch;
pub(super) mod line;
mod property;
pub(super) mod run;
mod scalar;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::VecDeque;

use super::document::ScalarStyle;
use run::{is_printed, leading, spaces};

/// A place in the text as the scanner counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes from the start of the text.
    pub(super) pos: usize,
    /// Characters from the start of the text.
    pub(super) index: usize,
    /// Lines from 0; NEL, LS and PS end a line too.
    pub(super) line: usize,
    /// Characters from the start of the line.
    pub(super) column: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    /// `%YAML`, and whether the version is 1.1.
    Version(bool),
    /// `%TAG`: `text` is the handle, `suffix` the prefix it stands for.
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    /// `text` is the handle.
    Tag,
    /// `text` is the value.
    Scalar(ScalarStyle),
}

/// A token and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// What the kind says.
    pub(super) text: Cow<'a, str>,
    /// Of a tag what follows the handle.
    #[expect(
        clippy::box_collection,
        reason = "few tokens have one, and all are moved: they are to be small"
    )]
    pub(super) suffix: Option<Box<String>>,
    pub(super) start: Mark,
    /// The offset of its end.
    pub(super) end: usize,
    /// The bytes of a scalar's value: for a block scalar without its header.
    pub(super) content: (usize, usize),
}

/// Why scanning or parsing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble {
    /// yaml.v2's words.
    pub(super) problem: &'static str,
    /// Where it noticed.
    pub(super) at: Mark,
    /// Where the construct began that it was in.
    pub(super) context: Mark,
    /// Who noticed, which decides how lines are counted.
    pub(super) source: Noticed,
}

/// The part of yaml.v2 that notices a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noticed {
    /// Control characters, and bytes that are no UTF-8: no line is told.
    Reader,
    /// Counts lines from the current one.
    Scanner,
    /// Counts lines one too low.
    Parser,
    /// A limit of ours, which yaml.v2 does not have.
    Limit,
}

/// A token that turns out to be a key when a `:` follows on its line.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    /// Whether the scanner looks ahead for its `:` before it gives the token away.
    awaited: bool,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    whole: &'a str,
    each: bool,
    /// What yaml.v2 can read before it notices the first forbidden character.
    text: &'a [u8],
    mark: Mark,
    /// Where the text breaks off over bytes that are no UTF-8, and what is wrong with them.
    broken: Option<&'static str>,
    /// The first forbidden character, or the end of a text that breaks off.
    forbidden: Option<usize>,
    /// Where the document of that character starts, for the character at this place.
    last_break: Option<(usize, Option<usize>)>,
    /// Whether anything behind the end of `text` was looked at.
    touched_end: Cell<bool>,
    tokens: VecDeque<Token<'a>>,
    /// Whether the first token cannot become a key any more.
    ready: bool,
    /// How many tokens were taken.
    taken: usize,
    ended: bool,
    indent: isize,
    indents: Vec<isize>,
    flow_level: usize,
    simple_key_allowed: bool,
    /// One for each flow level, and one for the block context.
    simple_keys: Vec<SimpleKey>,
    comments: Vec<(usize, usize)>,
    max_depth: usize,
}

/// What yaml.v2 says of a text that ends within a character.
pub(super) const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

/// How many bytes yaml.v2 reads and checks at a time.
const CHUNK: usize = 512;

impl<'a> Scanner<'a> {
    /// Scans a text. yaml.v2 checks the characters of a text ahead of what it scans; `each` has
    /// that done for each document by itself, as Helm does it that splits texts first.
    pub(super) fn new(
        text: &'a str,
        broken: Option<&'static str>,
        max_depth: usize,
        each: bool,
    ) -> Self {
        let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut scanner = Self {
            whole: text,
            each,
            text: text.as_bytes(),
            mark: Mark {
                pos: bom,
                ..Mark::default()
            },
            broken,
            forbidden: None,
            last_break: None,
            touched_end: Cell::new(false),
            tokens: VecDeque::new(),
            ready: false,
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            comments: Vec::new(),
            max_depth,
        };
        scanner.forbidden = scanner.next_forbidden(0);
        scanner.set_readable();
        scanner
    }

    /// The first character from `start` on that yaml.v2 does not read.
    fn next_forbidden(&self, start: usize) -> Option<usize> {
        first_forbidden(self.whole, start).or(self.broken.map(|_| self.whole.len()))
    }

    /// Cuts the text to what yaml.v2 reads before it looks at the first forbidden character: it
    /// checks a chunk of 512 bytes whole before it scans any of it.
    fn set_readable(&mut self) {
        let start = if self.mark.index == 0 {
            0
        } else {
            self.mark.pos
        };
        if self.forbidden.is_some_and(|at| at < start) {
            self.forbidden = self.next_forbidden(start);
        }
        self.text = self.whole.as_bytes();
        let Some(at) = self.forbidden else {
            return;
        };
        // A character that the text ends in the middle of may have had more to come.
        if at == self.whole.len() && self.broken == Some(INCOMPLETE) {
            return;
        }
        if self.each && self.last_break.is_none_or(|(known, _)| known != at) {
            let before = self.whole.get(..at).unwrap_or_default();
            self.last_break = Some((at, before.rfind("\n---")));
        }
        let document = self.last_break.and_then(|(_, document)| document);
        let document = document.filter(|document| *document >= start);
        let mut end = document.map_or(start, |document| document + 1);
        // The `---` itself still ends the document before.
        let least = end + if document.is_some() { 4 } else { 0 };
        loop {
            let mut next = end + CHUNK;
            while next < self.whole.len() && !self.whole.is_char_boundary(next) {
                next -= 1;
            }
            if at < next || next > self.whole.len() {
                break;
            }
            end = next;
        }
        let end = end.max(least).min(at);
        self.text = self.text.get(..end).unwrap_or_default();
    }

    /// The next token's kind and start; the token stays.
    pub(super) fn peek(&mut self) -> Result<(Kind, Mark), Trouble> {
        if !self.ready {
            if let Err(trouble) = self.fill() {
                return Err(self.reader_trouble().unwrap_or(trouble));
            }
            if let Some(trouble) = self.reader_trouble() {
                return Err(trouble);
            }
            self.ready = true;
        }
        match self.tokens.front() {
            Some(token) => Ok((token.kind, token.start)),
            None => Err(Trouble {
                problem: "attempted to go past the end of stream; corrupted value?",
                at: self.mark,
                context: self.mark,
                source: Noticed::Parser,
            }),
        }
    }

    /// Takes the token that `peek` showed.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.pop_front();
        if token.is_some() {
            self.taken += 1;
            self.ready = false;
        }
        token
    }

    /// The comments so far, in order.
    pub(super) fn take_comments(&mut self) -> Vec<(usize, usize)> {
        std::mem::take(&mut self.comments)
    }

    /// Where the scanner stands.
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// Goes on at the next line that starts with `---`, at or behind `from`, as if nothing had
    /// been before it. False where there is none.
    pub(super) fn recover(&mut self, from: Mark) -> bool {
        self.tokens.clear();
        self.ready = false;
        self.ended = false;
        self.comments.retain(|(start, _)| *start < from.pos);
        self.mark = from;
        self.text = self.whole.as_bytes();
        while self.mark.pos < self.text.len() {
            if self.mark.column == 0 && self.document_indicator() == Some(Kind::DocumentStart) {
                self.set_readable();
                self.touched_end.set(false);
                self.indent = -1;
                self.indents.clear();
                self.flow_level = 0;
                self.simple_key_allowed = true;
                self.simple_keys = vec![SimpleKey::default()];
                return true;
            }
            if self.is_break(0) {
                self.skip_line();
            } else {
                self.skip();
            }
        }
        false
    }

    /// The place of a forbidden character, counted on from where the scanner stands.
    pub(super) fn locate(&mut self, at: usize) -> Mark {
        self.text = self.whole.as_bytes();
        while self.mark.pos < at {
            if self.is_break(0) {
                self.skip_line();
            } else {
                self.skip();
            }
        }
        self.mark
    }

    /// Whether yaml.v2 would have come upon a forbidden character by now.
    fn reader_trouble(&self) -> Option<Trouble> {
        let at = self.forbidden.filter(|_| self.touched_end.get())?;
        let problem = match self.broken {
            Some(problem) if at == self.whole.len() => problem,
            _ => "control characters are not allowed",
        };
        Some(Trouble {
            problem,
            at: Mark {
                pos: at,
                ..Mark::default()
            },
            context: Mark::default(),
            source: Noticed::Reader,
        })
    }

    fn trouble(&self, problem: &'static str, context: Mark) -> Trouble {
        Trouble {
            problem,
            at: self.mark,
            context,
            source: Noticed::Scanner,
        }
    }

    /// The byte at `ahead` bytes from here; 0 behind the end.
    fn at(&self, ahead: usize) -> u8 {
        match self.text.get(self.mark.pos + ahead) {
            Some(byte) => *byte,
            None => {
                self.touched_end.set(true);
                0
            }
        }
    }

    /// yaml.v2 reads so many characters on before it looks at the next one.
    fn look_ahead(&self, characters: usize) {
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        if rest.len() < 4 * characters {
            let starts = rest.iter().filter(|byte| **byte & 0xC0 != 0x80);
            if starts.count() < characters {
                self.touched_end.set(true);
            }
        }
    }

    fn is_end(&self) -> bool {
        self.at(0) == 0
    }

    fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.at(ahead), b' ' | b'\t')
    }

    fn is_break(&self, ahead: usize) -> bool {
        match self.at(ahead) {
            b'\r' | b'\n' => true,
            0xC2 => self.at(ahead + 1) == 0x85,
            0xE2 => self.at(ahead + 1) == 0x80 && matches!(self.at(ahead + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    fn is_break_or_end(&self, ahead: usize) -> bool {
        self.at(ahead) == 0 || self.is_break(ahead)
    }

    fn is_blank_or_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// Digits, ASCII letters, `_` and `-`.
    fn is_word(&self) -> bool {
        let byte = self.at(0);
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    }

    /// `---` or `...` alone, at the current place.
    fn document_indicator(&self) -> Option<Kind> {
        let kind = match (self.at(0), self.at(1), self.at(2)) {
            (b'-', b'-', b'-') => Kind::DocumentStart,
            (b'.', b'.', b'.') => Kind::DocumentEnd,
            _ => return None,
        };
        self.is_blank_or_end(3).then_some(kind)
    }

    /// Steps over one character.
    fn skip(&mut self) {
        let width = width(self.at(0));
        self.mark.pos = (self.mark.pos + width).min(self.text.len());
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Steps over a line break, if there is one.
    fn skip_line(&mut self) {
        let width = match (self.at(0), self.at(1)) {
            (b'\r', b'\n') => {
                self.mark.index += 1;
                2
            }
            (b'\r' | b'\n', _) => 1,
            (0xC2, _) => 2,
            (0xE2, _) => 3,
            _ => return,
        };
        self.mark.pos = (self.mark.pos + width).min(self.text.len());
        self.mark.index += 1;
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// Copies one character and steps over it.
    fn read(&mut self, into: &mut Vec<u8>) {
        let from = self.mark.pos;
        self.skip();
        into.extend_from_slice(self.text.get(from..self.mark.pos).unwrap_or_default());
    }

    /// Steps over a line break and gives what it means: `\n` unless it is LS or PS.
    fn read_line(&mut self) -> &'static str {
        // No further than has to be: how far the scanner has looked matters.
        let meaning = match self.at(0) {
            0xE2 if self.at(2) == 0xA8 => "\u{2028}",
            0xE2 => "\u{2029}",
            _ => "\n",
        };
        let from = self.mark.pos;
        self.skip_line();
        if self.mark.pos > from { meaning } else { "" }
    }

    /// Steps over so many characters of ASCII on this line.
    fn step(&mut self, characters: usize) {
        self.mark.pos += characters;
        self.mark.index += characters;
        self.mark.column += characters;
    }

    /// Steps over characters of ASCII that are printable, no space, and none of `stops`.
    fn skip_run(&mut self, stops: fn(u8) -> bool) {
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        let is_end = |byte: &u8| !matches!(byte, b'!'..=b'~') || stops(*byte);
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        self.step(length);
    }

    /// Copies printable ASCII up to the end of the line, and steps over it.
    fn read_rest_of_line(&mut self, into: &mut Vec<u8>) {
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        let length = leading(rest, is_printed);
        into.extend_from_slice(rest.get(..length).unwrap_or_default());
        self.step(length);
    }

    /// Copies what [`Self::skip_run`] steps over.
    fn read_run(&mut self, stops: fn(u8) -> bool, into: &mut Vec<u8>) {
        let from = self.mark.pos;
        self.skip_run(stops);
        into.extend_from_slice(self.text.get(from..self.mark.pos).unwrap_or_default());
    }

    /// Steps over so many spaces at most.
    fn skip_spaces(&mut self, most: usize) {
        let rest = self.text.get(self.mark.pos..).unwrap_or_default();
        self.step(spaces(rest).min(most));
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Steps over a comment, if there is one, and keeps it.
    fn skip_comment(&mut self) {
        if self.at(0) != b'#' {
            return;
        }
        let from = self.mark.pos;
        loop {
            let rest = self.text.get(self.mark.pos..).unwrap_or_default();
            self.step(leading(rest, is_printed));
            if self.is_break_or_end(0) {
                break;
            }
            self.skip();
        }
        self.comments.push((from, self.mark.pos));
    }

    fn token(&self, kind: Kind, start: Mark) -> Token<'a> {
        Token::new(kind, start, self.mark)
    }
}

impl<'a> Token<'a> {
    fn new(kind: Kind, start: Mark, end: Mark) -> Self {
        Self {
            kind,
            text: Cow::Borrowed(""),
            suffix: None,
            start,
            end: end.pos,
            content: (start.pos, end.pos),
        }
    }

    fn text(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.text = text.into();
        self
    }
}

fn width(byte: u8) -> usize {
    match byte {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0.. => 4,
        _ => 1,
    }
}

/// Bytes of a scalar as text. They were copied from text by whole characters, or made by escapes
/// that were checked, so they always are.
fn text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into(),
    }
}

/// The first character from `start` on that yaml.v2 forbids.
fn first_forbidden(text: &str, start: usize) -> Option<usize> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    let mut at = start;
    loop {
        let rest = text.as_bytes().get(at..)?;
        at += leading(rest, |byte| {
            is_printed(byte) | (byte == b'\n') | (byte == b'\t') | (byte == b'\r')
        });
        let c = text.get(at..)?.chars().next()?;
        if !allowed(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// What a double-quoted scalar means; the text is one from quote to quote.
pub(super) fn quoted(scalar: &str) -> String {
    let mut scanner = Scanner::new(scalar, None, 1, false);
    match scanner.scan_quoted(false) {
        Ok(token) => token.text.into_owned(),
        Err(_) => String::new(),
    }
}
