//! Pipelines, commands, operands.

use crate::golang::quote;
use crate::template::ast::{Command, Expr, ExprKind, Part, Pipe, Variable};

use super::lexer::{Kind, Token};
use super::{MAX_PARENS, Parser, Wrong, number};

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, Wrong> {
        let start = self.peek_non_space().start;
        let mut pipe = Pipe {
            span: self.span(start, start),
            pos: start,
            is_assign: false,
            decl: Vec::new(),
            cmds: Vec::new(),
        };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    self.check(&pipe, context, &token)?;
                    let last = pipe.cmds.last().map_or(start, |command| command.span.end());
                    pipe.span = self.span(start, last);
                    if pipe.is_assign {
                        for variable in &pipe.decl {
                            if !self.assigns.contains(&variable.name) {
                                self.assigns.push(variable.name.clone());
                            }
                        }
                    }
                    return Ok(pipe);
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
                    let command = self.command()?;
                    pipe.cmds.push(command);
                }
                _ => return self.unexpected(&token, context),
            }
        }
    }

    /// `$x :=`, `$x =`, and in a `range` `$k, $v :=`.
    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<(), Wrong> {
        loop {
            let token = self.peek_non_space().clone();
            if token.kind != Kind::Variable {
                return Ok(());
            }
            let back = self.at;
            self.next();
            let next = self.peek_non_space().clone();
            let is_comma = next.kind == Kind::Char && self.bytes(&next) == b",";
            if !is_comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                // An argument, not a declaration.
                self.at = back;
                return Ok(());
            }
            self.next_non_space();
            let name = self.word(&token);
            self.vars.push(name.clone());
            pipe.decl.push(Variable {
                name,
                span: self.span(token.start, token.end),
            });
            if !is_comma {
                pipe.is_assign = next.kind == Kind::Assign;
                return Ok(());
            }
            if context == "range" && pipe.decl.len() < 2 {
                let follows = self.peek_non_space().clone();
                match follows.kind {
                    Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                    _ => return self.error(&follows, "range can only initialize variables"),
                }
            }
            return self.error(&token, &format!("too many declarations in {context}"));
        }
    }

    fn check(&self, pipe: &Pipe, context: &str, end: &Token) -> Result<(), Wrong> {
        if pipe.cmds.is_empty() {
            return self.error(end, &format!("missing value for {context}"));
        }
        for (index, command) in pipe.cmds.iter().enumerate().skip(1) {
            let Some(first) = command.args.first() else {
                continue;
            };
            let is_constant = matches!(
                first.kind,
                ExprKind::Bool(_)
                    | ExprKind::Dot
                    | ExprKind::Nil
                    | ExprKind::Number(_)
                    | ExprKind::String { .. }
            );
            if is_constant {
                let text = format!("non executable command in pipeline stage {}", index + 1);
                let line = self.token(self.at.saturating_sub(1)).line;
                return self.error_in(first.span.start(), first.span.end(), line, &text);
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Command, Wrong> {
        let pos = self.peek_non_space().start;
        let mut args: Vec<Expr> = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                args.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.backup();
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        let Some(last) = args.last() else {
            let token = self.token(self.at.saturating_sub(1)).clone();
            return self.error(&token, "empty command");
        };
        Ok(Command {
            span: self.span(pos, last.span.end()),
            pos,
            args,
        })
    }

    /// A term with the fields behind it.
    fn operand(&mut self) -> Result<Option<Expr>, Wrong> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let pos = self.peek().start;
        let mut parts = Vec::new();
        while self.peek().kind == Kind::Field {
            let token = self.next();
            parts.push(self.part(&token));
        }
        let end = parts.last().map_or(term.span.end(), |part| part.span.end());
        let span = self.span(term.span.start(), end);
        let kind = match term.kind {
            ExprKind::Field(mut fields) => {
                fields.append(&mut parts);
                ExprKind::Field(fields)
            }
            ExprKind::Variable(name, mut fields) => {
                fields.append(&mut parts);
                ExprKind::Variable(name, fields)
            }
            ExprKind::Bool(_)
            | ExprKind::String { .. }
            | ExprKind::Number(_)
            | ExprKind::Nil
            | ExprKind::Dot => {
                let shown = super::print::expr(&term);
                let shown = quote::quote(shown.as_bytes());
                let text = format!("unexpected . after term {shown}");
                let line = self.token(self.at.saturating_sub(1)).line;
                return self.error_in(term.span.start(), end, line, &text);
            }
            _ => ExprKind::Chain(Box::new(term), parts),
        };
        Ok(Some(Expr { span, pos, kind }))
    }

    fn part(&self, token: &Token) -> Part {
        let name = self.word(token);
        Part {
            name: name.trim_start_matches('.').to_owned(),
            span: self.span(token.start + 1, token.end),
        }
    }

    fn term(&mut self) -> Result<Option<Expr>, Wrong> {
        let token = self.next_non_space();
        let kind = match token.kind {
            Kind::Identifier => {
                let name = self.word(&token);
                if !(self.is_function)(&name) {
                    let text = format!("function \"{name}\" not defined");
                    return self.error(&token, &text);
                }
                ExprKind::Identifier(name)
            }
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Variable => {
                let name = self.word(&token);
                if !self.vars.contains(&name) {
                    return self.error(&token, &format!("undefined variable \"{name}\""));
                }
                ExprKind::Variable(name, Vec::new())
            }
            Kind::Field => ExprKind::Field(vec![self.part(&token)]),
            Kind::Bool => ExprKind::Bool(self.bytes(&token) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                match number::number(&self.word(&token), token.kind) {
                    Ok(number) => ExprKind::Number(number),
                    Err(text) => return self.error(&token, &text),
                }
            }
            Kind::LeftParen => {
                if self.parens >= MAX_PARENS {
                    return self.error(&token, "max expression depth exceeded");
                }
                self.parens += 1;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.parens -= 1;
                let end = self.token(self.at.saturating_sub(1)).end;
                return Ok(Some(Expr {
                    span: self.span(token.start, end),
                    pos: pipe.pos,
                    kind: ExprKind::Pipe(Box::new(pipe)),
                }));
            }
            Kind::String | Kind::RawString => match quote::unquote(self.bytes(&token)) {
                Some(value) => ExprKind::String {
                    value,
                    source: self.word(&token),
                },
                None => return self.error(&token, "invalid syntax"),
            },
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Expr {
            span: self.span(token.start, token.end),
            pos: token.start,
            kind,
        }))
    }
}
