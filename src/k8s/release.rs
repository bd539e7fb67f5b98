//! The release: all objects, and who refers to whom.

use super::object::Object;
use super::service::Service;
use super::workload::Workload;
use crate::yaml::{Document, NodeRef};

/// How deep lists of lists are followed.
const LIST_DEPTH: usize = 8;

/// How many objects one release holds: aliases in lists can stand for many times their bytes.
const MAX_OBJECTS: usize = 200_000;

/// One document of the release.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseDocument<'a> {
    /// The document.
    pub document: &'a Document,
    /// Where objects go that name no namespace; empty where nobody knows.
    pub namespace: &'a str,
    /// Whether the user named that namespace; otherwise it is only what Helm takes then.
    pub is_namespace_given: bool,
    /// Whether Helm runs it as a hook.
    pub is_hook: bool,
}

/// All objects that are installed together.
///
/// A release that misses a document (one did not render, or did not parse) is incomplete: rules
/// that compare objects then say nothing, rather than blame the neighbour of the missing one.
#[derive(Debug, Default)]
pub struct Release<'a> {
    objects: Vec<Object<'a>>,
    workloads: Vec<Workload<'a>>,
    services: Vec<Service<'a>>,
    strangers: Vec<NodeRef<'a>>,
    incomplete: bool,
}

impl<'a> Release<'a> {
    /// Reads the objects of all documents, those within lists included. `incomplete` says that a
    /// document is missing from the set.
    #[must_use]
    pub fn new(documents: &[ReleaseDocument<'a>], incomplete: bool) -> Self {
        let mut release = Self {
            incomplete,
            ..Self::default()
        };
        for manifest in documents.iter().copied() {
            match manifest.document.root() {
                Some(root) if !root.is_null() => release.add(manifest, root, ("", ""), 0),
                _ => {}
            }
        }
        for object in &release.objects {
            if release.workloads.len() >= MAX_OBJECTS {
                release.incomplete = true;
                break;
            }
            let room = MAX_OBJECTS - release.workloads.len();
            let workloads = Workload::read(*object);
            release.incomplete |= workloads.len() > room;
            release.workloads.extend(workloads.into_iter().take(room));
        }
        release.services = release
            .objects
            .iter()
            .filter_map(|object| Service::read(*object))
            .collect();
        release
    }

    fn add(
        &mut self,
        manifest: ReleaseDocument<'a>,
        node: NodeRef<'a>,
        fallback: (&'a str, &'a str),
        depth: usize,
    ) {
        if self.objects.len() >= MAX_OBJECTS {
            self.incomplete = true;
            return;
        }
        let object = Object::read(node, manifest, fallback);
        let Some(object) = object else {
            self.strangers.push(node);
            return;
        };
        let items = node.get("items").filter(|items| items.style().is_none());
        match (object.kind.strip_suffix("List"), items) {
            (Some(of), Some(items)) if depth < LIST_DEPTH => {
                for item in items.items() {
                    self.add(manifest, item, (object.api_version, of), depth + 1);
                }
            }
            _ => self.objects.push(object),
        }
    }

    /// All objects, in the order of the documents.
    #[must_use]
    pub fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// The objects that make pods.
    #[must_use]
    pub fn workloads(&self) -> &[Workload<'a>] {
        &self.workloads
    }

    /// The Services.
    #[must_use]
    pub fn services(&self) -> &[Service<'a>] {
        &self.services
    }

    /// The objects of a core kind (`Secret`, `ConfigMap`, `PersistentVolumeClaim`).
    pub fn core(&self, kind: &str) -> impl Iterator<Item = &Object<'a>> {
        self.objects
            .iter()
            .filter(move |object| object.api_version == "v1" && object.kind == kind)
    }

    /// Documents, and items of lists, that are no objects: no mapping, or no `kind` or
    /// `apiVersion`.
    #[must_use]
    pub fn strangers(&self) -> &[NodeRef<'a>] {
        &self.strangers
    }

    /// Whether every document of the release is here.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.incomplete && self.strangers.is_empty()
    }

    /// The workloads whose pods a Service sends to.
    pub fn selected_by<'r>(
        &'r self,
        service: &'r Service<'a>,
    ) -> impl Iterator<Item = &'r Workload<'a>> {
        self.workloads
            .iter()
            .filter(move |workload| service.selects(workload))
    }

    /// Whether a namespace is one that the release makes, or puts something into. A namespace
    /// that nobody names (the release's, unknown) is not among them.
    #[must_use]
    pub fn has_namespace(&self, namespace: &str) -> bool {
        !namespace.is_empty()
            && self.objects.iter().any(|object| {
                object.namespace == namespace
                    || (object.kind == "Namespace" && object.name == namespace)
            })
    }

    /// Whether a custom resource is here whose operator may make further objects.
    #[must_use]
    pub fn has_operated(&self) -> bool {
        self.operated().next().is_some()
    }

    /// The custom resources whose operators may make further objects: not those that are known
    /// only to configure.
    pub fn operated(&self) -> impl Iterator<Item = &Object<'a>> {
        const PASSIVE_GROUPS: &[&str] = &[
            "cert-manager.io",
            "cilium.io",
            "configuration.konghq.com",
            "external-secrets.io",
            "gateway.networking.k8s.io",
            "keda.sh",
            "kyverno.io",
            "networking.istio.io",
            "operator.victoriametrics.com",
            "route.openshift.io",
            "security.istio.io",
            "security.openshift.io",
            "traefik.containo.us",
            "traefik.io",
        ];
        const PASSIVE_KINDS: &[&str] = &[
            "PodMonitor",
            "Probe",
            "PrometheusRule",
            "ScrapeConfig",
            "ServiceMonitor",
            "AlertmanagerConfig",
            "PodMonitoring",
            "Rollout",
        ];
        self.objects.iter().filter(|object| {
            !object.is_builtin()
                && !PASSIVE_GROUPS.contains(&object.group())
                && !PASSIVE_KINDS.contains(&object.kind)
        })
    }
}
