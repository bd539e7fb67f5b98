//! `aiplat render --format json`: the text with its origins (format 1).

use std::io::{self, Write};

use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::chart::Rendered;
use crate::engine::Report;
use crate::source::{FileKind, OriginId, Run, Span};

#[derive(Serialize)]
struct SegmentOut<'a> {
    start: usize,
    end: usize,
    origins: Vec<OriginOut<'a>>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Hash)]
struct OriginOut<'a> {
    kind: &'static str,
    file: &'a str,
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    control: bool,
}

/// The output and where each stretch of it came from. Segments follow each other without gap.
#[must_use]
pub fn render_json(rendered: &Rendered, report: &Report) -> String {
    let mut text = Vec::new();
    // Memory takes whatever is written.
    let _ = write_render_json(rendered, report, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes the same piece by piece: of a large chart it is hundreds of megabytes.
///
/// # Errors
/// Those of `out`.
pub fn write_render_json(
    rendered: &Rendered,
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = &rendered.output;
    out.write_all(b"{\"format\":1,\"text\":")?;
    serde_json::to_writer(&mut *out, &String::from_utf8_lossy(text.bytes()))?;
    out.write_all(b",\"segments\":[")?;
    let mut segments = Segments {
        out,
        last: None,
        written: Vec::new(),
        is_first: true,
    };
    let mut ghosts: Vec<OriginId> = Vec::new();
    for run in text.runs(0, text.len()) {
        if run.start == run.end {
            ghosts.push(run.origin);
            continue;
        }
        place(rendered, run, &mut ghosts, &mut segments)?;
    }
    // What stands behind the last byte belongs to it.
    if let Some(last) = &mut segments.last {
        for ghost in ghosts {
            push_all(&mut last.origins, absent(rendered, ghost));
        }
    } else if !text.is_empty() {
        segments.last = Some(SegmentOut {
            start: 0,
            end: text.len(),
            origins: Vec::new(),
        });
    }
    segments.write_last()?;
    out.write_all(b"],\"findings\":")?;
    serde_json::to_writer(&mut *out, &super::json::findings(report))?;
    out.write_all(b"}\n")
}

/// The segments, each of which is written when the next one is there: until then it may change.
struct Segments<'a, 'o> {
    out: &'o mut dyn Write,
    last: Option<SegmentOut<'a>>,
    /// The bytes of one of them.
    written: Vec<u8>,
    is_first: bool,
}

impl<'a> Segments<'a, '_> {
    fn push(&mut self, segment: SegmentOut<'a>) -> io::Result<()> {
        self.write_last()?;
        self.last = Some(segment);
        Ok(())
    }

    fn write_last(&mut self) -> io::Result<()> {
        let Some(last) = self.last.take() else {
            return Ok(());
        };
        self.written.clear();
        if !std::mem::take(&mut self.is_first) {
            self.written.push(b',');
        }
        serde_json::to_writer(&mut self.written, &last)?;
        self.out.write_all(&self.written)
    }
}

/// Adds the segments of a run. Conditions that held something back right before it, and values that
/// printed no byte there, belong to its first byte where that is no space, else to the byte before.
fn place<'a>(
    rendered: &'a Rendered,
    run: Run,
    ghosts: &mut Vec<OriginId>,
    segments: &mut Segments<'a, '_>,
) -> io::Result<()> {
    let origins = origins(rendered, run);
    let mut start = run.start;
    if !ghosts.is_empty() {
        let mut extra = Vec::new();
        for ghost in ghosts.drain(..) {
            push_all(&mut extra, absent(rendered, ghost));
        }
        let first = rendered
            .output
            .bytes()
            .get(run.start)
            .copied()
            .unwrap_or(b' ');
        if first.is_ascii_whitespace() {
            if let Some(last) = &mut segments.last {
                let cut = last.end - 1;
                let mut origins = last.origins.clone();
                push_all(&mut origins, extra);
                if cut > last.start {
                    last.end = cut;
                    segments.push(SegmentOut {
                        start: cut,
                        end: run.start,
                        origins,
                    })?;
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
            })?;
            start += 1;
        }
    }
    if start < run.end {
        segments.push(SegmentOut {
            start,
            end: run.end,
            origins,
        })?;
    }
    Ok(())
}

/// Adds those that are not there yet.
fn push_all<'a>(list: &mut Vec<OriginOut<'a>>, more: impl IntoIterator<Item = OriginOut<'a>>) {
    // A long list is asked by hash: each of its places can decide each of many bytes.
    let mut known: FxHashSet<OriginOut<'a>> = list.iter().copied().collect();
    list.extend(more.into_iter().filter(|origin| known.insert(*origin)));
}

fn origin(rendered: &Rendered, span: Span, control: bool) -> Option<OriginOut<'_>> {
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
        file: file.name(),
        start: span.start(),
        end: span.end(),
        control,
    })
}

fn origins(rendered: &Rendered, run: Run) -> Vec<OriginOut<'_>> {
    let known = rendered.origins.origin(run.origin);
    let at = known.at.map(|at| {
        if known.exact {
            at.slice(run.skip, run.skip + (run.end - run.start))
        } else {
            at
        }
    });
    let (data, control) = rendered.origins.told_apart(known.data);
    let spans = at.into_iter().chain(data).map(|span| (span, false));
    let spans = spans.chain(control.into_iter().map(|span| (span, true)));
    let mut list = Vec::new();
    let shown = spans.filter_map(|(span, control)| origin(rendered, span, control));
    push_all(&mut list, shown.chain(controls(rendered, run.origin)));
    list
}

/// What decided that no bytes of this origin are there: values that printed none, and conditions.
fn absent(rendered: &Rendered, id: OriginId) -> Vec<OriginOut<'_>> {
    let known = rendered.origins.origin(id);
    let data = rendered.origins.spans(known.data).into_iter();
    let mut list = Vec::new();
    let shown = data.filter_map(|span| origin(rendered, span, true));
    push_all(&mut list, shown.chain(controls(rendered, id)));
    list
}

/// What decided whether bytes of this origin appear.
fn controls(rendered: &Rendered, id: OriginId) -> Vec<OriginOut<'_>> {
    let known = rendered.origins.origin(id);
    let contexts = rendered.origins.contexts(known.context);
    let spans = contexts.flat_map(|context| rendered.origins.spans(context.control));
    let mut list = Vec::new();
    push_all(
        &mut list,
        spans.filter_map(|span| origin(rendered, span, true)),
    );
    list
}
