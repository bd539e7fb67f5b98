//! Prometheus' relabelling, as far as it decides whether a discovered target is kept.
//!
//! The labels of a target are known in part: those of the manifest are, those of the running pod
//! are not. A rule that asks for an unknown label is taken to keep the target.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};

use crate::yaml::NodeRef;

/// How many bytes a compiled pattern may take; a larger one is taken to match anything.
const MAX_PROGRAM: usize = 1 << 18;

/// What is known of a target's labels: `Some` of the value (empty where the label is absent),
/// `None` where only the cluster knows.
pub type Labels<'l> = dyn Fn(&str) -> Option<String> + 'l;

/// What one rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Keep,
    Drop,
    /// Writes a label, which is unknown from there on.
    Write,
    Other,
}

/// One entry of `relabel_configs`.
#[derive(Debug)]
pub struct Relabel {
    action: Action,
    sources: Vec<String>,
    separator: String,
    pattern: String,
    regex: Option<Regex>,
    target: String,
}

/// `relabel_configs` of a job.
#[derive(Debug, Default)]
pub struct Relabeling {
    rules: Vec<Relabel>,
}

impl Relabeling {
    /// Reads the list.
    #[must_use]
    pub fn read(list: Option<NodeRef<'_>>) -> Self {
        let rules = list
            .into_iter()
            .flat_map(NodeRef::items)
            .map(rule)
            .collect();
        Self { rules }
    }

    /// Whether a target may be kept. A target that a rule surely drops is not.
    #[must_use]
    pub fn may_keep(&self, labels: &Labels<'_>) -> bool {
        let mut written: BTreeSet<&str> = BTreeSet::new();
        for rule in &self.rules {
            let values: Vec<Option<String>> = rule
                .sources
                .iter()
                .map(|name| {
                    (!written.contains(name.as_str()))
                        .then(|| labels(name))
                        .flatten()
                })
                .collect();
            let matches = rule.matches(&values);
            match (rule.action, matches) {
                (Action::Keep, Some(false)) | (Action::Drop, Some(true)) => return false,
                (Action::Write, _) => {
                    written.insert(&rule.target);
                }
                _ => {}
            }
        }
        true
    }
}

impl Relabel {
    /// Whether the pattern matches; `None` where that hangs on a value that is not known.
    fn matches(&self, values: &[Option<String>]) -> Option<bool> {
        let known: Option<Vec<&str>> = values.iter().map(Option::as_deref).collect();
        if let Some(known) = known {
            return Some(self.regex.as_ref()?.is_match(&known.join(&self.separator)));
        }
        // A pattern without operators (`default;kubernetes;https`) does not match where one of the
        // known values differs.
        let is_literal = self
            .pattern
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_/;|".contains(&byte));
        if !is_literal || self.separator.is_empty() {
            return None;
        }
        let may_match = self.pattern.split('|').any(|alternative| {
            let parts: Vec<&str> = alternative.split(self.separator.as_str()).collect();
            parts.len() != values.len()
                || parts
                    .iter()
                    .zip(values)
                    .all(|(part, value)| value.as_deref().is_none_or(|value| value == *part))
        });
        (!may_match).then_some(false)
    }
}

fn rule(node: NodeRef<'_>) -> Relabel {
    let text = |key: &str| node.get(key).and_then(NodeRef::text);
    let pattern = text("regex").unwrap_or("(.*)");
    let action = match text("action").map(str::to_ascii_lowercase).as_deref() {
        Some("keep") => Action::Keep,
        Some("drop") => Action::Drop,
        None | Some("replace" | "lowercase" | "uppercase" | "hashmod") => Action::Write,
        Some(_) => Action::Other,
    };
    Relabel {
        action,
        sources: node
            .get("source_labels")
            .into_iter()
            .flat_map(NodeRef::items)
            .filter_map(|label| label.text().map(str::to_owned))
            .collect(),
        separator: text("separator").unwrap_or(";").to_owned(),
        pattern: pattern.to_owned(),
        // Prometheus anchors every pattern.
        regex: RegexBuilder::new(&format!("^(?s:{pattern})$"))
            .size_limit(MAX_PROGRAM)
            .build()
            .ok(),
        target: text("target_label").unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::read;

    #[track_caller]
    fn case(rules: &str, kept: bool) {
        let (documents, _) = read(FileId::DETACHED, rules);
        let relabeling = Relabeling::read(documents[0].root());
        let labels = |name: &str| match name {
            "scrape" => Some("true".to_owned()),
            "name" => Some("router".to_owned()),
            "gone" => Some(String::new()),
            _ => None,
        };
        assert_eq!(relabeling.may_keep(&labels), kept, "{rules}");
    }

    #[test]
    fn keeps_unless_it_is_sure() {
        case("[]", true);
        case(
            "[{source_labels: [scrape], action: keep, regex: true}]",
            true,
        );
        case(
            "[{source_labels: [gone], action: keep, regex: true}]",
            false,
        );
        case(
            "[{source_labels: [name], action: keep, regex: rout}]",
            false,
        );
        case(
            "[{source_labels: [name], action: drop, regex: 'rou.*'}]",
            false,
        );
        case(
            "[{source_labels: [unknown, gone], action: keep, regex: x}]",
            true,
        );
        case(
            "[{source_labels: [unknown, name], action: keep, regex: 'default;kubernetes'}]",
            false,
        );
        case(
            "[{source_labels: [unknown, name], action: keep, regex: 'a;b|default;router'}]",
            true,
        );
        case(
            "[{source_labels: [name, scrape], action: keep, regex: 'router;true'}]",
            true,
        );
        case("[{source_labels: [name], action: keep, regex: '('}]", true);
        case("[{source_labels: [gone], action: keep}]", true);
        // What a rule before wrote is no longer known.
        case(
            "[{target_label: gone, replacement: x}, {source_labels: [gone], action: keep, regex: x}]",
            true,
        );
    }
}
