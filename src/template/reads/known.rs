//! What is known of a value without executing anything.

use std::cmp::Ordering;
use std::ops::Deref;
use std::rc::Rc;

use super::places::{Name, Place};
use crate::source::Span;

/// One thing that a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum One {
    /// `.` of a chart's files, by the number of the chart.
    Root(u32),
    /// What somebody who is not here gives to a template that nobody here calls, or what is in that:
    /// where it is asked for values, it is taken for the `.` of the first chart's files, but what is
    /// done with it as a whole is done with something else.
    Caller,
    /// `.Subcharts` of a chart.
    Subcharts(u32),
    /// What stands at a place of the values.
    Values(Place),
    /// A text.
    Text(Name),
    /// A text of which parts are not known: there is a `*` in their place.
    Like(Name),
    /// A map that a template makes, by its number.
    Map(u32),
    /// A list that a template makes.
    List(u32),
    /// Anything else.
    Other,
}

/// What a value may be: sorted, each once. Mostly it is one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) enum Known {
    #[default]
    Nothing,
    Only(One),
    Any(Rc<Many>),
}

/// Several things that a value may be: mostly they are two.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Many {
    Two([One; 2]),
    /// More than two.
    More(Box<[One]>),
}

impl Deref for Known {
    type Target = [One];

    fn deref(&self) -> &[One] {
        match self {
            Self::Nothing => &[],
            Self::Only(one) => std::slice::from_ref(one),
            Self::Any(ones) => match &**ones {
                Many::Two(ones) => ones,
                Many::More(ones) => ones,
            },
        }
    }
}

/// The values of known keys, in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Entries(Vec<(Name, Known)>);

impl Entries {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub(super) fn get(&self, name: Name) -> Option<&Known> {
        let at = self.0.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// What stands under a key; nothing yet where there is no such key.
    pub(super) fn of(&mut self, name: Name) -> &mut Known {
        let at = match self.0.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (name, Known::Nothing));
                at
            }
        };
        &mut self.0[at].1
    }

    pub(super) fn insert(&mut self, name: Name, value: Known) {
        *self.of(name) = value;
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// A map or a list that a template makes.
#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    /// The values of known keys.
    pub(super) entries: Entries,
    /// The items, where it is a list.
    pub(super) items: Vec<Known>,
    /// Values under keys that are not known, and further items.
    pub(super) rest: Option<Known>,
    /// Maps that were merged into it.
    pub(super) merged: Vec<Known>,
    /// Whether it was looked at with all that is in it.
    pub(super) is_whole: bool,
    /// Whether anything in it was looked at: what is put into it later comes too late for that.
    pub(super) is_looked: bool,
    /// Whether something else holds it, where templates may come by it that are not given it.
    pub(super) is_held: bool,
    /// Where it is made, and in the walk of which template.
    pub(super) made: Option<(Span, u32)>,
    /// How often it was made anew as something else for those who are given it.
    pub(super) version: u32,
    /// How often anything in it changed.
    pub(super) edits: u32,
    /// How often it was made anew as something else.
    pub(super) changes: u32,
}

/// An object that is made anew more often may hold any text where it holds another one again.
const MAX_CHANGES: u32 = 4;

impl Object {
    /// Whether two of them hold the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.entries == other.entries
            && self.items == other.items
            && self.rest == other.rest
            && self.merged == other.merged
    }

    /// It is made again, in another turn or round: it is either. Says whether that is new. Texts
    /// each of which is made of the one before would never come to an end.
    pub(super) fn or(&mut self, again: Self) -> bool {
        let is_endless = self.changes >= MAX_CHANGES;
        let bounded = |value: Known| match is_endless {
            true => without_texts(&value),
            false => value,
        };
        let mut is_new = false;
        for (name, value) in again.entries.0 {
            is_new |= add(self.entries.of(name), &bounded(value));
        }
        for (index, value) in again.items.into_iter().enumerate() {
            match self.items.get_mut(index) {
                Some(old) => is_new |= add(old, &bounded(value)),
                None => {
                    self.items.push(value);
                    is_new = true;
                }
            }
        }
        if let Some(rest) = again.rest {
            is_new |= add(self.rest.get_or_insert_default(), &bounded(rest));
        }
        self.changes = self.changes.saturating_add(u32::from(is_new));
        self.edits = self.edits.wrapping_add(u32::from(is_new));
        is_new
    }
}

/// What a value may be, where any text is as good as another.
fn without_texts(value: &Known) -> Known {
    let mut all = Union::default();
    for one in value.iter() {
        all.add(&only(match *one {
            One::Text(_) | One::Like(_) => One::Other,
            one => one,
        }));
    }
    all.done()
}

/// Nothing more is told apart of one value.
pub(super) const MAX_ONES: usize = 64;

/// What is put together is sorted out when there is more of it.
const MAX_MORE: usize = 4096;

pub(super) fn only(one: One) -> Known {
    Known::Only(one)
}

pub(super) fn join(a: &Known, b: &Known) -> Known {
    if let (Known::Only(a), Known::Only(b)) = (a, b) {
        return match a.cmp(b) {
            Ordering::Less => Known::Any(Rc::new(Many::Two([*a, *b]))),
            Ordering::Equal => Known::Only(*a),
            Ordering::Greater => Known::Any(Rc::new(Many::Two([*b, *a]))),
        };
    }
    let mut all = Union::default();
    all.add(a);
    all.add(b);
    all.done()
}

/// All that a value may be, put together.
#[derive(Default)]
pub(super) struct Union {
    first: Known,
    more: Vec<One>,
}

impl Union {
    pub(super) fn add(&mut self, known: &Known) {
        if self.first.is_empty() {
            self.first = known.clone();
        } else if *known != self.first {
            self.more.extend_from_slice(known);
            if self.more.len() > MAX_MORE {
                self.more.sort_unstable();
                self.more.dedup();
            }
        }
    }

    pub(super) fn done(mut self) -> Known {
        if self.more.is_empty() {
            return self.first;
        }
        self.more.extend_from_slice(&self.first);
        self.more.sort_unstable();
        self.more.dedup();
        if self.more.len() == self.first.len() {
            return self.first;
        }
        Known::Any(Rc::new(match *self.more {
            [a, b] => Many::Two([a, b]),
            _ => Many::More(self.more.into()),
        }))
    }
}

/// It may be that, too; says whether that is new.
pub(super) fn add(known: &mut Known, more: &Known) -> bool {
    let all = join(known, more);
    let is_new = all != *known;
    *known = all;
    is_new
}
