//! What includes gave before: a template that is given the same data writes the same text again.
//!
//! That is so while nothing that it may have read has changed since, and only for one that changed
//! nothing itself and asked for nothing that differs from call to call, such as the conditions that
//! lie around it. One that asked which file is executed writes the same again in that file. The text then is repeated with contexts of its own, as if
//! it had been executed: its bytes know the call they are there because of.

mod request;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::funcs::{Depth, Function};
use super::super::value::{Data, Map, Value, moment};
use super::program::{Def, Set};
use crate::source::{ContextId, Origin, Origins, Prov, Text};
use request::Keys;
pub(super) use request::Request;

/// No more values are looked through for the scope of a chart.
const MOST_LOOKED: usize = 64;
/// The bytes of text and segments that are kept.
const MOST_BYTES: usize = 8 << 20;

/// What was written before, and what was changed since.
#[derive(Debug)]
pub(super) struct Memo {
    kept: FxHashMap<u64, Kept>,
    bytes: usize,
    /// When maps were changed, and when each of them was made. Both rise: the change of an older
    /// map says all that one of a younger map before it does.
    changes: Vec<(u64, u64)>,
    /// When it last mattered what differs from call to call.
    apart: u64,
    /// When it last mattered which file is executed.
    told_file: u64,
    /// The file that is executed: how many were before it.
    file: u64,
    /// When it last mattered where the keys were written of a map that a template put together.
    keys: u64,
    /// When the maps were made that know the file that is executed: `.Template`, and the scopes of
    /// charts that hold it.
    scopes: FxHashSet<u64>,
    /// When execution began: maps that are older hold no others than they did then.
    began: u64,
    /// They do: nothing is known any more.
    lost: bool,
    /// Whether such a map was changed, which all files of a chart see.
    is_shared_changed: bool,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            kept: FxHashMap::default(),
            bytes: 0,
            changes: Vec::new(),
            apart: 0,
            told_file: 0,
            file: 0,
            keys: 0,
            scopes: FxHashSet::default(),
            began: moment(),
            lost: false,
            is_shared_changed: false,
        }
    }
}

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Watch {
    started: u64,
    before: ContextId,
}

#[derive(Debug)]
struct Kept {
    request: Request,
    keys: Keys,
    /// The only file that it may be repeated in.
    file: Option<u64>,
    started: u64,
    /// The context of the call.
    context: ContextId,
    text: Rc<Text>,
    conditions: Prov,
}

impl Kept {
    /// What it costs to keep it.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + size_of_val(self.text.segments())
    }
}

impl Memo {
    /// Keeps nothing.
    #[cfg(test)]
    pub(super) fn refuse(&mut self) {
        self.lost = true;
    }

    /// A file is about to be executed, in the scope of its chart.
    pub(super) fn enter_file(&mut self, scope: &Value) {
        self.file += 1;
        self.enter_scope(scope);
    }

    fn enter_scope(&mut self, scope: &Value) {
        let Some(map) = scope.as_map() else { return };
        let file = map.get(b"Template");
        if let Some(file) = file.as_ref().and_then(|entry| entry.value.as_map()) {
            self.scopes.insert(file.born());
        }
        if !self.scopes.insert(map.born()) {
            return;
        }
        let inner = map.get(b"Subcharts");
        if let Some(inner) = inner.as_ref().and_then(|entry| entry.value.as_map()) {
            self.scopes.insert(inner.born());
            for entry in inner.entries.borrow().values() {
                self.enter_scope(&entry.value);
            }
        }
    }

    /// A template that is called with data; nothing where no call may be repeated any more.
    pub(super) fn request(&self, set: &Rc<Set>, def: &Rc<Def>, data: &Value) -> Option<Request> {
        let is_scope = |map: &Map| self.scopes.contains(&map.born());
        (!self.lost).then(|| Request::new(set, def, data, is_scope))
    }

    /// A call begins.
    pub(super) fn watch(origins: &mut Origins) -> Watch {
        Watch {
            started: moment(),
            before: origins.watch(),
        }
    }

    /// A call ended: whether it gives the same wherever it is made again. `context` is its own.
    pub(super) fn is_repeatable(
        &self,
        watch: &Watch,
        context: ContextId,
        origins: &mut Origins,
    ) -> bool {
        let lowest = origins.watched(watch.before);
        let is_alone = lowest >= context && self.apart < watch.started;
        is_alone && !self.lost && !self.changed(watch.started)
    }

    /// Keeps what a call gave, where there is room for it.
    pub(super) fn keep(
        &mut self,
        request: Request,
        watch: &Watch,
        context: ContextId,
        text: &Rc<Text>,
        conditions: Prov,
    ) {
        let kept = Kept {
            started: watch.started,
            context,
            text: Rc::clone(text),
            conditions,
            request,
            keys: match self.keys < watch.started {
                true => Keys::Name,
                false => Keys::Origin,
            },
            file: (self.told_file >= watch.started).then_some(self.file),
        };
        let bytes = kept.bytes();
        if self.bytes + bytes > MOST_BYTES {
            return;
        }
        self.bytes += bytes;
        if let Some(before) = self.kept.insert(kept.request.print(), kept) {
            self.bytes = self.bytes.saturating_sub(before.bytes());
        }
    }

    /// What a call gave before, and everything that its conditions depended on. `call` opens the
    /// context of this one.
    pub(super) fn again(
        &mut self,
        request: &Request,
        origins: &mut Origins,
        call: impl FnOnce(&mut Origins) -> ContextId,
    ) -> Option<(Text, Prov)> {
        let kept = self.kept.get(&request.print())?;
        let is_here = kept.file.is_none_or(|file| file == self.file);
        if !is_here || self.changed(kept.started) || !kept.request.is(request, kept.keys) {
            return None;
        }
        // The call that this one is part of depends on as much.
        if kept.file.is_some() {
            self.told_file = moment();
        }
        if kept.keys == Keys::Origin {
            self.keys = moment();
        }
        let context = call(origins);
        let text = repeated(&kept.text, kept.context, context, origins);
        Some((text, kept.conditions))
    }

    /// Notes that a map is about to be changed, and the value that it is given.
    pub(super) fn change(&mut self, map: &Map, value: Option<&Value>) {
        let born = map.born();
        while self.changes.last().is_some_and(|(_, other)| *other >= born) {
            self.changes.pop();
        }
        self.changes.push((moment(), born));
        if born < self.began {
            self.is_shared_changed = true;
            self.lost |= value.is_some_and(|value| self.is_new(value));
        }
    }

    /// Whether anything was changed that other files see, too.
    pub(super) fn is_shared_changed(&self) -> bool {
        self.is_shared_changed
    }

    /// Whether an older map was changed since then.
    fn changed(&self, since: u64) -> bool {
        let first = self.changes.partition_point(|(at, _)| *at < since);
        let oldest = self.changes.get(first);
        oldest.is_some_and(|(_, born)| *born < since)
    }

    /// Notes that the current call depends on more than its data.
    pub(super) fn set_apart(&mut self) {
        self.apart = moment();
    }

    /// Notes that the current call depends on which file is executed.
    fn tell_file(&mut self) {
        self.told_file = moment();
    }

    /// Notes that a field is read.
    pub(super) fn read_field(&mut self, map: &Map, name: &str) {
        let tells_file = match name {
            "Template" => true,
            "Name" | "BasePath" => self.scopes.contains(&map.born()),
            _ => false,
        };
        if tells_file {
            self.tell_file();
        }
    }

    /// Notes that all of a value is looked at.
    pub(super) fn read(&mut self, value: &Value) {
        self.read_keys(value);
        if self.shows_file(value) {
            self.tell_file();
        }
    }

    /// Notes that the origins of keys come into what is made of a value.
    pub(super) fn read_keys(&mut self, value: &Value) {
        if self.is_new(value) {
            self.keys = moment();
        }
    }

    /// Notes that the entries of a collection are taken out, but not looked into.
    pub(super) fn read_entries(&mut self, value: &Value) {
        let is_scope = |map: &Rc<Map>| self.scopes.contains(&map.born());
        if value.as_map().is_some_and(is_scope) {
            self.tell_file();
        }
    }

    /// Notes the call of a function. Gives how many collections were looked through.
    pub(super) fn read_arguments(&mut self, function: &Function, args: &[Value]) -> u64 {
        let mut looked = 0;
        for arg in args {
            // Only collections can hold what is looked for.
            if !matches!(arg.data, Data::Map(..) | Data::List(_)) {
                continue;
            }
            looked += 1;
            if function.tells_keys {
                self.read_keys(arg);
            }
            match function.depth {
                Depth::None => {}
                Depth::Entries => self.read_entries(arg),
                Depth::EntriesUpTo(most) if args.len() <= usize::from(most) => {
                    self.read_entries(arg);
                }
                Depth::EntriesUpTo(_) | Depth::All => self.read(arg),
            }
        }
        looked
    }

    /// Whether a value is the scope of a chart, or may hold it.
    fn shows_file(&self, value: &Value) -> bool {
        let is_scope = |map: &Map| self.scopes.contains(&map.born());
        self.may_hold(value, &mut { MOST_LOOKED }, &is_scope)
    }

    /// Whether a value may come to hold the scope of a chart, if it does not already.
    fn is_new(&self, value: &Value) -> bool {
        let is_new = |map: &Map| map.born() >= self.began || self.scopes.contains(&map.born());
        self.may_hold(value, &mut { MOST_LOOKED }, &is_new)
    }

    /// Whether such a map is in a value, or may be: after so many values this says so. Maps that
    /// are older than the execution hold none.
    fn may_hold(&self, value: &Value, left: &mut usize, is_such: &impl Fn(&Map) -> bool) -> bool {
        let Some(fewer) = left.checked_sub(1) else {
            return true;
        };
        *left = fewer;
        match &value.data {
            Data::Map(_, map) if is_such(map) => true,
            Data::Map(_, map) if map.born() < self.began => false,
            Data::Map(_, map) => {
                let entries = map.entries.borrow();
                let mut values = entries.values().map(|entry| &entry.value);
                values.any(|value| self.may_hold(value, left, is_such))
            }
            Data::List(list) => {
                let mut items = list.items.iter();
                items.any(|item| self.may_hold(item, left, is_such))
            }
            _ => false,
        }
    }
}

/// A text that was written in the context `from` of a call, as it is written in `to`.
fn repeated(text: &Text, from: ContextId, to: ContextId, origins: &mut Origins) -> Text {
    let mut contexts = FxHashMap::default();
    contexts.insert(from, to);
    let mut copy = Text::with_capacity(text.len(), text.segments().len());
    // Runs one behind the other mostly stand in one context, and some are of one origin.
    let mut last = (from, to);
    let mut known = None;
    copy.append_mapped(text, 0, text.len(), |id| {
        if let Some((was, now)) = known
            && was == id
        {
            return now;
        }
        let origin = *origins.origin(id);
        if last.0 != origin.context {
            let context = translated(origin.context, &mut contexts, origins);
            last = (origin.context, context);
        }
        let now = origins.add(Origin {
            context: last.1,
            ..origin
        });
        known = Some((id, now));
        now
    });
    copy.settle(text.home().map(|_| to));
    copy
}

/// A context within a call, as it is within another one. `known` has the call itself.
fn translated(
    context: ContextId,
    known: &mut FxHashMap<ContextId, ContextId>,
    origins: &mut Origins,
) -> ContextId {
    if let Some(now) = known.get(&context) {
        return *now;
    }
    let mut copied = Vec::new();
    let mut at = context;
    let mut now = loop {
        if let Some(now) = known.get(&at) {
            break *now;
        }
        let parent = origins.context(at).parent;
        if parent == at {
            // A text of no call, such as a literal, stands in no context.
            break at;
        }
        copied.push(at);
        at = parent;
    };
    for was in copied.into_iter().rev() {
        let copy = origins.context(was).clone();
        now = origins.enter(now, copy.kind, copy.at, copy.control);
        known.insert(was, now);
    }
    now
}
