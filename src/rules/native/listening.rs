//! Where a container is told to listen: by its arguments and variables, and by the configuration
//! that its pod is given.

use std::borrow::Cow;

use crate::k8s::{Container, Object, Release, Workload};
use crate::platform::decode_base64;
use crate::yaml::NodeRef;

/// Texts that are larger are data, not configuration.
const MAX_TEXT: usize = 1 << 20;

/// Whether an argument or variable of a container names a port: `--health-addr=:8081`, `8081`. One
/// in a URL is somebody else's.
pub(super) fn is_told_of(container: &Container<'_>, port: i64) -> bool {
    let digits = port.to_string();
    let names = |text: &str| {
        let mut found = places(text, &digits);
        found.any(|(before, _)| {
            let starts = before.is_empty() || before.ends_with([':', '=', ' ']);
            starts && !before.contains("://")
        })
    };
    let values = container.env().filter_map(|variable| variable.value);
    let mut texts = container.arguments().chain(values);
    texts.any(|node| node.text().is_some_and(names))
}

/// Whether a ConfigMap or Secret that a pod has as files or variables has a text by which one of
/// its processes listens at a port. The containers of a pod share their ports, so it is the same
/// whose configuration it is.
pub(super) fn is_configured(release: &Release<'_>, workload: &Workload<'_>, port: i64) -> bool {
    let digits = port.to_string();
    let used = used(workload);
    let mut objects = used.iter().flat_map(|(kind, name)| {
        let objects = release.core(kind);
        objects.filter(|object| object.name == *name && object.shares_namespace(&workload.object))
    });
    objects.any(|object| texts(object).any(|text| listens(&text, &digits)))
}

/// The kinds and names of what a pod's volumes and `envFrom` take their contents from.
fn used<'a>(workload: &Workload<'a>) -> Vec<(&'static str, &'a str)> {
    let volumes = workload.pod.get("volumes");
    let volumes = volumes.into_iter().flat_map(NodeRef::items);
    let mut found = Vec::new();
    let mut add = |kind, node: Option<NodeRef<'a>>| {
        found.extend(node.and_then(NodeRef::text).map(|name| (kind, name)));
    };
    for volume in volumes {
        add("ConfigMap", volume.at(&["configMap", "name"]));
        add("Secret", volume.at(&["secret", "secretName"]));
        let sources = volume.at(&["projected", "sources"]);
        for source in sources.into_iter().flat_map(NodeRef::items) {
            add("ConfigMap", source.at(&["configMap", "name"]));
            add("Secret", source.at(&["secret", "name"]));
        }
    }
    for container in workload.running_containers() {
        let sources = container.node.get("envFrom");
        for source in sources.into_iter().flat_map(NodeRef::items) {
            add("ConfigMap", source.at(&["configMapRef", "name"]));
            add("Secret", source.at(&["secretRef", "name"]));
        }
    }
    found
}

/// The texts of a ConfigMap or Secret.
fn texts<'a>(object: &Object<'a>) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
    let (node, is_secret) = (object.node, object.kind == "Secret");
    ["data", "stringData"].into_iter().flat_map(move |field| {
        let entries = node.get(field).into_iter().flat_map(NodeRef::entries);
        entries.filter_map(move |(_, value)| {
            let text = value.text().filter(|text| text.len() <= MAX_TEXT)?;
            if is_secret && field == "data" {
                let text = decode_base64(text)?;
                return String::from_utf8(text).ok().map(Cow::Owned);
            }
            Some(Cow::Borrowed(text))
        })
    })
}

/// Where a text has a number that is not part of a longer one, nor of a name: what stands before it
/// and behind it.
fn places<'t>(text: &'t str, digits: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let found = text.match_indices(digits);
    found.filter_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        let behind = rest.get(digits.len()..)?;
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '.');
        ends.then_some((before, behind))
    })
}

/// Whether a configuration has a line by which a process listens at a port. A comment does not.
fn listens(text: &str, digits: &str) -> bool {
    text.contains(digits)
        && text.lines().any(|line| {
            !line.trim_start().starts_with(['#', ';']) && {
                let mut found = places(line, digits);
                found.any(|(before, behind)| {
                    before.strip_suffix(':').is_some_and(is_any_host)
                        || is_listen(before) && behind.contains(';')
                })
            }
        })
}

/// Whether what stands before `:8080` leaves the host out, or says all addresses of the pod.
fn is_any_host(before: &str) -> bool {
    let Some(last) = before.chars().next_back() else {
        return true;
    };
    let rest = before.strip_suffix(last).unwrap_or_default();
    match last {
        '0' => before
            .strip_suffix("0.0.0.0")
            .is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_digit() || c == '.')),
        ']' => before.ends_with("[::]"),
        // In JSON the quote may be the end of a key, and the port a number that says nothing.
        '"' | '\'' => {
            rest.is_empty() || rest.ends_with([' ', '\t', '=', ':', '(', '[', '{', ',', '\\'])
        }
        ' ' | '\t' => !rest.trim_end().ends_with(['"', '\'']),
        '=' => true,
        // `${env:MY_POD_IP}:8080`: the pod's own address, where most variables are another's.
        '}' => {
            let name = rest.rsplit_once('{').map_or("", |(_, name)| name);
            name.trim_end().to_ascii_uppercase().ends_with("POD_IP")
        }
        _ => false,
    }
}

/// Whether a line goes up to the port of nginx' `listen 8080;`.
fn is_listen(before: &str) -> bool {
    let rest = before.trim_end();
    rest.len() < before.len()
        && rest
            .strip_suffix("listen")
            .is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\t', '{', ';']))
}

#[cfg(test)]
mod tests {
    use super::listens;

    #[track_caller]
    fn case(text: &str, want: bool) {
        assert_eq!(listens(text, "8081"), want, "{text:?}");
    }

    #[test]
    fn only_addresses_without_another_host_are_listened_at() {
        for text in [
            ":8081",
            "a: 1\naddr: \":8081\"\n",
            "addr = ':8081'",
            "{\"addr\":\":8081\"}",
            "{\\\"addr\\\": \\\":8081\\\"}",
            "addr=:8081",
            "- :8081/healthz",
            "x: 0.0.0.0:8081",
            "http://0.0.0.0:8081",
            "x: '[::]:8081'",
            "x: ${env:MY_POD_IP}:8081",
            "x: ${POD_IP}:8081",
            "server { listen 8081; }",
            "  listen\t8081 default_server;",
            "listen [::]:8081;",
        ] {
            case(text, true);
        }
        for text in [
            "",
            "8081",
            "port: 8081",
            "{\"port\":8081}",
            "{\"port\" :8081}",
            "x: http://other:8081",
            "x: localhost:8081",
            "x: 127.0.0.1:8081",
            "x: 10.0.0.0:8081",
            "x: [fe80::]:8081",
            "x: ${DB_HOST}:8081",
            "x: }:8081",
            "x: :18081",
            "x: :80812",
            "x: :8081m",
            "# x: :8081",
            "  ; x = :8081",
            "listen 8081",
            "relisten 8081;",
            "listen8081;",
            "é:8081",
        ] {
            case(text, false);
        }
    }
}
