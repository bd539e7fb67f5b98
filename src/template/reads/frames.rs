//! Calls of templates: each is walked once with a certain `.`, and once more only where it may do
//! something else.

use std::mem;
use std::rc::Rc;

use super::Bared;
use super::index::{Index, hash_of};
use super::known::{Known, Object, One};
use super::walk::{MAX_CALLS, MOST, Walk};
use crate::template::ast::Template;

/// What the walk of a template with a certain `.` gave.
#[derive(Debug)]
pub(super) struct Seen {
    bares: Box<[Bared]>,
    fails: bool,
    again: Again,
}

/// What a template would do if it was walked once more, with another `.` that holds the same. Those
/// that it calls with what does not come from there are not walked again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Again {
    /// The steps it would take.
    pub(super) steps: usize,
    /// How many templates would be walked within one another.
    height: usize,
    /// Whether it does something to what is there already, or did not come to its end.
    pub(super) is_own: bool,
}

/// A template with a certain `.`.
#[derive(Debug)]
struct Frame {
    template: *const Template,
    dot: Known,
    /// The round in which it was walked last, and the version of the `.` then.
    round: u32,
    version: u32,
    /// What that gave, as soon as it is done.
    seen: Option<Rc<Seen>>,
    /// Where the walk did nothing but to look at the object that the `.` was: what is known of that
    /// since.
    note: Option<Note>,
}

#[derive(Debug)]
struct Note {
    marks: Marks,
    /// Whether all of the marks are of that walk.
    is_fresh: bool,
    /// The hash of what the object held.
    hash: u32,
}

/// What is known of an object besides what it holds.
#[derive(Debug, Clone, Copy)]
struct Marks {
    is_whole: bool,
    is_looked: bool,
    is_held: bool,
    edits: u32,
}

impl Marks {
    fn of(object: &Object) -> Self {
        Self {
            is_whole: object.is_whole,
            is_looked: object.is_looked,
            is_held: object.is_held,
            edits: object.edits,
        }
    }

    fn is_fresh(self) -> bool {
        !(self.is_whole || self.is_looked || self.is_held)
    }

    /// Whether it has all that `other` has.
    fn has(self, other: Self) -> bool {
        self.is_whole >= other.is_whole
            && self.is_looked >= other.is_looked
            && self.is_held >= other.is_held
    }
}

/// All templates that were called, each with a certain `.`. Their numbers, which begin with 1, are
/// the same in all rounds.
#[derive(Debug)]
pub(super) struct Frames {
    all: Vec<Frame>,
    numbers: Index,
    /// Those of this round that have a note, by its hash.
    alike: Index,
    round: u32,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            all: Vec::with_capacity(MOST),
            numbers: Index::default(),
            alike: Index::default(),
            round: 0,
        }
    }
}

impl Frames {
    pub(super) fn next_round(&mut self) {
        self.round += 1;
        self.alike.clear();
    }

    fn get(&self, number: u32) -> Option<&Frame> {
        self.all.get((number as usize).checked_sub(1)?)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Frame> {
        self.all.get_mut((number as usize).checked_sub(1)?)
    }

    fn find(&self, template: *const Template, dot: &Known, hash: u64) -> Option<u32> {
        let is = |number: u32| {
            let frame = self.get(number);
            frame.is_some_and(|frame| std::ptr::eq(frame.template, template) && frame.dot == *dot)
        };
        self.numbers.find(hash, is)
    }

    fn add(&mut self, template: *const Template, dot: &Known, hash: u64) -> u32 {
        self.all.push(Frame {
            template,
            dot: dot.clone(),
            round: 0,
            version: 0,
            seen: None,
            note: None,
        });
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let all = &self.all;
        let known = |number: u32| {
            let frame = all.get((number as usize).wrapping_sub(1));
            frame.map_or(0, |frame| hash_of((frame.template, &frame.dot)))
        };
        self.numbers.insert(hash, number, known);
        number
    }
}

impl<'p> Walk<'p> {
    /// Walks a template with this `.`.
    pub(super) fn call(&mut self, name: &str, dot: Known) {
        let program = self.program;
        match program.template(name) {
            Some(template) => self.call_template(template, dot),
            None => self.whole(&dot),
        }
    }

    pub(super) fn call_template(&mut self, template: &'p Template, dot: Known) {
        let of = std::ptr::from_ref(template);
        let version = self.version(&dot);
        let hash = hash_of((of, &dot));
        let (known, round) = (self.frames.find(of, &dot, hash), self.frames.round);
        if let Some(frame) = known.and_then(|known| self.frames.get(known))
            && (frame.round, frame.version) == (round, version)
        {
            // A template within itself adds nothing.
            if let Some(seen) = frame.seen.clone() {
                self.inherit(&seen);
            }
            return;
        }
        self.called.insert(of);
        if self.calls >= MAX_CALLS {
            self.again.is_own = true;
            self.whole(&dot);
            return;
        }
        let number = known.unwrap_or_else(|| self.frames.add(of, &dot, hash));
        if let Some(frame) = self.frames.get_mut(number) {
            (frame.round, frame.version) = (round, version);
            frame.seen = None;
            frame.note = None;
        }
        let is_local = self.is_local(&dot);
        let object = self.object(&dot);
        let before = object.map(|object| (Marks::of(object), alike_hash(of, object)));
        let alike = before.and_then(|(marks, hash)| self.alike(of, &dot, marks, hash));
        let seen = match alike {
            Some(seen) => seen,
            None => {
                let seen = Rc::new(self.walk(template, dot.clone(), number));
                if let Some((before, hash)) = before.filter(|_| !seen.again.is_own) {
                    self.note(number, &dot, before, hash);
                }
                seen
            }
        };
        if is_local {
            let again = seen.again;
            self.again.steps = self.again.steps.saturating_add(again.steps);
            self.again.height = self.again.height.max(again.height + 1);
            self.again.is_own |= again.is_own;
        }
        self.inherit(&seen);
        // Those within may have walked it with a later version of its `.`.
        if let Some(frame) = self.frames.get_mut(number)
            && frame.version == version
        {
            frame.seen = Some(seen);
        }
    }

    fn walk(&mut self, template: &'p Template, dot: Known, frame: u32) -> Seen {
        let first_var = mem::replace(&mut self.first_var, self.vars.len());
        self.vars.push(("$", dot.clone()));
        let first_bare = mem::replace(&mut self.first_bare, self.bares.len());
        let fails = mem::replace(&mut self.fails, false);
        let looking = self.looking.take();
        let frame = mem::replace(&mut self.frame, frame);
        let first_guard = mem::replace(&mut self.first_guard, self.guards.len());
        let again = mem::take(&mut self.again);
        let (steps, others) = (self.steps, mem::take(&mut self.others));
        self.calls += 1;
        self.list(&template.body, &dot);
        self.calls -= 1;
        let steps = self.steps.saturating_sub(steps);
        let own = steps.saturating_sub(self.others);
        self.again.steps = self.again.steps.saturating_add(own);
        self.others = others.saturating_add(steps);
        self.first_guard = first_guard;
        self.frame = frame;
        self.looking = looking;
        self.vars.truncate(self.first_var);
        self.first_var = first_var;
        let bares = self.own_bares().into();
        self.first_bare = first_bare;
        Seen {
            bares,
            fails: mem::replace(&mut self.fails, fails),
            again: mem::replace(&mut self.again, again),
        }
    }

    /// What a called template reads, this one reads, within its own conditions.
    fn inherit(&mut self, seen: &Seen) {
        self.fails |= seen.fails;
        let guards = self.guards.len().saturating_sub(self.first_guard);
        if !self.work(seen.bares.len().saturating_mul(guards + 1) / 4) {
            return;
        }
        for ((place, span), guarded) in &seen.bares {
            self.bare(*place, *span, *guarded);
        }
    }

    /// Whether any of this is what the template under way made or was given, so that it would be
    /// something else if that was walked with another `.`.
    fn is_local(&self, value: &Known) -> bool {
        let given = self.frames.get(self.frame).map(|frame| &frame.dot);
        value.iter().any(|one| match one {
            One::Map(number) | One::List(number) => {
                let object = self.objects.get(*number as usize);
                let made = object.and_then(|object| object.made);
                made.is_some_and(|(_, frame)| frame == self.frame)
                    || given.is_some_and(|given| given.contains(one))
            }
            _ => false,
        })
    }

    /// The object that a value is, where it is one.
    fn object(&self, value: &Known) -> Option<&Object> {
        match **value {
            [One::Map(number) | One::List(number)] => self.objects.get(number as usize),
            _ => None,
        }
    }

    /// A template was walked with an object of which this was known before: it need not be walked
    /// with one that holds the same.
    fn note(&mut self, number: u32, dot: &Known, before: Marks, hash: u32) {
        let Some(object) = self.object(dot) else {
            return;
        };
        let marks = Marks::of(object);
        if marks.edits != before.edits {
            return;
        }
        if let Some(frame) = self.frames.get_mut(number) {
            frame.note = Some(Note {
                marks,
                is_fresh: before.is_fresh(),
                hash,
            });
        }
        let all = &self.frames.all;
        let known = |number: u32| {
            let frame = all.get((number as usize).wrapping_sub(1));
            let note = frame.and_then(|frame| frame.note.as_ref());
            note.map_or(0, |note| u64::from(note.hash))
        };
        self.frames.alike.insert(u64::from(hash), number, known);
    }

    /// What the walk of a template gave with another object that holds the same as this one. What
    /// became known of that in the walk is known of this one, too.
    fn alike(
        &mut self,
        template: *const Template,
        dot: &Known,
        marks: Marks,
        hash: u32,
    ) -> Option<Rc<Seen>> {
        let object = self.object(dot)?;
        let is = |number: u32| {
            let Some(frame) = self.frames.get(number) else {
                return false;
            };
            let (Some(note), Some(seen)) = (&frame.note, &frame.seen) else {
                return false;
            };
            let is_known = std::ptr::eq(frame.template, template)
                && frame.round == self.frames.round
                && self.calls + seen.again.height < MAX_CALLS
                && (note.is_fresh || marks.has(note.marks));
            is_known
                && is_list(&frame.dot) == is_list(dot)
                && self
                    .object(&frame.dot)
                    .is_some_and(|other| other.edits == note.marks.edits && other.is_like(object))
        };
        let number = self.frames.alike.find(u64::from(hash), is)?;
        let frame = self.frames.get(number)?;
        let (note, seen) = (frame.note.as_ref()?, frame.seen.clone()?);
        let became = note.marks;
        if let [One::Map(number) | One::List(number)] = **dot
            && let Some(object) = self.objects.get_mut(number as usize)
        {
            object.is_whole |= became.is_whole;
            object.is_looked |= became.is_looked;
            object.is_held |= became.is_held;
        }
        self.charge(seen.again.steps);
        Some(seen)
    }
}

/// The hash of a template and of what an object holds.
fn alike_hash(template: *const Template, object: &Object) -> u32 {
    let hash = hash_of((template, &object.entries, &object.items, &object.rest));
    u32::try_from((hash >> 32) ^ (hash & u64::from(u32::MAX))).unwrap_or_default()
}

fn is_list(value: &Known) -> bool {
    matches!(**value, [One::List(_)])
}
