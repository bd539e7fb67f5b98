//! Trees back into text, as Go's `Node.String` prints them: what messages show as `at <…>`.
//!
//! Strings are printed as they were written, so every function takes the text that the tree was
//! parsed from. Comments are left out, as Go's parser leaves them out.

use super::super::ast::{Branch, Command, Expr, ExprKind, List, Node, Part, Pipe, TemplateCall};
use crate::golang::quote::quote;
use crate::source::Span;

/// Prints a node, with what is inside it.
#[must_use]
pub fn node(node: &Node, text: &[u8]) -> Vec<u8> {
    print(text, |printer| printer.node(node))
}

/// Prints nodes one behind the other.
#[must_use]
pub fn list(list: &List, text: &[u8]) -> Vec<u8> {
    print(text, |printer| printer.list(list))
}

/// Prints a pipeline, without delimiters.
#[must_use]
pub fn pipe(pipe: &Pipe, text: &[u8]) -> Vec<u8> {
    print(text, |printer| printer.pipe(pipe))
}

/// Prints a command.
#[must_use]
pub fn command(command: &Command, text: &[u8]) -> Vec<u8> {
    print(text, |printer| printer.command(command))
}

/// Prints an operand. A pipeline in parentheses is printed without them, as Go prints it where a
/// message is about it.
#[must_use]
pub fn expr(expr: &Expr, text: &[u8]) -> Vec<u8> {
    print(text, |printer| printer.expr(expr))
}

fn print(text: &[u8], with: impl FnOnce(&mut Printer<'_>)) -> Vec<u8> {
    let mut printer = Printer {
        text,
        out: Vec::new(),
    };
    with(&mut printer);
    printer.out
}

struct Printer<'a> {
    text: &'a [u8],
    out: Vec<u8>,
}

impl Printer<'_> {
    fn push(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    fn source(&mut self, span: Span) {
        let source = self.text.get(span.start()..span.end());
        self.out.extend_from_slice(source.unwrap_or_default());
    }

    fn list(&mut self, list: &List) {
        for node in &list.nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(span) => self.source(*span),
            Node::Comment(_) => {}
            Node::Action(action) => {
                self.push("{{");
                self.pipe(&action.pipe);
                self.push("}}");
            }
            Node::If(branch) => self.branch("if", branch),
            Node::With(branch) => self.branch("with", branch),
            Node::Range(branch) => self.branch("range", branch),
            Node::Template(call) => self.template(call),
            Node::Break(_) => self.push("{{break}}"),
            Node::Continue(_) => self.push("{{continue}}"),
        }
    }

    fn branch(&mut self, keyword: &str, branch: &Branch) {
        self.push("{{");
        self.push(keyword);
        self.push(" ");
        self.pipe(&branch.pipe);
        self.push("}}");
        self.list(&branch.list);
        if let Some(list) = &branch.else_list {
            self.push("{{else}}");
            self.list(list);
        }
        self.push("{{end}}");
    }

    fn template(&mut self, call: &TemplateCall) {
        self.push("{{template ");
        self.push(quote(call.name.as_bytes()));
        if let Some(pipe) = &call.pipe {
            self.push(" ");
            self.pipe(pipe);
        }
        self.push("}}");
    }

    fn pipe(&mut self, pipe: &Pipe) {
        for (at, variable) in pipe.decl.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.push(&variable.name);
        }
        if !pipe.decl.is_empty() {
            self.push(if pipe.is_assign { " = " } else { " := " });
        }
        for (at, command) in pipe.cmds.iter().enumerate() {
            if at > 0 {
                self.push(" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        for (at, arg) in command.args.iter().enumerate() {
            if at > 0 {
                self.push(" ");
            }
            self.argument(arg);
        }
    }

    fn argument(&mut self, expr: &Expr) {
        if let ExprKind::Pipe(pipe) = &expr.kind {
            self.push("(");
            self.pipe(pipe);
            self.push(")");
        } else {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Identifier(callee) => self.push(callee.name()),
            ExprKind::Field(parts) => self.parts(parts),
            ExprKind::Variable(variable) => {
                let (name, parts) = &**variable;
                self.push(name);
                self.parts(parts);
            }
            ExprKind::Chain(chain) => {
                let (of, parts) = &**chain;
                self.argument(of);
                self.parts(parts);
            }
            ExprKind::Dot => self.push("."),
            ExprKind::Nil => self.push("nil"),
            ExprKind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            ExprKind::Number(number) => self.push(&number.text),
            ExprKind::String { .. } => self.source(expr.span),
            ExprKind::Pipe(pipe) => self.pipe(pipe),
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            self.push(".");
            self.push(&part.name);
        }
    }
}
