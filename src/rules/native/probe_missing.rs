//! `liveness-probe-missing`, `readiness-probe-missing`, `startup-probe-missing`.

use crate::finding::Finding;
use crate::k8s::{Container, ProbeKind, Workload};
use crate::rules::{Context, images};
use crate::source::Span;
use crate::yaml::NodeRef;

/// A liveness probe that waits this long, in seconds, before it restarts a container does the work
/// of a startup probe: most models are loaded by then.
const PATIENT: i64 = 300;

pub(super) fn liveness(context: &mut Context<'_, '_>) {
    everywhere(
        context,
        "liveness-probe-missing",
        ProbeKind::Liveness,
        "liveness probe",
    );
}

pub(super) fn readiness(context: &mut Context<'_, '_>) {
    everywhere(
        context,
        "readiness-probe-missing",
        ProbeKind::Readiness,
        "readiness probe",
    );
}

fn everywhere(context: &mut Context<'_, '_>, rule: &'static str, kind: ProbeKind, what: &str) {
    let release = context.release;
    for workload in release
        .workloads()
        .iter()
        .filter(|workload| workload.runs_forever())
    {
        for container in workload.running_containers() {
            let probe = container.probe(kind);
            let is_asked = probe.is_some_and(|probe| {
                probe.has_handler() || workload.fills_in_probe_ports() && probe.asks_some_port()
            });
            let is_wanted = workload.wants_probe(&container, kind);
            if is_wanted && !is_asked && !images::only_waits(&container) {
                context.report(missing(rule, kind, what, workload, &container));
            }
        }
    }
}

fn missing(
    rule: &'static str,
    kind: ProbeKind,
    what: &str,
    workload: &Workload<'_>,
    container: &Container<'_>,
) -> Finding {
    let name = format!("container `{}` of {}", container.name(), workload.label());
    // A probe that asks nothing is shown; else the container that should have one.
    let (span, message) = match container.probe(kind) {
        Some(probe) => (
            pair(probe.key, probe.node),
            format!(
                "the `{}` of {name} asks nothing, so it has no {what}",
                kind.key()
            ),
        ),
        None => (place(container), format!("{name} has no {what}")),
    };
    Finding::new(rule, span, message)
        .help(format!(
            "add a `{}` with `httpGet`, `tcpSocket`, `grpc` or `exec`",
            kind.key()
        ))
        .object(workload.object.reference())
        .absent([kind.key()])
        // Values that feed the container may be looked for in all of it.
        .within(container.node.span())
}

/// A key with its value where the value is a scalar or stands in the flow; the key alone before a
/// block.
pub(super) fn pair(key: NodeRef<'_>, value: NodeRef<'_>) -> Span {
    let (from, to) = (key.span(), value.span());
    let is_short = value.style().is_some()
        || (value.entries().next().is_none() && value.items().next().is_none());
    if is_short && to.start() >= from.end() && to.start() - from.end() < 80 {
        from.cover(to)
    } else {
        from
    }
}

/// Where a container begins: its first entry.
pub(super) fn place(container: &Container<'_>) -> Span {
    container
        .node
        .entries()
        .next()
        .map_or(container.node.span(), |(key, value)| pair(key, value))
}

pub(super) fn startup(context: &mut Context<'_, '_>) {
    let release = context.release;
    let all = context.serving();
    let workloads = release.workloads().iter().zip(&*all);
    for (workload, serving) in workloads.filter(|(workload, _)| workload.runs_forever()) {
        for container in serving
            .iter()
            // What a runtime fills in has the runtime's probes, and those of its controller.
            .filter(|serving| serving.is_server && serving.runtime.is_none())
            .map(|serving| serving.container)
        {
            let probe = |kind| container.probe(kind).filter(|probe| probe.has_handler());
            let waits = probe(ProbeKind::Liveness).is_some_and(|probe| probe.patience() >= PATIENT);
            // What is not asked for a startup probe still needs one beside an impatient liveness
            // probe of its own.
            let is_wanted = workload.wants_probe(&container, ProbeKind::Startup)
                || probe(ProbeKind::Liveness).is_some();
            if probe(ProbeKind::Startup).is_some() || waits || !is_wanted {
                continue;
            }
            context.report(missing(
                "startup-probe-missing",
                ProbeKind::Startup,
                "startup probe, though it loads a model before it answers",
                workload,
                &container,
            ));
        }
    }
}
