//! What is no Kubernetes object is told, as no rule looks at it: in charts and in plain files.

use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

use crate::files;

/// Lints a chart with this template, and the same text as a plain file: both have to have their
/// findings at these lines.
#[track_caller]
fn case(text: &str, lines: &[usize]) {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    memory.insert("c/templates/a.yaml", text);
    memory.insert("a.yaml", text);
    for (path, place) in [
        ("c", "template c/templates/a.yaml"),
        ("a.yaml", "file a.yaml"),
    ] {
        let request = Request {
            paths: vec![path.to_owned()],
            ..Request::default()
        };
        let report = engine::run(&memory, &request);
        let expected = lines
            .iter()
            .map(|line| format!("not-an-object {place}:{line}"));
        assert_eq!(files::all_shown(&report), expected.collect::<Vec<_>>());
        assert_eq!(report.status() == 2, !lines.is_empty());
    }
}

#[test]
fn a_key_with_a_slip_is_pointed_at() {
    case("apiVersion: v1\nknd: Pod\nmetadata: {name: a}\n", &[2]);
}

#[test]
fn without_one_the_document_starts_there() {
    case("# Not this.\na: b\n", &[2]);
}

#[test]
fn nothing_is_no_object_and_nobody_wants_it_to_be_one() {
    case(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n# Nothing.\n---\n",
        &[],
    );
}

#[test]
fn an_empty_kind_is_none() {
    case("apiVersion: v1\nkind: \"\"\nmetadata: {name: a}\n", &[2]);
}

#[test]
fn a_kustomization_is_told_how_to_be_linted() {
    let mut memory = MemoryFs::new();
    memory.insert("k/base/kustomization.yaml", "resources: [a.yaml]\n");
    let request = Request {
        paths: vec!["k".to_owned()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let expected = "not-an-object file k/base/kustomization.yaml:1";
    assert_eq!(files::all_shown(&report), [expected]);
    let help = report.diagnostics[0].help.as_deref().unwrap_or_default();
    assert!(
        help.contains("`kustomize build k/base | aiplat lint -`"),
        "{help}"
    );
}

#[test]
fn the_items_of_a_list_are_looked_at() {
    case(
        "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
- apiVersion: v1
  kin: Namespace
- {}
",
        &[7, 8],
    );
}
