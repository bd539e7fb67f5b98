//! Taking in the origins of another engine.

use super::{BESIDE, ContextId, OriginId, Origins, Prov, Set};

/// What becomes of the numbers of origins that are taken in.
#[derive(Debug, Clone, Copy)]
pub struct Moved(());

impl Moved {
    /// A set. That of no span is the same everywhere.
    #[must_use]
    pub fn set(self, Prov(number): Prov) -> Prov {
        Prov(moved(number))
    }

    /// An origin. The unknown one is the same everywhere.
    #[must_use]
    pub fn origin(self, OriginId(number): OriginId) -> OriginId {
        OriginId(moved(number))
    }

    /// A context. The root is the same everywhere.
    fn context(self, ContextId(number): ContextId) -> ContextId {
        ContextId(moved(number))
    }
}

/// The first of each table is that of the other one.
fn moved(number: u32) -> u32 {
    match number {
        0 => 0,
        _ => number | BESIDE,
    }
}

impl Origins {
    /// Takes in all that `other` knows, which has taken in nothing itself; this one has to be the
    /// first and only. Its spans must be those of the same texts. Sets of the same spans stay sets
    /// of their own, as elsewhere. The tables stay where they are: to copy them would take longer
    /// than much of what is asked of them.
    pub fn absorb(&mut self, mut other: Self) -> Moved {
        debug_assert!(self.beside.is_none() && other.beside.is_none());
        let to = Moved(());
        for set in other.sets.iter_mut() {
            *set = match *set {
                Set::Empty | Set::Span(_) => continue,
                Set::Union(a, b) => Set::Union(to.set(a), to.set(b)),
                Set::Control(inside) => Set::Control(to.set(inside)),
                Set::Choice(inside) => Set::Choice(to.set(inside)),
            };
        }
        for origin in other.origins.iter_mut() {
            origin.data = to.set(origin.data);
            origin.context = to.context(origin.context);
        }
        for context in other.contexts.iter_mut() {
            context.parent = to.context(context.parent);
            context.control = to.set(context.control);
        }
        self.weight += other.weight;
        self.beside = Some(Box::new(other));
        to
    }
}
