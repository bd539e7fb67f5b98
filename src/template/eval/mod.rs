//! The evaluator of Go's `text/template` as Helm 4.3.1 runs it, with an origin for every byte.
//!
//! [`Program`] holds the parsed templates of a whole chart tree; [`Engine`] executes them. Every
//! byte of the output knows the template bytes that wrote it, the values that were printed into it,
//! and the context it was written in. Three rules decide that:
//!
//! * What a template copies, and what stands in its string literals, names its own bytes, and keeps
//!   doing so through variables, `include`, `tpl` and functions.
//! * What an action prints names the action, and the value's place as its data.
//! * What only decided *whether* bytes appear is their control: conditions and loops open a context,
//!   a choice between texts (`default`, `ternary`, `and`) wraps the one that was chosen in one.
//!
//! **Stack.** Execution recurses as deep as templates call each other. The caller runs it on a
//! stack of [`STACK`] bytes ([`with_stack`]); [`Limits`] keep it within that.

mod call;
mod emit;
mod expr;
mod field;
mod helper;
mod machine;
mod memo;
mod parses;
mod processor;
mod program;
mod report;
mod settled;
mod share;
mod state;
#[cfg(test)]
mod tests;
mod threads;
mod trail;
mod walk;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

pub use helper::{Helper, Task};
pub use parses::{Parses, parse_file};
pub use program::{Program, helm_order, is_partial};
pub use share::{Half, Share};
pub use threads::{side_by_side, with_stack};
pub use trail::{Coverage, Trail};

use super::error::{Failure, TemplateError};
use super::value::{Data, Entry, Key, MapType, Value};
use crate::golang::regexp::Cache;
use crate::source::{Bytes, ContextId, Origins, Prov, Sources, Span, Text};
use machine::Parsed;
use memo::Memo;
use program::Set;
use settled::Settled;
use state::Val;

/// How large the stack must be that templates are executed on, in bytes.
pub const STACK: usize = 256 << 20;

/// What `now` gives: seconds since 1970 of 2026-01-01, so that every run prints the same.
const NOW: i64 = 1_767_225_600;

/// What the rendering of one chart may use up. Counts, never seconds, so that every machine stops at
/// the same place.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Nodes evaluated, items made, bytes written divided by 64, and the memory of values.
    pub fuel: u64,
    /// Bytes of output of all files together.
    pub output: usize,
    /// Bytes of one string, or items of one list.
    pub single: usize,
    /// How deep `include`, `template` and `tpl` may nest, all together. Helm's own limit is 1,001
    /// for each name that is included; it is met first where one template includes itself.
    pub calls: usize,
    /// How deep blocks, parentheses and calls may nest, all together.
    pub nesting: usize,
    /// Sets, origins and contexts of what is printed.
    pub origins: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 50_000_000,
            output: 64 << 20,
            single: 16 << 20,
            calls: 1_100,
            nesting: 20_000,
            origins: 3_000_000,
        }
    }
}

impl Limits {
    /// What an engine may use up beside another one, whose memory is there, too: it stops early,
    /// and what it did is thrown away then.
    #[must_use]
    pub fn beside(self) -> Self {
        Self {
            fuel: self.fuel / 4,
            output: self.output / 4,
            single: self.single / 4,
            origins: self.origins / 4,
            ..self
        }
    }
}

/// Executes the templates of a [`Program`] and keeps what is known about the bytes they write.
#[derive(Debug)]
pub struct Engine {
    sources: Sources,
    origins: Origins,
    set: Rc<Set>,
    gaps: bool,
    limits: Limits,
    fuel: u64,
    output: usize,
    exhausted: bool,
    calls: usize,
    nesting: usize,
    including: FxHashMap<String, usize>,
    literals: FxHashMap<Span, Rc<Text>>,
    parsed: FxHashMap<Bytes, Rc<Parsed>>,
    included: FxHashMap<Prov, Prov>,
    results: FxHashSet<Prov>,
    grafts: FxHashMap<(ContextId, ContextId, Prov), ContextId>,
    regexps: Cache,
    memo: Memo,
    settled: Settled,
    /// The turns of the loops that are under way, each from 0.
    turns: Vec<u64>,
    spare: Vec<Vec<Value>>,
    trail: Trail,
}

/// A file to execute, and the scope of its chart.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its full path: `c/charts/s/templates/x.yaml`.
    pub name: String,
    /// Its chart's `templates`, as `.Template.BasePath` tells it.
    pub base_path: String,
    /// `.` of its chart, a map that its files share; its `Template` is set for each.
    pub scope: Value,
}

/// What all files of a chart tree gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The files that were executed to their end, with their text, in the order of execution.
    pub texts: Vec<(String, Text)>,
    /// What went wrong: first what did not parse, then what stopped, in Helm's order. Helm itself
    /// shows the first one only. What can be no more than the consequence of a file that did not
    /// parse is left out.
    pub errors: Vec<TemplateError>,
}

impl Engine {
    /// An engine for the templates of `program`. `origins` are those of the values.
    #[must_use]
    pub fn new(program: &Program, sources: Sources, origins: Origins, limits: Limits) -> Self {
        Self {
            sources,
            origins,
            set: Rc::clone(&program.set),
            gaps: !program.errors().is_empty(),
            fuel: limits.fuel,
            limits,
            output: 0,
            exhausted: false,
            calls: 0,
            nesting: 0,
            including: FxHashMap::default(),
            literals: FxHashMap::default(),
            parsed: FxHashMap::default(),
            included: FxHashMap::default(),
            results: FxHashSet::default(),
            grafts: FxHashMap::default(),
            regexps: Cache::default(),
            memo: Memo::default(),
            settled: Settled::default(),
            turns: Vec::new(),
            spare: Vec::new(),
            trail: Trail::default(),
        }
    }

    /// Executes every file that is no partial (`_…`), in Helm's order, whether or not others
    /// stopped.
    pub fn render(&mut self, program: &Program, jobs: &[Job]) -> Outcome {
        self.render_shared(program, jobs, &Share::of(jobs), || None, |_, _| {})
    }

    /// Executes the template of this name, as Helm executes a file: with `<no value>` taken out.
    ///
    /// # Errors
    /// What stopped it; nothing where that can be the consequence of a file that did not parse.
    pub fn execute(&mut self, name: &str, scope: Value) -> Result<Text, Option<TemplateError>> {
        let set = Rc::clone(&self.set);
        let Some(def) = set.get(name).map(Rc::clone) else {
            return Err(None);
        };
        if def.unit.broken {
            return Err(None);
        }
        self.including.clear();
        self.turns.clear();
        self.memo.enter_file(&scope);
        let frame = state::Frame::root(&set, &def);
        let written = state::run(self, frame, &Val::of(scope), Text::new());
        self.origins.stand(ContextId::default());
        match written {
            Ok(state::Written { out: text, .. }) => {
                self.output = self.output.saturating_add(text.len());
                Ok(emit::without_no_value(text))
            }
            Err(error) => {
                if matches!(error.cause, Failure::Budget(_)) {
                    self.exhausted = true;
                }
                if self.gaps && error.follows {
                    return Err(None);
                }
                let span = Span::new(def.unit.file, 0, 0);
                Err(Some(report::report(*error, span)))
            }
        }
    }

    /// Says that templates may be missing that are not among the files: what can be the consequence
    /// of that is not told.
    pub fn expect_gaps(&mut self) {
        self.gaps = true;
    }

    /// Whether a budget was used up: nothing more is executed.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// How much of [`Limits::fuel`] was used.
    #[must_use]
    pub fn fuel_used(&self) -> u64 {
        self.limits.fuel.saturating_sub(self.fuel)
    }

    /// Which branches ran.
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The origins, to which those of the output were added.
    pub fn origins(&mut self) -> &mut Origins {
        &mut self.origins
    }

    /// The texts, to which those given to `tpl` were added.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Gives everything back.
    #[must_use]
    pub fn into_parts(self) -> (Sources, Origins, Trail) {
        (self.sources, self.origins, self.trail)
    }

    /// The same, where the process ends soon: the memory of all else is not given back.
    #[must_use]
    pub fn leave(mut self) -> (Sources, Origins, Trail) {
        let sources = std::mem::take(&mut self.sources);
        let origins = std::mem::take(&mut self.origins);
        let trail = std::mem::take(&mut self.trail);
        std::mem::forget(self);
        (sources, origins, trail)
    }
}

/// Sets `.Template` of the file's scope.
fn set_template(job: &Job) {
    let Some(scope) = job.scope.as_map() else {
        return;
    };
    let text = |key: &str, value: &str| -> (Key, Entry) {
        let entry = Entry {
            key: Prov::NONE,
            value: Value::str(value),
        };
        (Rc::from(key.as_bytes()), entry)
    };
    let mut value = Value::map([text("Name", &job.name), text("BasePath", &job.base_path)]);
    if let Data::Map(kind, _) = &mut value.data {
        *kind = MapType::Values;
    }
    let entry = Entry {
        key: Prov::NONE,
        value,
    };
    scope.set(b"Template".as_slice(), entry);
}
