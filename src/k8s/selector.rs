//! Label selectors: `matchLabels` with `matchExpressions`, or the plain map of a Service.

use crate::yaml::NodeRef;

/// A selector as written.
#[derive(Debug, Clone, Copy)]
pub struct Selector<'a> {
    node: Option<NodeRef<'a>>,
    plain: bool,
}

impl<'a> Selector<'a> {
    /// A `LabelSelector`. A missing or empty one selects everything.
    #[must_use]
    pub fn new(node: Option<NodeRef<'a>>) -> Self {
        Self { node, plain: false }
    }

    /// The plain map of labels that Services and `ReplicationController`s have.
    #[must_use]
    pub fn plain(node: Option<NodeRef<'a>>) -> Self {
        Self { node, plain: true }
    }

    /// Where it is written.
    #[must_use]
    pub fn node(self) -> Option<NodeRef<'a>> {
        self.node
    }

    /// The labels that must be equal, in the order of the text.
    pub fn equalities(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let labels = if self.plain {
            self.node
        } else {
            self.node.and_then(|node| node.get("matchLabels"))
        };
        labels
            .into_iter()
            .flat_map(NodeRef::entries)
            .filter_map(|(key, value)| Some((key.text()?, value.text()?)))
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.equalities().next().is_none() && self.expressions().next().is_none()
    }

    fn expressions(self) -> impl Iterator<Item = NodeRef<'a>> {
        self.node
            .filter(|_| !self.plain)
            .and_then(|node| node.get("matchExpressions"))
            .into_iter()
            .flat_map(NodeRef::items)
    }

    /// Whether something with these labels is selected. An operator that Kubernetes does not
    /// know matches, so that nobody is blamed for what the schema check reports.
    #[must_use]
    pub fn matches(self, labels: &[(&str, &str)]) -> bool {
        let find = |key: &str| {
            labels
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, v)| *v)
        };
        self.holds(
            |key, value| find(key) == Some(value),
            |key| find(key).is_some(),
        )
    }

    /// Whether something is selected of which `is` says that a label has a value, and `has` that
    /// it has any.
    #[must_use]
    pub fn holds(self, is: impl Fn(&str, &str) -> bool, has: impl Fn(&str) -> bool) -> bool {
        self.equalities().all(|(key, value)| is(key, value))
            && self.expressions().all(|expression| {
                let text = |key| expression.get(key).and_then(NodeRef::text);
                let Some(key) = text("key") else { return true };
                let mut values = expression
                    .get("values")
                    .into_iter()
                    .flat_map(NodeRef::items)
                    .filter_map(NodeRef::text);
                match text("operator") {
                    Some("In") => values.any(|value| is(key, value)),
                    Some("NotIn") => !values.any(|value| is(key, value)),
                    Some("Exists") => has(key),
                    Some("DoesNotExist") => !has(key),
                    _ => true,
                }
            })
    }

    /// How many of the equalities hold: how near something comes to being selected.
    #[must_use]
    pub fn shared(self, labels: &[(&str, &str)]) -> usize {
        self.equalities()
            .filter(|(key, value)| labels.contains(&(key, value)))
            .count()
    }
}
