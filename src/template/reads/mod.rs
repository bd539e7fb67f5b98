//! Which values the templates of a chart tree can read, whichever way their branches go.
//!
//! The templates are walked and not executed: every branch is taken, and a value is what it may
//! be: a place in the values, a map that was made of such, a text, anything. What flows into
//! something that is not known (or is printed) counts as read with all that is in it. So what is
//! not read here is read by nobody.

mod call;
mod flow;
mod frames;
mod function;
mod index;
mod known;
mod near;
mod places;
mod print;
#[cfg(test)]
mod tests;
mod values;
mod walk;

use std::collections::BTreeSet;

use crate::source::Span;

use super::eval::Program;
pub use places::{Place, Places};
use walk::Walk;

/// A chart of the tree.
#[derive(Debug, Clone)]
pub struct Root {
    /// Its name, or its alias, as `.Subcharts` of its parent has it.
    pub name: String,
    /// The keys that lead to its values.
    pub base: Vec<String>,
    /// The chart that it is a subchart of, by its number.
    pub parent: Option<usize>,
    /// Its template files that are executed, by full name.
    pub files: Vec<String>,
}

/// A read of something that may not be there, without anything that provides for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bare {
    /// Where it would stand.
    pub place: Place,
    /// The operand: `.Values.a.b`.
    pub span: Span,
    /// How many of the first keys of the path a condition around it has looked at, too: what is
    /// missing within those is provided for.
    pub guarded: usize,
}

/// What the templates read.
#[derive(Debug)]
pub struct Reads {
    /// The places that are read.
    pub places: Places,
    /// The reads that nothing provides for, each place in a template once, in the order of what
    /// they read.
    pub bare: Vec<Bare>,
    /// What templates define themselves, with whatever lies below.
    pub made: BTreeSet<Place>,
    /// What templates refuse to go on without.
    pub demanded: BTreeSet<Place>,
    /// Whether there was too much to look at, or a template did not parse: nothing is told then.
    pub is_partial: bool,
}

impl Reads {
    /// Walks the files of all charts. `texts` are templates in values and files, which `tpl` may
    /// execute, each with the number of the chart that it belongs to. `others` are paths that Helm
    /// itself reads, or somebody who is not here, and whether with all that is in them. Run it
    /// with the stack that rendering needs.
    #[must_use]
    pub fn of(
        program: &Program,
        charts: &[Root],
        texts: &[(usize, String)],
        others: &[(Vec<String>, bool)],
    ) -> Self {
        let mut walk = Walk::new(program, charts);
        for (path, is_whole) in others {
            walk.read(path, *is_whole);
        }
        for round in 0..MAX_ROUNDS {
            walk.round(charts, texts);
            if !walk.is_stale() {
                break;
            }
            if round + 1 == MAX_ROUNDS {
                walk.give_up();
            }
        }
        walk.finish()
    }
}

/// How often everything is walked where templates change maps behind somebody's back.
const MAX_ROUNDS: usize = 6;

/// A read that nothing provides for, and how much of its path is guarded.
type Bared = ((Place, Span), u32);
