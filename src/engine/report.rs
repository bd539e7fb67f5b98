//! The result of a run: diagnostics, counts, exit status.

use std::any::Any;
use std::fmt;

use crate::rules::Severity;

use super::Diagnostic;

/// What a run worked with: the chart, its templates, what they wrote. A program that ends with the
/// run need not take it apart, which takes as long as a tenth of the run.
#[derive(Default)]
pub struct Remains(Vec<Box<dyn Any + Send>>);

impl Remains {
    pub(super) fn push(&mut self, part: impl Any + Send) {
        self.0.push(Box::new(part));
    }

    pub(super) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }
}

impl fmt::Debug for Remains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remains").field(&self.0.len()).finish()
    }
}

/// Everything a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// Sorted by file, offset, rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How many charts were rendered.
    pub charts: usize,
    /// How many plain manifest files were read.
    pub files: usize,
    /// How many Kubernetes objects were seen, the most of any environment.
    pub objects: usize,
    /// The environments, in the order of the configuration.
    pub environments: Vec<String>,
    /// From which severity on findings make the exit status 1; `None`: never.
    pub fail_on: Option<Severity>,
    /// What the run worked with, where that was one chart in one environment.
    pub remains: Remains,
}

/// How many findings of each severity.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the severities")]
pub struct Counts {
    pub error: usize,
    pub warning: usize,
    pub info: usize,
    /// Of the errors, those that say that something could not be linted.
    pub failures: usize,
}

impl Report {
    /// Counts the findings.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for diagnostic in &self.diagnostics {
            match diagnostic.severity {
                Severity::Error => counts.error += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Info => counts.info += 1,
            }
            counts.failures += usize::from(diagnostic.is_failure);
        }
        counts
    }

    /// The exit status: 2 where something could not be linted, else 1 where a finding reaches
    /// the threshold, else 0.
    #[must_use]
    pub fn status(&self) -> u8 {
        if self.diagnostics.iter().any(|found| found.is_failure) {
            return 2;
        }
        let reaches =
            |found: &Diagnostic| self.fail_on.is_some_and(|least| found.severity >= least);
        u8::from(self.diagnostics.iter().any(reaches))
    }

    /// Sorts by file, offset, rule, message.
    pub(super) fn sort(&mut self) {
        self.diagnostics.sort_by(|a, b| {
            let key = |found: &Diagnostic| {
                found
                    .primary()
                    .map(|at| (at.file.name().to_owned(), at.start))
            };
            (key(a), a.rule, &a.message, &a.object).cmp(&(key(b), b.rule, &b.message, &b.object))
        });
    }
}
