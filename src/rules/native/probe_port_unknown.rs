//! `probe-port-unknown`.

use crate::finding::Finding;
use crate::k8s::{Container, ContainerPort, Port, ProbeKind, Release, Role, Workload};
use crate::rules::Context;
use crate::yaml::NodeRef;

use super::listening::{is_configured, is_told_of};
use super::words::{listed, nearest};

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    for workload in release.workloads() {
        for container in workload.containers() {
            for kind in ProbeKind::ALL {
                if let Some(finding) = unknown(release, workload, &container, kind) {
                    context.report(finding);
                }
            }
        }
    }
}

fn unknown(
    release: &Release<'_>,
    workload: &Workload<'_>,
    container: &Container<'_>,
    kind: ProbeKind,
) -> Option<Finding> {
    let probe = container.probe(kind)?;
    let (node, port) = probe.port()?;
    if let Some(quoted) = quoted(workload, container, kind, (node, port)) {
        return Some(quoted);
    }
    if probe.asks_elsewhere() {
        return None;
    }
    let ports: Vec<ContainerPort<'_>> = container.ports().collect();
    let names: Vec<String> = ports
        .iter()
        .filter_map(|port| port.name.and_then(NodeRef::text).map(str::to_owned))
        .collect();
    let is_filled = matches!(container.role, Role::Filled(_));
    let mut undeclared = workload.undeclared_ports(container);
    let is_known = container.port(port).is_some()
        // Its ports may stand where the rest of it does.
        || is_filled
        || undeclared.any(|(number, name)| match port {
            Port::Number(asked) => asked == number || workload.is_started_with(container, asked),
            Port::Name(asked) => Some(asked) == name,
        })
        || match port {
            // A container that declares nothing may still listen anywhere, and one that is told of
            // a port there.
            Port::Number(asked) => {
                ports.is_empty()
                    || is_told_of(container, asked)
                    || is_configured(release, workload, asked)
            }
            Port::Name(_) => false,
        };
    // A port that is no number (and no finding of this rule) may be any.
    if is_known
        || (ports.iter().any(|port| port.number.is_none()) && matches!(port, Port::Number(_)))
    {
        return None;
    }
    let shown = match port {
        Port::Number(number) => number.to_string(),
        Port::Name(name) => format!("`{name}`"),
    };
    let near = match port {
        Port::Name(name) => nearest(name, &names),
        Port::Number(_) => None,
    };
    let declared: Vec<String> = ports.iter().map(shown_port).collect();
    let help = match (near, declared.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "give the port this name under `ports`, or ask it by number".to_owned(),
        (None, [one]) => {
            format!("the container declares {one}: ask that, or declare this port under `ports`")
        }
        (None, _) => format!("the container declares {}", listed(&declared)),
    };
    let message = format!(
        "the `{}` of container `{}` of {} asks port {shown}, which the container does not declare",
        kind.key(),
        container.name(),
        workload.label()
    );
    let mut finding = Finding::new("probe-port-unknown", node.span(), message)
        .help(help)
        .object(workload.object.reference());
    if let Some(first) = ports.first() {
        finding = finding.related(first.node.span(), "the ports it declares");
    }
    Some(finding)
}

/// A number in quotes is a name to Kubernetes, and a name of a port has a letter.
fn quoted(
    workload: &Workload<'_>,
    container: &Container<'_>,
    kind: ProbeKind,
    (node, port): (NodeRef<'_>, Port<'_>),
) -> Option<Finding> {
    let Port::Name(name) = port else {
        return None;
    };
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let message = format!(
        "the `{}` of container `{}` of {} asks port \"{name}\", a number in quotes, which the API server refuses: in quotes it is a name, and that must have a letter",
        kind.key(),
        container.name(),
        workload.label()
    );
    Some(
        Finding::new("probe-port-unknown", node.span(), message)
            .help(format!(
                "take the quotes, or a template's `quote`, off: `port: {name}`"
            ))
            .object(workload.object.reference()),
    )
}

fn shown_port(port: &ContainerPort<'_>) -> String {
    match (port.number, port.name.and_then(NodeRef::text)) {
        (Some(number), Some(name)) => format!("{number} (`{name}`)"),
        (Some(number), None) => number.to_string(),
        (None, name) => format!("`{}`", name.unwrap_or("?")),
    }
}
