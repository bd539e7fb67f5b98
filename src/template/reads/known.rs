//! What is known of a value without executing anything.

use std::collections::BTreeMap;
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

/// What a value may be: sorted, each once.
pub(super) type Known = Rc<[One]>;

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
}

/// Nothing more is told apart of one value.
pub(super) const MAX_ONES: usize = 64;

pub(super) fn only(one: One) -> Known {
    Rc::from([one])
}

pub(super) fn join(a: &Known, b: &Known) -> Known {
    if a == b || b.is_empty() {
        return Rc::clone(a);
    }
    let mut ones: Vec<One> = a.iter().chain(b.iter()).copied().collect();
    ones.sort_unstable();
    ones.dedup();
    Rc::from(ones)
}
