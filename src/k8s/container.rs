//! Containers: image, ports, probes, environment, resources.

use crate::yaml::NodeRef;

/// What a container is for within its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Under `containers`.
    Main,
    /// Under `initContainers`: runs to completion before the main ones.
    Init,
    /// Under `initContainers` with `restartPolicy: Always`: runs beside the main ones.
    Sidecar,
    /// Under `ephemeralContainers`.
    Ephemeral,
    /// Filled up by a controller, which has the image and more of it from elsewhere: the `model` of
    /// an InferenceService. It goes by this name.
    Filled(&'static str),
}

/// One container of a pod.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    /// Its node.
    pub node: NodeRef<'a>,
    /// What it is for.
    pub role: Role,
}

/// An entry of `ports`.
#[derive(Debug, Clone, Copy)]
pub struct ContainerPort<'a> {
    /// The entry.
    pub node: NodeRef<'a>,
    /// `name`.
    pub name: Option<NodeRef<'a>>,
    /// `containerPort`, where it is a whole number.
    pub number: Option<i64>,
    /// `protocol`; `TCP` where none is given.
    pub protocol: &'a str,
}

/// A port as probes and Services give it: by number or by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port<'a> {
    /// By number.
    Number(i64),
    /// By name. A number in quotes is a name to Kubernetes.
    Name(&'a str),
}

impl<'a> Port<'a> {
    /// Reads `8080` or `http`; `None` for null and collections.
    #[must_use]
    pub fn read(node: NodeRef<'a>) -> Option<Self> {
        if let Some(number) = node.int() {
            return Some(Self::Number(number));
        }
        node.str().filter(|name| !name.is_empty()).map(Self::Name)
    }
}

/// The three probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// `livenessProbe`
    Liveness,
    /// `readinessProbe`
    Readiness,
    /// `startupProbe`
    Startup,
}

impl ProbeKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Liveness, Self::Readiness, Self::Startup];

    /// The container's key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
            Self::Startup => "startupProbe",
        }
    }
}

/// A probe as written.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    /// Its key in the container.
    pub key: NodeRef<'a>,
    /// Its value, possibly null or empty.
    pub node: NodeRef<'a>,
}

impl<'a> Probe<'a> {
    /// Whether there is something it does: a command, or a port to ask.
    #[must_use]
    pub fn has_handler(self) -> bool {
        let has = |path: &[&str]| self.node.at(path).is_some_and(|node| !node.is_null());
        has(&["exec", "command"])
            || ["httpGet", "tcpSocket", "grpc"]
                .iter()
                .any(|handler| has(&[handler, "port"]))
    }

    /// Whether it asks over the network, be the port given or not.
    #[must_use]
    pub fn asks_some_port(self) -> bool {
        ["httpGet", "tcpSocket", "grpc"]
            .iter()
            .any(|handler| self.node.get(handler).is_some_and(NodeRef::is_mapping))
    }

    /// The port it asks, with where that is written.
    #[must_use]
    pub fn port(self) -> Option<(NodeRef<'a>, Port<'a>)> {
        ["httpGet", "tcpSocket", "grpc"]
            .iter()
            .find_map(|handler| self.node.at(&[handler, "port"]))
            .and_then(|node| Some((node, Port::read(node)?)))
    }

    /// The host it asks instead of the pod itself.
    #[must_use]
    pub fn host(self) -> Option<&'a str> {
        ["httpGet", "tcpSocket"]
            .iter()
            .find_map(|handler| self.node.at(&[handler, "host"])?.text())
            .filter(|host| !host.is_empty())
    }

    /// Whether it asks another host, and nothing of its own container.
    #[must_use]
    pub fn asks_elsewhere(self) -> bool {
        self.host()
            .is_some_and(|host| !matches!(host, "localhost" | "127.0.0.1" | "::1"))
    }

    /// How long nothing happens to a container that does not answer, in seconds: the initial
    /// delay and the failures it may have. Kubernetes' defaults are 0, 10 and 3.
    #[must_use]
    pub fn patience(self) -> i64 {
        let number = |key, default| self.node.get(key).and_then(NodeRef::int).unwrap_or(default);
        number("periodSeconds", 10)
            .saturating_mul(number("failureThreshold", 3))
            .saturating_add(number("initialDelaySeconds", 0))
    }
}

/// An entry of `env`.
#[derive(Debug, Clone, Copy)]
pub struct EnvVar<'a> {
    /// `name`.
    pub name: &'a str,
    /// `value`, where it is given here and not taken from elsewhere.
    pub value: Option<NodeRef<'a>>,
}

impl<'a> Container<'a> {
    /// `name`, empty where there is none.
    #[must_use]
    pub fn name(self) -> &'a str {
        match (self.text("name"), self.role) {
            ("", Role::Filled(name)) => name,
            (name, _) => name,
        }
    }

    /// `resources`.
    #[must_use]
    pub fn resources(self) -> Option<NodeRef<'a>> {
        let given = self.node.get("resources");
        // A TrainJob's trainer has them for each of its nodes.
        given.or_else(|| match self.role {
            Role::Filled(_) => self.node.get("resourcesPerNode"),
            _ => None,
        })
    }

    /// `image`, empty where there is none.
    #[must_use]
    pub fn image(self) -> &'a str {
        self.text("image")
    }

    /// Whether it changes a container that is written elsewhere, as kustomize's patches do: what
    /// is to run alone names an image.
    #[must_use]
    pub fn is_patch(self) -> bool {
        self.node.get("image").is_none()
    }

    fn text(self, key: &str) -> &'a str {
        self.node
            .get(key)
            .and_then(NodeRef::text)
            .unwrap_or_default()
    }

    /// `ports`.
    pub fn ports(self) -> impl Iterator<Item = ContainerPort<'a>> {
        self.list("ports").map(|node| ContainerPort {
            node,
            name: node.get("name").filter(|name| !name.is_null()),
            number: node.get("containerPort").and_then(NodeRef::int),
            protocol: node
                .get("protocol")
                .and_then(NodeRef::text)
                .unwrap_or("TCP"),
        })
    }

    /// The port with this name or number.
    #[must_use]
    pub fn port(self, port: Port<'_>) -> Option<ContainerPort<'a>> {
        self.ports().find(|declared| match port {
            Port::Number(number) => declared.number == Some(number),
            Port::Name(name) => declared.name.and_then(NodeRef::text) == Some(name),
        })
    }

    /// A probe, where its key is written at all.
    #[must_use]
    pub fn probe(self, kind: ProbeKind) -> Option<Probe<'a>> {
        let (key, node) = self.node.entry(kind.key())?;
        Some(Probe { key, node })
    }

    /// `env`.
    pub fn env(self) -> impl Iterator<Item = EnvVar<'a>> {
        self.list("env").filter_map(|node| {
            Some(EnvVar {
                name: node.get("name")?.text()?,
                value: node.get("value"),
            })
        })
    }

    /// `command` and `args`, one after the other.
    pub fn arguments(self) -> impl Iterator<Item = NodeRef<'a>> {
        self.list("command").chain(self.list("args"))
    }

    fn list(self, key: &str) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
        self.node.get(key).into_iter().flat_map(NodeRef::items)
    }
}
