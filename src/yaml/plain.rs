//! What Helm computes with after reading YAML or JSON: JSON's types, with spans.
//!
//! Helm reads YAML through sigs.k8s.io/yaml, which turns it into JSON first: every number becomes
//! a float64, every key a string, and what JSON has no form for is an error.

use crate::source::Span;

use super::document::{Document, NodeRef, Shape, Typed};

/// A value of JSON's types, and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// The value.
    pub value: PlainValue,
    /// The bytes of the value; see [`super::Node::span`].
    pub span: Span,
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

/// Why a document cannot be JSON, in the words Helm shows, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainError {
    /// `yaml: invalid map key: …`, `json: unsupported value: +Inf` …
    pub message: String,
    /// The value or key to blame.
    pub span: Span,
}

/// Aliases may expand a document to this many values.
const MAX_VALUES: usize = 1_000_000;
/// Values nest no deeper, aliases followed.
const MAX_DEPTH: usize = 300;

/// The document's value; `None` for an empty one.
///
/// # Errors
/// A key that is no scalar, null or infinity, and documents that aliases blow up.
pub fn plain(document: &Document) -> Result<Option<Plain>, PlainError> {
    let mut count = 0;
    document
        .root()
        .map(|root| convert(root, 0, &mut count))
        .transpose()
}

/// The value of one node.
///
/// # Errors
/// As [`plain`].
pub fn plain_node(node: NodeRef<'_>) -> Result<Plain, PlainError> {
    convert(node, 0, &mut 0)
}

fn convert(node: NodeRef<'_>, depth: usize, count: &mut usize) -> Result<Plain, PlainError> {
    let span = node.span();
    let fail = |message: &str| PlainError {
        message: message.to_owned(),
        span,
    };
    *count += 1;
    if *count > MAX_VALUES || depth > MAX_DEPTH {
        return Err(fail("yaml: document contains excessive aliasing"));
    }
    if let Some(message) = misfit(node) {
        return Err(fail(&message));
    }
    let value = match node.shape() {
        Shape::Sequence(_) => {
            let items: Result<_, _> = node
                .items()
                .map(|item| convert(item, depth + 1, count))
                .collect();
            PlainValue::List(items?)
        }
        Shape::Mapping(_) => PlainValue::Map(map(node, depth, count)?),
        _ if node.has_tag("binary") => {
            let text = node.text().unwrap_or_default();
            let wrong = || fail("yaml: !!binary value contains invalid base64 data");
            let bytes = decoded(text).ok_or_else(wrong)?;
            PlainValue::Str(String::from_utf8_lossy(&bytes).into())
        }
        _ => match node.typed() {
            None | Some(Typed::Null) => PlainValue::Null,
            Some(Typed::Bool(value)) => PlainValue::Bool(value),
            #[expect(
                clippy::cast_precision_loss,
                reason = "encoding/json's float64 does too"
            )]
            Some(Typed::Int(value)) => PlainValue::Number(value as f64),
            #[expect(
                clippy::cast_precision_loss,
                reason = "encoding/json's float64 does too"
            )]
            Some(Typed::Uint(value)) => PlainValue::Number(value as f64),
            Some(Typed::Float(value)) if value.is_nan() => {
                return Err(fail("json: unsupported value: NaN"));
            }
            Some(Typed::Float(value)) if value.is_infinite() => {
                let sign = if value > 0.0 { '+' } else { '-' };
                return Err(fail(&format!("json: unsupported value: {sign}Inf")));
            }
            Some(Typed::Float(value)) => PlainValue::Number(value),
            Some(Typed::Str(text)) => PlainValue::Str(text.into()),
        },
    };
    Ok(Plain { value, span })
}

/// Standard Base64, line breaks left out, as encoding/base64 reads it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut letters = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    loop {
        let Some(first) = letters.next() else {
            return Some(bytes);
        };
        let group = [first, letters.next()?, letters.next()?, letters.next()?];
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        let mut bits = 0_u32;
        for byte in &group[..4 - padding] {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        if padding > 2 {
            return None;
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
        if padding > 0 {
            return letters.next().is_none().then_some(bytes);
        }
    }
}

/// What yaml.v2 says of a scalar that is not what its tag says.
fn misfit(node: NodeRef<'_>) -> Option<String> {
    let wanted = ["null", "bool", "int", "float"]
        .into_iter()
        .find(|name| node.has_tag(name))?;
    let found = match node.typed()? {
        Typed::Null => "null",
        Typed::Bool(_) => "bool",
        Typed::Int(_) | Typed::Uint(_) => "int",
        Typed::Float(_) => "float",
        Typed::Str(_) => "str",
    };
    (found != wanted).then(|| {
        let text = node.text().unwrap_or_default();
        format!("yaml: cannot decode !!{found} `{text}` as a !!{wanted}")
    })
}

type Entries = Vec<(Box<str>, Span, Plain)>;

/// The entries of a mapping: `<<` merged in, a repeated key once, with its last value.
fn map(node: NodeRef<'_>, depth: usize, count: &mut usize) -> Result<Entries, PlainError> {
    let mut entries: Entries = Vec::new();
    let mut at = std::collections::HashMap::new();
    let mut merged: Vec<NodeRef<'_>> = Vec::new();
    for (key, value) in node.entries() {
        if key.text() == Some("<<") && key.style() == Some(super::ScalarStyle::Plain) {
            merged.push(value);
            continue;
        }
        let name = key_text(key, value)?;
        let plain = convert(value, depth + 1, count)?;
        put(&mut entries, &mut at, (name, key.span(), plain), true);
    }
    for value in merged {
        merge(value, depth, count, &mut entries, &mut at)?;
    }
    Ok(entries)
}

fn put(
    entries: &mut Entries,
    at: &mut std::collections::HashMap<Box<str>, usize>,
    entry: (Box<str>, Span, Plain),
    replace: bool,
) {
    match at.get(&entry.0) {
        Some(index) => {
            if replace && let Some(known) = entries.get_mut(*index) {
                *known = entry;
            }
        }
        None => {
            at.insert(entry.0.clone(), entries.len());
            entries.push(entry);
        }
    }
}

fn merge(
    value: NodeRef<'_>,
    depth: usize,
    count: &mut usize,
    entries: &mut Entries,
    at: &mut std::collections::HashMap<Box<str>, usize>,
) -> Result<(), PlainError> {
    let wrong = || PlainError {
        message: "yaml: map merge requires map or sequence of maps as the value".to_owned(),
        span: value.span(),
    };
    if depth > MAX_DEPTH {
        return Err(wrong());
    }
    let sources: Vec<NodeRef<'_>> = match value.shape() {
        Shape::Mapping(_) => vec![value],
        // Later maps of the list are weaker.
        Shape::Sequence(_) => value.items().collect(),
        _ => return Err(wrong()),
    };
    for source in sources {
        if !source.is_mapping() {
            return Err(wrong());
        }
        for entry in map(source, depth + 1, count)? {
            put(entries, at, entry, false);
        }
    }
    Ok(())
}

/// A key as JSON's string, as sigs.k8s.io/yaml makes it.
fn key_text(key: NodeRef<'_>, value: NodeRef<'_>) -> Result<Box<str>, PlainError> {
    let fail = |message: String| PlainError {
        message,
        span: key.span(),
    };
    Ok(match key.typed() {
        Some(Typed::Str(text)) => text.into(),
        Some(Typed::Bool(value)) => value.to_string().into(),
        Some(Typed::Int(value)) => value.to_string().into(),
        Some(Typed::Uint(value)) => value.to_string().into(),
        Some(Typed::Float(value)) => float_key(value).into(),
        Some(Typed::Null) => {
            let shown = go_syntax(value, 0);
            return Err(fail(format!(
                "unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}"
            )));
        }
        None => {
            return Err(fail(format!(
                "yaml: invalid map key: {}",
                go_syntax(key, 0)
            )));
        }
    })
}

/// `%g` with the precision of 32 bits, as sigs.k8s.io/yaml prints float keys.
fn float_key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    crate::golang::float::append_float(value, b'g', -1, 32)
}

/// Go's `%#v` of a collection that was used as a key.
fn go_syntax(node: NodeRef<'_>, depth: usize) -> String {
    if depth > 8 {
        return "…".to_owned();
    }
    match node.shape() {
        Shape::Sequence(_) => {
            let items: Vec<String> = node
                .items()
                .map(|item| go_syntax(item, depth + 1))
                .collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Shape::Mapping(_) => {
            let entries: Vec<String> = node
                .entries()
                .map(|(key, value)| {
                    format!(
                        "{}:{}",
                        go_syntax(key, depth + 1),
                        go_syntax(value, depth + 1)
                    )
                })
                .collect();
            format!(
                "map[interface {{}}]interface {{}}{{{}}}",
                entries.join(", ")
            )
        }
        _ => match node.typed() {
            Some(Typed::Str(text)) => format!("{text:?}"),
            None | Some(Typed::Null) => "interface {}(nil)".to_owned(),
            _ => node.text().unwrap_or_default().to_owned(),
        },
    }
}
