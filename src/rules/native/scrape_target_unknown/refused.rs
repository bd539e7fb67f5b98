//! What Prometheus refuses before it looks anything up: targets that are more than addresses, and
//! configurations that are no YAML.

use super::RULE;
use crate::finding::Finding;
use crate::k8s::Release;
use crate::platform::{Job, Surplus, Target, Unreadable};

/// Whether something in the release scrapes as VictoriaMetrics does, which takes whole URLs for
/// targets.
pub(super) fn takes_urls(release: &Release<'_>) -> bool {
    let is_known = |image: &str| {
        ["victoria", "vmagent", "vmsingle"]
            .iter()
            .any(|name| image.contains(name))
    };
    let mut objects = release.objects().iter();
    let containers = release.workloads().iter();
    let mut containers = containers.flat_map(|workload| workload.containers());
    objects.any(|object| object.group() == "operator.victoriametrics.com")
        || containers.any(|container| is_known(container.image()))
}

/// A target with a scheme or a path.
pub(super) fn surplus(job: &Job<'_>, what: &str, target: &Target) -> Option<Finding> {
    if job.has_parameters || target.is_exporter {
        return None;
    }
    let surplus = Surplus::of(&target.text)?;
    let found = match surplus.scheme {
        "" => "a path",
        _ => "a scheme",
    };
    let message = format!(
        "{what} has {found}, and Prometheus takes `host:port` alone: it refuses any `/` in a target"
    );
    let path_key = match job.object.kind {
        "ScrapeConfig" => "metricsPath",
        _ => "metrics_path",
    };
    let mut help = format!("write `{}`", surplus.address);
    if surplus.scheme.eq_ignore_ascii_case("https") {
        help.push_str(", and `scheme: https` in the job");
    }
    if !matches!(surplus.path, "" | "/" | "/metrics") {
        help.push_str(&format!(", and `{path_key}: {}` in the job", surplus.path));
    }
    Some(
        Finding::new(RULE, target.span, message)
            .help(help)
            .object(job.object.reference()),
    )
}

/// A configuration that Prometheus does not start with.
pub(super) fn unreadable(configuration: &Unreadable<'_>) -> Finding {
    let message = format!(
        "`{}` of {} is no YAML, and Prometheus does not start with it: {}",
        configuration.key,
        configuration.object.label(),
        configuration.message
    );
    Finding::new(RULE, configuration.span, message)
        .help("Prometheus scrapes nothing before that is right")
        .object(configuration.object.reference())
}
