//! The scalars of a values file, and what each is changed to.

use std::collections::BTreeSet;

use aiplat::source::{FileKind, Sources};
use aiplat::yaml::{NodeRef, ScalarStyle, Shape, Typed, read_bytes};

/// A scalar of a values file, or a collection without items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    /// Where it starts, quotes included.
    pub(crate) start: usize,
    /// Behind its last byte.
    pub(crate) end: usize,
    kind: Kind,
    style: ScalarStyle,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str,
    EmptyMap,
    EmptyList,
}

impl Scalar {
    /// Whether a change of it need not change everything that it decides: a template may ask an
    /// empty collection for keys that the change does not give it, and read or execute a text of
    /// several lines, of which the change touches one.
    pub(crate) fn has_parts(&self) -> bool {
        let is_collection = matches!(self.kind, Kind::EmptyMap | Kind::EmptyList);
        is_collection || self.text.trim_end().contains('\n')
    }
}

/// All of a text, in its order. What an alias or a merge key repeats is there once.
pub(crate) fn scalars(text: &[u8]) -> Vec<Scalar> {
    let mut sources = Sources::new();
    let file = sources.add("values", FileKind::Values, text.to_vec());
    let (documents, _) = read_bytes(file, text);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for root in documents.iter().filter_map(|document| document.root()) {
        collect(root, &mut seen, &mut found);
    }
    found.sort_by_key(|scalar| scalar.start);
    found
}

fn collect(node: NodeRef<'_>, seen: &mut BTreeSet<usize>, found: &mut Vec<Scalar>) {
    let node = node.resolved();
    let (start, end) = (node.span().start(), node.span().end());
    if !seen.insert(start) && node.style().is_some() {
        return;
    }
    let kind = match (node.shape(), node.typed()) {
        (Shape::Mapping([]), _) => Kind::EmptyMap,
        (Shape::Sequence([]), _) => Kind::EmptyList,
        (_, Some(Typed::Null)) => Kind::Null,
        (_, Some(Typed::Bool(value))) => Kind::Bool(value),
        (_, Some(Typed::Int(value))) => Kind::Int(value),
        (_, Some(Typed::Float(value))) => Kind::Float(value),
        (_, Some(Typed::Str(_) | Typed::Uint(_))) => Kind::Str,
        _ => {
            for (_, value) in node.entries() {
                collect(value, seen, found);
            }
            for item in node.items() {
                collect(item, seen, found);
            }
            return;
        }
    };
    found.push(Scalar {
        start,
        end,
        kind,
        style: node.style().unwrap_or(ScalarStyle::Plain),
        text: node.text().unwrap_or_default().to_owned(),
    });
}

/// The text with the scalar at `at` changed, once for each change that makes sense: another value
/// of the same type first, then one that a condition takes for the opposite. Only what changes
/// this scalar and no other is given; nothing for `null`.
pub(crate) fn changes(text: &[u8], scalars: &[Scalar], at: usize) -> Vec<Vec<u8>> {
    let Some(scalar) = scalars.get(at) else {
        return Vec::new();
    };
    let mut changed: Vec<Vec<u8>> = Vec::new();
    for new in notations(text, scalar) {
        let all = [
            text.get(..scalar.start).unwrap_or_default(),
            &new,
            text.get(scalar.end..).unwrap_or_default(),
        ]
        .concat();
        if !changed.contains(&all) && is_alone(scalars, &all, at) {
            changed.push(all);
        }
    }
    changed
}

/// Whether no scalar but the one at `at` differs in the changed text.
fn is_alone(before: &[Scalar], changed: &[u8], at: usize) -> bool {
    let after = scalars(changed);
    // A collection that was empty has one item now, in its place.
    let same = |(at, pair): (usize, (&Scalar, &Scalar))| {
        let (a, b) = pair;
        (at, (a.kind, &a.text) != (b.kind, &b.text))
    };
    let differing: Vec<usize> = before
        .iter()
        .zip(&after)
        .enumerate()
        .map(same)
        .filter_map(|(at, differs)| differs.then_some(at))
        .collect();
    before.len() == after.len() && differing == [at]
}

fn notations(text: &[u8], scalar: &Scalar) -> Vec<Vec<u8>> {
    let plain = |text: String| text.into_bytes();
    match scalar.kind {
        Kind::Null => Vec::new(),
        Kind::Bool(value) => vec![plain((!value).to_string())],
        Kind::Int(0) => vec![plain("1".into()), plain("2".into())],
        Kind::Int(value) => vec![
            plain(value.saturating_add(1).to_string()),
            plain("0".into()),
        ],
        Kind::Float(value) => vec![plain(format!("{:?}", value + 1.0)), plain("0".into())],
        Kind::EmptyMap => vec![plain("{qz: qz}".into())],
        Kind::EmptyList => vec![plain("[qz]".into())],
        Kind::Str => strings(
            text.get(scalar.start..scalar.end).unwrap_or_default(),
            scalar,
        ),
    }
}

/// A string with its last number raised, its first one, with a suffix, with a prefix (what is cut
/// or split may lose either), and emptied.
fn strings(written: &[u8], scalar: &Scalar) -> Vec<Vec<u8>> {
    let (quote, inside) = match scalar.style {
        ScalarStyle::SingleQuoted => ("'", written.get(1..written.len().saturating_sub(1))),
        ScalarStyle::DoubleQuoted => ("\"", written.get(1..written.len().saturating_sub(1))),
        _ => ("", Some(written)),
    };
    let inside = inside.unwrap_or_default();
    let content = inside.trim_ascii_end();
    let (content, blank) = match scalar.style {
        ScalarStyle::Literal | ScalarStyle::Folded => inside.split_at(content.len()),
        _ => (inside, &[][..]),
    };
    let quoted = |parts: &[&[u8]]| [quote.as_bytes(), &parts.concat(), quote.as_bytes()].concat();
    let mut made = Vec::new();
    let first = content
        .iter()
        .position(u8::is_ascii_digit)
        .and_then(|start| {
            let more = content.iter().skip(start);
            raised(
                content,
                start + more.take_while(|byte| byte.is_ascii_digit()).count(),
            )
        });
    let last = content.iter().rposition(u8::is_ascii_digit);
    let last = last.and_then(|at| raised(content, at + 1));
    for (from, to, digits) in last.into_iter().chain(first) {
        let (before, after) = (content.get(..from), content.get(to..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        made.push(quoted(&[before, digits.as_bytes(), after, blank]));
    }
    made.push(quoted(&[content, b"qz", blank]));
    made.push(quoted(&[b"qz", content, blank]));
    match scalar.style {
        ScalarStyle::Literal | ScalarStyle::Folded => {}
        _ => made.push(b"\"\"".to_vec()),
    }
    made
}

/// The number that ends at `to`, and the next one, of the same length where that can be.
fn raised(text: &[u8], to: usize) -> Option<(usize, usize, String)> {
    let head = text.get(..to)?;
    let other = head.iter().rposition(|byte| !byte.is_ascii_digit());
    let from = other.map_or(0, |at| at + 1);
    let digits = str::from_utf8(text.get(from..to)?).ok()?;
    // An escape such as `\x41` is no number.
    if from.checked_sub(2).and_then(|at| text.get(at)) == Some(&b'\\') {
        return None;
    }
    let next = digits.parse::<u64>().ok()?.checked_add(1)?;
    Some((from, to, format!("{next:0width$}", width = digits.len())))
}
