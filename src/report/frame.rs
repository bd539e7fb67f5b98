//! The frame that shows a finding: the lines that must change and the lines that use them, of
//! several files, in one picture.
//!
//! It draws any [`miette::Diagnostic`]. miette's own renderer shows one file a diagnostic and
//! counts columns in bytes, so annotate-snippets draws instead.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use miette::{Diagnostic, ReportHandler, Severity, SourceCode};

use super::line::{Cut, Mark, cut};
use super::{count, inert, inert_lines};

/// Lines of one file that are no further apart stand in one picture, with what lies between
/// folded.
const MAX_FOLD: usize = 5_000;

/// How many places of one finding are shown; the rest is counted.
const MAX_PLACES: usize = 50;

/// How many lines between two shown ones are shown too; annotate-snippets folds more.
const MAX_BETWEEN: usize = 2;

/// Columns that the code has at least, however narrow the terminal.
const MIN_WIDTH: usize = 40;

/// A line below the pictures: `= help: …`.
#[derive(Debug, Clone)]
pub(super) struct Note {
    /// What stands before the colon; nothing: no colon either.
    pub(super) name: &'static str,
    /// The text.
    pub(super) text: String,
}

/// Draws diagnostics.
#[derive(Debug, Clone)]
pub(super) struct FrameHandler {
    /// With colours.
    pub(super) color: bool,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// What is told below the pictures, before the help.
    pub(super) notes: Vec<Note>,
}

/// One label, with the line that it starts in.
struct Place<'d> {
    name: String,
    source: &'d dyn SourceCode,
    line: &'d [u8],
    /// The line's number, and where in the file it starts.
    number: usize,
    offset: usize,
    /// Where in the line the label starts and ends.
    from: usize,
    to: usize,
    label: Option<String>,
    kind: AnnotationKind,
}

impl Place<'_> {
    /// `file:line:column`
    fn head(&self) -> String {
        let before = self.line.get(..self.from).unwrap_or_default();
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        format!("{}:{}:{column}", inert(&self.name), self.number)
    }
}

/// What stands above each picture. annotate-snippets counts columns in the text it is given, which
/// is cut: it gets one character in place of each path, and the place is written afterwards.
#[derive(Default)]
struct Heads(Vec<String>);

impl Heads {
    /// The first of the characters: for private use, in a plane that fonts do without.
    const FIRST: u32 = 0xf_0000;
    /// What they begin with in UTF-8, far more of them than there are pictures.
    const BEGINS: u8 = 0xf3;

    fn stand_in(&mut self, head: String) -> String {
        let index = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(head);
        let stand_in = char::from_u32(Self::FIRST.saturating_add(index));
        stand_in.map(String::from).unwrap_or_default()
    }

    fn fill_in(&self, drawn: &str) -> String {
        let mut out = String::with_capacity(drawn.len());
        let mut rest = drawn;
        // They all begin with one byte, as hardly anything else does.
        while let Some(at) = memchr::memchr(Self::BEGINS, rest.as_bytes()) {
            let (before, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(before);
            let mut chars = behind.chars();
            let stand_in = chars.next();
            let index = stand_in.and_then(|c| u32::from(c).checked_sub(Self::FIRST));
            let head = index.and_then(|index| self.0.get(usize::try_from(index).ok()?));
            rest = chars.as_str();
            match head {
                Some(head) => {
                    out.push_str(head);
                    rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
                }
                None => out.extend(stand_in),
            }
        }
        out.push_str(rest);
        out
    }
}

/// The first label of a diagnostic, if it has one.
fn place(diagnostic: &dyn Diagnostic, kind: AnnotationKind) -> Option<Place<'_>> {
    let source = diagnostic.source_code()?;
    let label = diagnostic.labels()?.next()?;
    // Only the first line of a long place is shown; the rest would bury the message.
    let contents = source.read_span(&(label.offset(), 0).into(), 0, 0).ok()?;
    let line = chomp(contents.data());
    let from = (label.offset() - contents.span().offset()).min(line.len());
    let to = from.saturating_add(label.len()).min(line.len());
    Some(Place {
        name: contents.name().unwrap_or("-").to_owned(),
        line,
        number: contents.line() + 1,
        source,
        offset: contents.span().offset(),
        from,
        to,
        label: label.label().map(inert_lines),
        kind,
    })
}

fn chomp(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The places by picture: those of one file that lie near each other are in one, in the order of
/// the first of each.
fn pictures(places: Vec<Place<'_>>) -> Vec<Vec<Place<'_>>> {
    let mut pictures: Vec<Vec<Place<'_>>> = Vec::new();
    for place in places {
        let near = pictures.iter_mut().find(|picture| {
            picture.iter().any(|other| {
                other.name == place.name && other.number.abs_diff(place.number) <= MAX_FOLD
            })
        });
        match near {
            Some(picture) => picture.push(place),
            None => pictures.push(vec![place]),
        }
    }
    pictures
}

/// One picture: the lines of its places, cut to `width` columns, with what lies between them.
fn snippet(
    path: String,
    mut places: Vec<Place<'_>>,
    width: usize,
) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    places.sort_by_key(|place| place.number);
    let first = places.first().map_or(1, |place| place.number);
    let mut text = String::new();
    let mut annotations = Vec::new();
    let mut next = first;
    let mut before: Option<&Place<'_>> = None;
    for group in places.chunk_by(|a, b| a.number == b.number) {
        let Some(head) = group.first() else { continue };
        if let Some(before) = before {
            between(&mut text, before, head.number - next, width);
        }
        let marks: Vec<Mark> = group
            .iter()
            .map(|place| Mark {
                from: place.from,
                to: place.to,
                label: place
                    .label
                    .as_deref()
                    .map_or(0, |label| label.chars().count()),
            })
            .collect();
        let Cut { text: line, marks } = cut(head.line, &marks, width);
        for (place, (from, to)) in group.iter().zip(marks) {
            let span = text.len() + from..text.len() + to;
            annotations.push(place.kind.span(span).label(place.label.clone()));
        }
        text.push_str(&line);
        text.push('\n');
        next = head.number + 1;
        before = Some(head);
    }
    text.pop();
    Snippet::source(text)
        .path(path)
        .line_start(first)
        .annotations(annotations)
}

/// The `count` lines behind the line of `place`: as they are where they are few, and empty where
/// they are folded anyway.
fn between(text: &mut String, place: &Place<'_>, count: usize, width: usize) {
    if count > MAX_BETWEEN {
        text.extend(std::iter::repeat_n('\n', count));
        return;
    }
    let at = (place.offset, 0).into();
    let Ok(contents) = place.source.read_span(&at, 0, count) else {
        text.extend(std::iter::repeat_n('\n', count));
        return;
    };
    let mut lines = contents.data().split_inclusive(|byte| *byte == b'\n');
    lines.next();
    for _ in 0..count {
        let line = chomp(lines.next().unwrap_or_default());
        text.push_str(&cut(line, &[], width).text);
        text.push('\n');
    }
}

impl ReportHandler for FrameHandler {
    fn debug(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match diagnostic.severity() {
            Some(Severity::Warning) => Level::WARNING,
            Some(Severity::Advice) => Level::INFO,
            Some(Severity::Error) | None => Level::ERROR,
        };
        let title = level.primary_title(inert_lines(&diagnostic.to_string()));
        let title = match diagnostic.code() {
            Some(code) => title.id(code.to_string()),
            None => title,
        };
        let mut group = Group::with_title(title);
        let related = diagnostic.related().into_iter().flatten();
        let mut all = std::iter::once((diagnostic, AnnotationKind::Primary))
            .chain(related.map(|related| (related, AnnotationKind::Context)))
            .filter_map(|(diagnostic, kind)| place(diagnostic, kind));
        let places: Vec<Place<'_>> = all.by_ref().take(MAX_PLACES).collect();
        let more = all.count();
        let last = places.iter().map(|place| place.number).max().unwrap_or(1);
        // The number of the line, ` | `.
        let gutter = last.to_string().len() + 3;
        let width = self.width.saturating_sub(gutter).max(MIN_WIDTH);
        let mut heads = Heads::default();
        for picture in pictures(places) {
            let Some(first) = picture.first() else {
                continue;
            };
            // There is no line to show of a file that is empty or was not read.
            if picture.len() == 1 && first.line.is_empty() {
                group = group.element(Origin::path(heads.stand_in(inert(&first.name))));
            } else {
                let path = heads.stand_in(first.head());
                group = group.element(snippet(path, picture, width));
            }
        }
        if more > 0 {
            let text = format!("and {}", count(more, "more place"));
            group = group.element(Level::NOTE.no_name().message(text));
        }
        for note in &self.notes {
            let level = match note.name {
                "" => Level::NOTE.no_name(),
                name => Level::NOTE.with_name(name),
            };
            group = group.element(level.message(note.text.clone()));
        }
        if let Some(help) = diagnostic.help() {
            group = group.element(Level::HELP.message(inert_lines(&help.to_string())));
        }
        let renderer = if self.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        // The lines are cut already, but for characters that take two columns.
        let renderer = renderer
            .term_width(gutter + width)
            .decor_style(DecorStyle::Ascii);
        f.write_str(&heads.fill_in(&renderer.render(&[group])))
    }
}
