//! What execution came by: which branches it took.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::source::Span;

/// Which branches ran.
#[derive(Debug, Default)]
pub struct Trail {
    branches: FxHashMap<Span, Coverage>,
}

/// Which ways a branch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The body was executed: the condition held, the loop had a turn.
    pub body: bool,
    /// It was not: the condition did not hold, the loop had no turn.
    pub other: bool,
}

impl Trail {
    /// The branches that were reached, by the span of their opening action.
    #[must_use]
    pub fn branches(&self) -> BTreeMap<Span, Coverage> {
        self.branches
            .iter()
            .map(|(span, way)| (*span, *way))
            .collect()
    }

    /// Adds what another execution came by.
    pub(super) fn absorb(&mut self, other: Self) {
        other.branches.into_iter().for_each(|(span, way)| {
            let known = self.branches.entry(span).or_default();
            known.body |= way.body;
            known.other |= way.other;
        });
    }

    pub(super) fn branch(&mut self, span: Span, body: bool) {
        let way = self.branches.entry(span).or_default();
        if body {
            way.body = true;
        } else {
            way.other = true;
        }
    }
}
