//! The tree of one YAML document: nodes in an arena, each with the bytes it was written in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::golang::float;
use crate::source::{FileId, Span};

use super::arena::{Arena, Node, NodeKind, ScalarKind};
use super::parse::Refused;
use super::written::have_different_texts;

/// A node's place in the arena of its [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In `'…'`.
    SingleQuoted,
    /// In `"…"`.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// What a scalar means to Go's yaml.v2, as Helm sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Typed<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` … and their opposites.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number above `i64::MAX`.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// Everything else.
    Str(&'a str),
}

impl Typed<'_> {
    /// Any number, as JSON has it.
    #[expect(clippy::cast_precision_loss, reason = "that is what Go does")]
    pub(super) fn float(self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(value as f64),
            Self::Uint(value) => Some(value as f64),
            Self::Float(value) => Some(value),
            Self::Null | Self::Bool(_) | Self::Str(_) => None,
        }
    }
}

/// One key and its value. Keys are nodes too: `1: x` has an integer as key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The key's node.
    pub key: NodeId,
    /// The value's node.
    pub value: NodeId,
}

/// What a node is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape<'a> {
    /// A scalar: the text after unescaping and folding, and how it was written.
    Scalar {
        /// The text.
        text: &'a str,
        /// The notation.
        style: ScalarStyle,
        /// What it means.
        kind: ScalarKind,
    },
    /// A sequence.
    Sequence(&'a [NodeId]),
    /// A mapping in the order of the text; a repeated key stands twice, and the last one counts.
    Mapping(&'a [Entry]),
    /// `*name`: the node it stands for.
    Alias(NodeId),
}

/// How much collections hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How many items the sequences have.
    pub items: usize,
    /// How many entries the mappings have.
    pub entries: usize,
    /// How many mappings there are.
    pub mappings: usize,
}

/// A comment: from its `#` to the end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes.
    pub span: Span,
}

/// `&name`: a node that aliases can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The `&` and the name.
    pub span: Span,
    /// What it names.
    pub node: NodeId,
}

/// One document of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file it stands in.
    pub file: FileId,
    /// From behind the `---` before it to the next `---` or `...`, or the end of the file.
    pub span: Span,
    pub(super) arena: Arena,
    pub(super) root: Option<NodeId>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// All anchors, in order.
    pub anchors: Vec<Anchor>,
    /// What the mappings with a merge key consist of.
    pub(super) merged: BTreeMap<NodeId, Vec<Entry>>,
    /// The keys `<<` that merge.
    pub(super) merge_keys: BTreeSet<NodeId>,
    /// What yaml.v2 refuses when it decodes the document.
    pub(super) refused: Vec<Refused>,
}

impl Document {
    /// The same document in another file, at the same bytes.
    #[must_use]
    pub fn moved(mut self, file: FileId) -> Self {
        let own = [&mut self.span].into_iter();
        let spans = own
            .chain(self.comments.iter_mut().map(|comment| &mut comment.span))
            .chain(self.anchors.iter_mut().map(|anchor| &mut anchor.span))
            .chain(self.refused.iter_mut().map(|one| &mut one.error.span));
        for span in spans {
            *span = Span::new(file, span.start(), span.end());
        }
        self.file = file;
        self
    }

    /// The value of the document; `None` for a document of comments and space only.
    #[must_use]
    pub fn root(&self) -> Option<NodeRef<'_>> {
        self.root.map(|id| self.node(id))
    }

    /// The node with this number.
    ///
    /// # Panics
    /// When `id` comes from another document: a bug of aiplat, not of an input.
    #[must_use]
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { document: self, id }
    }

    /// How many nodes; their ids are `0..len`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arena.nodes.len()
    }

    /// How much the collections hold that are written in it.
    #[must_use]
    pub fn parts(&self) -> Parts {
        self.arena.parts()
    }

    /// All nodes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        let ids = 0..u32::try_from(self.len()).unwrap_or(u32::MAX);
        ids.map(|id| self.node(NodeId(id)))
    }

    /// The bytes of what the alias at exactly `span` stands for.
    #[must_use]
    pub fn anchored(&self, span: Span) -> Option<Span> {
        let mut nodes = self.nodes().filter(|node| node.span() == span);
        nodes.find_map(NodeRef::anchored)
    }

    /// The bytes of what aliases stand for, those of merges included: sorted, each once.
    #[must_use]
    pub fn aliased(&self) -> Vec<Span> {
        let targets = self.nodes().filter_map(NodeRef::anchored);
        let mut found: Vec<Span> = targets.collect();
        found.sort_unstable_by_key(|span| (span.start(), span.end()));
        found.dedup();
        found
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arena.nodes.is_empty()
    }
}

/// A node and the document to read its children in. Aliases are followed by every reader but
/// [`NodeRef::span`], which is where the alias stands.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'a> {
    document: &'a Document,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    /// Its number.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Its document.
    #[must_use]
    pub fn document(self) -> &'a Document {
        self.document
    }

    #[inline]
    fn raw(self) -> Node {
        self.document.arena.nodes[self.id.0 as usize]
    }

    /// The bytes of the value: a scalar with its quotes (a block scalar: its content without the
    /// header), a flow collection with its brackets, a block collection from its first key or
    /// dash to the end of its last value. Empty where nothing was written.
    #[must_use]
    pub fn span(self) -> Span {
        let node = self.raw();
        Span::new(self.document.file, node.start as usize, node.end as usize)
    }

    /// Of an alias the bytes of what it stands for.
    fn anchored(self) -> Option<Span> {
        match self.written() {
            Shape::Alias(target) => Some(self.document.node(target).span()),
            _ => None,
        }
    }

    /// The node itself, or the one that an alias stands for.
    #[must_use]
    pub fn resolved(self) -> Self {
        let node = self.raw();
        match node.kind {
            NodeKind::Alias => self.document.node(NodeId(node.first)),
            _ => self,
        }
    }

    /// What it is made of; never an alias.
    #[must_use]
    pub fn shape(self) -> Shape<'a> {
        self.resolved().written()
    }

    /// What it is made of itself, which may be an alias.
    #[inline]
    pub(super) fn written(self) -> Shape<'a> {
        let arena = &self.document.arena;
        let node = self.raw();
        match node.kind {
            NodeKind::Scalar(style, kind) => Shape::Scalar {
                text: arena.text(node),
                style,
                kind,
            },
            NodeKind::Sequence => Shape::Sequence(arena.items(node)),
            NodeKind::Mapping => Shape::Mapping(arena.entries(node)),
            NodeKind::Alias => Shape::Alias(NodeId(node.first)),
        }
    }

    /// A tag as written.
    #[must_use]
    pub fn tag(self) -> Option<&'a str> {
        self.document.arena.tag(self.resolved().id)
    }

    /// Whether it carries this tag of YAML's own, as `!!int` or in full.
    #[must_use]
    pub fn has_tag(self, name: &str) -> bool {
        let prefixes = ["tag:yaml.org,2002:", "!!"];
        self.tag().is_some_and(|tag| {
            let rest = prefixes.iter().find_map(|prefix| tag.strip_prefix(prefix));
            rest == Some(name)
        })
    }

    /// The scalar's meaning; `None` for a collection.
    #[must_use]
    pub fn typed(self) -> Option<Typed<'a>> {
        match self.shape() {
            Shape::Scalar { text, kind, .. } => Some(kind.typed(text)),
            _ => None,
        }
    }

    /// What the scalar means, without its value; `None` for a collection.
    #[must_use]
    pub fn kind(self) -> Option<ScalarKind> {
        match self.resolved().raw().kind {
            NodeKind::Scalar(_, kind) => Some(kind),
            _ => None,
        }
    }

    /// The scalar's text, whatever it means; `None` for a collection.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self.shape() {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// How the scalar was written; `None` for a collection.
    #[must_use]
    pub fn style(self) -> Option<ScalarStyle> {
        match self.resolved().raw().kind {
            NodeKind::Scalar(style, _) => Some(style),
            _ => None,
        }
    }

    /// The text of a scalar that means a string.
    #[must_use]
    pub fn str(self) -> Option<&'a str> {
        match self.shape() {
            Shape::Scalar {
                text,
                kind: ScalarKind::Str,
                ..
            } => Some(text),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        match self.kind()? {
            ScalarKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number (`8080`, also `8080.0`).
    #[must_use]
    pub fn int(self) -> Option<i64> {
        match self.typed()? {
            Typed::Int(value) => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
            Typed::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
            _ => None,
        }
    }

    /// Any number, as JSON has it.
    #[must_use]
    pub fn float(self) -> Option<f64> {
        self.typed()?.float()
    }

    /// Whether it is `null`, `~` or nothing.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Some(ScalarKind::Null)
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        self.resolved().raw().kind == NodeKind::Mapping
    }

    /// The items of a sequence; none for anything else.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'a>> {
        let items: &'a [NodeId] = match self.shape() {
            Shape::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(move |id| self.document.node(*id))
    }

    /// The key that this node is when it stands as one, as Helm has it: `true` for `y`, `16` for
    /// `0x10`. `None` for `null` and for collections, which Helm refuses.
    #[must_use]
    pub fn key(self) -> Option<Cow<'a, str>> {
        Some(match self.typed()? {
            Typed::Null => return None,
            Typed::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Typed::Int(value) => Cow::Owned(value.to_string()),
            Typed::Uint(value) => Cow::Owned(value.to_string()),
            // `%g` with the precision of 32 bits, as sigs.k8s.io/yaml prints such keys.
            Typed::Float(value) => match float::append_float(value, b'g', -1, 32) {
                text if text == "+Inf" => Cow::Borrowed(".inf"),
                text if text == "-Inf" => Cow::Borrowed("-.inf"),
                text if text == "NaN" => Cow::Borrowed(".nan"),
                text => Cow::Owned(text),
            },
            Typed::Str(text) => Cow::Borrowed(text),
        })
    }

    /// The entries of a mapping, key and value, in the order of the text; none for anything else.
    /// Those of merge keys (`<<`) stand in place of the key.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = (NodeRef<'a>, NodeRef<'a>)> {
        let pairs = self.pairs().iter();
        pairs.map(move |entry| self.pair(entry))
    }

    /// The entries of a mapping in the order of the text; nothing for anything else, and where some
    /// are merged into it.
    #[must_use]
    pub fn own_entries(self) -> Option<&'a [Entry]> {
        let resolved = self.resolved();
        match resolved.written() {
            Shape::Mapping(entries) => {
                let is_merged = self.document.merged.contains_key(&resolved.id);
                (!is_merged).then_some(entries)
            }
            _ => None,
        }
    }

    fn pairs(self) -> &'a [Entry] {
        let Self { document, id } = self.resolved();
        let node = document.node(id).raw();
        if node.kind != NodeKind::Mapping {
            return &[];
        }
        let merged = document.merged.get(&id);
        merged.map_or_else(|| document.arena.entries(node), Vec::as_slice)
    }

    fn pair(self, entry: &Entry) -> (NodeRef<'a>, NodeRef<'a>) {
        let document = self.document;
        (document.node(entry.key), document.node(entry.value))
    }

    /// Key and value of the entry with this key: the last one, as yaml.v2 has it.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<(NodeRef<'a>, NodeRef<'a>)> {
        let document = self.document;
        let is_it = |entry: &&Entry| {
            let name = document.arena.nodes[entry.key.0 as usize];
            match name.kind {
                NodeKind::Scalar(_, ScalarKind::Str) => {
                    name.count as usize == key.len() && document.arena.bytes(name) == key.as_bytes()
                }
                _ => document.node(entry.key).key().as_deref() == Some(key),
            }
        };
        let found = self.pairs().iter().rev().find(is_it);
        found.map(|entry| self.pair(entry))
    }

    /// The value of a key; `None` where it is missing.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<NodeRef<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

/// The keys that stand twice in one mapping of the document: the first place and the later one.
/// Keys are equal when Helm takes them for the same: `y` and `"true"`, `1` and `"1"`.
#[must_use]
pub fn duplicates(document: &Document) -> Vec<(Span, Span)> {
    let mut found = Vec::new();
    let mut keys = Vec::new();
    for node in document.nodes() {
        let Shape::Mapping(entries) = node.written() else {
            continue;
        };
        // Nearly all mappings have texts as keys, each once.
        if have_different_texts(document, entries, &mut keys) {
            continue;
        }
        let mut seen: FxHashMap<Cow<'_, str>, Span> = FxHashMap::default();
        for entry in entries {
            // Two merges are two maps.
            if document.merge_keys.contains(&entry.key) {
                continue;
            }
            let key = document.node(entry.key);
            let Some(name) = key.key() else { continue };
            match seen.get(&name) {
                Some(first) => found.push((*first, key.span())),
                None => {
                    seen.insert(name, key.span());
                }
            }
        }
    }
    found.sort_unstable();
    found
}
