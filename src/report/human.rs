//! What people see in a terminal.

use std::fmt::{self, Write as _};
use std::time::Duration;

use miette::ReportHandler as _;

use crate::engine::{Diagnostic, Report};

use super::frame::{FrameHandler, Note};
use super::{count, inert};

/// How the output may look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How long the run took, for the summary; `None` leaves it out.
    pub took: Option<Duration>,
}

/// How many findings are shown; the rest is counted.
const MAX_SHOWN: usize = 1000;

/// Lets the handler write through `Display`.
struct Drawn<'a>(&'a Diagnostic, FrameHandler);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.debug(self.0, f)
    }
}

/// The findings, each in its frame, and the summary line.
#[must_use]
pub fn human(report: &Report, look: Look) -> String {
    let mut out = String::new();
    for diagnostic in report.diagnostics.iter().take(MAX_SHOWN) {
        let handler = FrameHandler {
            color: look.color,
            width: look.width,
            notes: notes(diagnostic, report),
        };
        let _ = writeln!(out, "{}\n", Drawn(diagnostic, handler));
    }
    if let Some(more) = report.diagnostics.len().checked_sub(MAX_SHOWN)
        && more > 0
    {
        let _ = writeln!(out, "… and {more} more\n");
    }
    summary(&mut out, report, look);
    out
}

/// What belongs to a finding beside its places: how execution came there, and where it applies.
fn notes(diagnostic: &Diagnostic, report: &Report) -> Vec<Note> {
    let mut notes = Vec::new();
    for step in &diagnostic.trace {
        let place = step.at.start_place();
        notes.push(Note {
            name: "",
            text: format!(
                "while in {} at {}:{}:{}",
                inert(&step.what),
                inert(step.at.file.name()),
                place.line,
                place.column
            ),
        });
    }
    if let Some(object) = &diagnostic.object {
        let name = match object.namespace.as_str() {
            "" => object.name.clone(),
            namespace => format!("{namespace}/{}", object.name),
        };
        notes.push(Note {
            name: "object",
            text: format!("{} {}", inert(&object.kind), inert(&name)),
        });
    }
    if diagnostic.environments.len() < report.environments.len() {
        notes.push(Note {
            name: "",
            text: format!("only in {}", inert(&diagnostic.environments.join(", "))),
        });
    }
    notes
}

fn summary(out: &mut String, report: &Report, look: Look) {
    let counts = report.counts();
    let mut linted = Vec::new();
    if report.charts > 0 || report.files == 0 {
        linted.push(count(report.charts, "chart"));
    }
    if report.files > 0 {
        linted.push(count(report.files, "file"));
    }
    linted.push(count(report.objects, "object"));
    linted.push(count(report.environments.len(), "environment"));
    let mut found = vec![
        count(counts.error, "error"),
        count(counts.warning, "warning"),
    ];
    if counts.info > 0 {
        found.push(format!("{} info", counts.info));
    }
    let _ = write!(out, "linted {}: {}", linted.join(", "), found.join(", "));
    if counts.failures > 0 {
        let _ = write!(
            out,
            ", {} that kept something from being linted",
            counts.failures
        );
    }
    if let Some(took) = look.took {
        let _ = write!(out, " in {} ms", took.as_millis().max(1));
    }
    out.push('\n');
}
