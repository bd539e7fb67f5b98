//! Services: names for pods.

use super::container::Port;
use super::object::Object;
use super::selector::Selector;
use super::workload::Workload;
use crate::yaml::NodeRef;

/// A Service of the release.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// The object.
    pub object: Object<'a>,
    /// `spec.selector`: every workload is asked whether it is selected.
    selector: Option<NodeRef<'a>>,
}

/// An entry of a Service's `ports`.
#[derive(Debug, Clone, Copy)]
pub struct ServicePort<'a> {
    /// The entry.
    pub node: NodeRef<'a>,
    /// `name`.
    pub name: Option<NodeRef<'a>>,
    /// `port`, where it is a whole number.
    pub number: Option<i64>,
    /// `targetPort`; the port itself where none is given.
    pub target: Option<Port<'a>>,
    /// `protocol`; `TCP` where none is given.
    pub protocol: &'a str,
}

impl<'a> Service<'a> {
    /// The Service that an object is.
    #[must_use]
    pub fn read(object: Object<'a>) -> Option<Self> {
        let is_service = object.group().is_empty() && object.kind == "Service";
        is_service.then(|| Self {
            object,
            selector: object.node.at(&["spec", "selector"]),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.object.name
    }

    /// `ports`.
    pub fn ports(&self) -> impl Iterator<Item = ServicePort<'a>> {
        self.object
            .node
            .at(&["spec", "ports"])
            .into_iter()
            .flat_map(NodeRef::items)
            .map(|node| {
                let number = node.get("port").and_then(NodeRef::int);
                ServicePort {
                    node,
                    name: node.get("name").filter(|name| !name.is_null()),
                    number,
                    target: node
                        .get("targetPort")
                        .and_then(Port::read)
                        .or(number.map(Port::Number)),
                    protocol: node
                        .get("protocol")
                        .and_then(NodeRef::text)
                        .unwrap_or("TCP"),
                }
            })
    }

    /// `spec.selector`.
    #[must_use]
    pub fn selector(&self) -> Selector<'a> {
        Selector::plain(self.selector)
    }

    /// Whether it only is another name for a host.
    #[must_use]
    pub fn is_external_name(&self) -> bool {
        self.spec("type") == Some("ExternalName")
    }

    /// Whether its name resolves to the pods themselves.
    #[must_use]
    pub fn is_headless(&self) -> bool {
        self.spec("clusterIP") == Some("None")
    }

    fn spec(&self, key: &str) -> Option<&'a str> {
        self.object.node.at(&["spec", key]).and_then(NodeRef::text)
    }

    /// Whether the workload's pods are among those it sends to.
    #[must_use]
    pub fn selects(&self, workload: &Workload<'a>) -> bool {
        let selector = self.selector();
        self.object.shares_namespace(&workload.object)
            && !selector.is_empty()
            && workload.is_selected_by(selector)
    }
}
