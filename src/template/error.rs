//! Why a template stopped.

use crate::finding::Frame;
use crate::source::{Prov, Span};

/// What Go says where a template reads on below a value that is not there; `.` and the field follow.
pub const NIL_POINTER: &str = "nil pointer evaluating interface {}";

/// A template did not parse, or its execution stopped.
#[derive(Debug, Clone)]
pub struct TemplateError {
    /// Helm 4.3's own message, without `Error: ` and without the advice to use `--debug`.
    pub message: String,
    /// The core of it: what went wrong, without the places.
    pub core: String,
    /// The smallest template bytes that are to blame.
    pub span: Span,
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
    /// A template that the function executed (`include`, `tpl`) stopped, or failed to parse.
    Inner(Box<ExecError>),
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

/// Go's chain of execution errors.
#[derive(Debug, Clone)]
pub struct ExecError {
    /// Outermost first. None where a function failed before a template was executed.
    pub levels: Vec<Level>,
    /// What stopped it.
    pub cause: Failure,
    /// The innermost span to blame.
    pub span: Option<Span>,
    /// How execution came there, innermost first.
    pub trace: Vec<Frame>,
    /// The values that are to blame, if any.
    pub blame: Prov,
    /// What the function that was called says before it tells this error: `tpl` has such words,
    /// `include` has none.
    pub wrap: Option<String>,
    /// Whether it can be the consequence of a file that did not parse: a template that is missing,
    /// or one that has gaps.
    pub follows: bool,
}

/// One `template: FILE:LINE:COL: executing "NAME" at <NODE>: ` of Go's message.
#[derive(Debug, Clone)]
pub struct Level {
    /// The file's name (`parse_name`).
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Bytes from the start of the line, from 0.
    pub column: usize,
    /// The template that was executing.
    pub template: String,
    /// Go's printing of the node.
    pub node: String,
    /// The function that was called, where the error is one of its own or comes from within it.
    pub calling: Option<String>,
    /// What that function says before it tells the next level's error: `tpl` has such words,
    /// `include` has none.
    pub wrap: Option<String>,
}
