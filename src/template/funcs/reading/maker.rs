//! Values of what was read, each scalar and key decided by what decided its bytes.

use std::rc::Rc;

use crate::source::{Asked, FileId, Origins, Prov, Span, Text};
use crate::yaml::plain::{Plain, PlainValue};
use crate::yaml::{NodeRef, ScalarKind, Shape};

use super::super::super::value::{Data, Entry, Key, RecentKeys, Value};

/// A text that is read, and what decided that it is this text and no other.
pub(super) struct Source {
    pub(super) text: Rc<Text>,
    pub(super) choice: Prov,
}

impl Source {
    /// What decided what the bytes of spans say.
    pub(super) fn asked(&self) -> Spans<'_> {
        Spans {
            asked: Asked::new(&self.text),
            choice: self.choice,
        }
    }

    /// What decided all of it.
    pub(super) fn whole(&self, origins: &mut Origins) -> Prov {
        let all = Span::new(FileId::DETACHED, 0, self.text.len());
        self.asked().deps(all, origins)
    }
}

/// What decided the spans of a text.
pub(super) struct Spans<'t> {
    asked: Asked<'t>,
    choice: Prov,
}

impl Spans<'_> {
    /// What decided what the bytes of a span say.
    fn deps(&mut self, span: Span, origins: &mut Origins) -> Prov {
        let (start, end) = (span.start(), span.end());
        let deps = self.asked.deps(start, end, Prov::NONE, origins);
        origins.union(deps, self.choice)
    }
}

/// Makes template values of what was read, each scalar and key decided by what decided its bytes.
pub(super) struct Maker<'m, 'r> {
    spans: Spans<'m>,
    origins: &'m mut Origins,
    pub(super) keys: RecentKeys<'r>,
}

impl<'m, 'r> Maker<'m, 'r> {
    pub(super) fn new(spans: Spans<'m>, origins: &'m mut Origins) -> Self {
        Self {
            spans,
            origins,
            keys: RecentKeys::default(),
        }
    }

    fn deps(&mut self, span: Span) -> Prov {
        self.spans.deps(span, self.origins)
    }

    /// What decided where a collection begins.
    fn start(&mut self, span: Span) -> Prov {
        let at = first_line(span, self.spans.asked.text());
        self.deps(at)
    }

    /// What decided that a list is there, and what is in it.
    fn list(&mut self, span: Span) -> Prov {
        let start = self.start(span);
        let asked = &mut self.spans.asked;
        let control = asked.control(span.start(), span.end(), self.origins);
        self.origins.union(start, control)
    }

    pub(super) fn plain(&mut self, plain: &'r Plain) -> Value {
        match &plain.value {
            PlainValue::List(items) => {
                let prov = self.list(plain.span);
                let items = items.iter().map(|item| self.plain(item)).collect();
                Value::with(Value::list(items).data, prov)
            }
            PlainValue::Map(entries) => {
                let prov = self.start(plain.span);
                let entries: Vec<(Key, Entry)> = entries
                    .iter()
                    .map(|(key, span, value)| {
                        let name = self.keys.key(key);
                        let key = self.deps(*span);
                        let value = self.plain(value);
                        (name, Entry { key, value })
                    })
                    .collect();
                Value::with(Value::map(entries).data, prov)
            }
            scalar => {
                let mut prov = self.deps(plain.span);
                if let Some(anchored) = plain.anchored {
                    let anchored = self.deps(anchored);
                    prov = self.origins.union(prov, anchored);
                }
                let data = match scalar {
                    PlainValue::Bool(value) => Data::Bool(*value),
                    PlainValue::Number(value) => Data::Float(*value),
                    PlainValue::Str(text) => Value::str(text.as_bytes()).data,
                    _ => Data::Nil,
                };
                Value::with(data, prov)
            }
        }
    }

    /// As [`Self::plain`] of a node in a document where all is as it is written.
    pub(super) fn node(&mut self, node: NodeRef<'r>) -> Value {
        let document = node.document();
        let span = node.span();
        match node.shape() {
            Shape::Sequence(items) => {
                let prov = self.list(span);
                let items = items.iter().map(|item| self.node(document.node(*item)));
                Value::with(Value::list(items.collect()).data, prov)
            }
            Shape::Mapping(entries) => {
                let prov = self.start(span);
                let entries: Vec<(Key, Entry)> = entries
                    .iter()
                    .map(|entry| {
                        let key = document.node(entry.key);
                        let name = self.keys.key(key.text().unwrap_or_default());
                        let key = self.deps(key.span());
                        let value = self.node(document.node(entry.value));
                        (name, Entry { key, value })
                    })
                    .collect();
                Value::with(Value::map(entries).data, prov)
            }
            Shape::Scalar { text, kind, .. } => {
                let prov = self.deps(span);
                let data = match kind {
                    ScalarKind::Str => Value::str(text.as_bytes()).data,
                    ScalarKind::Bool(value) => Data::Bool(value),
                    ScalarKind::Null => Data::Nil,
                    ScalarKind::Int | ScalarKind::Uint | ScalarKind::Float => {
                        node.float().map_or(Data::Nil, Data::Float)
                    }
                };
                Value::with(data, prov)
            }
            Shape::Alias(_) => Value::nil(),
        }
    }
}

/// Where a collection begins: its brackets when empty, otherwise its first bracket or dash, and
/// nothing of its content.
fn first_line(span: Span, text: &Text) -> Span {
    let bytes = text
        .bytes()
        .get(span.start()..span.end())
        .unwrap_or_default();
    match bytes {
        b"{}" | b"[]" => span,
        [b'[' | b'{' | b'-', ..] => span.slice(0, 1),
        _ => span.slice(0, 0),
    }
}
