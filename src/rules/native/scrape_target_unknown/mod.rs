//! `scrape-target-unknown`: static targets, annotations, monitors.

use crate::finding::Finding;
use crate::k8s::{Object, Port, Release, Service, Workload};
use crate::platform::{
    Address, Job, Monitor, MonitorKind, Place, Scraping, Target, declared_ports, is_annotated,
    is_metrics_name, resolve,
};
use crate::rules::{Context, Evidence, Written};
use crate::source::Span;
use crate::yaml::NodeRef;

use super::words::{listed, nearest};

const RULE: &str = "scrape-target-unknown";

/// A port by number, and by name where it has one.
type Ports<'a> = Vec<(i64, Option<&'a str>)>;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    // Something of the release is unknown: what a target needs may stand there.
    if !release.is_complete() {
        return;
    }
    let scraping = context.scraping();
    let namespaces = assumed_namespaces(release, scraping);
    let mut findings = Vec::new();
    for job in &scraping.jobs {
        for target in &job.targets {
            findings.extend(static_target(
                context.evidence,
                release,
                &namespaces,
                job,
                target,
            ));
        }
    }
    for monitor in &scraping.monitors {
        findings.extend(selects_nothing(release, monitor));
        findings.extend(endpoints(release, monitor));
    }
    for service in release.services() {
        findings.extend(annotated_service(release, service));
    }
    for workload in release.workloads() {
        findings.extend(annotated_pods(workload));
    }
    for finding in findings {
        context.report(finding);
    }
}

/// The Service that a wrong name most likely meant.
pub(super) fn intended(release: &Release<'_>, name: &str) -> Option<String> {
    let names: Vec<String> = release
        .services()
        .iter()
        .map(|service| service.name().to_owned())
        .collect();
    nearest(name, &names)
}

/// Namespaces that targets name and no manifest does, but that must be the release's: a target in
/// one of them has the name and port of a Service that leaves its namespace to the release.
pub(super) fn assumed_namespaces(release: &Release<'_>, scraping: &Scraping<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for target in scraping.jobs.iter().flat_map(|job| &job.targets) {
        let Some(address) = Address::parse(&target.text) else {
            continue;
        };
        let labels: Vec<&str> = address.host.trim_end_matches('.').split('.').collect();
        let (name, namespace) = match labels.as_slice() {
            [name, namespace] | [name, namespace, "svc", ..] => (*name, *namespace),
            _ => continue,
        };
        let port = address.port.and_then(|(port, _)| port.parse().ok());
        let is_ours = release.services().iter().any(|service| {
            service.name() == name
                && !service.object.names_namespace
                && port.is_some_and(|port| service.has_port(port))
        });
        if is_ours {
            found.push(namespace.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Where a wrong part of a target is shown: the part alone where it was written in values (a port
/// that a template put behind a name), else the whole target as it stands.
fn part(evidence: &dyn Evidence, target: &Target, start: usize, len: usize) -> Span {
    if target.span.len() != target.text.len() {
        return target.span;
    }
    let part = target.span.slice(start, start + len);
    let is_from_values = evidence
        .written_in(part)
        .iter()
        .any(|piece| matches!(piece.written, Written::ChartDefault | Written::UserValues));
    if is_from_values { part } else { target.span }
}

fn static_target(
    evidence: &dyn Evidence,
    release: &Release<'_>,
    namespaces: &[String],
    job: &Job<'_>,
    target: &Target,
) -> Option<Finding> {
    let address = Address::parse(&target.text)?;
    let of_job = if job.name.is_empty() {
        String::new()
    } else {
        format!(" of job `{}`", job.name)
    };
    let what = format!("scrape target `{}`{of_job}", target.text);
    let finding = |span: Span, message: String, help: String| {
        Finding::new(RULE, span, message)
            .help(help)
            .object(job.object.reference())
    };
    match resolve(release, &job.object, address.host, namespaces) {
        Place::Elsewhere => None,
        Place::Nowhere { at, len } => {
            let name = address.host.get(at..at + len).unwrap_or_default();
            let near = intended(release, name);
            if target.is_exporter && near.is_none() {
                return None;
            }
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let names: Vec<String> = release
                        .services()
                        .iter()
                        .take(6)
                        .map(|service| format!("`{}`", service.name()))
                        .collect();
                    format!(
                        "write the name of a Service of the release, such as {}",
                        listed(&names)
                    )
                }
            };
            let message = format!("{what} names no Service of the release: there is no `{name}`");
            let span = part(evidence, target, address.host_at + at, len);
            Some(finding(span, message, help))
        }
        Place::OtherNamespace(service) => {
            let full = format!("{}.{}", service.name(), service.object.namespace);
            let message = format!(
                "{what} does not lead to Service `{}`, which is in namespace `{}`",
                service.name(),
                service.object.namespace
            );
            let span = part(evidence, target, address.host_at, address.host.len());
            Some(finding(span, message, format!("write `{full}`")))
        }
        Place::Service(service, is_pod) => {
            let (wrong, ports) = wrong_port(release, service, &address, job.is_https, is_pod)?;
            let near = suggested(&ports);
            let help = match near {
                Some(port) => format!("did you mean {}?", shown(port)),
                None => format!("the Service has {}", listed(&all_shown(&ports))),
            };
            let message = format!(
                "{what} asks port {wrong}, which Service `{}` does not have",
                service.name()
            );
            let span = match address.port {
                Some((port, start)) => part(evidence, target, start, port.len()),
                None => target.span,
            };
            let at = service.object.node.at(&["spec", "ports"]);
            let finding = finding(span, message, help);
            Some(match at {
                Some(ports) => finding.related(ports.span(), "the ports it has"),
                None => finding,
            })
        }
    }
}

/// The port that an address asks and the Service has not, with the ports that it has.
fn wrong_port<'a>(
    release: &Release<'a>,
    service: &Service<'a>,
    address: &Address<'_>,
    is_https: bool,
    is_pod: bool,
) -> Option<(String, Ports<'a>)> {
    if service.is_external_name() {
        return None;
    }
    let mut ports: Ports<'a> = service
        .ports()
        .filter(|port| port.protocol != "UDP")
        .filter_map(|port| Some((port.number?, port.name.and_then(NodeRef::text))))
        .collect();
    // Behind a headless Service, and behind a pod's own name, are the pods: any port they have.
    if service.is_headless() || is_pod {
        let (of_pods, all_declare) = declared_ports(release.selected_by(service).copied());
        if !all_declare {
            return None;
        }
        ports.extend(of_pods);
    }
    // A Service whose ports cannot be read cannot be held against a target.
    if ports.is_empty() || service.ports().any(|port| port.number.is_none()) {
        return None;
    }
    let (number, shown) = match address.port {
        Some((text, _)) => (text.parse::<i64>().ok(), format!("`{text}`")),
        None if is_https => (Some(443), "443 (the default)".to_owned()),
        None => (Some(80), "80 (the default)".to_owned()),
    };
    let is_there = number.is_some_and(|number| ports.iter().any(|(known, _)| *known == number));
    ports.sort_unstable();
    ports.dedup();
    (!is_there).then_some((shown, ports))
}

/// The port that a wrong one most likely meant: the one for metrics, or the only one.
fn suggested<'p, 'a>(ports: &'p Ports<'a>) -> Option<&'p (i64, Option<&'a str>)> {
    ports
        .iter()
        .find(|(_, name)| name.is_some_and(is_metrics_name))
        .or_else(|| ports.first().filter(|_| ports.len() == 1))
}

fn shown((number, name): &(i64, Option<&str>)) -> String {
    match name {
        Some(name) => format!("{number} (`{name}`)"),
        None => number.to_string(),
    }
}

fn all_shown(ports: &Ports<'_>) -> Vec<String> {
    ports.iter().map(shown).collect()
}

/// The port that `prometheus.io/port` names, where scraping is asked for.
fn annotated_port<'a>(
    scrape: Option<NodeRef<'a>>,
    port: Option<NodeRef<'a>>,
) -> Option<(NodeRef<'a>, Port<'a>)> {
    if !is_annotated(scrape) {
        return None;
    }
    let node = port?;
    let text = node.text().filter(|text| !text.is_empty())?;
    // Annotations are strings: a number in one is a number to Prometheus.
    let port = match text.trim().parse() {
        Ok(number) => Port::Number(number),
        Err(_) => Port::Name(text),
    };
    // Several ports, or a pattern: made for a configuration of its own.
    let is_plain = text
        .trim()
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_plain.then_some((node, port))
}

fn is_among(port: Port<'_>, ports: &Ports<'_>) -> bool {
    ports.iter().any(|(number, name)| match port {
        Port::Number(wanted) => *number == wanted,
        Port::Name(wanted) => *name == Some(wanted),
    })
}

fn port_text(port: Port<'_>) -> String {
    match port {
        Port::Number(number) => number.to_string(),
        Port::Name(name) => format!("`{name}`"),
    }
}

fn annotated_service(release: &Release<'_>, service: &Service<'_>) -> Option<Finding> {
    let of = |key: &str| service.object.annotation(key);
    let (node, port) = annotated_port(of("prometheus.io/scrape"), of("prometheus.io/port"))?;
    if service.is_external_name() || service.selector().is_empty() {
        return None;
    }
    let (mut ports, all_declare) = declared_ports(release.selected_by(service).copied());
    // The port is asked of the pods: without knowing theirs nothing can be said.
    if !all_declare {
        return None;
    }
    for declared in service.ports() {
        ports.extend(
            declared
                .number
                .map(|number| (number, declared.name.and_then(NodeRef::text))),
        );
        if let Some(Port::Number(target)) = declared.target {
            ports.push((target, None));
        }
    }
    if is_among(port, &ports) {
        return None;
    }
    ports.sort_unstable();
    ports.dedup_by_key(|(number, _)| *number);
    let message = format!(
        "Service `{}` asks to be scraped at port {}, which neither it nor its pods have",
        service.name(),
        port_text(port)
    );
    Some(
        Finding::new(RULE, node.span(), message)
            .help(port_help(&ports))
            .object(service.object.reference()),
    )
}

fn annotated_pods(workload: &Workload<'_>) -> Option<Finding> {
    let of = |key: &str| workload.pod_annotation(key);
    let (node, port) = annotated_port(of("prometheus.io/scrape"), of("prometheus.io/port"))?;
    let (mut ports, all_declare) = declared_ports([*workload]);
    // Containers that declare nothing may listen anywhere.
    if !all_declare || is_among(port, &ports) {
        return None;
    }
    ports.sort_unstable();
    ports.dedup();
    let message = format!(
        "the pods of {} ask to be scraped at port {}, which none of their containers declares",
        workload.object.label(),
        port_text(port)
    );
    Some(
        Finding::new(RULE, node.span(), message)
            .help(port_help(&ports))
            .object(workload.object.reference()),
    )
}

fn port_help(ports: &Ports<'_>) -> String {
    match suggested(ports) {
        Some(port) => format!("did you mean {}?", shown(port)),
        None => format!("their ports are {}", listed(&all_shown(ports))),
    }
}

/// What a monitor selects, by the labels it looks at.
fn selected<'r, 'a>(
    release: &'r Release<'a>,
    monitor: &'r Monitor<'a>,
) -> (Vec<&'r Service<'a>>, Vec<&'r Workload<'a>>) {
    match monitor.kind {
        MonitorKind::Services => {
            let services: Vec<&Service<'a>> = release
                .services()
                .iter()
                .filter(|service| monitor.selects(&service.object, &service.object.labels()))
                .collect();
            (services, Vec::new())
        }
        MonitorKind::Pods => {
            let pods = release.workloads().iter();
            let pods = pods.filter(|w| monitor.selects(&w.object, &w.pod_labels()));
            (Vec::new(), pods.collect())
        }
    }
}

/// An object and the labels that a selector looks at.
type Labelled<'a> = (Object<'a>, Vec<(&'a str, &'a str)>);

/// A monitor that finds nothing, where nobody but the release could have made it.
fn selects_nothing(release: &Release<'_>, monitor: &Monitor<'_>) -> Option<Finding> {
    let (services, pods) = selected(release, monitor);
    let is_operated = || release.has_operated() || monitor.looks_for_more(release);
    if !services.is_empty() || !pods.is_empty() || is_operated() {
        return None;
    }
    let (what, candidates): (&str, Vec<Labelled<'_>>) = match monitor.kind {
        MonitorKind::Services => (
            "Service",
            release
                .services()
                .iter()
                .map(|service| (service.object, service.object.labels()))
                .collect(),
        ),
        MonitorKind::Pods => (
            "pod",
            release
                .workloads()
                .iter()
                .map(|workload| (workload.object, workload.pod_labels()))
                .collect(),
        ),
    };
    // A release without any of them monitors what another one installs, and so does a monitor
    // that looks beyond the namespaces of the release, or for the cluster's own parts.
    let names = monitor.namespaces();
    let looks_away = monitor.is_everywhere()
        || names.iter().any(|name| {
            *name != monitor.object.namespace || matches!(*name, "kube-system" | "default")
        })
        || monitor.object.namespace == "kube-system";
    let selector = monitor.selector();
    let is_cluster = selector
        .equalities()
        .any(|(key, value)| (key == "provider" && value == "kubernetes") || key == "k8s-app");
    if candidates.is_empty() || looks_away || is_cluster || selector.is_empty() {
        return None;
    }
    let near = candidates
        .iter()
        .filter(|(object, _)| monitor.looks_at(object))
        .map(|(object, labels)| (selector.shared(labels), object, labels))
        .filter(|(shared, ..)| *shared > 0)
        .max_by_key(|(shared, ..)| *shared);
    let wrong = near.and_then(|(_, object, labels)| {
        let (key, value) = selector.equalities().find(|pair| !labels.contains(pair))?;
        Some((key, value, object, labels))
    });
    let labels = selector.node()?.get("matchLabels");
    let place = |key: Option<&str>| {
        let entry = labels.and_then(|labels| match key {
            Some(key) => labels.entry(key),
            None => labels.entries().next(),
        });
        match (entry, selector.node()) {
            (Some((_, value)), _) => value.span(),
            (None, Some(node)) => node.span(),
            (None, None) => monitor.object.node.span(),
        }
    };
    let message = format!(
        "{} selects no {what} of the release",
        monitor.object.label()
    );
    let (span, help) = match wrong {
        Some((key, _, object, labels)) => {
            let found = labels.iter().find(|(known, _)| *known == key);
            let help = match found {
                Some((_, value)) => {
                    format!(
                        "{} has `{key}: {value}`; did you mean that?",
                        object.label()
                    )
                }
                None => format!("{} has no label `{key}`", object.label()),
            };
            (place(Some(key)), help)
        }
        None => (
            place(None),
            format!("select labels that a {what} of the release carries"),
        ),
    };
    Some(
        Finding::new(RULE, span, message)
            .help(help)
            .object(monitor.object.reference()),
    )
}

/// The ports that a monitor's endpoints name must be ports of something it selects.
fn endpoints(release: &Release<'_>, monitor: &Monitor<'_>) -> Vec<Finding> {
    let (services, pods) = selected(release, monitor);
    if services.is_empty() && pods.is_empty() {
        return Vec::new();
    }
    let behind = services
        .iter()
        .flat_map(|service| release.selected_by(service));
    let (container_ports, all_declare) =
        declared_ports(behind.chain(pods.iter().copied()).copied());
    let mut findings = Vec::new();
    for endpoint in monitor.endpoints() {
        let (names, what): (Vec<String>, &str) = match monitor.kind {
            MonitorKind::Services => (
                services
                    .iter()
                    .flat_map(|service| service.ports())
                    .filter_map(|port| port.name.and_then(NodeRef::text).map(str::to_owned))
                    .collect(),
                "Service",
            ),
            MonitorKind::Pods => (
                container_ports
                    .iter()
                    .filter_map(|(_, name)| name.map(str::to_owned))
                    .collect(),
                "container",
            ),
        };
        let is_known = |node: NodeRef<'_>| {
            let text = node.text().unwrap_or_default();
            text.is_empty()
                || names.iter().any(|name| name == text)
                || (monitor.kind == MonitorKind::Pods && !all_declare)
        };
        if let Some(node) = endpoint.port.filter(|node| !is_known(*node)) {
            let name = node.text().unwrap_or_default();
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let help = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => format!("give the port of the {what} this name"),
                None => format!("the ports there are {}", listed(&quoted)),
            };
            let message = format!(
                "{} scrapes port `{name}`, and no {what} that it selects has a port of this name",
                monitor.object.label()
            );
            findings.push(
                Finding::new(RULE, node.span(), message)
                    .help(help)
                    .object(monitor.object.reference()),
            );
        }
        let target = endpoint.target.filter(|_| endpoint.port.is_none());
        if let Some((node, port)) = target.and_then(|node| Some((node, Port::read(node)?)))
            && all_declare
            && !is_among(port, &container_ports)
        {
            let message = format!(
                "{} scrapes container port {}, which no pod that it selects declares",
                monitor.object.label(),
                port_text(port)
            );
            findings.push(
                Finding::new(RULE, node.span(), message)
                    .help(port_help(&container_ports))
                    .object(monitor.object.reference()),
            );
        }
    }
    if !findings.is_empty() && monitor.looks_for_more(release) {
        return Vec::new();
    }
    findings
}
