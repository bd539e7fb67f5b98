//! Walking templates: the state of the walk, calls of templates, their nodes.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::frames::{Again, Frames};
use super::function::Function;
use super::index::Index;
use super::known::{Known, Object, One, only};
use super::near::Near;
use super::places::{Name, Place, Places};
use super::{Bare, Bared, Reads, Root};
use crate::source::Span;
use crate::template::ast::{List, Node, Template};
use crate::template::eval::{Program, is_partial};

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is printed, or goes into a function that needs it.
    Used,
    /// It is only tested, or something stands in for it.
    Tested,
    /// It is kept: what becomes of it is not known here.
    Kept,
}

/// What a name in a template stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Name(Name),
    Function(Function),
    /// A template that a call names, by its number among all.
    Template(u32),
}

/// Nodes and operands that are looked at, at most.
const MAX_STEPS: usize = 2_000_000;
/// Charts mostly have fewer templates with a certain `.`, and make fewer objects. What is not used of
/// a table of this size is not touched; one that grows is copied.
pub(super) const MOST: usize = 512;
/// Reads that nothing provides for are sorted out when there are more.
const MAX_BARES: usize = 4096;
/// Templates within templates.
pub(super) const MAX_CALLS: usize = 60;

pub(super) struct Walk<'p> {
    pub(super) program: &'p Program,
    /// All templates, by name.
    templates: Vec<&'p Template>,
    /// Those that somebody has to call, partial files among them, and the files that Helm executes.
    defined: Rc<[&'p str]>,
    files: Rc<[&'p str]>,
    pub(super) places: Places,
    pub(super) charts: Vec<ChartRoot>,
    pub(super) objects: Vec<Object>,
    /// Which object was made where, and in the walk of which template.
    pub(super) numbers: Index,
    /// What templates put into the root object of a chart.
    pub(super) put: FxHashMap<(u32, Name), Known>,
    /// What was looked at in the root object of a chart.
    pub(super) asked: FxHashSet<(u32, Name)>,
    /// Maps that were merged into places of the values.
    pub(super) merged: FxHashMap<Place, Known>,
    /// Places that templates make.
    pub(super) made: BTreeSet<Place>,
    /// Places that templates refuse to go on without.
    pub(super) demanded: BTreeSet<Place>,
    /// The paths that conditions around look at.
    pub(super) guards: Vec<Place>,
    pub(super) first_guard: usize,
    /// The paths that the conditions under way look at, and where those of the innermost one begin,
    /// if there is any.
    pub(super) looked: Vec<Place>,
    pub(super) looking: Option<usize>,
    pub(super) fails: bool,
    /// The variables of the templates under way, and where those of the innermost one begin.
    pub(super) vars: Vec<(&'p str, Known)>,
    pub(super) first_var: usize,
    /// The reads of the templates under way that nothing provides for, some of them several times,
    /// where those of the innermost one begin, and from how many on they are sorted out.
    pub(super) bares: Vec<Bared>,
    pub(super) first_bare: usize,
    most_bares: usize,
    pub(super) called: FxHashSet<*const Template>,
    pub(super) frames: Frames,
    /// The template under way, by the number that it has with its `.`.
    pub(super) frame: u32,
    /// What it would do if it was walked once more.
    pub(super) again: Again,
    pub(super) calls: usize,
    pub(super) steps: usize,
    /// Those that are not of the template under way itself.
    pub(super) others: usize,
    pub(super) stale: bool,
    /// Lists of arguments that are not in use.
    pub(super) spare: Vec<Vec<Known>>,
    /// The names and functions that stand in the templates.
    pub(super) near: Near<Found>,
    is_partial: bool,
    /// No reads are told that nothing provides for: the `.` is a guess.
    is_guess: bool,
    /// Whether the loop under way may end before its end.
    pub(super) jumps: bool,
}

/// A chart, as far as the walk needs it.
pub(super) struct ChartRoot {
    pub(super) name: String,
    pub(super) parent: Option<u32>,
    pub(super) base: Place,
}

impl<'p> Walk<'p> {
    pub(super) fn new(program: &'p Program, charts: &[Root]) -> Self {
        let mut places = Places::new();
        let charts = charts
            .iter()
            .map(|chart| {
                let base: Vec<&str> = chart.base.iter().map(String::as_str).collect();
                ChartRoot {
                    name: chart.name.clone(),
                    parent: chart.parent.and_then(|parent| u32::try_from(parent).ok()),
                    base: places.path(Place::ROOT, &base),
                }
            })
            .collect();
        let templates = program.templates();
        let (files, defined): (Vec<_>, Vec<_>) = templates
            .iter()
            .map(|template| (template.name.as_str(), &*template.parse_name))
            .partition(|(name, file)| name == file && !is_partial(file));
        let names = |of: Vec<(&'p str, &str)>| of.into_iter().map(|(name, _)| name).collect();
        Self {
            program,
            templates,
            defined: names(defined),
            files: names(files),
            places,
            charts,
            objects: Vec::with_capacity(MOST),
            numbers: Index::default(),
            put: FxHashMap::default(),
            asked: FxHashSet::default(),
            merged: FxHashMap::default(),
            made: BTreeSet::new(),
            demanded: BTreeSet::new(),
            guards: Vec::new(),
            first_guard: 0,
            looked: Vec::new(),
            looking: None,
            fails: false,
            vars: Vec::new(),
            first_var: 0,
            bares: Vec::new(),
            first_bare: 0,
            most_bares: MAX_BARES,
            called: FxHashSet::default(),
            frames: Frames::default(),
            frame: 0,
            again: Again::default(),
            calls: 0,
            steps: 0,
            others: 0,
            stale: false,
            spare: Vec::new(),
            near: Near::new(Found::Function(Function::Other)),
            is_partial: !program.errors().is_empty(),
            is_guess: false,
            jumps: false,
        }
    }

    /// Walks everything once.
    pub(super) fn round(&mut self, charts: &[Root], texts: &[(usize, String)]) {
        self.stale = false;
        self.frames.next_round();
        self.called.clear();
        self.bares.clear();
        for (number, chart) in (0..).zip(charts) {
            for file in &chart.files {
                self.call(file, only(One::Root(number)));
            }
        }
        self.is_guess = true;
        for (chart, text) in texts {
            self.text(text, u32::try_from(*chart).unwrap_or(u32::MAX));
        }
        // A template that nobody calls may be there for a chart around this one.
        let own = charts
            .first()
            .map(|chart| format!("{}/templates/", chart.name));
        let templates = std::mem::take(&mut self.templates);
        for template in &templates {
            let is_own = own
                .as_ref()
                .is_some_and(|own| template.parse_name.starts_with(own));
            if is_own && !self.called.contains(&std::ptr::from_ref(*template)) {
                self.call(&template.name, only(One::Caller));
            }
        }
        self.templates = templates;
        self.is_guess = false;
    }

    /// A path is read by others than the templates.
    pub(super) fn read(&mut self, path: &[String], is_whole: bool) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let place = self.places.path(Place::ROOT, &path);
        if is_whole {
            self.places.read_whole(place);
        } else {
            self.places.read(place);
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) fn give_up(&mut self) {
        self.is_partial = true;
    }

    pub(super) fn finish(mut self) -> Reads {
        let bares = self.own_bares().into_iter();
        let bare = bares.map(|((place, span), guarded)| Bare {
            place,
            span,
            guarded: guarded as usize,
        });
        Reads {
            bare: bare.collect(),
            made: self.made,
            demanded: self.demanded,
            places: self.places,
            is_partial: self.is_partial || self.steps > MAX_STEPS,
        }
    }

    /// One step more; false where there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.work(1)
    }

    /// So many steps more; false where there were too many.
    pub(super) fn work(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.steps <= MAX_STEPS
    }

    /// So many steps more that are not those of the template under way itself.
    pub(super) fn charge(&mut self, steps: usize) {
        self.others = self.others.saturating_add(steps);
        self.work(steps);
    }

    /// Whether a file has such a name: those are looked at by themselves.
    pub(super) fn is_file(&self, is_such: impl Fn(&str) -> bool) -> bool {
        self.files.iter().any(|name| is_such(name))
    }

    /// The number of the template of a name.
    pub(super) fn number_of(&self, name: &str) -> Option<u32> {
        let number = self.templates.binary_search_by_key(&name, |one| &one.name);
        u32::try_from(number.ok()?).ok()
    }

    pub(super) fn template(&self, number: u32) -> Option<&'p Template> {
        self.templates.get(number as usize).copied()
    }

    /// The templates that are defined, for calls whose name is not known.
    pub(super) fn defined(&self) -> Rc<[&'p str]> {
        self.defined.clone()
    }

    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.program.defines(name)
    }

    pub(super) fn chart(&self, number: u32) -> Option<&ChartRoot> {
        self.charts.get(number as usize)
    }

    pub(super) fn bare(&mut self, place: Place, span: Span, guarded: u32) {
        if self.is_guess {
            return;
        }
        let guards = self.guards.get(self.first_guard..).unwrap_or_default();
        let common = guards.iter().map(|guard| self.places.common(*guard, place));
        let common = common.max().unwrap_or(0);
        let guarded = guarded.max(u32::try_from(common).unwrap_or(u32::MAX));
        self.bares.push(((place, span), guarded));
        if self.bares.len() > self.most_bares {
            let own = self.own_bares();
            self.bares.extend(own);
            self.most_bares = MAX_BARES.max(2 * self.bares.len());
        }
    }

    /// The reads of the innermost template, each once, with what is guarded in any case.
    pub(super) fn own_bares(&mut self) -> Vec<Bared> {
        if self.bares.len() <= self.first_bare {
            return Vec::new();
        }
        let mut own = self.bares.split_off(self.first_bare);
        own.sort_unstable();
        own.dedup_by_key(|bared| bared.0);
        own
    }

    pub(super) fn list(&mut self, list: &'p List, dot: &Known) {
        let vars = self.vars.len();
        for node in &list.nodes {
            if !self.step() {
                return;
            }
            match node {
                Node::Action(action) => {
                    let is_kept = !action.pipe.decl.is_empty();
                    let fate = if is_kept { Fate::Kept } else { Fate::Used };
                    let value = self.pipe(&action.pipe, dot, fate);
                    if !is_kept {
                        self.whole(&value);
                    }
                }
                Node::If(branch) => {
                    self.branch(branch, dot, |_, _| dot.clone());
                }
                Node::With(branch) => {
                    self.branch(branch, dot, |_, value| value);
                }
                Node::Range(branch) => self.range(branch, dot),
                Node::Template(call) => {
                    let value = match &call.pipe {
                        Some(pipe) => self.pipe(pipe, dot, Fate::Kept),
                        None => only(One::Other),
                    };
                    self.call(&call.name, value);
                }
                Node::Break(_) | Node::Continue(_) => self.jumps = true,
                Node::Text(_) | Node::Comment(_) => {}
            }
        }
        self.vars.truncate(vars);
    }
}
