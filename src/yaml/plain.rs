//! What Helm makes of a YAML text: yaml.v2's tree as JSON has it.
//!
//! Helm reads values files, manifests and the argument of `fromYaml` through sigs.k8s.io/yaml: it
//! decodes with yaml.v2, turns the result into JSON, and decodes that again. On the way all numbers
//! become `float64`, keys become strings, and some documents are refused. Each step has its own
//! errors, and an earlier step's come first wherever they stand in the text.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::source::{FileId, Span};

use super::document::{Document, Entry, NodeId, NodeRef, ScalarType, Shape, Typed};
use super::json::quote;
use super::number;
use super::parse::Refused;
use super::read::{Limits, read_first};
use super::syntax::SyntaxError;

/// A value as Go's `encoding/json` gives it, and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// The bytes of the value. Of what an alias stands for, where that was written; empty where
    /// nothing was.
    pub span: Span,
    /// The value.
    pub kind: PlainKind,
}

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum PlainKind {
    /// `nil`.
    Null,
    /// `bool`.
    Bool(bool),
    /// `float64`, which is what all numbers become.
    Number(f64),
    /// `string`.
    Str(Box<str>),
    /// `[]interface {}`.
    List(Vec<Plain>),
    /// `map[string]interface {}`: each key once, in the order of the text.
    Map(Vec<PlainEntry>),
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainEntry {
    /// The key as a string.
    pub key: Box<str>,
    /// Where it was written.
    pub key_span: Span,
    /// The value.
    pub value: Plain,
}

/// What a text must be at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Anything.
    Any,
    /// A map, or nothing at all (`fromYaml`, values files).
    Map,
    /// A list, or nothing at all (`fromYamlArray`).
    List,
}

/// Reads the first document of a text as Helm reads values files and the argument of `fromYaml`.
/// `base` is the offset of the text in its file. `null` and an empty text are [`PlainKind::Null`]
/// whatever was expected.
///
/// # Errors
/// What Helm says is the error's `go_message`: `error converting YAML to JSON: yaml: line 3: …`. It
/// is `None` where a limit was passed that Helm does not have.
pub fn from_yaml(
    file: FileId,
    base: usize,
    text: &str,
    expect: Expect,
    limits: Limits,
) -> Result<Plain, SyntaxError> {
    let (document, errors) = read_first(file, base, text, limits);
    let refused = document.as_ref().map_or(0, |d| d.refused.len());
    if errors.len() > refused
        && let Some(error) = errors.into_iter().next()
    {
        return Err(converting(error));
    }
    let plain = match document {
        Some(document) => to_plain(&document, limits)?,
        None => Plain {
            span: Span::new(file, base, base),
            kind: PlainKind::Null,
        },
    };
    plain.expect(expect).map_err(|message| SyntaxError {
        span: plain.span,
        message: match expect {
            Expect::List => "A list is expected here".to_owned(),
            _ => "A map is expected here".to_owned(),
        },
        go_message: Some(format!(
            "error unmarshaling JSON: while decoding JSON: {message}"
        )),
    })?;
    Ok(plain)
}

/// The values of a document, as Helm converts them. Syntax errors are not looked at.
///
/// # Errors
/// As [`from_yaml`].
pub fn to_plain(document: &Document, limits: Limits) -> Result<Plain, SyntaxError> {
    let mut decoder = Decoder {
        document,
        limits,
        decoded: 1,
        aliased: 0,
        alias_depth: 0,
        bad_key: None,
    };
    let Some(root) = document.root else {
        return Ok(Plain {
            span: document.span.slice(0, 0),
            kind: PlainKind::Null,
        });
    };
    let plain = decoder.value(root).map_err(converting)?;
    if let Some(error) = decoder.bad_key {
        return Err(converting(error));
    }
    match plain.not_finite() {
        None => Ok(plain),
        Some((span, value)) => Err(SyntaxError {
            span,
            message: "JSON, and so Helm, knows no infinity and no NaN".to_owned(),
            go_message: Some(format!(
                "error converting YAML to JSON: json: unsupported value: {}",
                number::format_float(value)
            )),
        }),
    }
}

fn converting(mut error: SyntaxError) -> SyntaxError {
    if let Some(message) = &mut error.go_message {
        message.insert_str(0, "error converting YAML to JSON: ");
    }
    error
}

impl Plain {
    /// Go's complaint where this is not what is expected.
    pub(super) fn expect(&self, expect: Expect) -> Result<(), String> {
        let wanted = match expect {
            Expect::Any => return Ok(()),
            Expect::Map => "map[string]interface {}",
            Expect::List => "[]interface {}",
        };
        let found = match (&self.kind, expect) {
            (PlainKind::Null, _)
            | (PlainKind::Map(_), Expect::Map)
            | (PlainKind::List(_), Expect::List) => return Ok(()),
            (PlainKind::Bool(_), _) => "bool",
            (PlainKind::Number(_), _) => "number",
            (PlainKind::Str(_), _) => "string",
            (PlainKind::List(_), _) => "array",
            (PlainKind::Map(_), _) => "object",
        };
        Err(format!(
            "json: cannot unmarshal {found} into Go value of type {wanted}"
        ))
    }

    /// The first number that JSON cannot write, in the order in which Go writes.
    fn not_finite(&self) -> Option<(Span, f64)> {
        match &self.kind {
            PlainKind::Number(value) if !value.is_finite() => Some((self.span, *value)),
            PlainKind::List(items) => items.iter().find_map(Self::not_finite),
            PlainKind::Map(entries) => {
                let mut found = entries
                    .iter()
                    .filter_map(|entry| Some((&entry.key, entry.value.not_finite()?)))
                    .collect::<Vec<_>>();
                found.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
                found.first().map(|(_, place)| *place)
            }
            _ => None,
        }
    }
}

struct Decoder<'a> {
    document: &'a Document,
    limits: Limits,
    /// Nodes so far, as yaml.v2 counts them.
    decoded: usize,
    /// Those of them within aliases.
    aliased: usize,
    alias_depth: usize,
    /// The first key that is no string in JSON.
    bad_key: Option<SyntaxError>,
}

/// A map in the making.
#[derive(Default)]
struct Entries {
    entries: Vec<PlainEntry>,
    by_key: BTreeMap<Box<str>, usize>,
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
        let error = |go_message| SyntaxError {
            span: self.node(id).span(),
            message: "Aliases stand for too much here".to_owned(),
            go_message,
        };
        if self.aliased > 100
            && self.decoded > 1000
            && self.aliased as f64 / self.decoded as f64 > allowed
        {
            let message = "yaml: document contains excessive aliasing";
            return Err(error(Some(message.to_owned())));
        }
        if self.aliased > self.limits.nodes {
            return Err(error(None));
        }
        Ok(())
    }

    fn value(&mut self, id: NodeId) -> Result<Plain, SyntaxError> {
        self.count(id)?;
        if let Some(refused) = self.refused(id) {
            return Err(refused.error.clone());
        }
        let document = self.document;
        let node = &document.nodes[id.0 as usize];
        let kind = match &node.shape {
            Shape::Alias(target) => {
                self.alias_depth += 1;
                let value = self.value(*target);
                self.alias_depth -= 1;
                return value;
            }
            #[expect(clippy::cast_precision_loss, reason = "that is what Go does")]
            Shape::Scalar { text, typed, .. } => match *typed {
                ScalarType::Null => PlainKind::Null,
                ScalarType::Bool(value) => PlainKind::Bool(value),
                ScalarType::Int(value) => PlainKind::Number(value as f64),
                ScalarType::Uint(value) => PlainKind::Number(value as f64),
                ScalarType::Float(value) => PlainKind::Number(value),
                ScalarType::Str => PlainKind::Str(text.clone()),
            },
            Shape::Sequence(items) => {
                let items = items.iter().map(|item| self.value(*item));
                PlainKind::List(items.collect::<Result<_, _>>()?)
            }
            Shape::Mapping(entries) => {
                let mut map = Entries::default();
                self.fill(entries, &mut map)?;
                PlainKind::Map(map.entries)
            }
        };
        Ok(Plain {
            span: node.span,
            kind,
        })
    }

    fn fill(&mut self, entries: &[Entry], map: &mut Entries) -> Result<(), SyntaxError> {
        for entry in entries {
            if self.document.merge_keys.contains(&entry.key) {
                self.merge(entry.value, map)?;
                continue;
            }
            self.value(entry.key)?;
            let key = self.node(entry.key);
            if key.typed().is_none() {
                return Err(SyntaxError {
                    span: key.span(),
                    message: "Helm takes only scalars as keys; `{{ … }}` here needs quotes"
                        .to_owned(),
                    go_message: Some(format!("yaml: invalid map key: {}", go_syntax(key, true))),
                });
            }
            let value = self.value(entry.value)?;
            let span = key.span();
            match key
                .key()
                .filter(|_| !matches!(key.typed(), Some(Typed::Uint(_))))
            {
                Some(key) => map.set(key.as_ref().into(), span, value),
                None if self.bad_key.is_none() => {
                    self.bad_key = Some(bad_key(key, self.node(entry.value)));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn merge(&mut self, id: NodeId, map: &mut Entries) -> Result<(), SyntaxError> {
        let node = self.node(id);
        if let Shape::Sequence(items) = &self.document.nodes[id.0 as usize].shape {
            for item in items.iter().rev() {
                self.merge_one(*item, map)?;
            }
            return Ok(());
        }
        if let (Shape::Alias(_), Shape::Sequence(_)) =
            (&self.document.nodes[id.0 as usize].shape, node.shape())
        {
            return Err(self.not_a_map(id));
        }
        self.merge_one(id, map)
    }

    fn merge_one(&mut self, id: NodeId, map: &mut Entries) -> Result<(), SyntaxError> {
        if let Some(refused) = self.refused(id).filter(|refused| refused.is_cycle) {
            return Err(refused.error.clone());
        }
        let document = self.document;
        let target = document.node(id).resolved().id();
        let Shape::Mapping(entries) = &document.nodes[target.0 as usize].shape else {
            return Err(self.not_a_map(id));
        };
        self.count(id)?;
        let aliased = target != id;
        if aliased {
            self.alias_depth += 1;
            self.count(id)?;
        }
        let filled = self.fill(entries, map);
        if aliased {
            self.alias_depth -= 1;
        }
        filled
    }

    fn not_a_map(&self, id: NodeId) -> SyntaxError {
        SyntaxError {
            span: self.node(id).span(),
            message: "`<<` merges maps; this is none".to_owned(),
            go_message: Some(
                "yaml: map merge requires map or sequence of maps as the value".to_owned(),
            ),
        }
    }
}

impl Entries {
    fn set(&mut self, key: Box<str>, key_span: Span, value: Plain) {
        let at = self.by_key.get(&key).copied();
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.key_span = key_span;
            entry.value = value;
            return;
        }
        self.by_key.insert(key.clone(), self.entries.len());
        self.entries.push(PlainEntry {
            key,
            key_span,
            value,
        });
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
        go_message: Some(format!(
            "unsupported map key of type: {kind}, key: {}, value: {}",
            go_syntax(key, true),
            go_syntax(value, true)
        )),
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
        Some(Typed::Float(value)) => write!(out, "{}", number::format_float(value)),
        Some(Typed::Str(text)) => write!(out, "{}", quote(text)),
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
