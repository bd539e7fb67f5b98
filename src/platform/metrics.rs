//! Who exposes metrics: ports that are named for it, and annotations that ask to be scraped.

use crate::k8s::{Object, Release, Workload};
use crate::source::Span;
use crate::yaml::NodeRef;

/// A component that exposes metrics, with the first sign of it.
#[derive(Debug, Clone)]
pub struct Exposure<'a> {
    /// The workload.
    pub workload: Workload<'a>,
    /// The object in which the sign stands: the workload, or a Service before it.
    pub object: Object<'a>,
    /// The port's name, or the annotation's value.
    pub span: Span,
    /// The port's name, where a port is the sign.
    pub port_name: Option<&'a str>,
    /// The port's number, where it is known.
    pub number: Option<i64>,
}

/// Whether a port of this name is for metrics.
#[must_use]
pub fn is_metrics_name(name: &str) -> bool {
    name == "metrics"
        || name == "prometheus"
        || name.ends_with("-metrics")
        || name.starts_with("metrics-")
}

/// The annotation `prometheus.io/scrape`, where it asks for scraping.
#[must_use]
pub fn is_annotated(scrape: Option<NodeRef<'_>>) -> bool {
    scrape
        .and_then(NodeRef::text)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Whether an annotation of a pod or Service has an agent of the cluster scrape it, which is not
/// part of the release.
#[must_use]
pub fn asks_an_agent(key: &str, value: &str) -> bool {
    let is_true = || value.eq_ignore_ascii_case("true");
    let names_a_check = || {
        ["openmetrics", "prometheus"]
            .iter()
            .any(|check| value.contains(check))
    };
    match key {
        // Grafana's Alloy, Dynatrace's ActiveGate, New Relic's Prometheus agent.
        "k8s.grafana.com/scrape" | "metrics.dynatrace.com/scrape" | "newrelic.io/scrape" => {
            is_true()
        }
        // Elastic's Metricbeat and agent.
        "co.elastic.metrics/module" | "co.elastic.hints/package" => names_a_check(),
        // Datadog's agent, with the container in the key.
        _ => key.starts_with("ad.datadoghq.com/") && names_a_check(),
    }
}

/// The components of a release that run for ever and expose metrics, one entry each.
#[must_use]
pub fn exposures<'a>(release: &Release<'a>) -> Vec<Exposure<'a>> {
    release
        .workloads()
        .iter()
        .filter(|workload| workload.runs_forever())
        .filter_map(|workload| exposure(release, workload))
        .collect()
}

fn exposure<'a>(release: &Release<'a>, workload: &Workload<'a>) -> Option<Exposure<'a>> {
    let found = |object: &Object<'a>, node: NodeRef<'a>, port_name, number| Exposure {
        workload: *workload,
        object: *object,
        span: node.span(),
        port_name,
        number,
    };
    for container in workload.running_containers() {
        for port in container.ports() {
            let name = port.name.and_then(NodeRef::text).unwrap_or_default();
            if let Some(node) = port.name.filter(|_| is_metrics_name(name)) {
                return Some(found(&workload.object, node, Some(name), port.number));
            }
        }
    }
    let services = release.services().iter();
    let services: Vec<_> = services.filter(|one| one.selects(workload)).collect();
    for service in &services {
        for port in service.ports() {
            let name = port.name.and_then(NodeRef::text).unwrap_or_default();
            if let Some(node) = port.name.filter(|_| is_metrics_name(name)) {
                return Some(found(&service.object, node, Some(name), port.number));
            }
        }
    }
    const SCRAPE: &str = "prometheus.io/scrape";
    let on_pod = workload
        .pod_annotation(SCRAPE)
        .map(|node| (&workload.object, node));
    let on_service = || {
        let mut services = services.iter();
        services.find_map(|service| Some((&service.object, service.object.annotation(SCRAPE)?)))
    };
    let (object, node) = on_pod
        .filter(|(_, node)| is_annotated(Some(*node)))
        .or_else(|| on_service().filter(|(_, node)| is_annotated(Some(*node))))?;
    Some(found(object, node, None, None))
}
