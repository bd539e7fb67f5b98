//! Rules about charts against their fixtures, `fixtures/rules/<rule>/{bad,good}*` with a
//! `Chart.yaml`: `# expect: <rule>` stands on each line where a finding of the rule starts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

use crate::files;

#[test]
fn charts_give_exactly_what_they_mark() {
    let mut count = 0;
    for rule in files::folders(Path::new("fixtures/rules")) {
        for chart in files::folders(&rule) {
            if chart.join("Chart.yaml").exists() {
                count += 1;
                check(&chart, rule.file_name().unwrap().to_str().unwrap());
            }
        }
    }
    assert!(count >= 7, "{count}");
}

fn check(chart: &Path, rule: &str) {
    let mut memory = MemoryFs::new();
    let mut expected = BTreeSet::new();
    for path in files::all(chart) {
        let text = fs::read_to_string(&path).unwrap();
        let marked = text.lines().enumerate();
        let marked = marked.filter(|(_, line)| line.contains(&format!("# expect: {rule}")));
        expected.extend(marked.map(|(at, _)| format!("{}:{}", path.display(), at + 1)));
        memory.insert(&path, text);
    }
    let request = Request {
        paths: vec![chart.display().to_string()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let failed = report.diagnostics.iter().find(|found| found.is_failure);
    assert!(failed.is_none(), "{}: {failed:?}", chart.display());
    let found = report.diagnostics.iter().filter(|found| found.rule == rule);
    let found: BTreeSet<String> = found
        .map(|found| {
            let at = found.primary().unwrap();
            format!("{}:{}", at.file.name(), at.start_place().line)
        })
        .collect();
    assert_eq!(found, expected, "{}", chart.display());
    let is_bad = chart
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .starts_with("bad");
    assert_eq!(is_bad, !expected.is_empty(), "{}", chart.display());
}

/// What one environment defines is defined, and what one of them writes must be read.
#[test]
fn environments_are_looked_at_together() {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    memory.insert("c/values.yaml", "a: 1\n");
    memory.insert("c/production.yaml", "b: 2\nd: 3\n");
    memory.insert(
        "c/templates/configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: {{ .Values.a | quote }}\n  b: {{ .Values.b | quote }}\n  c: {{ .Values.c | quote }}\n",
    );
    memory.insert(
        "c/aiplat.yaml",
        "environments:\n  default: {}\n  production: {values: [production.yaml]}\n",
    );
    let request = Request {
        paths: vec!["c".to_owned()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let found: Vec<String> = report
        .diagnostics
        .iter()
        .map(|found| format!("{} ({})", found.message, found.environments.join(", ")))
        .collect();
    assert_eq!(
        found,
        [
            "no template reads `d` (production)",
            "no values define `c`, which is read here without a default (default, production)",
        ]
    );
}
