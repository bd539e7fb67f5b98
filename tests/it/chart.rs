//! The chart of the platform: what is found in it, and whether Kubernetes would take it.

use std::fs;

use aiplat::chart::ValuesInput;
use aiplat::engine::{self, RenderRequest, Request};
use aiplat::vfs::RealFs;
use k8s_openapi::api::{apps::v1 as apps, autoscaling::v2 as autoscaling, core::v1 as core};
use k8s_openapi::api::{networking::v1 as networking, policy::v1 as policy};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::files::{self, CHART};

fn disk() -> RealFs {
    let mut vfs = RealFs::new();
    vfs.allow(CHART.as_ref());
    vfs
}

fn production() -> Vec<ValuesInput> {
    vec![ValuesInput::File(format!("{CHART}/values-production.yaml"))]
}

fn findings(values: Vec<ValuesInput>) -> Vec<String> {
    let request = Request {
        paths: vec![CHART.to_owned()],
        values,
        ..Request::default()
    };
    files::all_shown(&engine::run(&disk(), &request))
}

#[test]
fn the_default_values_have_five_default_passwords_and_nothing_else() {
    let values = fs::read_to_string(format!("{CHART}/values.yaml")).unwrap();
    let mut expected = files::default_secrets(&values);
    expected.sort();
    assert_eq!(findings(Vec::new()), expected);
}

#[test]
fn the_production_values_have_no_findings() {
    assert_eq!(findings(production()), Vec::<String>::new());
}

#[test]
fn every_manifest_is_an_object_of_its_kind() {
    for values in [Vec::new(), production()] {
        let request = RenderRequest {
            chart: CHART.to_owned(),
            values,
            ..RenderRequest::default()
        };
        let (rendered, _) = engine::render(&disk(), &request);
        assert!(
            rendered.manifests.len() > 40,
            "{}",
            rendered.manifests.len()
        );
        for manifest in &rendered.manifests {
            object(&manifest.source, manifest.text.bytes());
        }
    }
}

#[track_caller]
fn object(source: &str, bytes: &[u8]) {
    let value: Value =
        yaml_serde::from_slice(bytes).unwrap_or_else(|error| panic!("{source}: {error}"));
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text("apiVersion"), text("kind"));
    match (version.as_str(), kind.as_str()) {
        ("v1", "ConfigMap") => typed::<core::ConfigMap>(source, value),
        ("v1", "Namespace") => typed::<core::Namespace>(source, value),
        ("v1", "PersistentVolumeClaim") => typed::<core::PersistentVolumeClaim>(source, value),
        ("v1", "ResourceQuota") => typed::<core::ResourceQuota>(source, value),
        ("v1", "Secret") => typed::<core::Secret>(source, value),
        ("v1", "Service") => typed::<core::Service>(source, value),
        ("v1", "ServiceAccount") => typed::<core::ServiceAccount>(source, value),
        ("apps/v1", "Deployment") => typed::<apps::Deployment>(source, value),
        ("apps/v1", "StatefulSet") => typed::<apps::StatefulSet>(source, value),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => {
            typed::<autoscaling::HorizontalPodAutoscaler>(source, value);
        }
        ("networking.k8s.io/v1", "Ingress") => typed::<networking::Ingress>(source, value),
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            typed::<networking::NetworkPolicy>(source, value);
        }
        ("policy/v1", "PodDisruptionBudget") => typed::<policy::PodDisruptionBudget>(source, value),
        (version, kind) => panic!("{source}: the test does not know {version} {kind}"),
    }
}

#[track_caller]
fn typed<T: DeserializeOwned>(source: &str, value: Value) {
    if let Err(error) = serde_json::from_value::<T>(value) {
        panic!("{source}: {error}");
    }
}
