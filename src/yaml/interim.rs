//! Granit's events as documents: a stand-in until the real reader is merged.

use granit_parser::{Event, Parser, ScalarStyle as Style};

use super::document::{Comment, Document, Entry, Node, NodeId, ScalarStyle, ScalarType, Shape};
use crate::source::{FileId, Span};

/// The documents of a text, and whether all of it could be read.
#[must_use]
pub fn interim(file: FileId, text: &str) -> (Vec<Document>, bool) {
    let mut documents = Vec::new();
    let mut stack: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
    let mut anchors: Vec<(usize, NodeId)> = Vec::new();
    let empty = || Document {
        file,
        span: Span::new(file, 0, text.len()),
        nodes: Vec::new(),
        root: None,
        comments: Vec::new(),
    };
    let mut document = empty();
    for event in Parser::new_from_str(text) {
        let Ok((event, at)) = event else {
            return (documents, false);
        };
        let range = at.byte_range().unwrap_or_default();
        let span = Span::new(file, range.start, range.end);
        let mut push = |document: &mut Document, shape: Shape, span: Span| {
            let id = NodeId(u32::try_from(document.nodes.len()).unwrap_or(0));
            document.nodes.push(Node {
                span,
                shape,
                tag: None,
            });
            id
        };
        let (id, open, anchor) = match event {
            Event::DocumentStart(..) => {
                document = empty();
                anchors.clear();
                continue;
            }
            Event::DocumentEnd => {
                documents.push(document.clone());
                continue;
            }
            Event::Comment(..) => {
                document.comments.push(Comment { span });
                continue;
            }
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    Style::Plain => ScalarStyle::Plain,
                    Style::SingleQuoted => ScalarStyle::SingleQuoted,
                    Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
                    Style::Literal => ScalarStyle::Literal,
                    Style::Folded => ScalarStyle::Folded,
                };
                let typed = if style != ScalarStyle::Plain {
                    ScalarType::Str
                } else if matches!(&*text, "" | "~" | "null") {
                    ScalarType::Null
                } else if matches!(&*text, "true" | "yes" | "on") {
                    ScalarType::Bool(true)
                } else if matches!(&*text, "false" | "no" | "off") {
                    ScalarType::Bool(false)
                } else if let Ok(value) = text.parse() {
                    ScalarType::Int(value)
                } else if let Some(value) = text
                    .starts_with(|c: char| c.is_ascii_digit())
                    .then(|| text.parse().ok())
                    .flatten()
                {
                    ScalarType::Float(value)
                } else {
                    ScalarType::Str
                };
                let shape = Shape::Scalar {
                    text: text.into(),
                    style,
                    typed,
                };
                (push(&mut document, shape, span), false, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (
                push(&mut document, Shape::Sequence(Vec::new()), span),
                true,
                anchor,
            ),
            Event::MappingStart(_, anchor, _) => (
                push(&mut document, Shape::Mapping(Vec::new()), span),
                true,
                anchor,
            ),
            Event::Alias(to) => {
                let to = anchors
                    .iter()
                    .rev()
                    .find(|(anchor, _)| *anchor == to)
                    .map_or(NodeId(0), |(_, id)| *id);
                (push(&mut document, Shape::Alias(to), span), false, 0)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((id, children)) = stack.pop() else {
                    continue;
                };
                let last = children.last().map(|id| document.nodes[id.0 as usize].span);
                let node = &mut document.nodes[id.0 as usize];
                let end = if span.is_empty() { last } else { Some(span) };
                node.span = end.map_or(node.span, |end| node.span.cover(end));
                match &mut node.shape {
                    Shape::Sequence(items) => *items = children,
                    Shape::Mapping(entries) => {
                        *entries = children
                            .chunks_exact(2)
                            .map(|pair| Entry {
                                key: pair[0],
                                value: pair[1],
                            })
                            .collect();
                    }
                    _ => {}
                }
                continue;
            }
            _ => continue,
        };
        if anchor != 0 {
            anchors.push((anchor, id));
        }
        match stack.last_mut() {
            Some((_, children)) => children.push(id),
            None => document.root = Some(id),
        }
        if open {
            stack.push((id, Vec::new()));
        }
    }
    (documents, true)
}
