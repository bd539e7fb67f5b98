//! The catalogue of rules, and the checks.

mod catalogue;
mod evidence;
mod images;
mod native;
mod settings;

use crate::finding::Finding;
use crate::k8s::Release;
use crate::source::Span;

pub use catalogue::{Rule, Severity, catalogue, explain, find, index};
pub use evidence::{Evidence, Written};
pub use native::nearest;
pub use settings::{Settings, WorkloadPattern};

/// What a check sees.
pub struct Context<'c, 'r> {
    /// The release.
    pub release: &'c Release<'r>,
    /// The configuration's say.
    pub settings: &'c Settings,
    /// What is known of where bytes came from.
    pub evidence: &'c dyn Evidence,
    findings: Vec<Finding>,
}

impl Context<'_, '_> {
    /// Reports.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The bytes of the text that a span lies in.
    #[must_use]
    pub fn bytes_of(&self, span: Span) -> Vec<u8> {
        self.evidence.bytes_of(span)
    }
}

/// Runs every rule that is on.
#[must_use]
pub fn check(release: &Release<'_>, settings: &Settings, evidence: &dyn Evidence) -> Vec<Finding> {
    let mut context = Context {
        release,
        settings,
        evidence,
        findings: Vec::new(),
    };
    for (name, run) in native::CHECKS {
        if settings.is_on(name) {
            run(&mut context);
        }
    }
    context.findings
}
