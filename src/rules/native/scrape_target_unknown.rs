//! `scrape-target-unknown`: static targets, annotations, monitors.

use crate::finding::Finding;
use crate::k8s::{Object, Release, Workload};
use crate::platform::{Scraping, Target};
use crate::rules::Context;
use crate::source::Span;
use crate::yaml::NodeRef;

use super::words::{listed, nearest};

const RULE: &str = "scrape-target-unknown";

pub(super) fn check(context: &mut Context<'_, '_>) {
    // Something of the release is unknown: what a target needs may stand there.
    if context.release.is_incomplete {
        return;
    }
    let scraping = Scraping::of(context.release, &|span| context.bytes_of(span));
    for target in &scraping.targets {
        if let Some(finding) = static_target(context.release, target) {
            context.report(finding);
        }
    }
    let objects: Vec<Object<'_>> = context.release.objects().to_vec();
    for object in &objects {
        let found = match object.kind {
            "Service" => annotated_service(context.release, object),
            "ServiceMonitor" | "PodMonitor" => monitor(context.release, object),
            _ => Workload::of(object).and_then(|workload| annotated_pods(&workload)),
        };
        if let Some(finding) = found {
            context.report(finding.object(object.reference()));
        }
    }
}

/// A Service's port number and its name.
fn service_ports(service: &Object<'_>) -> Vec<(i64, Option<String>)> {
    service
        .node
        .at(&["spec", "ports"])
        .into_iter()
        .flat_map(NodeRef::items)
        .filter_map(|port| {
            let number = port.get("port").and_then(NodeRef::int)?;
            Some((
                number,
                port.get("name").and_then(NodeRef::text).map(str::to_owned),
            ))
        })
        .collect()
}

fn spec_text<'a>(object: &Object<'a>, key: &str) -> Option<&'a str> {
    object.node.at(&["spec", key]).and_then(NodeRef::text)
}

fn shown_ports(ports: &[(i64, Option<String>)]) -> Vec<String> {
    ports
        .iter()
        .map(|(number, name)| match name {
            Some(name) => format!("{number} ({name})"),
            None => number.to_string(),
        })
        .collect()
}

fn static_target(release: &Release<'_>, target: &Target<'_>) -> Option<Finding> {
    let (host, port) = match target.text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, Some(port)),
        None => (target.text.as_str(), None),
        // An IPv6 address.
        Some(_) => return None,
    };
    let default = if target.scheme == "https" { 443 } else { 80 };
    let number: Option<i64> = port.map_or(Some(default), |port| port.parse().ok());
    let port_span = |span: Span| match port {
        Some(port) if span.len() == target.text.len() => {
            span.slice(span.len() - port.len(), span.len())
        }
        _ => span,
    };
    let host_span = |span: Span| {
        if span.len() == target.text.len() {
            span.slice(0, host.len())
        } else {
            span
        }
    };
    let service = find_service(release, host, target.object.namespace);
    let job = if target.job.is_empty() {
        String::new()
    } else {
        format!(" of job `{}`", target.job)
    };
    let report = |span: Span, message: String, help: String| {
        let finding = Finding::new(RULE, span, message).help(help);
        Some(finding.object(target.object.reference()))
    };
    match service {
        Host::Elsewhere => None,
        Host::Unknown(name) => {
            let names: Vec<String> = release
                .of_kind("Service")
                .map(|service| service.name.to_owned())
                .collect();
            let help = match nearest(&name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write the name of a Service of the release".to_owned(),
            };
            report(
                host_span(target.span),
                format!(
                    "scrape target `{}`{job} names no Service of the release",
                    target.text
                ),
                help,
            )
        }
        Host::Service(service) => {
            if spec_text(service, "type") == Some("ExternalName") {
                return None;
            }
            let mut ports = service_ports(service);
            if spec_text(service, "clusterIP") == Some("None") {
                // A headless Service leads to the Pods themselves, at any port they have.
                for workload in release.selected(service) {
                    for container in workload.template.containers() {
                        ports.extend(
                            container.ports().filter_map(|port| {
                                Some((port.number?, port.name.map(str::to_owned)))
                            }),
                        );
                    }
                }
            }
            if ports.is_empty()
                || number.is_some_and(|number| ports.iter().any(|(known, _)| *known == number))
            {
                return None;
            }
            ports.dedup();
            let metrics = ports
                .iter()
                .find(|(_, name)| name.as_deref().is_some_and(|name| name.contains("metrics")));
            let help = match metrics.or(ports.first().filter(|_| ports.len() == 1)) {
                Some(port) => format!(
                    "did you mean {}?",
                    shown_ports(std::slice::from_ref(port)).concat()
                ),
                None => format!("the Service has {}", listed(&shown_ports(&ports))),
            };
            let asked = port.map_or_else(|| format!("{default}, the default"), str::to_owned);
            report(
                port_span(target.span),
                format!(
                    "scrape target `{}`{job} asks port {asked}, which Service `{}` does not have",
                    target.text, service.name
                ),
                help,
            )
        }
    }
}

enum Host<'s, 'a> {
    Service(&'s Object<'a>),
    Unknown(String),
    /// Outside of what the release can tell.
    Elsewhere,
}

/// The Service behind a host name as seen from `namespace`.
fn find_service<'s, 'a>(release: &'s Release<'a>, host: &str, namespace: &str) -> Host<'s, 'a> {
    let host = host.trim_end_matches('.');
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") || host.contains(['{', '$', '[']) {
        return Host::Elsewhere;
    }
    if host.split('.').all(|part| part.parse::<u8>().is_ok()) {
        return Host::Elsewhere;
    }
    let parts: Vec<&str> = host.split('.').collect();
    // `svc`, `svc.ns`, `svc.ns.svc`, `svc.ns.svc.cluster.local`, and a Pod's name before these.
    let is_cluster = |rest: &[&str]| rest.is_empty() || rest.first() == Some(&"svc");
    let find = |name: &str, namespace: &str| {
        release
            .of_kind("Service")
            .find(|service| service.name == name && service.namespace == namespace)
    };
    let candidates: Vec<(&str, &str)> = match parts.as_slice() {
        [name] => vec![(name, namespace)],
        [name, ns, rest @ ..] if is_cluster(rest) => {
            let mut all = vec![(*name, *ns)];
            // `pod.svc` of a headless Service in the same namespace.
            if rest.is_empty() {
                all.push((*ns, namespace));
            }
            all
        }
        [_, name, ns, rest @ ..] if is_cluster(rest) => vec![(name, ns)],
        _ => return Host::Elsewhere,
    };
    for (name, ns) in &candidates {
        if let Some(service) = find(name, ns) {
            return Host::Service(service);
        }
    }
    let Some((name, ns)) = candidates.first() else {
        return Host::Elsewhere;
    };
    let known = |ns: &str| {
        release
            .objects()
            .iter()
            .any(|object| object.namespace == ns && !ns.is_empty() && object.kind != "Namespace")
    };
    // Another namespace is not the release's to know; nor is a host with a dot that may be one of
    // the internet's.
    if parts.len() > 1 && !known(ns) {
        return Host::Elsewhere;
    }
    Host::Unknown((*name).to_owned())
}

/// `prometheus.io/scrape` and `prometheus.io/port`.
fn annotation<'a>(annotations: Option<NodeRef<'a>>) -> Option<(i64, NodeRef<'a>)> {
    let annotations = annotations?;
    if annotations.get("prometheus.io/scrape")?.text()? != "true" {
        return None;
    }
    let port = annotations.get("prometheus.io/port")?;
    Some((port.text()?.trim().parse().ok()?, port))
}

fn annotated_service(release: &Release<'_>, service: &Object<'_>) -> Option<Finding> {
    let (number, node) = annotation(service.annotations())?;
    let mut ports = service_ports(service);
    for workload in release.selected(service) {
        for container in workload.template.containers() {
            ports.extend(
                container
                    .ports()
                    .filter_map(|port| Some((port.number?, port.name.map(str::to_owned)))),
            );
        }
    }
    if ports.is_empty() || ports.iter().any(|(known, _)| *known == number) {
        return None;
    }
    ports.dedup();
    let message = format!(
        "Service `{}` is to be scraped at port {number}, which neither it nor its Pods have",
        service.name
    );
    let help = format!("its ports are {}", listed(&shown_ports(&ports)));
    Some(Finding::new(RULE, node.span(), message).help(help))
}

fn annotated_pods(workload: &Workload<'_>) -> Option<Finding> {
    let (number, node) = annotation(workload.template.annotations)?;
    let ports: Vec<(i64, Option<String>)> = workload
        .template
        .containers()
        .flat_map(|container| {
            container
                .ports()
                .filter_map(|port| Some((port.number?, port.name.map(str::to_owned))))
                .collect::<Vec<_>>()
        })
        .collect();
    // Containers that declare nothing may listen anywhere.
    if ports.is_empty() || ports.iter().any(|(known, _)| *known == number) {
        return None;
    }
    let message = format!(
        "the Pods of {} are to be scraped at port {number}, which none of their containers declares",
        workload.object.label()
    );
    let help = format!("they declare {}", listed(&shown_ports(&ports)));
    Some(Finding::new(RULE, node.span(), message).help(help))
}

/// A ServiceMonitor or PodMonitor: its selector must take something, and each endpoint's port must
/// be a port of that.
fn monitor(release: &Release<'_>, object: &Object<'_>) -> Option<Finding> {
    let selector = object.node.at(&["spec", "selector"])?;
    let is_service = object.kind == "ServiceMonitor";
    let scope = object.node.at(&["spec", "namespaceSelector"]);
    let is_any = scope
        .and_then(|scope| scope.get("any"))
        .and_then(NodeRef::bool)
        == Some(true);
    let names: Vec<&str> = scope
        .and_then(|scope| scope.get("matchNames"))
        .into_iter()
        .flat_map(NodeRef::items)
        .filter_map(NodeRef::text)
        .collect();
    let in_scope = |namespace: &str| {
        is_any || names.contains(&namespace) || (names.is_empty() && namespace == object.namespace)
    };
    // Monitors of what others install are none of the release's business.
    let sees_others = is_any || names.iter().any(|name| *name != object.namespace);
    let mut ports: Vec<(i64, Option<String>)> = Vec::new();
    let mut is_found = false;
    if is_service {
        for service in release.of_kind("Service") {
            if in_scope(service.namespace) && Release::takes(selector, service.labels()) {
                is_found = true;
                ports.extend(service_ports(service));
            }
        }
    } else {
        for workload in release.workloads() {
            if in_scope(workload.object.namespace)
                && Release::takes(selector, workload.template.labels)
            {
                is_found = true;
                for container in workload.template.containers() {
                    ports.extend(
                        container
                            .ports()
                            .filter_map(|port| Some((port.number?, port.name.map(str::to_owned)))),
                    );
                }
            }
        }
    }
    if !is_found {
        if sees_others {
            return None;
        }
        let what = if is_service { "Service" } else { "Pod" };
        let message = format!("{} selects no {what} of the release", object.label());
        let at = selector
            .get("matchLabels")
            .filter(|labels| labels.entries().next().is_some());
        let span = at
            .unwrap_or(selector)
            .entries()
            .next()
            .map_or(selector.span(), |(key, value)| {
                key.span().cover(value.span())
            });
        return Some(Finding::new(RULE, span, message).help(format!(
            "select labels that a {what} of the release carries"
        )));
    }
    let list = if is_service {
        "endpoints"
    } else {
        "podMetricsEndpoints"
    };
    for endpoint in object
        .node
        .at(&["spec", list])
        .into_iter()
        .flat_map(NodeRef::items)
    {
        let Some(port) = endpoint.get("port") else {
            continue;
        };
        let Some(name) = port.text() else { continue };
        if ports
            .iter()
            .any(|(_, known)| known.as_deref() == Some(name))
        {
            continue;
        }
        let known: Vec<String> = ports.iter().filter_map(|(_, name)| name.clone()).collect();
        let message = format!(
            "{} scrapes port `{name}`, which nothing that it selects has",
            object.label()
        );
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "name the port in the Service".to_owned(),
            None => format!("the ports are {}", listed(&known)),
        };
        return Some(Finding::new(RULE, port.span(), message).help(help));
    }
    None
}
