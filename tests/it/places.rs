//! The places of a finding: what was printed, then what prints it; not what only decided on it.

use aiplat::engine::{self, Report, Request};
use aiplat::vfs::MemoryFs;

const SECRET: &str = "apiVersion: v1
kind: Secret
metadata: {name: a}
";

fn lint(template: &str, values: &str) -> Report {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    memory.insert("c/values.yaml", values);
    memory.insert("c/templates/a.yaml", template);
    let request = Request {
        paths: vec!["c".to_owned()],
        ..Request::default()
    };
    engine::run(&memory, &request)
}

/// The text at each place of the one finding.
#[track_caller]
fn case(template: &str, values: &str, expected: &[&str]) {
    let report = lint(&format!("{SECRET}{template}"), values);
    let [found] = report.diagnostics.as_slice() else {
        panic!("{:?}", report.diagnostics);
    };
    assert_eq!(found.rule, "default-secret");
    assert_eq!(texts(found), expected);
}

fn texts(found: &engine::Diagnostic) -> Vec<String> {
    let text = |at: &engine::Location| {
        let bytes = at.file.bytes().get(at.start..at.end).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    };
    found.locations.iter().map(text).collect()
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

/// What is encoded was made of all that is in it: the place is the one that says what is wrong.
#[test]
fn a_password_in_what_is_encoded() {
    case(
        "data: {url: {{ printf \"postgres://%s:%s@db/%s\" .Values.user .Values.pass .Values.db | b64enc }}}\n",
        "user: me\npass: changeme\ndb: one\n",
        &[
            "changeme",
            "{{ printf \"postgres://%s:%s@db/%s\" .Values.user .Values.pass .Values.db | b64enc }}",
        ],
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

/// In what is printed, too, an alias is edited where its anchor is.
#[test]
fn an_alias_in_the_manifest() {
    case(
        "immutable: false\nx: &a {{ .Values.a }}\nstringData: {password: *a}\n",
        "a: changeme\n",
        &["changeme", "{{ .Values.a }}"],
    );
}

/// An item of a list has no key of its own: its first entry stands for it in the file, and not in
/// what is said.
#[test]
fn what_lacks_something_is_called_by_its_path() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:";
    for (template, values, expected) in [
        (
            format!("{pod} {{{{ toJson .Values.containers }}}}\n"),
            "containers:\n- name: a\n  image: b\n",
            "`containers[0]` has no `livenessProbe`",
        ),
        (
            format!("{pod} {{{{ toJson .Values.containers }}}}\n"),
            "containers:\n- args: [c]\n  name: a\n  image: b\n",
            "`containers[0]` has no `livenessProbe`",
        ),
        (
            format!("{pod}\n  - image: b\n    livenessProbe: {{{{ toJson .Values.probe }}}}\n"),
            "probe: {}\n",
            "`probe` has no `livenessProbe`",
        ),
    ] {
        let report = lint(&template, values);
        let mut found = report.diagnostics.iter();
        let found = found.find(|found| found.rule == "liveness-probe-missing");
        assert_eq!(found.unwrap().primary().unwrap().message, expected);
    }
}

/// What one template defines and another one prints has to be added to where it is defined, and not
/// at a value that only decides whether it is there.
#[test]
fn what_a_template_defines_lacks_something_there() {
    let define = "{{ define \"c\" }}{{ if .Values.enabled }}
containers:
  - name: a
    image: {{ .Values.image }}
{{ end }}{{ end }}";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: ";
    let print = "{{ include \"c\" . | fromYaml | toJson }}";
    let report = lint(
        &format!("{define}{pod}{print}\n"),
        "enabled: true\nimage: b\n",
    );
    let mut found = report.diagnostics.iter();
    let found = found.find(|found| found.rule == "liveness-probe-missing");
    assert_eq!(texts(found.unwrap()), ["image", print]);
}

#[test]
fn a_key_with_a_dot_is_no_path() {
    let report = lint("{{ .Values.a.b }}", "a: {b: 1}\na.b: 2\n");
    let mut found = report.diagnostics.iter();
    let found = found.find(|found| found.rule == "unused-value");
    assert_eq!(found.unwrap().message, "no template reads `\"a.b\"`");
}

#[test]
fn what_a_helper_writes_in_part_is_shown_where_it_is_included() {
    let helper = "{{ define \"a\" }}change{{ end }}{{ define \"b\" }}changeme{{ end }}";
    case(
        &format!("{helper}stringData: {{password: {{{{ include \"a\" . }}}}me}}\n"),
        "",
        &["{{ include \"a\" . }}me"],
    );
    case(
        &format!("{helper}stringData: {{password: {{{{ include \"b\" . }}}}}}\n"),
        "",
        &["changeme"],
    );
}

#[test]
fn what_tpl_executes_comes_before_what_is_printed_into_it() {
    case(
        "stringData: {password: {{ tpl .Values.a . }}}\n",
        "b: change\na: \"{{ .Values.b }}me\"\n",
        &["\"{{ .Values.b }}me\"", "change", "{{ tpl .Values.a . }}"],
    );
}
