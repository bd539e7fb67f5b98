//! Block collections whose lines need no tokens; see [`super::super::scan::line`].

use std::cmp::Ordering;

use super::super::arena::{NodeKind, ScalarKind};
use super::super::document::{Entry, NodeId, ScalarStyle};
use super::super::resolve::plain;
use super::super::scan::line::Word;
use super::{Parsed, Parser, Stop};

/// A line makes fewer nodes.
const LINE: usize = 8;

impl<'a> Parser<'a> {
    /// Goes to the next line and says how its column compares with the indentation. `None` where
    /// tokens are needed to know, or a limit may be near.
    pub(super) fn next_line(&mut self) -> Option<Ordering> {
        self.has_room().then(|| self.scanner.next_line()).flatten()
    }

    /// Whether one more line does not come near the limit. What is said of the limit knows how far
    /// the scanner has looked.
    fn has_room(&self) -> bool {
        self.arena.nodes.len() + LINE < self.limits.nodes
    }

    /// The entry at the start of this line, if its key is plain.
    pub(super) fn line_entry(&mut self) -> Result<bool, Stop> {
        let Some(key) = self.scanner.plain_key() else {
            return Ok(false);
        };
        let name = self.word(&key)?;
        self.last_end = self.scanner.take_key(&key);
        let value = self.block_value_behind()?;
        self.entries.push(Entry { key: name, value });
        Ok(true)
    }

    /// Steps over the `-` at the start of this line, if there is one.
    pub(super) fn take_dash(&mut self) -> bool {
        let is_dash = self.scanner.is_dash_ahead();
        if is_dash {
            self.last_end = self.scanner.take_dash();
        }
        is_dash
    }

    /// The value behind the `:` of a key, or below it.
    pub(super) fn line_value(&mut self) -> Result<Option<NodeId>, Stop> {
        if !self.has_room() || !self.scanner.is_between_tokens() {
            return Ok(None);
        }
        if !matches!(self.scanner.next_byte(), b'\n' | b'#') {
            return self.line_rest();
        }
        match self.next_line() {
            Some(Ordering::Less) => self.nothing().map(Some),
            // Whatever begins as a plain key there is one, or an error.
            Some(Ordering::Equal) if self.scanner.is_word_ahead() => self.nothing().map(Some),
            Some(Ordering::Equal) if self.scanner.is_dash_ahead() => {
                let at = self.scanner.mark();
                let id = self.collection(at, NodeKind::Sequence, None)?;
                self.filled(id, Self::indentless_items).map(Some)
            }
            Some(Ordering::Greater) => self.line_collection(),
            _ => Ok(None),
        }
    }

    /// The item behind the `-` of a sequence, or below it.
    pub(super) fn line_item(&mut self) -> Result<Option<NodeId>, Stop> {
        if !self.has_room() || !self.scanner.is_between_tokens() {
            return Ok(None);
        }
        match self.scanner.next_byte() {
            b'\n' | b'#' => match self.next_line() {
                Some(Ordering::Greater) => self.line_collection(),
                _ => Ok(None),
            },
            _ => match self.line_collection()? {
                None => self.line_rest(),
                found => Ok(found),
            },
        }
    }

    /// The collection whose first key or `-` stands here.
    fn line_collection(&mut self) -> Result<Option<NodeId>, Stop> {
        let is_mapping = self.scanner.plain_key().is_some();
        let has_room = self.open.len() + 1 < self.limits.depth;
        let starts = has_room && (is_mapping || self.scanner.is_dash_ahead());
        if !starts || !self.scanner.start_block() {
            return Ok(None);
        }
        let at = self.scanner.mark();
        if is_mapping {
            let id = self.collection(at, NodeKind::Mapping, None)?;
            self.filled(id, |parser| parser.entries_of(at))
        } else {
            let id = self.collection(at, NodeKind::Sequence, None)?;
            self.filled(id, |parser| parser.items_of(at))
        }
        .map(Some)
    }

    /// The scalar or the empty brackets that the rest of the line is.
    fn line_rest(&mut self) -> Result<Option<NodeId>, Stop> {
        if let Some(word) = self.scanner.take_word() {
            return self.word(&word).map(Some);
        }
        let has_room = self.open.len() + 1 < self.limits.depth;
        let kind = match self.scanner.opening_bracket() {
            Some(b'[') if has_room => NodeKind::Sequence,
            Some(b'{') if has_room => NodeKind::Mapping,
            _ => return Ok(None),
        };
        let start = self.scanner.mark().pos;
        self.last_end = self.scanner.take_brackets();
        let span = self.place.span(start, self.last_end);
        self.add(span, kind, None).map(Some)
    }

    fn word(&mut self, word: &Word<'a>) -> Parsed {
        let kind = match word.style {
            ScalarStyle::Plain => plain(word.text).kind(),
            _ => ScalarKind::Str,
        };
        self.last_end = word.end;
        let span = self.place.span(word.start, word.end);
        let id = self.add(span, NodeKind::Scalar(word.style, kind), None)?;
        self.arena.set_text(word.text);
        Ok(id)
    }
}
