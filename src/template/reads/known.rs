//! What is known of a value without executing anything.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use super::places::{Name, Place};

/// One thing that a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum One {
    /// `.` of a chart's files, by the number of the chart.
    Root(usize),
    /// `.Subcharts` of a chart.
    Subcharts(usize),
    /// What stands at a place of the values.
    Values(Place),
    /// A text.
    Text(Name),
    /// A text of which parts are not known: there is a `*` in their place.
    Like(Name),
    /// A map that a template makes, by its number.
    Map(usize),
    /// A list that a template makes.
    List(usize),
    /// Anything else.
    Other,
}

/// What a value may be: sorted, each once. Mostly it is one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) enum Known {
    #[default]
    Nothing,
    Only(One),
    Any(Rc<[One]>),
}

impl Deref for Known {
    type Target = [One];

    fn deref(&self) -> &[One] {
        match self {
            Self::Nothing => &[],
            Self::Only(one) => std::slice::from_ref(one),
            Self::Any(ones) => ones,
        }
    }
}

/// A map or a list that a template makes.
#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    /// The values of known keys.
    pub(super) entries: BTreeMap<Name, Known>,
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
    /// How often it was made anew as something else.
    pub(super) version: u32,
}

/// Nothing more is told apart of one value.
pub(super) const MAX_ONES: usize = 64;

pub(super) fn only(one: One) -> Known {
    Known::Only(one)
}

pub(super) fn join(a: &Known, b: &Known) -> Known {
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
        Known::Any(Rc::from(self.more))
    }
}

/// It may be that, too; says whether that is new.
pub(super) fn add(known: &mut Known, more: &Known) -> bool {
    let all = join(known, more);
    let is_new = all != *known;
    *known = all;
    is_new
}
