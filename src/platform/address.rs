//! Host names in a cluster: which Service of the release stands behind one.

use std::ops::Range;

use crate::k8s::{Object, Port, Release, Service, Workload, WorkloadKind};

/// `host:port` of a scrape target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'t> {
    /// The host, and where it starts in the text.
    pub host: &'t str,
    /// Offset of the host in the text.
    pub host_at: usize,
    /// The port as written, and where it starts in the text.
    pub port: Option<(&'t str, usize)>,
}

/// What stands around `host:port` in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surplus<'t> {
    /// `http`, before `://`; empty where there is none.
    pub scheme: &'t str,
    /// `host:port`.
    pub address: &'t str,
    /// `/metrics`, with its slash and without a query; empty where there is none.
    pub path: &'t str,
}

impl<'t> Surplus<'t> {
    /// Takes a text apart that is more than `host:port`.
    #[must_use]
    pub fn of(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (address, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        (address.len() < text.len()).then_some(Self {
            scheme,
            address,
            path,
        })
    }
}

impl<'t> Address<'t> {
    /// Takes an address apart; a scheme before it and a path behind it are left out. `None` for
    /// IPv6 addresses and for text with placeholders.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        let host_at = text.find("://").map_or(0, |at| at + 3);
        let rest = text.get(host_at..)?;
        let rest = rest.split(['/', '?', '#']).next()?;
        if rest.contains(['[', '{', '}', '$', '<', '@', ' ', '%']) {
            return None;
        }
        let (host, port) = match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => return None,
            Some((host, port)) => (host, Some((port, host_at + host.len() + 1))),
            None => (rest, None),
        };
        Some(Self {
            host,
            host_at,
            port,
        })
    }
}

/// What stands behind a host name.
#[derive(Debug, Clone)]
pub enum Place<'r, 'a> {
    /// A Service of the release; whether the name is one of its pods' own.
    Service(&'r Service<'a>, bool),
    /// The host itself, a pod of the release by name, or something outside of the release.
    Elsewhere,
    /// A name that the release should have and has not: the label that was looked for.
    Nowhere {
        /// Offset of the label in the host.
        at: usize,
        /// How long it is.
        len: usize,
    },
    /// A pod of a StatefulSet behind a Service that has not so many of them.
    NoPod {
        /// The Service.
        service: &'r Service<'a>,
        /// The set.
        set: &'r Workload<'a>,
        /// The ordinals of its pods.
        pods: Range<i64>,
    },
    /// A Service is there, but in another namespace than the one that the name leads to.
    OtherNamespace(&'r Service<'a>),
}

/// Services that operators make beside those of a release.
const OPERATED: &[&str] = &[
    "prometheus-operated",
    "alertmanager-operated",
    "thanos-ruler-operated",
];

/// Looks a host up as a pod beside `from` would. `ours` are namespaces that the release is known
/// to go into though no manifest says so.
#[must_use]
pub fn resolve<'r, 'a>(
    release: &'r Release<'a>,
    from: &Object<'a>,
    host: &str,
    ours: &[String],
) -> Place<'r, 'a> {
    let host = host.trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let is_ip = labels
        .iter()
        .all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if host.is_empty()
        || host.eq_ignore_ascii_case("localhost")
        || is_ip
        || release.services().is_empty()
    {
        return Place::Elsewhere;
    }
    let named = |name: &str, namespace: &str| {
        release.services().iter().find(|service| {
            service.name() == name
                && (service.object.namespace == namespace || !service.object.names_namespace)
        })
    };
    let beside = |name: &str| {
        release
            .services()
            .iter()
            .find(|service| service.name() == name && service.object.shares_namespace(from))
    };
    let nowhere = |index: usize| Place::Nowhere {
        at: labels.iter().take(index).map(|label| label.len() + 1).sum(),
        len: labels.get(index).map_or(0, |label| label.len()),
    };
    let is_ours = |namespace: &str| {
        ours.iter().any(|name| name == namespace)
            || release.objects().iter().any(|object| {
                (object.kind == "Namespace" && object.name == namespace)
                    || (object.namespace == namespace
                        && (object.names_namespace || namespace != "default"))
            })
    };
    let missing = |name: &str, index: usize| {
        if is_made_elsewhere(release, name) {
            Place::Elsewhere
        } else {
            nowhere(index)
        }
    };
    match labels.iter().position(|label| *label == "svc") {
        // `name.svc…` leaves the namespace out, which no resolver fills in.
        Some(1) => match (labels.first().and_then(|name| beside(name)), labels.first()) {
            (Some(service), _) => Place::OtherNamespace(service),
            _ => Place::Elsewhere,
        },
        Some(at @ (2 | 3)) => {
            let (Some(name), Some(namespace)) = (labels.get(at - 2), labels.get(at - 1)) else {
                return Place::Elsewhere;
            };
            match named(name, namespace) {
                Some(service) => {
                    let pod = labels.first().filter(|_| at == 3);
                    let found = pod.and_then(|pod| pod_of(release, service, pod));
                    found.unwrap_or(Place::Service(service, at == 3))
                }
                None if is_ours(namespace) && !is_system(namespace) => missing(name, at - 2),
                None => Place::Elsewhere,
            }
        }
        _ => match labels.as_slice() {
            [name] => {
                if let Some(service) = beside(name) {
                    return Place::Service(service, false);
                }
                let other = release
                    .services()
                    .iter()
                    .find(|service| service.name() == *name);
                let is_pod = release.workloads().iter().any(|workload| {
                    workload.kind == WorkloadKind::Pod && workload.object.name == *name
                });
                match other {
                    _ if is_pod => Place::Elsewhere,
                    Some(service) => Place::OtherNamespace(service),
                    None => missing(name, 0),
                }
            }
            [name, namespace] => {
                if let Some(service) = named(name, namespace)
                    .filter(|service| service.object.names_namespace || is_ours(namespace))
                {
                    return Place::Service(service, false);
                }
                // `pod-0.service`, in the same namespace.
                let pod = beside(namespace).and_then(|service| pod_of(release, service, name));
                if let Some(pod) = pod {
                    return pod;
                }
                if is_ours(namespace) && !is_system(namespace) {
                    return missing(name, 0);
                }
                Place::Elsewhere
            }
            [pod, name, namespace] => named(name, namespace)
                .filter(|service| service.object.names_namespace || is_ours(namespace))
                .and_then(|service| pod_of(release, service, pod))
                .unwrap_or(Place::Elsewhere),
            _ => Place::Elsewhere,
        },
    }
}

/// Namespaces that the cluster itself fills.
fn is_system(namespace: &str) -> bool {
    matches!(
        namespace,
        "default" | "kube-system" | "kube-public" | "kube-node-lease"
    )
}

/// Whether an operator may make a Service of this name.
fn is_made_elsewhere(release: &Release<'_>, name: &str) -> bool {
    OPERATED.contains(&name)
        || release
            .operated()
            .any(|object| !object.name.is_empty() && name.contains(object.name))
}

/// The pod that a label names, where it is the name of a StatefulSet's behind a Service: `redis-0`.
fn pod_of<'r, 'a>(
    release: &'r Release<'a>,
    service: &'r Service<'a>,
    pod: &str,
) -> Option<Place<'r, 'a>> {
    let (name, ordinal) = pod.rsplit_once('-')?;
    let is_number = ordinal.bytes().all(|byte| byte.is_ascii_digit());
    let ordinal: i64 = ordinal.parse().ok().filter(|_| is_number)?;
    let set = release.workloads().iter().find(|workload| {
        let names = workload.object.node.at(&["spec", "serviceName"]);
        workload.kind == WorkloadKind::StatefulSet
            && workload.object.name == name
            && (service.selects(workload)
                || names.and_then(|name| name.text()) == Some(service.name()))
    })?;
    let start = set.object.node.at(&["spec", "ordinals", "start"]);
    let start = start.and_then(|start| start.int()).unwrap_or(0);
    let replicas = set.replicas();
    let pods = start..start.saturating_add(replicas);
    // A set that is switched off, or that something scales, may have any.
    let is_fixed = replicas > 0 && !is_scaled(release, set);
    Some(match is_fixed && !pods.contains(&ordinal) {
        true => Place::NoPod { service, set, pods },
        false => Place::Service(service, true),
    })
}

/// Whether an autoscaler of the release, of whatever kind, aims at a workload.
fn is_scaled(release: &Release<'_>, workload: &Workload<'_>) -> bool {
    release.objects().iter().any(|object| {
        ["scaleTargetRef", "targetRef"].iter().any(|reference| {
            let name = object.node.at(&["spec", reference, "name"]);
            name.and_then(|name| name.text()) == Some(workload.object.name)
        })
    })
}

/// The container ports of the pods behind a Service, and whether all of the pods declare some:
/// where one does not, it may listen anywhere.
#[must_use]
pub fn declared_ports<'a>(
    workloads: impl IntoIterator<Item = Workload<'a>>,
) -> (Vec<(i64, Option<&'a str>)>, bool) {
    let mut ports = Vec::new();
    let mut all_declare = true;
    let mut any = false;
    for workload in workloads {
        any = true;
        let before = ports.len();
        for container in workload.running_containers() {
            ports.extend(
                container.ports().filter_map(|port| {
                    Some((port.number?, port.name.and_then(|name| name.text())))
                }),
            );
        }
        all_declare &= ports.len() > before && !workload.has_unseen_ports();
        for container in workload.running_containers() {
            ports.extend(workload.undeclared_ports(&container));
        }
    }
    (ports, any && all_declare)
}

impl<'a> Service<'a> {
    /// Whether the Service itself answers at this port.
    #[must_use]
    pub fn has_port(&self, number: i64) -> bool {
        self.ports().any(|port| port.number == Some(number))
    }

    /// Whether one of its ports leads to this container port.
    #[must_use]
    pub fn leads_to(&self, number: i64, name: Option<&str>) -> bool {
        self.ports().any(|port| match port.target {
            Some(Port::Number(target)) => target == number,
            Some(Port::Name(target)) => Some(target) == name,
            None => false,
        })
    }
}
