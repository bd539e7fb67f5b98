//! What stands inside an action: pipelines, commands, operands.

use super::super::ast::{Altered, Command, Expr, ExprKind, Part, Pipe, Variable};
use super::super::funcs::Callee;
use super::number::number;
use super::token::{Kind, Token, offset};
use super::{Parser, Stop, Var, print, taken};
use crate::golang::quote::{quote, unquote};

impl Parser<'_> {
    /// `declarations? command ('|' command)*` up to a token of kind `end`, which is given too.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<(Pipe, Token), Stop> {
        let first = self.peek_non_space();
        let mut pipe = Pipe {
            span: self.span(first.start(), first.start()),
            pos: offset(first.start()),
            is_assign: false,
            decl: Box::default(),
            cmds: Box::default(),
        };
        self.declarations(&mut pipe, context)?;
        let before = self.commands.len();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    pipe.cmds = taken(&mut self.commands, before);
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
                    self.command(&mut pipe)?;
                }
                _ => return self.unexpected(token, context),
            }
        }
    }

    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), Stop> {
        self.declared.clear();
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
                self.declare(variable, operator.kind == Kind::Declare);
            } else if behind.kind == Kind::Space {
                self.backup3(variable, behind);
            } else {
                self.backup2(variable);
            }
            if !is_comma {
                break;
            }
            if context != "range" || self.declared.len() >= 2 {
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
        pipe.decl = taken(&mut self.declared, 0);
        self.note_assignments(pipe);
        Ok(())
    }

    fn declare(&mut self, token: Token, declared: bool) {
        let name = self.name_of(token);
        let span = self.token_span(token);
        self.declared.push(Variable {
            name: name.clone(),
            span,
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

    /// Notes the variables whose map a command changes, and the keys of the maps in those.
    fn note_changes(&mut self, pipe: &Pipe) {
        for command in &pipe.cmds {
            let [function, map, rest @ ..] = &*command.args else {
                continue;
            };
            let ExprKind::Identifier(function) = &function.kind else {
                continue;
            };
            let is_key = matches!(function.name(), "set" | "unset");
            let is_merge = matches!(
                function.name(),
                "merge" | "mustMerge" | "mergeOverwrite" | "mustMergeOverwrite"
            );
            if !is_key && !is_merge {
                continue;
            }
            let (root, fields) = match &map.kind {
                ExprKind::Field(fields) => (None, fields),
                ExprKind::Variable(variable) => (Some(&variable.0), &variable.1),
                _ => continue,
            };
            let vars = &self.tree.vars;
            let at = root.and_then(|name| {
                vars.iter()
                    .rposition(|var| var.declared && var.name == *name)
            });
            match (root, at) {
                (Some(name), Some(at)) if name != "$" && fields.is_empty() => {
                    self.tree.changed.push((at, name.clone()));
                }
                (None, _) | (_, Some(_)) if is_key => {
                    let key = rest.first().and_then(|key| match &key.kind {
                        ExprKind::String { value, .. } => Some(value.to_vec()),
                        _ => None,
                    });
                    let fields = fields.iter().map(|field| field.name.clone()).collect();
                    let root = root.cloned();
                    let altered = Altered { root, fields, key };
                    self.tree.altered.push((at, altered));
                }
                _ => {}
            }
        }
    }

    /// A pipeline has a command, and only its first can be a constant.
    fn check(&mut self, pipe: &mut Pipe, context: &str) {
        self.note_changes(pipe);
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

    /// Operands up to `|` or the end of the pipeline.
    fn command(&mut self, pipe: &mut Pipe) -> Result<(), Stop> {
        let first = self.peek_non_space();
        let before = self.operands.len();
        loop {
            self.operand()?;
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            break;
        }
        let args = taken(&mut self.operands, before);
        let (Some(head), Some(tail)) = (args.first(), args.last()) else {
            let at = self.token_span(self.tree.tokens[0]);
            self.report(at, "empty command");
            return Ok(());
        };
        let span = head.span.cover(tail.span);
        pipe.span = pipe.span.cover(span);
        self.commands.push(Command {
            span,
            pos: offset(first.start()),
            args,
        });
        Ok(())
    }

    /// `term .field*`, if there is a term, which goes to the operands at once: it is moved no more
    /// often than it has to be.
    fn operand(&mut self) -> Result<(), Stop> {
        if self.term()?
            && self.peek().kind == Kind::Field
            && let Some(term) = self.operands.pop()
        {
            let whole = self.fields(term);
            self.operands.push(whole);
        }
        Ok(())
    }

    /// The fields behind a term that has none yet, of which there is at least one.
    fn fields(&mut self, mut term: Expr) -> Expr {
        let first = self.peek();
        let (fields, end) = self.parts();
        let span = self.span(term.span.start(), end);
        if matches!(
            term.kind,
            ExprKind::Bool(_)
                | ExprKind::String { .. }
                | ExprKind::Number(_)
                | ExprKind::Nil
                | ExprKind::Dot
        ) {
            let shown = quote(&print::expr(&term, self.text));
            let blamed = self.span(first.start(), end);
            self.report(blamed, &format!("unexpected . after term {shown}"));
            term.span = span;
            return term;
        }
        // Go makes a new node here, at the place of the first field added.
        Expr {
            span,
            pos: offset(first.start()),
            kind: ExprKind::Chain(Box::new((term, fields))),
        }
    }

    /// The fields that follow, and where the last of them ends.
    fn parts(&mut self) -> (Box<[Part]>, usize) {
        let mut end = 0;
        while self.peek().kind == Kind::Field {
            let token = self.next();
            let part = self.part(token);
            self.parts.push(part);
            end = token.end();
        }
        (taken(&mut self.parts, 0), end)
    }

    fn part(&self, token: Token) -> Part {
        let name = Token::new(token.kind, token.start() + 1, token.end());
        Part {
            name: self.name_of(name),
            span: self.token_span(name),
        }
    }

    /// Whether a term follows, which is among the operands then.
    fn term(&mut self) -> Result<bool, Stop> {
        let token = self.next_non_space();
        let term = match token.kind {
            Kind::LeftParen => self.parenthesized(token)?,
            Kind::Field | Kind::Variable => self.named_term(token),
            _ => match self.simple_term(token) {
                Some(term) => term,
                None => return Ok(false),
            },
        };
        self.operands.push(term);
        Ok(true)
    }

    /// `.a.b` or `$x.a.b`.
    fn named_term(&mut self, token: Token) -> Expr {
        let mut variable = None;
        match token.kind {
            Kind::Field => {
                let part = self.part(token);
                self.parts.push(part);
            }
            _ => {
                let name = self.name_of(token);
                if !self.tree.vars.iter().any(|var| var.name == name) {
                    let shown = quote(name.as_bytes());
                    self.report(
                        self.token_span(token),
                        &format!("undefined variable {shown}"),
                    );
                }
                variable = Some(name);
            }
        }
        let next = self.peek();
        let (parts, end) = self.parts();
        // Go makes a new node for the fields behind, at the place of the first of them.
        let pos = match next.kind {
            Kind::Field => offset(next.start()),
            _ => offset(token.start()),
        };
        Expr {
            span: self.span(token.start(), end.max(token.end())),
            pos,
            kind: match variable {
                Some(name) => ExprKind::Variable(Box::new((name, parts))),
                None => ExprKind::Field(parts),
            },
        }
    }

    /// A term without parts.
    fn simple_term(&mut self, token: Token) -> Option<Expr> {
        let span = self.token_span(token);
        let pos = offset(token.start());
        let kind = match token.kind {
            Kind::Identifier => {
                let name = self.name_of(token);
                let callee = (self.callee)(&name).unwrap_or_else(|| {
                    let shown = quote(self.bytes(token));
                    self.report(span, &format!("function {shown} not defined"));
                    Callee::Unknown(name)
                });
                ExprKind::Identifier(callee)
            }
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Bool => ExprKind::Bool(self.bytes(token) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = number(self.bytes(token), token.kind);
                ExprKind::Number(Box::new(number.unwrap_or_else(|error| {
                    self.report(span, &error);
                    Default::default()
                })))
            }
            Kind::String | Kind::RawString => {
                let value = self.unquoted(token).unwrap_or_else(|| {
                    self.report(span, "invalid syntax");
                    Box::default()
                });
                ExprKind::String { value }
            }
            _ => {
                self.backup();
                return None;
            }
        };
        Some(Expr { span, pos, kind })
    }

    /// The bytes that a string means; nothing where it means none.
    fn unquoted(&self, token: Token) -> Option<Box<[u8]>> {
        let literal = self.bytes(token);
        match literal {
            // No line ends and no other quote is in a token, so that only an escape and what is no
            // text stand for something else.
            [b'"', inner @ .., b'"']
                if self.utf8.is_some() && memchr::memchr(b'\\', inner).is_none() =>
            {
                Some(inner.into())
            }
            _ => unquote(literal).map(Into::into),
        }
    }

    fn parenthesized(&mut self, open: Token) -> Result<Expr, Stop> {
        if !self.descend(open, "max expression depth exceeded") {
            return Err(Stop);
        }
        let inside = self.pipeline("parenthesized pipeline", Kind::RightParen);
        self.depth -= 1;
        let (pipe, close) = inside?;
        Ok(Expr {
            span: self.span(open.start(), close.end()),
            pos: pipe.pos,
            kind: ExprKind::Pipe(Box::new(pipe)),
        })
    }
}
