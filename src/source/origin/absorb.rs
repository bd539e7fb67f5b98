//! Taking in the origins of another engine.

use super::{Context, ContextId, Origin, OriginId, Origins, Prov, Set};

/// What became of the numbers of origins that were taken in.
#[derive(Debug, Clone, Copy)]
pub struct Moved {
    sets: u32,
    origins: u32,
    contexts: u32,
}

impl Moved {
    /// A set. That of no span is the same everywhere.
    #[must_use]
    pub fn set(self, Prov(number): Prov) -> Prov {
        Prov(moved(number, self.sets))
    }

    /// An origin. The unknown one is the same everywhere.
    #[must_use]
    pub fn origin(self, OriginId(number): OriginId) -> OriginId {
        OriginId(moved(number, self.origins))
    }

    /// A context. The root is the same everywhere.
    fn context(self, ContextId(number): ContextId) -> ContextId {
        ContextId(moved(number, self.contexts))
    }
}

/// The first of each table is there already.
fn moved(number: u32, by: u32) -> u32 {
    match number {
        0 => 0,
        _ => number.saturating_add(by),
    }
}

impl Origins {
    /// Takes in all that `other` knows. Its spans must be those of the same texts. Sets of the same
    /// spans stay sets of their own, as elsewhere.
    pub fn absorb(&mut self, other: Self) -> Moved {
        let behind = |length: usize| u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX);
        let to = Moved {
            sets: behind(self.sets.len()),
            origins: behind(self.origins.len()),
            contexts: behind(self.contexts.len()),
        };
        let sets = other.sets.into_iter().skip(1);
        self.sets.extend(sets.map(|set| match set {
            Set::Empty | Set::Span(_) => set,
            Set::Union(a, b) => Set::Union(to.set(a), to.set(b)),
            Set::Control(inside) => Set::Control(to.set(inside)),
            Set::Choice(inside) => Set::Choice(to.set(inside)),
        }));
        let origins = other.origins.into_iter().skip(1);
        self.origins.extend(origins.map(|origin| Origin {
            data: to.set(origin.data),
            context: to.context(origin.context),
            ..origin
        }));
        let contexts = other.contexts.into_iter().skip(1);
        self.contexts.extend(contexts.map(|context| Context {
            parent: to.context(context.parent),
            control: to.set(context.control),
            ..context
        }));
        to
    }
}
