//! Who is scraped: targets in Prometheus configurations, annotations, monitors; and who exposes
//! metrics.

use std::collections::BTreeSet;

use crate::k8s::{Object, Release, Workload};
use crate::source::Span;
use crate::yaml::NodeRef;

use super::embedded::Embedded;

/// One target of a `static_configs` list.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The object that holds the configuration.
    pub object: Object<'a>,
    /// The target's bytes in the manifest, quotes left out.
    pub span: Span,
    /// As written, without a scheme: `host:port`.
    pub text: String,
    /// `https` or `http`.
    pub scheme: String,
    /// `job_name`, or empty.
    pub job: String,
}

/// What scraping a release configures.
#[derive(Debug, Default)]
pub struct Scraping<'a> {
    /// Static targets.
    pub targets: Vec<Target<'a>>,
    /// Whether there is any Prometheus configuration or monitor at all.
    pub is_any: bool,
    /// Whether targets are discovered in a way that may find anything (`kubernetes_sd_configs`
    /// and its kin).
    pub discovers: bool,
}

impl<'a> Scraping<'a> {
    /// Reads every Prometheus configuration in ConfigMaps and Secrets. `file` gives the bytes of
    /// the manifest that an object stands in.
    #[must_use]
    pub fn of(release: &Release<'a>, bytes_of: &dyn Fn(Span) -> Vec<u8>) -> Self {
        let mut scraping = Self::default();
        for object in release.objects() {
            match object.kind {
                "ConfigMap" => scraping.configs(object, object.node.get("data"), bytes_of),
                "Secret" => scraping.configs(object, object.node.get("stringData"), bytes_of),
                "ServiceMonitor" | "PodMonitor" => scraping.is_any = true,
                // An operator's Prometheus may be told of more than a chart shows.
                "ScrapeConfig" | "Probe" => {
                    scraping.is_any = true;
                    scraping.discovers = true;
                }
                _ => {}
            }
        }
        scraping
    }

    fn configs(
        &mut self,
        object: &Object<'a>,
        data: Option<NodeRef<'a>>,
        bytes_of: &dyn Fn(Span) -> Vec<u8>,
    ) {
        for (key, value) in data.into_iter().flat_map(NodeRef::entries) {
            let name = key.text().unwrap_or_default();
            let is_yaml = ["yml", "yaml"].iter().any(|end| name.ends_with(end));
            let text = value.text().unwrap_or_default();
            if !is_yaml || !text.contains("scrape_configs") {
                continue;
            }
            let Some(embedded) = Embedded::new(value, &bytes_of(value.span())) else {
                continue;
            };
            for document in &embedded.documents {
                let configs = document.root().and_then(|root| root.get("scrape_configs"));
                for config in configs.into_iter().flat_map(NodeRef::items) {
                    self.is_any = true;
                    self.config(object, config, &embedded);
                }
            }
        }
    }

    fn config(&mut self, object: &Object<'a>, config: NodeRef<'_>, embedded: &Embedded<'a>) {
        let text = |key: &str| config.get(key).and_then(NodeRef::text).unwrap_or_default();
        let scheme = if text("scheme") == "https" {
            "https"
        } else {
            "http"
        };
        for (key, _) in config.entries() {
            let name = key.text().unwrap_or_default();
            self.discovers |= name.ends_with("_sd_configs");
        }
        // Relabelling may send the request elsewhere (blackbox and other exporters).
        let rewrites = config
            .get("relabel_configs")
            .into_iter()
            .flat_map(NodeRef::items)
            .any(|rule| rule.get("target_label").and_then(NodeRef::text) == Some("__address__"));
        if rewrites {
            return;
        }
        for group in config
            .get("static_configs")
            .into_iter()
            .flat_map(NodeRef::items)
        {
            for target in group.get("targets").into_iter().flat_map(NodeRef::items) {
                let Some(text) = target.text() else { continue };
                let bare = text
                    .strip_prefix("http://")
                    .or_else(|| text.strip_prefix("https://"))
                    .unwrap_or(text);
                let span = target.span();
                let quotes = usize::from(span.len() == text.len() + 2);
                let inner = span.slice(quotes, span.len() - quotes);
                self.targets.push(Target {
                    object: *object,
                    span: embedded.span(inner),
                    text: bare.split('/').next().unwrap_or(bare).to_owned(),
                    scheme: scheme.to_owned(),
                    job: config
                        .get("job_name")
                        .and_then(NodeRef::text)
                        .unwrap_or_default()
                        .to_owned(),
                });
            }
        }
    }
}

/// A port that a component exposes for scraping.
#[derive(Debug, Clone)]
pub struct MetricsPort<'a> {
    /// The workload that exposes it.
    pub workload: Workload<'a>,
    /// The port's number.
    pub number: i64,
    /// The port's name.
    pub name: &'a str,
    /// The name, where it is written in the container.
    pub span: Span,
    /// The Services that lead to it.
    pub services: BTreeSet<(&'a str, &'a str)>,
}

/// The container ports whose name says that they are for metrics.
#[must_use]
pub fn metrics_ports<'a>(release: &Release<'a>) -> Vec<MetricsPort<'a>> {
    let mut found = Vec::new();
    for workload in release.workloads().filter(Workload::is_long_running) {
        let services: BTreeSet<_> = release
            .services_of(workload.object.namespace, &workload.template)
            .map(|service| (service.namespace, service.name))
            .collect();
        for container in workload.template.containers() {
            for port in container.ports() {
                let (Some(name), Some(number)) = (port.name, port.number) else {
                    continue;
                };
                let is_metrics = name == "metrics"
                    || name == "prometheus"
                    || name.ends_with("-metrics")
                    || name.starts_with("metrics-");
                let Some(span) = port.node.get("name").map(NodeRef::span) else {
                    continue;
                };
                if is_metrics {
                    found.push(MetricsPort {
                        workload,
                        number,
                        name,
                        span,
                        services: services.clone(),
                    });
                }
            }
        }
    }
    found
}
