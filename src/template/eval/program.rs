//! The templates of a whole chart tree, in one namespace, by Helm's rules of parsing and
//! overriding.

use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::ast::Template;
use super::super::error::TemplateError;
use super::super::parse::{self, Parsed};
use super::STACK;
use crate::source::{FileId, Prov, SourceFile, Sources, Span, Text};
use crate::template::funcs;

/// The name of Helm's root template, which `tpl` gives to the texts that it parses.
pub(super) const ROOT: &str = "gotpl";

/// Fewer bytes of templates are parsed sooner than a thread is started.
const WORTH_A_THREAD: usize = 32 << 10;

/// No chart is parsed on more threads.
const MAX_THREADS: usize = 8;

/// Puts template paths in the order in which Helm 4.3 parses and executes them: deeper paths
/// before shallower ones, within one depth from the last in byte order to the first.
pub fn helm_order<T>(files: &mut [T], path: impl Fn(&T) -> &str) {
    let key = |name: &str| name.bytes().filter(|byte| *byte == b'/').count();
    files.sort_by(|a, b| {
        let (a, b) = (path(a), path(b));
        key(b).cmp(&key(a)).then_with(|| b.cmp(a))
    });
}

/// A text that templates were parsed from.
#[derive(Debug)]
pub(super) struct Unit {
    /// The text.
    pub(super) source: Arc<SourceFile>,
    /// Its number.
    pub(super) file: FileId,
    /// For the text of a `tpl`: where its bytes came from.
    pub(super) text: Option<Composed>,
    /// Whether it did not parse, so that its templates have gaps.
    pub(super) broken: bool,
}

/// The text of a `tpl`, with what decided it.
#[derive(Debug)]
pub(super) struct Composed {
    /// The bytes with their origins.
    pub(super) text: Rc<Text>,
    /// What decided it, for plain text.
    pub(super) prov: Prov,
    /// Where `tpl` was called.
    pub(super) call: Option<Span>,
}

impl Unit {
    /// The bytes that a span of this text covers.
    pub(super) fn slice(&self, span: Span) -> &[u8] {
        self.source.slice(span)
    }

    /// Line (from 1) and column (bytes, from 0) of an offset, as Go counts them in the text
    /// without its byte order mark.
    pub(super) fn line_column(&self, offset: usize) -> (usize, usize) {
        let lines = self.source.lines();
        let line = lines.line(offset);
        let mut column = offset.saturating_sub(lines.line_start(line));
        if line == 1 {
            column = column.saturating_sub(self.mark());
        }
        (line, column)
    }

    /// How long the byte order mark is that Helm takes off a file; 0 where there is none.
    pub(super) fn mark(&self) -> usize {
        let marked = self.text.is_none() && self.source.bytes().starts_with(b"\xef\xbb\xbf");
        if marked { 3 } else { 0 }
    }
}

/// A template and the text it was parsed from.
#[derive(Debug)]
pub(super) struct Def {
    /// The tree.
    pub(super) template: Rc<Template>,
    /// The text.
    pub(super) unit: Rc<Unit>,
}

/// A namespace of templates; the one inside a `tpl` sees those around it.
#[derive(Debug, Default)]
pub(super) struct Set {
    own: FxHashMap<String, Rc<Def>>,
    around: Option<Rc<Set>>,
}

impl Set {
    /// An empty namespace within another one.
    pub(super) fn within(around: &Rc<Self>) -> Self {
        Self {
            own: FxHashMap::default(),
            around: Some(Rc::clone(around)),
        }
    }

    /// The template of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Rc<Def>> {
        let mut set = self;
        loop {
            if let Some(def) = set.own.get(name) {
                return Some(def);
            }
            set = set.around.as_deref()?;
        }
    }

    /// Takes a template in, unless it is empty and would displace another one.
    pub(super) fn define(&mut self, template: &Rc<Template>, unit: &Rc<Unit>) {
        if template.is_empty_tree() && self.get(&template.name).is_some() {
            return;
        }
        self.define_anyway(template, unit);
    }

    /// Takes a template in, whatever there was.
    pub(super) fn define_anyway(&mut self, template: &Rc<Template>, unit: &Rc<Unit>) {
        let def = Def {
            template: Rc::clone(template),
            unit: Rc::clone(unit),
        };
        self.own.insert(template.name.clone(), Rc::new(def));
    }
}

/// All templates of a chart tree, parsed.
#[derive(Debug)]
pub struct Program {
    pub(super) set: Rc<Set>,
    errors: Vec<TemplateError>,
}

impl Program {
    /// Parses files, given by full path (`c/charts/s/templates/x.yaml`) in any order.
    #[must_use]
    pub fn new(sources: &Sources, files: &[(String, FileId)]) -> Self {
        let mut files: Vec<_> = files.iter().collect();
        helm_order(&mut files, |(name, _)| name);
        let mut set = Set::default();
        let mut errors = Vec::new();
        let parsed = parse_all(sources, &files);
        for ((_, file), parsed) in files.into_iter().zip(parsed) {
            let source = Arc::clone(sources.file(*file));
            let unit = Rc::new(Unit {
                source,
                file: *file,
                text: None,
                broken: !parsed.errors.is_empty(),
            });
            errors.extend(parsed.errors.into_iter().map(|error| {
                TemplateError {
                    core: error
                        .message
                        .rsplit(": ")
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    message: error.core,
                    span: error.span,
                    trace: Vec::new(),
                    blame: Prov::NONE,
                }
            }));
            for template in parsed.templates {
                set.define(&Rc::new(template), &unit);
            }
        }
        Self {
            set: Rc::new(set),
            errors,
        }
    }

    /// What did not parse, in Helm's order: Helm itself stops at the first one.
    #[must_use]
    pub fn errors(&self) -> &[TemplateError] {
        &self.errors
    }

    /// The template of a name.
    #[must_use]
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.set.get(name).map(|def| &*def.template)
    }

    /// All templates, by name.
    #[must_use]
    pub fn templates(&self) -> Vec<&Template> {
        let mut all: Vec<&Template> = self.set.own.values().map(|def| &*def.template).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Whether there is a template of this name.
    #[must_use]
    pub fn defines(&self, name: &str) -> bool {
        self.set.get(name).is_some()
    }
}

/// The templates of one file, whether or not others displace them.
#[must_use]
pub fn parse_file(name: &str, file: FileId, sources: &Sources) -> Vec<Template> {
    parse_one(sources, name, file).templates
}

/// Parses files. Of those with the same bytes, as the files of a library that several charts of a
/// tree carry, only the last one is parsed: whatever the others define it defines again.
fn parse_all(sources: &Sources, files: &[&(String, FileId)]) -> Vec<Parsed> {
    let mut last = FxHashMap::default();
    for (at, (_, file)) in files.iter().enumerate() {
        last.insert(sources.file(*file).bytes(), at);
    }
    let twin_of = |at: usize, file: FileId| {
        let last = last.get(sources.file(file).bytes()).copied();
        last.filter(|last| *last != at)
    };
    let alone: Vec<(usize, &(String, FileId))> = (0..)
        .zip(files.iter().copied())
        .filter(|(at, (_, file))| twin_of(*at, *file).is_none())
        .collect();
    let mut parsed: Vec<Option<Parsed>> = files.iter().map(|_| None).collect();
    let each = parse_each(sources, &alone);
    for ((at, _), one) in alone.into_iter().zip(each) {
        if let Some(place) = parsed.get_mut(at) {
            *place = Some(one);
        }
    }
    for (at, (name, file)) in files.iter().enumerate() {
        let twin = twin_of(at, *file).and_then(|twin| parsed.get(twin)?.as_ref());
        let Some(twin) = twin else { continue };
        let one = empty_twin(name, twin).unwrap_or_else(|| parse_one(sources, name, *file));
        if let Some(place) = parsed.get_mut(at) {
            *place = Some(one);
        }
    }
    parsed.into_iter().flatten().collect()
}

/// What a file adds to a later one of the same bytes, where it prints nothing itself: its own name.
/// Nothing is said of one that defines empty templates, which displace no others.
fn empty_twin(name: &str, of: &Parsed) -> Option<Parsed> {
    let (own, defined) = of.templates.split_first()?;
    let is_full = |template: &Template| !template.is_empty_tree();
    let adds_only_its_name = of.errors.is_empty() && !is_full(own) && defined.iter().all(is_full);
    adds_only_its_name.then(|| Parsed {
        templates: vec![Template {
            name: name.to_owned(),
            parse_name: name.to_owned(),
            ..own.clone()
        }],
        errors: Vec::new(),
    })
}

fn parse_one(sources: &Sources, name: &str, file: FileId) -> Parsed {
    parse::parse(name, file, sources.file(file).bytes(), &is_function)
}

/// Parses files side by side, each on a thread with the stack that the deepest template needs. The
/// result is in the order of the files, however many threads there are.
fn parse_each(sources: &Sources, files: &[(usize, &(String, FileId))]) -> Vec<Parsed> {
    let one = |(_, (name, file)): &(usize, &(String, FileId))| parse_one(sources, name, *file);
    let size: usize = files
        .iter()
        .map(|(_, (_, file))| sources.file(*file).bytes().len())
        .sum();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    if size < WORTH_A_THREAD || threads == 1 {
        return files.iter().map(one).collect();
    }
    let threads = threads.min(MAX_THREADS);
    let mut parsed: Vec<Option<Parsed>> = files.iter().map(|_| None).collect();
    // Each takes every n-th file; the first share is this thread's own.
    let share = |first: usize| {
        let own = files.iter().enumerate().skip(first).step_by(threads);
        own.map(|(at, file)| (at, one(file))).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|first| {
                let builder = std::thread::Builder::new().stack_size(STACK);
                (first, builder.spawn_scoped(scope, move || share(first)))
            })
            .collect();
        let mut put = |done: Vec<(usize, Parsed)>| {
            for (at, one) in done {
                if let Some(place) = parsed.get_mut(at) {
                    *place = Some(one);
                }
            }
        };
        put(share(0));
        for (first, other) in others {
            match other.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(done)) => put(done),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                // The system gave no thread.
                Err(_) => put(share(first)),
            }
        }
    });
    parsed.into_iter().flatten().collect()
}

/// Whether a template may call a function of this name.
pub(super) fn is_function(name: &str) -> bool {
    matches!(name, "and" | "or" | "call") || funcs::lookup(name).is_some()
}
