//! Walking templates: the state of the walk, calls of templates, their nodes.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::function::Function;
use super::known::{Known, Object, One, only};
use super::places::{Name, Place, Places};
use super::{Bare, Bares, Reads, Root};
use crate::source::Span;
use crate::template::ast::{Expr, List, Node, Part};
use crate::template::eval::Program;

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

/// Nodes and operands that are looked at, at most.
const MAX_STEPS: usize = 500_000;
/// Templates within templates.
const MAX_CALLS: usize = 60;

/// What the walk of a template with a certain `.` gave.
#[derive(Debug, Clone, Default)]
struct Seen {
    bares: Bares,
    fails: bool,
}

pub(super) struct Walk<'p> {
    program: &'p Program,
    defined: Rc<[String]>,
    pub(super) places: Places,
    pub(super) charts: Vec<ChartRoot>,
    pub(super) objects: Vec<Object>,
    /// Which object was made where, and in the walk of which template.
    pub(super) numbers: FxHashMap<(Span, usize), usize>,
    /// What templates put into the root object of a chart.
    pub(super) put: FxHashMap<(usize, Name), Known>,
    /// What was looked at in the root object of a chart.
    pub(super) asked: FxHashSet<(usize, Name)>,
    /// Maps that were merged into places of the values.
    pub(super) merged: FxHashMap<Place, Known>,
    /// Places that templates make.
    pub(super) made: BTreeSet<Place>,
    /// Places that templates refuse to go on without.
    pub(super) demanded: BTreeSet<Place>,
    /// The paths that conditions around look at.
    pub(super) guards: Vec<Place>,
    first_guard: usize,
    /// The paths that the condition under way looks at.
    pub(super) looking: Option<Vec<Place>>,
    pub(super) fails: bool,
    pub(super) vars: Vec<(&'p str, Known)>,
    bares: Bares,
    /// What was walked in this round, by numbers, as a template with a certain `.`.
    walked: FxHashMap<(&'p str, Known, u32), usize>,
    /// What that gave, as soon as it is done.
    seen: Vec<Option<Rc<Seen>>>,
    called: FxHashSet<&'p str>,
    /// The number of each template with a certain `.`, the same in all rounds.
    frames: FxHashMap<(&'p str, Known), usize>,
    pub(super) frame: usize,
    calls: usize,
    steps: usize,
    pub(super) stale: bool,
    /// The functions, fields and texts that templates name, by where they are in their trees.
    pub(super) functions: FxHashMap<*const SmolStr, Function>,
    pub(super) fields: FxHashMap<*const Part, Name>,
    pub(super) texts: FxHashMap<*const Expr, Name>,
    /// Lists of arguments that are not in use.
    pub(super) spare: Vec<Vec<Known>>,
    is_partial: bool,
    /// No reads are told that nothing provides for: the `.` is a guess.
    is_guess: bool,
    /// Whether the loop under way may end before its end.
    pub(super) jumps: bool,
}

/// A chart, as far as the walk needs it.
pub(super) struct ChartRoot {
    pub(super) name: String,
    pub(super) parent: Option<usize>,
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
                    parent: chart.parent,
                    base: places.path(Place::ROOT, &base),
                }
            })
            .collect();
        let defined = program.templates().into_iter();
        let defined = defined.filter(|template| template.name != template.parse_name);
        Self {
            program,
            defined: defined.map(|template| template.name.clone()).collect(),
            places,
            charts,
            objects: Vec::new(),
            numbers: FxHashMap::default(),
            put: FxHashMap::default(),
            asked: FxHashSet::default(),
            merged: FxHashMap::default(),
            made: BTreeSet::new(),
            demanded: BTreeSet::new(),
            guards: Vec::new(),
            first_guard: 0,
            looking: None,
            fails: false,
            vars: Vec::new(),
            bares: Bares::new(),
            walked: FxHashMap::default(),
            seen: Vec::new(),
            called: FxHashSet::default(),
            frames: FxHashMap::default(),
            frame: 0,
            calls: 0,
            steps: 0,
            stale: false,
            functions: FxHashMap::default(),
            fields: FxHashMap::default(),
            texts: FxHashMap::default(),
            spare: Vec::new(),
            is_partial: !program.errors().is_empty(),
            is_guess: false,
            jumps: false,
        }
    }

    /// Walks everything once.
    pub(super) fn round(&mut self, charts: &[Root], texts: &[(usize, String)]) {
        self.stale = false;
        self.walked.clear();
        self.seen.clear();
        self.called.clear();
        self.bares.clear();
        for (number, chart) in charts.iter().enumerate() {
            for file in &chart.files {
                self.call(file, only(One::Root(number)));
            }
        }
        self.is_guess = true;
        for (chart, text) in texts {
            self.text(text, *chart);
        }
        // A template that nobody calls may be there for a chart around this one.
        let own = charts
            .first()
            .map(|chart| format!("{}/templates/", chart.name));
        let program = self.program;
        for template in program.templates() {
            let is_own = own
                .as_ref()
                .is_some_and(|own| template.parse_name.starts_with(own));
            if is_own && !self.called.contains(template.name.as_str()) {
                self.call(&template.name, only(One::Root(0)));
            }
        }
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

    pub(super) fn finish(self) -> Reads {
        let bare = self.bares.iter().filter_map(|((place, span), guarded)| {
            Some(Bare {
                path: self.places.keys(*place)?,
                span: *span,
                guarded: *guarded,
            })
        });
        let keys = |places: &BTreeSet<Place>| {
            let paths = places.iter().filter_map(|place| self.places.keys(*place));
            paths.collect()
        };
        Reads {
            bare: bare.collect(),
            made: keys(&self.made),
            demanded: keys(&self.demanded),
            places: self.places,
            is_partial: self.is_partial,
        }
    }

    /// One step more; false where there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.work(1)
    }

    /// So many steps more; false where there were too many.
    pub(super) fn work(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.is_partial |= self.steps > MAX_STEPS;
        self.steps <= MAX_STEPS
    }

    /// The templates that are defined, for calls whose name is not known.
    pub(super) fn defined(&self) -> Rc<[String]> {
        self.defined.clone()
    }

    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.program.defines(name)
    }

    /// Walks a template with this `.`.
    pub(super) fn call(&mut self, name: &str, dot: Known) {
        let Some(template) = self.program.template(name) else {
            self.whole(&dot);
            return;
        };
        let name = template.name.as_str();
        self.called.insert(name);
        let number = self.seen.len();
        let version = self.version(&dot);
        match self.walked.entry((name, dot.clone(), version)) {
            Entry::Occupied(known) => {
                // A template within itself adds nothing.
                if let Some(Some(seen)) = self.seen.get(*known.get()).cloned() {
                    self.inherit(&seen.bares);
                    self.fails |= seen.fails;
                }
                return;
            }
            Entry::Vacant(_) if self.calls >= MAX_CALLS => {
                self.whole(&dot);
                return;
            }
            Entry::Vacant(new) => {
                new.insert(number);
                self.seen.push(None);
            }
        }
        let frames = self.frames.len() + 1;
        let frame = *self.frames.entry((name, dot.clone())).or_insert(frames);
        let vars = std::mem::replace(&mut self.vars, vec![("$", dot.clone())]);
        let bares = std::mem::take(&mut self.bares);
        let fails = std::mem::replace(&mut self.fails, false);
        let looking = self.looking.take();
        let frame = std::mem::replace(&mut self.frame, frame);
        let first_guard = std::mem::replace(&mut self.first_guard, self.guards.len());
        self.calls += 1;
        self.list(&template.body, &dot);
        self.calls -= 1;
        self.first_guard = first_guard;
        self.frame = frame;
        self.looking = looking;
        self.vars = vars;
        let seen = Seen {
            bares: std::mem::replace(&mut self.bares, bares),
            fails: self.fails,
        };
        self.fails |= fails;
        self.inherit(&seen.bares);
        if let Some(known) = self.seen.get_mut(number) {
            *known = Some(Rc::new(seen));
        }
    }

    /// What a called template reads, this one reads, within its own conditions.
    fn inherit(&mut self, bares: &Bares) {
        let guards = self.guards.len().saturating_sub(self.first_guard);
        if !self.work(bares.len().saturating_mul(guards + 1) / 4) {
            return;
        }
        for ((place, span), guarded) in bares {
            self.bare(*place, *span, *guarded);
        }
    }

    pub(super) fn bare(&mut self, place: Place, span: Span, guarded: usize) {
        if self.is_guess {
            return;
        }
        let guards = self.guards.get(self.first_guard..).unwrap_or_default();
        let common = guards.iter().map(|guard| self.places.common(*guard, place));
        let guarded = common.max().unwrap_or(0).max(guarded);
        let known = self.bares.entry((place, span)).or_insert(guarded);
        *known = guarded.min(*known);
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
