//! Execution of templates as Helm 4.3's engine does it, with the origin of every byte.
//!
//! Values and texts are counted references, so one rendering stays on one thread; run it on a
//! thread with a stack of [`STACK_SIZE`] bytes, which [`MAX_CALL_DEPTH`] nested calls need.

mod exec;
mod expr;
mod machine;
mod range;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::source::{
    ContextId, ContextKind, FileId, Origin, OriginId, Origins, Prov, Sources, Span, Text,
};

use super::ast::Template;
use super::error::{Cause, ExecError, TemplateError};
use super::funcs;
use super::parse::{self, Parsed};
use super::value::Value;

/// The stack that a rendering needs.
pub const STACK_SIZE: usize = 256 << 20;
/// `include`, `template` and `tpl` nest no deeper, all together. Helm stops a name at 1,000.
pub const MAX_CALL_DEPTH: usize = 1_000;

/// What a rendering may use up. The counts are the same on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Steps of work: nodes evaluated, items created, bytes produced by 64.
    pub fuel: u64,
    /// Bytes of one string, items of one list.
    pub one_value: usize,
    /// Bytes of one file's output.
    pub output: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            fuel: 50_000_000,
            one_value: 16 << 20,
            output: 64 << 20,
        }
    }
}

/// The templates of a chart tree, in one namespace.
#[derive(Debug, Clone, Default)]
pub struct TemplateSet {
    by_name: HashMap<String, Rc<Template>>,
}

impl TemplateSet {
    /// The template of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rc<Template>> {
        self.by_name.get(name)
    }

    /// Takes in what a file defines. What comes later replaces what came before, except that an
    /// empty body never replaces one that is not (Go's `AddParseTree`).
    pub fn add(&mut self, parsed: Vec<Template>) {
        for template in parsed {
            if template.is_empty_tree() && self.by_name.contains_key(&template.name) {
                continue;
            }
            self.by_name
                .insert(template.name.clone(), Rc::new(template));
        }
    }
}

/// The state of one rendering.
pub struct Engine {
    /// The texts: the caller's, and the texts given to `tpl`.
    pub sources: Sources,
    /// Where bytes come from.
    pub origins: Origins,
    set: Rc<TemplateSet>,
    budget: Budget,
    fuel: u64,
    context: ContextId,
    call_site: Option<Span>,
    depth: usize,
    included: HashMap<String, usize>,
    /// Everything that decided a condition since the innermost `include` or `tpl` began.
    conditions: Prov,
    tpl_files: HashMap<Vec<u8>, Rc<TplFile>>,
    /// The texts behind the files of `tpl`, and where they were called.
    tpl_texts: HashMap<FileId, (Text, Option<Span>)>,
    /// What was read of the values: the sets of the entries' keys.
    reads: HashSet<Prov>,
}

/// A text given to `tpl`, parsed.
#[derive(Debug)]
struct TplFile {
    file: FileId,
    templates: Vec<Template>,
    /// Go's message, where it did not parse.
    error: Option<String>,
}

impl Engine {
    /// An engine without templates.
    #[must_use]
    pub fn new(sources: Sources, origins: Origins, budget: Budget) -> Self {
        Self {
            sources,
            origins,
            set: Rc::new(TemplateSet::default()),
            fuel: budget.fuel,
            budget,
            context: ContextId::default(),
            call_site: None,
            depth: 0,
            included: HashMap::new(),
            conditions: Prov::NONE,
            tpl_files: HashMap::new(),
            tpl_texts: HashMap::new(),
            reads: HashSet::new(),
        }
    }

    /// Parses a file into the set, and gives back what is wrong with it. Call it in Helm's order:
    /// later files replace earlier ones.
    pub fn add_file(&mut self, name: &str, file: FileId) -> Vec<TemplateError> {
        let source = Arc::clone(self.sources.file(file));
        let Parsed { templates, errors } = parse::parse(name, file, source.bytes(), &is_function);
        Rc::make_mut(&mut self.set).add(templates);
        errors
            .into_iter()
            .map(|error| TemplateError {
                message: error.core.clone(),
                core: error.core,
                span: Some(error.span),
                trace: Vec::new(),
                blame: Prov::NONE,
            })
            .collect()
    }

    /// Executes a file by its name. The text has `<no value>` removed, as Helm does.
    ///
    /// # Errors
    /// What stopped it.
    pub fn execute_file(&mut self, name: &str, data: Value) -> Result<Text, TemplateError> {
        self.context = ContextId::default();
        self.depth = 0;
        self.conditions = Prov::NONE;
        self.included.clear();
        match self.execute(name, data) {
            Ok(text) => Ok(without_no_value(text)),
            Err(error) => Err(TemplateError {
                message: error.helm_text(),
                core: error.core(),
                span: error.span,
                trace: error.trace,
                blame: error.blame,
            }),
        }
    }

    /// The sets of the keys that were read of any map.
    #[must_use]
    pub fn reads(&self) -> &HashSet<Prov> {
        &self.reads
    }

    /// Executes the template of this name with fresh variables.
    fn execute(&mut self, name: &str, data: Value) -> Result<Text, Box<ExecError>> {
        let Some(template) = self.set.get(name).map(Rc::clone) else {
            return Err(Box::new(ExecError {
                level: None,
                cause: Cause::Text(format!(
                    "template: no template {} associated with template \"gotpl\"",
                    quoted(name)
                )),
                span: self.call_site,
                trace: Vec::new(),
                blame: Prov::NONE,
            }));
        };
        let mut frame = exec::Frame::new(&template, data);
        self.walk_list(&template.body, &mut frame)?;
        Ok(frame.out)
    }

    /// Counts work.
    fn burn(&mut self, steps: u64) -> Result<(), Cause> {
        if let Some(left) = self.fuel.checked_sub(steps) {
            self.fuel = left;
            return Ok(());
        }
        self.fuel = 0;
        Err(Cause::Budget("this takes more work than a chart may use"))
    }

    /// The place of template bytes as a person sees it, and what decided that they stand there:
    /// text given to `tpl` lies in values or in other templates.
    fn place(&mut self, span: Span) -> (Option<Span>, Prov) {
        match self.tpl_texts.get(&span.file()) {
            None => (Some(span), Prov::NONE),
            Some((text, at)) => {
                let at = *at;
                let deps = text.deps(span.start(), span.end(), Prov::NONE, &mut self.origins);
                (at, deps)
            }
        }
    }

    /// The origin of bytes that the action at `span` printed, decided by `data`.
    fn action_origin(&mut self, span: Span, data: Prov) -> OriginId {
        let (at, more) = self.place(span);
        let data = self.origins.union(data, more);
        let context = self.context;
        self.origins.add(Origin {
            at,
            exact: false,
            data,
            context,
        })
    }

    /// Opens a context and gives back the one around it.
    fn enter(&mut self, kind: ContextKind, span: Span, control: Prov) -> ContextId {
        let outer = self.context;
        let (at, more) = self.place(span);
        let control = self.origins.union(control, more);
        self.context = self.origins.enter(outer, kind, at, control);
        outer
    }
}

/// Go's `%q` of a name.
fn quoted(name: &str) -> String {
    crate::golang::quote::quote(name.as_bytes())
}

fn is_function(name: &str) -> bool {
    funcs::lookup(name).is_some()
}

/// Removes every `<no value>`, as Helm does after each file and each `tpl`.
fn without_no_value(text: Text) -> Text {
    const NO_VALUE: &[u8] = b"<no value>";
    let mut kept = Text::new();
    let mut from = 0;
    while let Some(found) = text.bytes().get(from..).and_then(|rest| find(rest, NO_VALUE)) {
        let place = from + found;
        kept.append_range(&text, from, place, OriginId::default());
        // What decided that nothing stands here stays known.
        let run = text.runs(place, place + 1).find(|run| run.start < run.end);
        if let Some(run) = run {
            kept.mark(run.origin);
        }
        from = place + NO_VALUE.len();
    }
    if from == 0 {
        return text;
    }
    kept.append_range(&text, from, text.len(), OriginId::default());
    kept
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|part| part == needle)
}
