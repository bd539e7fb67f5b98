//! Every rule against its fixtures, `fixtures/rules/<rule>/{bad,good}*`: a file, or a folder whose
//! files are one release.
//!
//! Each fixture runs with only its own rule on. `# expect: <rule>` stands on the line where a
//! finding starts (`# expect-below: <rule>` above it, where the line itself has no room), once for
//! each finding. `# config: {budget: {storage: 10Gi}}` in the first line configures;
//! `# chart-default: some.key` makes the scalar of its line one that the chart's values gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Evidence, Piece, Settings, Written, catalogue, check, index};
use crate::k8s::{Release, ReleaseDocument};
use crate::source::{FileId, FileKind, Sources, Span};
use crate::yaml::{Document, NodeRef, read};

struct Fixture {
    sources: Sources,
    files: Vec<FileId>,
}

impl Evidence for Fixture {
    fn written_in(&self, span: Span) -> Vec<Piece> {
        let text = String::from_utf8_lossy(self.sources.slice(span)).into_owned();
        let line = self.line(span);
        let key = line.split_once("# chart-default: ").map(|(_, rest)| rest);
        let key = key.and_then(|rest| rest.split_whitespace().next());
        vec![Piece {
            written: if key.is_some() {
                Written::ChartDefault
            } else {
                Written::Manifest
            },
            place: span,
            key: key.map(str::to_owned),
            text: text.trim_matches(['"', '\'']).to_owned(),
        }]
    }

    fn printed_by(&self, _: Span) -> Option<String> {
        None
    }

    fn bytes_of(&self, span: Span) -> &[u8] {
        self.sources.file(span.file()).bytes()
    }
}

impl Fixture {
    fn read(path: &Path) -> Self {
        let mut paths = vec![path.to_path_buf()];
        if path.is_dir() {
            paths = entries(path);
        }
        let mut sources = Sources::new();
        let files = paths
            .iter()
            .map(|path| {
                let name = path.display().to_string();
                sources.add(name, FileKind::File, fs::read(path).unwrap())
            })
            .collect();
        Self { sources, files }
    }

    fn line(&self, span: Span) -> &str {
        let bytes = self.sources.file(span.file()).bytes();
        let text = std::str::from_utf8(bytes).unwrap();
        let start = text[..span.start()].rfind('\n').map_or(0, |at| at + 1);
        text[start..].lines().next().unwrap_or_default()
    }

    fn settings(&self) -> Settings {
        let first = self.sources.file(self.files[0]).bytes();
        let text = std::str::from_utf8(first).unwrap();
        let mut settings = Settings::default();
        let Some(config) = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# config: "))
        else {
            return settings;
        };
        let (documents, errors) = read(FileId::DETACHED, config);
        assert!(errors.is_empty(), "{config}");
        let root = documents[0].root().unwrap();
        for key in super::Budget::KEYS {
            let quantity = root.at(&["budget", key]).and_then(NodeRef::text);
            *settings.budget.entry(key).unwrap() = quantity.and_then(super::Limit::parse);
        }
        for pattern in root.get("workloads").into_iter().flat_map(NodeRef::items) {
            let text = |key: &str| pattern.get(key).and_then(NodeRef::text).map(str::to_owned);
            settings.gpu_workloads.push(super::WorkloadPattern {
                kind: text("kind"),
                name: text("name"),
                image: text("image"),
            });
        }
        settings
    }

    /// File name and line of every mark, once for each finding it stands for.
    fn expected(&self, rule: &str) -> BTreeMap<(String, usize), usize> {
        let mut expected = BTreeMap::new();
        for file in &self.files {
            let file = self.sources.file(*file);
            for (at, line) in std::str::from_utf8(file.bytes())
                .unwrap()
                .lines()
                .enumerate()
            {
                for (mark, offset) in [("# expect: ", 1), ("# expect-below: ", 2)] {
                    let count = line.matches(&format!("{mark}{rule}")).count();
                    if count > 0 {
                        *expected
                            .entry((file.name().to_owned(), at + offset))
                            .or_insert(0) += count;
                    }
                }
            }
        }
        expected
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// Checks one fixture, and gives what is wrong with it.
fn differences(rule: &str, path: &Path) -> Vec<String> {
    // Charts are for `tests/it/rule_charts.rs`: rendering them is not for the rules.
    if path.join("Chart.yaml").exists() {
        return Vec::new();
    }
    let fixture = Fixture::read(path);
    let mut documents: Vec<Document> = Vec::new();
    for file in &fixture.files {
        let text = std::str::from_utf8(fixture.sources.file(*file).bytes()).unwrap();
        let (read, errors) = read(*file, text);
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        documents.extend(read);
    }
    let documents: Vec<ReleaseDocument<'_>> = documents
        .iter()
        .map(|document| ReleaseDocument {
            document,
            namespace: "default",
            is_namespace_given: true,
            is_hook: false,
        })
        .collect();
    let mut settings = fixture.settings();
    settings.off = catalogue()
        .filter(|other| other.name != rule)
        .map(|other| other.name.to_owned())
        .collect();
    let release = Release::new(&documents, false);
    assert!(!release.objects().is_empty(), "{}", path.display());
    let mut got = BTreeMap::new();
    let mut told = String::new();
    for finding in check(&release, &settings, &fixture, None, |_| true) {
        let file = fixture.sources.file(finding.span.file());
        let line = file.lines().line(finding.span.start());
        *got.entry((file.name().to_owned(), line)).or_insert(0) += 1;
        told.push_str(&format!(
            "  line {line}: {} ({:?})\n",
            finding.message, finding.help
        ));
        assert!(!finding.message.ends_with('.'), "{}", finding.message);
    }
    let expected = fixture.expected(rule);
    let is_bad = path
        .file_name()
        .unwrap()
        .to_string_lossy()
        .starts_with("bad");
    let mut wrong = Vec::new();
    if is_bad && expected.is_empty() {
        wrong.push(format!("{}: marks nothing", path.display()));
    }
    if got != expected {
        let lines = |map: &BTreeMap<(String, usize), usize>| -> Vec<usize> {
            map.iter()
                .flat_map(|((_, line), count)| vec![*line; *count])
                .collect()
        };
        wrong.push(format!(
            "{}: expected {:?}, got {:?}\n{told}",
            path.display(),
            lines(&expected),
            lines(&got)
        ));
    }
    wrong
}

#[test]
fn every_rule_finds_what_its_bad_fixtures_mark_and_is_silent_on_good_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut wrong = Vec::new();
    for rule in catalogue().filter(|rule| rule.native.is_some()) {
        let fixtures = entries(&root.join(rule.name));
        let count = |start: &str| {
            fixtures
                .iter()
                .filter(|path| {
                    path.file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with(start))
                })
                .count()
        };
        if count("bad") < 2 || count("good") < 1 {
            wrong.push(format!("{}: too few fixtures", rule.name));
        }
        for path in &fixtures {
            wrong.extend(differences(rule.name, path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_index_is_made_from_the_files() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, index()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), index());
}
