//! `aiplat.yaml`: the budget, the rules' settings, the environments.
//!
//! An unknown key or a value of the wrong type is a finding with a span and a suggestion: a
//! setting that is not understood is not in force.

use crate::finding::Finding;
use crate::k8s::Quantity;
use crate::rules::{self, Budget, Settings, Severity, WorkloadPattern};
use crate::source::FileId;
use crate::yaml::{NodeRef, read_bytes};

/// The name that is looked for.
pub const FILE_NAME: &str = "aiplat.yaml";

/// What a configuration says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What goes to the rules.
    pub settings: Settings,
    /// Severities other than the catalogue's.
    pub severities: Vec<(String, Severity)>,
    /// The environments, in order; none: one, the chart's defaults.
    pub environments: Vec<Environment>,
}

/// One way in which a chart is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Values files, relative to the configuration.
    pub values: Vec<String>,
    /// `--set` arguments.
    pub set: Vec<String>,
    /// The namespace of the release.
    pub namespace: Option<String>,
    /// The Kubernetes version.
    pub kube_version: Option<String>,
}

/// Reads a configuration, and what is wrong with it.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> (Config, Vec<Finding>) {
    let (documents, errors) = read_bytes(file, bytes);
    let mut reader = Reader {
        config: Config::default(),
        findings: Vec::new(),
    };
    for error in errors {
        reader
            .findings
            .push(Finding::new("config-invalid", error.span, error.message));
    }
    if let Some(root) = documents.first().and_then(|document| document.root()) {
        for (first, second) in documents
            .first()
            .map(crate::yaml::duplicates)
            .unwrap_or_default()
        {
            let finding = Finding::new("config-invalid", second, "this key stands here twice");
            reader.findings.push(finding.related(first, "first here"));
        }
        reader.root(root);
    }
    (reader.config, reader.findings)
}

struct Reader {
    config: Config,
    findings: Vec<Finding>,
}

/// The known key that a wrong one most likely meant.
fn suggestion(word: &str, known: &[&str]) -> String {
    let known: Vec<String> = known.iter().map(|word| (*word).to_owned()).collect();
    match rules::nearest(word, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.join(", ")),
    }
}

impl Reader {
    fn wrong(&mut self, node: NodeRef<'_>, message: String, help: String) {
        let finding = Finding::new("config-invalid", node.span(), message).help(help);
        self.findings.push(finding);
    }

    fn unknown(&mut self, key: NodeRef<'_>, place: &str, known: &[&str]) {
        let name = key.text().unwrap_or("?");
        let help = suggestion(name, known);
        self.wrong(key, format!("unknown key `{name}` in {place}"), help);
    }

    fn mapping<'a>(&mut self, node: NodeRef<'a>, what: &str) -> Vec<(NodeRef<'a>, NodeRef<'a>)> {
        if !node.is_mapping() && !node.is_null() {
            self.wrong(
                node,
                format!("{what} must be a mapping"),
                "write `key: value` entries".to_owned(),
            );
        }
        node.entries().collect()
    }

    fn root(&mut self, root: NodeRef<'_>) {
        for (key, value) in self.mapping(root, FILE_NAME) {
            match key.text() {
                Some("budget") => self.budget(value),
                Some("rules") => self.rules(value),
                Some("environments") => self.environments(value),
                _ => self.unknown(key, FILE_NAME, &["budget", "rules", "environments"]),
            }
        }
    }

    fn budget(&mut self, node: NodeRef<'_>) {
        for (key, value) in self.mapping(node, "`budget`") {
            let name = key.text().unwrap_or("?");
            let Some(entry) = self.config.settings.budget.entry(name) else {
                self.unknown(key, "`budget`", Budget::KEYS);
                continue;
            };
            *entry = value.text().and_then(Quantity::parse);
            if entry.is_none() {
                self.wrong(
                    value,
                    format!("`budget.{name}` must be a quantity"),
                    "write one such as `700Gi` or `4`".to_owned(),
                );
            }
        }
    }

    fn rules(&mut self, node: NodeRef<'_>) {
        for (key, value) in self.mapping(node, "`rules`") {
            let name = key.text().unwrap_or("?");
            let Some(rule) = rules::find(name) else {
                let known: Vec<&str> = rules::catalogue().iter().map(|rule| rule.name).collect();
                let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
                let help = match rules::nearest(name, &names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`aiplat rules` lists them".to_owned(),
                };
                self.wrong(key, format!("there is no rule `{name}`"), help);
                continue;
            };
            if value.is_mapping() {
                for (key, value) in value.entries() {
                    match key.text() {
                        Some("severity") => self.severity(rule, value),
                        Some("workloads") if rule.name == "gpu-request-missing" => {
                            self.workloads(value);
                        }
                        _ if rule.name == "gpu-request-missing" => {
                            self.unknown(
                                key,
                                &format!("rule `{name}`"),
                                &["severity", "workloads"],
                            );
                        }
                        _ => self.unknown(key, &format!("rule `{name}`"), &["severity"]),
                    }
                }
            } else {
                self.severity(rule, value);
            }
        }
    }

    fn severity(&mut self, rule: &rules::Rule, node: NodeRef<'_>) {
        let is_off = node.bool() == Some(false) || node.text() == Some("off");
        if is_off && rule.is_failure() {
            let message = format!("`{}` cannot be off: it says what was not linted", rule.name);
            self.wrong(node, message, "take the line out".to_owned());
            return;
        }
        if is_off {
            self.config.settings.off.insert(rule.name.to_owned());
            return;
        }
        match node.text().and_then(Severity::of) {
            Some(_) if rule.is_failure() => {
                let message = format!("the severity of `{}` is fixed", rule.name);
                self.wrong(node, message, "take the line out".to_owned());
            }
            Some(severity) => self
                .config
                .severities
                .push((rule.name.to_owned(), severity)),
            None => {
                let help = suggestion(
                    node.text().unwrap_or("?"),
                    &["off", "info", "warning", "error"],
                );
                self.wrong(node, format!("`{}` takes a severity", rule.name), help);
            }
        }
    }

    fn workloads(&mut self, node: NodeRef<'_>) {
        if node.items().next().is_none() && !node.is_null() {
            self.wrong(
                node,
                "`workloads` must be a list".to_owned(),
                "write entries such as `- {kind: Deployment, name: \"*-trainer\"}`".to_owned(),
            );
        }
        for item in node.items() {
            let mut pattern = WorkloadPattern::default();
            for (key, value) in self.mapping(item, "a workload") {
                let text = value.text().map(str::to_owned);
                if text.is_none() {
                    self.wrong(
                        value,
                        "this must be a text".to_owned(),
                        "write a name or a glob".to_owned(),
                    );
                    continue;
                }
                match key.text() {
                    Some("kind") => pattern.kind = text,
                    Some("name") => pattern.name = text,
                    Some("image") => pattern.image = text,
                    _ => self.unknown(key, "a workload", &["kind", "name", "image"]),
                }
            }
            self.config.settings.gpu_workloads.push(pattern);
        }
    }

    fn environments(&mut self, node: NodeRef<'_>) {
        const KEYS: &[&str] = &["values", "set", "namespace", "kube-version"];
        for (key, value) in self.mapping(node, "`environments`") {
            let name = key.text().unwrap_or("?").to_owned();
            let mut environment = Environment {
                name: name.clone(),
                ..Environment::default()
            };
            for (key, value) in self.mapping(value, &format!("environment `{name}`")) {
                match key.text() {
                    Some("values") => environment.values = self.texts(value, "values"),
                    Some("set") => environment.set = self.texts(value, "set"),
                    Some("namespace") => environment.namespace = value.text().map(str::to_owned),
                    Some("kube-version") => {
                        environment.kube_version = value.text().map(str::to_owned);
                    }
                    _ => self.unknown(key, &format!("environment `{name}`"), KEYS),
                }
            }
            self.config.environments.push(environment);
        }
    }

    /// A list of texts; a single one may stand for a list of one.
    fn texts(&mut self, node: NodeRef<'_>, what: &str) -> Vec<String> {
        if let Some(text) = node.text().filter(|text| !text.is_empty()) {
            return vec![text.to_owned()];
        }
        let mut texts = Vec::new();
        for item in node.items() {
            match item.text() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(
                    item,
                    format!("`{what}` is a list of texts"),
                    "write a text".to_owned(),
                ),
            }
        }
        if node.is_mapping() {
            self.wrong(
                node,
                format!("`{what}` must be a list"),
                "write `[…]`".to_owned(),
            );
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, wanted: &[(&str, &str)]) {
        let (_, findings) = parse(FileId::DETACHED, text.as_bytes());
        let got: Vec<(&str, &str)> = findings
            .iter()
            .map(|finding| {
                let span = finding.span;
                (
                    &text[span.start()..span.end()],
                    finding.help.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        assert_eq!(got, wanted, "{text}");
    }

    #[test]
    fn what_is_not_understood_is_shown_with_a_suggestion() {
        case("budget: {storage: 700Gi, gpu: 4}\n", &[]);
        case(
            "budget: {storrage: 1Gi}\n",
            &[("storrage", "did you mean `storage`?")],
        );
        case(
            "budget: {storage: lots}\n",
            &[("lots", "write one such as `700Gi` or `4`")],
        );
        case("rule: {}\n", &[("rule", "did you mean `rules`?")]);
        case(
            "rules:\n  default-secrets: off\n",
            &[("default-secrets", "did you mean `default-secret`?")],
        );
        case(
            "rules:\n  default-secret: eror\n",
            &[("eror", "did you mean `error`?")],
        );
        case(
            "rules:\n  startup-probe-missing: off\n  gpu-request-missing: {severity: warning, workloads: [{name: x}]}\n",
            &[],
        );
        case(
            "environments:\n  prod: {value: [a.yaml]}\n",
            &[("value", "did you mean `values`?")],
        );
    }
}
