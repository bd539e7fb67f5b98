//! Walking a template: branches, variables, operands.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::known::{Known, MAX_ONES, Object, One, Union, add, join, only};
use super::places::{Name, Place, Places, Step};
use super::{Bare, Bares, Reads, Root};
use crate::source::Span;
use crate::template::ast::{Branch, Command, Expr, ExprKind, List, Node, Part, Pipe};
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

/// Items of one list that are told apart.
const MAX_TURNS: usize = 32;

/// The turns of a loop.
struct Turns {
    items: Vec<Known>,
    /// Whether these are the turns, and not what each of them may be.
    is_exact: bool,
}

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
    numbers: FxHashMap<(Span, usize), usize>,
    /// What templates put into the root object of a chart.
    pub(super) put: BTreeMap<(usize, Name), Known>,
    /// What was looked at in the root object of a chart.
    asked: FxHashSet<(usize, Name)>,
    /// Maps that were merged into places of the values.
    pub(super) merged: BTreeMap<Place, Known>,
    /// Places that templates make.
    pub(super) made: BTreeSet<Place>,
    /// Places that templates refuse to go on without.
    pub(super) demanded: BTreeSet<Place>,
    /// The paths that conditions around look at.
    guards: Vec<Place>,
    first_guard: usize,
    /// The paths that the condition under way looks at.
    pub(super) looking: Option<Vec<Place>>,
    pub(super) fails: bool,
    vars: Vec<(&'p str, Known)>,
    bares: Bares,
    seen: FxHashMap<(&'p str, Known, u32), Option<Rc<Seen>>>,
    called: FxHashSet<&'p str>,
    frame: usize,
    calls: usize,
    steps: usize,
    pub(super) stale: bool,
    is_partial: bool,
    /// No reads are told that nothing provides for: the `.` is a guess.
    is_guess: bool,
    /// Whether the loop under way may end before its end.
    jumps: bool,
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
            put: BTreeMap::new(),
            asked: FxHashSet::default(),
            merged: BTreeMap::new(),
            made: BTreeSet::new(),
            demanded: BTreeSet::new(),
            guards: Vec::new(),
            first_guard: 0,
            looking: None,
            fails: false,
            vars: Vec::new(),
            bares: Bares::new(),
            seen: FxHashMap::default(),
            called: FxHashSet::default(),
            frame: 0,
            calls: 0,
            steps: 0,
            stale: false,
            is_partial: !program.errors().is_empty(),
            is_guess: false,
            jumps: false,
        }
    }

    /// Walks everything once.
    pub(super) fn round(&mut self, charts: &[Root], texts: &[(usize, String)]) {
        self.stale = false;
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
    fn step(&mut self) -> bool {
        self.work(1)
    }

    /// So many steps more; false where there were too many.
    fn work(&mut self, steps: usize) -> bool {
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
        let next = self.seen.len() + 1;
        let key = (name, dot.clone(), self.version(&dot));
        if let Some(seen) = self.seen.get(&key) {
            // A template within itself adds nothing.
            if let Some(seen) = seen.as_ref().cloned() {
                self.inherit(&seen.bares);
                self.fails |= seen.fails;
            }
            return;
        }
        if self.calls >= MAX_CALLS {
            self.whole(&dot);
            return;
        }
        self.seen.insert(key.clone(), None);
        let vars = std::mem::replace(&mut self.vars, vec![("$", dot.clone())]);
        let bares = std::mem::take(&mut self.bares);
        let fails = std::mem::replace(&mut self.fails, false);
        let looking = self.looking.take();
        let frame = std::mem::replace(&mut self.frame, next);
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
        self.seen.insert(key, Some(Rc::new(seen)));
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

    fn bare(&mut self, place: Place, span: Span, guarded: usize) {
        if self.is_guess {
            return;
        }
        let guards = self.guards.get(self.first_guard..).unwrap_or_default();
        let common = guards.iter().map(|guard| self.places.common(*guard, place));
        let guarded = common.max().unwrap_or(0).max(guarded);
        let known = self.bares.entry((place, span)).or_insert(guarded);
        *known = guarded.min(*known);
    }

    fn list(&mut self, list: &'p List, dot: &Known) {
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

    /// The value of a condition, and the paths it looks at.
    fn condition(&mut self, pipe: &'p Pipe, dot: &Known) -> (Known, Vec<Place>) {
        let outer = self.looking.replace(Vec::new());
        let value = self.pipe(pipe, dot, Fate::Tested);
        let looked = std::mem::replace(&mut self.looking, outer).unwrap_or_default();
        (value, looked)
    }

    fn branch(
        &mut self,
        branch: &'p Branch,
        dot: &Known,
        inner: impl Fn(&mut Self, Known) -> Known,
    ) {
        let vars = self.vars.len();
        let (value, looked) = self.condition(&branch.pipe, dot);
        let guards = self.guards.len();
        self.guards.extend(&looked);
        let inner = inner(self, value);
        let fails = std::mem::replace(&mut self.fails, false);
        let before = self.assigned(branch);
        self.list(&branch.list, &inner);
        let after = before.map(|before| std::mem::replace(&mut self.vars, before));
        if let Some(other) = &branch.else_list {
            self.list(other, dot);
        }
        self.or_else(after);
        // A chart that refuses to go on provides for what it looks at.
        if self.fails {
            self.demanded.extend(looked);
        }
        self.fails |= fails;
        self.guards.truncate(guards);
        self.vars.truncate(vars);
    }

    /// What the variables hold, where a branch assigns to any.
    fn assigned(&self, branch: &Branch) -> Option<Vec<(&'p str, Known)>> {
        (!branch.assigns.is_empty()).then(|| self.vars.clone())
    }

    /// The variables hold what they hold, or what they held in another course.
    fn or_else(&mut self, other: Option<Vec<(&'p str, Known)>>) {
        for ((_, value), (_, other)) in self.vars.iter_mut().zip(other.into_iter().flatten()) {
            *value = join(value, &other);
        }
    }

    /// The items that a loop goes through. Those of a list that a template made are known one by
    /// one; else what one turn assigns the next one sees.
    fn turns(&mut self, value: &Known, branch: &Branch) -> Turns {
        if let [One::List(number)] = **value
            && let Some(object) = self.look_into(number)
            && object.rest.is_none()
            && (1..=MAX_TURNS).contains(&object.items.len())
        {
            return Turns {
                items: object.items.clone(),
                is_exact: true,
            };
        }
        let count = if branch.assigns.is_empty() { 1 } else { 3 };
        Turns {
            items: vec![self.item(value); count],
            is_exact: false,
        }
    }

    fn range(&mut self, branch: &'p Branch, dot: &Known) {
        let vars = self.vars.len();
        let (value, looked) = self.condition(&branch.pipe, dot);
        let guards = self.guards.len();
        self.guards.extend(&looked);
        // The pipeline's variables hold the collection so far; they are to hold its items.
        self.vars.truncate(vars);
        let turns = self.turns(&value, branch);
        for item in turns.items {
            let before = self.assigned(branch);
            match branch.pipe.decl.as_slice() {
                [one] => self.vars.push((&one.name, item.clone())),
                [key, one, ..] => {
                    self.vars.push((&key.name, only(One::Other)));
                    self.vars.push((&one.name, item.clone()));
                }
                [] => {}
            }
            let jumps = std::mem::replace(&mut self.jumps, false);
            self.list(&branch.list, &item);
            self.vars.truncate(vars);
            if !turns.is_exact || self.jumps {
                self.or_else(before);
            }
            self.jumps = jumps;
        }
        if let Some(other) = &branch.else_list {
            let before = self.assigned(branch);
            self.list(other, dot);
            self.or_else(before);
        }
        self.guards.truncate(guards);
        self.vars.truncate(vars);
    }

    pub(super) fn pipe(&mut self, pipe: &'p Pipe, dot: &Known, fate: Fate) -> Known {
        let mut value: Option<Known> = None;
        for (index, command) in pipe.cmds.iter().enumerate() {
            let fate = match pipe.cmds.get(index + 1).and_then(|next| next.args.first()) {
                Some(next) => match &next.kind {
                    ExprKind::Identifier(name) => super::call::fate_of_last(name, fate),
                    _ => fate,
                },
                None => fate,
            };
            value = Some(self.command(command, dot, value, fate));
        }
        let value = value.unwrap_or_else(|| only(One::Other));
        for variable in &pipe.decl {
            if !pipe.is_assign {
                self.vars.push((&variable.name, value.clone()));
            } else if let Some(known) = self
                .vars
                .iter_mut()
                .rev()
                .find(|(name, _)| *name == variable.name)
            {
                known.1 = value.clone();
            }
        }
        value
    }

    fn command(
        &mut self,
        command: &'p Command,
        dot: &Known,
        piped: Option<Known>,
        fate: Fate,
    ) -> Known {
        let Some((first, rest)) = command.args.split_first() else {
            return only(One::Other);
        };
        if let ExprKind::Identifier(name) = &first.kind {
            return self.function(name, command.span, rest, dot, piped, fate);
        }
        if rest.is_empty() && piped.is_none() {
            return self.operand(first, dot, fate);
        }
        // A method: what it is given it may use.
        let receiver = self.operand(first, dot, Fate::Kept);
        for argument in rest {
            let value = self.operand(argument, dot, Fate::Used);
            self.whole(&value);
        }
        if let Some(piped) = piped {
            self.whole(&piped);
        }
        self.whole(&receiver);
        only(One::Other)
    }

    pub(super) fn operand(&mut self, expr: &'p Expr, dot: &Known, fate: Fate) -> Known {
        if !self.step() {
            return only(One::Other);
        }
        let (base, parts): (Known, &[Part]) = match &expr.kind {
            ExprKind::Dot => (dot.clone(), &[]),
            ExprKind::Field(parts) => (dot.clone(), parts),
            ExprKind::Variable(name, parts) => {
                let known = self.vars.iter().rev().find(|(known, _)| known == name);
                let known = known.map(|(_, value)| value.clone());
                (known.unwrap_or_else(|| only(One::Other)), parts)
            }
            ExprKind::Chain(inner, parts) => (self.operand(inner, dot, Fate::Kept), parts),
            ExprKind::Pipe(pipe) => return self.pipe(pipe, dot, fate),
            ExprKind::Identifier(name) => {
                return self.function(name, expr.span, &[], dot, None, fate);
            }
            ExprKind::String { value, .. } => {
                let text = String::from_utf8_lossy(value);
                return only(One::Text(self.places.name(&text)));
            }
            ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) => return only(One::Other),
        };
        let mut value = base;
        for part in parts {
            let name = self.places.name(&part.name);
            value = self.entry(&value, name);
        }
        self.look(&value);
        let is_plain = !parts.is_empty() && !matches!(expr.kind, ExprKind::Chain(..));
        if fate == Fate::Used
            && is_plain
            && let [One::Values(place)] = *value
        {
            self.bare(place, expr.span, 0);
        }
        value
    }

    /// A condition under way looks at a value.
    pub(super) fn look(&mut self, value: &Known) {
        if let Some(looking) = &mut self.looking {
            looking.extend(value.iter().filter_map(|one| match one {
                One::Values(place) => Some(*place),
                _ => None,
            }));
        }
    }

    /// What stands under a key.
    pub(super) fn entry(&mut self, value: &Known, name: Name) -> Known {
        self.entry_within(value, name, 0)
    }

    fn entry_within(&mut self, value: &Known, name: Name, depth: usize) -> Known {
        let mut found = Union::default();
        // Maps that are merged into one another again and again are looked through many times.
        if depth > 8 || (depth > 0 && !self.work(4 * value.len())) {
            return only(One::Other);
        }
        for one in value.iter() {
            let next = match *one {
                One::Root(chart) => self.root_entry(chart, name),
                One::Subcharts(chart) => {
                    let text = self.places.text(name);
                    let sub = self
                        .charts
                        .iter()
                        .position(|sub| sub.parent == Some(chart) && *sub.name == *text);
                    only(sub.map_or(One::Other, One::Root))
                }
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Key(name));
                    self.places.read(inner);
                    let mut next = join(&only(One::Values(inner)), &self.global(place, name));
                    if let Some(merged) = self.merged.get(&place).cloned() {
                        next = join(&next, &self.entry_within(&merged, name, depth + 1));
                    }
                    next
                }
                One::Map(number) => {
                    let object = self.look_into(number);
                    let rest = object.and_then(|object| object.rest.as_ref());
                    let mut next = rest.map_or_else(Known::default, Known::clone);
                    if let Some(value) = object.and_then(|object| object.entries.get(&name)) {
                        next = join(&next, value);
                    }
                    let merged = object.map(|object| object.merged.clone());
                    for merged in merged.iter().flatten() {
                        next = join(&next, &self.entry_within(merged, name, depth + 1));
                    }
                    next
                }
                One::Text(_) | One::Like(_) | One::List(_) | One::Other => only(One::Other),
            };
            found.add(&next);
        }
        self.bounded(found.done())
    }

    fn root_entry(&mut self, chart: usize, name: Name) -> Known {
        let text = self.places.text(name);
        let own = match &*text {
            "Values" => self.charts.get(chart).map(|chart| One::Values(chart.base)),
            "Subcharts" => Some(One::Subcharts(chart)),
            _ => None,
        };
        let own = only(own.unwrap_or(One::Other));
        self.asked.insert((chart, name));
        match self.put.get(&(chart, name)) {
            Some(put) => join(&own, put),
            None => own,
        }
    }

    /// `global` of a subchart is also that of every chart around it.
    fn global(&mut self, place: Place, name: Name) -> Known {
        if *self.places.text(name) != *"global" {
            return Known::default();
        }
        let mut found = Union::default();
        let mut at = self.charts.iter().position(|chart| chart.base == place);
        while let Some(parent) = at.and_then(|chart| self.charts.get(chart)?.parent) {
            if let Some(base) = self.charts.get(parent).map(|chart| chart.base) {
                let inner = self.places.inner(base, Step::Key(name));
                self.places.read(inner);
                found.add(&only(One::Values(inner)));
            }
            at = Some(parent);
        }
        found.done()
    }

    /// Any entry or item of a value.
    pub(super) fn item(&mut self, value: &Known) -> Known {
        let mut found = Union::default();
        for one in value.iter() {
            let next = match *one {
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Any);
                    self.places.read(inner);
                    let mut next = only(One::Values(inner));
                    if let Some(merged) = self.merged.get(&place).cloned()
                        && *merged != **value
                    {
                        let more = self.places_only(&merged);
                        next = join(&next, &more);
                    }
                    next
                }
                One::Map(number) | One::List(number) => {
                    let object = self.look_into(number).cloned().unwrap_or_default();
                    let mut next = object.rest.unwrap_or_else(Known::default);
                    for value in object.entries.values().chain(&object.items) {
                        next = join(&next, value);
                    }
                    for merged in &object.merged {
                        let more = self.places_only(merged);
                        next = join(&next, &more);
                    }
                    next
                }
                One::Root(_) | One::Subcharts(_) => {
                    self.whole(&only(*one));
                    only(One::Other)
                }
                One::Text(_) | One::Like(_) | One::Other => only(One::Other),
            };
            found.add(&next);
        }
        self.bounded(found.done())
    }

    /// Any entry of what was merged; what is not a place of the values counts as read.
    fn places_only(&mut self, value: &Known) -> Known {
        let mut found = Union::default();
        for one in value.iter() {
            match *one {
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Any);
                    self.places.read(inner);
                    found.add(&only(One::Values(inner)));
                }
                _ => self.whole(&only(*one)),
            }
        }
        found.done()
    }

    pub(super) fn bounded(&mut self, value: Known) -> Known {
        if value.len() <= MAX_ONES {
            return value;
        }
        self.whole(&value);
        only(One::Other)
    }

    /// A value is looked at with all that is in it.
    pub(super) fn whole(&mut self, value: &Known) {
        if let [One::Text(_) | One::Like(_) | One::Other] = **value {
            return;
        }
        let mut open: Vec<One> = value.to_vec();
        let mut met: FxHashSet<Place> = FxHashSet::default();
        while let Some(one) = open.pop() {
            match one {
                One::Values(place) => {
                    self.places.read_whole(place);
                    if let Some(merged) = self.merged.get(&place)
                        && met.insert(place)
                    {
                        open.extend(merged.iter());
                    }
                }
                One::Root(chart) => {
                    open.extend(self.charts.get(chart).map(|chart| One::Values(chart.base)));
                }
                One::Subcharts(chart) => {
                    let subs = self.charts.iter().enumerate();
                    let subs = subs.filter(|(_, sub)| sub.parent == Some(chart));
                    open.extend(subs.map(|(number, _)| One::Root(number)));
                }
                One::Map(number) | One::List(number) => {
                    let Some(object) = self.objects.get_mut(number) else {
                        continue;
                    };
                    if object.is_whole {
                        continue;
                    }
                    object.is_whole = true;
                    let values = object.entries.values().chain(&object.items);
                    let values = values.chain(&object.merged).chain(&object.rest);
                    open.extend(values.flat_map(|value| value.iter()));
                }
                One::Text(_) | One::Like(_) | One::Other => {}
            }
        }
    }

    /// The object that is made at a place of the template under way.
    pub(super) fn make(&mut self, span: Span, object: Object) -> usize {
        let held = object.entries.values().chain(&object.items);
        for value in held.chain(&object.rest) {
            self.hold(value);
        }
        let number = *self
            .numbers
            .entry((span, self.frame))
            .or_insert(self.objects.len());
        match self.objects.get_mut(number) {
            None => self.objects.push(object),
            Some(known) => {
                // Made again, in another turn or round: it is either.
                let mut changed = false;
                for (name, value) in object.entries {
                    let old = known.entries.entry(name).or_default();
                    changed |= add(old, &value);
                }
                for (index, value) in object.items.into_iter().enumerate() {
                    match known.items.get_mut(index) {
                        Some(old) => changed |= add(old, &value),
                        None => {
                            known.items.push(value);
                            changed = true;
                        }
                    }
                }
                if let Some(rest) = object.rest {
                    changed |= add(known.rest.get_or_insert_default(), &rest);
                }
                if changed && known.is_held {
                    self.stale |= known.is_looked;
                } else if changed {
                    // Whoever looks at it is given it again, and does so again.
                    known.version += 1;
                }
                if changed && known.is_whole {
                    known.is_whole = false;
                    let again = if known.items.is_empty() {
                        One::Map(number)
                    } else {
                        One::List(number)
                    };
                    self.whole(&only(again));
                }
            }
        }
        number
    }

    pub(super) fn declare(&mut self, chart: usize, name: Name, value: &Known) {
        self.hold(value);
        if add(self.put.entry((chart, name)).or_default(), value) {
            self.stale |= self.asked.contains(&(chart, name));
        }
    }

    /// Something else holds a value from now on.
    pub(super) fn hold(&mut self, value: &Known) {
        for one in value.iter() {
            if let One::Map(number) | One::List(number) = *one
                && let Some(object) = self.objects.get_mut(number)
            {
                object.is_held = true;
            }
        }
    }

    /// Which of its versions the objects that a value may be are in.
    fn version(&self, value: &Known) -> u32 {
        let versions = value.iter().map(|one| match *one {
            One::Map(number) | One::List(number) => {
                self.objects.get(number).map_or(0, |object| object.version)
            }
            _ => 0,
        });
        versions.fold(0, u32::wrapping_add)
    }

    /// An object in which something is looked at.
    pub(super) fn look_into(&mut self, number: usize) -> Option<&Object> {
        let object = self.objects.get_mut(number)?;
        object.is_looked = true;
        Some(object)
    }
}
