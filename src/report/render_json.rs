//! `aiplat render --format json`: the text with its origins (format 1).

use serde::Serialize;

use crate::chart::Rendered;
use crate::engine::Report;
use crate::source::{FileKind, OriginId, Run, Span};

#[derive(Serialize)]
struct Output {
    format: u8,
    text: String,
    segments: Vec<SegmentOut>,
    findings: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct SegmentOut {
    start: usize,
    end: usize,
    origins: Vec<OriginOut>,
}

#[derive(Serialize, Clone, PartialEq, Eq)]
struct OriginOut {
    kind: &'static str,
    file: String,
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    control: bool,
}

/// The output and where each stretch of it came from. Segments follow each other without gap.
#[must_use]
pub fn render_json(rendered: &Rendered, report: &Report) -> String {
    let text = &rendered.output;
    let mut segments: Vec<SegmentOut> = Vec::new();
    let mut ghosts: Vec<OriginId> = Vec::new();
    for run in text.runs(0, text.len()) {
        if run.start == run.end {
            ghosts.push(run.origin);
            continue;
        }
        place(rendered, run, &mut ghosts, &mut segments);
    }
    // Conditions behind the last byte belong to it.
    if let Some(last) = segments.last_mut() {
        for ghost in ghosts {
            let controls = controls(rendered, ghost);
            push_all(&mut last.origins, controls);
        }
    } else if !text.is_empty() {
        segments.push(SegmentOut {
            start: 0,
            end: text.len(),
            origins: Vec::new(),
        });
    }
    let output = Output {
        format: 1,
        text: String::from_utf8_lossy(text.bytes()).into_owned(),
        segments,
        findings: super::json::findings(report),
    };
    let mut text = serde_json::to_string(&output).unwrap_or_default();
    text.push('\n');
    text
}

/// Adds the segments of a run. Conditions that held nothing back right before it belong to its
/// first byte where that is no space, else to the byte before.
fn place(
    rendered: &Rendered,
    run: Run,
    ghosts: &mut Vec<OriginId>,
    segments: &mut Vec<SegmentOut>,
) {
    let origins = origins(rendered, run);
    let mut start = run.start;
    if !ghosts.is_empty() {
        let mut extra = Vec::new();
        for ghost in ghosts.drain(..) {
            push_all(&mut extra, controls(rendered, ghost));
        }
        let first = rendered
            .output
            .bytes()
            .get(run.start)
            .copied()
            .unwrap_or(b' ');
        if first.is_ascii_whitespace() {
            let before = run
                .start
                .checked_sub(1)
                .and_then(|at| rendered.output.bytes().get(at));
            if before.is_some_and(|byte| !byte.is_ascii_whitespace())
                && let Some(last) = segments.last_mut()
            {
                let cut = last.end - 1;
                let mut origins = last.origins.clone();
                push_all(&mut origins, extra);
                if cut > last.start {
                    last.end = cut;
                    segments.push(SegmentOut {
                        start: cut,
                        end: run.start,
                        origins,
                    });
                } else {
                    last.origins = origins;
                }
            }
        } else if !extra.is_empty() {
            let mut first = origins.clone();
            push_all(&mut first, extra);
            segments.push(SegmentOut {
                start,
                end: start + 1,
                origins: first,
            });
            start += 1;
        }
    }
    if start < run.end {
        segments.push(SegmentOut {
            start,
            end: run.end,
            origins,
        });
    }
}

fn push_all(list: &mut Vec<OriginOut>, more: Vec<OriginOut>) {
    for origin in more {
        if !list.contains(&origin) {
            list.push(origin);
        }
    }
}

fn origin(rendered: &Rendered, span: Span, control: bool) -> Option<OriginOut> {
    if span.file() == crate::source::FileId::DETACHED {
        return None;
    }
    let file = rendered.sources.file(span.file());
    let kind = match file.kind() {
        FileKind::Template => "template",
        FileKind::Values => "values",
        FileKind::Chart => "chart",
        FileKind::File => "file",
        FileKind::Rendered => return None,
    };
    Some(OriginOut {
        kind,
        file: file.name().to_owned(),
        start: span.start(),
        end: span.end(),
        control,
    })
}

fn origins(rendered: &Rendered, run: Run) -> Vec<OriginOut> {
    let known = rendered.origins.origin(run.origin);
    let mut list = Vec::new();
    if let Some(at) = known.at {
        let span = if known.exact {
            at.slice(run.skip, run.skip + (run.end - run.start))
        } else {
            at
        };
        list.extend(origin(rendered, span, false));
    }
    for span in rendered.origins.spans(known.data) {
        push_all(
            &mut list,
            origin(rendered, span, false).into_iter().collect(),
        );
    }
    push_all(&mut list, controls(rendered, run.origin));
    list
}

/// What decided whether bytes of this origin appear.
fn controls(rendered: &Rendered, id: OriginId) -> Vec<OriginOut> {
    let known = rendered.origins.origin(id);
    let mut list = Vec::new();
    for context in rendered.origins.contexts(known.context) {
        for span in rendered.origins.spans(context.control) {
            push_all(
                &mut list,
                origin(rendered, span, true).into_iter().collect(),
            );
        }
    }
    list
}
