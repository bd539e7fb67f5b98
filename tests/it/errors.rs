//! What is said of broken charts is what Helm says of them: `fixtures/errors/record` recorded it.

use std::fs;

use aiplat::engine::{self, ReleaseName, RenderRequest};
use aiplat::vfs::MemoryFs;
use rayon::prelude::*;
use serde_json::Value;

#[test]
fn every_broken_chart_is_told_of_in_the_words_of_helm() {
    let cases = fs::read_to_string("fixtures/errors/cases.jsonl").unwrap();
    let cases: Vec<Value> = cases
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() > 300, "only {} cases", cases.len());
    let wrong: Vec<String> = cases
        .par_iter()
        .filter_map(|case| check(case).err())
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong",
        wrong.join("\n"),
        wrong.len()
    );
}

fn check(case: &Value) -> Result<(), String> {
    let helm = case["helm"].as_str().unwrap();
    let messages = messages(case);
    let is_right = if helm.starts_with("values don't meet") {
        of_schema(helm, &messages)
    } else {
        // The core is the end of what Helm says, whose lines are indented. Helm stops at what is
        // the first of ours.
        let helm = words(helm);
        messages
            .first()
            .is_some_and(|said| helm.ends_with(&words(said)))
    };
    if is_right {
        return Ok(());
    }
    Err(format!(
        "{}\n  Helm: {helm:?}\n  ours: {messages:?}",
        case["files"]
    ))
}

/// Helm's validator tells of everything at once, in no particular order, and of the schemas within
/// `allOf` and its like below it.
fn of_schema(helm: &str, messages: &[String]) -> bool {
    let lines = helm
        .lines()
        .map(|line| words(line.trim().trim_start_matches("- ")));
    let lines: Vec<String> = lines.collect();
    let is_known = |said: &String| lines.contains(&words(said));
    !messages.is_empty() && messages.iter().all(is_known)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn messages(case: &Value) -> Vec<String> {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    for (name, text) in case["files"].as_object().unwrap() {
        memory.insert(format!("c/{name}"), text.as_str().unwrap());
    }
    for (name, digits) in case["archives"].as_object().into_iter().flatten() {
        let digits = digits.as_str().unwrap().as_bytes();
        let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
        memory.insert(format!("c/{name}"), bytes);
    }
    let mut request = RenderRequest {
        chart: "c".to_owned(),
        name: ReleaseName::Given("c".to_owned()),
        ..RenderRequest::default()
    };
    let args: Vec<&str> = case["args"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for pair in args.chunks(2) {
        let [flag, value] = pair else {
            panic!("not a flag and a value: {args:?}");
        };
        crate::flags::give(&mut request, flag, value);
    }
    let (rendered, report) = engine::render(&memory, &request);
    assert!(report.status() != 0, "{case}: Helm refuses it");
    rendered
        .findings
        .iter()
        .map(|found| found.message.clone())
        .collect()
}

/// Helm stops at a missing dependency. What can be its consequence is not told, the rest is.
#[test]
fn what_is_there_is_linted_beside_a_missing_dependency() {
    let mut memory = MemoryFs::new();
    for (name, text) in [
        (
            "Chart.yaml",
            "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n  - {name: common}\n  - {name: redis}\n",
        ),
        ("templates/a.yaml", "a: {{ include \"common.names\" . }}\n"),
        ("templates/b.yaml", "b: {{ .Values.redis.auth.password }}\n"),
        ("templates/c.yaml", "c: {{ .Values.other.key }}\n"),
        ("values.yaml", "redis: {auth: {enabled: true}}\n"),
        (
            "templates/d.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: changeme}\n",
        ),
    ] {
        memory.insert(format!("c/{name}"), text);
    }
    let request = engine::Request {
        paths: vec!["c".to_owned()],
        ..engine::Request::default()
    };
    let report = engine::run(&memory, &request);
    assert_eq!(report.status(), 2);
    let told: Vec<(&str, &str)> = report
        .diagnostics
        .iter()
        .map(|found| (found.rule, found.message.as_str()))
        .collect();
    let missing = "found in Chart.yaml, but missing in charts/ directory: common, redis";
    let secret = "key `password` of Secret/a is the well-known default `changeme`";
    let nil = "nil pointer evaluating interface {}.key";
    let other = "no values define `other`, which is read here without a default";
    assert_eq!(
        told,
        [
            ("dependency-missing", missing),
            ("undefined-value", other),
            ("template-error", nil),
            ("default-secret", secret),
        ]
    );
}

/// What only follows from values that could not be read is not told beside that.
#[test]
fn broken_values_are_told_alone() {
    let mut memory = MemoryFs::new();
    for (name, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("values.yaml", "a:\n  b: [1\nc: 2\n"),
        ("templates/a.yaml", "a: {{ .Values.a.b }}\n"),
        ("templates/b.yaml", "b: {{ .Values.c }}\n"),
        ("templates/c.yaml", "c: {{ fail \"no\" }}\n"),
    ] {
        memory.insert(format!("c/{name}"), text);
    }
    let request = engine::Request {
        paths: vec!["c".to_owned()],
        ..engine::Request::default()
    };
    let report = engine::run(&memory, &request);
    let told: Vec<&str> = report.diagnostics.iter().map(|found| found.rule).collect();
    assert_eq!(told, ["template-error", "values-invalid"]);
    assert!(report.diagnostics[0].message.contains("no"));
}

/// A broken file hides nothing of the others.
#[test]
fn every_broken_file_is_told_of() {
    let case = serde_json::json!({"files": {
        "templates/a.yaml": "{{ if }}",
        "templates/b.yaml": "{{ .Values.x.y }}",
        "templates/c.yaml": "a: b: c",
        "values.schema.json": "{\"required\": [\"x\"]}",
        "charts/s/Chart.yaml": "name: s\nversion: 1.0.0\n",
        "charts/s/templates/t.yaml": "{{ fail \"no\" }}",
    }});
    let mut told = messages(&case);
    told.sort();
    assert_eq!(
        told,
        [
            "YAML parse error on c/templates/c.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
            "at '': missing property 'x'",
            "missing value for if",
            "nil pointer evaluating interface {}.y",
            "no",
            "unexpected EOF",
        ]
    );
}

/// What is wrong with an option is shown where it was given.
#[test]
fn options_are_blamed_where_they_stand() {
    let told = |config: &str, change: fn(&mut engine::Request)| {
        let mut memory = MemoryFs::new();
        memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
        memory.insert("c/aiplat.yaml", config);
        let mut request = engine::Request {
            paths: vec!["c".to_owned()],
            ..engine::Request::default()
        };
        change(&mut request);
        let report = engine::run(&memory, &request);
        assert_eq!(report.status(), 2);
        let places = report.diagnostics.iter().map(|found| {
            let at = found.primary().unwrap();
            let bytes = at.file.bytes().get(at.start..at.end).unwrap_or_default();
            format!("{} {}", at.file.name(), String::from_utf8_lossy(bytes))
        });
        places.collect::<Vec<_>>()
    };
    let config = "environments:\n  prod: {kube-version: abc}\n";
    assert_eq!(told(config, |_| ()), ["c/aiplat.yaml abc"]);
    let config = "environments:\n  prod: {values: [nope.yaml]}\n";
    assert_eq!(told(config, |_| ()), ["c/aiplat.yaml nope.yaml"]);
    let version = |request: &mut engine::Request| request.kube_version = Some("x.y".to_owned());
    assert_eq!(told("{}", version), ["--kube-version x.y"]);
    let name = |request: &mut engine::Request| request.release_name = Some("Bad_Name".to_owned());
    assert_eq!(told("{}", name), ["--name Bad_Name"]);
}
