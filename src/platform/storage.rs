//! The storage that a release claims.

use std::collections::BTreeSet;

use crate::k8s::{Object, Quantity, Release, Workload, WorkloadKind};
use crate::source::Span;
use crate::yaml::NodeRef;

use super::capacity::Autoscalers;

/// A request for storage: a claim, or a claim template times the pods that it is made for.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The object that asks.
    pub object: Object<'a>,
    /// The claim's name, or `set/template`.
    pub name: String,
    /// The quantity; the claim's spec where none is written.
    pub span: Span,
    /// What is written for a quantity, where something is.
    pub written: Option<NodeRef<'a>>,
    /// One volume; `None` where none is written or the text is no quantity.
    pub each: Option<Quantity>,
    /// How many volumes.
    pub count: i64,
}

impl Claim<'_> {
    /// All its volumes together; nothing where the quantity is unknown.
    #[must_use]
    pub fn total(&self) -> Quantity {
        self.each.unwrap_or(Quantity::ZERO).times(self.count)
    }
}

/// Every claim of a release, in order: those that are written out, those that a StatefulSet and its
/// like make for each of their pods, and the volumes that live as long as a pod. A claim that is
/// written out for one of a StatefulSet's pods counts once. The volumes of hooks do not stay.
#[must_use]
pub fn claims<'a>(release: &Release<'a>) -> Vec<Claim<'a>> {
    let mut found = Vec::new();
    let mut names: BTreeSet<(&str, &str)> = BTreeSet::new();
    for object in release.core("PersistentVolumeClaim") {
        // The same claim twice is one claim.
        if names.insert((object.namespace, object.name)) || object.name.is_empty() {
            found.extend(claim(*object, object.node, object.name.to_owned(), 1));
        }
    }
    let scalers = Autoscalers::of(release);
    for workload in release.workloads() {
        let pods = scalers.pods(workload);
        let owner = workload.object.name;
        let part = workload.part;
        for template in workload.claim_templates() {
            let name = template
                .at(&["metadata", "name"])
                .and_then(NodeRef::text)
                .unwrap_or("?");
            let count = count(workload, pods, name, &names);
            let shown = format!("{owner}{part}/{name}");
            found.extend(claim(workload.object, template, shown, count));
        }
        if workload.object.is_hook || workload.kind == WorkloadKind::Blueprint {
            continue;
        }
        let volumes = workload.pod.get("volumes");
        for volume in volumes.into_iter().flat_map(NodeRef::items) {
            let template = volume.at(&["ephemeral", "volumeClaimTemplate"]);
            let Some(template) = template else { continue };
            let name = volume.get("name").and_then(NodeRef::text).unwrap_or("?");
            let shown = format!("{owner}{part}/{name}");
            found.extend(claim(workload.object, template, shown, pods));
        }
    }
    found
}

/// How many claims a template makes beyond those that are written out.
fn count(set: &Workload<'_>, pods: i64, template: &str, names: &BTreeSet<(&str, &str)>) -> i64 {
    // Only a StatefulSet gives its claims names that can be foreseen.
    if set.object.kind != "StatefulSet" {
        return pods;
    }
    let prefix = format!("{template}-{}-", set.object.name);
    let written = names.iter().filter(|(namespace, name)| {
        *namespace == set.object.namespace
            && name
                .strip_prefix(&prefix)
                .and_then(|ordinal| ordinal.parse::<i64>().ok())
                .is_some_and(|ordinal| (0..pods).contains(&ordinal))
    });
    let written = i64::try_from(written.count()).unwrap_or(i64::MAX);
    pods.saturating_sub(written)
}

fn claim<'a>(object: Object<'a>, node: NodeRef<'a>, name: String, count: i64) -> Option<Claim<'a>> {
    let spec = node.get("spec")?;
    let storage = spec.at(&["resources", "requests", "storage"]);
    Some(Claim {
        object,
        name,
        span: storage.unwrap_or(spec).span(),
        written: storage.filter(|node| !node.is_null()),
        each: storage
            .and_then(Quantity::of)
            .filter(|quantity| !quantity.is_negative()),
        count,
    })
}
