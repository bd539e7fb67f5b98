//! Containers that webhooks put into pods beside those that a manifest shows.

use super::Workload;
use crate::yaml::NodeRef;

/// Labels and annotations of pods that ask a webhook for a container.
const OF_PODS: &[&str] = &[
    "appmesh.k8s.aws/sidecarInjectorWebhook",
    "consul.hashicorp.com/connect-inject",
    "dapr.io/enabled",
    "kuma.io/sidecar-injection",
    "linkerd.io/inject",
    "openservicemesh.io/sidecar-injection",
    "sidecar.istio.io/inject",
    "sidecar.jaegertracing.io/inject",
    "sidecar.opentelemetry.io/inject",
    "vault.hashicorp.com/agent-inject",
];

/// Of those, what may stand at the object that makes the pods.
const OF_OBJECTS: &[&str] = &["sidecar.jaegertracing.io/inject"];

/// Whether a value asks: it may be the name of what is to be put in.
fn asks(value: NodeRef<'_>) -> bool {
    let refuses = |text: &str| {
        ["", "false", "disabled", "no", "off", "0"]
            .iter()
            .any(|no| no.eq_ignore_ascii_case(text))
    };
    value.text().is_some_and(|text| !refuses(text.trim()))
}

impl<'a> Workload<'a> {
    /// Whether its pods ask for a container to be injected, as the sidecars of service meshes are:
    /// they have ports that nobody declares.
    #[must_use]
    pub fn asks_for_sidecar(&self) -> bool {
        let label = |key: &str| self.template.at(&["metadata", "labels", key]);
        let of_pods = |key: &&str| [self.pod_annotation(key), label(key)];
        OF_PODS.iter().flat_map(of_pods).flatten().any(asks)
            || OF_OBJECTS
                .iter()
                .filter_map(|key| self.object.annotation(key))
                .any(asks)
    }
}
