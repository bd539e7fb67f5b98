//! A located finding: what a person reads, at the bytes a person would edit.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::finding::ObjectRef;
use crate::rules::Severity;
use crate::source::{FileKind, LineColumn, SourceFile, Span};

/// Which kind of text a location lies in, as the machine formats name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocationKind {
    /// A values file or a `--set` argument.
    Values,
    /// A template.
    Template,
    /// A plain manifest, `Chart.yaml`, `aiplat.yaml`, a schema.
    File,
    /// A further place that has to do with it.
    Related,
}

impl LocationKind {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Template => "template",
            Self::File => "file",
            Self::Related => "related",
        }
    }

    /// The kind of a place in a text of this kind.
    #[must_use]
    pub fn of(kind: FileKind) -> Self {
        match kind {
            FileKind::Values => Self::Values,
            FileKind::Template => Self::Template,
            FileKind::Chart | FileKind::File | FileKind::Rendered => Self::File,
        }
    }
}

/// Bytes of an input, and a word on them.
#[derive(Debug, Clone)]
pub struct Location {
    /// What kind of place it is.
    pub kind: LocationKind,
    /// The input.
    pub file: Arc<SourceFile>,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
    /// What is there; may be empty.
    pub message: String,
}

impl Location {
    /// The bytes of `span` in `file`, cut to it.
    #[must_use]
    pub fn new(
        kind: LocationKind,
        file: &Arc<SourceFile>,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        let len = file.bytes().len();
        let end = span.end().min(len);
        Self {
            kind,
            file: Arc::clone(file),
            start: span.start().min(end),
            end,
            message: message.into(),
        }
    }

    /// Line and column where it starts.
    #[must_use]
    pub fn start_place(&self) -> LineColumn {
        let file = &self.file;
        file.lines().line_column(file.bytes(), self.start)
    }

    /// Line and column behind its end.
    #[must_use]
    pub fn end_place(&self) -> LineColumn {
        let file = &self.file;
        file.lines().line_column(file.bytes(), self.end)
    }

    /// What two equal locations share: name of the file, start, end.
    #[must_use]
    pub fn key(&self) -> (&str, usize, usize) {
        (self.file.name(), self.start, self.end)
    }
}

/// One step on the way to a place.
#[derive(Debug, Clone)]
pub struct TraceStep {
    /// What was executed: `include "ai-platform.labels"`.
    pub what: String,
    /// Where the call stands.
    pub at: Location,
}

/// A finding with everything that a report shows.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// After the configuration.
    pub severity: Severity,
    /// Whether it says that something could not be linted: exit status 2.
    pub is_failure: bool,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: Option<String>,
    /// Where the rule is documented.
    pub url: String,
    /// The object it is about.
    pub object: Option<ObjectRef>,
    /// The environments that have it, in the order of the configuration.
    pub environments: Vec<String>,
    /// The places; the first is the one a person would edit. Never empty.
    pub locations: Vec<Location>,
    /// How execution came to the place, innermost first.
    pub trace: Vec<TraceStep>,
}

impl Diagnostic {
    /// The place a person would edit.
    #[must_use]
    pub fn primary(&self) -> Option<&Location> {
        self.locations.first()
    }

    /// Kind and name of the object; its namespace is the environment's.
    fn object_name(&self) -> Option<(&str, &str)> {
        let object = self.object.as_ref()?;
        Some((&object.kind, &object.name))
    }

    /// Whether `other` is the same finding, seen in another environment.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.rule == other.rule
            && self.message == other.message
            && self.object_name() == other.object_name()
            && self.locations.len() == other.locations.len()
            && self
                .locations
                .iter()
                .zip(&other.locations)
                .all(|(a, b)| a.key() == b.key())
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.url))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let primary = self.primary()?;
        Some(&primary.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.primary()?.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let rest = self.locations.get(1..)?;
        Some(Box::new(
            rest.iter().map(|at| at as &dyn miette::Diagnostic),
        ))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Location {}

/// A further place of a diagnostic is a diagnostic of its own to miette: its protocol has one
/// source for all labels of one diagnostic.
impl miette::Diagnostic for Location {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = (!self.message.is_empty()).then(|| self.message.clone());
        let span = LabeledSpan::new(label, self.start, self.end - self.start);
        Some(Box::new(std::iter::once(span)))
    }
}

/// The lines that a span touches, with as many before and after as asked for.
impl SourceCode for SourceFile {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let bytes = self.bytes();
        let lines = self.lines();
        if span.offset() > bytes.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = lines
            .line(span.offset())
            .saturating_sub(context_lines_before)
            .max(1);
        let last_byte = span.offset() + span.len().saturating_sub(1);
        let last =
            (lines.line(last_byte.min(bytes.len())) + context_lines_after).min(lines.line_count());
        let start = lines.line_start(first);
        let end = lines.line_start(last + 1).max(start);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name().to_owned(),
            &bytes[start..end],
            (start, end - start).into(),
            first - 1,
            0,
            last - first + 1,
        )))
    }
}
