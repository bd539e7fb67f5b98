//! The state of one executing template: variables, place, context, and how it stops.

use std::rc::Rc;

use super::super::ast::{Command, Expr, Node, Pipe};
use super::super::error::{ExecError, Failure, Level};
use super::super::parse::print;
use super::super::value::{Data, Value};
use super::Engine;
use super::program::{Def, Set};
use crate::finding::Frame as TraceFrame;
use crate::source::{ContextId, ContextKind, Prov, Span, Text};

/// Why execution stopped.
pub(super) type Stop = Box<ExecError>;

/// A value as Go's reflection sees it: `boxed` when it was taken out of something whose elements
/// are `interface {}` and not unpacked yet. A pipeline unpacks it. It decides what messages say,
/// and whether looking into a nil is an error.
#[derive(Debug, Clone)]
pub(super) struct Val {
    pub(super) value: Value,
    pub(super) boxed: bool,
}

impl Val {
    /// A value that is in no interface.
    #[inline]
    pub(super) fn of(value: Value) -> Self {
        Self {
            value,
            boxed: false,
        }
        .unpacked()
    }

    pub(super) fn boxed(value: Value) -> Self {
        Self { value, boxed: true }
    }

    /// The value inside; no value where that is nil.
    #[inline]
    pub(super) fn unpacked(mut self) -> Self {
        self.boxed = false;
        if matches!(self.value.data, Data::Nil) {
            self.value.data = Data::Missing;
        }
        self
    }

    /// Go's name of its type.
    pub(super) fn type_name(&self) -> &str {
        if self.boxed {
            "interface {}"
        } else {
            self.value.type_name()
        }
    }
}

/// A variable.
#[derive(Debug)]
pub(super) struct Var<'a> {
    pub(super) name: &'a str,
    pub(super) value: Value,
    /// Whether it still is in an `interface {}`, as what `range` takes out of a collection is.
    pub(super) boxed: bool,
}

/// The node that a message would be about.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    Start,
    Node(&'a Node),
    Pipe(&'a Pipe),
    Command(&'a Command),
    Expr(&'a Expr),
}

impl At<'_> {
    /// Go's position and the node's bytes.
    fn place(self) -> Option<(usize, Span)> {
        let (pos, span) = match self {
            Self::Start => return None,
            Self::Node(node) => match node {
                Node::Text(span) | Node::Comment(span) => return Some((span.start(), *span)),
                Node::Action(action) => (action.pos, action.span),
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                    (branch.pos, branch.span)
                }
                Node::Template(call) => (call.pos, call.span),
                Node::Break(jump) | Node::Continue(jump) => (jump.pos, jump.span),
            },
            Self::Pipe(pipe) => (pipe.pos, pipe.span),
            Self::Command(command) => (command.pos, command.span),
            Self::Expr(expr) => (expr.pos, expr.span),
        };
        Some((pos as usize, span))
    }

    /// The node's bytes.
    pub(super) fn span(self) -> Option<Span> {
        self.place().map(|(_, span)| span)
    }

    fn print(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Start => Vec::new(),
            Self::Node(node) => print::node(node, text),
            Self::Pipe(pipe) => print::pipe(pipe, text),
            Self::Command(command) => print::command(command, text),
            Self::Expr(expr) => print::expr(expr, text),
        }
    }
}

/// Where a template is executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    /// The namespace.
    pub(super) set: &'a Rc<Set>,
    /// The template.
    pub(super) def: &'a Def,
    /// The context of the call.
    pub(super) context: ContextId,
    /// Everything that decided whether execution comes here, from the file's start.
    pub(super) control: Prov,
}

impl<'a> Frame<'a> {
    /// A file.
    pub(super) fn root(set: &'a Rc<Set>, def: &'a Def) -> Self {
        Self {
            set,
            def,
            context: ContextId::default(),
            control: Prov::NONE,
        }
    }
}

/// One executing template.
pub(super) struct State<'e, 'a> {
    pub(super) engine: &'e mut Engine,
    pub(super) frame: Frame<'a>,
    pub(super) at: At<'a>,
    /// The call that is being made.
    pub(super) call: Option<Span>,
    pub(super) vars: Vec<Var<'a>>,
    /// Everything that any condition depended on so far, calls included.
    pub(super) conditions: Prov,
    /// What the conditions around the jumps of the current loop depended on so far.
    pub(super) jumps: Prov,
    pub(super) out: Text,
    /// Whether all that is written has its place in a template: the text of a `tpl` has none.
    pub(super) is_placed: bool,
}

/// What a template wrote.
pub(super) struct Written {
    /// The text, behind what was there before.
    pub(super) out: Text,
    /// Everything that any of its conditions depended on.
    pub(super) conditions: Prov,
    /// See [`State::is_placed`].
    pub(super) is_placed: bool,
}

/// Executes a template and appends what it writes to `out`.
pub(super) fn run(
    engine: &mut Engine,
    frame: Frame<'_>,
    dot: &Val,
    out: Text,
) -> Result<Written, Stop> {
    let before = engine.origins.here();
    engine.origins.stand(frame.context);
    engine.calls += 1;
    let mut state = State {
        engine,
        frame,
        at: At::Start,
        call: None,
        vars: vec![Var {
            name: "$",
            value: dot.value.clone(),
            boxed: false,
        }],
        conditions: Prov::NONE,
        jumps: Prov::NONE,
        out,
        is_placed: frame.def.unit.text.is_none(),
    };
    let done = if state.engine.calls > state.engine.limits.calls {
        Err(state.over("templates that call templates, in depth"))
    } else {
        state.list(dot, &frame.def.template.body)
    };
    let written = Written {
        out: state.out,
        conditions: state.conditions,
        is_placed: state.is_placed,
    };
    engine.calls -= 1;
    engine.origins.stand(before);
    done.map(|_| written)
}

impl<'a> State<'_, 'a> {
    /// Opens a context; what it gives has to be handed to [`State::leave`].
    pub(super) fn enter(
        &mut self,
        kind: ContextKind,
        at: Option<Span>,
        control: Prov,
    ) -> (ContextId, Prov) {
        let before = (self.frame.context, self.frame.control);
        let origins = &mut self.engine.origins;
        self.frame.context = origins.enter(before.0, kind, at, control);
        self.frame.control = origins.union(before.1, control);
        origins.stand(self.frame.context);
        before
    }

    /// Closes the context.
    pub(super) fn leave(&mut self, before: (ContextId, Prov)) {
        (self.frame.context, self.frame.control) = before;
        self.engine.origins.stand(self.frame.context);
    }

    /// The value of a variable.
    pub(super) fn var(&self, name: &str) -> Option<Val> {
        let var = self.vars.iter().rev().find(|var| var.name == name);
        var.map(|var| Val {
            value: var.value.clone(),
            boxed: var.boxed,
        })
    }

    /// Sets the variable that was declared last under this name.
    pub(super) fn assign(&mut self, name: &str, val: Val) -> Result<(), Stop> {
        match self.vars.iter_mut().rev().find(|var| var.name == name) {
            Some(var) => {
                var.value = val.value;
                var.boxed = val.boxed;
                Ok(())
            }
            None => Err(self.stop(format!("undefined variable: {name}"), Prov::NONE)),
        }
    }

    /// Counts one step of work.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        self.burn(1)
    }

    /// Counts work.
    pub(super) fn burn(&mut self, steps: u64) -> Result<(), Stop> {
        let weight = self.engine.origins.weight() + self.engine.grafts.len();
        if weight > self.engine.limits.origins {
            self.engine.fuel = 0;
            return Err(self.over("origins of what is printed"));
        }
        let looks = self.engine.origins.take_looks();
        match self.engine.fuel.checked_sub(steps.saturating_add(looks)) {
            Some(left) => {
                self.engine.fuel = left;
                Ok(())
            }
            None => {
                self.engine.fuel = 0;
                Err(self.over("steps of work on templates"))
            }
        }
    }

    /// Goes one level deeper into blocks or parentheses.
    pub(super) fn deeper(&mut self) -> Result<(), Stop> {
        self.step()?;
        self.engine.nesting += 1;
        if self.engine.nesting > self.engine.limits.nesting {
            return Err(self.over("blocks and calls within each other"));
        }
        Ok(())
    }

    /// The real bytes behind bytes of the text that is executed, and what decided them where that
    /// text is a value. For the text of a `tpl` there may be no bytes of a template.
    pub(super) fn place(&mut self, span: Span) -> (Option<Span>, Prov) {
        let Some(composed) = &self.frame.def.unit.text else {
            return (Some(span), Prov::NONE);
        };
        if composed.text.is_plain() {
            return (None, composed.prov);
        }
        let origins = &mut self.engine.origins;
        let (mut at, mut data, mut complete) = (None::<Span>, Prov::NONE, true);
        for run in composed.text.runs(span.start(), span.end()) {
            if run.start == run.end {
                continue;
            }
            let origin = *origins.origin(run.origin);
            data = origins.union(data, origin.data);
            match origin.at {
                Some(span) => {
                    let here = if origin.exact {
                        span.slice(run.skip, run.skip + run.end - run.start)
                    } else {
                        span
                    };
                    complete &= at.is_none_or(|at| at.file() == here.file());
                    at = Some(at.map_or(here, |at| at.cover(here)));
                }
                None => complete = false,
            }
        }
        (at.filter(|_| complete), data)
    }

    /// Stops with a message of the evaluator's own about the current node.
    #[cold]
    pub(super) fn stop(&mut self, message: impl Into<String>, blame: Prov) -> Stop {
        let span = self.at.span();
        self.stop_at(message, span, blame)
    }

    /// The same, with smaller bytes to blame.
    #[cold]
    pub(super) fn stop_at(
        &mut self,
        message: impl Into<String>,
        span: Option<Span>,
        blame: Prov,
    ) -> Stop {
        let cause = Failure::Message(message.into());
        self.stop_for(cause, span, blame)
    }

    /// Stops because a limit is reached.
    #[cold]
    pub(super) fn over(&mut self, what: &'static str) -> Stop {
        let span = self.at.span();
        self.stop_for(Failure::Budget(what), span, Prov::NONE)
    }

    fn stop_for(&mut self, cause: Failure, span: Option<Span>, blame: Prov) -> Stop {
        let span = span.and_then(|span| self.real(span));
        Box::new(ExecError {
            levels: vec![self.level(None)],
            cause,
            span,
            trace: self.trace(),
            blame,
            wrap: None,
            follows: self.frame.def.unit.broken,
        })
    }

    /// Stops because a function did.
    #[cold]
    pub(super) fn called(&mut self, name: &str, failure: Failure, blame: Prov) -> Stop {
        let mut level = self.level(Some(name.to_owned()));
        let span = self.at.span().and_then(|span| self.real(span));
        let mut error = match failure {
            Failure::Inner(error) => error,
            cause => Box::new(ExecError {
                levels: Vec::new(),
                cause,
                span: None,
                trace: self.trace(),
                blame,
                wrap: None,
                follows: false,
            }),
        };
        level.wrap = error.wrap.take();
        if error.span.is_none() {
            error.span = span;
        }
        error.follows |= self.frame.def.unit.broken;
        error.levels.insert(0, level);
        error
    }

    /// The bytes that a person would look at: those of a template, or the call of the `tpl` whose
    /// text it is.
    fn real(&mut self, span: Span) -> Option<Span> {
        match self.place(span).0 {
            Some(span) => Some(span),
            None => self.frame.def.unit.text.as_ref()?.call,
        }
    }

    fn level(&self, calling: Option<String>) -> Level {
        let unit = &self.frame.def.unit;
        let (line, column) = match self.at.place() {
            Some((pos, _)) => unit.line_column(pos),
            None => (1, 0),
        };
        let node = self.at.print(unit.source.bytes());
        Level {
            file: self.frame.def.template.parse_name.clone(),
            line,
            column,
            template: self.frame.def.template.name.to_string(),
            node: String::from_utf8_lossy(&node).into_owned(),
            calling,
            wrap: None,
        }
    }

    /// How execution came here: the calls, innermost first.
    pub(super) fn trace(&self) -> Vec<TraceFrame> {
        let contexts = self.engine.origins.contexts(self.frame.context);
        contexts
            .filter_map(|context| {
                let what = match &context.kind {
                    ContextKind::Include(name) => format!("include \"{name}\""),
                    ContextKind::Tpl => "tpl".to_owned(),
                    _ => return None,
                };
                let span = context.at?;
                Some(TraceFrame { what, span })
            })
            .collect()
    }
}
