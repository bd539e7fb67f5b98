//! `aiplat render --origins`: each line with the places that it came from, for people.

use std::fmt::Write as _;

use crate::chart::Rendered;
use crate::source::{FileKind, Span};

use super::inert;

/// The rendered text, each line behind the template line and the values that wrote it.
#[must_use]
pub fn origins(rendered: &Rendered) -> String {
    let text = &rendered.output;
    let mut out = String::new();
    let mut start = 0;
    for line in text.bytes().split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        let content = end - usize::from(line.ends_with(b"\n"));
        let mut places: Vec<String> = Vec::new();
        for run in text.runs(start, content).filter(|run| run.start < run.end) {
            let origin = rendered.origins.origin(run.origin);
            let at = origin.at.map(|at| {
                if origin.exact {
                    at.slice(run.skip, run.skip + 1)
                } else {
                    at
                }
            });
            for span in at.into_iter().chain(rendered.origins.spans(origin.data)) {
                if let Some(place) = place(rendered, span)
                    && !places.contains(&place)
                {
                    places.push(place);
                }
            }
        }
        let shown = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned();
        if places.is_empty() {
            let _ = writeln!(out, "{}", inert(&shown));
        } else {
            let _ = writeln!(out, "{}  # <- {}", inert(&shown), places.join(", "));
        }
        start = end;
    }
    out
}

fn place(rendered: &Rendered, span: Span) -> Option<String> {
    if span.file() == crate::source::FileId::DETACHED {
        return None;
    }
    let file = rendered.sources.file(span.file());
    if file.kind() == FileKind::Rendered {
        return None;
    }
    let line = file.lines().line(span.start());
    Some(format!("{}:{line}", file.name()))
}
