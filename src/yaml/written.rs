//! What is seen of a document without working out its values.

use super::arena::{NodeKind, ScalarKind};
use super::document::{Document, Entry, NodeRef, Typed};

/// Up to so many texts are compared each with each.
const FEW: usize = 8;

/// Whether nothing stands in the document that JSON has no form for. It may have a form although
/// this says no.
pub(super) fn is_surely_plain(document: &Document) -> bool {
    // An alias as key is one among the nodes.
    let is_key = |entry: &Entry| {
        let key = document.arena.nodes.get(entry.key.0 as usize);
        let kind = key.map(|key| key.kind);
        matches!(kind, Some(NodeKind::Scalar(_, kind)) if !matches!(kind, ScalarKind::Null | ScalarKind::Uint))
    };
    document.refused.is_empty()
        && document.merge_keys.is_empty()
        && document.arena.nodes.iter().all(|node| match node.kind {
            NodeKind::Scalar(_, kind @ ScalarKind::Float) => {
                let value = kind.typed(document.arena.text(*node));
                !matches!(value, Typed::Float(value) if !value.is_finite())
            }
            NodeKind::Scalar(..) | NodeKind::Sequence => true,
            NodeKind::Mapping => document.arena.entries(*node).iter().all(is_key),
            NodeKind::Alias => false,
        })
}

/// Whether the document is a mapping in which every value is what is written: nothing in it is an
/// alias or a merge, and every key is a string that its mapping has once.
#[must_use]
pub fn is_as_written(document: &Document) -> bool {
    let mut keys = Vec::new();
    let arena = &document.arena;
    document.root().is_some_and(NodeRef::is_mapping)
        && is_surely_plain(document)
        && arena.nodes.iter().all(|node| match node.kind {
            NodeKind::Mapping => have_different_texts(document, arena.entries(*node), &mut keys),
            _ => true,
        })
}

/// Whether every key of a mapping is a string that it has once. `keys` is room for them.
pub(super) fn have_different_texts<'d>(
    document: &'d Document,
    entries: &[Entry],
    keys: &mut Vec<&'d str>,
) -> bool {
    let arena = &document.arena;
    let key = |entry: &Entry| {
        let node = arena.nodes.get(entry.key.0 as usize)?;
        match node.kind {
            NodeKind::Scalar(_, ScalarKind::Str) => Some(arena.text(*node)),
            _ => None,
        }
    };
    keys.clear();
    keys.extend(entries.iter().map_while(key));
    keys.len() == entries.len() && are_different(keys)
}

/// Whether no two of several texts are equal. They may be put into another order.
fn are_different(texts: &mut [&str]) -> bool {
    if texts.len() <= FEW {
        let mut rest = &*texts;
        while let [first, others @ ..] = rest {
            if others.contains(first) {
                return false;
            }
            rest = others;
        }
        return true;
    }
    texts.sort_unstable();
    texts.windows(2).all(|two| two.first() != two.last())
}
