//! What Helm computes with after reading YAML or JSON: JSON's types, with spans.
//!
//! Helm reads YAML through sigs.k8s.io/yaml: it decodes with yaml.v2, turns the result into JSON,
//! and decodes that again. On the way every number becomes a float64, every key a string, and what
//! JSON has no form for is an error. Each step has its own errors, and an earlier step's come first
//! wherever they stand in the text.

use std::borrow::Cow;
use std::fmt::Write;

use rustc_hash::FxHashMap;

use crate::golang::float;
use crate::golang::quote::quote;
use crate::source::{FileId, Span};

use super::arena::ScalarKind;
use super::document::{Document, Entry, NodeId, NodeRef, Shape, Typed};
use super::json::unsupported;
use super::parse::Refused;
use super::read::{Limits, read_first, read_first_of};
use super::syntax::SyntaxError;
use super::written::{is_as_written, is_surely_plain};

/// A value of JSON's types, and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// The value.
    pub value: PlainValue,
    /// The bytes of the value; see [`NodeRef::span`]. Those of an alias are its own: `*name`.
    pub span: Span,
    /// Where an alias was written: the bytes of the value that it stands for.
    pub anchored: Option<Span>,
}

/// The types of JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum PlainValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A string. `exact` where the text stands byte for byte in the source, at the start of
    /// the span or behind its opening quote.
    Str(Box<str>),
    /// An array.
    List(Vec<Plain>),
    /// An object: key, the key's bytes, value. Keys are unique.
    Map(Vec<(Box<str>, Span, Plain)>),
}

/// Values nest no deeper, aliases followed.
const MAX_DEPTH: usize = 300;

/// The first document of a text and its values, as Helm reads it; `None` where nothing is written.
/// `base` is the offset of the text in its file.
///
/// # Errors
/// What Helm says: `error converting YAML to JSON: yaml: line 3: …`.
pub fn read_plain(
    file: FileId,
    base: usize,
    bytes: &[u8],
) -> Result<Option<(Document, Plain)>, SyntaxError> {
    read_plain_within(file, base, bytes, Limits::DEFAULT.nodes)
}

/// As [`read_plain`], where aliases stand for no more than `most` values.
///
/// # Errors
/// As [`read_plain`].
pub fn read_plain_within(
    file: FileId,
    base: usize,
    bytes: &[u8],
    most: usize,
) -> Result<Option<(Document, Plain)>, SyntaxError> {
    plain_of(read_first(file, base, bytes), most)
}

/// The first document of a text: its values, or where [`is_as_written`] holds, what they are written
/// in.
#[derive(Debug)]
pub enum Given {
    /// A mapping in which every value is what is written.
    Written(Document),
    /// Any other value, and the document that it stands in.
    Worked(Document, Plain),
}

/// As [`read_plain`], without work for what is written already.
///
/// # Errors
/// As [`read_plain`].
pub fn read_given(file: FileId, base: usize, bytes: &[u8]) -> Result<Option<Given>, SyntaxError> {
    given(read_first(file, base, bytes), Limits::DEFAULT.nodes)
}

/// As [`read_given`] of a text and the line break that its last line lacks, where aliases stand for
/// no more than `most` values.
///
/// # Errors
/// As [`read_plain`].
pub fn read_given_lines(
    file: FileId,
    base: usize,
    bytes: &[u8],
    most: usize,
) -> Result<Option<Given>, SyntaxError> {
    let read = if bytes.ends_with(b"\n") {
        read_first(file, base, bytes)
    } else {
        let mut lines = bytes.to_vec();
        lines.push(b'\n');
        read_first_of(file, base, &lines, bytes.len())
    };
    given(read, most)
}

fn given(
    read: Result<Option<Document>, SyntaxError>,
    most: usize,
) -> Result<Option<Given>, SyntaxError> {
    match read {
        Ok(Some(document)) if is_as_written(&document) => Ok(Some(Given::Written(document))),
        read => {
            let read = plain_of(read, most)?;
            Ok(read.map(|(document, plain)| Given::Worked(document, plain)))
        }
    }
}

fn plain_of(
    read: Result<Option<Document>, SyntaxError>,
    most: usize,
) -> Result<Option<(Document, Plain)>, SyntaxError> {
    let Some(document) = read.map_err(converting)? else {
        return Ok(None);
    };
    let plain = document.root().map(|root| decoded(root, most)).transpose();
    let plain = plain.map_err(converting)?;
    Ok(plain.map(|plain| (document, plain)))
}

/// As [`read_plain_within`], where only the document is wanted.
///
/// # Errors
/// As [`read_plain`].
pub fn read_checked(
    file: FileId,
    base: usize,
    bytes: &[u8],
    most: usize,
) -> Result<Option<Document>, SyntaxError> {
    let document = read_first(file, base, bytes).map_err(converting)?;
    if let Some(document) = &document
        && !is_surely_plain(document)
        && let Some(root) = document.root()
    {
        decoded(root, most).map_err(converting)?;
    }
    Ok(document)
}

fn converting(mut error: SyntaxError) -> SyntaxError {
    error
        .go_message
        .insert_str(0, "error converting YAML to JSON: ");
    error
}

/// The document's value; `None` for an empty one.
///
/// # Errors
/// A key that is no scalar, null or infinity, and documents that aliases blow up.
pub fn plain(document: &Document) -> Result<Option<Plain>, SyntaxError> {
    document.root().map(plain_node).transpose()
}

/// The value of one node.
///
/// # Errors
/// As [`plain`].
pub fn plain_node(node: NodeRef<'_>) -> Result<Plain, SyntaxError> {
    decoded(node, Limits::DEFAULT.nodes)
}

fn decoded(node: NodeRef<'_>, most: usize) -> Result<Plain, SyntaxError> {
    let mut decoder = Decoder {
        document: node.document(),
        decoded: 1,
        aliased: 0,
        most: most.min(Limits::DEFAULT.nodes),
        alias_depth: 0,
        depth: 0,
        bad_key: None,
    };
    let plain = decoder.value(node.id())?;
    if let Some(error) = decoder.bad_key {
        return Err(error);
    }
    match plain.not_finite() {
        None => Ok(plain),
        Some((span, value)) => Err(SyntaxError {
            span,
            message: "JSON, and so Helm, knows no infinity and no NaN".to_owned(),
            go_message: unsupported(value),
        }),
    }
}

impl Plain {
    /// How many values it consists of, itself included.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.value {
            PlainValue::List(items) => items.iter().map(Self::count).sum(),
            PlainValue::Map(entries) => entries.iter().map(|(.., value)| value.count()).sum(),
            _ => 0,
        }
    }

    /// The first number that JSON cannot write, in the order in which Go writes.
    fn not_finite(&self) -> Option<(Span, f64)> {
        match &self.value {
            PlainValue::Number(value) if !value.is_finite() => Some((self.span, *value)),
            PlainValue::List(items) => items.iter().find_map(Self::not_finite),
            PlainValue::Map(entries) => entries
                .iter()
                .filter_map(|(key, _, value)| Some((key, value.not_finite()?)))
                .min_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()))
                .map(|(_, place)| place),
            _ => None,
        }
    }
}

struct Decoder<'a> {
    document: &'a Document,
    /// Nodes so far, as yaml.v2 counts them.
    decoded: usize,
    /// Those of them within aliases.
    aliased: usize,
    /// How many those may be at most.
    most: usize,
    alias_depth: usize,
    /// Collections around the current value.
    depth: usize,
    /// The first key that is no string in JSON.
    bad_key: Option<SyntaxError>,
}

/// A map in the making.
#[derive(Default)]
struct Entries<'a> {
    entries: Vec<(Box<str>, Span, Plain)>,
    /// Where each key stands; only filled for more than a few keys.
    by_key: FxHashMap<Cow<'a, str>, usize>,
}

impl<'a> Decoder<'a> {
    fn node(&self, id: NodeId) -> NodeRef<'a> {
        self.document.node(id)
    }

    fn refused(&self, id: NodeId) -> Option<&'a Refused> {
        let refused = &self.document.refused;
        // They stand in the order of their nodes.
        let at = refused.binary_search_by_key(&id, |refused| refused.node);
        at.ok().and_then(|at| refused.get(at))
    }

    /// Counts a node, and stops where too many of them come from aliases, by yaml.v2's measure:
    /// 99 % of up to 400 000 nodes, falling to 10 % of 4 000 000.
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    fn count(&mut self, id: NodeId) -> Result<(), SyntaxError> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.aliased += 1;
        }
        let allowed = match self.decoded {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            decoded => 0.99 - 0.89 * ((decoded - 400_000) as f64 / 3_600_000.0),
        };
        let error = || SyntaxError {
            span: self.node(id).span(),
            message: "aliases stand for too much here".to_owned(),
            go_message: "yaml: document contains excessive aliasing".to_owned(),
        };
        let is_excessive = self.aliased > 100
            && self.decoded > 1000
            && self.aliased as f64 / self.decoded as f64 > allowed;
        if is_excessive || self.aliased > self.most {
            return Err(error());
        }
        Ok(())
    }

    fn value(&mut self, id: NodeId) -> Result<Plain, SyntaxError> {
        self.count(id)?;
        if let Some(refused) = self.refused(id) {
            return Err(refused.error.clone());
        }
        let document = self.document;
        let node = document.node(id);
        let span = node.span();
        let mut anchored = None;
        let value = match node.written() {
            Shape::Alias(target) => {
                self.alias_depth += 1;
                let plain = self.value(target)?;
                self.alias_depth -= 1;
                anchored = Some(plain.span);
                plain.value
            }
            Shape::Scalar { text, kind, .. } => match kind.typed(text) {
                Typed::Null => PlainValue::Null,
                Typed::Bool(value) => PlainValue::Bool(value),
                Typed::Str(text) => PlainValue::Str(text.into()),
                number => PlainValue::Number(number.float().unwrap_or_default()),
            },
            Shape::Sequence(items) => {
                self.enter(span)?;
                let items = items.iter().map(|item| self.value(*item));
                let items = items.collect::<Result<_, _>>()?;
                self.depth -= 1;
                PlainValue::List(items)
            }
            Shape::Mapping(entries) => {
                self.enter(span)?;
                let mut map = Entries::default();
                map.entries.reserve(entries.len());
                self.fill(entries, &mut map)?;
                self.depth -= 1;
                PlainValue::Map(map.entries)
            }
        };
        Ok(Plain {
            value,
            span,
            anchored,
        })
    }

    /// As [`Self::value`] of a key, whose value as one nobody needs.
    fn check_key(&mut self, id: NodeId) -> Result<(), SyntaxError> {
        if !matches!(self.node(id).written(), Shape::Scalar { .. }) {
            return self.value(id).map(|_| ());
        }
        self.count(id)?;
        match self.refused(id) {
            Some(refused) => Err(refused.error.clone()),
            None => Ok(()),
        }
    }

    /// Goes into a collection.
    fn enter(&mut self, span: Span) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError {
                span,
                message: "collections are nested too deeply, aliases followed".to_owned(),
                go_message: "yaml: exceeded max depth".to_owned(),
            });
        }
        Ok(())
    }

    fn fill(&mut self, entries: &'a [Entry], map: &mut Entries<'a>) -> Result<(), SyntaxError> {
        // The key of this map that is to blame; of equal ones the last value counts.
        let mut blamed = None;
        for entry in entries {
            if self.document.merge_keys.contains(&entry.key) {
                self.merge(entry.value, map)?;
                continue;
            }
            self.check_key(entry.key)?;
            let key = self.node(entry.key);
            if key.kind().is_none() {
                return Err(SyntaxError {
                    span: key.span(),
                    message: "Helm takes only scalars as keys; `{{ … }}` here needs quotes"
                        .to_owned(),
                    go_message: format!("yaml: invalid map key: {}", go_syntax(key, true)),
                });
            }
            let value = self.value(entry.value)?;
            let span = key.span();
            match key.key().filter(|_| key.kind() != Some(ScalarKind::Uint)) {
                Some(key) => map.set(key, span, value),
                None if self.bad_key.is_none() || blamed == Some(key.typed()) => {
                    blamed = Some(key.typed());
                    self.bad_key = Some(bad_key(key, self.node(entry.value)));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn merge(&mut self, id: NodeId, map: &mut Entries<'a>) -> Result<(), SyntaxError> {
        let node = self.node(id);
        if let Shape::Sequence(items) = node.written() {
            for item in items.iter().rev() {
                self.merge_one(*item, map)?;
            }
            return Ok(());
        }
        if let (Shape::Alias(_), Shape::Sequence(_)) = (node.written(), node.shape()) {
            return Err(self.not_a_map(id));
        }
        self.merge_one(id, map)
    }

    fn merge_one(&mut self, id: NodeId, map: &mut Entries<'a>) -> Result<(), SyntaxError> {
        if let Some(refused) = self.refused(id).filter(|refused| refused.is_cycle) {
            return Err(refused.error.clone());
        }
        let document = self.document;
        let target = document.node(id).resolved().id();
        let Shape::Mapping(entries) = document.node(target).written() else {
            return Err(self.not_a_map(id));
        };
        self.count(id)?;
        self.enter(document.node(id).span())?;
        let aliased = target != id;
        if aliased {
            self.alias_depth += 1;
            self.count(id)?;
        }
        let filled = self.fill(entries, map);
        if aliased {
            self.alias_depth -= 1;
        }
        self.depth -= 1;
        filled
    }

    fn not_a_map(&self, id: NodeId) -> SyntaxError {
        SyntaxError {
            span: self.node(id).span(),
            message: "`<<` merges maps; this is none".to_owned(),
            go_message: "yaml: map merge requires map or sequence of maps as the value".to_owned(),
        }
    }
}

impl<'a> Entries<'a> {
    /// Up to this many keys are compared one by one.
    const FEW: usize = 8;

    /// A key that was there before gets a new value, at its old place.
    fn set(&mut self, key: Cow<'a, str>, span: Span, value: Plain) {
        let place = if self.entries.len() <= Self::FEW {
            self.entries.iter().position(|(known, ..)| **known == *key)
        } else {
            self.by_key.get(&key).copied()
        };
        if let Some(entry) = place.and_then(|at| self.entries.get_mut(at)) {
            (entry.1, entry.2) = (span, value);
            return;
        }
        let next = self.entries.len();
        if next == Self::FEW {
            let known = self.entries.iter().enumerate();
            let known = known.map(|(at, (key, ..))| (Cow::Owned(key.to_string()), at));
            self.by_key = known.collect();
        }
        if next >= Self::FEW {
            self.by_key.insert(key.clone(), next);
        }
        self.entries.push((key.into(), span, value));
    }
}

fn bad_key(key: NodeRef<'_>, value: NodeRef<'_>) -> SyntaxError {
    let kind = match key.typed() {
        Some(Typed::Uint(_)) => "uint64",
        _ => "%!s(<nil>)",
    };
    SyntaxError {
        span: key.span(),
        message: "Helm does not take this as a key; quote it".to_owned(),
        go_message: format!(
            "unsupported map key of type: {kind}, key: {}, value: {}",
            go_syntax(key, true),
            go_syntax(value, true)
        ),
    }
}

/// `fmt.Sprintf("%#v", value)`, of at most some kilobytes.
fn go_syntax(node: NodeRef<'_>, top: bool) -> String {
    let mut out = String::new();
    write_go_syntax(node, top, &mut out);
    out
}

fn write_go_syntax(node: NodeRef<'_>, top: bool, out: &mut String) {
    const LONGEST: usize = 16 * 1024;
    if out.len() > LONGEST {
        return;
    }
    let written = match node.typed() {
        Some(Typed::Null) if top => write!(out, "<nil>"),
        Some(Typed::Null) => write!(out, "interface {{}}(nil)"),
        Some(Typed::Bool(value)) => write!(out, "{value}"),
        Some(Typed::Int(value)) => write!(out, "{value}"),
        Some(Typed::Uint(value)) => write!(out, "{value:#x}"),
        Some(Typed::Float(value)) => write!(out, "{}", float::append_float(value, b'g', -1, 64)),
        Some(Typed::Str(text)) => write!(out, "{}", quote(text.as_bytes())),
        None => Ok(()),
    };
    if written.is_err() || node.typed().is_some() {
        return;
    }
    if let Shape::Sequence(_) = node.shape() {
        out.push_str("[]interface {}{");
        for (at, item) in node.items().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            write_go_syntax(item, false, out);
        }
    } else {
        out.push_str("map[interface {}]interface {}{");
        let mut entries: Vec<_> = node
            .entries()
            .map(|(key, value)| (order(key), key, value))
            .collect();
        entries.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        // Of equal keys the last one counts.
        let entries: Vec<_> = entries
            .iter()
            .enumerate()
            .filter(|(at, entry)| entries.get(at + 1).is_none_or(|next| next.0 != entry.0))
            .map(|(_, entry)| entry)
            .collect();
        for (at, (_, key, value)) in entries.into_iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            write_go_syntax(*key, false, out);
            out.push(':');
            write_go_syntax(*value, false, out);
        }
    }
    out.push('}');
}

/// How `fmt` orders the keys of a map; between types the order is our own.
fn order(key: NodeRef<'_>) -> (u8, f64, &str) {
    #[expect(clippy::cast_precision_loss, reason = "only an order")]
    match key.typed() {
        None | Some(Typed::Null) => (0, 0.0, ""),
        Some(Typed::Bool(value)) => (1, f64::from(u8::from(value)), ""),
        Some(Typed::Int(value)) => (2, value as f64, ""),
        Some(Typed::Uint(value)) => (3, value as f64, ""),
        Some(Typed::Float(value)) => (4, value, ""),
        Some(Typed::Str(text)) => (5, 0.0, text),
    }
}
