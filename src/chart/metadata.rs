//! `Chart.yaml` as Helm's `chart.Metadata`, with the place of every field.
//!
//! Helm reads it through sigs.k8s.io/yaml into a Go struct: names of fields are found whatever
//! their case, numbers and booleans become strings where a string is wanted, `null` changes
//! nothing, unknown fields are ignored.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::golang::float::append_float;
use crate::source::{FileId, Sources, Span};
use crate::yaml::plain::{Plain, plain_node, read_plain_within};
use crate::yaml::{Document, NodeRef, Shape, Typed};

use super::load::CHART_INVALID;

/// The aliases of a `Chart.yaml`, of which a tree may have many, stand for no more values.
pub(super) const MOST_ALIASED: usize = 1_000;

/// A string and where it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// The string, coerced as Helm does.
    pub text: String,
    /// The bytes of its value; `None` where it was not written.
    pub span: Option<Span>,
}

/// The contents of `Chart.yaml`.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "named and meant as Helm's documentation of Chart.yaml has them"
)]
pub struct Metadata {
    pub name: Field,
    pub home: Field,
    pub sources: Vec<Field>,
    pub version: Field,
    pub description: Field,
    pub keywords: Vec<Field>,
    /// `None` for a `null` in the list.
    pub maintainers: Vec<Option<Maintainer>>,
    pub icon: Field,
    pub api_version: Field,
    pub condition: Field,
    pub tags: Field,
    pub app_version: Field,
    pub deprecated: bool,
    pub deprecated_span: Option<Span>,
    /// Key, the key's place, value.
    pub annotations: Vec<(String, Span, Field)>,
    pub annotations_span: Option<Span>,
    pub kube_version: Field,
    /// `None` for a `null` in the list.
    pub dependencies: Vec<Option<Dependency>>,
    /// The key `dependencies`.
    pub dependencies_span: Option<Span>,
    pub kind: Field,
}

/// One of `maintainers`.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "named and meant as Helm's documentation of Chart.yaml has them"
)]
pub struct Maintainer {
    pub name: Field,
    pub email: Field,
    pub url: Field,
}

/// One of `dependencies`.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "named and meant as Helm's documentation of Chart.yaml has them"
)]
pub struct Dependency {
    pub name: Field,
    pub version: Field,
    pub repository: Field,
    pub condition: Field,
    pub tags: Vec<Field>,
    pub enabled: bool,
    pub import_values: Vec<Plain>,
    pub alias: Field,
    /// The whole entry.
    pub span: Option<Span>,
}

/// A value of the wrong type, in Go's words.
pub(super) struct TypeError {
    pub(super) message: String,
    pub(super) span: Span,
}

/// Where in the struct a value is decoded to, for error messages.
pub(super) struct At<'a> {
    pub(super) path: &'a str,
    /// Whether it is an item of a list; Go's message lacks some words there.
    pub(super) is_item: bool,
}

impl TypeError {
    pub(super) fn new(node: NodeRef<'_>, at: &At<'_>, wanted: &str) -> Self {
        let got = match node.shape() {
            Shape::Sequence(_) => "array",
            Shape::Mapping(_) => "object",
            _ => match node.typed() {
                Some(Typed::Bool(_)) => "bool",
                Some(Typed::Str(_)) => "string",
                Some(Typed::Null) | None => "null",
                _ => "number",
            },
        };
        let field = if at.path.is_empty() {
            "Go value".to_owned()
        } else if at.is_item {
            at.path.to_owned()
        } else {
            format!("Go struct field {}", at.path)
        };
        Self {
            message: format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {got} into {field} of type {wanted}"
            ),
            span: node.span(),
        }
    }
}

/// Decodes what a file says onto the metadata; what went wrong stands behind
/// `cannot load FILE: `.
pub(super) fn decode(
    metadata: &mut Metadata,
    file: FileId,
    name: &str,
    root_type: &str,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) {
    let failed = |message: &str, span: Span| {
        Finding::new(
            CHART_INVALID,
            span,
            format!("cannot load {name}: {message}"),
        )
    };
    match read_plain_within(file, 0, sources.file(file).bytes(), MOST_ALIASED) {
        Err(error) => findings.push(failed(&error.go_message, error.span)),
        Ok(None) => {}
        Ok(Some((document, _))) => {
            if let Err(error) = root(metadata, &document, root_type) {
                findings.push(failed(&error.message, error.span));
            }
        }
    }
}

fn root(metadata: &mut Metadata, document: &Document, root_type: &str) -> Result<(), TypeError> {
    let Some(root) = document.root().filter(|root| !root.is_null()) else {
        return Ok(());
    };
    if !root.is_mapping() {
        let at = At {
            path: "",
            is_item: false,
        };
        return Err(TypeError::new(root, &at, root_type));
    }
    // A field of a wrong type does not stop the decoding of the others; the first is reported.
    let mut first = None;
    for (name, key, value) in entries(root) {
        let found = metadata_field(metadata, &name, key, value);
        first = first.or(found.err());
    }
    first.map_or(Ok(()), Err)
}

fn metadata_field(
    to: &mut Metadata,
    name: &str,
    key: Span,
    value: NodeRef<'_>,
) -> Result<(), TypeError> {
    match name.to_lowercase().as_str() {
        "name" => text(&mut to.name, value, ".name"),
        "home" => text(&mut to.home, value, ".home"),
        "sources" => texts(&mut to.sources, value, ".sources"),
        "version" => text(&mut to.version, value, ".version"),
        "description" => text(&mut to.description, value, ".description"),
        "keywords" => texts(&mut to.keywords, value, ".keywords"),
        "maintainers" => items(
            &mut to.maintainers,
            value,
            (".maintainers", "v2.Maintainer"),
            maintainer_field,
        ),
        "icon" => text(&mut to.icon, value, ".icon"),
        "apiversion" => text(&mut to.api_version, value, ".apiVersion"),
        "condition" => text(&mut to.condition, value, ".condition"),
        "tags" => text(&mut to.tags, value, ".tags"),
        "appversion" => text(&mut to.app_version, value, ".appVersion"),
        "deprecated" => {
            to.deprecated_span = Some(value.span());
            boolean(&mut to.deprecated, value, ".deprecated")
        }
        "annotations" => {
            to.annotations_span = (!value.is_null()).then_some(key);
            annotations(&mut to.annotations, value)
        }
        "kubeversion" => text(&mut to.kube_version, value, ".kubeVersion"),
        "dependencies" => {
            // For Helm, no list and an empty one are two things.
            to.dependencies_span = (!value.is_null()).then_some(key);
            items(
                &mut to.dependencies,
                value,
                (".dependencies", "v2.Dependency"),
                dependency_field,
            )
        }
        "type" => text(&mut to.kind, value, ".type"),
        _ => Ok(()),
    }
}

fn maintainer_field(
    to: &mut Maintainer,
    name: &str,
    value: NodeRef<'_>,
    path: &str,
) -> Result<(), TypeError> {
    let path = format!("{path}.{name}");
    match name.to_lowercase().as_str() {
        "name" => text(&mut to.name, value, &path),
        "email" => text(&mut to.email, value, &path),
        "url" => text(&mut to.url, value, &path),
        _ => Ok(()),
    }
}

fn dependency_field(
    to: &mut Dependency,
    name: &str,
    value: NodeRef<'_>,
    path: &str,
) -> Result<(), TypeError> {
    let path = format!("{path}.{name}");
    match name.to_lowercase().as_str() {
        "name" => text(&mut to.name, value, &path),
        "version" => text(&mut to.version, value, &path),
        "repository" => text(&mut to.repository, value, &path),
        "condition" => text(&mut to.condition, value, &path),
        "tags" => texts(&mut to.tags, value, &path),
        "enabled" => boolean(&mut to.enabled, value, &path),
        "import-values" => {
            let at = At {
                path: &path,
                is_item: false,
            };
            match value.shape() {
                Shape::Sequence(_) => {
                    // Checked before: everything in the document has a plain form.
                    to.import_values = value.items().filter_map(|v| plain_node(v).ok()).collect();
                    Ok(())
                }
                _ if value.is_null() => {
                    to.import_values.clear();
                    Ok(())
                }
                _ => Err(TypeError::new(value, &at, "[]interface {}")),
            }
        }
        "alias" => text(&mut to.alias, value, &path),
        _ => Ok(()),
    }
}

/// Decodes onto a list of structs: an item that is there already is changed, not replaced, as
/// encoding/json does with pointers.
fn items<T: Default + Spanned>(
    to: &mut Vec<Option<T>>,
    value: NodeRef<'_>,
    (path, type_name): (&str, &str),
    field: fn(&mut T, &str, NodeRef<'_>, &str) -> Result<(), TypeError>,
) -> Result<(), TypeError> {
    if value.is_null() {
        to.clear();
        return Ok(());
    }
    if !matches!(value.shape(), Shape::Sequence(_)) {
        let at = At {
            path,
            is_item: false,
        };
        return Err(TypeError::new(value, &at, &format!("[]*{type_name}")));
    }
    let mut first = None;
    let mut count = 0;
    for (index, item) in value.items().enumerate() {
        count = index + 1;
        if to.len() <= index {
            to.push(None);
        }
        let Some(slot) = to.get_mut(index) else { break };
        if item.is_null() {
            *slot = None;
            continue;
        }
        let path = format!("{path}.{index}");
        if !item.is_mapping() {
            let at = At {
                path: &path,
                is_item: true,
            };
            first = first.or(Some(TypeError::new(item, &at, type_name)));
            continue;
        }
        let struct_ = slot.get_or_insert_default();
        struct_.at(item.span());
        for (name, _, value) in entries(item) {
            first = first.or(field(struct_, &name, value, &path).err());
        }
    }
    to.truncate(count);
    first.map_or(Ok(()), Err)
}

trait Spanned {
    fn at(&mut self, span: Span);
}

impl Spanned for Maintainer {
    fn at(&mut self, _: Span) {}
}

impl Spanned for Dependency {
    fn at(&mut self, span: Span) {
        self.span = Some(span);
    }
}

fn text(to: &mut Field, value: NodeRef<'_>, path: &str) -> Result<(), TypeError> {
    let at = At {
        path,
        is_item: false,
    };
    match coerced(value) {
        Coerced::Text(text) => {
            *to = Field {
                text,
                span: Some(value.span()),
            };
            Ok(())
        }
        Coerced::Null => Ok(()),
        Coerced::No => Err(TypeError::new(value, &at, "string")),
    }
}

fn texts(to: &mut Vec<Field>, value: NodeRef<'_>, path: &str) -> Result<(), TypeError> {
    if value.is_null() {
        to.clear();
        return Ok(());
    }
    if !matches!(value.shape(), Shape::Sequence(_)) {
        let at = At {
            path,
            is_item: false,
        };
        return Err(TypeError::new(value, &at, "[]string"));
    }
    to.clear();
    for (index, item) in value.items().enumerate() {
        let text = match coerced(item) {
            Coerced::Text(text) => text,
            Coerced::Null => String::new(),
            Coerced::No => {
                let path = format!("{path}.{index}");
                let at = At {
                    path: &path,
                    is_item: true,
                };
                return Err(TypeError::new(item, &at, "string"));
            }
        };
        to.push(Field {
            text,
            span: Some(item.span()),
        });
    }
    Ok(())
}

fn annotations(to: &mut Vec<(String, Span, Field)>, value: NodeRef<'_>) -> Result<(), TypeError> {
    let failed = |node, path: &str, wanted| {
        let at = At {
            path,
            is_item: false,
        };
        Err(TypeError::new(node, &at, wanted))
    };
    if value.is_null() {
        to.clear();
        return Ok(());
    }
    if !value.is_mapping() {
        return failed(value, ".annotations", "map[string]string");
    }
    for (name, key, value) in entries(value) {
        let mut field = Field {
            text: String::new(),
            span: Some(value.span()),
        };
        match coerced(value) {
            Coerced::Text(text) => field.text = text,
            Coerced::Null => {}
            Coerced::No => return failed(value, &format!(".annotations.{name}"), "string"),
        }
        to.retain(|(known, ..)| *known != name);
        to.push((name.into_owned(), key, field));
    }
    Ok(())
}

fn boolean(to: &mut bool, value: NodeRef<'_>, path: &str) -> Result<(), TypeError> {
    let at = At {
        path,
        is_item: false,
    };
    match value.typed() {
        Some(Typed::Bool(is)) => {
            *to = is;
            Ok(())
        }
        Some(Typed::Null) => Ok(()),
        _ => Err(TypeError::new(value, &at, "bool")),
    }
}

/// A scalar where a string is wanted.
pub(super) enum Coerced {
    /// The string.
    Text(String),
    /// `null`: nothing changes.
    Null,
    /// A collection.
    No,
}

/// Numbers and booleans become strings as sigs.k8s.io/yaml makes them, floats with the precision
/// of 32 bits.
pub(super) fn coerced(node: NodeRef<'_>) -> Coerced {
    match node.typed() {
        None => Coerced::No,
        Some(Typed::Null) => Coerced::Null,
        Some(Typed::Bool(value)) => Coerced::Text(value.to_string()),
        Some(Typed::Int(value)) => Coerced::Text(value.to_string()),
        Some(Typed::Uint(value)) => Coerced::Text(value.to_string()),
        Some(Typed::Float(value)) => Coerced::Text(append_float(value, b'g', -1, 32)),
        Some(Typed::Str(text)) => Coerced::Text(text.to_owned()),
    }
}

/// The entries of a mapping as encoding/json meets them: by name in byte order, of a repeated key
/// the last.
pub(super) fn entries(node: NodeRef<'_>) -> Vec<(Cow<'_, str>, Span, NodeRef<'_>)> {
    let entries = node.entries();
    let named = entries.filter_map(|(key, value)| Some((key.key()?, key.span(), value)));
    let mut found: Vec<_> = named.collect();
    found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    found.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
    found
}
