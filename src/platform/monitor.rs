//! Monitors: custom resources that tell an operator's Prometheus whom to scrape.

use crate::k8s::{Object, Release, Selector, Workload};
use crate::yaml::NodeRef;

/// What a monitor selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorKind {
    /// Services, by their labels.
    Services,
    /// Pods, by theirs.
    Pods,
}

/// A ServiceMonitor, PodMonitor, or one of their kin.
#[derive(Debug, Clone, Copy)]
pub struct Monitor<'a> {
    /// The object.
    pub object: Object<'a>,
    /// What it selects.
    pub kind: MonitorKind,
}

/// One endpoint of a monitor: the ports it names, as they are written.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'a> {
    /// `port`: a name, of a Service's port or of a container's.
    pub port: Option<NodeRef<'a>>,
    /// `targetPort` or `portNumber`: a container's port.
    pub target: Option<NodeRef<'a>>,
}

impl<'a> Monitor<'a> {
    /// The monitor that an object is.
    #[must_use]
    pub fn read(object: Object<'a>) -> Option<Self> {
        let kind = match object.kind {
            "ServiceMonitor" | "VMServiceScrape" => MonitorKind::Services,
            "PodMonitor" | "VMPodScrape" | "PodMonitoring" => MonitorKind::Pods,
            _ => return None,
        };
        (!object.is_builtin()).then_some(Self { object, kind })
    }

    /// `spec.selector`.
    #[must_use]
    pub fn selector(&self) -> Selector<'a> {
        Selector::new(self.object.node.at(&["spec", "selector"]))
    }

    /// Whether manifests in a ConfigMap of the release carry the labels that it selects by: a
    /// controller makes more of what it looks for, which is not in the release.
    #[must_use]
    pub fn looks_for_more(&self, release: &Release<'a>) -> bool {
        let selector = self.selector();
        let is_made = |text: &str| {
            let mut labels = selector.equalities();
            let has = |(key, value): (&str, &str)| text.contains(key) && text.contains(value);
            text.contains("kind:") && labels.all(has)
        };
        let mut texts = release.core("ConfigMap").flat_map(|object| {
            let data = object
                .node
                .get("data")
                .into_iter()
                .flat_map(NodeRef::entries);
            data.filter_map(|(_, value)| value.text())
        });
        selector.equalities().next().is_some() && texts.any(is_made)
    }

    /// The namespaces it names; empty where it looks into its own.
    #[must_use]
    pub fn namespaces(&self) -> Vec<&'a str> {
        self.namespace_names().filter_map(NodeRef::text).collect()
    }

    /// The namespaces it names, as they are written.
    pub fn namespace_names(&self) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
        let names = self.scope("matchNames");
        names.into_iter().flat_map(NodeRef::items)
    }

    /// Whether it looks into all namespaces.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.scope("any").and_then(NodeRef::bool) == Some(true)
    }

    /// `spec.namespaceSelector`.
    #[must_use]
    pub fn namespace_selector(&self) -> Option<NodeRef<'a>> {
        self.object.node.at(&["spec", "namespaceSelector"])
    }

    fn scope(&self, key: &str) -> Option<NodeRef<'a>> {
        self.namespace_selector()?.get(key)
    }

    /// Whether it looks where the object is.
    #[must_use]
    pub fn looks_at(&self, object: &Object<'a>) -> bool {
        let names = self.namespaces();
        self.is_everywhere()
            || (names.is_empty() && self.object.shares_namespace(object))
            || names.contains(&object.namespace)
            || (!names.is_empty() && !object.names_namespace)
    }

    /// Whether it selects an object with these labels.
    #[must_use]
    pub fn selects(&self, object: &Object<'a>, labels: &[(&str, &str)]) -> bool {
        self.looks_at(object) && self.selector().matches(labels)
    }

    /// Whether it selects the pods of a workload.
    #[must_use]
    pub fn selects_pods(&self, workload: &Workload<'_>) -> bool {
        self.looks_at(&workload.object) && workload.is_selected_by(self.selector())
    }

    /// Its endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint<'a>> {
        ["endpoints", "podMetricsEndpoints"]
            .into_iter()
            .filter_map(|key| self.object.node.at(&["spec", key]))
            .flat_map(NodeRef::items)
            .map(|node| {
                let get = |key: &str| node.get(key).filter(|port| !port.is_null());
                Endpoint {
                    port: get("port"),
                    target: get("targetPort").or_else(|| get("portNumber")),
                }
            })
    }
}
