//! One object: what it is called and where that is written.

use crate::finding::ObjectRef;
use crate::yaml::NodeRef;

/// A Kubernetes object in a document.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// The whole object.
    pub node: NodeRef<'a>,
    /// `apiVersion`.
    pub api_version: &'a str,
    /// `kind`.
    pub kind: &'a str,
    /// `metadata.name`; empty where there is none (`generateName`).
    pub name: &'a str,
    /// `metadata.namespace`, or the namespace of the release.
    pub namespace: &'a str,
    /// Whether it is a Helm hook: not part of what runs.
    pub is_hook: bool,
}

impl<'a> Object<'a> {
    /// The object's name in findings.
    #[must_use]
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            namespace: self.namespace.to_owned(),
            name: self.name.to_owned(),
        }
    }

    /// `Deployment/gateway`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// `metadata.labels`.
    #[must_use]
    pub fn labels(&self) -> Option<NodeRef<'a>> {
        self.node.at(&["metadata", "labels"])
    }

    /// `metadata.annotations`.
    #[must_use]
    pub fn annotations(&self) -> Option<NodeRef<'a>> {
        self.node.at(&["metadata", "annotations"])
    }

    /// The API group: empty for the core.
    #[must_use]
    pub fn group(&self) -> &'a str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }
}

/// Whether every entry of a selector stands among the labels.
#[must_use]
pub(super) fn labels_match(selector: NodeRef<'_>, labels: Option<NodeRef<'_>>) -> bool {
    let mut is_any = false;
    for (key, value) in selector.entries() {
        is_any = true;
        let wanted = key.text().and_then(|key| labels?.get(key)?.text());
        if wanted.is_none() || wanted != value.text() {
            return false;
        }
    }
    is_any
}

/// Whether a label selector (`matchLabels`, `matchExpressions`) takes these labels. An empty one
/// takes everything.
#[must_use]
pub(super) fn selector_matches(selector: NodeRef<'_>, labels: Option<NodeRef<'_>>) -> bool {
    let has = |key: &str| {
        labels
            .and_then(|labels| labels.get(key))
            .and_then(|node| node.text())
    };
    let exact = selector
        .get("matchLabels")
        .is_none_or(|exact| exact.entries().next().is_none() || labels_match(exact, labels));
    let mut expressions = selector
        .get("matchExpressions")
        .into_iter()
        .flat_map(|list| list.items());
    exact
        && expressions.all(|expression| {
            let Some(key) = expression.get("key").and_then(|node| node.text()) else {
                return false;
            };
            let value = has(key);
            let mut values = expression
                .get("values")
                .into_iter()
                .flat_map(|list| list.items())
                .filter_map(|node| node.text());
            match expression.get("operator").and_then(|node| node.text()) {
                Some("In") => value.is_some_and(|value| values.any(|one| one == value)),
                Some("NotIn") => value.is_none_or(|value| values.all(|one| one != value)),
                Some("Exists") => value.is_some(),
                Some("DoesNotExist") => value.is_none(),
                _ => false,
            }
        })
}
