//! From text to documents: granit-parser's events, spans put right, scalars resolved.

use granit_parser::{Event, Parser, ScanError, Span as EventSpan, StructureStyle};

use crate::source::{FileId, Span};

use super::document::{Comment, Document, Entry, Node, NodeId, ScalarStyle, ScalarType, Shape};
use super::go_error;
use super::resolve::resolve;

/// Something in a text that is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place that is to blame.
    pub span: Span,
    /// What is wrong, for people.
    pub message: String,
    /// What yaml.v2 says of it, as Helm shows it: `yaml: line 3: …`.
    pub go_message: String,
}

/// No text nests deeper: granit's own limits, which its depth counters need.
const MAX_NESTING: usize = 255;
/// No text has more documents.
const MAX_DOCUMENTS: usize = 10_000;
/// No text has more nodes.
const MAX_NODES: usize = 4_000_000;

/// Reads all documents of `text`, which is the text of `file`. After an error the reading goes on
/// with the next document; the broken one is left out.
#[must_use]
pub fn read(file: FileId, text: &str) -> (Vec<Document>, Vec<SyntaxError>) {
    let mut reader = Reader {
        file,
        text,
        documents: Vec::new(),
        errors: Vec::new(),
        building: None,
        start: 0,
        comments: Vec::new(),
    };
    reader.run();
    reader.refuse_control_characters();
    (reader.documents, reader.errors)
}

/// The first character that yaml.v2 takes nowhere, and how many bytes it has.
fn control_character(text: &str) -> Option<(usize, usize)> {
    text.char_indices()
        .find(|(_, c)| {
            !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..)
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        })
        .map(|(at, c)| (at, c.len_utf8()))
}

/// As [`read`], for bytes: those that are no UTF-8 are an error, and what precedes them is read.
#[must_use]
pub fn read_bytes(file: FileId, bytes: &[u8]) -> (Vec<Document>, Vec<SyntaxError>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => read(file, text),
        Err(error) => {
            let at = error.valid_up_to();
            let valid = bytes.get(..at).unwrap_or_default();
            let (documents, mut errors) =
                read(file, std::str::from_utf8(valid).unwrap_or_default());
            errors.push(SyntaxError {
                span: Span::new(file, at, at + error.error_len().unwrap_or(1)),
                message: "this is not UTF-8".to_owned(),
                go_message: format!(
                    "yaml: {}",
                    invalid_utf8(bytes.get(at..).unwrap_or_default())
                ),
            });
            (documents, errors)
        }
    }
}

/// What yaml.v2 says of bytes that begin with a wrong sequence.
fn invalid_utf8(bytes: &[u8]) -> &'static str {
    let width = match bytes.first() {
        Some(0x00..=0x7f) => 1,
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(sequence) = bytes.get(..width) else {
        return "incomplete UTF-8 octet sequence";
    };
    if sequence.iter().skip(1).any(|byte| byte & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    match sequence {
        [0xc0..=0xc1, ..] | [0xe0, ..0xa0, ..] | [0xf0, ..0x90, ..] => {
            "invalid length of a UTF-8 sequence"
        }
        _ => "invalid Unicode character",
    }
}

/// A collection whose end is not read yet.
struct Open {
    id: NodeId,
    /// The key that waits for its value, in a mapping.
    key: Option<NodeId>,
    is_mapping: bool,
    is_flow: bool,
    /// Where its first child or bracket starts, and where its last ends.
    start: Option<usize>,
    end: usize,
}

struct Building {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    open: Vec<Open>,
    /// Node ids by granit's anchor ids.
    anchors: Vec<(usize, NodeId)>,
    start: usize,
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    documents: Vec<Document>,
    errors: Vec<SyntaxError>,
    building: Option<Building>,
    /// Where the document before ended.
    start: usize,
    comments: Vec<Comment>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let options = granit_parser::options! {
            max_buffered_comment_events: usize::MAX,
            block_scalar_eof_without_line_feed: true,
            bom_inside_document_as_content: true,
            emit_anchor_events: true,
            flow_nesting_limit: MAX_NESTING,
            block_nesting_limit: MAX_NESTING,
        };
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        loop {
            match parser.next_event() {
                None => break,
                Some(Ok((event, span))) => {
                    if !self.event(event, span) {
                        return;
                    }
                }
                Some(Err(error)) => {
                    self.fail(&error);
                    self.building = None;
                    match parser.proceed_next_document() {
                        Ok(true) => {}
                        _ => break,
                    }
                }
            }
            if self.documents.len() >= MAX_DOCUMENTS {
                let end = self.text.len();
                self.error(end, end, "there are too many documents in this file");
                return;
            }
        }
        // What is broken in the last document leaves it unfinished.
        self.building = None;
    }

    /// yaml.v2 reads 512 bytes at a time and looks at their characters before their syntax.
    fn refuse_control_characters(&mut self) {
        let Some((at, len)) = control_character(self.text) else {
            return;
        };
        let block = at - at % 512;
        self.errors.retain(|error| error.span.start() < block);
        self.documents.retain(|document| document.span.end() <= at);
        self.error(at, at + len, "control characters are not allowed");
    }

    fn error(&mut self, start: usize, end: usize, message: &str) {
        self.errors.push(SyntaxError {
            span: Span::new(self.file, start, end),
            message: message.to_owned(),
            go_message: format!("yaml: {message}"),
        });
    }

    fn fail(&mut self, error: &ScanError) {
        let at = error
            .marker()
            .byte_offset()
            .unwrap_or(0)
            .min(self.text.len());
        let len = self.text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + len.filter(|c| *c != '\n').map_or(0, char::len_utf8);
        self.errors.push(SyntaxError {
            span: Span::new(self.file, at, end),
            message: go_error::for_people(error),
            go_message: go_error::yaml_v2(error, self.text),
        });
    }

    /// Takes one event; `false` when a limit is passed.
    fn event(&mut self, event: Event<'_>, span: EventSpan) -> bool {
        let range = span.byte_range().unwrap_or(0..0);
        let (start, end) = (range.start, range.end);
        match event {
            Event::Comment(..) => self.comments.push(Comment {
                span: Span::new(self.file, start, end),
            }),
            Event::DocumentStart(explicit, version) => {
                let doc_start = start;
                let start = if explicit { end } else { self.start };
                if version.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
                    self.error(doc_start, end, "found incompatible YAML document");
                    self.start = end;
                    return true;
                }
                self.building = Some(Building {
                    nodes: Vec::new(),
                    root: None,
                    open: Vec::new(),
                    anchors: Vec::new(),
                    start,
                });
            }
            // yaml.v2 knows ASCII's letters and digits, `_` and `-`.
            Event::Anchor(_, name)
                if !name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) =>
            {
                let message = "did not find expected alphabetic or numeric character";
                self.refuse(start, message);
            }
            Event::DocumentEnd => self.finish(start, end),
            Event::Scalar(text, style, anchor, tag) => {
                let style = scalar_style(style);
                if let Some(at) = self.slash_escape(start, end, style) {
                    self.refuse(at, "found unknown escape character");
                    return true;
                }
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                let is_implicit = start == end && style == ScalarStyle::Plain;
                let text: &str = if is_implicit { "" } else { &text };
                let typed = resolve(text, style, tag.as_deref());
                let end = self.trimmed_end(start, end, style);
                let shape = Shape::Scalar {
                    text: text.into(),
                    style,
                    typed,
                };
                return self.push(shape, start, end, anchor, tag);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                return self.open(false, style, (start, end), anchor, tag);
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                return self.open(true, style, (start, end), anchor, tag);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(anchor) => return self.alias(anchor, start, end),
            _ => {}
        }
        true
    }

    /// `\/`, which YAML took over from JSON after yaml.v2 was written.
    fn slash_escape(&self, start: usize, end: usize, style: ScalarStyle) -> Option<usize> {
        if style != ScalarStyle::DoubleQuoted {
            return None;
        }
        let mut bytes = self.text.get(start..end)?.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && bytes.next()?.1 == b'/' {
                return Some(start + at);
            }
        }
        None
    }

    /// Gives a document up over something that yaml.v2's scanner refuses.
    fn refuse(&mut self, at: usize, message: &str) {
        let line = self
            .text
            .get(..at)
            .unwrap_or_default()
            .matches('\n')
            .count();
        let place = if line == 0 {
            String::new()
        } else {
            format!("line {}: ", line + 1)
        };
        self.errors.push(SyntaxError {
            span: Span::new(self.file, at, at),
            message: message.to_owned(),
            go_message: format!("yaml: {place}{message}"),
        });
        self.building = None;
    }

    /// Block scalars are given with the blank lines behind them; those belong to nobody.
    fn trimmed_end(&self, start: usize, end: usize, style: ScalarStyle) -> usize {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return end;
        }
        let text = self.text.get(start..end).unwrap_or_default();
        start + text.trim_end().len()
    }

    fn push(
        &mut self,
        shape: Shape,
        start: usize,
        end: usize,
        anchor: usize,
        tag: Option<String>,
    ) -> bool {
        let span = Span::new(self.file, start, end);
        let Some(building) = &mut self.building else {
            return true;
        };
        if building.nodes.len() >= MAX_NODES {
            self.error(start, end, "this file has too many nodes");
            return false;
        }
        let id = NodeId(u32::try_from(building.nodes.len()).unwrap_or(u32::MAX));
        building.nodes.push(Node {
            span,
            shape,
            tag: tag.map(String::into_boxed_str),
        });
        if anchor != 0 {
            building.anchors.push((anchor, id));
        }
        building.attach(id, start, end);
        true
    }

    fn open(
        &mut self,
        is_mapping: bool,
        style: StructureStyle,
        (start, end): (usize, usize),
        anchor: usize,
        tag: Option<String>,
    ) -> bool {
        let is_flow = style == StructureStyle::Flow;
        let shape = if is_mapping {
            Shape::Mapping(Vec::new())
        } else {
            Shape::Sequence(Vec::new())
        };
        if !self.push(shape, start, end, anchor, tag) {
            return false;
        }
        if let Some(building) = &mut self.building {
            let id = NodeId(u32::try_from(building.nodes.len() - 1).unwrap_or(u32::MAX));
            building.open.push(Open {
                id,
                key: None,
                is_mapping,
                is_flow,
                start: is_flow.then_some(start),
                end,
            });
        }
        true
    }

    fn close(&mut self, end: usize) {
        let file = self.file;
        let text = self.text;
        let Some(building) = &mut self.building else {
            return;
        };
        let Some(open) = building.open.pop() else {
            return;
        };
        let index = open.id.0 as usize;
        let Some(node) = building.nodes.get_mut(index) else {
            return;
        };
        let mut start = open.start.unwrap_or(node.span.start());
        if !open.is_mapping && !open.is_flow {
            start = dash_before(text, start);
        }
        let end = if open.is_flow {
            end
        } else {
            open.end.max(start)
        };
        node.span = Span::new(file, start, end);
        if let Some(parent) = building.open.last_mut() {
            parent.start = Some(parent.start.map_or(start, |known| known.min(start)));
            parent.end = parent.end.max(end);
        }
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> bool {
        let Some(building) = &self.building else {
            return true;
        };
        let target = building
            .anchors
            .iter()
            .rev()
            .find(|(known, _)| *known == anchor)
            .map(|(_, id)| *id);
        let is_inside = target.is_some_and(|id| building.open.iter().any(|open| open.id == id));
        match target {
            Some(id) if !is_inside => self.push(Shape::Alias(id), start, end, 0, None),
            _ => {
                let name = self.text.get(start..end).unwrap_or_default();
                let name = name.trim_start_matches('*');
                let message = format!("anchor '{name}' value contains itself");
                self.error(start, end, &message);
                let shape = Shape::Scalar {
                    text: "".into(),
                    style: ScalarStyle::Plain,
                    typed: ScalarType::Null,
                };
                self.push(shape, start, end, 0, None)
            }
        }
    }

    fn finish(&mut self, start: usize, end: usize) {
        let Some(building) = self.building.take() else {
            return;
        };
        let start = start.max(building.start);
        let root = building.root.filter(|id| {
            // A document without content has an implicit null that nobody wrote.
            let node = &building.nodes[id.0 as usize];
            let is_nothing = node.span.is_empty() && node.tag.is_none();
            !(is_nothing && matches!(&node.shape, Shape::Scalar { text, .. } if text.is_empty()))
        });
        self.documents.push(Document {
            file: self.file,
            span: Span::new(self.file, building.start, start),
            nodes: building.nodes,
            root,
            comments: std::mem::take(&mut self.comments),
        });
        self.start = end;
    }
}

impl Building {
    /// Makes a node a child of the innermost open collection, or the root.
    fn attach(&mut self, id: NodeId, start: usize, end: usize) {
        let Some(parent) = self.open.last_mut() else {
            self.root.get_or_insert(id);
            return;
        };
        if start != end {
            parent.start = Some(parent.start.map_or(start, |known| known.min(start)));
            parent.end = parent.end.max(end);
        }
        let Some(node) = self.nodes.get_mut(parent.id.0 as usize) else {
            return;
        };
        match &mut node.shape {
            Shape::Sequence(items) => items.push(id),
            Shape::Mapping(entries) => match parent.key.take() {
                None => parent.key = Some(id),
                Some(key) => entries.push(Entry { key, value: id }),
            },
            _ => {}
        }
    }
}

fn scalar_style(style: granit_parser::ScalarStyle) -> ScalarStyle {
    match style {
        granit_parser::ScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
        granit_parser::ScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
        granit_parser::ScalarStyle::Literal => ScalarStyle::Literal,
        granit_parser::ScalarStyle::Folded => ScalarStyle::Folded,
        _ => ScalarStyle::Plain,
    }
}

/// The `-` before the first item of a block sequence.
fn dash_before(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    match before.trim_end().strip_suffix('-') {
        Some(rest) => rest.len(),
        None => start,
    }
}
