//! Walking the nodes of a template.

use std::rc::Rc;
use std::sync::Arc;

use crate::finding::Frame as TraceFrame;
use crate::source::{ContextId, ContextKind, Origin, OriginId, Prov, Span, Text};
use crate::template::ast::{Action, Branch, Command, Expr, List, Node, Template, TemplateCall};
use crate::template::error::{Cause, ExecError, Failure, Level};
use crate::template::funcs::print;
use crate::template::parse::print as node_print;
use crate::template::value::{Data, Value};

use super::{Engine, MAX_CALL_DEPTH, quoted};

pub(super) type Stop = Box<ExecError>;

/// What a node leaves to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

/// A value, and whether Go holds it in an `interface {}` here: its error messages tell.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) value: Value,
    pub(super) boxed: bool,
}

impl Held {
    pub(super) fn plain(value: Value) -> Self {
        Self {
            value,
            boxed: false,
        }
    }

    pub(super) fn boxed(value: Value) -> Self {
        Self { value, boxed: true }
    }

    /// Go's type of it, for messages.
    pub(super) fn type_name(&self) -> &str {
        if self.boxed || matches!(self.value.data, Data::Nil) {
            "interface {}"
        } else {
            self.value.type_name()
        }
    }

    /// Takes it out of its interface: nil becomes no value.
    pub(super) fn unboxed(mut self) -> Self {
        if matches!(self.value.data, Data::Nil) {
            self.value.data = Data::Missing;
        }
        self.boxed = false;
        self
    }
}

/// The state of one template's execution.
pub(super) struct Frame<'t> {
    pub(super) template: &'t Rc<Template>,
    pub(super) vars: Vec<(&'t str, Held)>,
    pub(super) dot: Held,
    pub(super) out: Text,
}

impl<'t> Frame<'t> {
    pub(super) fn new(template: &'t Rc<Template>, data: Value) -> Self {
        let dot = Held::plain(data).unboxed();
        Self {
            template,
            vars: vec![("$", dot.clone())],
            dot,
            out: Text::new(),
        }
    }
}

/// A node as an error names it: Go's position, what Go prints, its bytes.
#[derive(Clone, Copy)]
pub(super) struct At<'e> {
    pub(super) pos: usize,
    pub(super) node: Shown<'e>,
    pub(super) span: Span,
}

/// What an error quotes. It is printed only when there is an error.
#[derive(Clone, Copy)]
pub(super) enum Shown<'e> {
    Nothing,
    Expr(&'e Expr),
    Command(&'e Command),
    Call(&'e TemplateCall),
}

impl Shown<'_> {
    fn print(self, text: &[u8]) -> String {
        let bytes = match self {
            Self::Nothing => Vec::new(),
            Self::Expr(expr) => node_print::expr(expr, text),
            Self::Command(command) => node_print::command(command, text),
            Self::Call(call) => node_print::template_call(call, text),
        };
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Engine {
    /// An error at a node: where Go says it is, and the bytes to blame.
    pub(super) fn error(&mut self, frame: &Frame<'_>, at: At<'_>, cause: Cause) -> Stop {
        let source = Arc::clone(self.sources.file(at.span.file()));
        let bytes = source.bytes();
        let before = bytes.get(..at.pos.min(bytes.len())).unwrap_or_default();
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let level = Level {
            file: frame.template.parse_name.clone(),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: before.len() - line_start,
            template: frame.template.name.clone(),
            node: at.node.print(bytes),
        };
        let (mut span, mut blame) = self.place(at.span);
        let trace = match &cause {
            Cause::Call(_, Failure::Inner(inner) | Failure::Wrapped(_, inner)) => {
                span = inner.span.or(span);
                blame = inner.blame;
                inner.trace.clone()
            }
            _ => self.trace(),
        };
        Box::new(ExecError {
            level: Some(level),
            cause,
            span,
            trace,
            blame,
        })
    }

    /// How execution came here, innermost first.
    fn trace(&self) -> Vec<TraceFrame> {
        self.origins
            .contexts(self.context)
            .filter_map(|context| {
                let what = match &context.kind {
                    ContextKind::Include(name) => format!("include {}", quoted(name)),
                    ContextKind::Tpl => "tpl".to_owned(),
                    _ => return None,
                };
                let span = context.at?;
                Some(TraceFrame { what, span })
            })
            .take(32)
            .collect()
    }

    pub(super) fn walk_list<'t>(
        &mut self,
        list: &'t List,
        frame: &mut Frame<'t>,
    ) -> Result<Flow, Stop> {
        for node in &list.nodes {
            let flow = self.walk(node, frame)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn walk<'t>(&mut self, node: &'t Node, frame: &mut Frame<'t>) -> Result<Flow, Stop> {
        match node {
            Node::Text(span) => self.copy(*span, frame)?,
            Node::Comment(_) => {}
            Node::Action(action) => self.action(action, frame)?,
            Node::If(branch) => return self.branch(branch, false, frame),
            Node::With(branch) => return self.branch(branch, true, frame),
            Node::Range(branch) => return self.range(branch, frame),
            Node::Template(call) => self.template_call(call, frame)?,
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    /// Writes template text as it is.
    fn copy(&mut self, span: Span, frame: &mut Frame<'_>) -> Result<(), Stop> {
        self.spend_at(1 + span.len() as u64 / 64, frame, span)?;
        self.room(span.len(), frame, span)?;
        if let Some((text, at)) = self.tpl_texts.get(&span.file()) {
            // Text given to `tpl` is text of values or of other templates: it keeps its origins,
            // and where no template wrote it, the call did.
            let (text, at) = (text.slice(span.start(), span.end()), *at);
            let placed = self.placed(&text, at, Prov::NONE);
            frame.out.append(&placed, OriginId::default());
            return Ok(());
        }
        let context = self.context;
        let origin = self.origins.add(Origin {
            at: Some(span),
            exact: true,
            data: Prov::NONE,
            context,
        });
        let source = Arc::clone(self.sources.file(span.file()));
        frame.out.push(source.slice(span), origin, 0);
        Ok(())
    }

    fn room(&mut self, more: usize, frame: &Frame<'_>, span: Span) -> Result<(), Stop> {
        if frame.out.len().saturating_add(more) <= self.budget.output {
            return Ok(());
        }
        let cause = Cause::Budget("this template writes more than a file may hold");
        Err(self.error(frame, bare(span), cause))
    }

    pub(super) fn spend_at(
        &mut self,
        steps: u64,
        frame: &Frame<'_>,
        span: Span,
    ) -> Result<(), Stop> {
        self.burn(steps)
            .map_err(|cause| self.error(frame, bare(span), cause))
    }

    fn action<'t>(&mut self, action: &'t Action, frame: &mut Frame<'t>) -> Result<(), Stop> {
        let held = self.pipe(&action.pipe, frame)?;
        if !action.pipe.decl.is_empty() {
            return Ok(());
        }
        self.print(&held.value, action, frame)
    }

    /// Prints the value of an action.
    fn print(&mut self, value: &Value, action: &Action, frame: &mut Frame<'_>) -> Result<(), Stop> {
        let text = match &value.data {
            Data::Str(text) => Rc::clone(text),
            _ => Rc::new(print::print_value(value)),
        };
        self.spend_at(1 + text.len() as u64 / 64, frame, action.span)?;
        self.room(text.len(), frame, action.span)?;
        if text.segments().is_empty() {
            let data = match &value.data {
                Data::Map(..) | Data::List(_) => value.deep_deps(&mut self.origins),
                _ => value.prov,
            };
            let origin = self.action_origin(action.span, data);
            if !text.is_empty() {
                frame.out.push(text.bytes(), origin, 0);
            } else if !data.is_none() {
                frame.out.mark(origin);
            }
            return Ok(());
        }
        // What decided that it is this text at all belongs to each byte of a line. A text of many
        // lines has marks where its own conditions stand.
        let whole = if text.bytes().contains(&b'\n') {
            Prov::NONE
        } else {
            value.prov
        };
        let (at, more) = self.place(action.span);
        let whole = self.origins.union(whole, more);
        let placed = self.placed(&text, at, whole);
        frame.out.append(&placed, OriginId::default());
        Ok(())
    }

    /// The text with a template place for every segment, and with `more` added to what decided
    /// each.
    fn placed(&mut self, text: &Text, at: Option<Span>, more: Prov) -> Text {
        let mut placed = Text::new();
        let mut known: Option<(OriginId, OriginId)> = None;
        for run in text.runs(0, text.len()) {
            let id = match known {
                Some((from, id)) if from == run.origin => id,
                _ => {
                    let old = *self.origins.origin(run.origin);
                    let mut new = old;
                    if new.at.is_none() {
                        new.at = at;
                        new.context = self.context;
                    }
                    new.data = self.origins.union(new.data, more);
                    let id = if new == old {
                        run.origin
                    } else {
                        self.origins.add(new)
                    };
                    known = Some((run.origin, id));
                    id
                }
            };
            if run.start == run.end {
                placed.mark(id);
            } else {
                let bytes = text.bytes().get(run.start..run.end).unwrap_or_default();
                placed.push(bytes, id, run.skip);
            }
        }
        placed
    }

    /// `if` and `with`.
    fn branch<'t>(
        &mut self,
        branch: &'t Branch,
        is_with: bool,
        frame: &mut Frame<'t>,
    ) -> Result<Flow, Stop> {
        let mark = frame.vars.len();
        let held = self.pipe(&branch.pipe, frame)?;
        let control = held.value.deps(&mut self.origins);
        self.conditions = self.origins.union(self.conditions, control);
        let truth = held.value.truth();
        let kind = if is_with && truth {
            ContextKind::With
        } else {
            ContextKind::If
        };
        let outer = self.enter(kind, branch.pipe.span, control);
        let flow = if truth && is_with {
            let dot = std::mem::replace(&mut frame.dot, held);
            let flow = self.walk_list(&branch.list, frame);
            frame.dot = dot;
            flow
        } else if truth {
            self.walk_list(&branch.list, frame)
        } else {
            self.otherwise(branch, frame)
        };
        self.context = outer;
        frame.vars.truncate(mark);
        self.taint(branch, control, frame);
        flow
    }

    /// The `else` of a branch, or word that bytes could stand here, had the condition been
    /// another.
    pub(super) fn otherwise<'t>(
        &mut self,
        branch: &'t Branch,
        frame: &mut Frame<'t>,
    ) -> Result<Flow, Stop> {
        if let Some(list) = &branch.else_list {
            return self.walk_list(list, frame);
        }
        let context = self.context;
        let at = self.origins.context(context).at;
        let origin = self.origins.add(Origin {
            at,
            exact: false,
            data: Prov::NONE,
            context,
        });
        frame.out.mark(origin);
        Ok(Flow::Next)
    }

    /// What is assigned within a branch depends on its condition, whichever way it went.
    pub(super) fn taint(&mut self, branch: &Branch, control: Prov, frame: &mut Frame<'_>) {
        if control.is_none() {
            return;
        }
        for name in &branch.assigns {
            let var = frame.vars.iter_mut().rev().find(|(var, _)| var == name);
            if let Some((_, held)) = var {
                held.value.prov = self.origins.union(held.value.prov, control);
            }
        }
    }

    fn template_call<'t>(
        &mut self,
        call: &'t TemplateCall,
        frame: &mut Frame<'t>,
    ) -> Result<(), Stop> {
        let at = |span| At {
            pos: call.pos,
            node: Shown::Call(call),
            span,
        };
        let Some(template) = self.set.get(&call.name).map(Rc::clone) else {
            let text = format!("template {} not defined", quoted(&call.name));
            return Err(self.error(frame, at(call.name_span), Cause::Text(text)));
        };
        if self.depth >= MAX_CALL_DEPTH {
            let cause = Cause::Budget("templates call each other too deeply");
            return Err(self.error(frame, at(call.span), cause));
        }
        let dot = match &call.pipe {
            Some(pipe) => self.pipe(pipe, frame)?.value,
            None => Value::missing(),
        };
        self.spend_at(1, frame, call.span)?;
        self.depth += 1;
        let kind = ContextKind::Include(call.name.clone());
        let outer = self.enter(kind, call.span, Prov::NONE);
        let mut inner = Frame::new(&template, dot);
        let walked = self.walk_list(&template.body, &mut inner);
        self.context = outer;
        self.depth -= 1;
        walked?;
        self.room(inner.out.len(), frame, call.span)?;
        frame.out.append(&inner.out, OriginId::default());
        Ok(())
    }

    /// Sets a variable that exists.
    pub(super) fn assign(&mut self, name: &str, mut held: Held, frame: &mut Frame<'_>) {
        // What decided that this assignment is executed decides what the variable holds.
        let control = self.origins.control(self.context, ContextId::default());
        held.value.prov = self.origins.union(held.value.prov, control);
        let var = frame.vars.iter_mut().rev().find(|(var, _)| *var == name);
        if let Some((_, var)) = var {
            *var = held;
        }
    }
}

/// An error's place without a node to print: budgets have none.
fn bare(span: Span) -> At<'static> {
    At {
        pos: span.start(),
        node: Shown::Nothing,
        span,
    }
}
