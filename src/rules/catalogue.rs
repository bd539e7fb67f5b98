//! Rules as data: one file each under `rules/`, embedded when aiplat is built.

use std::fmt::Write as _;
use std::sync::OnceLock;

use crate::source::FileId;
use crate::yaml::{NodeRef, read};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt some day.
    Warning,
    /// Breaks, or cannot be linted.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The name in outputs and in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// One entry of the catalogue.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name: the fault, in kebab case.
    pub name: &'static str,
    /// The folder it stands in.
    pub group: String,
    /// Unless the configuration says otherwise.
    pub severity: Severity,
    /// The fault in a sentence.
    pub summary: String,
    /// Why it matters.
    pub why: String,
    /// How to put it right.
    pub fix: String,
    /// Further reading.
    pub references: Vec<String>,
    /// What other tools call it.
    pub equivalents: Vec<String>,
    /// What the configuration can say to it beside its severity.
    pub parameters: Vec<Parameter>,
    /// The native check, by the name of its function; none for what aiplat itself reports.
    pub native: Option<String>,
}

/// One parameter of a rule.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its key in `aiplat.yaml`, below the rule's name; with a dot where it stands elsewhere
    /// (`budget.storage`).
    pub name: String,
    /// What it takes, in words.
    pub kind: String,
    /// What holds where it is not given.
    pub default: String,
    /// What it does.
    pub summary: String,
}

impl Rule {
    /// Whether it says that something could not be linted: exit status 2.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.native.is_none()
    }

    /// Where it is documented: its file in the project.
    #[must_use]
    pub fn url(&self) -> String {
        format!("rules/{}/{}.yaml", self.group, self.name)
    }
}

/// The files by the names of their rules, sorted by them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// What was read of them: most of a run's rules are never asked for.
static RULES: [OnceLock<Option<Rule>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];

/// The rule of one of the files.
fn read_once(
    ((_, text), known): (&(&str, &'static str), &'static OnceLock<Option<Rule>>),
) -> Option<&'static Rule> {
    known.get_or_init(|| rule(text)).as_ref()
}

/// Everything that aiplat can report, sorted by name.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> + Clone {
    FILES.iter().zip(&RULES).filter_map(read_once)
}

/// The rule of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    read_once((FILES.get(at)?, RULES.get(at)?))
}

fn rule(text: &'static str) -> Option<Rule> {
    let (documents, _) = read(FileId::DETACHED, text);
    let root = documents.first()?.root()?;
    let field = |key: &str| {
        let text = root.get(key).and_then(NodeRef::text).unwrap_or_default();
        text.trim_end().to_owned()
    };
    let list = |key: &str| {
        root.get(key)
            .into_iter()
            .flat_map(NodeRef::items)
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    };
    let parameters = root
        .get("parameters")
        .into_iter()
        .flat_map(NodeRef::items)
        .map(|node| {
            let field = |key: &str| {
                node.get(key)
                    .and_then(NodeRef::text)
                    .unwrap_or_default()
                    .trim_end()
                    .to_owned()
            };
            Parameter {
                name: field("name"),
                kind: field("type"),
                default: field("default"),
                summary: field("summary"),
            }
        })
        .collect();
    // The name is part of the embedded text, so it lives as long as the program.
    let name = root.get("name")?.span();
    Some(Rule {
        name: text.get(name.start()..name.end())?,
        group: field("group"),
        severity: Severity::of(&field("severity"))?,
        summary: field("summary"),
        why: field("why"),
        fix: field("fix"),
        references: list("references"),
        equivalents: list("equivalents"),
        parameters,
        native: root
            .at(&["check", "native"])
            .and_then(NodeRef::text)
            .map(str::to_owned),
    })
}

/// What `aiplat explain` prints.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut out = format!(
        "{} ({})\n\n{}.\n",
        rule.name,
        rule.severity.name(),
        rule.summary
    );
    let _ = write!(out, "\nWhy it matters\n{}\n", rule.why);
    let _ = write!(out, "\nHow to fix it\n{}\n", rule.fix);
    if !rule.parameters.is_empty() {
        out.push_str("\nParameters\n");
    }
    for parameter in &rule.parameters {
        let _ = writeln!(
            out,
            "{} ({}; default: {})\n  {}",
            parameter.name, parameter.kind, parameter.default, parameter.summary
        );
    }
    if !rule.references.is_empty() {
        let _ = write!(out, "\nReferences\n{}\n", rule.references.join("\n"));
    }
    if !rule.equivalents.is_empty() {
        let _ = write!(out, "\nElsewhere\n{}\n", rule.equivalents.join("\n"));
    }
    out
}

/// The table of all rules in Markdown, as `rules/README.md` has it.
#[must_use]
pub fn index() -> String {
    let mut out = String::from(
        "# Rules\n\nMade from the files in this folder (`UPDATE=1 cargo test` writes it); \
         `aiplat explain RULE` tells the whole of one.\n\n| rule | severity | what it finds |\n|---|---|---|\n",
    );
    let (failures, rules): (Vec<&Rule>, Vec<&Rule>) =
        catalogue().partition(|rule| rule.is_failure());
    for rule in rules {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            rule.name,
            rule.severity.name(),
            rule.summary
        );
    }
    out.push_str(
        "\nWhat could not be linted is reported too, and makes the exit status 2:\n\n\
         | name | what it says |\n|---|---|\n",
    );
    for rule in failures {
        let _ = writeln!(out, "| `{}` | {} |", rule.name, rule.summary);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_rule_with_docs_and_every_check_has_its_file() {
        assert_eq!(catalogue().count(), FILES.len());
        for rule in catalogue() {
            assert!(
                !rule.summary.is_empty() && !rule.summary.ends_with('.'),
                "{}",
                rule.name
            );
            assert!(
                !rule.why.is_empty() && !rule.fix.is_empty(),
                "{}",
                rule.name
            );
            assert_eq!(find(rule.name).map(|found| found.name), Some(rule.name));
        }
        let mut named: Vec<String> = catalogue().filter_map(|rule| rule.native.clone()).collect();
        let mut functions: Vec<String> = super::super::native::CHECKS
            .iter()
            .map(|(name, _)| name.replace('-', "_"))
            .collect();
        named.sort();
        functions.sort();
        assert_eq!(named, functions);
    }
}
