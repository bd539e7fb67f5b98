//! `liveness-probe-missing`, `readiness-probe-missing`, `startup-probe-missing`.

use crate::finding::Finding;
use crate::k8s::{Container, Workload};
use crate::rules::{Context, images};
use crate::source::Span;
use crate::yaml::NodeRef;

pub(super) fn liveness(context: &mut Context<'_, '_>) {
    everywhere(
        context,
        "liveness-probe-missing",
        "livenessProbe",
        "liveness probe",
    );
}

pub(super) fn readiness(context: &mut Context<'_, '_>) {
    everywhere(
        context,
        "readiness-probe-missing",
        "readinessProbe",
        "readiness probe",
    );
}

fn everywhere(context: &mut Context<'_, '_>, rule: &'static str, key: &'static str, what: &str) {
    let workloads: Vec<Workload<'_>> = context.release.workloads().collect();
    for workload in workloads
        .iter()
        .filter(|workload| workload.is_long_running())
    {
        for container in workload.template.containers() {
            if container.probe(key).is_none() {
                let finding = missing(rule, key, what, workload, &container);
                context.report(finding);
            }
        }
    }
}

fn missing(
    rule: &'static str,
    key: &'static str,
    what: &str,
    workload: &Workload<'_>,
    container: &Container<'_>,
) -> Finding {
    // A probe that says nothing is shown; a container without one by its name.
    let empty = container
        .node
        .entry(key)
        .map(|(key, value)| key.span().cover(value.span()));
    let message = format!(
        "container `{}` of {} has no {what}",
        container.name(),
        workload.object.label()
    );
    let finding = Finding::new(rule, empty.unwrap_or_else(|| place(container)), message)
        .help(format!(
            "add a `{key}` with httpGet, tcpSocket, grpc or exec"
        ))
        .object(workload.object.reference());
    // Values that feed the container may be looked for in all of it.
    finding.absent([key]).within(container.node.span())
}

/// Where a container begins: its name, or its first entry.
pub(super) fn place(container: &Container<'_>) -> Span {
    let name = container.node.get("name").map(NodeRef::span);
    name.unwrap_or_else(|| container.node.span())
}

pub(super) fn startup(context: &mut Context<'_, '_>) {
    let workloads: Vec<Workload<'_>> = context.release.workloads().collect();
    for workload in workloads
        .iter()
        .filter(|workload| workload.is_long_running())
    {
        for container in images::serving(workload, context.settings) {
            // Without a liveness probe nothing restarts a slow starter; its own rule says that.
            if container.probe("startupProbe").is_some()
                || container.probe("livenessProbe").is_none()
            {
                continue;
            }
            let finding = missing(
                "startup-probe-missing",
                "startupProbe",
                "startup probe, and loading a model takes longer than its liveness probe waits",
                workload,
                &container,
            );
            context.report(finding);
        }
    }
}
