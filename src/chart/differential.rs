//! Random inputs, compared with what Helm 4.3.1's own packages made of them (`fixtures/go`):
//! `strvals.jsonl`, `coalesce.jsonl` and `split.jsonl`.

use std::path::Path;
use std::rc::Rc;

use serde_json::{Map as JsonMap, Value as Json, json};

use super::coalesce::{Nulls, coalesce};
use super::strvals::{self, Mode};
use super::working::Working;
use super::{Limits, convert, dependencies, load, manifests};
use crate::source::{FileKind, Origins, Sources};
use crate::template::value::{Data, IntType, Value};
use crate::vfs::MemoryFs;

fn lines(name: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/go")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A value as JSON, with an `int64` as the fixtures mark it.
fn to_json(value: &Value) -> Json {
    match &value.data {
        Data::Missing | Data::Nil => Json::Null,
        Data::Bool(is) => json!(is),
        Data::Int(number, IntType::Int64) => json!({"$int": number.to_string()}),
        Data::Float(number) => json!(number),
        Data::Str(text) => json!(String::from_utf8_lossy(text.bytes())),
        Data::List(list) => list.items.iter().map(to_json).collect(),
        Data::Map(_, map) => {
            let entries = map.entries.borrow();
            let entries = entries.iter().map(|(key, entry)| {
                (
                    String::from_utf8_lossy(key).into_owned(),
                    to_json(&entry.value),
                )
            });
            Json::Object(entries.collect::<JsonMap<_, _>>())
        }
        other => panic!("{other:?}"),
    }
}

/// Numbers as floats, so that `1` and `1.0` are one.
fn floats(value: &Json) -> Json {
    match value {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.iter().map(floats).collect(),
        Json::Object(entries) => {
            let entries = entries.iter();
            Json::Object(
                entries
                    .map(|(key, value)| (key.clone(), floats(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

fn values(text: &str, origins: &mut Origins) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("values.yaml", FileKind::Values, text.as_bytes().to_vec());
    let read = convert::read_values(file, &sources, convert::MAX_VALUES);
    read.unwrap().0.value(origins)
}

#[test]
fn set_arguments() {
    let base = r#"{"a":{"b":1,"a":{"x":null}},"l":[1,{"k":"v"},[2,3],null],"s":"text","n":null}"#;
    for case in lines("strvals.jsonl") {
        let argument = case["arg"].as_str().unwrap();
        let mut origins = Origins::new();
        let mut sources = Sources::new();
        let into = values(base, &mut origins);
        let file = sources.add("--set[0]", FileKind::Values, argument.as_bytes().to_vec());
        let mode = case["mode"].as_str().unwrap();
        let parsed = strvals::parse(
            file,
            argument,
            into.as_map().unwrap(),
            match mode {
                "set" => Mode::Typed,
                "set-string" => Mode::Text,
                "set-json" => Mode::Json,
                _ => Mode::Literal,
            },
            &mut origins,
        );
        match (parsed, case.get("error")) {
            (Ok(()), None) => {
                assert_eq!(to_json(&into), floats(&case["values"]), "{mode} {argument}");
            }
            (Err(error), Some(expected)) => {
                // Helm shows no JSON error.
                let expected = expected.as_str().unwrap();
                assert!(
                    error.message == expected || mode == "set-json",
                    "{mode} {argument}: {error:?} {expected}"
                );
                assert!(error.span.end() <= argument.len());
            }
            (got, expected) => panic!("{mode} {argument}: {got:?} {expected:?}"),
        }
    }
}

fn write_chart(chart: &Json, path: &str, disk: &mut MemoryFs) {
    let mut metadata = json!({
        "apiVersion": "v2",
        "name": chart["name"],
        "version": chart["version"],
        "dependencies": chart["dependencies"],
    });
    // Go's list is nil there, which is not the same as an empty one.
    if chart["dependencies"] == json!([]) {
        metadata.as_object_mut().unwrap().remove("dependencies");
    }
    disk.insert(format!("{path}/Chart.yaml"), metadata.to_string());
    disk.insert(format!("{path}/values.yaml"), chart["values"].to_string());
    for sub in chart["charts"].as_array().unwrap() {
        let name = sub["name"].as_str().unwrap();
        write_chart(sub, &format!("{path}/charts/{name}"), disk);
    }
}

fn names(chart: &Working<'_>) -> Json {
    let listed = chart.metadata.dependencies.iter().flatten();
    json!({
        "name": chart.name(),
        "listed": listed.map(|d| d.name.text.clone()).collect::<Vec<_>>(),
        "charts": chart.dependencies.iter().map(names).collect::<Vec<_>>(),
    })
}

#[test]
fn dependencies_and_values() {
    for (index, case) in lines("coalesce.jsonl").iter().enumerate() {
        let mut disk = MemoryFs::new();
        write_chart(&case["chart"], "root", &mut disk);
        let mut sources = Sources::new();
        let (chart, findings) = load(&disk, Path::new("root"), &mut sources, &Limits::default());
        assert!(findings.is_empty(), "{index}: {findings:?}");
        let chart = chart.unwrap();
        let mut origins = Origins::new();
        let user = values(&case["user"].to_string(), &mut origins);
        let before = to_json(&user);
        let mut working = Working::new(&chart, &mut origins);
        let mut warnings = Vec::new();
        let settled = dependencies::process(&mut working, &user, &mut warnings);
        let settled = settled.and_then(|()| {
            if case.get("error").is_none() {
                assert_eq!(names(&working), case["enabled"], "{index}");
            }
            coalesce(&working, &user, Nulls::Remove, &mut warnings)
        });
        assert_eq!(to_json(&user), before, "{index}: the user's values changed");
        match (settled, case.get("error")) {
            (Ok(got), None) => {
                let wanted = floats(&case["values"]);
                assert_eq!(to_json(&got), wanted, "{index}: {case}");
            }
            (Err(error), Some(expected)) => assert_eq!(error.message, expected.as_str().unwrap()),
            (got, expected) => panic!("{index}: {got:?} {expected:?} {case}"),
        }
    }
}

#[test]
fn documents_of_a_file() {
    for case in lines("split.jsonl") {
        let text = case["text"].as_str().unwrap();
        let got: Vec<&str> = manifests::split(text.as_bytes())
            .into_iter()
            .map(|(start, end)| &text[start..end])
            .collect();
        assert_eq!(json!(got), case["documents"], "{text:?}");
    }
}

/// A parent's `.Values.sub` and the subchart's `.Values` are one map, as in Helm.
#[test]
fn parents_and_subcharts_share_maps() {
    let mut disk = MemoryFs::new();
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    disk.insert("c/Chart.yaml", chart("c"));
    disk.insert("c/charts/sub/Chart.yaml", chart("sub"));
    disk.insert("c/charts/sub/values.yaml", "a: 1\n");
    let mut sources = Sources::new();
    let (chart, _) = load(&disk, Path::new("c"), &mut sources, &Limits::default());
    let (chart, options) = (chart.unwrap(), super::Options::default());
    let prepared = super::prepare(&chart, &sources, &options).unwrap();
    let found = prepared.values_of_charts();
    let paths: Vec<&str> = found.iter().map(|chart| chart.path.as_str()).collect();
    assert_eq!(paths, ["c", "c/charts/sub"]);
    let of_parent = found[0].values.as_map().unwrap().get(b"sub").unwrap().value;
    assert!(Rc::ptr_eq(
        of_parent.as_map().unwrap(),
        found[1].values.as_map().unwrap()
    ));
}
