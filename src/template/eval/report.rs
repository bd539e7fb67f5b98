//! Helm 4.3's message of an execution error, made of Go's chain of errors.
//!
//! Helm unwraps the chain and takes every text in it apart; where all of them look like Go's, it
//! prints one block a level, otherwise Go's own single line.

use super::super::error::{ExecError, Failure, Level, TemplateError};
use crate::golang::quote::quote;
use crate::source::Span;

const START: &str = "HELM_ERR_START";
const END: &str = "HELM_ERR_END";

/// The error as Helm tells it. `file` is blamed where nothing smaller is known.
pub(super) fn report(error: ExecError, file: Span) -> TemplateError {
    let core = core(&error);
    let message = message(&error);
    TemplateError {
        message,
        core,
        span: error.span.unwrap_or(file),
        trace: error.trace,
        blame: error.blame,
    }
}

/// What went wrong, without the places.
fn core(error: &ExecError) -> String {
    match &error.cause {
        Failure::Budget(what) => format!("too many {what}"),
        Failure::Fail(text) => text.clone(),
        cause => {
            let text = cause_text(cause);
            match error.levels.last().and_then(|level| level.calling.as_ref()) {
                Some(function) if !text.starts_with("template: ") => {
                    format!("error calling {function}: {text}")
                }
                _ => text,
            }
        }
    }
}

fn cause_text(cause: &Failure) -> String {
    match cause {
        Failure::Message(text) => text.clone(),
        Failure::Fail(text) => format!("{START}{text}{END}"),
        Failure::Budget(what) => format!("too many {what}"),
        Failure::Inner(error) => chain(error).into_iter().next().unwrap_or_default(),
    }
}

/// The texts of all errors in the chain, outermost first: each holds those behind it.
fn chain(error: &ExecError) -> Vec<String> {
    let mut texts = Vec::new();
    let mut text = cause_text(&error.cause);
    if error
        .levels
        .last()
        .is_none_or(|level| level.calling.is_some())
    {
        texts.push(text.clone());
    }
    for level in error.levels.iter().rev() {
        if let Some(wrap) = &level.wrap {
            text = format!("{wrap}: {text}");
            texts.push(text.clone());
        }
        text = level_text(level, &text);
        texts.push(text.clone());
    }
    texts.reverse();
    texts
}

fn level_text(level: &Level, inner: &str) -> String {
    let Level {
        file,
        line,
        column,
        node,
        ..
    } = level;
    let template = quote(level.template.as_bytes());
    let calling = match &level.calling {
        Some(function) => format!("error calling {function}: "),
        None => String::new(),
    };
    format!("template: {file}:{line}:{column}: executing {template} at <{node}>: {calling}{inner}")
}

/// Helm's `reformatExecErrorMsg`.
fn message(error: &ExecError) -> String {
    let texts = chain(error);
    let Some(whole) = texts.first() else {
        return String::new();
    };
    let mut tokens = whole.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (tokens.next(), tokens.next(), tokens.next())
    else {
        return format!("execution error in ({whole})");
    };
    if let Some(text) = warned(rest) {
        return format!("execution error at ({location}): {text}");
    }
    let mut blocks: Vec<Traced<'_>> = Vec::new();
    for text in &texts {
        let Some(traced) = taken_apart(text) else {
            return whole.clone();
        };
        if blocks.last() != Some(&traced) {
            blocks.push(traced);
        }
    }
    let all: String = blocks.iter().map(Traced::print).collect();
    all.trim_matches(char::is_whitespace).to_owned()
}

/// What stands between the first start and the last end.
fn warned(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(START)?;
    let (inside, _) = rest.rsplit_once(END)?;
    Some(inside)
}

/// Helm's `TraceableError`; what is empty is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Traced<'a> {
    location: &'a str,
    executing: Option<(&'a str, &'a str)>,
    message: &'a str,
}

impl Traced<'_> {
    fn print(&self) -> String {
        let mut text = String::new();
        if !self.location.is_empty() {
            text += &format!("{}\n  ", self.location);
        }
        if let Some((template, node)) = self.executing {
            text += &format!("executing \"{template}\" at <{node}>:\n    ");
        }
        if !self.message.is_empty() {
            text += &format!("{}\n", self.message);
        }
        text
    }
}

/// Helm's `parseTemplateExecErrorString`.
fn taken_apart(text: &str) -> Option<Traced<'_>> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(Traced {
            message: text,
            ..Traced::default()
        });
    }
    executing(rest).or_else(|| {
        let (location, message) = rest.rsplit_once(": ")?;
        Some(Traced {
            location,
            executing: None,
            message: first_of(message),
        })
    })
}

fn executing(rest: &str) -> Option<Traced<'_>> {
    let (location, after) = rest.split_once(": executing ")?;
    let (template, after) = after.strip_prefix('"')?.split_once('"')?;
    let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
    Some(Traced {
        location,
        executing: Some((template, node)),
        message: first_of(message),
    })
}

/// A message without the errors behind it.
fn first_of(message: &str) -> &str {
    match message.find(" template:") {
        Some(at) => message.get(..at).unwrap_or(message),
        None => message,
    }
}
