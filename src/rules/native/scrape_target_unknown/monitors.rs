//! Monitors: what they select, and the ports they name.

use super::{RULE, is_among, port_help, port_text};
use crate::finding::Finding;
use crate::k8s::{Object, Port, Release, Service, Workload};
use crate::platform::{Monitor, MonitorKind, declared_ports};
use crate::rules::Evidence;
use crate::rules::native::words::{MAX_NEAR, listed, nearest};
use crate::source::Span;
use crate::yaml::NodeRef;

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
            let pods = pods.filter(|workload| monitor.selects_pods(workload));
            (Vec::new(), pods.collect())
        }
    }
}

/// An object and the labels that a selector looks at.
type Labelled<'a> = (Object<'a>, Vec<(&'a str, &'a str)>);

/// Everything of the release that a monitor of this kind could select.
fn candidates<'a>(release: &Release<'a>, monitor: &Monitor<'a>) -> Vec<Labelled<'a>> {
    match monitor.kind {
        MonitorKind::Services => release
            .services()
            .iter()
            .map(|service| (service.object, service.object.labels()))
            .collect(),
        MonitorKind::Pods => release
            .workloads()
            .iter()
            .map(|workload| (workload.object, workload.pod_labels()))
            .collect(),
    }
}

/// Whether a monitor finds nothing, where nobody but the release could have made it.
fn is_lost(release: &Release<'_>, monitor: &Monitor<'_>) -> bool {
    let (services, pods) = selected(release, monitor);
    let is_operated = || release.has_operated() || monitor.looks_for_more(release);
    if !services.is_empty() || !pods.is_empty() || is_operated() {
        return false;
    }
    // A release without any of them monitors what another one installs, and so does a monitor
    // that looks beyond the namespaces of the release, or for the cluster's own parts.
    let selector = monitor.selector();
    let is_cluster = selector
        .equalities()
        .any(|(key, value)| (key == "provider" && value == "kubernetes") || key == "k8s-app");
    let has_any = match monitor.kind {
        MonitorKind::Services => !release.services().is_empty(),
        MonitorKind::Pods => !release.workloads().is_empty(),
    };
    let is_open = selector.is_empty() || monitor.is_everywhere();
    let may_fit = || {
        beyond(release, monitor)
            .iter()
            .any(|object| may_be_beside(monitor, object))
    };
    has_any
        && !is_open
        && !may_fit()
        && !is_cluster
        && !looks_for_foreign(release, monitor)
        && monitor.object.namespace != "kube-system"
}

/// Whether a monitor goes by a label of a domain that nothing here has labels of: a controller
/// gives it (`ray.io/is-ray-node`) to what it makes elsewhere.
fn looks_for_foreign(release: &Release<'_>, monitor: &Monitor<'_>) -> bool {
    const ANYBODYS: &[&str] = &["app.kubernetes.io", "helm.sh"];
    let domain = |key: &str| Some(key.split_once('/')?.0.to_owned());
    let candidates = candidates(release, monitor);
    let is_known = |wanted: &str| {
        let labels = candidates.iter().flat_map(|(_, labels)| labels);
        labels
            .filter_map(|(key, _)| domain(key))
            .any(|known| known == wanted)
    };
    let selector = monitor.selector();
    let mut domains = selector.equalities().filter_map(|(key, _)| domain(key));
    domains.any(|domain| !ANYBODYS.contains(&domain.as_str()) && !is_known(&domain))
}

/// Whether a monitor names a namespace that may be another release's.
fn looks_away(evidence: &dyn Evidence, monitor: &Monitor<'_>) -> bool {
    monitor.namespace_names().any(|node| {
        let name = node.text().unwrap_or_default();
        let may_be_others =
            name != monitor.object.namespace || matches!(name, "kube-system" | "default");
        may_be_others && !is_of_release(evidence, node)
    })
}

/// Whether a template printed the release's namespace for a name, and nobody wrote that name.
fn is_of_release(evidence: &dyn Evidence, node: NodeRef<'_>) -> bool {
    let span = node.span();
    let printed = evidence.printed_by(span);
    let is_printed = printed.is_some_and(|text| text.contains(".Release.Namespace"));
    let is_written = || {
        let pieces = evidence.written_in(span);
        pieces
            .iter()
            .any(|piece| Some(piece.text.as_str()) == node.text())
    };
    is_printed && !is_written()
}

/// Whether an object may come into the namespace that a monitor looks into: where nobody named the
/// release's namespace, `default` is what Helm wrote into one of them.
fn may_be_beside(monitor: &Monitor<'_>, object: &Object<'_>) -> bool {
    monitor.namespaces().is_empty()
        && [&monitor.object, object]
            .iter()
            .any(|one| !one.is_namespace_given && one.namespace == "default")
}

/// What a monitor selects by its labels, in a namespace that it does not look into.
fn beyond<'a>(release: &Release<'a>, monitor: &Monitor<'a>) -> Vec<Object<'a>> {
    // One that names a namespace of nobody here may mean another release.
    let names = monitor.namespaces();
    if !names.iter().all(|name| release.has_namespace(name)) {
        return Vec::new();
    }
    candidates(release, monitor)
        .into_iter()
        .filter(|(object, labels)| monitor.selector().matches(labels) && !monitor.looks_at(object))
        .map(|(object, _)| object)
        .collect()
}

/// Those that come nearest to what a monitor selects: they share labels with its selector, or have
/// a value that a slip in it was meant for. And whether it is clear that it was meant for them.
fn nearly<'a>(release: &Release<'a>, monitor: &Monitor<'a>) -> (Vec<Labelled<'a>>, bool) {
    let selector = monitor.selector();
    let rank = |labels: &[(&str, &str)]| {
        let slips = selector.equalities().filter(|(key, value)| {
            labels
                .iter()
                .any(|(known, label)| known == key && label != value && is_slip(value, label))
        });
        (selector.shared(labels), slips.count())
    };
    let mut found: Vec<((usize, usize), Labelled<'a>)> = candidates(release, monitor)
        .into_iter()
        .filter(|(object, _)| monitor.looks_at(object))
        .take(MAX_NEAR)
        .map(|(object, labels)| (rank(&labels), (object, labels)))
        .filter(|(rank, _)| *rank > (0, 0))
        .collect();
    let best = found.iter().map(|(rank, _)| *rank).max();
    found.retain(|(rank, _)| Some(*rank) == best);
    // Labels that all of a release have tell none of them from the others.
    let is_clear = found.len() == 1 || best.is_some_and(|(_, slips)| slips > 0);
    let near = found.into_iter().map(|(_, labelled)| labelled).collect();
    (near, is_clear)
}

/// Whether a word is another one with a slip: of the shortest, any is near to any.
fn is_slip(word: &str, meant: &str) -> bool {
    word.len().min(meant.len()) >= 3 && nearest(word, &[meant.to_owned()]).is_some()
}

/// Whom a monitor was meant for that finds nothing, and is told of for that; or that it may find,
/// depending on where the release goes.
pub(in crate::rules::native) fn meant<'a>(
    evidence: &dyn Evidence,
    release: &Release<'a>,
    monitor: &Monitor<'a>,
) -> Vec<Object<'a>> {
    let mut beyond = beyond(release, monitor);
    if !is_lost(release, monitor) {
        beyond.retain(|object| may_be_beside(monitor, object));
        return beyond;
    }
    if !beyond.is_empty() || looks_away(evidence, monitor) {
        return beyond;
    }
    let (mut near, is_clear) = nearly(release, monitor);
    near.retain(|_| is_clear);
    near.into_iter().map(|(object, _)| object).collect()
}

/// A monitor that finds nothing, where nobody but the release could have made it.
pub(super) fn selects_nothing(
    evidence: &dyn Evidence,
    release: &Release<'_>,
    monitor: &Monitor<'_>,
) -> Option<Finding> {
    if !is_lost(release, monitor) {
        return None;
    }
    let what = match monitor.kind {
        MonitorKind::Services => "Service",
        MonitorKind::Pods => "pod",
    };
    let finding = |span: Span, why: &str, help: String| {
        let label = monitor.object.label();
        Finding::new(
            RULE,
            span,
            format!("{label} selects no {what} of the release{why}"),
        )
        .help(help)
        .object(monitor.object.reference())
    };
    let selector = monitor.selector();
    if let Some(object) = beyond(release, monitor).first() {
        let names: Vec<String> = monitor
            .namespaces()
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let own = [format!("`{}`", monitor.object.namespace)];
        let why = format!(
            ": {} carries the labels and is in namespace `{}`, and the monitor looks only in {}",
            object.label(),
            object.namespace,
            listed(if names.is_empty() { &own } else { &names })
        );
        let place = monitor.namespace_selector().or(selector.node());
        let span = place.unwrap_or(monitor.object.node).span();
        let help = format!(
            "write `namespaceSelector: {{matchNames: [{}]}}` beside the selector",
            object.namespace
        );
        return Some(finding(span, &why, help));
    }
    if looks_away(evidence, monitor) {
        return None;
    }
    let (near, _) = nearly(release, monitor);
    // Of two that come as near the last is shown.
    let wrong = near.last().and_then(|(object, labels)| {
        let (key, _) = selector.equalities().find(|pair| !labels.contains(pair))?;
        Some((key, object, labels))
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
    let (span, help) = match wrong {
        Some((key, object, labels)) => {
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
    Some(finding(span, "", help))
}

/// The ports that a monitor's endpoints name must be ports of something it selects.
pub(super) fn endpoints(release: &Release<'_>, monitor: &Monitor<'_>) -> Vec<Finding> {
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
