//! The places of a finding: what was printed, then what prints it; not what only decided on it.

use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

const SECRET: &str = "apiVersion: v1
kind: Secret
metadata: {name: a}
";

/// The text at each place of the one finding.
#[track_caller]
fn case(template: &str, values: &str, expected: &[&str]) {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    memory.insert("c/values.yaml", values);
    memory.insert("c/templates/a.yaml", format!("{SECRET}{template}"));
    let request = Request {
        paths: vec!["c".to_owned()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let [found] = report.diagnostics.as_slice() else {
        panic!("{:?}", report.diagnostics);
    };
    assert_eq!(found.rule, "default-secret");
    let text = |at: &engine::Location| {
        let bytes = at.file.bytes().get(at.start..at.end).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let places: Vec<String> = found.locations.iter().map(text).collect();
    assert_eq!(places, expected);
}

#[test]
fn a_value_that_was_printed_and_not_those_that_chose_it() {
    case(
        "stringData: {password: {{ .Values.a }}}\n",
        "a: changeme\n",
        &["changeme", "{{ .Values.a }}"],
    );
    case(
        "stringData: {password: {{ ternary .Values.a .Values.b .Values.c }}}\n",
        "a: changeme\nb: x\nc: true\n",
        &["changeme", "{{ ternary .Values.a .Values.b .Values.c }}"],
    );
    case(
        "{{- $d := dict }}{{ if .Values.c }}{{ $_ := set $d \"password\" .Values.a }}{{ end }}
stringData: {{ toJson $d }}\n",
        "a: changeme\nc: true\n",
        &["changeme", "{{ toJson $d }}"],
    );
}

/// What a template falls back on stands in the template.
#[test]
fn a_default_of_the_template() {
    case(
        "stringData: {password: {{ .Values.a | default \"changeme\" }}}\n",
        "a: \"\"\n",
        &["changeme"],
    );
}

#[test]
fn an_anchored_scalar_and_its_alias() {
    case(
        "stringData: {password: {{ .Values.b }}}\n# {{ .Values.a }}\n",
        "a: &a changeme\nb: *a\n",
        &["changeme", "*a", "{{ .Values.b }}"],
    );
}
