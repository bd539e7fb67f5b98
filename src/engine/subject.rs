//! What the rules are run on: a chart as it was rendered, or plain manifests.

use std::sync::Arc;

use crate::chart::Rendered;
use crate::config::Config;
use crate::finding::Finding;
use crate::k8s::{Release, ReleaseDocument};
use crate::rules::{self, Settings, ValuesUse};
use crate::source::FileId;
use crate::template::eval::Helper;

use super::Diagnostic;
use super::evidence;
use super::lint::place;
use super::locate::Locator;
use super::strangers;
use super::values_tree::ReadFiles;

/// All that a rule may look at, but for what is read of the values.
pub(super) struct Subject {
    pub(super) rendered: Rendered,
    pub(super) settings: Settings,
    /// The release's, where somebody names one.
    pub(super) namespace: Option<String>,
    /// Every `values.yaml` of the chart tree.
    pub(super) defaults: Vec<FileId>,
    /// The values files that were read.
    pub(super) read: ReadFiles,
}

impl Subject {
    fn locator(&self) -> Locator<'_> {
        Locator::with(&self.rendered, self.read.clone())
    }

    /// What those rules find that are wanted, and how many objects there are.
    fn findings(
        &self,
        locator: &Locator<'_>,
        values: Option<&ValuesUse<'_>>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> (Vec<Finding>, usize) {
        // What is missing may stand in what could not be rendered.
        let is_incomplete = self
            .rendered
            .findings
            .iter()
            .any(|finding| rules::find(finding.rule).is_none_or(rules::Rule::is_failure));
        let namespace = self.namespace.as_deref();
        let documents: Vec<ReleaseDocument<'_>> = self
            .rendered
            .manifests
            .iter()
            .flat_map(|manifest| {
                manifest.documents.iter().map(|document| ReleaseDocument {
                    document,
                    namespace: namespace.unwrap_or("default"),
                    is_namespace_given: namespace.is_some(),
                    is_hook: manifest.is_hook,
                })
            })
            .collect();
        let release = Release::new(&documents, is_incomplete);
        let evidence = evidence::Origins {
            sources: &self.rendered.sources,
            locator,
            defaults: &self.defaults,
        };
        let mut found = rules::check(&release, &self.settings, &evidence, values, &is_wanted);
        // Half a document may be left where a dependency or the values would give the rest.
        let is_short =
            |finding: &Finding| matches!(finding.rule, "dependency-missing" | "values-invalid");
        if is_wanted(strangers::RULE) && !self.rendered.findings.iter().any(is_short) {
            found.extend(strangers::findings(&release, &self.rendered.sources));
        }
        (found, release.objects().len())
    }
}

/// Runs the rules, those that take long beside the others. Gives what is wrong, what was found
/// before included, and how many objects there are.
pub(super) fn check(
    subject: &Arc<Subject>,
    config: &Config,
    values: Option<&ValuesUse<'_>>,
    helper: &Helper,
) -> (Vec<Diagnostic>, usize) {
    let aside = helper.is_there().then(|| {
        let subject = Arc::clone(subject);
        helper.give(move || {
            subject
                .findings(&subject.locator(), None, rules::takes_long)
                .0
        })
    });
    let locator = subject.locator();
    let is_here = |rule: &str| aside.is_none() || !rules::takes_long(rule);
    let (here, objects) = subject.findings(&locator, values, is_here);
    let mut findings = subject.rendered.findings.clone();
    if let Some(aside) = aside {
        let again = |_| subject.findings(&locator, None, rules::takes_long).0;
        findings.extend(aside.wait().unwrap_or_else(again));
    }
    findings.extend(here);
    (place(&locator, &findings, config), objects)
}
