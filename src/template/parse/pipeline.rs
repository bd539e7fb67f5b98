//! What stands inside an action: pipelines, commands, operands.

use super::super::ast::{Command, Expr, ExprKind, Part, Pipe, Variable};
use super::lex::{Kind, Token};
use super::number::number;
use super::{Parser, Stop, Var, print};
use crate::golang::quote::{quote, unquote};

impl Parser<'_> {
    /// `declarations? command ('|' command)*` up to a token of kind `end`, which is given too.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<(Pipe, Token), Stop> {
        let first = self.peek_non_space();
        let mut pipe = Pipe {
            span: self.span(first.start, first.start),
            pos: first.start,
            is_assign: false,
            decl: Vec::new(),
            cmds: Vec::new(),
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    self.check(&mut pipe, context);
                    return Ok((pipe, token));
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    if let Some(command) = self.command()? {
                        pipe.span = pipe.span.cover(command.span);
                        pipe.cmds.push(command);
                    }
                }
                _ => return self.unexpected(token, context),
            }
        }
    }

    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), Stop> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                break;
            }
            self.next();
            // `$x foo` is told from `$x :=` only by the token behind the space, so the space is
            // remembered to be put back.
            let behind = self.peek();
            let next = self.peek_non_space();
            let is_comma = next.kind == Kind::Char && self.bytes(next) == b",";
            if is_comma || matches!(next.kind, Kind::Assign | Kind::Declare) {
                let operator = self.next_non_space();
                pipe.is_assign = operator.kind == Kind::Assign;
                pipe.span = pipe.span.cover(self.token_span(operator));
                self.declare(pipe, variable, operator.kind == Kind::Declare);
            } else if behind.kind == Kind::Space {
                self.backup3(variable, behind);
            } else {
                self.backup2(variable);
            }
            if !is_comma {
                break;
            }
            if context != "range" || pipe.decl.len() >= 2 {
                let at = self.tree.tokens[0];
                return self.stop(at, &format!("too many declarations in {context}"));
            }
            let next = self.peek_non_space();
            if !matches!(
                next.kind,
                Kind::Variable | Kind::RightDelim | Kind::RightParen
            ) {
                let at = self.tree.tokens[0];
                return self.stop(at, "range can only initialize variables");
            }
        }
        self.note_assignments(pipe);
        Ok(())
    }

    fn declare(&mut self, pipe: &mut Pipe, token: Token, declared: bool) {
        let name = self.string(token);
        pipe.decl.push(Variable {
            name: name.clone(),
            span: self.token_span(token),
        });
        self.tree.vars.push(Var { name, declared });
    }

    /// Tells declarations from assignments, which is known only behind the last variable.
    fn note_assignments(&mut self, pipe: &Pipe) {
        let count = pipe.decl.len();
        let first = self.tree.vars.len() - count;
        if !pipe.is_assign {
            for var in self.tree.vars.iter_mut().skip(first) {
                var.declared = true;
            }
            return;
        }
        for variable in &pipe.decl {
            let before = self.tree.vars.get(..first).unwrap_or_default();
            let at = before
                .iter()
                .rposition(|var| var.declared && var.name == variable.name);
            if let Some(at) = at {
                self.tree.assigned.push((at, variable.name.clone()));
            }
        }
    }

    /// A pipeline has a command, and only its first can be a constant.
    fn check(&mut self, pipe: &mut Pipe, context: &str) {
        if pipe.cmds.is_empty() {
            let at = self.token_span(self.tree.tokens[0]);
            self.report(at, &format!("missing value for {context}"));
        }
        let constant = pipe.cmds.iter().enumerate().skip(1).find(|(_, command)| {
            command.args.first().is_some_and(|arg| {
                matches!(
                    arg.kind,
                    ExprKind::Bool(_)
                        | ExprKind::Dot
                        | ExprKind::Nil
                        | ExprKind::Number(_)
                        | ExprKind::String { .. }
                )
            })
        });
        if let Some((stage, command)) = constant {
            let stage = stage + 1;
            self.report(
                command.span,
                &format!("non executable command in pipeline stage {stage}"),
            );
        }
    }

    /// Operands up to `|` or the end of the pipeline; `None`, with the error filed, where there
    /// is none.
    fn command(&mut self) -> Result<Option<Command>, Stop> {
        let first = self.peek_non_space();
        let mut args: Vec<Expr> = Vec::new();
        loop {
            self.peek_non_space();
            args.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            break;
        }
        let (Some(head), Some(tail)) = (args.first(), args.last()) else {
            let at = self.token_span(self.tree.tokens[0]);
            self.report(at, "empty command");
            return Ok(None);
        };
        Ok(Some(Command {
            span: head.span.cover(tail.span),
            pos: first.start,
            args,
        }))
    }

    /// `term .field*`.
    fn operand(&mut self) -> Result<Option<Expr>, Stop> {
        let Some(mut term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut fields = Vec::new();
        let mut end = first.end;
        while self.peek().kind == Kind::Field {
            let token = self.next();
            fields.push(self.part(token));
            end = token.end;
        }
        let span = self.span(term.span.start(), end);
        let kind = match term.kind {
            ExprKind::Field(mut parts) => {
                parts.append(&mut fields);
                ExprKind::Field(parts)
            }
            ExprKind::Variable(name, mut parts) => {
                parts.append(&mut fields);
                ExprKind::Variable(name, parts)
            }
            ExprKind::Bool(_)
            | ExprKind::String { .. }
            | ExprKind::Number(_)
            | ExprKind::Nil
            | ExprKind::Dot => {
                let shown = quote(&print::expr(&term, self.text));
                let blamed = self.span(first.start, end);
                self.report(blamed, &format!("unexpected . after term {shown}"));
                term.span = span;
                return Ok(Some(term));
            }
            kind => ExprKind::Chain(Box::new(Expr { kind, ..term }), fields),
        };
        // Go makes a new node here, at the place of the first field added.
        Ok(Some(Expr {
            span,
            pos: first.start,
            kind,
        }))
    }

    fn part(&self, token: Token) -> Part {
        let name = Token {
            start: token.start + 1,
            ..token
        };
        Part {
            name: self.string(name),
            span: self.token_span(name),
        }
    }

    fn term(&mut self) -> Result<Option<Expr>, Stop> {
        let token = self.next_non_space();
        let mut span = self.token_span(token);
        let mut pos = token.start;
        let kind = match token.kind {
            Kind::Identifier => {
                let name = self.string(token);
                if !(self.is_function)(&name) {
                    let shown = quote(self.bytes(token));
                    self.report(span, &format!("function {shown} not defined"));
                }
                ExprKind::Identifier(name)
            }
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Variable => {
                let name = self.string(token);
                if !self.tree.vars.iter().any(|var| var.name == name) {
                    let shown = quote(name.as_bytes());
                    self.report(span, &format!("undefined variable {shown}"));
                }
                ExprKind::Variable(name, Vec::new())
            }
            Kind::Field => ExprKind::Field(vec![self.part(token)]),
            Kind::Bool => ExprKind::Bool(self.bytes(token) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = number(self.bytes(token), token.kind);
                ExprKind::Number(number.unwrap_or_else(|error| {
                    self.report(span, &error);
                    Default::default()
                }))
            }
            Kind::LeftParen => {
                if !self.descend(token, "max expression depth exceeded") {
                    return Err(Stop);
                }
                let inside = self.pipeline("parenthesized pipeline", Kind::RightParen);
                self.depth -= 1;
                let (pipe, close) = inside?;
                span = span.cover(self.token_span(close));
                pos = pipe.pos;
                ExprKind::Pipe(Box::new(pipe))
            }
            Kind::String | Kind::RawString => {
                let value = unquote(self.bytes(token)).unwrap_or_else(|| {
                    self.report(span, "invalid syntax");
                    Vec::new()
                });
                ExprKind::String {
                    value,
                    raw: token.kind == Kind::RawString,
                }
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Expr { span, pos, kind }))
    }
}
