//! The frame that shows a finding: the lines that must change and the lines that use them, of
//! several files, in one picture.
//!
//! It draws any [`miette::Diagnostic`]. miette's own renderer shows one file a diagnostic and
//! counts columns in bytes, so annotate-snippets draws instead.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use miette::{Diagnostic, ReportHandler, Severity};

/// Longest line that is shown whole, in bytes; longer ones are cut around the place.
const MAX_LINE: usize = 400;

/// Draws diagnostics.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameHandler {
    /// With colours and hyperlinks.
    pub(super) color: bool,
    /// Columns of the terminal.
    pub(super) width: usize,
}

/// The lines around one label, cut out of their file.
struct Window {
    name: String,
    text: String,
    first_line: usize,
    start: usize,
    end: usize,
    label: Option<String>,
}

/// The window of a diagnostic's first label, if it has one.
fn window(diagnostic: &dyn Diagnostic) -> Option<Window> {
    let source = diagnostic.source_code()?;
    let label = diagnostic.labels()?.next()?;
    // Only the first line of a long place is shown; the rest would bury the message.
    let contents = source.read_span(&(label.offset(), 0).into(), 0, 0).ok()?;
    let line = contents.data();
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let from = (label.offset() - contents.span().offset()).min(line.len());
    let to = from.saturating_add(label.len()).min(line.len());
    let (cut_start, cut_end) = if line.len() <= MAX_LINE {
        (0, line.len())
    } else {
        let half = MAX_LINE / 2;
        (from.saturating_sub(half), (from + half).min(line.len()))
    };
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let before = lossy(&line[cut_start..from]);
    let inside = lossy(&line[from..to.min(cut_end).max(from)]);
    let after = lossy(&line[to.min(cut_end).max(from)..cut_end.max(from)]);
    let start = before.len();
    let end = start + inside.len();
    Some(Window {
        name: contents.name().unwrap_or("-").to_owned(),
        text: before + &inside + &after,
        first_line: contents.line() + 1,
        start,
        end,
        label: label.label().map(str::to_owned),
    })
}

fn snippet(
    window: Window,
    kind: AnnotationKind,
) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    let annotation = kind.span(window.start..window.end).label(window.label);
    Snippet::source(window.text)
        .path(window.name)
        .line_start(window.first_line)
        .annotation(annotation)
}

impl ReportHandler for FrameHandler {
    fn debug(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match diagnostic.severity() {
            Some(Severity::Warning) => Level::WARNING,
            Some(Severity::Advice) => Level::INFO,
            Some(Severity::Error) | None => Level::ERROR,
        };
        let title = level.primary_title(diagnostic.to_string());
        let title = match diagnostic.code() {
            Some(code) => title.id(code.to_string()),
            None => title,
        };
        let mut group = Group::with_title(title);
        let places = std::iter::once((diagnostic, AnnotationKind::Primary)).chain(
            diagnostic
                .related()
                .into_iter()
                .flatten()
                .map(|related| (related, AnnotationKind::Context)),
        );
        for (place, kind) in places {
            match window(place) {
                // There is no line to show of a file that is empty or was not read.
                Some(window) if window.text.is_empty() => {
                    group = group.element(Origin::path(window.name));
                }
                Some(window) => group = group.element(snippet(window, kind)),
                None => {}
            }
        }
        if let Some(help) = diagnostic.help() {
            group = group.element(Level::HELP.message(help.to_string()));
        }
        let renderer = if self.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer
            .term_width(self.width)
            .decor_style(DecorStyle::Ascii);
        f.write_str(&renderer.render(&[group]))
    }
}
