//! Go's printing of nodes (`node.String()`), which its error messages quote.

use crate::template::ast::{Command, Expr, ExprKind, Part, Pipe, TemplateCall};

/// A pipeline, without delimiters.
#[must_use]
pub fn pipe(pipe: &Pipe) -> String {
    let mut out = String::new();
    write_pipe(&mut out, pipe);
    out
}

/// A command.
#[must_use]
pub fn command(command: &Command) -> String {
    let mut out = String::new();
    write_command(&mut out, command);
    out
}

/// An operand.
#[must_use]
pub fn expr(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr);
    out
}

/// `{{template "name" pipeline}}`.
#[must_use]
pub fn template_call(call: &TemplateCall) -> String {
    let name = crate::golang::quote::quote(call.name.as_bytes());
    let mut out = format!("{{{{template {}", name);
    if let Some(pipe) = &call.pipe {
        out.push(' ');
        write_pipe(&mut out, pipe);
    }
    out.push_str("}}");
    out
}

fn write_pipe(out: &mut String, pipe: &Pipe) {
    if !pipe.decl.is_empty() {
        let names: Vec<&str> = pipe.decl.iter().map(|var| var.name.as_str()).collect();
        out.push_str(&names.join(", "));
        out.push_str(if pipe.is_assign { " = " } else { " := " });
    }
    for (index, command) in pipe.cmds.iter().enumerate() {
        if index > 0 {
            out.push_str(" | ");
        }
        write_command(out, command);
    }
}

fn write_command(out: &mut String, command: &Command) {
    for (index, arg) in command.args.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if let ExprKind::Pipe(pipe) = &arg.kind {
            out.push('(');
            write_pipe(out, pipe);
            out.push(')');
        } else {
            write_expr(out, arg);
        }
    }
}

fn write_fields(out: &mut String, parts: &[Part]) {
    for part in parts {
        out.push('.');
        out.push_str(&part.name);
    }
}

fn write_expr(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Identifier(name) => out.push_str(name),
        ExprKind::Field(parts) => write_fields(out, parts),
        ExprKind::Variable(name, parts) => {
            out.push_str(name);
            write_fields(out, parts);
        }
        ExprKind::Chain(inner, parts) => {
            if let ExprKind::Pipe(pipe) = &inner.kind {
                out.push('(');
                write_pipe(out, pipe);
                out.push(')');
            } else {
                write_expr(out, inner);
            }
            write_fields(out, parts);
        }
        ExprKind::Dot => out.push('.'),
        ExprKind::Nil => out.push_str("nil"),
        ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExprKind::Number(number) => out.push_str(&number.text),
        ExprKind::String { source, .. } => out.push_str(source),
        ExprKind::Pipe(pipe) => write_pipe(out, pipe),
    }
}
