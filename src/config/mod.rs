//! `aiplat.yaml`: the budget, the rules' settings, the environments.
//!
//! An unknown key or a value of the wrong type is a finding with a span and a suggestion: a
//! setting that is not understood is not in force.

mod schema;

use crate::finding::Finding;
use crate::k8s::Quantity;
use crate::rules::{self, Budget, Limit, Settings, Severity, WorkloadPattern};
use crate::source::{FileId, Span};
use crate::yaml::{NodeRef, read_bytes};

pub use schema::schema;

use schema::{ENVIRONMENT, ROOT, SEVERITY, WORKLOAD, keys_of, names};

/// The name that is looked for.
pub const FILE_NAME: &str = "aiplat.yaml";

/// A name that it does not go by, but looks as if it did.
pub const WRONG_FILE_NAME: &str = "aiplat.yml";

/// Says that a file of the wrong name is not read.
#[must_use]
pub fn misnamed(file: FileId, bytes: &[u8]) -> Finding {
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let message = format!("{WRONG_FILE_NAME} is not read: the configuration is {FILE_NAME}");
    let span = Span::new(file, 0, first.len());
    Finding::new("config-invalid", span, message).help(format!("rename it to {FILE_NAME}"))
}

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
    /// Where each of [`Environment::values`] is written.
    pub values_at: Vec<Span>,
    /// Where the version of Kubernetes is written.
    pub kube_version_at: Option<Span>,
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
    // Settings that are not in force must not look as if they were.
    for root in documents
        .iter()
        .skip(1)
        .filter_map(|document| document.root())
    {
        let start = root.entries().next().map_or(root, |(key, _)| key);
        let help = "put everything into the first document".to_owned();
        let message = format!("a second document of {FILE_NAME} is not read");
        reader.wrong(start, message, help);
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
                _ => self.unknown(key, FILE_NAME, &names(ROOT)),
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
            *entry = value.text().and_then(Limit::parse);
            if entry.is_none() {
                let is_negative = value.text().and_then(Quantity::parse).is_some();
                let message = match is_negative {
                    true => format!("`budget.{name}` must not be negative"),
                    false => format!("`budget.{name}` must be a quantity"),
                };
                self.wrong(
                    value,
                    message,
                    "write one such as `700Gi` or `4`".to_owned(),
                );
            }
        }
    }

    fn rules(&mut self, node: NodeRef<'_>) {
        for (key, value) in self.mapping(node, "`rules`") {
            let name = key.text().unwrap_or("?");
            let Some(rule) = rules::find(name) else {
                let known: Vec<&str> = rules::catalogue().map(|rule| rule.name).collect();
                let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
                let help = match rules::nearest(name, &names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`aiplat rules` lists them".to_owned(),
                };
                self.wrong(key, format!("there is no rule `{name}`"), help);
                continue;
            };
            if value.is_mapping() {
                let known = keys_of(rule);
                for (key, value) in value.entries() {
                    match key.text().filter(|key| known.contains(key)) {
                        Some(SEVERITY) => self.severity(rule, value),
                        Some(_) => self.workloads(value),
                        None => self.unknown(key, &format!("rule `{name}`"), &known),
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
                match key.text() {
                    Some("kind") => pattern.kind = self.text(value, "kind"),
                    Some("name") => pattern.name = self.text(value, "name"),
                    Some("image") => pattern.image = self.text(value, "image"),
                    _ => self.unknown(key, "a workload", &names(WORKLOAD)),
                }
            }
            if item.entries().next().is_none() && (item.is_mapping() || item.is_null()) {
                // It would fit none.
                let help = "write at least one of `kind`, `name` and `image`".to_owned();
                self.wrong(item, "a workload must name something".to_owned(), help);
            }
            self.config.settings.gpu_workloads.push(pattern);
        }
    }

    fn environments(&mut self, node: NodeRef<'_>) {
        for (key, value) in self.mapping(node, "`environments`") {
            let name = key.text().unwrap_or("?").to_owned();
            let mut environment = Environment {
                name: name.clone(),
                ..Environment::default()
            };
            for (key, value) in self.mapping(value, &format!("environment `{name}`")) {
                match key.text() {
                    Some("values") => {
                        (environment.values, environment.values_at) =
                            self.texts(value, "values").into_iter().unzip();
                    }
                    Some("set") => {
                        let texts = self.texts(value, "set").into_iter();
                        environment.set = texts.map(|(text, _)| text).collect();
                    }
                    Some("namespace") => environment.namespace = self.text(value, "namespace"),
                    Some("kube-version") => {
                        environment.kube_version = self.text(value, "kube-version");
                        environment.kube_version_at = Some(value.span());
                    }
                    _ => self.unknown(key, &format!("environment `{name}`"), &names(ENVIRONMENT)),
                }
            }
            self.config.environments.push(environment);
        }
    }

    /// A text, however it is written: `1.34` is one without quotes, too.
    fn text(&mut self, node: NodeRef<'_>, what: &str) -> Option<String> {
        let text = node
            .text()
            .filter(|text| !text.is_empty() && !node.is_null());
        if text.is_none() {
            let message = format!("`{what}` must be a text");
            self.wrong(node, message, "write one, or take the line out".to_owned());
        }
        text.map(str::to_owned)
    }

    /// A list of texts, each with its place; a single one may stand for a list of one.
    fn texts(&mut self, node: NodeRef<'_>, what: &str) -> Vec<(String, Span)> {
        let text = |reader: &mut Self, node: NodeRef<'_>| {
            let text = reader.text(node, what)?;
            Some((text, node.span()))
        };
        if node.text().is_some() && !node.is_null() {
            return text(self, node).into_iter().collect();
        }
        if node.is_mapping() {
            self.wrong(
                node,
                format!("`{what}` must be a list"),
                "write `[…]`".to_owned(),
            );
        }
        node.items().filter_map(|item| text(self, item)).collect()
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
        case(
            "budget: {gpu: -4}\n",
            &[("-4", "write one such as `700Gi` or `4`")],
        );
        case(
            "rules: {gpu-request-missing: {workloads: [{}]}}\n",
            &[("{}", "write at least one of `kind`, `name` and `image`")],
        );
        case(
            "rules: {}\n---\nbudget: {gpu: 1}\n---\n# nothing\n",
            &[("budget", "put everything into the first document")],
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
        let text = "write one, or take the line out";
        case(
            "environments:\n  prod: {namespace: [ai], values: [{a: b}], set: [a=1, '']}\n",
            &[("[ai]", text), ("{a: b}", text), ("''", text)],
        );
        case(
            "environments:\n  prod: {values: a.yaml, set: , kube-version: 1.34}\n",
            &[],
        );
    }

    /// What the schema says of a configuration is what the reader says.
    #[test]
    fn the_schema_takes_what_the_reader_takes() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let all = [
            (
                true,
                "budget, rules, environments",
                "{budget: , rules: , environments: }",
            ),
            (true, "", "# nothing\n"),
            (false, "a list", "[]"),
            (false, "an unknown key", "budgets: {}"),
            (
                true,
                "quantities",
                "budget: {storage: 700Gi, gpu: 4, cpu: 0.5, memory: 1e3}",
            ),
            (
                true,
                "quantities",
                "budget: {storage: '+1.Ki', gpu: .5, cpu: 500m, memory: 1E-3}",
            ),
            (false, "a negative quantity", "budget: {gpu: -4}"),
            (false, "a negative quantity", "budget: {storage: -1Gi}"),
            (false, "no quantity", "budget: {storage: 1Zi}"),
            (false, "no quantity", "budget: {storage: 1.2.3}"),
            (false, "no quantity", "budget: {storage: }"),
            (false, "no quantity", "budget: {storage: [1]}"),
            (false, "an unknown budget", "budget: {disk: 1Gi}"),
            (
                true,
                "severities",
                "rules: {default-secret: off, unused-value: warning}",
            ),
            (
                true,
                "severities",
                "rules: {default-secret: {severity: 'off'}, unused-value: {}}",
            ),
            (false, "no severity", "rules: {default-secret: fatal}"),
            (false, "no severity", "rules: {default-secret: }"),
            (false, "no severity", "rules: {default-secret: true}"),
            (
                false,
                "no severity",
                "rules: {default-secret: {severity: [error]}}",
            ),
            (false, "an unknown rule", "rules: {default-secrets: off}"),
            (false, "a fixed rule", "rules: {template-error: off}"),
            (false, "a fixed rule", "rules: {template-error: error}"),
            (
                true,
                "workloads",
                "rules: {gpu-request-missing: {workloads: [{kind: Job, name: 'a*'}, {image: x}]}}",
            ),
            (
                false,
                "no workloads",
                "rules: {gpu-request-missing: {workloads: []}}",
            ),
            (
                false,
                "no workloads",
                "rules: {gpu-request-missing: {workloads: {name: a}}}",
            ),
            (
                false,
                "no workload",
                "rules: {gpu-request-missing: {workloads: [a]}}",
            ),
            (
                false,
                "an empty workload",
                "rules: {gpu-request-missing: {workloads: [{}]}}",
            ),
            (
                false,
                "an empty workload",
                "rules: {gpu-request-missing: {workloads: [{name: a}, ~]}}",
            ),
            (
                false,
                "no text",
                "rules: {gpu-request-missing: {workloads: [{name: [a]}]}}",
            ),
            (
                false,
                "an unknown key",
                "rules: {gpu-request-missing: {workloads: [{names: a}]}}",
            ),
            (
                false,
                "another rule's",
                "rules: {default-secret: {workloads: [{name: a}]}}",
            ),
            (
                true,
                "environments",
                "environments: {default: {}, a: , b: {values: [x, 1], set: a=b, kube-version: 1.34}}",
            ),
            (false, "no environment", "environments: {a: [x]}"),
            (false, "no text", "environments: {a: {namespace: {b: c}}}"),
            (false, "no text", "environments: {a: {namespace: ''}}"),
            (false, "no list", "environments: {a: {values: {b: c}}}"),
            (false, "an unknown key", "environments: {a: {value: x}}"),
        ];
        for (is_right, what, text) in all {
            let (_, findings) = parse(FileId::DETACHED, text.as_bytes());
            assert_eq!(
                findings.is_empty(),
                is_right,
                "{what}: {text}: {findings:?}"
            );
            let value: serde_json::Value = yaml_serde::from_str(text).unwrap();
            assert_eq!(schema.is_valid(&value), is_right, "{what}: {text}");
        }
    }
}
