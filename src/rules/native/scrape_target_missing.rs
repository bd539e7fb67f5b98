//! `scrape-target-missing`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::k8s::{Object, Release, Service, Workload};
use crate::platform::{
    Address, Discovery, Job, Monitor, MonitorKind, Place, Scraping, Target, asks_an_agent,
    exposures, resolve,
};
use crate::rules::{Context, Evidence};
use crate::yaml::NodeRef;

use super::scrape_target_unknown::{assumed_namespaces, intended, meant, strip_srv, too_much};

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    // What is missing may scrape, or be scraped.
    if !release.is_complete() {
        return;
    }
    let mut findings = Vec::new();
    let scraping = context.scraping();
    // Without any scraping in the release somebody else does it.
    let discovers_anything = scraping
        .jobs
        .iter()
        .flat_map(|job| &job.discoveries)
        .any(|discovery| matches!(discovery, Discovery::Anything));
    if !scraping.is_any() || scraping.is_partly_unknown || discovers_anything {
        return;
    }
    // The other rule says so.
    if too_much(release, scraping).is_some() {
        return;
    }
    let namespaces = assumed_namespaces(release, scraping);
    let hits = Hits::of(context.evidence, release, scraping, &namespaces);
    for exposure in exposures(release) {
        if is_scraped(release, scraping, &hits, &exposure.workload) {
            continue;
        }
        let label = exposure.workload.label();
        let message = match (exposure.number, exposure.port_name) {
            (Some(number), Some(name)) => {
                format!(
                    "{label} exposes metrics at port {number} (`{name}`), and nothing in the release scrapes it"
                )
            }
            (_, Some(name)) => {
                format!(
                    "{label} exposes metrics at port `{name}`, and nothing in the release scrapes it"
                )
            }
            _ => format!("{label} asks to be scraped, and nothing in the release scrapes it"),
        };
        findings.push(
            Finding::new("scrape-target-missing", exposure.span, message)
                .help("add a scrape target or a monitor for it")
                .object(exposure.object.reference()),
        );
    }
    for finding in findings {
        context.report(finding);
    }
}

/// Who the static addresses of all jobs lead to, looked up once.
#[derive(Default)]
struct Hits {
    /// Objects that a monitor was meant for and does not select, by kind, namespace and name: that
    /// is the other rule's finding, too.
    monitored: BTreeSet<(String, String, String)>,
    /// Services, by namespace and name: those that are asked, and those that were meant. A wrong
    /// port or a slip in the name is the other rule's finding, not this one's.
    services: BTreeSet<(String, String)>,
    /// Names of Services that a slip was meant for.
    meant: BTreeSet<String>,
    /// Labels of full names that cannot be placed, but may be meant for a Service of this name.
    labels: BTreeSet<String>,
    /// Ports of the scraping pod itself.
    own_ports: BTreeSet<i64>,
    /// Whether somebody looks for Services that are not in the release: a monitor that selects none
    /// of those here, or a discovery of all there are.
    looks_beyond: bool,
}

impl Hits {
    fn of(
        evidence: &dyn Evidence,
        release: &Release<'_>,
        scraping: &Scraping<'_>,
        namespaces: &[String],
    ) -> Self {
        let mut hits = Self::default();
        for job in &scraping.jobs {
            for target in &job.targets {
                hits.add(release, job, &target.text, namespaces);
            }
            for discovery in &job.discoveries {
                match discovery {
                    Discovery::Names(names) => {
                        for name in names {
                            hits.add(release, job, strip_srv(&name.text), namespaces);
                        }
                    }
                    Discovery::Kubernetes(role) => {
                        hits.looks_beyond |= !matches!(role.as_str(), "node" | "ingress" | "pod");
                    }
                    Discovery::Anything => {}
                }
            }
        }
        hits.looks_beyond |= scraping
            .monitors
            .iter()
            .any(|monitor| monitor.kind == MonitorKind::Services && selects_none(release, monitor));
        for monitor in &scraping.monitors {
            let objects = meant(evidence, release, monitor);
            hits.monitored.extend(objects.iter().map(identity));
        }
        hits
    }

    fn add(&mut self, release: &Release<'_>, job: &Job<'_>, text: &str, namespaces: &[String]) {
        let Some(address) = Address::parse(text) else {
            return;
        };
        match resolve(release, &job.object, address.host, namespaces) {
            Place::Service(service, _)
            | Place::NoPod { service, .. }
            | Place::OtherNamespace(service) => {
                let object = &service.object;
                self.services
                    .insert((object.namespace.to_owned(), object.name.to_owned()));
            }
            Place::Nowhere { at, len } => {
                let label = address.host.get(at..at + len).unwrap_or_default();
                self.meant.extend(intended(release, label));
            }
            Place::Elsewhere => {
                if matches!(address.host, "localhost" | "127.0.0.1" | "0.0.0.0") {
                    let port: Option<i64> = address.port.and_then(|(port, _)| port.parse().ok());
                    self.own_ports.extend(port);
                } else if address.host.contains('.') {
                    self.labels
                        .extend(address.host.split('.').map(str::to_owned));
                }
            }
        }
    }

    fn hit(&self, service: &Service<'_>) -> bool {
        let (namespace, name) = (service.object.namespace, service.name());
        self.monitored.contains(&identity(&service.object))
            || self.meant.contains(name)
            || self.labels.contains(name)
            || self
                .services
                .contains(&(namespace.to_owned(), name.to_owned()))
    }
}

fn identity(object: &Object<'_>) -> (String, String, String) {
    let [kind, namespace, name] = [object.kind, object.namespace, object.name].map(str::to_owned);
    (kind, namespace, name)
}

fn is_scraped<'a>(
    release: &Release<'a>,
    scraping: &Scraping<'a>,
    hits: &Hits,
    workload: &Workload<'a>,
) -> bool {
    // A Service stands for a workload: it selects the pods, or the StatefulSet names it.
    let named = workload.object.node.at(&["spec", "serviceName"]);
    let named = named.and_then(NodeRef::text);
    let leads = |service: &&Service<'a>| {
        let is_named =
            || named == Some(service.name()) && service.object.shares_namespace(&workload.object);
        service.selects(workload) || is_named()
    };
    let services: Vec<&Service<'a>> = release.services().iter().filter(leads).collect();
    // `localhost` is the scraping pod: whoever has that port.
    let is_self = || {
        workload.running_containers().any(|container| {
            let mut ports = container.ports().filter_map(|port| port.number);
            ports.any(|port| hits.own_ports.contains(&port))
        })
    };
    let is_discovered = || {
        scraping.jobs.iter().any(|job| {
            job.discoveries.iter().any(|discovery| match discovery {
                Discovery::Kubernetes(role) => discovers(role, job, workload, &services),
                _ => false,
            })
        })
    };
    let is_monitored = || {
        scraping.monitors.iter().any(|monitor| match monitor.kind {
            MonitorKind::Pods => monitor.selects_pods(workload),
            MonitorKind::Services => services
                .iter()
                .any(|service| monitor.selects(&service.object, &service.object.labels())),
        })
    };
    // Services that its controller makes cannot be looked at here: whoever looks for Services that
    // are not in the release may find them.
    let is_beyond = || {
        let names = |target: &Target| target.text.contains(workload.object.name);
        workload.has_unseen_services()
            && (hits.looks_beyond
                || scraping
                    .jobs
                    .iter()
                    .any(|job| job.targets.iter().any(names)))
    };
    // Agents of the cluster are told of it by annotations, whatever the release scrapes.
    let is_an_agents = || {
        let of_services = services
            .iter()
            .flat_map(|service| service.object.annotations());
        let mut all = workload.pod_annotations().chain(of_services);
        all.any(|(key, value)| asks_an_agent(key, value))
    };
    services.iter().any(|service| hits.hit(service))
        || is_an_agents()
        || hits.monitored.contains(&identity(&workload.object))
        || is_self()
        || is_beyond()
        || is_monitored()
        || is_discovered()
}

/// Whether no Service of the release is what a monitor selects.
fn selects_none(release: &Release<'_>, monitor: &Monitor<'_>) -> bool {
    let mut services = release.services().iter();
    !services.any(|service| monitor.selects(&service.object, &service.object.labels()))
}

/// Whether a discovery keeps one of the targets that the component gives.
fn discovers(
    role: &str,
    job: &Job<'_>,
    workload: &Workload<'_>,
    services: &[&Service<'_>],
) -> bool {
    let ports: Vec<(Option<String>, Option<i64>, &str)> = workload
        .running_containers()
        .flat_map(|container| {
            let name = container.name();
            let declared: Vec<_> = container
                .ports()
                .map(|port| {
                    (
                        port.name.and_then(NodeRef::text).map(str::to_owned),
                        port.number,
                        name,
                    )
                })
                .collect();
            if declared.is_empty() {
                vec![(None, None, name)]
            } else {
                declared
            }
        })
        .collect();
    let keeps = |service: Option<&Service<'_>>, service_port: Option<&str>| {
        ports.iter().any(|(port_name, number, container)| {
            job.relabeling.may_keep(&|label| {
                let name = label.strip_prefix("__meta_kubernetes_")?;
                match name {
                    "namespace" => workload
                        .object
                        .names_namespace
                        .then(|| workload.object.namespace.to_owned()),
                    "pod_container_name" => Some((*container).to_owned()),
                    "pod_container_port_name" => Some(port_name.clone().unwrap_or_default()),
                    "pod_container_port_number" => number.map(|number| number.to_string()),
                    "pod_container_init" => Some("false".to_owned()),
                    "service_name" => Some(service?.name().to_owned()),
                    "endpoints_name" => Some(service?.name().to_owned()),
                    "service_port_name" | "endpoint_port_name" | "endpointslice_port_name" => {
                        service.map(|_| service_port.unwrap_or_default().to_owned())
                    }
                    _ => {
                        if let Some(rest) = name.strip_prefix("pod_") {
                            meta(rest, workload.template)
                        } else if let Some(rest) = name.strip_prefix("service_") {
                            meta(rest, service?.object.node)
                        } else {
                            None
                        }
                    }
                }
            })
        })
    };
    match role {
        "pod" => keeps(None, None),
        "endpoints" | "endpointslice" | "service" => services.iter().any(|service| {
            let names: Vec<Option<&str>> = service
                .ports()
                .map(|port| port.name.and_then(NodeRef::text))
                .collect();
            names.iter().any(|name| keeps(Some(service), *name))
        }),
        // Nodes and ingresses are no components.
        "node" | "ingress" => false,
        _ => true,
    }
}

/// `label_x`, `labelpresent_x`, `annotation_x` and `annotationpresent_x` of an object's metadata.
fn meta(name: &str, node: NodeRef<'_>) -> Option<String> {
    let (kind, key) = name.split_once('_')?;
    let (field, is_presence) = match kind {
        "label" => ("labels", false),
        "labelpresent" => ("labels", true),
        "annotation" => ("annotations", false),
        "annotationpresent" => ("annotations", true),
        _ => return None,
    };
    let found = node
        .at(&["metadata", field])
        .into_iter()
        .flat_map(NodeRef::entries)
        .find(|(known, _)| sanitized(known.text().unwrap_or_default()) == key)
        .and_then(|(_, value)| value.text());
    Some(match (is_presence, found) {
        (true, Some(_)) => "true".to_owned(),
        (true, None) => String::new(),
        (false, found) => found.unwrap_or_default().to_owned(),
    })
}

/// A label or annotation key as Prometheus writes it in a label's name.
fn sanitized(key: &str) -> String {
    key.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}
