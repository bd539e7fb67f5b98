//! Helm 4.3.1's answers to template expressions, through the whole pipeline: a chart in memory is
//! loaded, prepared and rendered, and what its template says is compared.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop wherever what it needs is missing"
)]

use std::path::Path;

use aiplat::chart::{self, Options, Rendered};
use aiplat::source::Sources;
use aiplat::vfs::MemoryFs;

/// One answer a line: `tpl`, `values`, and `out`, which is the string or `ERR ` and stderr.
const RECORDED: &str = include_str!("../fixtures/go/helm-4.3.1.jsonl");

/// The lines that are not met yet. A line that is met has to leave the list.
const PENDING: &str = include_str!("../fixtures/go/helm-4.3.1.pending");

/// Answers about zones, recorded with `fixtures/go/record`.
const ZONES: &str = include_str!("../fixtures/go/zones.jsonl");

/// Answers about powers of ten that are no exact floats, recorded with `fixtures/go/record`.
const POWERS: &str = include_str!("../fixtures/go/round.jsonl");

/// Answers for each function, odd arguments included.
const FUNCTIONS: &str = include_str!("../fixtures/go/functions.jsonl");

/// Answers about values of types with names: what `.Capabilities` and `.Files` hold, versions, times,
/// durations. Recorded with `fixtures/go/record`.
const OBJECTS: &str = include_str!("../fixtures/go/objects.jsonl");

#[test]
fn expressions_give_what_helm_gives() {
    compare(RECORDED, PENDING);
}

#[test]
fn functions_give_what_helm_gives() {
    compare(FUNCTIONS, "");
}

#[test]
fn objects_are_to_functions_what_they_are_to_helm() {
    compare(OBJECTS, "");
}

#[test]
fn clocks_show_what_they_show_with_helm() {
    compare(ZONES, "");
}

#[test]
fn numbers_are_rounded_as_by_helm() {
    compare(POWERS, "");
}

#[track_caller]
fn compare(recorded: &str, pending: &str) {
    let pending: Vec<usize> = pending.lines().map(|line| line.parse().unwrap()).collect();
    let mut failed = Vec::new();
    let mut told = String::new();
    for (at, line) in recorded.lines().enumerate() {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let wanted = wanted(text("out"));
        let given = given(text("tpl"), text("values"));
        if wanted != given {
            failed.push(at + 1);
            let tpl = text("tpl");
            told += &format!("{}: {tpl}\n  want {wanted:?}\n  got  {given:?}\n", at + 1);
        }
    }
    assert!(failed == pending, "these differ: {failed:?}\n{told}");
}

/// What Helm said, without the words that surround every error.
fn wanted(out: &str) -> Result<String, String> {
    match out.strip_prefix("ERR Error: ") {
        Some(error) => Err(error
            .trim_end_matches("Use --debug flag to render out invalid YAML")
            .trim_end()
            .to_owned()),
        None => Ok(out.to_owned()),
    }
}

/// What the chart `c` says with this expression as the body of a named template.
fn given(expression: &str, values: &str) -> Result<String, String> {
    let mut files = MemoryFs::new();
    let metadata = "apiVersion: v2\nname: c\nversion: 0.1.0\nappVersion: \"1.2\"\n";
    files.insert("c/Chart.yaml", metadata);
    files.insert("c/values.yaml", values);
    files.insert("c/a.txt", "l1\nl2\n");
    files.insert("c/b.txt", "é");
    let define = format!("{{{{- define \"p\" -}}}}{expression}{{{{- end }}}}\n");
    files.insert(
        "c/templates/p.yaml",
        define + "v: {{ include \"p\" . | toJson }}\n",
    );
    let mut sources = Sources::new();
    let limits = chart::Limits::default();
    let (chart, findings) = chart::load(&files, Path::new("c"), &mut sources, &limits);
    let Some(chart) = chart else {
        return Err(findings[0].message.clone());
    };
    let options = Options {
        release_name: "rel".to_owned(),
        namespace: "test".to_owned(),
        ..Options::default()
    };
    said(&chart::render(&chart, &sources, &options))
}

/// The string behind `v: `, or the error.
fn said(rendered: &Rendered) -> Result<String, String> {
    if let Some(error) = rendered.errors.first() {
        return Err(error.clone());
    }
    if let Some(finding) = rendered.findings.first() {
        return Err(finding.message.clone());
    }
    let output = String::from_utf8(rendered.output.bytes().to_vec()).unwrap();
    let head = "---\n# Source: c/templates/p.yaml\n";
    let Some(body) = output.strip_prefix(head) else {
        return Err(format!("no manifest: {output:?}"));
    };
    let body = body.trim_start_matches('\n');
    let Some(json) = body.strip_prefix("v: ") else {
        return Err(format!("no value: {output:?}"));
    };
    Ok(serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}")))
}
