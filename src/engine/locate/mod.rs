//! From the span a layer saw to the bytes a person would edit.
//!
//! A span of a rendered document is looked up in the document's segments: they name the template
//! bytes that wrote it and the values that were printed there. The first location is the values
//! key where the wrong thing was written in a values file, otherwise the template; the other of
//! the two follows.

mod absent;
mod part;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use memchr::{memmem, memrchr};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::chart::{Manifest, Rendered};
use crate::finding::{Finding, Label};
use crate::source::{ContextId, ContextKind, FileId, FileKind, Origins, Run, Sources, Span};
use crate::template::untaken::{Bodies, Missed};

use super::values_tree::{ReadFiles, ValuesTrees};
use super::{Diagnostic, Location, LocationKind, TraceStep};
use part::Part;

/// How many further value places a diagnostic names.
const MAX_VALUE_PLACES: usize = 3;
/// How many literals that something was made of are looked at.
const MAX_LITERALS: usize = 64;
/// How far before a call the delimiter of its action is looked for.
const MAX_DELIMITED: usize = 256;
/// How many steps of a trace are kept.
const MAX_TRACE: usize = 16;

/// Finds places for the findings of one rendering.
pub(super) struct Locator<'a> {
    sources: &'a Sources,
    origins: &'a Origins,
    manifests: HashMap<FileId, &'a Manifest>,
    values: ValuesTrees<'a>,
    bodies: OnceCell<Bodies>,
    missed: RefCell<HashMap<Span, Rc<[Missed]>>>,
}

/// Where a span of rendered text came from.
#[derive(Debug, Default)]
struct Places {
    template: Option<Span>,
    /// Places in values files, the one that decided the first byte first.
    values: Vec<Span>,
    /// Places in `Chart.yaml` and other files.
    files: Vec<Span>,
    /// Literals in templates that something was made of.
    literals: Vec<Span>,
    trace: Vec<(String, Span)>,
    /// Whether the values kept a branch from being taken that would have written what is absent.
    is_left_out: bool,
}

impl<'a> Locator<'a> {
    pub(super) fn new(rendered: &'a Rendered) -> Self {
        Self::with(rendered, ReadFiles::new())
    }

    /// As [`Locator::new`], where values files were read already.
    pub(super) fn with(rendered: &'a Rendered, read: ReadFiles) -> Self {
        Self {
            sources: &rendered.sources,
            origins: &rendered.origins,
            manifests: rendered
                .manifests
                .iter()
                .map(|manifest| (manifest.file, manifest))
                .collect(),
            values: ValuesTrees::new(&rendered.sources, read),
            bodies: OnceCell::new(),
            missed: RefCell::default(),
        }
    }

    /// The places of a finding, the one to edit first, and the way to it.
    pub(super) fn locate(&self, finding: &Finding) -> (Vec<Location>, Vec<TraceStep>) {
        let mut locations = Vec::new();
        let mut trace: Vec<(String, Span)> = finding
            .trace
            .iter()
            .map(|frame| (frame.what.clone(), frame.span))
            .collect();
        if let Some(manifest) = self.rendered(finding.span) {
            let mut places = if finding.absent.is_empty() {
                self.places(manifest, finding.span)
            } else {
                self.places_of_absent(manifest, finding)
            };
            if let Some(value) = finding.value {
                // Of the others only aliases of it have to do with it.
                let is_alias = |place: &Span| self.sources.slice(*place).starts_with(b"*");
                places.values.retain(is_alias);
                match self.sources.file(value.file()).kind() {
                    FileKind::Template => places.template = Some(value),
                    _ => places.values.insert(0, value),
                }
            }
            trace.extend(places.trace.iter().cloned());
            let part = match &finding.decoded {
                _ if !finding.absent.is_empty() => None,
                Some(decoded) => Some(Part::of(decoded)),
                None => self.part(manifest, finding.span, &places),
            };
            self.push_places(&mut locations, places, finding, part);
        } else {
            locations.push(self.location(finding.span, String::new()));
        }
        self.push_related(&mut locations, &finding.related);
        let trace = trace
            .into_iter()
            .take(MAX_TRACE)
            .map(|(what, span)| TraceStep {
                what,
                at: self.location(span, String::new()),
            })
            .collect();
        (locations, trace)
    }

    fn rendered(&self, span: Span) -> Option<&'a Manifest> {
        let manifest = self.manifests.get(&span.file())?;
        let is_rendered = self.sources.file(span.file()).kind() == FileKind::Rendered;
        is_rendered.then_some(*manifest)
    }

    fn location(&self, span: Span, message: String) -> Location {
        let file = self.sources.file(span.file());
        Location::new(LocationKind::of(file.kind()), file, span, message)
    }

    fn push_places(
        &self,
        locations: &mut Vec<Location>,
        places: Places,
        finding: &Finding,
        part: Option<Part<'_>>,
    ) {
        // What is wrong within a text of many lines is shown there.
        let narrowed = |span: Span| part.map_or(span, |part| self.narrowed(span, part));
        let Places {
            template,
            mut values,
            mut files,
            is_left_out,
            ..
        } = places;
        if finding.decoded.is_some() {
            values.sort_by_cached_key(|span| narrowed(*span) == *span);
        }
        let is_found = |span: &Span| values.is_empty() && narrowed(*span) != *span;
        let read: Vec<Span> = files.extract_if(.., |span| is_found(span)).collect();
        let what = |span: Span| match self.values.path(span) {
            Some(path) => format!("`{path}` is set here"),
            None => "set here".to_owned(),
        };
        let absent = finding.absent.last();
        let missing = |span: Span, absent: &str| {
            let (path, what) = if is_left_out {
                (self.values.path_of_item(span), "leaves out")
            } else {
                (self.values.path_around(span, absent), "has no")
            };
            match path {
                Some(path) => format!("`{path}` {what} `{absent}`"),
                None => format!("no `{absent}` here"),
            }
        };
        for span in values.iter().take(MAX_VALUE_PLACES) {
            let message = match absent {
                Some(absent) => missing(*span, absent),
                None => what(*span),
            };
            locations.push(self.location(narrowed(*span), message));
        }
        for span in read.iter().take(MAX_VALUE_PLACES) {
            locations.push(self.location(narrowed(*span), String::new()));
        }
        if let Some(span) = template {
            let message = match (locations.is_empty(), absent) {
                (false, _) => "used here".to_owned(),
                (true, Some(absent)) => format!("no `{absent}` here"),
                (true, None) => String::new(),
            };
            locations.push(self.location(span, message));
        }
        for span in files.iter().take(MAX_VALUE_PLACES) {
            locations.push(self.location(*span, what(*span)));
        }
        if locations.is_empty() {
            // Bytes that nothing is known of can only be shown as they are.
            locations.push(self.location(finding.span, String::new()));
        }
    }

    /// Each label once, however many there are.
    fn push_related(&self, locations: &mut Vec<Location>, related: &[Label]) {
        // Of most findings there are none or few.
        let owned = |location: &Location| {
            let (name, start, end) = location.key();
            (name.to_owned(), start, end)
        };
        let mut known: HashMap<(String, usize, usize), usize> = HashMap::new();
        if !related.is_empty() {
            for (index, location) in locations.iter().enumerate() {
                known.entry(owned(location)).or_insert(index);
            }
        }
        for label in related {
            let span = self.edited(label.span);
            let mut location = self.location(span, label.message.clone());
            location.kind = LocationKind::Related;
            match known.entry(owned(&location)) {
                Entry::Vacant(entry) => {
                    entry.insert(locations.len());
                    locations.push(location);
                }
                Entry::Occupied(entry) => {
                    if let Some(known) = locations.get_mut(*entry.get())
                        && known.message.is_empty()
                    {
                        known.message = location.message;
                    }
                }
            }
        }
    }

    /// The one place that a person would edit to change the bytes of `span`.
    fn edited(&self, span: Span) -> Span {
        let Some(manifest) = self.rendered(span) else {
            return span;
        };
        let places = self.places(manifest, span);
        let part = self.part(manifest, span, &places);
        let narrowed = |place: Span| part.map_or(place, |part| self.narrowed(place, part));
        let value = places.values.first().map(|value| narrowed(*value));
        let read = places.files.first().map(|file| (*file, narrowed(*file)));
        let read = read.and_then(|(file, narrow)| (file != narrow).then_some(narrow));
        value.or(read).or(places.template).unwrap_or(span)
    }

    /// Where the bytes of a span came from; those of an alias, where what it stands for did.
    fn places(&self, manifest: &Manifest, span: Span) -> Places {
        let is_alias = self.sources.slice(span).starts_with(b"*");
        let mut documents = manifest.documents.iter().filter(|_| is_alias);
        let anchored = documents.find_map(|document| document.anchored(span));
        let span = anchored.unwrap_or(span);
        let mut places = Places::default();
        let mut known = FxHashSet::default();
        let runs: Vec<Run> = manifest
            .text
            .runs(span.start(), span.end())
            .filter(|run| run.start < run.end)
            .collect();
        let mut controls = Vec::new();
        let mut shares: FxHashMap<Span, usize> = FxHashMap::default();
        for run in &runs {
            let origin = self.origins.origin(run.origin);
            let (data, control) = self.origins.told_apart(origin.data);
            for span in &data {
                *shares.entry(*span).or_default() += 1;
            }
            self.push_data(&mut places, &mut known, data);
            controls.push(control);
        }
        // What all of it was made of is to be edited sooner than what is printed into that: of a text
        // that `tpl` executes, the text.
        if runs.len() > 1 {
            let values = &mut places.values;
            values.sort_by_key(|span| shares.get(span) != Some(&runs.len()));
        }
        // Where no value was printed, those are to be edited that decided on what was.
        if places.values.is_empty() {
            for control in controls {
                self.push_data(&mut places, &mut known, control);
            }
        }
        if let (Some(first), Some(last)) = (runs.first(), runs.last()) {
            let (template, context) = self.template_place(*first, *last);
            places.template = template;
            places.trace = self.trace(context);
        }
        places
    }

    /// The template bytes of a scalar from its first run to its last, and where they stand. What is
    /// written in part by a template that is included there is shown where it is included.
    fn template_place(&self, first: Run, last: Run) -> (Option<Span>, ContextId) {
        let context_of = |run: Run| self.origins.origin(run.origin).context;
        let context = context_of(first);
        // Mostly one template writes all of it, and nobody has to know who included that.
        let common = if context_of(last) == context {
            let ends = self.template_span(first).zip(self.template_span(last));
            ends.map(|(start, end)| (context, start, end))
        } else {
            let frames = self.frames(last);
            self.frames(first).into_iter().find_map(|(frame, start)| {
                let end = frames.iter().find(|(other, _)| *other == frame)?.1;
                Some((frame, start, end))
            })
        };
        let Some((frame, start, end)) = common else {
            let either = self.template_span(first).or(self.template_span(last));
            return (either, context);
        };
        let covered = start.cover(end);
        let in_order = start.file() == end.file() && start.start() <= end.start();
        (Some(if in_order { covered } else { start }), frame)
    }

    /// The templates that a run was written in, each with the place in it: the innermost first, and
    /// from there on where the one before is called.
    fn frames(&self, run: Run) -> Vec<(ContextId, Span)> {
        let Some(mut span) = self.template_span(run) else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        let mut id = self.origins.origin(run.origin).context;
        while id != ContextId::default() && frames.len() < MAX_TRACE {
            let context = self.origins.context(id);
            if let ContextKind::Include(_) | ContextKind::Tpl = context.kind
                && let Some(at) = context.at
            {
                frames.push((id, span));
                span = self.with_delimiter(at);
            }
            id = context.parent;
        }
        frames.push((ContextId::default(), span));
        frames
    }

    /// A call from the delimiter of its action on, where that stands on the same line.
    fn with_delimiter(&self, call: Span) -> Span {
        let bytes = self.sources.file(call.file()).bytes();
        let from = call.start().saturating_sub(MAX_DELIMITED);
        let before = bytes.get(from..call.start()).unwrap_or_default();
        let line = memrchr(b'\n', before).map_or(0, |at| at + 1);
        let behind = before.get(line..).unwrap_or_default();
        match (memmem::rfind(behind, b"{{"), memmem::rfind(behind, b"}}")) {
            (Some(open), close) if close.is_none_or(|close| close < open) => {
                Span::new(call.file(), from + line + open, call.end())
            }
            _ => call,
        }
    }

    fn template_span(&self, run: Run) -> Option<Span> {
        let origin = self.origins.origin(run.origin);
        let at = origin.at?;
        Some(if origin.exact {
            at.slice(run.skip, run.skip + (run.end - run.start))
        } else {
            at
        })
    }

    /// Adds places of files, those in `known` left out.
    fn push_data(&self, places: &mut Places, known: &mut FxHashSet<Span>, spans: Vec<Span>) {
        for span in spans {
            if !known.insert(span) {
                continue;
            }
            let list = match self.sources.file(span.file()).kind() {
                FileKind::Values => &mut places.values,
                FileKind::Chart | FileKind::File => &mut places.files,
                FileKind::Template if places.literals.len() < MAX_LITERALS => &mut places.literals,
                FileKind::Template | FileKind::Rendered => continue,
            };
            list.push(span);
        }
    }

    fn trace(&self, context: ContextId) -> Vec<(String, Span)> {
        self.origins
            .contexts(context)
            .filter_map(|context| {
                let what = match &context.kind {
                    ContextKind::Include(name) => format!("include \"{name}\""),
                    ContextKind::Tpl => "tpl".to_owned(),
                    _ => return None,
                };
                Some((what, context.at?))
            })
            .collect()
    }

    /// The dotted path of keys of a place in a values file.
    pub(super) fn key(&self, span: Span) -> Option<String> {
        let is_values = self.sources.file(span.file()).kind() == FileKind::Values;
        is_values.then(|| self.values.path(span)).flatten()
    }

    /// The bytes of a template that printed a span of a rendered document.
    pub(super) fn printed_by(&self, span: Span) -> Option<Span> {
        self.places(self.rendered(span)?, span).template
    }

    /// Everything that is known of the bytes of a span of a rendered document: the spans of the
    /// values that were printed there, template text as it was copied.
    pub(super) fn written(&self, span: Span) -> Vec<Span> {
        let Some(manifest) = self.rendered(span) else {
            return vec![span];
        };
        let places = self.places(manifest, span);
        let mut all = places.values;
        if all.is_empty() {
            all.extend(places.files);
        }
        if all.is_empty() {
            all.extend(places.template);
        }
        all.extend(places.literals);
        all
    }
}

impl Diagnostic {
    /// Gives a finding its places.
    pub(super) fn locate(&mut self, locator: &Locator<'_>, finding: &Finding) {
        let (locations, trace) = locator.locate(finding);
        self.locations = locations;
        self.trace = trace;
    }
}
