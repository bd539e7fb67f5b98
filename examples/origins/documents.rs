//! The documents of a rendering, their leaves, and which leaves another rendering changes.
//!
//! A leaf is a scalar or a collection without items. Documents of one template are the same by kind
//! and name, or by their order where names changed and less differs that way; items of lists where
//! they are equal, then by their `name`, then by their order.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use aiplat::chart::Rendered;
use aiplat::yaml::{NodeId, NodeRef, ScalarStyle, Shape};

/// How many pairs of items two lists may have that are compared each with each.
const MAX_PAIRS: usize = 1 << 22;

/// A rendered document.
pub(crate) struct Rendition<'a> {
    source: &'a str,
    kind: &'a str,
    name: &'a str,
    bytes: &'a [u8],
    /// Where it starts in the output.
    offset: usize,
    root: NodeRef<'a>,
}

/// What became of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has another value.
    Changed,
    /// It is not there any more, or a collection stands in its place.
    Gone,
}

/// A leaf: the number of its document, and its node there.
pub(crate) type Leaf = (usize, NodeId);

/// What became of the leaves that differ.
pub(crate) type Fates = BTreeMap<Leaf, Fate>;

/// The documents of a rendering, in its order.
pub(crate) fn documents(rendered: &Rendered) -> Vec<Rendition<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for is_hook in [false, true] {
        let manifests = rendered.manifests.iter();
        for manifest in manifests.filter(|manifest| manifest.is_hook == is_hook) {
            let header = format!("---\n# Source: {}\n", manifest.source);
            let bytes = manifest.text.bytes();
            let needle = [header.as_bytes(), bytes.trim_ascii_end()].concat();
            let rest = rendered.output.bytes().get(at..).unwrap_or_default();
            let Some(start) = memchr::memmem::find(rest, &needle) else {
                continue;
            };
            let offset = at + start + header.len();
            at += start + needle.len();
            let document = manifest.documents.first();
            let Some(root) = document.and_then(|document| document.root()) else {
                continue;
            };
            let text = |path: &[&str]| root.at(path).and_then(NodeRef::text).unwrap_or_default();
            found.push(Rendition {
                source: &manifest.source,
                kind: text(&["kind"]),
                name: text(&["metadata", "name"]),
                bytes,
                offset,
                root,
            });
        }
    }
    found
}

/// Calls `leaf` for each leaf of the documents, with its path and its bytes in the output.
pub(crate) fn each_leaf(
    documents: &[Rendition<'_>],
    leaf: &mut impl FnMut(Leaf, &str, (usize, usize)),
) {
    for (at, document) in documents.iter().enumerate() {
        let mut path = format!("{}/{}", document.kind, document.name);
        let whole = document.root.span().start();
        below(document.root, &mut path, whole, &mut |node, path, key| {
            let span = node.span();
            let is_block = node
                .style()
                .is_some_and(|style| matches!(style, ScalarStyle::Literal | ScalarStyle::Folded));
            // A value without bytes is told by the space that it could stand in; a block begins
            // with its header, and ends where its next line could stand.
            let (start, end) = if span.is_empty() || is_block {
                let rest = document.bytes.get(span.end()..).unwrap_or_default();
                (key, span.end() + rest.len() - rest.trim_ascii_start().len())
            } else {
                (span.start(), span.end())
            };
            let range = (document.offset + start, document.offset + end);
            leaf((at, node.id()), path, range);
        });
    }
}

fn below(
    node: NodeRef<'_>,
    path: &mut String,
    before: usize,
    leaf: &mut impl FnMut(NodeRef<'_>, &str, usize),
) {
    let length = path.len();
    if value(node).is_some() {
        leaf(node, path, before);
    }
    for (key, value) in entries(node).into_values() {
        path.push('.');
        path.push_str(&key.key().unwrap_or_default());
        below(value, path, key.span().end(), leaf);
        path.truncate(length);
    }
    let mut before = node.span().start();
    for (at, item) in node.items().enumerate() {
        path.push_str(&format!("[{at}]"));
        below(item, path, before, leaf);
        path.truncate(length);
        before = item.span().end();
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Value<'a> {
    /// Its text, and whether it means a string.
    Scalar(&'a str, bool),
    EmptyMap,
    EmptyList,
}

/// The value of a leaf.
fn value(node: NodeRef<'_>) -> Option<Value<'_>> {
    match node.shape() {
        Shape::Scalar { text, .. } => Some(Value::Scalar(text, node.str().is_some())),
        Shape::Mapping([]) => Some(Value::EmptyMap),
        Shape::Sequence([]) => Some(Value::EmptyList),
        _ => None,
    }
}

/// The entries of a mapping by key; of a repeated key the last.
fn entries(node: NodeRef<'_>) -> BTreeMap<String, (NodeRef<'_>, NodeRef<'_>)> {
    let all = node.entries();
    all.filter_map(|entry| Some((entry.0.key()?.into_owned(), entry)))
        .collect()
}

/// What another rendering makes of the leaves of `before`.
pub(crate) fn fates(before: &[Rendition<'_>], after: &[Rendition<'_>]) -> Fates {
    type Group<'g, 'a> = (Vec<(usize, &'g Rendition<'a>)>, Vec<&'g Rendition<'a>>);
    // Those of one kind that one template wrote.
    let mut groups: BTreeMap<_, Group<'_, '_>> = BTreeMap::new();
    for (at, document) in before.iter().enumerate() {
        let group = groups.entry((document.source, document.kind)).or_default();
        group.0.push((at, document));
    }
    for document in after {
        let group = groups.entry((document.source, document.kind)).or_default();
        group.1.push(document);
    }
    let mut fates = Fates::new();
    for (ours, theirs) in groups.into_values() {
        let named = by_name(&ours, &theirs);
        let is_renamed = ours
            .iter()
            .zip(&named)
            .any(|((_, document), other)| other.is_none_or(|other| other.name != document.name));
        let mut found = pairwise(&ours, &named);
        if is_renamed && ours.len() == theirs.len() {
            // Names are what changed: one may have come to be another one's.
            let ordered: Vec<_> = theirs.iter().copied().map(Some).collect();
            let other = pairwise(&ours, &ordered);
            if other.len() < found.len() {
                found = other;
            }
        }
        fates.extend(found);
    }
    fates
}

/// Which of the others each document is by its name, the first of a name the first one.
fn by_name<'g, 'a>(
    ours: &[(usize, &Rendition<'_>)],
    theirs: &[&'g Rendition<'a>],
) -> Vec<Option<&'g Rendition<'a>>> {
    let mut open: BTreeMap<&str, VecDeque<&'g Rendition<'a>>> = BTreeMap::new();
    for document in theirs {
        open.entry(document.name).or_default().push_back(document);
    }
    let names = ours.iter().map(|(_, document)| document.name);
    let found = names.map(|name| open.get_mut(name).and_then(VecDeque::pop_front));
    let mut found: Vec<_> = found.collect();
    // As many as are left in both stand for each other in their order.
    let mut left: Vec<_> = theirs
        .iter()
        .filter(|one| {
            let same = open.get(one.name);
            same.is_some_and(|same| same.iter().any(|other| std::ptr::eq(*other, **one)))
        })
        .copied()
        .collect();
    let without = found.iter_mut().filter(|other| other.is_none());
    let without: Vec<_> = without.collect();
    if without.len() == left.len() {
        for (other, one) in without.into_iter().zip(left.drain(..)) {
            *other = Some(one);
        }
    }
    found
}

/// The fates where the documents are paired like this.
fn pairwise(ours: &[(usize, &Rendition<'_>)], theirs: &[Option<&Rendition<'_>>]) -> Fates {
    let mut fates = Fates::new();
    for ((at, document), other) in ours.iter().zip(theirs) {
        match other {
            Some(other) if document.bytes == other.bytes => {}
            Some(other) => compare(*at, document.root, other.root, &mut fates),
            None => gone(*at, document.root, &mut fates),
        }
    }
    fates
}

fn gone(at: usize, node: NodeRef<'_>, fates: &mut Fates) {
    below(node, &mut String::new(), 0, &mut |leaf, _, _| {
        fates.insert((at, leaf.id()), Fate::Gone);
    });
}

fn compare(at: usize, before: NodeRef<'_>, after: NodeRef<'_>, fates: &mut Fates) {
    match (value(before), value(after)) {
        (Some(a), Some(b)) => {
            if a != b {
                fates.insert((at, before.id()), Fate::Changed);
            }
        }
        (Some(a), None) => {
            let was_empty = before.is_null() || !matches!(a, Value::Scalar(..));
            let fate = if was_empty { Fate::Changed } else { Fate::Gone };
            fates.insert((at, before.id()), fate);
        }
        (None, _) if before.is_mapping() && after.is_mapping() => {
            let others = entries(after);
            for (key, (_, value)) in entries(before) {
                match others.get(&key) {
                    Some((_, other)) => compare(at, value, *other, fates),
                    None => gone(at, value, fates),
                }
            }
        }
        (None, None) if !before.is_mapping() && !after.is_mapping() => {
            let (before, after) = (before.items().collect(), after.items().collect());
            lists(at, before, after, fates);
        }
        (None, _) => gone(at, before, fates),
    }
}

fn hash(node: NodeRef<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    below(node, &mut String::new(), 0, &mut |leaf, path, _| {
        (path, value(leaf)).hash(&mut hasher);
    });
    hasher.finish()
}

/// Compares two lists: equal items stand for each other, as many as can without changing their
/// order, and those between two of these pairs are compared.
fn lists(at: usize, before: Vec<NodeRef<'_>>, after: Vec<NodeRef<'_>>, fates: &mut Fates) {
    let a: Vec<u64> = before.iter().map(|item| hash(*item)).collect();
    let b: Vec<u64> = after.iter().map(|item| hash(*item)).collect();
    let (mut from_a, mut from_b) = (0, 0);
    let end = [(a.len(), b.len())];
    for (to_a, to_b) in equal_items(&a, &b).into_iter().chain(end) {
        if let (Some(ours), Some(theirs)) = (before.get(from_a..to_a), after.get(from_b..to_b)) {
            unequal(at, ours.to_vec(), theirs.to_vec(), fates);
        }
        (from_a, from_b) = (to_a + 1, to_b + 1);
    }
}

/// The longest common subsequence: pairs of indices.
fn equal_items(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let backwards = rest_a.iter().rev().zip(rest_b.iter().rev());
    let tail = backwards.take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) = (
        &rest_a[..rest_a.len() - tail],
        &rest_b[..rest_b.len() - tail],
    );
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    let (rows, columns) = (middle_a.len(), middle_b.len());
    if rows.saturating_mul(columns) <= MAX_PAIRS {
        let width = columns + 1;
        let mut longest = vec![0_usize; (rows + 1) * width];
        for i in (0..rows).rev() {
            for j in (0..columns).rev() {
                longest[i * width + j] = if middle_a[i] == middle_b[j] {
                    longest[(i + 1) * width + j + 1] + 1
                } else {
                    longest[(i + 1) * width + j].max(longest[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < rows && j < columns {
            if middle_a[i] == middle_b[j] {
                pairs.push((start + i, start + j));
                (i, j) = (i + 1, j + 1);
            } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs.extend((0..tail).map(|at| (a.len() - tail + at, b.len() - tail + at)));
    pairs
}

/// Items without an equal: those of one name stand for each other, of the rest as many as there
/// are in both.
fn unequal(
    at: usize,
    mut before: Vec<NodeRef<'_>>,
    mut after: Vec<NodeRef<'_>>,
    fates: &mut Fates,
) {
    let name = |node: &NodeRef<'_>| node.get("name").and_then(NodeRef::text).map(str::to_owned);
    before.retain(|item| {
        let wanted = name(item);
        let same = |other: &NodeRef<'_>| wanted.is_some() && name(other) == wanted;
        let found = after.iter().position(same);
        if let Some(index) = found {
            compare(at, *item, after.remove(index), fates);
        }
        found.is_none()
    });
    let is_paired = before.len() == after.len();
    for (index, item) in before.into_iter().enumerate() {
        match after.get(index).filter(|_| is_paired) {
            Some(other) => compare(at, item, *other, fates),
            None => gone(at, item, fates),
        }
    }
}
