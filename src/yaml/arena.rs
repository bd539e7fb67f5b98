//! What the nodes of a document are kept in: a few tables that all of them share.
//!
//! Charts print documents of many nodes, and what is read of them is kept until the end. So a node
//! is small and owns nothing: it says which part of a table is its own.

use crate::source::Span;

use super::document::{Entry, NodeId, Parts, ScalarStyle, Typed};
use super::resolve::{ScalarType, plain};

/// What a scalar means, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarKind {
    /// See [`Typed::Null`].
    Null,
    /// See [`Typed::Bool`].
    Bool(bool),
    /// See [`Typed::Int`].
    Int,
    /// See [`Typed::Uint`].
    Uint,
    /// See [`Typed::Float`].
    Float,
    /// See [`Typed::Str`].
    Str,
}

impl ScalarKind {
    /// The value of a scalar of this kind. Few numbers are ever asked for, so theirs is read again.
    pub(super) fn typed(self, text: &str) -> Typed<'_> {
        match self {
            Self::Null => Typed::Null,
            Self::Bool(value) => Typed::Bool(value),
            Self::Str => Typed::Str(text),
            Self::Int | Self::Uint | Self::Float => match plain(text) {
                ScalarType::Int(value) if self == Self::Float =>
                {
                    #[expect(clippy::cast_precision_loss, reason = "that is what `!!float` does")]
                    Typed::Float(value as f64)
                }
                ScalarType::Int(value) => Typed::Int(value),
                ScalarType::Uint(value) => Typed::Uint(value),
                ScalarType::Float(value) => Typed::Float(value),
                ScalarType::Null | ScalarType::Bool(_) | ScalarType::Str => Typed::Str(text),
            },
        }
    }
}

/// What a node is, and so what its part is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// Of [`Arena::texts`].
    Scalar(ScalarStyle, ScalarKind),
    /// Of [`Arena::items`].
    Sequence,
    /// Of [`Arena::entries`].
    Mapping,
    /// Of nothing: `first` is the number of the node that it stands for.
    Alias,
}

/// A node of the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    /// The bytes of the value, see [`super::NodeRef::span`].
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where its part of the table starts.
    pub(super) first: u32,
    /// How long that part is.
    pub(super) count: u32,
    pub(super) kind: NodeKind,
}

/// The tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Arena {
    pub(super) nodes: Vec<Node>,
    /// The texts of all scalars after unescaping and folding, one behind the other.
    texts: String,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    /// The tags as written, by node in ascending order: few nodes have one.
    tags: Vec<(NodeId, Box<str>)>,
}

/// A place or a length as a node keeps it, which is as far as [`Span`] counts.
#[inline]
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether a table of so many bytes is taken out as it is. Others are copied to one that is just
/// large enough, so that their room serves the next document, too.
fn is_given_away(bytes: usize, room: usize) -> bool {
    const LARGE: usize = 64 * 1024;
    bytes >= LARGE && bytes > room / 2
}

fn taken<T: Copy>(table: &mut Vec<T>) -> Vec<T> {
    let size = size_of::<T>();
    if is_given_away(table.len() * size, table.capacity() * size) {
        std::mem::take(table)
    } else {
        table.clone()
    }
}

#[inline]
fn part<T>(all: &[T], node: Node) -> &[T] {
    let first = node.first as usize;
    let end = first.saturating_add(node.count as usize);
    all.get(first..end).unwrap_or_default()
}

impl Arena {
    /// An empty one with room for what a text of `len` bytes will fill: tables that grow are
    /// copied, while room that is never used costs nothing.
    pub(super) fn for_text(len: usize) -> Self {
        Self {
            // Manifests have a node for about so many bytes, and an entry for two nodes.
            nodes: Vec::with_capacity(len / 20 + 4),
            entries: Vec::with_capacity(len / 40 + 2),
            // Few texts are longer than what stands for them.
            texts: String::with_capacity(len),
            ..Self::default()
        }
    }

    /// Takes out what is in it.
    pub(super) fn take(&mut self) -> Self {
        let texts = if is_given_away(self.texts.len(), self.texts.capacity()) {
            std::mem::take(&mut self.texts)
        } else {
            self.texts.clone()
        };
        let taken = Self {
            nodes: taken(&mut self.nodes),
            texts,
            items: taken(&mut self.items),
            entries: taken(&mut self.entries),
            tags: std::mem::take(&mut self.tags),
        };
        self.clear();
        taken
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.texts.clear();
        self.items.clear();
        self.entries.clear();
        self.tags.clear();
    }

    /// Adds a node without a part of a table.
    #[inline]
    pub(super) fn add(&mut self, span: Span, kind: NodeKind) -> NodeId {
        let id = NodeId(short(self.nodes.len()));
        self.nodes.push(Node {
            start: short(span.start()),
            end: short(span.end()),
            first: 0,
            count: 0,
            kind,
        });
        id
    }

    /// Gives the node that was added last its text.
    #[inline]
    pub(super) fn set_text(&mut self, text: &str) {
        if let Some(node) = self.nodes.last_mut() {
            node.first = short(self.texts.len());
            node.count = short(text.len());
            self.texts.push_str(text);
        }
    }

    /// Lets the alias that was added last stand for a node.
    pub(super) fn set_target(&mut self, target: NodeId) {
        if let Some(node) = self.nodes.last_mut() {
            node.first = target.0;
        }
    }

    /// Gives the node that was added last, which is `id`, its tag.
    pub(super) fn set_tag(&mut self, id: NodeId, tag: Box<str>) {
        self.tags.push((id, tag));
    }

    /// Gives a collection what it consists of, items or entries, and lets it reach to `end`.
    pub(super) fn fill(
        &mut self,
        id: NodeId,
        end: usize,
        items: impl ExactSizeIterator<Item = NodeId>,
        entries: impl ExactSizeIterator<Item = Entry>,
    ) {
        let Some(node) = self.nodes.get_mut(id.0 as usize) else {
            return;
        };
        node.end = short(end).max(node.start);
        let (first, count) = match node.kind {
            NodeKind::Sequence => (self.items.len(), items.len()),
            _ => (self.entries.len(), entries.len()),
        };
        // Empty ones are equal, wherever their part would start.
        if count > 0 {
            (node.first, node.count) = (short(first), short(count));
        }
        self.items.extend(items);
        self.entries.extend(entries);
    }

    #[inline]
    pub(super) fn text(&self, node: Node) -> &str {
        let first = node.first as usize;
        let end = first.saturating_add(node.count as usize);
        self.texts.get(first..end).unwrap_or_default()
    }

    /// The bytes of [`Self::text`].
    #[inline]
    pub(super) fn bytes(&self, node: Node) -> &[u8] {
        part(self.texts.as_bytes(), node)
    }

    #[inline]
    pub(super) fn items(&self, node: Node) -> &[NodeId] {
        part(&self.items, node)
    }

    #[inline]
    pub(super) fn entries(&self, node: Node) -> &[Entry] {
        part(&self.entries, node)
    }

    pub(super) fn parts(&self) -> Parts {
        let is_mapping = |node: &&Node| node.kind == NodeKind::Mapping;
        Parts {
            items: self.items.len(),
            entries: self.entries.len(),
            mappings: self.nodes.iter().filter(is_mapping).count(),
        }
    }

    #[inline]
    pub(super) fn tag(&self, id: NodeId) -> Option<&str> {
        if self.tags.is_empty() {
            return None;
        }
        let at = self.tags.binary_search_by_key(&id, |(node, _)| *node);
        at.ok()
            .and_then(|at| self.tags.get(at))
            .map(|(_, tag)| &**tag)
    }
}
