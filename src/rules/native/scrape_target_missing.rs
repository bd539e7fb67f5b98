//! `scrape-target-missing`.

use crate::finding::Finding;
use crate::k8s::Release;
use crate::platform::{MetricsPort, Scraping, metrics_ports};
use crate::rules::Context;
use crate::yaml::NodeRef;

pub(super) fn check(context: &mut Context<'_, '_>) {
    if context.release.is_incomplete {
        return;
    }
    let scraping = Scraping::of(context.release, &|span| context.bytes_of(span));
    // Without any scraping in the release somebody else does it; discovery may find anything.
    if !scraping.is_any || scraping.discovers {
        return;
    }
    for port in metrics_ports(context.release) {
        if is_scraped(context.release, &scraping, &port) {
            continue;
        }
        let message = format!(
            "{} exposes metrics at port {} (`{}`), which nothing in the release scrapes",
            port.workload.object.label(),
            port.number,
            port.name
        );
        context.report(
            Finding::new("scrape-target-missing", port.span, message)
                .help("add a scrape target or a monitor for the port")
                .object(port.workload.object.reference()),
        );
    }
}

fn is_scraped(release: &Release<'_>, scraping: &Scraping<'_>, port: &MetricsPort<'_>) -> bool {
    let annotated = |annotations: Option<NodeRef<'_>>| {
        annotations
            .and_then(|list| list.get("prometheus.io/scrape"))
            .and_then(NodeRef::text)
            == Some("true")
    };
    if annotated(port.workload.template.annotations) {
        return true;
    }
    // Which of a Service's ports leads to the container's port is not told apart: a target on the
    // Service is one for the component, at whatever port it is scraped.
    let by_target = scraping.targets.iter().any(|target| {
        let host = target.text.split(':').next().unwrap_or_default();
        port.services
            .iter()
            .any(|(_, name)| host.split('.').any(|part| part == *name))
    });
    let by_service = release.of_kind("Service").any(|service| {
        port.services.contains(&(service.namespace, service.name))
            && annotated(service.annotations())
    });
    let selects = |kind: &str, labels: Option<NodeRef<'_>>| {
        release.of_kind(kind).any(|monitor| {
            monitor
                .node
                .at(&["spec", "selector"])
                .is_some_and(|selector| Release::takes(selector, labels))
        })
    };
    let by_monitor = selects("PodMonitor", port.workload.template.labels)
        || release.of_kind("Service").any(|service| {
            port.services.contains(&(service.namespace, service.name))
                && selects("ServiceMonitor", service.labels())
        });
    by_target || by_service || by_monitor
}
