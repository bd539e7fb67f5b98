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
    let wrong: Vec<String> = cases.par_iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n"), wrong.len());
}

fn check(case: &Value) -> Result<(), String> {
    let helm = case["helm"].as_str().unwrap();
    let messages = messages(case);
    let is_right = if helm.starts_with("values don't meet") {
        of_schema(helm, &messages)
    } else {
        // The core is the end of what Helm says, whose lines are indented.
        let helm = words(helm);
        messages.iter().any(|said| helm.ends_with(&words(said)))
    };
    if is_right {
        return Ok(());
    }
    Err(format!("{}\n  Helm: {helm:?}\n  ours: {messages:?}", case["files"]))
}

/// Helm's validator tells of everything at once, in no particular order, and of the schemas within
/// `allOf` and its like below it.
fn of_schema(helm: &str, messages: &[String]) -> bool {
    let lines = helm.lines().map(|line| words(line.trim().trim_start_matches("- ")));
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
    let mut request = RenderRequest {
        chart: "c".to_owned(),
        name: ReleaseName::Given("c".to_owned()),
        ..RenderRequest::default()
    };
    let args: Vec<&str> = case["args"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for pair in args.chunks(2) {
        let [flag, value] = pair else {
            panic!("not a flag and a value: {args:?}");
        };
        crate::flags::give(&mut request, flag, value);
    }
    let (_, report) = engine::render(&memory, &request);
    assert!(report.status() != 0, "{case}: Helm refuses it");
    report
        .diagnostics
        .iter()
        .map(|found| found.message.clone())
        .collect()
}
