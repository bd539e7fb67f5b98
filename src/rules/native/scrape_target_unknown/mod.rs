//! `scrape-target-unknown`: static targets, annotations, monitors.

mod monitors;
mod refused;

use crate::finding::Finding;
use crate::k8s::{Port, ProbeKind, Release, Service, Workload};
use crate::platform::{
    Address, Discovery, Job, Place, Scraping, Target, declared_ports, is_annotated,
    is_metrics_name, resolve,
};
use crate::rules::{Context, Evidence, Written};
use crate::source::Span;
use crate::yaml::NodeRef;

use super::listening::is_configured;
use super::words::{MAX_NEAR, listed, nearest};
use monitors::{endpoints, selects_nothing};
use refused::{surplus, takes_urls, unreadable};

pub(super) use monitors::meant;

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
    if let Some(finding) = too_much(release, scraping) {
        context.report(finding);
        return;
    }
    let namespaces = assumed_namespaces(release, scraping);
    let takes_urls = takes_urls(release);
    let mut findings: Vec<Finding> = scraping.unreadable.iter().map(unreadable).collect();
    for job in &scraping.jobs {
        let say = Say {
            evidence: context.evidence,
            release,
            namespaces: &namespaces,
            job,
            takes_urls,
        };
        for target in &job.targets {
            findings.extend(say.static_target(target));
        }
        for discovery in &job.discoveries {
            if let Discovery::Names(names) = discovery {
                findings.extend(names.iter().filter_map(|name| say.dns_name(name)));
            }
        }
    }
    for monitor in &scraping.monitors {
        findings.extend(selects_nothing(context.evidence, release, monitor));
        findings.extend(endpoints(release, monitor));
    }
    for service in release.services() {
        findings.extend(annotated_service(release, service));
    }
    for workload in release.workloads() {
        findings.extend(annotated_pods(release, workload));
    }
    for finding in findings {
        context.report(finding);
    }
}

/// So many pairs of what scrapes and what is scraped are looked at.
const MAX_PAIRS: usize = 1 << 20;

/// That there is more scraping than can be compared with what there is to scrape.
pub(super) fn too_much(release: &Release<'_>, scraping: &Scraping<'_>) -> Option<Finding> {
    let services = release.services().len();
    let pods = release.workloads().len();
    let jobs = || scraping.jobs.iter();
    let targets: usize = jobs().map(|job| job.targets.len()).sum();
    let discoveries: usize = jobs().map(|job| job.discoveries.len()).sum();
    let monitors = scraping.monitors.len();
    let of_monitors = (monitors + discoveries).saturating_mul(services + pods);
    let pairs = targets.saturating_mul(services).saturating_add(of_monitors);
    if pairs <= MAX_PAIRS {
        return None;
    }
    let message = format!(
        "{targets} scrape targets, {discoveries} discoveries and {monitors} monitors are too many \
         to be compared with {services} Services and {pods} workloads: there are more than \
         {MAX_PAIRS} pairs"
    );
    let target = jobs().flat_map(|job| &job.targets).next();
    let monitor = scraping.monitors.first();
    let span = target
        .map(|target| target.span)
        .or_else(|| Some(monitor?.object.node.span()))
        .or_else(|| Some(jobs().next()?.object.node.span()))?;
    Some(Finding::new("limit-exceeded", span, message))
}

/// The Service that a wrong name most likely meant.
pub(super) fn intended(release: &Release<'_>, name: &str) -> Option<String> {
    let services = release.services().iter().take(MAX_NEAR);
    let names: Vec<&str> = services.map(Service::name).collect();
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

/// Where a wrong part of a target is shown: the part alone where anything of the target was written
/// in values (a port that a template put behind a name), else the whole target as it stands.
fn part(evidence: &dyn Evidence, target: &Target, start: usize, len: usize) -> Span {
    if target.span.len() != target.text.len() {
        return target.span;
    }
    let pieces = evidence.written_in(target.span);
    let is_from_values = pieces
        .iter()
        .any(|piece| matches!(piece.written, Written::ChartDefault | Written::UserValues));
    match is_from_values {
        true => target.span.slice(start, start + len),
        false => target.span,
    }
}

/// What is to be said of the addresses of one job.
struct Say<'s, 'a> {
    evidence: &'s dyn Evidence,
    release: &'s Release<'a>,
    namespaces: &'s [String],
    job: &'s Job<'a>,
    /// Whether targets may have a scheme and a path.
    takes_urls: bool,
}

impl Say<'_, '_> {
    fn finding(&self, span: Span, message: String, help: String) -> Finding {
        Finding::new(RULE, span, message)
            .help(help)
            .object(self.job.object.reference())
    }

    /// How messages call a target: `scrape target `x` of job `y``.
    fn what(&self, kind: &str, text: &str) -> String {
        match self.job.name.as_str() {
            "" => format!("{kind} `{text}`"),
            job => format!("{kind} `{text}` of job `{job}`"),
        }
    }

    fn resolve(&self, host: &str) -> Place<'_, '_> {
        resolve(self.release, &self.job.object, host, self.namespaces)
    }

    fn static_target(&self, target: &Target) -> Option<Finding> {
        let address = Address::parse(&target.text)?;
        if let Some(value) = &target.mapped {
            return Some(self.mapping(target, &address, value));
        }
        let what = self.what("scrape target", &target.text);
        let surplus = surplus(self.job, &what, target).filter(|_| !self.takes_urls);
        if surplus.is_some() {
            return surplus;
        }
        match self.resolve(address.host) {
            Place::Service(service, is_pod) => {
                self.wrong_port(&what, target, &address, service, is_pod)
            }
            place => self.wrong_name(&what, target, address.host, address.host_at, place),
        }
    }

    /// `- web:` and `- web: 80` are mappings to YAML.
    fn mapping(&self, target: &Target, address: &Address<'_>, value: &str) -> Finding {
        let host = &target.text;
        let message = format!(
            "{} is no address but a mapping, for the colon behind it",
            self.what("scrape target", host)
        );
        let port = match self.resolve(address.host) {
            Place::Service(service, _) if value.is_empty() => {
                let ports = ports_of(service);
                suggested(&ports).map(|(number, _)| number.to_string())
            }
            _ if value.is_empty() => None,
            _ => Some(value.to_owned()),
        };
        let help = match port {
            Some(port) => format!("write `{host}:{port}`, without a space"),
            None => "write the port right behind the colon".to_owned(),
        };
        self.finding(target.span, message, help)
    }

    /// A name of `dns_sd_configs`. Behind the labels of a SRV record (`_http._tcp.web.ns.svc`) a
    /// Service is named as in a static target.
    fn dns_name(&self, name: &Target) -> Option<Finding> {
        let address = Address::parse(&name.text)?;
        let host = strip_srv(address.host);
        let at = address.host_at + (address.host.len() - host.len());
        let what = self.what("DNS name", &name.text);
        self.wrong_name(&what, name, host, at, self.resolve(host))
    }

    /// A name that leads to no Service, or to none from where it stands.
    fn wrong_name(
        &self,
        what: &str,
        target: &Target,
        host: &str,
        host_at: usize,
        place: Place<'_, '_>,
    ) -> Option<Finding> {
        match place {
            Place::Elsewhere | Place::Service(..) => None,
            Place::Nowhere { at, len } => {
                let name = host.get(at..at + len).unwrap_or_default();
                let near = intended(self.release, name);
                if target.is_exporter && near.is_none() {
                    return None;
                }
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        let services = self.release.services().iter().take(6);
                        let names: Vec<String> = services
                            .map(|service| format!("`{}`", service.name()))
                            .collect();
                        format!(
                            "write the name of a Service of the release, such as {}",
                            listed(&names)
                        )
                    }
                };
                let message =
                    format!("{what} names no Service of the release: there is no `{name}`");
                let span = part(self.evidence, target, host_at + at, len);
                Some(self.finding(span, message, help))
            }
            Place::NoPod { set, pods, .. } => {
                let name = set.object.name;
                let replicas = pods.end - pods.start;
                let pod = host.split('.').next().unwrap_or_default();
                let message = format!(
                    "{what} names no pod: {} has {replicas} replica{}, and there is no `{pod}`",
                    set.object.label(),
                    if replicas == 1 { "" } else { "s" },
                );
                let help = match (pods.start, pods.end - 1) {
                    (first, last) if first == last => format!("its pod is `{name}-{first}`"),
                    (first, last) => format!("its pods are `{name}-{first}` to `{name}-{last}`"),
                };
                let span = part(self.evidence, target, host_at, pod.len());
                Some(self.finding(span, message, help))
            }
            Place::OtherNamespace(service) => {
                let full = format!("{}.{}", service.name(), service.object.namespace);
                let message = format!(
                    "{what} does not lead to Service `{}`, which is in namespace `{}`",
                    service.name(),
                    service.object.namespace
                );
                let span = part(self.evidence, target, host_at, host.len());
                Some(self.finding(span, message, format!("write `{full}`")))
            }
        }
    }

    fn wrong_port(
        &self,
        what: &str,
        target: &Target,
        address: &Address<'_>,
        service: &Service<'_>,
        is_pod: bool,
    ) -> Option<Finding> {
        let (wrong, ports) = wrong_port(self.release, service, address, self.job.is_https, is_pod)?;
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
            Some((port, start)) => part(self.evidence, target, start, port.len()),
            None => target.span,
        };
        let at = service.object.node.at(&["spec", "ports"]);
        let finding = self.finding(span, message, help);
        Some(match at {
            Some(ports) => finding.related(ports.span(), "the ports it has"),
            None => finding,
        })
    }
}

/// `_http._tcp.web.ns.svc` without the first two labels.
pub(super) fn strip_srv(name: &str) -> &str {
    let mut rest = name;
    while let Some((_, behind)) = rest.split_once('.').filter(|_| rest.starts_with('_')) {
        rest = behind;
    }
    rest
}

/// The ports of a Service that speak TCP.
fn ports_of<'a>(service: &Service<'a>) -> Ports<'a> {
    service
        .ports()
        .filter(|port| port.protocol != "UDP")
        .filter_map(|port| Some((port.number?, port.name.and_then(NodeRef::text))))
        .collect()
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
    let mut ports = ports_of(service);
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
    let mut pods = release.selected_by(service);
    if is_among(port, &ports) || pods.any(|workload| may_answer(release, workload, port)) {
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

/// Whether pods may answer at a port that none of their containers declares.
fn may_answer(release: &Release<'_>, workload: &Workload<'_>, port: Port<'_>) -> bool {
    let is_told = |number| is_probed(workload, number) || is_configured(release, workload, number);
    workload.asks_for_sidecar() || matches!(port, Port::Number(number) if is_told(number))
}

/// Whether a probe asks a port of the pods by its number: where nobody answers there, the finding
/// about the probe says so.
fn is_probed(workload: &Workload<'_>, number: i64) -> bool {
    workload.running_containers().any(|container| {
        let mut probes = ProbeKind::ALL
            .iter()
            .filter_map(|kind| container.probe(*kind));
        probes.any(|probe| {
            let port = probe.port().map(|(_, port)| port);
            port == Some(Port::Number(number)) && !probe.asks_elsewhere()
        })
    })
}

fn annotated_pods(release: &Release<'_>, workload: &Workload<'_>) -> Option<Finding> {
    let of = |key: &str| workload.pod_annotation(key);
    let (node, port) = annotated_port(of("prometheus.io/scrape"), of("prometheus.io/port"))?;
    let (mut ports, all_declare) = declared_ports([*workload]);
    // Containers that declare nothing may listen anywhere.
    if !all_declare || is_among(port, &ports) || may_answer(release, workload, port) {
        return None;
    }
    ports.sort_unstable();
    ports.dedup();
    let message = format!(
        "the pods of {} ask to be scraped at port {}, which none of their containers declares",
        workload.label(),
        port_text(port)
    );
    Some(
        Finding::new(RULE, node.span(), message)
            .help(port_help(&ports))
            .object(workload.object.reference()),
    )
}

fn port_help(ports: &Ports<'_>) -> String {
    // The only port of what serves something else may be the one that it serves that at.
    match (suggested(ports), ports.as_slice()) {
        (Some(port), _) if port.1.is_some_and(is_metrics_name) => {
            format!("did you mean {}?", shown(port))
        }
        (_, [one]) => format!(
            "declare the port if they answer there; their only one is {}",
            shown(one)
        ),
        _ => format!("their ports are {}", listed(&all_shown(ports))),
    }
}
