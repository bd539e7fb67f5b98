//! The templates of a whole chart tree, in one namespace, by Helm's rules of parsing and
//! overriding.

use std::cmp::Reverse;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::super::ast::Template;
use super::super::error::TemplateError;
use super::parses::Parses;
use crate::source::{FileId, Prov, SourceFile, Sources, Span, Text};

/// The name of Helm's root template, which `tpl` gives to the texts that it parses.
pub(super) const ROOT: &str = "gotpl";

/// Puts template paths in the order in which Helm 4.3 parses and executes them: deeper paths
/// before shallower ones, within one depth from the last in byte order to the first.
pub fn helm_order<T>(files: &mut [T], path: impl Fn(&T) -> &str) {
    let depth = |name: &str| name.bytes().filter(|byte| *byte == b'/').count();
    files.sort_by(|a, b| path(b).cmp(path(a)));
    files.sort_by_cached_key(|file| Reverse(depth(path(file))));
}

/// Whether a file, by its path, is one that Helm executes only where others include it, such as
/// `_helpers.tpl`.
#[must_use]
pub fn is_partial(path: &str) -> bool {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.starts_with('_')
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
    pub(super) template: Arc<Template>,
    /// The text.
    pub(super) unit: Rc<Unit>,
}

/// A namespace of templates; the one inside a `tpl` sees those around it.
#[derive(Debug, Default)]
pub(super) struct Set {
    own: FxHashMap<SmolStr, Rc<Def>>,
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

    /// The namespace that has the same templates, but for the root of a `tpl`.
    pub(super) fn without_root(mut self: &Rc<Self>) -> &Rc<Self> {
        while let Some(around) = &self.around
            && self.own.keys().all(|name| name == ROOT)
        {
            self = around;
        }
        self
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
    pub(super) fn define(&mut self, template: &Arc<Template>, unit: &Rc<Unit>) {
        if template.is_empty_tree() && self.get(&template.name).is_some() {
            return;
        }
        self.define_anyway(template, unit);
    }

    /// Takes a template in, whatever there was.
    pub(super) fn define_anyway(&mut self, template: &Arc<Template>, unit: &Rc<Unit>) {
        let def = Def {
            template: Arc::clone(template),
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
        Self::with(sources, files, &Parses::default())
    }

    /// The same, where some of the files may have been parsed before.
    #[must_use]
    pub fn with(sources: &Sources, files: &[(String, FileId)], parses: &Parses) -> Self {
        let mut files: Vec<_> = files.iter().collect();
        helm_order(&mut files, |(name, _)| name);
        let mut set = Set::default();
        let mut errors = Vec::new();
        let parsed = parses.all(sources, &files);
        for ((_, file), parsed) in files.into_iter().zip(parsed) {
            let source = Arc::clone(sources.file(*file));
            let unit = Rc::new(Unit {
                source,
                file: *file,
                text: None,
                broken: !parsed.errors.is_empty(),
            });
            errors.extend(parsed.errors.iter().map(|error| {
                TemplateError {
                    core: error
                        .message
                        .rsplit(": ")
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    message: error.core.clone(),
                    span: error.span,
                    trace: Vec::new(),
                    blame: Prov::NONE,
                }
            }));
            for template in &parsed.templates {
                set.define(template, &unit);
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
