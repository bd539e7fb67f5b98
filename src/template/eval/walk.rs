//! The nodes that execute: text, actions, conditions, loops, calls.

use std::rc::Rc;

use smol_str::{SmolStr, format_smolstr};

use super::super::ast::{Branch, List, Node, TemplateCall};
use super::super::value::{Data, ElemType, IntType, MapType, Value};
use super::program::{ROOT, Unit};
use super::state::{At, Frame, State, Stop, Val, run};
use crate::golang::quote::quote;
use crate::source::{ContextKind, Origin, Prov, Span};

/// Where execution goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// At the next node.
    Next,
    /// Behind the loop.
    Break,
    /// At the loop's next turn.
    Continue,
}

/// The turns of a loop.
enum Turns {
    /// Each with its key or index, and the element.
    Items(Vec<(Value, Val)>),
    /// So many integers from 0, each made by this.
    Count(i64, Counter),
}

/// How a number of turns is counted.
#[derive(Clone, Copy)]
enum Counter {
    /// In integers of Go's own types.
    Plain(IntType),
    /// In those of a type with a name, such as `time.Duration`.
    Named(fn(i64) -> Value),
}

impl<'a> State<'_, 'a> {
    /// Executes nodes one behind the other.
    pub(super) fn list(&mut self, dot: &Val, list: &'a List) -> Result<Flow, Stop> {
        self.deeper()?;
        for node in &list.nodes {
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                self.engine.nesting -= 1;
                return Ok(flow);
            }
        }
        self.engine.nesting -= 1;
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Val, node: &'a Node) -> Result<Flow, Stop> {
        self.at = At::Node(node);
        match node {
            Node::Text(span) => self.copy(*span)?,
            Node::Comment(_) => {}
            Node::Action(action) => {
                let value = self.pipeline(dot, &action.pipe)?;
                if action.pipe.decl.is_empty() {
                    self.at = At::Node(node);
                    self.print(&value.value, action.span)?;
                }
            }
            Node::If(branch) => return self.condition(dot, branch, false),
            Node::With(branch) => return self.condition(dot, branch, true),
            Node::Range(branch) => return self.range(dot, node, branch),
            Node::Template(call) => self.template(dot, node, call)?,
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn condition(&mut self, dot: &Val, branch: &'a Branch, with: bool) -> Result<Flow, Stop> {
        let mark = self.vars.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let truth = value.value.truth();
        let (at, control) = self.decided(branch, &value.value, truth);
        let flow = if truth {
            let kind = if with {
                ContextKind::With
            } else {
                ContextKind::If
            };
            let before = self.enter(kind, at, control);
            let dot = if with { &value } else { dot };
            let start = self.out.len();
            let flow = self.list(dot, &branch.list)?;
            if branch.else_list.is_some() && self.out.len() == start {
                self.leave_mark(branch);
            }
            self.leave(before);
            flow
        } else {
            self.otherwise(dot, branch, at, control)?
        };
        self.vars.truncate(mark);
        self.imply(dot, branch, control);
        self.jumped(branch, at, control, flow);
        Ok(flow)
    }

    /// Behind a branch that may end the turn of a loop, everything up to the end of the loop is
    /// there because of its condition, or is not: then a mark stays.
    fn jumped(&mut self, branch: &Branch, at: Option<Span>, control: Prov, flow: Flow) {
        if !branch.jumps {
            return;
        }
        self.jumps = self.engine.origins.union(self.jumps, control);
        // The turn's own context is left with it.
        self.enter(ContextKind::If, at, self.jumps);
        if flow != Flow::Next {
            self.leave_mark(branch);
        }
    }

    /// Leaves a mark that bytes of a branch could have stood here.
    fn leave_mark(&mut self, branch: &Branch) {
        let (at, data) = self.place(branch.whole);
        let origin = self.engine.origins.add(Origin {
            at,
            exact: false,
            data,
            context: self.frame.context,
        });
        self.out.mark(origin);
    }

    /// Files that a branch was decided. Gives the condition's place and what it depended on.
    fn decided(&mut self, branch: &Branch, value: &Value, body: bool) -> (Option<Span>, Prov) {
        if self.frame.def.unit.text.is_none() {
            self.engine.trail.branch(branch.span, body);
        }
        let (at, text) = self.place(branch.pipe.span);
        let origins = &mut self.engine.origins;
        let deps = value.deps(origins);
        let control = origins.union(deps, text);
        self.conditions = origins.union(self.conditions, control);
        (at, control)
    }

    /// Leaves a mark that the body's bytes could have stood here, and executes the `else`.
    fn otherwise(
        &mut self,
        dot: &Val,
        branch: &'a Branch,
        at: Option<Span>,
        control: Prov,
    ) -> Result<Flow, Stop> {
        let before = self.enter(ContextKind::If, at, control);
        self.leave_mark(branch);
        let flow = match &branch.else_list {
            Some(list) => self.list(dot, list)?,
            None => Flow::Next,
        };
        self.leave(before);
        Ok(flow)
    }

    /// Whichever way a branch went, the variables assigned within hold what they hold because of
    /// its condition, and the maps changed within what is in them.
    fn imply(&mut self, dot: &Val, branch: &Branch, control: Prov) {
        if control.is_none() {
            return;
        }
        let origins = &mut self.engine.origins;
        let (control, mut choice) = (origins.as_control(control), None);
        let assigned = branch.assigns.iter().map(|name| (name, true));
        let changed = branch.changes.iter().map(|name| (name, false));
        for (name, is_assigned) in assigned.chain(changed) {
            if let Some(var) = self.vars.iter_mut().rev().find(|var| var.name == name) {
                let is_one_of =
                    is_assigned && matches!(var.value.data, Data::Map(..) | Data::List(_));
                let because = match is_one_of {
                    true => *choice.get_or_insert_with(|| origins.as_choice(control)),
                    false => control,
                };
                var.value.prov = origins.union(var.value.prov, because);
            }
        }
        self.settle(dot, branch, control);
    }

    fn range(&mut self, dot: &Val, node: &'a Node, branch: &'a Branch) -> Result<Flow, Stop> {
        let outer = self.vars.len();
        let mut value = self.pipeline(dot, &branch.pipe)?.value;
        self.tell_keys(&mut value, None);
        let turns = self.turns(&value, branch)?;
        let count = match &turns {
            Turns::Items(items) => items.len(),
            Turns::Count(count, _) => usize::try_from(*count).unwrap_or(0),
        };
        let (at, control) = self.decided(branch, &value, count > 0);
        let mut flow = Flow::Next;
        if count == 0 {
            flow = self.otherwise(dot, branch, at, control)?;
        }
        let jumps = std::mem::replace(&mut self.jumps, Prov::NONE);
        self.engine.turns.push(0);
        match turns {
            Turns::Items(items) => {
                for (key, element) in items {
                    let name = label(&key, &element.value);
                    if !self.turn(branch, at, control, name, key, element)? {
                        break;
                    }
                }
            }
            Turns::Count(count, kind) => {
                for turn in 0..count {
                    let element = match kind {
                        Counter::Plain(kind) => Data::Int(turn, kind),
                        Counter::Named(of) => of(turn).data,
                    };
                    let element = Value::with(element, value.prov);
                    let name = format_smolstr!("{turn}");
                    let key = Value::missing();
                    if !self.turn(branch, at, control, name, key, Val::of(element))? {
                        break;
                    }
                }
            }
        }
        self.engine.turns.pop();
        self.at = At::Node(node);
        self.vars.truncate(outer);
        let own = std::mem::replace(&mut self.jumps, jumps);
        let implied = self.engine.origins.union(control, own);
        self.imply(dot, branch, implied);
        self.jumped(branch, at, control, flow);
        Ok(flow)
    }

    /// One turn. `false`: it was the last one.
    fn turn(
        &mut self,
        branch: &'a Branch,
        at: Option<Span>,
        control: Prov,
        name: SmolStr,
        key: Value,
        element: Val,
    ) -> Result<bool, Stop> {
        self.step()?;
        let inner = self.vars.len();
        let decl = &branch.pipe.decl;
        if branch.pipe.is_assign {
            match &**decl {
                [only] => self.assign(&only.name, element.clone())?,
                [first, second, ..] => {
                    self.assign(&first.name, Val::of(key))?;
                    self.assign(&second.name, element.clone())?;
                }
                [] => {}
            }
        } else if let Some(last) = inner.checked_sub(1).filter(|_| !decl.is_empty()) {
            if let Some(var) = self.vars.get_mut(last) {
                var.value = element.value.clone();
                var.boxed = element.boxed;
            }
            if decl.len() > 1
                && let Some(var) = last.checked_sub(1).and_then(|at| self.vars.get_mut(at))
            {
                var.value = key;
                var.boxed = false;
            }
        }
        let control = self.engine.origins.union(control, self.jumps);
        let before = self.enter(ContextKind::Range(name), at, control);
        let flow = self.list(&element, &branch.list)?;
        self.leave(before);
        if let Some(turn) = self.engine.turns.last_mut() {
            *turn += 1;
        }
        self.vars.truncate(inner);
        Ok(flow != Flow::Break)
    }

    /// The turns of a loop over a value, taken before the first one as Go does.
    fn turns(&mut self, value: &Value, branch: &Branch) -> Result<Turns, Stop> {
        let order = self.engine.origins.order(value.prov);
        let index = |at: usize| {
            let mut index = Value::int(i64::try_from(at).unwrap_or(i64::MAX));
            index.prov = order;
            index
        };
        self.engine.memo.read_entries(value);
        self.engine.memo.read_keys(value);
        let items = match &value.data {
            Data::Missing | Data::Nil => Vec::new(),
            Data::Int(count, kind) => {
                if branch.pipe.decl.len() > 1 {
                    let message =
                        format!("can't use {count} to iterate over more than one variable");
                    return Err(self.stop(message, value.prov));
                }
                return Ok(Turns::Count((*count).max(0), Counter::Plain(*kind)));
            }
            Data::Object(object) if let Some(integer) = object.integer() => {
                if branch.pipe.decl.len() > 1 {
                    let shown = self.shown(value);
                    let message =
                        format!("can't use {shown} to iterate over more than one variable");
                    return Err(self.stop(message, value.prov));
                }
                let count = integer.value.max(0);
                return Ok(Turns::Count(count, Counter::Named(integer.of)));
            }
            Data::List(list) => {
                let boxed = matches!(list.elem, ElemType::Interface | ElemType::Nil);
                let items = list.items.iter().enumerate();
                items
                    .map(|(at, item)| {
                        let value = item.clone();
                        (index(at), Val { value, boxed })
                    })
                    .collect()
            }
            Data::Bytes(text) => {
                let bytes = text.bytes().iter().enumerate();
                bytes
                    .map(|(at, byte)| {
                        let data = Data::Int(i64::from(*byte), IntType::Uint8);
                        (index(at), Val::of(Value::with(data, value.prov)))
                    })
                    .collect()
            }
            Data::Map(kind, map) => {
                let boxed = *kind != MapType::String;
                let entries = map.entries.borrow();
                entries
                    .iter()
                    .map(|(key, entry)| {
                        let value = entry.value.clone();
                        let mut name = Value::str(&**key);
                        name.prov = entry.key;
                        (name, Val { value, boxed })
                    })
                    .collect()
            }
            Data::Object(object) => match object.entries() {
                Some(entries) if object.kind() == "slice" => entries
                    .into_iter()
                    .enumerate()
                    .map(|(at, (_, value))| (index(at), Val::of(value)))
                    .collect(),
                Some(entries) => entries
                    .into_iter()
                    .map(|(key, value)| (Value::str(&*key), Val::of(value)))
                    .collect(),
                None => return Err(self.no_turns(value)),
            },
            _ => return Err(self.no_turns(value)),
        };
        Ok(Turns::Items(items))
    }

    fn no_turns(&mut self, value: &Value) -> Stop {
        let shown = self.shown(value);
        // Go follows a pointer before it looks at what it is given.
        let shown = match &value.data {
            Data::Object(object) if object.kind() == "ptr" => shown.trim_start_matches('&'),
            _ => &shown,
        };
        self.stop(format!("range can't iterate over {shown}"), value.prov)
    }

    fn template(&mut self, dot: &Val, node: &'a Node, call: &'a TemplateCall) -> Result<(), Stop> {
        let set = self.frame.set;
        if call.name == ROOT {
            self.engine.memo.set_apart();
        }
        let Some(def) = set.get(&call.name).map(Rc::clone) else {
            let message = format!("template {} not defined", quote(call.name.as_bytes()));
            let mut stop = self.stop_at(message, Some(call.name_span), Prov::NONE);
            stop.follows = true;
            return Err(stop);
        };
        let value = match &call.pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Val::of(Value::missing()),
        };
        self.at = At::Node(node);
        let (at, text) = self.place(call.span);
        let kind = ContextKind::Include(call.name.clone());
        let before = self.enter(kind, at, text);
        let frame = Frame {
            set,
            def: &def,
            context: self.frame.context,
            control: self.frame.control,
        };
        let out = std::mem::take(&mut self.out);
        let written = run(self.engine, frame, &value, out)?;
        self.out = written.out;
        self.is_placed &= written.is_placed;
        let conditions = written.conditions;
        self.conditions = self.engine.origins.union(self.conditions, conditions);
        self.leave(before);
        Ok(())
    }

    /// Copies the text of the template.
    fn copy(&mut self, span: Span) -> Result<(), Stop> {
        let unit: &'a Unit = &self.frame.def.unit;
        if let Some(composed) = &unit.text {
            let (from, to) = (span.start(), span.end());
            return self.emit(&composed.text, from..to, composed.prov, None, Prov::NONE);
        }
        let skip = if span.start() == 0 { unit.mark() } else { 0 };
        let from = span.start().saturating_add(skip);
        self.pay(span.end().saturating_sub(from))?;
        let origin = self.engine.origins.add(Origin {
            at: Some(span),
            exact: true,
            data: Prov::NONE,
            context: self.frame.context,
        });
        let text = unit.source.shared();
        self.out.push_part(text, (from, span.end()), origin, skip);
        Ok(())
    }
}

/// No longer text of an element names a turn.
const MAX_LABEL: usize = 63;

/// A key, the element of a list where that is a short text, otherwise the index: for people.
fn label(key: &Value, element: &Value) -> SmolStr {
    let text = |text: &[u8]| SmolStr::new(String::from_utf8_lossy(text));
    match (&key.data, element.as_bytes()) {
        (Data::Int(..), Some(element)) if element.len() <= MAX_LABEL => text(element),
        (Data::Int(value, _), _) => format_smolstr!("{value}"),
        (Data::Str(key), _) => text(key.bytes()),
        _ => SmolStr::default(),
    }
}
