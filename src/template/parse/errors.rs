//! What is wrong with a template, and how parsing goes on behind it.

use super::token::{Kind, Token};
use super::{MAX_DEPTH, ParseError, Parser, Stop};
use crate::golang::quote::quote;
use crate::golang::unicode::runes;
use crate::source::{LineIndex, Span};

/// How many errors are told of one text.
const MAX_ERRORS: usize = 100;

impl Parser<'_> {
    /// The line, from 1, that an offset is in.
    pub(super) fn line(&self, offset: usize) -> usize {
        let lines = self.lines.get_or_init(|| LineIndex::new(self.text));
        lines.line(offset)
    }

    /// Files an error at the line of the newest token, which is the one Go names.
    pub(super) fn report(&mut self, span: Span, text: &str) {
        let line = self.line(self.tree.tokens[0].start());
        self.report_line(span, line, text);
    }

    pub(super) fn report_line(&mut self, span: Span, line: usize, text: &str) {
        if self.gave_up {
            return;
        }
        let message = format!("template: {}:{line}: {text}", self.name);
        self.errors.push(ParseError {
            span,
            line,
            core: as_helm(self.name, &message),
            message,
        });
        if self.errors.len() >= MAX_ERRORS {
            self.give_up();
        }
    }

    pub(super) fn give_up(&mut self) {
        self.gave_up = true;
        self.tree.peeked = 0;
        self.lexer.resume(self.text.len());
    }

    /// Files an error and ends the action.
    pub(super) fn stop<T>(&mut self, at: Token, text: &str) -> Result<T, Stop> {
        self.report(self.token_span(at), text);
        self.failed_at = at.start();
        Err(Stop)
    }

    pub(super) fn unexpected<T>(&mut self, token: Token, context: &str) -> Result<T, Stop> {
        if token.kind != Kind::Error {
            let shown = self.show(token);
            return self.stop(token, &format!("unexpected {shown} in {context}"));
        }
        let mut text = self.lexer.error().to_owned();
        let started = self.tree.action.map(|at| self.line(at));
        if let Some(started) = started.filter(|line| *line != self.line(token.start())) {
            if !text.ends_with(" action") {
                text.push_str(" in action");
            }
            text.push_str(&format!(" started at {}:{started}", self.name));
        }
        self.stop(token, &text)
    }

    /// A token as Go's messages show it.
    pub(super) fn show(&self, token: Token) -> String {
        let bytes = self.bytes(token);
        match token.kind {
            Kind::Eof => "EOF".to_owned(),
            kind if kind.is_keyword() => format!("<{}>", String::from_utf8_lossy(bytes)),
            _ if bytes.len() > 10 => {
                let cut = runes(bytes).nth(10).map_or(bytes.len(), |(at, ..)| at);
                let start = bytes.get(..cut).unwrap_or_default();
                format!("{}...", quote(start))
            }
            _ => quote(bytes),
        }
    }

    /// Goes on behind the action that an error stands in.
    pub(super) fn recover(&mut self) {
        self.commands.clear();
        self.operands.clear();
        self.parts.clear();
        if self.gave_up {
            return;
        }
        self.tree.peeked = 0;
        let at = match self.lexer.is_inside() {
            true => self.lexer.next_boundary(self.failed_at),
            false => self.lexer.pos(),
        };
        self.lexer.resume(at);
        self.closed = at;
    }

    /// One level deeper; `false`, with the error filed, where that is one too many.
    pub(super) fn descend(&mut self, at: Token, text: &str) -> bool {
        if self.depth >= MAX_DEPTH {
            self.report(self.token_span(at), text);
            self.give_up();
            return false;
        }
        self.depth += 1;
        true
    }
}

/// Helm's rewriting of a message: the place, which is its second segment, and the last segment.
fn as_helm(name: &str, message: &str) -> String {
    let segments: Vec<&str> = message.split(": ").collect();
    match segments.as_slice() {
        [_, place, .., last] => format!("parse error at ({place}): {last}"),
        [_, last] => format!("parse error at ({last}): {last}"),
        _ => format!("parse error in ({name}): {message}"),
    }
}
