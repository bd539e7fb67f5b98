//! Origins: where a byte of rendered text came from, and which values decided it.
//!
//! A value carries a [`Prov`]: a set of spans, those of the scalars and keys that decided it.
//! Sets are nodes of a graph, so that a union costs one lookup however many spans it covers.
//! A run of bytes carries an [`Origin`]: the template bytes that wrote it, the set that decided
//! its content, and the [`Context`] it was written in (includes, loops, conditions).

mod absorb;
mod choice;
mod table;

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Span;
pub use absorb::Moved;
use table::Table;

/// A set of spans: those of the values that decided something. Compare sets by their spans, not by
/// this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Prov(u32);

impl Prov {
    /// The set without a span.
    pub const NONE: Self = Self(0);

    /// Whether no span is in it.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// An origin within [`Origins`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct OriginId(u32);

impl OriginId {
    /// Where it belongs in a table of so many places: those that were filed one after the other lie
    /// side by side.
    #[must_use]
    pub fn slot(self, places: usize) -> usize {
        (self.0 as usize).checked_rem(places).unwrap_or(0)
    }
}

/// A context within [`Origins`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ContextId(u32);

/// What opened a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextKind {
    /// The file that is executed.
    File,
    /// `include`, `template` or `block`, by the name of the template.
    Include(SmolStr),
    /// Text given to `tpl`.
    Tpl,
    /// One turn of a `range`: its key, its element where that is a short text, or its index.
    Range(SmolStr),
    /// `with`.
    With,
    /// `if`, or an `else`.
    If,
}

/// Where execution stood when bytes were written.
#[derive(Debug, Clone)]
pub struct Context {
    /// The context around this one; the root is its own parent.
    pub parent: ContextId,
    /// What opened it.
    pub kind: ContextKind,
    /// The call or the condition in the template.
    pub at: Option<Span>,
    /// What decided *whether* this context's bytes appear (a condition, the list of a loop).
    pub control: Prov,
}

/// Why a run of bytes reads as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The template bytes that wrote the run: the run itself where [`Origin::exact`], otherwise
    /// the action that printed it. `None` for a value that no action printed yet.
    pub at: Option<Span>,
    /// Whether the run is a copy, byte for byte, of `at`.
    pub exact: bool,
    /// What was printed or transformed into the run.
    pub data: Prov,
    /// Where execution stood.
    pub context: ContextId,
}

impl Origin {
    /// Whether both are the same; what mostly tells them apart is compared first.
    #[inline]
    fn is(&self, other: &Self) -> bool {
        self.data == other.data
            && self.context == other.context
            && self.exact == other.exact
            && self.at == other.at
    }

    /// That of what was made from so many bytes behind the first `skip`, and is no copy of them.
    pub(super) fn inexact(self, skip: usize, len: usize) -> Self {
        Self {
            at: self.at.map(|span| span.slice(skip, skip + len)),
            exact: false,
            ..self
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Set {
    Empty,
    Span(Span),
    Union(Prov, Prov),
    /// What only decided whether something is there.
    Control(Prov),
    /// What decided which of several maps or lists it is: all that is in it, too.
    Choice(Prov),
}

/// Set in the numbers of what was taken in from another engine ([`Origins::absorb`]).
const BESIDE: u32 = 1 << 31;

/// The origin of what nobody knows the origin of.
const UNKNOWN: Origin = Origin {
    at: None,
    exact: false,
    data: Prov::NONE,
    context: ContextId(0),
};

/// The context that holds all others.
const ROOT: Context = Context {
    parent: ContextId(0),
    kind: ContextKind::File,
    at: None,
    control: Prov::NONE,
};

/// For no more origins there is room from the start.
const MAX_ROOM: usize = 1 << 15;

/// All origins, contexts and sets of one rendering.
#[derive(Debug)]
pub struct Origins {
    sets: Table<Set>,
    unions: FxHashMap<(Prov, Prov), Prov>,
    leaves: FxHashMap<Span, Prov>,
    controls: FxHashMap<Prov, Prov>,
    /// The sets that are choices, by what they consist of.
    choices: FxHashMap<Prov, Prov>,
    /// The choices within sets, as far as they were asked for.
    chosen: FxHashMap<Prov, Prov>,
    origins: Table<Origin>,
    contexts: Table<Context>,
    here: ContextId,
    /// The outermost context that was found to hold both of two contexts, while watched.
    lowest: ContextId,
    looks: u64,
    /// How many entries the tables have.
    weight: usize,
    /// What another engine knew: what stands there is numbered with [`BESIDE`].
    beside: Option<Box<Self>>,
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            sets: Table::of(Set::Empty),
            unions: FxHashMap::default(),
            leaves: FxHashMap::default(),
            controls: FxHashMap::default(),
            choices: FxHashMap::default(),
            chosen: FxHashMap::default(),
            origins: Table::of(UNKNOWN),
            contexts: Table::of(ROOT),
            here: ContextId(0),
            lowest: ContextId(u32::MAX),
            looks: 0,
            weight: 3,
            beside: None,
        }
    }
}

/// The entry with this number, of these tables or of those beside them.
#[inline]
fn entry<'t, T>(number: u32, own: &'t Table<T>, beside: Option<&'t Table<T>>) -> Option<&'t T> {
    match beside {
        Some(beside) if number & BESIDE != 0 => beside.get((number & !BESIDE) as usize),
        _ => own.get(number as usize),
    }
}

/// The number of the set that is put behind those that are known.
fn next_prov(sets: &Table<Set>) -> Prov {
    Prov(u32::try_from(sets.len()).unwrap_or(0))
}

impl Origins {
    /// No origins yet, but for the empty set, the unknown origin and the root context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for what rendering so many bytes of templates usually needs: tables that grow
    /// are copied again and again, and leave memory behind that is too small for them.
    pub fn make_room(&mut self, bytes: usize) {
        let origins = (bytes / 4).min(MAX_ROOM);
        self.unions.reserve(origins / 4);
    }

    /// Makes room for the scalars and keys of values that are written in so many bytes, and for
    /// what rendering so many bytes of templates adds: at once, since all of it is moved where
    /// there is more than fits.
    pub fn make_room_for_leaves(&mut self, values: usize, templates: usize) {
        let values = (values / 16).min(MAX_ROOM);
        self.leaves
            .reserve(values + (templates / 32).min(MAX_ROOM / 8));
    }

    /// How many sets, origins and contexts are known: what their memory grows with.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// The set with this number; that without a span where there is none.
    fn set(&self, Prov(number): Prov) -> Set {
        let beside = self.beside.as_deref().map(|beside| &beside.sets);
        let set = entry(number, &self.sets, beside);
        set.copied().unwrap_or(Set::Empty)
    }

    /// Counts so many values and runs of text that were asked what decided them.
    pub fn look(&mut self, many: u64) {
        self.looks = self.looks.saturating_add(many);
    }

    /// How many were counted since this was asked last.
    pub fn take_looks(&mut self) -> u64 {
        std::mem::take(&mut self.looks)
    }

    /// The set of one span.
    pub fn leaf(&mut self, span: Span) -> Prov {
        match self.leaves.entry(span) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let prov = next_prov(&self.sets);
                self.sets.push(Set::Span(span));
                self.weight += 1;
                *free.insert(prov)
            }
        }
    }

    /// The set of the spans of both.
    pub fn union(&mut self, a: Prov, b: Prov) -> Prov {
        if a == b || b.is_none() {
            return a;
        }
        if a.is_none() {
            return b;
        }
        let key = if a.0 < b.0 { (a, b) } else { (b, a) };
        match self.unions.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let prov = next_prov(&self.sets);
                self.sets.push(Set::Union(key.0, key.1));
                self.weight += 2;
                *free.insert(prov)
            }
        }
    }

    /// What decided which items a list has, and their order: nothing for a list that stands as it
    /// was written in one place, its own set for one that was put together.
    #[must_use]
    pub fn order(&self, list: Prov) -> Prov {
        match self.set(list) {
            Set::Union(..) | Set::Control(_) | Set::Choice(_) => list,
            Set::Empty | Set::Span(_) => Prov::NONE,
        }
    }

    /// The same spans, as those of what only decided whether a value is there or which one it is,
    /// and is no part of it: [`Origins::told_apart`] knows them.
    pub fn as_control(&mut self, prov: Prov) -> Prov {
        if let Set::Empty | Set::Control(_) = self.set(prov) {
            return prov;
        }
        match self.controls.entry(prov) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let control = next_prov(&self.sets);
                self.sets.push(Set::Control(prov));
                self.weight += 2;
                *free.insert(control)
            }
        }
    }

    /// The same as control of a map or list that is one of several: which one decides what is read
    /// out of it, as [`Origins::choice`] tells.
    pub fn as_choice(&mut self, prov: Prov) -> Prov {
        if prov.is_none() {
            return prov;
        }
        if let Some(choice) = self.choices.get(&prov) {
            return *choice;
        }
        let choice = self.push_set(Set::Choice(prov));
        self.choices.insert(prov, choice);
        self.weight += 1;
        choice
    }

    /// The same spans as a set that is equal to no other: what holds it can be told from what only
    /// happens to have the same origin.
    pub fn apart(&mut self, prov: Prov) -> Prov {
        self.push_set(Set::Union(prov, Prov::NONE))
    }

    /// Whether the set is one that [`Origins::apart`] made.
    #[must_use]
    pub fn is_apart(&self, prov: Prov) -> bool {
        matches!(self.set(prov), Set::Union(_, Prov::NONE))
    }

    fn push_set(&mut self, set: Set) -> Prov {
        let prov = next_prov(&self.sets);
        self.sets.push(set);
        self.weight += 1;
        prov
    }

    /// The spans of a set, sorted, each once.
    #[must_use]
    pub fn spans(&self, prov: Prov) -> Vec<Span> {
        self.reached(vec![prov], |inside, open| open.push(inside))
    }

    /// The spans of a set, those of control ([`Origins::as_control`]) behind the others; each
    /// sorted, and each once.
    #[must_use]
    pub fn told_apart(&self, prov: Prov) -> (Vec<Span>, Vec<Span>) {
        let mut controls = Vec::new();
        let found = self.reached(vec![prov], |inside, _| controls.push(inside));
        let control = self.reached(controls, |inside, open| open.push(inside));
        (found, control)
    }

    /// The spans of several sets, sorted, each once; `control` is given what stands in a set of
    /// control, and the sets that are still to be looked at.
    fn reached(
        &self,
        mut open: Vec<Prov>,
        mut control: impl FnMut(Prov, &mut Vec<Prov>),
    ) -> Vec<Span> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        while let Some(prov) = open.pop() {
            if !seen.insert(prov) {
                continue;
            }
            match self.set(prov) {
                Set::Span(span) => found.push(span),
                Set::Union(a, b) => open.extend([a, b]),
                Set::Control(inside) | Set::Choice(inside) => control(inside, &mut open),
                Set::Empty => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Files an origin.
    pub fn add(&mut self, origin: Origin) -> OriginId {
        let count = self.origins.len();
        if self.origins.last().is_some_and(|last| last.is(&origin)) {
            return OriginId(u32::try_from(count - 1).unwrap_or(0));
        }
        self.origins.push(origin);
        self.weight += 1;
        OriginId(u32::try_from(count).unwrap_or(0))
    }

    /// The origin with this number; the unknown one where there is none.
    #[must_use]
    pub fn origin(&self, OriginId(number): OriginId) -> &Origin {
        let beside = self.beside.as_deref().map(|beside| &beside.origins);
        entry(number, &self.origins, beside).unwrap_or(&UNKNOWN)
    }

    /// Opens a context within `parent`.
    pub fn enter(
        &mut self,
        parent: ContextId,
        kind: ContextKind,
        at: Option<Span>,
        control: Prov,
    ) -> ContextId {
        let id = ContextId(u32::try_from(self.contexts.len()).unwrap_or(0));
        self.contexts.push(Context {
            parent,
            kind,
            at,
            control,
        });
        self.weight += 1;
        id
    }

    /// The context with this number; the root where there is none.
    #[must_use]
    pub fn context(&self, ContextId(number): ContextId) -> &Context {
        let beside = self.beside.as_deref().map(|beside| &beside.contexts);
        entry(number, &self.contexts, beside).unwrap_or(&ROOT)
    }

    /// The contexts from `id` outwards, the root left out.
    pub fn contexts(&self, id: ContextId) -> impl Iterator<Item = &Context> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next.filter(|id| id.0 != 0)?;
            let context = self.context(id);
            next = Some(context.parent);
            Some(context)
        })
    }

    /// Says where execution stands. What is asked about a text from there ([`Origins::here`])
    /// leaves out the conditions that hold for everything that is written there anyway.
    pub fn stand(&mut self, context: ContextId) {
        self.here = context;
    }

    /// Where execution stands.
    #[must_use]
    pub fn here(&self) -> ContextId {
        self.here
    }

    /// Whether `id` is `outer` or lies within it.
    #[must_use]
    pub fn is_within(&self, id: ContextId, outer: ContextId) -> bool {
        let mut at = id;
        while at > outer {
            at = self.context(at).parent;
        }
        at == outer
    }

    /// What decided whether anything in context `id` appears, as seen from `outer`: the controls
    /// from `id` out to the first context that holds both.
    pub fn control(&mut self, id: ContextId, outer: ContextId) -> Prov {
        let mut all = Prov::NONE;
        let (mut at, mut outer) = (id, outer);
        // A context is numbered after its parent, so the greater of two cannot hold the other.
        while at != outer {
            if at > outer {
                let context = self.context(at);
                let (control, parent) = (context.control, context.parent);
                all = self.union(all, control);
                at = parent;
            } else {
                outer = self.context(outer).parent;
            }
        }
        self.meet(id, at);
        all
    }

    /// Notes that what stands in `id` was seen from elsewhere within `both`, the innermost context
    /// that holds the two. What stands in no context looks the same from everywhere.
    pub fn meet(&mut self, id: ContextId, both: ContextId) {
        if id.0 != 0 {
            self.lowest = self.lowest.min(both);
        }
    }

    /// Begins to watch how far out contexts are looked at. What it gives has to be handed to
    /// [`Origins::watched`].
    pub fn watch(&mut self) -> ContextId {
        std::mem::replace(&mut self.lowest, ContextId(u32::MAX))
    }

    /// The outermost context that two met in since [`Origins::watch`]; one that is within all
    /// others where none did.
    pub fn watched(&mut self, before: ContextId) -> ContextId {
        let lowest = self.lowest;
        self.lowest = lowest.min(before);
        lowest
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FileKind, Sources};
    use super::*;

    #[test]
    fn a_union_has_the_spans_of_both_once() {
        let file = Sources::new().add("v", FileKind::Values, vec![0; 9]);
        let mut origins = Origins::new();
        let a = origins.leaf(Span::new(file, 4, 5));
        let b = origins.leaf(Span::new(file, 1, 2));
        let both = origins.union(a, b);
        assert_eq!(origins.union(b, a), both);
        assert_eq!(origins.union(both, Prov::NONE), both);
        let again = origins.union(both, a);
        let spans = [Span::new(file, 1, 2), Span::new(file, 4, 5)];
        assert_eq!(origins.spans(again), spans);
        assert!(origins.spans(Prov::NONE).is_empty());
    }

    #[test]
    fn control_is_told_apart_and_is_among_the_spans() {
        let file = Sources::new().add("v", FileKind::Values, vec![0; 9]);
        let mut origins = Origins::new();
        let [a, b] = [1, 4].map(|at| origins.leaf(Span::new(file, at, at + 1)));
        let control = origins.as_control(b);
        assert_eq!(origins.as_control(b), control);
        assert_eq!(origins.as_control(control), control);
        assert_eq!(origins.as_control(Prov::NONE), Prov::NONE);
        let both = origins.union(a, control);
        let [a, b] = [1, 4].map(|at| Span::new(file, at, at + 1));
        assert_eq!(origins.spans(both), [a, b]);
        assert_eq!(origins.told_apart(both), (vec![a], vec![b]));
        let again = origins.as_control(both);
        assert_eq!(origins.told_apart(again), (vec![], vec![a, b]));
    }

    #[test]
    fn control_counts_from_the_context_that_holds_both() {
        let file = Sources::new().add("v", FileKind::Values, vec![0; 9]);
        let mut origins = Origins::new();
        let leaf = |origins: &mut Origins, at| origins.leaf(Span::new(file, at, at + 1));
        let root = ContextId::default();
        let (a, b, c) = (
            leaf(&mut origins, 0),
            leaf(&mut origins, 1),
            leaf(&mut origins, 2),
        );
        let outer = origins.enter(root, ContextKind::If, None, a);
        let left = origins.enter(outer, ContextKind::If, None, b);
        let right = origins.enter(outer, ContextKind::If, None, c);
        assert_eq!(origins.control(left, right), b);
        assert_eq!(origins.control(right, left), c);
        assert_eq!(origins.control(outer, left), Prov::NONE);
        let all = origins.control(left, root);
        assert_eq!(origins.spans(all).len(), 2);
        assert!(origins.is_within(left, outer) && !origins.is_within(left, right));
        let apart = origins.apart(a);
        assert!(apart != a && origins.spans(apart) == origins.spans(a));
    }
}
