//! The catalogue of rules, and the checks.

mod catalogue;
mod evidence;
mod images;
mod native;
mod settings;

#[cfg(test)]
mod fixtures;

use std::cell::OnceCell;

use crate::finding::Finding;
use crate::k8s::Release;
use crate::platform::Scraping;
use crate::source::Span;

pub use catalogue::{Parameter, Rule, Severity, catalogue, explain, find, index};
pub use evidence::{Evidence, Piece, Written};
pub use native::nearest;
pub use settings::{Budget, Settings, WorkloadPattern};

/// What a check sees.
pub struct Context<'c, 'r> {
    /// The release.
    pub release: &'c Release<'r>,
    /// The configuration's say.
    pub settings: &'c Settings,
    /// What is known of where bytes came from.
    pub evidence: &'c dyn Evidence,
    scraping: OnceCell<Scraping<'r>>,
    findings: Vec<Finding>,
}

impl<'c, 'r> Context<'c, 'r> {
    /// Reports.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// All bytes of the text that a span lies in.
    #[must_use]
    pub fn bytes_of(&self, span: Span) -> &'c [u8] {
        self.evidence.bytes_of(span)
    }

    /// The scraping that the release configures, read when first asked for.
    fn scraping(&self) -> &Scraping<'r> {
        self.scraping
            .get_or_init(|| Scraping::of(self.release, &|span| self.evidence.bytes_of(span)))
    }
}

/// Runs every rule that is on.
#[must_use]
pub fn check(release: &Release<'_>, settings: &Settings, evidence: &dyn Evidence) -> Vec<Finding> {
    let mut context = Context {
        release,
        settings,
        evidence,
        scraping: OnceCell::new(),
        findings: Vec::new(),
    };
    for (name, run) in native::CHECKS {
        if settings.is_on(name) {
            run(&mut context);
        }
    }
    context.findings
}
