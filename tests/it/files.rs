//! Files of the repository, and lines in them.

use std::fs;
use std::path::{Path, PathBuf};

use aiplat::engine::{Diagnostic, Report};
use aiplat::vfs::MemoryFs;

/// Where the chart of the platform lies.
pub(crate) const CHART: &str = "helm/ai-platform";

/// All files under a directory, in the order of their names.
pub(crate) fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(all(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The directories directly in a directory, in the order of their names.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// The chart of the platform, in memory.
pub(crate) fn chart() -> MemoryFs {
    let mut memory = MemoryFs::new();
    for path in all(Path::new(CHART)) {
        let bytes = fs::read(&path).unwrap();
        memory.insert(&path, bytes);
    }
    memory
}

/// Offset of a text that stands once in another, counted behind a second text that stands once.
pub(crate) fn offset(text: &str, wanted: &str, after: Option<&str>) -> usize {
    let start = after.map_or(0, |after| {
        assert_eq!(
            text.matches(after).count(),
            1,
            "not once in the file: {after:?}"
        );
        text.find(after).unwrap() + after.len()
    });
    let at = text[start..]
        .find(wanted)
        .unwrap_or_else(|| panic!("not in the file: {wanted:?}"));
    if after.is_none() {
        assert_eq!(
            text.matches(wanted).count(),
            1,
            "not once in the file: {wanted:?}"
        );
    }
    start + at
}

/// The number of the line, from 1, that an offset lies in.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// A finding as the tests compare it: rule, kind, file, line.
pub(crate) fn shown(diagnostic: &Diagnostic) -> String {
    match diagnostic.primary() {
        Some(at) => format!(
            "{} {} {}:{}",
            diagnostic.rule,
            at.kind.name(),
            at.file.name(),
            at.start_place().line
        ),
        None => diagnostic.rule.to_owned(),
    }
}

/// All findings of a report as the tests compare them, sorted.
pub(crate) fn all_shown(report: &Report) -> Vec<String> {
    let mut found: Vec<String> = report.diagnostics.iter().map(shown).collect();
    found.sort();
    found
}

/// The keys of the passwords that the default values bring, by the section that they lie in.
pub(crate) const PASSWORDS: [(&str, &str); 5] = [
    ("postgres", "password: "),
    ("neo4j", "password: "),
    ("minio", "accessKey: "),
    ("minio", "secretKey: "),
    ("grafana", "adminPassword: "),
];

/// The findings of the default passwords, with the lines that they have in `values`.
pub(crate) fn default_secrets(values: &str) -> Vec<String> {
    PASSWORDS
        .iter()
        .map(|(section, key)| {
            let section = format!("\n{section}:\n");
            let auth = offset(values, "\n  auth:\n", Some(&section));
            let at = auth + values[auth..].find(&format!("\n    {key}")).unwrap() + 1;
            format!(
                "default-secret values {CHART}/values.yaml:{}",
                line_of(values, at)
            )
        })
        .collect()
}
