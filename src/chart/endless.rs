//! Templates that call themselves for certain, whatever the values are. Here they are stopped long
//! before Helm stops them, which has a limit of its own.

use crate::finding::{Finding, Frame};
use crate::source::Sources;
use crate::template::ast::{ExprKind, List, Node, Pipe};
use crate::template::eval::Program;

/// How deep Go lets `template` go.
const MAX_DEPTH: usize = 100_000;
/// No longer cycles are looked for.
const MAX_CYCLE: usize = 100;

/// A call that a template makes whenever it is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call<'p> {
    /// `template "name"`.
    Template(&'p str),
    /// `include "name"`.
    Include(&'p str),
}

impl<'p> Call<'p> {
    fn name(self) -> &'p str {
        match self {
            Self::Template(name) | Self::Include(name) => name,
        }
    }
}

/// What Helm says where the templates around this error call each other without end; `None` where
/// that is not certain.
pub(super) fn message(program: &Program, error: &Finding, sources: &Sources) -> Option<String> {
    let at = error.span;
    let templates = program.templates().into_iter();
    let around = templates.filter(|template| template.span.contains(at));
    let start = around.min_by_key(|template| template.span.len())?;
    let cycle = cycle(program, &start.name)?;
    // The trace calls both by one name, and only an action has delimiters.
    let is_include = |frame: &Frame| {
        let text = sources.file(frame.span.file()).bytes();
        let text = text.get(frame.span.start()..).unwrap_or_default();
        !text.starts_with(b"{{")
    };
    let included = |frame: &Frame| {
        let mut names = cycle.iter().filter_map(|call| match call {
            Call::Include(name) => Some(*name),
            Call::Template(_) => None,
        });
        names.find(|name| is_include(frame) && frame.what == format!("include \"{name}\""))
    };
    // The first one is always ahead of the others.
    Some(match error.trace.iter().rev().find_map(included) {
        Some(name) => format!(
            "error calling include: rendering template has a nested reference name: {name}: unable \
             to execute template"
        ),
        None => format!("exceeded maximum template depth ({MAX_DEPTH})"),
    })
}

/// The calls of a cycle that a template is in for certain.
fn cycle<'p>(program: &'p Program, start: &str) -> Option<Vec<Call<'p>>> {
    let calls = |name: &str| {
        program
            .template(name)
            .map(|template| certain(&template.body))
    };
    // A way of calls, and of each of its templates the calls that are not tried.
    let mut way: Vec<Call<'p>> = Vec::new();
    let mut left = vec![calls(start)?];
    let mut known: Vec<&str> = Vec::new();
    while let Some(open) = left.last_mut() {
        let Some(next) = open.pop() else {
            left.pop();
            way.pop();
            continue;
        };
        if next.name() == start {
            way.push(next);
            return Some(way);
        }
        if way.len() >= MAX_CYCLE || known.contains(&next.name()) {
            continue;
        }
        known.push(next.name());
        if let Some(inner) = calls(next.name()) {
            way.push(next);
            left.push(inner);
        }
    }
    None
}

/// The calls that a list makes whenever it is executed, the last one first.
fn certain(list: &List) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    for node in &list.nodes {
        match node {
            Node::Action(action) => pipe(&action.pipe, &mut calls),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                pipe(&branch.pipe, &mut calls);
            }
            Node::Template(call) => {
                if let Some(argument) = &call.pipe {
                    pipe(argument, &mut calls);
                }
                calls.push(Call::Template(&call.name));
            }
            // What follows may be passed over.
            Node::Break(_) | Node::Continue(_) => break,
            Node::Text(_) | Node::Comment(_) => {}
        }
    }
    calls.reverse();
    calls
}

fn pipe<'p>(pipe: &'p Pipe, calls: &mut Vec<Call<'p>>) {
    for command in &pipe.cmds {
        let Some((first, rest)) = command.args.split_first() else {
            continue;
        };
        let function = match &first.kind {
            ExprKind::Identifier(callee) => callee.name(),
            _ => "",
        };
        // These do not look at all that they are given.
        if matches!(function, "and" | "or") {
            continue;
        }
        for argument in &command.args {
            if let ExprKind::Pipe(inner) = &argument.kind {
                self::pipe(inner, calls);
            }
        }
        if function == "include"
            && let Some(ExprKind::String { value, .. }) = rest.first().map(|name| &name.kind)
            && let Ok(name) = std::str::from_utf8(value)
        {
            calls.push(Call::Include(name));
        }
    }
}
