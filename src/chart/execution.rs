//! The engine that executes a release's templates, and a second one that takes a share of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::{FileId, Sources};
use crate::template::eval::{Engine, Half, Helper, Job, Limits, Program, Share, Task, is_partial};

use super::prepare::{Prepared, Scope, prepare};
use super::render::joined;
use super::{Chart, Options};

/// Bytes of templates; fewer are executed sooner than the values are settled once more.
const WORTH_SHARING: usize = 32 << 10;

/// Sets of origins that the values have; more values take too much memory to be there twice.
const MAX_VALUES: usize = 1 << 16;

/// What a release is prepared from.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The chart.
    pub chart: Arc<Chart>,
    /// The texts that it and the user's values were read into.
    pub sources: Sources,
    /// What the user asks for.
    pub options: Arc<Options>,
}

/// Templates that are about to be executed.
pub(super) struct Execution {
    pub(super) program: Program,
    pub(super) jobs: Vec<Job>,
    pub(super) engine: Engine,
    /// Whether a second engine would be of use.
    is_worth_sharing: bool,
}

impl Prepared<'_> {
    /// The engine that executes the templates, which has the texts and the origins from now on.
    pub(super) fn execution(&mut self, limits: Limits) -> Execution {
        let (files, jobs) = templates(&self.scopes());
        let program = Program::with(&self.sources, &files, &self.chart.chart.parses);
        let sources = std::mem::take(&mut self.sources);
        let mut origins = std::mem::take(&mut self.origins);
        let lengths = files
            .iter()
            .map(|(_, file)| sources.file(*file).bytes().len());
        let bytes = lengths.sum();
        let is_worth_sharing = bytes >= WORTH_SHARING && origins.weight() <= MAX_VALUES;
        origins.make_room(bytes);
        let mut engine = Engine::new(&program, sources, origins, limits);
        if !self.missing.is_empty() {
            engine.expect_gaps();
        }
        Execution {
            program,
            jobs,
            engine,
            is_worth_sharing,
        }
    }
}

impl Execution {
    /// Has a second engine, prepared from the same, take a share of the files on another thread,
    /// where that is worth it.
    pub(super) fn second(
        &self,
        helper: &Helper,
        inputs: Option<&Inputs>,
        share: &Arc<Share>,
    ) -> Option<Task<Option<Half>>> {
        let inputs = inputs.filter(|_| helper.is_there() && self.is_worth_sharing)?;
        let (inputs, share) = (inputs.clone(), Arc::clone(share));
        Some(helper.give(move || {
            if !share.is_left() {
                return None;
            }
            let mut prepared = prepare(&inputs.chart, &inputs.sources, &inputs.options).ok()?;
            let execution = prepared.execution(inputs.options.limits.beside());
            let half = execution.engine.render_last(&execution.jobs, &share);
            if inputs.options.ends {
                std::mem::forget((execution.program, execution.jobs, prepared));
            }
            half
        }))
    }
}

/// The files of all charts by their full names, and those of them that are executed.
fn templates(scopes: &[Scope<'_>]) -> (Vec<(String, FileId)>, Vec<Job>) {
    let mut by_name = BTreeMap::new();
    for scope in scopes {
        for template in &scope.chart.templates {
            if scope.is_library && !is_partial(&template.name) {
                continue;
            }
            let name = joined(&scope.path, &template.name);
            let job = Job {
                name: name.clone(),
                base_path: joined(&scope.path, "templates"),
                scope: scope.value.clone(),
            };
            by_name.insert(name, (template.file, job));
        }
    }
    let files = by_name.iter();
    let files = files.map(|(name, (file, _))| (name.clone(), *file));
    let files = files.collect();
    (files, by_name.into_values().map(|(_, job)| job).collect())
}
