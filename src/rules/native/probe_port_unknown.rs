//! `probe-port-unknown`.

use crate::finding::Finding;
use crate::k8s::{ProbePort, Workload};
use crate::rules::Context;

use super::words::{listed, nearest};

pub(super) fn check(context: &mut Context<'_, '_>) {
    let workloads: Vec<Workload<'_>> = context.release.workloads().collect();
    for workload in &workloads {
        for container in workload.template.containers() {
            let ports: Vec<_> = container.ports().collect();
            let names: Vec<String> = ports
                .iter()
                .filter_map(|port| port.name.map(str::to_owned))
                .collect();
            let numbers: Vec<i64> = ports.iter().filter_map(|port| port.number).collect();
            for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
                let Some((port, span)) = container.probe(key).and_then(|handler| handler.port)
                else {
                    continue;
                };
                let (shown, suggestion) = match port {
                    ProbePort::Name(name) if !names.iter().any(|known| known == name) => {
                        (format!("`{name}`"), nearest(name, &names))
                    }
                    // A container that declares nothing may still listen anywhere.
                    ProbePort::Number(number)
                        if !numbers.is_empty() && !numbers.contains(&number) =>
                    {
                        (number.to_string(), None)
                    }
                    _ => continue,
                };
                let declared: Vec<String> = ports
                    .iter()
                    .map(|port| match (port.number, port.name) {
                        (Some(number), Some(name)) => format!("{number} ({name})"),
                        (Some(number), None) => number.to_string(),
                        (None, name) => name.unwrap_or("?").to_owned(),
                    })
                    .collect();
                let help = match suggestion {
                    Some(name) => format!("did you mean `{name}`?"),
                    None if declared.is_empty() => "declare the port under `ports`".to_owned(),
                    None => format!("the container declares {}", listed(&declared)),
                };
                context.report(
                    Finding::new(
                        "probe-port-unknown",
                        span,
                        format!(
                            "the {key} of container `{}` of {} asks port {shown}, which the container does not declare",
                            container.name(),
                            workload.object.label()
                        ),
                    )
                    .help(help)
                    .object(workload.object.reference()),
                );
            }
        }
    }
}
