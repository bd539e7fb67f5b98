//! The catalogue of rules, and the checks.

mod catalogue;
mod evidence;
mod images;
mod native;
mod settings;
mod shell;

#[cfg(test)]
mod fixtures;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::chart::{Given, Undefined};
use crate::finding::Finding;
use crate::k8s::Release;
use crate::platform::Scraping;
use crate::source::Span;
use crate::template::reads::Places;
use crate::yaml::Document;

pub use catalogue::{Parameter, Rule, Severity, catalogue, explain, find, index};
use images::Serving;

pub use evidence::{Evidence, Piece, Written};
pub use native::nearest;
pub use settings::{Budget, Limit, Settings, WorkloadPattern};

/// The values of a chart in one environment, and what its templates read of them.
#[derive(Debug, Clone, Copy)]
pub struct ValuesUse<'a> {
    /// The places that are read; nothing where that is not known.
    pub places: Option<&'a Places>,
    /// The documents of the chart's `values.yaml` and of each of the user's files.
    pub files: &'a [Arc<[Document]>],
    /// What each `--set` and its like writes.
    pub arguments: &'a [Given],
    /// What templates read and no values define.
    pub undefined: &'a [Undefined],
}

/// What a check sees.
pub struct Context<'c, 'r> {
    /// The release.
    pub release: &'c Release<'r>,
    /// The configuration's say.
    pub settings: &'c Settings,
    /// What is known of where bytes came from.
    pub evidence: &'c dyn Evidence,
    /// The values of a chart, and what its templates read of them; nothing for plain manifests.
    pub values: Option<&'c ValuesUse<'c>>,
    scraping: OnceCell<Scraping<'r>>,
    serving: OnceCell<Rc<[Vec<Serving<'r>>]>>,
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

    /// The containers of each workload of the release that serve or train models, found out when
    /// first asked for.
    fn serving(&self) -> Rc<[Vec<Serving<'r>>]> {
        let serving = self.serving.get_or_init(|| {
            let workloads = self.release.workloads().iter();
            let serving =
                workloads.map(|workload| images::serving(self.release, workload, self.settings));
            serving.collect()
        });
        Rc::clone(serving)
    }
}

/// Whether a rule takes about as long as all others together: this one looks at every text.
#[must_use]
pub fn takes_long(rule: &str) -> bool {
    rule == "default-secret"
}

/// Runs every rule that is on and wanted.
#[must_use]
pub fn check(
    release: &Release<'_>,
    settings: &Settings,
    evidence: &dyn Evidence,
    values: Option<&ValuesUse<'_>>,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut context = Context {
        release,
        settings,
        evidence,
        values,
        scraping: OnceCell::new(),
        serving: OnceCell::new(),
        findings: Vec::new(),
    };
    for (name, run) in native::CHECKS {
        if settings.is_on(name) && is_wanted(name) {
            run(&mut context);
        }
    }
    context.findings
}
