//! Why a template stopped, as Go's chain of errors, and as Helm prints it.

use crate::finding::Frame;
use crate::source::{Prov, Span};

/// A template did not parse, or its execution stopped.
#[derive(Debug, Clone)]
pub struct TemplateError {
    /// Helm 4.3's own message, without `Error: ` and without the advice to use `--debug`.
    pub message: String,
    /// The core of it: what went wrong, without the places.
    pub core: String,
    /// The smallest template bytes that are to blame.
    pub span: Option<Span>,
    /// How execution came there, innermost first.
    pub trace: Vec<Frame>,
    /// The values that are to blame, if any.
    pub blame: Prov,
}

/// What a function gives back when it cannot give a value.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The function's own error; the evaluator adds where it was called.
    Message(String),
    /// `fail` and `required`: Helm shows the text as `execution error at (…): text`.
    Fail(String),
    /// A template that the function executed (`include`) stopped.
    Inner(Box<ExecError>),
    /// A template that the function executed stopped, with the function's words before it
    /// (`tpl`): Go's chain then has an element that is no template error.
    Wrapped(String, Box<ExecError>),
    /// A budget was passed; nothing can go on.
    Budget(&'static str),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}

/// One error of Go's `text/template`: where it was executing, and what stopped it.
#[derive(Debug, Clone)]
pub struct ExecError {
    /// `FILE:LINE:COL` and what was executing there; `None` for an error without a node.
    pub level: Option<Level>,
    /// What stopped it.
    pub cause: Cause,
    /// The innermost bytes to blame, in a file a person can see.
    pub span: Option<Span>,
    /// How execution came there, innermost first.
    pub trace: Vec<Frame>,
    /// The values that are to blame, if any.
    pub blame: Prov,
}

/// What stopped an execution.
#[derive(Debug, Clone)]
pub enum Cause {
    /// The evaluator's own words.
    Text(String),
    /// A function failed: its name, and how.
    Call(String, Failure),
    /// A budget was passed.
    Budget(&'static str),
}

/// One `FILE:LINE:COL: executing "NAME" at <NODE>` of Go's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The file's name (`ParseName`).
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Bytes from the start of the line, from 0.
    pub column: usize,
    /// The template that was executing.
    pub template: String,
    /// Go's printing of the node.
    pub node: String,
}

impl Level {
    fn location(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}

impl ExecError {
    /// Go's own text, one line.
    #[must_use]
    pub fn go_text(&self) -> String {
        let inner = match &self.cause {
            Cause::Text(text) => text.clone(),
            Cause::Call(name, failure) => format!("error calling {name}: {}", failure.go_text()),
            Cause::Budget(what) => (*what).to_owned(),
        };
        match &self.level {
            Some(level) => format!(
                "template: {}: executing {:?} at <{}>: {inner}",
                level.location(),
                level.template,
                level.node
            ),
            None => inner,
        }
    }

    /// What went wrong, without the places.
    #[must_use]
    pub fn core(&self) -> String {
        match &self.cause {
            Cause::Text(text) => text.clone(),
            Cause::Call(name, failure) => match failure {
                Failure::Message(text) => format!("error calling {name}: {text}"),
                Failure::Fail(text) => text.clone(),
                Failure::Inner(inner) | Failure::Wrapped(_, inner) => inner.core(),
                Failure::Budget(what) => (*what).to_owned(),
            },
            Cause::Budget(what) => (*what).to_owned(),
        }
    }

    /// The text of a `fail` or `required` anywhere inside.
    fn failed_with(&self) -> Option<&str> {
        match &self.cause {
            Cause::Call(_, Failure::Fail(text)) => Some(text),
            Cause::Call(_, Failure::Inner(inner) | Failure::Wrapped(_, inner)) => {
                inner.failed_with()
            }
            _ => None,
        }
    }

    /// Whether a budget was passed anywhere inside.
    #[must_use]
    pub fn is_budget(&self) -> bool {
        match &self.cause {
            Cause::Budget(_) | Cause::Call(_, Failure::Budget(_)) => true,
            Cause::Call(_, Failure::Inner(inner) | Failure::Wrapped(_, inner)) => inner.is_budget(),
            _ => false,
        }
    }

    /// Helm 4.3's text (`reformatExecErrorMsg` in pkg/engine): one line for `fail` and
    /// `required`; Go's line where a function failed with an error of its own; otherwise a block
    /// of lines for each level.
    #[must_use]
    pub fn helm_text(&self) -> String {
        if let (Some(level), Some(text)) = (&self.level, self.failed_with()) {
            return format!("execution error at ({}): {text}", level.location());
        }
        let mut blocks: Vec<String> = Vec::new();
        let mut at = self;
        loop {
            let (message, next) = match &at.cause {
                Cause::Text(text) => (text.clone(), None),
                Cause::Budget(what) => ((*what).to_owned(), None),
                Cause::Call(name, Failure::Inner(inner)) => {
                    (format!("error calling {name}:"), Some(inner))
                }
                Cause::Call(..) => return self.go_text(),
            };
            let block = match &at.level {
                Some(level) => format!(
                    "{}\n  executing {:?} at <{}>:\n    {message}\n",
                    level.location(),
                    level.template,
                    level.node
                ),
                None => format!("{message}\n"),
            };
            if blocks.last() != Some(&block) {
                blocks.push(block);
            }
            match next {
                Some(inner) => at = inner,
                None => break,
            }
        }
        blocks.concat().trim().to_owned()
    }
}

impl Failure {
    fn go_text(&self) -> String {
        match self {
            Self::Message(text) => text.clone(),
            Self::Fail(text) => text.clone(),
            Self::Inner(inner) => inner.go_text(),
            Self::Wrapped(words, inner) => format!("{words}: {}", inner.go_text()),
            Self::Budget(what) => (*what).to_owned(),
        }
    }
}
