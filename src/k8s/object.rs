//! One object of the release: what every kind has.

use super::release::ReleaseDocument;
use std::fmt::Display;

use crate::finding::ObjectRef;
use crate::yaml::NodeRef;

/// Kinds that live in no namespace, among those that charts carry.
const CLUSTER_KINDS: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "GatewayClass",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// API groups that are Kubernetes' own; everything else is a custom resource.
const OWN_GROUPS: &[&str] = &["", "apps", "autoscaling", "batch", "extensions", "policy"];

/// One object: a view of its node.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// `apiVersion`, or what the list around it says.
    pub api_version: &'a str,
    /// `kind`, or what the list around it says.
    pub kind: &'a str,
    /// `metadata.name` (or `generateName`), empty where there is none.
    pub name: &'a str,
    /// The namespace it ends up in; empty for kinds that live in none, or where nobody says.
    pub namespace: &'a str,
    /// Whether the manifest itself names the namespace.
    pub names_namespace: bool,
    /// Whether the user named the namespace of what names none.
    pub is_namespace_given: bool,
    /// Its node.
    pub node: NodeRef<'a>,
    /// Whether a hook of Helm or Argo CD makes it: it does not stay.
    pub is_hook: bool,
}

impl<'a> Object<'a> {
    /// Reads what every object has. `None` where the node is no mapping or has no kind.
    #[must_use]
    pub(super) fn read(
        node: NodeRef<'a>,
        manifest: ReleaseDocument<'a>,
        fallback: (&'a str, &'a str),
    ) -> Option<Self> {
        let field = |path: &[&str]| {
            node.at(path)
                .and_then(NodeRef::text)
                .filter(|text| !text.is_empty())
        };
        let kind = field(&["kind"]).unwrap_or(fallback.1);
        let api_version = field(&["apiVersion"]).unwrap_or(fallback.0);
        if !node.is_mapping() || kind.is_empty() || api_version.is_empty() {
            return None;
        }
        let named = field(&["metadata", "namespace"]);
        let in_cluster = CLUSTER_KINDS.contains(&kind);
        let mut object = Self {
            api_version,
            kind,
            name: field(&["metadata", "name"])
                .or_else(|| field(&["metadata", "generateName"]))
                .unwrap_or_default(),
            namespace: if in_cluster {
                ""
            } else {
                named.unwrap_or(manifest.namespace)
            },
            names_namespace: named.is_some(),
            is_namespace_given: manifest.is_namespace_given,
            node,
            is_hook: manifest.is_hook,
        };
        object.is_hook = object.is_hook
            || ["helm.sh/hook", "argocd.argoproj.io/hook"]
                .iter()
                .any(|key| {
                    object
                        .annotation(key)
                        .is_some_and(|hook| hook.text() != Some(""))
                });
        Some(object)
    }

    /// The group of the API: `apps` of `apps/v1`, empty for the core group.
    #[must_use]
    pub fn group(&self) -> &'a str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Whether it is of a kind that Kubernetes itself serves.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        let group = self.group();
        OWN_GROUPS.contains(&group)
            || group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io"
    }

    /// `metadata.labels`.
    #[must_use]
    pub fn labels(&self) -> Vec<(&'a str, &'a str)> {
        pairs(self.node.at(&["metadata", "labels"]))
    }

    /// `metadata.annotations`.
    #[must_use]
    pub fn annotations(&self) -> Vec<(&'a str, &'a str)> {
        pairs(self.node.at(&["metadata", "annotations"]))
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<NodeRef<'a>> {
        self.node.at(&["metadata", "annotations"])?.get(key)
    }

    /// `Deployment/gateway`, for messages.
    #[must_use]
    pub fn label(&self) -> impl Display + use<'a> {
        let (kind, name) = (self.kind, self.name);
        std::fmt::from_fn(move |f| write!(f, "{kind}/{name}"))
    }

    /// Its name among findings: without a namespace where nobody named one.
    #[must_use]
    pub fn reference(&self) -> ObjectRef {
        let is_named = self.names_namespace || self.is_namespace_given;
        ObjectRef {
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            namespace: if is_named { self.namespace } else { "" }.to_owned(),
            name: self.name.to_owned(),
        }
    }

    /// Whether both are in one namespace. An object that leaves its namespace to the release may
    /// be installed into the one that another object names, so such a pair counts as one.
    #[must_use]
    pub fn shares_namespace(&self, other: &Self) -> bool {
        self.namespace == other.namespace || !self.names_namespace || !other.names_namespace
    }
}

/// The keys and scalar values of a mapping.
pub(super) fn pairs(node: Option<NodeRef<'_>>) -> Vec<(&str, &str)> {
    node.into_iter()
        .flat_map(NodeRef::entries)
        .filter_map(|(key, value)| Some((key.text()?, value.text()?)))
        .collect()
}
