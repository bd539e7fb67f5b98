//! From the text of a rendered file to manifests in Helm's order.

use std::cmp::Ordering;

use crate::golang::unicode;

/// Helm's order of installation.
const INSTALL_ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Helm's hook events; `None` for a name that is none.
pub(super) fn is_hook_event(name: &str) -> bool {
    matches!(
        name,
        "pre-install"
            | "post-install"
            | "pre-delete"
            | "post-delete"
            | "pre-upgrade"
            | "post-upgrade"
            | "pre-rollback"
            | "post-rollback"
            | "test"
            | "test-success"
    )
}

/// How two kinds are sorted: known ones in Helm's order, then the others by name.
pub(super) fn by_kind(a: &str, b: &str) -> Ordering {
    let place = |kind: &str| INSTALL_ORDER.iter().position(|known| *known == kind);
    match (place(a), place(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// For how many values the aliases of each of so many documents may stand: all of them together
/// for 20 million, which are read in two seconds.
pub(super) fn most_aliased(documents: usize) -> usize {
    20_000_000 / documents.max(1)
}

/// How many bytes of space `bytes` begins with.
pub(super) fn leading_space(bytes: &[u8]) -> usize {
    bytes.len() - crate::golang::strings::trim_left_func(bytes, unicode::is_space).len()
}

/// Where `bytes` end without the space behind them.
pub(super) fn trimmed_end(bytes: &[u8]) -> usize {
    crate::golang::strings::trim_right_func(bytes, unicode::is_space).len()
}

/// Helm's `SplitManifests`: the documents of a text as ranges. A separator is `---` where a line
/// begins, whatever follows it but space; space before a document is dropped, space behind it is
/// kept, documents of space are none.
pub(super) fn split(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut documents = Vec::new();
    let mut add = |start: usize, end: usize| {
        let part = bytes.get(start..end).unwrap_or_default();
        let space = leading_space(part);
        if space < part.len() {
            documents.push((start + space, end));
        }
    };
    let first = leading_space(bytes);
    let (mut start, mut at) = (first, first);
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(behind) = rest.strip_prefix(b"---") {
            add(start, at);
            let blanks = behind
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'));
            start = at + 3 + blanks.count();
            at = start;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(line) => at += line + 1,
            None => break,
        }
    }
    add(start, bytes.len());
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_stand_where_lines_begin() {
        case("a: 1\n", &["a: 1\n"]);
        case("a\n---\nb\n", &["a\n", "b\n"]);
        case("\n\n---\n---\na", &["a"]);
        case("---a: 1\n---  \t# c\nb", &["a: 1\n", "# c\nb"]);
        case("a\n ---\nb", &["a\n ---\nb"]);
        case("a --- b\n----\nc", &["a --- b\n", "-\nc"]);
        case("a  \n\n---\n \n---\n\n  b\n\n", &["a  \n\n", "b\n\n"]);
        case("a\r\n---\r\nb\r\n", &["a\r\n", "b\r\n"]);
        case("------\na", &["---\na"]);
        case("", &[]);
        case(" \n", &[]);
    }

    #[test]
    fn unknown_kinds_come_last_by_name() {
        let mut kinds = [
            "Zeta",
            "Ingress",
            "",
            "Alpha",
            "Namespace",
            "ValidatingWebhookConfiguration",
        ];
        kinds.sort_by(|a, b| by_kind(a, b));
        assert_eq!(
            kinds,
            [
                "Namespace",
                "Ingress",
                "ValidatingWebhookConfiguration",
                "",
                "Alpha",
                "Zeta"
            ]
        );
    }

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let got: Vec<&str> = split(text.as_bytes())
            .into_iter()
            .map(|(start, end)| &text[start..end])
            .collect();
        assert_eq!(got, expected, "{text:?}");
    }
}
