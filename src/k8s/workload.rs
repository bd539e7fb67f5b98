//! What makes Pods: Deployments and their kin, Pods themselves, and any custom kind with a Pod
//! template.

use crate::source::Span;
use crate::yaml::NodeRef;

use super::object::Object;

/// An object that makes Pods.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// The object.
    pub object: Object<'a>,
    /// What its Pods look like.
    pub template: PodTemplate<'a>,
    /// `spec.replicas`, 1 where it is not written.
    pub replicas: i64,
}

/// The Pods of a workload.
#[derive(Debug, Clone, Copy)]
pub struct PodTemplate<'a> {
    /// Labels of the Pods.
    pub labels: Option<NodeRef<'a>>,
    /// Annotations of the Pods.
    pub annotations: Option<NodeRef<'a>>,
    /// The Pod's spec.
    pub spec: NodeRef<'a>,
}

/// A container.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    /// The whole container.
    pub node: NodeRef<'a>,
}

/// An entry of a container's `ports`.
#[derive(Debug, Clone, Copy)]
pub struct ContainerPort<'a> {
    /// The entry.
    pub node: NodeRef<'a>,
    /// `containerPort`.
    pub number: Option<i64>,
    /// `name`.
    pub name: Option<&'a str>,
}

/// The port of a probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ProbePort<'a> {
    /// By number.
    Number(i64),
    /// By name.
    Name(&'a str),
}

/// How a probe asks.
#[derive(Debug, Clone, Copy)]
pub struct Handler<'a> {
    /// `httpGet`, `tcpSocket`, `grpc` or `exec`.
    pub kind: &'a str,
    /// The port, where it has one.
    pub port: Option<(ProbePort<'a>, Span)>,
}

impl<'a> Workload<'a> {
    /// The object as a workload, if it makes Pods.
    #[must_use]
    pub fn of(object: &Object<'a>) -> Option<Self> {
        let spec = object.node.get("spec")?;
        let template = match object.kind {
            "Pod" => {
                return Some(Self {
                    object: *object,
                    template: PodTemplate {
                        labels: object.labels(),
                        annotations: object.annotations(),
                        spec,
                    },
                    replicas: 1,
                });
            }
            "CronJob" => spec.at(&["jobTemplate", "spec", "template"])?,
            _ => spec.get("template")?,
        };
        let pod = template.get("spec")?;
        pod.get("containers")?;
        Some(Self {
            object: *object,
            template: PodTemplate {
                labels: template.at(&["metadata", "labels"]),
                annotations: template.at(&["metadata", "annotations"]),
                spec: pod,
            },
            replicas: spec.get("replicas").and_then(NodeRef::int).unwrap_or(1),
        })
    }

    /// Whether its containers are meant to run for ever: Jobs end, and so do Pods that say so.
    #[must_use]
    pub fn is_long_running(&self) -> bool {
        match self.object.kind {
            "Job" | "CronJob" => false,
            "Pod" => self
                .template
                .spec
                .get("restartPolicy")
                .and_then(NodeRef::text)
                .is_none_or(|policy| policy == "Always"),
            _ => true,
        }
    }
}

impl<'a> PodTemplate<'a> {
    /// The containers, init containers left out.
    pub fn containers(&self) -> impl Iterator<Item = Container<'a>> {
        list(self.spec, "containers").map(|node| Container { node })
    }
}

fn list<'a>(node: NodeRef<'a>, key: &str) -> impl Iterator<Item = NodeRef<'a>> {
    node.get(key)
        .into_iter()
        .flat_map(NodeRef::items)
        .filter(|item| item.is_mapping())
}

impl<'a> Container<'a> {
    /// `name`, or `?`.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.node.get("name").and_then(NodeRef::text).unwrap_or("?")
    }

    /// `image`.
    #[must_use]
    pub fn image(&self) -> &'a str {
        self.node
            .get("image")
            .and_then(NodeRef::text)
            .unwrap_or_default()
    }

    /// The declared ports.
    pub fn ports(&self) -> impl Iterator<Item = ContainerPort<'a>> {
        list(self.node, "ports").map(|node| ContainerPort {
            node,
            number: node.get("containerPort").and_then(NodeRef::int),
            name: node.get("name").and_then(NodeRef::text),
        })
    }

    /// How a probe asks; `None` where it is missing or says nothing.
    #[must_use]
    pub fn probe(&self, probe: &str) -> Option<Handler<'a>> {
        let node = self.node.get(probe)?;
        ["exec", "httpGet", "tcpSocket", "grpc"]
            .iter()
            .find_map(|kind| {
                let handler = node.get(kind).filter(|handler| handler.is_mapping())?;
                let port = handler.get("port").and_then(|port| {
                    let value = match port.int() {
                        Some(number) => ProbePort::Number(number),
                        None => {
                            let text = port.text()?;
                            match text.parse() {
                                Ok(number) => ProbePort::Number(number),
                                Err(_) => ProbePort::Name(text),
                            }
                        }
                    };
                    Some((value, port.span()))
                });
                Some(Handler { kind, port })
            })
    }
}
