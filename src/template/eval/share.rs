//! Two engines that share the files of a chart, each on a thread of its own.
//!
//! One takes files from the first on, the other one from the last on, until none is left. What a
//! file writes does not depend on the files before it, unless one of them changes what all of them
//! see: the scope of a chart, or its values. Then, or where a budget comes into sight, what the
//! other engine did is thrown away, and the first one executes everything in Helm's order, as if it
//! were alone.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::error::TemplateError;
use super::trail::Trail;
use super::{Engine, Job, Outcome, Program, helm_order, is_partial, set_template};
use crate::source::{Origins, Text};

/// What a file gave: its text, or what stopped it, if that is worth telling.
type Executed = Result<Text, Option<TemplateError>>;

/// The files that are executed, by their places in Helm's order, as far as nobody took them yet.
#[derive(Debug)]
pub struct Share {
    left: Mutex<Range<usize>>,
}

impl Share {
    /// All files of a chart that are executed.
    #[must_use]
    pub fn of(jobs: &[Job]) -> Self {
        Self {
            left: Mutex::new(0..executed(jobs).len()),
        }
    }

    fn left(&self) -> MutexGuard<'_, Range<usize>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is something left to take.
    #[must_use]
    pub fn is_left(&self) -> bool {
        !self.left().is_empty()
    }

    fn first(&self) -> Option<usize> {
        self.left().next()
    }

    fn last(&self) -> Option<usize> {
        self.left().next_back()
    }

    /// Leaves nothing to take.
    fn close(&self) {
        let mut left = self.left();
        left.start = left.end;
    }
}

/// What the other engine gave: the files that it took, the last one first.
#[derive(Debug)]
pub struct Half {
    files: Vec<Executed>,
    origins: Origins,
    trail: Trail,
    fuel: u64,
    output: usize,
}

impl Engine {
    /// Executes files from the last one on, as long as some are left. Nothing where they are not
    /// worth anything.
    #[must_use]
    pub fn render_last(mut self, jobs: &[Job], share: &Share) -> Option<Half> {
        let jobs = executed(jobs);
        let mut files = Vec::new();
        while let Some(job) = share.last().and_then(|at| jobs.get(at)) {
            files.push(self.file(job));
            if self.exhausted || self.memo.is_shared_changed() {
                share.close();
                return None;
            }
        }
        let (fuel, output) = (self.fuel_used(), self.output);
        let (_, origins, trail) = self.leave();
        Some(Half {
            files,
            origins,
            trail,
            fuel,
            output,
        })
    }

    /// Executes every file that is no partial (`_…`), whether or not others stopped, sharing them
    /// with another engine: `other` waits for what that one gave. `each` has the name and the text
    /// of a file as soon as it is there.
    pub fn render_shared(
        &mut self,
        program: &Program,
        jobs: &[Job],
        share: &Share,
        other: impl FnOnce() -> Option<Half>,
        mut each: impl FnMut(&str, &mut Text),
    ) -> Outcome {
        let jobs = executed(jobs);
        let mut files: Vec<Executed> = Vec::new();
        let mut run = |engine: &mut Self, files: &mut Vec<Executed>, job: &Job| {
            let mut executed = engine.file(job);
            if let Ok(text) = &mut executed {
                each(&job.name, text);
            }
            files.push(executed);
        };
        while let Some(job) = share.first().and_then(|at| jobs.get(at)) {
            run(self, &mut files, job);
            if self.exhausted || self.memo.is_shared_changed() {
                share.close();
                break;
            }
        }
        let others = jobs.get(files.len()..).unwrap_or_default();
        let is_alone = others.is_empty() || self.exhausted || self.memo.is_shared_changed();
        let half = match is_alone {
            true => None,
            false => other().filter(|half| half.files.len() == others.len() && self.has_room(half)),
        };
        match half {
            Some(half) => {
                let mut theirs = self.take_in(half);
                for (job, executed) in others.iter().zip(&mut theirs) {
                    if let Ok(text) = executed {
                        each(&job.name, text);
                    }
                }
                files.extend(theirs);
            }
            None => {
                for job in others {
                    if self.exhausted {
                        break;
                    }
                    run(self, &mut files, job);
                }
            }
        }
        let mut outcome = Outcome {
            texts: Vec::new(),
            errors: program.errors().to_vec(),
        };
        for (job, executed) in jobs.into_iter().zip(files) {
            match executed {
                Ok(text) => outcome.texts.push((job.name.clone(), text)),
                Err(error) => outcome.errors.extend(error),
            }
        }
        outcome
    }

    fn file(&mut self, job: &Job) -> Executed {
        set_template(job);
        self.execute(&job.name, job.scope.clone())
    }

    /// Whether the budgets are far from being reached by both together: one engine alone would
    /// spend less, as it repeats more of what it knows, and must not stop where two do not.
    fn has_room(&self, half: &Half) -> bool {
        let limits = &self.limits;
        let weight = self.origins.weight() + self.grafts.len();
        self.fuel_used().saturating_add(half.fuel) < limits.fuel / 2
            && weight.saturating_add(half.origins.weight()) < limits.origins / 2
            && self.output.saturating_add(half.output) < limits.output / 2
    }

    /// Takes in what the other engine knows. Gives its files, in Helm's order.
    fn take_in(&mut self, half: Half) -> Vec<Executed> {
        self.output = self.output.saturating_add(half.output);
        self.fuel = self.fuel.saturating_sub(half.fuel);
        self.trail.absorb(half.trail);
        let to = self.origins.absorb(half.origins);
        let files = half.files.into_iter().rev();
        let moved = |executed: Executed| match executed {
            Ok(text) => Ok(text.moved(to)),
            Err(error) => Err(error.map(|error| TemplateError {
                blame: to.set(error.blame),
                ..error
            })),
        };
        files.map(moved).collect()
    }
}

/// The files that are executed, in Helm's order.
fn executed(jobs: &[Job]) -> Vec<&Job> {
    let mut jobs: Vec<&Job> = jobs.iter().filter(|job| !is_partial(&job.name)).collect();
    helm_order(&mut jobs, |job| &job.name);
    jobs
}
