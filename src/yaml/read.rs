//! A text to its documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::FileId;

use super::document::{Comment, Document, Entry, NodeId, Shape};
use super::parse::{Parser, Stop};
use super::scan::{INCOMPLETE, Kind, Mark, Noticed, Trouble};
use super::syntax::{Place, SyntaxError};

/// What a text may use up. What is above is an error of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Collections within one another.
    pub(super) depth: usize,
    /// Nodes of one document, and nodes that its aliases and merge keys stand for.
    pub(super) nodes: usize,
    /// Documents of one text.
    pub(super) documents: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        depth: 256,
        nodes: 1_000_000,
        documents: 10_000,
    };
}

/// Reads all documents of `text`, which is the text of `file`, and says what is wrong with them.
/// A document with a syntax error is left out; behind it, reading goes on at the next line that
/// starts with `---`.
///
/// Of the errors of one document the first is the one that yaml.v2 gives.
#[must_use]
pub fn read(file: FileId, text: &str) -> (Vec<Document>, Vec<SyntaxError>) {
    read_bytes(file, text.as_bytes())
}

/// As [`read`], for bytes: those that are no UTF-8 are an error, and what precedes them is read.
#[must_use]
pub fn read_bytes(file: FileId, bytes: &[u8]) -> (Vec<Document>, Vec<SyntaxError>) {
    read_within(file, bytes, Limits::DEFAULT)
}

pub(super) fn read_within(
    file: FileId,
    bytes: &[u8],
    limits: Limits,
) -> (Vec<Document>, Vec<SyntaxError>) {
    let mut reader = Reader::new(place(file, 0, bytes), limits, true);
    let mut documents = Vec::new();
    let mut errors = Vec::new();
    while let Some((document, mut found)) = reader.next() {
        documents.extend(document);
        errors.append(&mut found);
    }
    (documents, errors)
}

/// The first document of a text, which is all that Helm looks at in many places: what comes behind
/// it is not even scanned. `base` is the offset of the text in its file.
///
/// # Errors
/// What is wrong with its syntax.
pub fn read_first(
    file: FileId,
    base: usize,
    bytes: &[u8],
) -> Result<Option<Document>, SyntaxError> {
    read_first_of(file, base, bytes, bytes.len())
}

/// As [`read_first`], where only the first `len` bytes stand in the file.
pub(super) fn read_first_of(
    file: FileId,
    base: usize,
    bytes: &[u8],
    len: usize,
) -> Result<Option<Document>, SyntaxError> {
    let place = Place {
        len,
        ..place(file, base, bytes)
    };
    let mut reader = Reader::new(place, Limits::DEFAULT, false);
    match reader.next() {
        None => Ok(None),
        Some((Some(document), _)) => Ok(Some(document)),
        Some((None, errors)) => errors.into_iter().next().map_or(Ok(None), Err),
    }
}

/// As much of `bytes` as is UTF-8, and what is wrong with the rest.
fn place(file: FileId, base: usize, bytes: &[u8]) -> Place<'_> {
    let (text, broken, broken_len) = match str::from_utf8(bytes) {
        Ok(text) => (text, None, 0),
        Err(error) => {
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            let text = str::from_utf8(valid).unwrap_or_default();
            let length = error.error_len().unwrap_or(rest.len());
            (text, Some(utf8_problem(rest)), length)
        }
    };
    Place {
        file,
        base,
        text,
        len: bytes.len(),
        broken,
        broken_len,
    }
}

/// What yaml.v2 says of the broken character at the start of `rest`.
fn utf8_problem(rest: &[u8]) -> &'static str {
    let width = match rest.first() {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF7) => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(trailing) = rest.get(1..width) else {
        return INCOMPLETE;
    };
    if trailing.iter().any(|byte| byte & 0xC0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let second = trailing.first().copied().unwrap_or_default();
    match (rest.first(), second) {
        (Some(0xED), 0xA0..) | (Some(0xF5..), _) | (Some(0xF4), 0x90..) => {
            "invalid Unicode character"
        }
        _ => "invalid length of a UTF-8 sequence",
    }
}

struct Reader<'a> {
    parser: Parser<'a>,
    limits: Limits,
    count: usize,
    /// Where the next document starts: behind the `---`, `...` or error before it.
    start: usize,
    finished: bool,
    /// No recovery starts before this.
    recovered: usize,
}

type Next = (Option<Document>, Vec<SyntaxError>);

impl<'a> Reader<'a> {
    fn new(place: Place<'a>, limits: Limits, each: bool) -> Self {
        Self {
            parser: Parser::new(place, limits, each),
            limits,
            count: 0,
            start: 0,
            finished: false,
            recovered: 0,
        }
    }

    /// The next document, or what is wrong with it; both where it can be read but not decoded.
    fn next(&mut self) -> Option<Next> {
        if self.finished {
            return None;
        }
        self.parser.start_document();
        let (root, end) = match self.document() {
            Ok(None) => {
                self.finished = true;
                let text_end = self.parser.place.text.len();
                let comments = self.comments();
                return (!comments.is_empty())
                    .then(|| (Some(self.finish(None, text_end, comments)), Vec::new()));
            }
            Ok(Some(found)) => found,
            Err(Stop) => return Some((None, self.stopped())),
        };
        let comments = self.comments();
        let document = self.finish(root, end, comments);
        let refused = document.refused.iter();
        let mut errors = refused.map(|refused| refused.error.clone()).collect();
        self.count_document(&mut errors);
        Some((Some(document), errors))
    }

    /// Counts a document against the limit.
    fn count_document(&mut self, errors: &mut Vec<SyntaxError>) {
        self.count += 1;
        if self.count >= self.limits.documents && !self.finished {
            self.finished = true;
            let at = self.parser.scanner.mark();
            errors.push(self.parser.place.error(&Trouble {
                problem: "too many documents",
                at,
                context: at,
                source: Noticed::Limit,
            }));
        }
    }

    /// The root and where the document ends; `None` at the end of the stream.
    fn document(&mut self) -> Result<Option<(Option<NodeId>, usize)>, Stop> {
        let parser = &mut self.parser;
        let (mut kind, _) = parser.peek()?;
        let first = self.count == 0 && self.recovered == 0;
        while !first && kind == Kind::DocumentEnd {
            let token = parser.take();
            self.start = token.map_or(self.start, |token| token.end);
            (kind, _) = parser.peek()?;
        }
        let explicit = matches!(
            kind,
            Kind::Version(_) | Kind::TagDirective | Kind::DocumentStart
        );
        let root = if kind == Kind::StreamEnd {
            return Ok(None);
        } else if explicit || !first {
            parser.directives()?;
            let (kind, at) = parser.peek()?;
            if kind != Kind::DocumentStart {
                let nowhere = Mark::default();
                return parser.stop("did not find expected <document start>", at, nowhere);
            }
            let token = parser.take();
            self.start = token.map_or(self.start, |token| token.end);
            parser.content()?
        } else {
            Some(parser.node(true, false)?)
        };
        let (kind, at) = parser.peek()?;
        if kind == Kind::DocumentEnd {
            parser.take();
        }
        let end = match kind {
            Kind::DocumentEnd | Kind::DocumentStart | Kind::StreamEnd => at.pos,
            _ => at.pos.max(self.start),
        };
        Ok(Some((root, end)))
    }

    fn comments(&mut self) -> Vec<Comment> {
        let place = self.parser.place;
        let comments = self.parser.scanner.take_comments();
        comments
            .into_iter()
            .map(|(start, end)| Comment {
                span: place.span(start, end),
            })
            .collect()
    }

    /// What is wrong with the document at which reading stopped; goes on to the next one.
    fn stopped(&mut self) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        let mut next = None;
        if let Some(token) = self.parser.unknown_anchor.take() {
            let place = &self.parser.place;
            errors.push(SyntaxError {
                span: place.span(token.start.pos, token.end),
                message: format!("there is no anchor `&{}` before this", token.text),
                go_message: format!("yaml: unknown anchor '{}' referenced", token.text),
            });
            next = Some(token.start);
        } else if let Some(trouble) = self.parser.trouble.take() {
            errors.push(self.parser.place.error(&trouble));
            next = match trouble.source {
                Noticed::Limit => None,
                Noticed::Reader => Some(self.parser.scanner.locate(trouble.at.pos)),
                Noticed::Scanner | Noticed::Parser => Some(trouble.at),
            };
        }
        let recovers = next.is_some_and(|at| self.parser.scanner.recover(at));
        self.parser.scanner.take_comments();
        let at = self.parser.scanner.mark();
        // A `---` that is itself the trouble would be come upon again.
        self.finished = !recovers || (self.recovered > 0 && at.pos < self.recovered);
        self.recovered = at.pos + 1;
        self.start = at.pos;
        self.count_document(&mut errors);
        errors
    }

    fn finish(&mut self, root: Option<NodeId>, end: usize, comments: Vec<Comment>) -> Document {
        let place = self.parser.place;
        let mut document = Document {
            file: place.file,
            span: place.span(self.start, end),
            arena: self.parser.arena.take(),
            root,
            comments,
            anchors: std::mem::take(&mut self.parser.anchors),
            merged: BTreeMap::new(),
            merge_keys: std::mem::take(&mut self.parser.merge_keys),
            refused: std::mem::take(&mut self.parser.refused),
        };
        self.start = end;
        if !document.merge_keys.is_empty() {
            merge(&mut document, self.limits.nodes);
        }
        document
    }
}

/// Works out the entries of the mappings with a merge key, as yaml.v2 decodes them: in the order
/// of the text, where what comes later wins, be it merged or written. Of several mappings in one
/// merge key the earlier wins.
fn merge(document: &mut Document, limit: usize) {
    let mut used = 0;
    let ids = 0..u32::try_from(document.len()).unwrap_or(u32::MAX);
    for id in ids.map(NodeId) {
        let merges = match document.node(id).written() {
            Shape::Mapping(entries) => entries.iter().any(|e| document.merge_keys.contains(&e.key)),
            _ => false,
        };
        if merges && !document.merged.contains_key(&id) {
            merge_one(document, id, limit, &mut used);
        }
    }
}

/// An alias stands for a node with a smaller number, which is done; a mapping written in place is
/// nested, so the depth of recursion is that of the document.
fn merge_one(document: &mut Document, id: NodeId, limit: usize, used: &mut usize) {
    let written = match document.node(id).written() {
        Shape::Mapping(entries) => entries.to_vec(),
        _ => return,
    };
    let mut all: Vec<Entry> = Vec::new();
    for entry in written {
        if !document.merge_keys.contains(&entry.key) {
            all.push(entry);
            continue;
        }
        let value = document.node(entry.value);
        let sources: Vec<NodeId> = match value.shape() {
            Shape::Mapping(_) => vec![value.resolved().id()],
            Shape::Sequence(items) => items
                .iter()
                .rev()
                .map(|item| document.node(*item).resolved().id())
                .collect(),
            _ => continue,
        };
        for source in sources {
            let own = match document.node(source).written() {
                Shape::Mapping(entries) => entries.to_vec(),
                _ => continue,
            };
            let nested = own.iter().any(|e| document.merge_keys.contains(&e.key));
            if nested && !document.merged.contains_key(&source) {
                merge_one(document, source, limit, used);
            }
            let entries = document.merged.get(&source).unwrap_or(&own);
            *used += entries.len();
            if *used > limit {
                return;
            }
            all.extend_from_slice(entries);
        }
    }
    // The last of equal keys counts, at its own place.
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in all.into_iter().rev() {
        let new = match document.node(entry.key).key() {
            Some(key) => seen.insert(key.into_owned()),
            None => true,
        };
        if new {
            kept.push(entry);
        }
    }
    kept.reverse();
    document.merged.insert(id, kept);
}
