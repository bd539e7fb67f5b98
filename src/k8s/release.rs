//! All objects of a release, and what they say of each other.

use crate::yaml::{Document, NodeRef};

use super::object::{Object, labels_match, selector_matches};
use super::workload::{PodTemplate, Workload};

/// One document of a release, as the rendering gives it.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseDocument<'a> {
    /// The document.
    pub document: &'a Document,
    /// The namespace of objects that name none.
    pub namespace: &'a str,
    /// Whether Helm runs it as a hook.
    pub is_hook: bool,
}

/// The objects of a release.
#[derive(Debug, Default)]
pub struct Release<'a> {
    objects: Vec<Object<'a>>,
    /// Whether something of the release is unknown: a template that did not render, a document
    /// that is no YAML. What is missing then may stand there.
    pub is_incomplete: bool,
}

/// Lists in lists nest no deeper.
const MAX_LISTS: usize = 4;

impl<'a> Release<'a> {
    /// Takes in the documents; those that are no objects are left out.
    #[must_use]
    pub fn new(documents: &[ReleaseDocument<'a>], is_incomplete: bool) -> Self {
        let mut release = Self {
            objects: Vec::new(),
            is_incomplete,
        };
        for document in documents {
            if let Some(root) = document.document.root() {
                release.add(root, *document, 0);
            }
        }
        release
    }

    fn add(&mut self, node: NodeRef<'a>, document: ReleaseDocument<'a>, depth: usize) {
        let text = |path: &[&str]| node.at(path).and_then(NodeRef::text).unwrap_or_default();
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        if api_version.is_empty() || kind.is_empty() {
            return;
        }
        if kind.ends_with("List") && depth < MAX_LISTS && node.get("items").is_some() {
            for item in node.get("items").into_iter().flat_map(NodeRef::items) {
                self.add(item, document, depth + 1);
            }
            return;
        }
        let namespace = text(&["metadata", "namespace"]);
        self.objects.push(Object {
            node,
            api_version,
            kind,
            name: text(&["metadata", "name"]),
            namespace: if namespace.is_empty() {
                document.namespace
            } else {
                namespace
            },
            is_hook: document.is_hook,
        });
    }

    /// All objects, in order.
    #[must_use]
    pub fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// The objects of a kind.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Object<'a>> {
        self.objects
            .iter()
            .filter(move |object| object.kind == kind)
    }

    /// Everything that makes Pods, hooks left out.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'a>> {
        self.objects
            .iter()
            .filter(|object| !object.is_hook)
            .filter_map(Workload::of)
    }

    /// The workloads whose Pods a Service's selector takes.
    pub fn selected(&self, service: &Object<'a>) -> Vec<Workload<'a>> {
        let Some(selector) = service.node.at(&["spec", "selector"]) else {
            return Vec::new();
        };
        self.workloads()
            .filter(|workload| workload.object.namespace == service.namespace)
            .filter(|workload| labels_match(selector, workload.template.labels))
            .collect()
    }

    /// Whether a label selector takes an object's labels.
    #[must_use]
    pub fn takes(selector: NodeRef<'_>, labels: Option<NodeRef<'_>>) -> bool {
        selector_matches(selector, labels)
    }

    /// The Services that take a Pod template.
    pub fn services_of(
        &self,
        namespace: &str,
        template: &PodTemplate<'a>,
    ) -> impl Iterator<Item = &Object<'a>> {
        self.of_kind("Service").filter(move |service| {
            service.namespace == namespace
                && service
                    .node
                    .at(&["spec", "selector"])
                    .is_some_and(|selector| labels_match(selector, template.labels))
        })
    }
}
