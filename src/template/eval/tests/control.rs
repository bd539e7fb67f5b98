//! What the bytes of an output name as values, and what only as control: what decided which they
//! are, or whether they are there.

use super::{lossy, render};
use crate::source::ContextId;

/// The values that the bytes of a whole output name: as values, and as what only decided which they
/// are or whether they are there.
#[track_caller]
fn apart(templates: &[(&str, &str)], values: &str, output: &str, data: &str, control: &str) {
    let mut rendered = render(templates, values);
    let (name, _) = templates.last().unwrap();
    let text = rendered.text(&format!("c/templates/{name}")).clone();
    assert_eq!(lossy(&text), output);
    let sources = rendered.engine.sources().clone();
    let file = rendered.values;
    let origins = rendered.engine.origins();
    let (mut shown, mut deciding) = (Vec::new(), Vec::new());
    for run in text.runs(0, text.len()) {
        let origin = *origins.origin(run.origin);
        let (data, control) = origins.told_apart(origin.data);
        if run.start == run.end {
            deciding.extend(data);
        } else {
            shown.extend(data);
        }
        deciding.extend(control);
        let above = origins.control(origin.context, ContextId::default());
        deciding.extend(origins.spans(above));
    }
    let named = |mut spans: Vec<crate::source::Span>| {
        spans.sort_unstable();
        spans.dedup();
        let here = spans.into_iter().filter(|span| span.file() == file);
        let texts = here.map(|span| String::from_utf8_lossy(sources.slice(span)).into_owned());
        texts.collect::<Vec<_>>().join(" ")
    };
    let got = (named(shown), named(deciding));
    assert_eq!((&*got.0, &*got.1), (data, control), "(data, control)");
}

#[test]
fn what_an_expression_does_not_replace_keeps_its_origin() {
    let text = r#"{{ define "x" }}a: {{ .Values.a }} b: {{ .Values.b }}{{ end }}"#;
    let one = |call: &str, output: &str, data: &str| {
        let template = format!("{text}{{{{ {call} | trunc 5 }}}}");
        let template = template.replace("TEXT", "(include \"x\" .)");
        let values = r#"{"a": 12, "b": 34, "c": 5}"#;
        apart(&[("t.yaml", &template)], values, output, data, "");
    };
    // The bytes behind those that are printed are another value's.
    one(r#"regexReplaceAll "[[:blank:]]+$" TEXT """#, "a: 12", "12");
    one(r#"regexReplaceAll "b: (.)" TEXT "c: ${1}""#, "a: 12", "12");
    one(r#"regexReplaceAllLiteral "b" TEXT "c""#, "a: 12", "12");
    one(r#"regexReplaceAll "1(.)" TEXT "${1}0""#, "a: 20", "12");
    one(r#"replace "b" "c" TEXT"#, "a: 12", "12");
    one(
        r#"regexReplaceAll "2" TEXT (toString .Values.c)"#,
        "a: 15",
        "12 5",
    );
}

#[test]
fn what_is_dropped_as_a_duplicate_and_its_twin_are_control() {
    let one = |template: &str, output: &str, data: &str, control: &str| {
        let values = r#"{"a": 1, "b": 2, "c": 2}"#;
        apart(&[("t.yaml", template)], values, output, data, control);
    };
    one(
        "{{ uniq (list .Values.a .Values.b .Values.c) | join \"-\" }}",
        "1-2",
        "1 2",
        "2 2",
    );
    one(
        "{{ range uniq (list .Values.a .Values.b .Values.c) }}{{ . }}{{ end }}",
        "12",
        "1 2",
        "2 2",
    );
    one(
        "{{ uniq (list .Values.a .Values.b) | join \"-\" }}",
        "1-2",
        "1 2",
        "",
    );
}

#[test]
fn what_is_read_out_of_a_map_that_was_one_of_several_names_what_decided_which() {
    let one = |template: &str, output: &str| {
        let template = format!(
            "{{{{- $w := dict \"o\" 1 }}}}{{{{ if .Values.flag }}}}{{{{ $w = dict \"x\" (dict \"y\" \"B\") }}}}{{{{ end }}}}{template}"
        );
        let values = r#"{"flag": 1}"#;
        apart(&[("t.yaml", &template)], values, output, "", "1");
    };
    one("{{ $w.x.y }}", "B");
    one("{{ $w.z | default 1 }}", "1");
    one("{{ index $w \"x\" \"y\" }}", "B");
    one("{{ (get $w \"x\").y }}", "B");
    one("{{ $v := $w }}{{ with $v.x }}{{ .y }}{{ end }}", "B");
    one("{{ $w | toJson }}", r#"{"x":{"y":"B"}}"#);
    one("{{ ($w | toJson | fromJson).x.y }}", "B");
    one("{{ (merge (dict) $w).x.y }}", "B");
    one("{{ (merge (dict \"z\" \"\") $w).z | default 1 }}", "1");
    one("{{ (deepCopy $w).x.y }}", "B");
    one("{{ range $k, $v := $w }}{{ $v.y }}{{ end }}", "B");
    one("{{ keys $w | first }}", "x");
    one("{{ dig \"x\" \"y\" 1 $w }}", "B");
    one("{{ tpl \"{{ .x.y }}\" $w }}", "B");
}

#[test]
fn a_value_chosen_among_others_is_data_and_those_are_control() {
    let one = |template: &str, values: &str, output: &str, data: &str, control: &str| {
        apart(&[("t.yaml", template)], values, output, data, control);
    };
    one("{{ .Values.x | default 80 }}", r#"{"x": 0}"#, "80", "", "0");
    one(
        "{{ default .Values.y .Values.x }}",
        r#"{"x": 0, "y": 8}"#,
        "8",
        "8",
        "0",
    );
    one(
        "{{ ternary 1 2 .Values.c }}",
        r#"{"c": true}"#,
        "1",
        "",
        "true",
    );
    one(
        "{{ or .Values.x .Values.y }}",
        r#"{"x": 0, "y": 8}"#,
        "8",
        "8",
        "0",
    );
    one(
        "{{ coalesce .Values.x .Values.y }}",
        r#"{"x": 0, "y": 8}"#,
        "8",
        "8",
        "0",
    );
    one(
        "{{ $v := 1 }}{{ if .Values.c }}{{ $v = .Values.y }}{{ end }}{{ $v }}",
        r#"{"c": true, "y": 8}"#,
        "8",
        "8",
        "true",
    );
    one(
        "{{ $d := dict }}{{ if .Values.c }}{{ $_ := set $d \"k\" .Values.y }}{{ end }}{{ $d.k }}",
        r#"{"c": true, "y": 8}"#,
        "8",
        "8",
        "true",
    );
}

#[test]
fn conditions_around_a_text_stay_control_when_it_is_read() {
    let helper = "{{ define \"h\" }}{{ if .Values.c }}k: {{ .Values.x }}{{ end }}{{ end }}";
    apart(
        &[
            ("_h.tpl", helper),
            ("t.yaml", "{{ (include \"h\" . | fromYaml).k }}"),
        ],
        r#"{"c": true, "x": "v"}"#,
        "v",
        "\"v\"",
        "true",
    );
    apart(
        &[
            ("_h.tpl", helper),
            ("t.yaml", "{{ include \"h\" . | len }}"),
        ],
        r#"{"c": true, "x": "v"}"#,
        "4",
        "\"v\"",
        "true",
    );
}

#[test]
fn an_empty_value_that_a_merge_filled_is_control() {
    let text = "{{ (merge (deepCopy .Values.a) .Values.b).k }}";
    let values = r#"{"a": {"k": ""}, "b": {"k": "v"}}"#;
    apart(&[("t.yaml", text)], values, "v", "\"v\"", "\"\"");
    let values = r#"{"a": {"k": "v"}, "b": {"k": ""}}"#;
    apart(&[("t.yaml", text)], values, "v", "\"v\"", "");
}

#[test]
fn an_alias_in_a_text_depends_on_what_it_stands_for() {
    let define = "{{ define \"t\" }}a: &a {{ .x }}\nb: *a{{ end }}";
    let text = format!("{define}{{{{ (include \"t\" .Values | fromYaml).b }}}}");
    apart(&[("t.yaml", &text)], r#"{"x": "v"}"#, "v", "\"v\"", "");
}

#[test]
fn what_prints_nothing_leaves_a_mark() {
    let one = |template: &str, values: &str, output: &str| {
        apart(&[("t.yaml", template)], values, output, "", "\"\"");
    };
    one("{{ printf \"%sx\" .Values.p }}", r#"{"p": ""}"#, "x");
    one("{{ print .Values.p \"x\" }}", r#"{"p": ""}"#, "x");
    one("{{ cat .Values.p \"x\" }}", r#"{"p": ""}"#, " x");
    one(
        "{{ join \"\" (list .Values.p \"x\") }}",
        r#"{"p": ""}"#,
        "x",
    );
    // Another text would not be cut off.
    one(
        "{{ printf \"a-%s\" .Values.p | trimSuffix \"-\" }}",
        r#"{"p": ""}"#,
        "a",
    );
    one(
        "{{ printf \"%s-a\" .Values.p | trimPrefix \"-\" }}",
        r#"{"p": ""}"#,
        "a",
    );
    one(
        "{{ printf \"a%s\" .Values.p | trimSuffix \"-\" }}",
        r#"{"p": ""}"#,
        "a",
    );
    one("{{ tpl .Values.p . | default \"x\" }}", r#"{"p": ""}"#, "x");
}

#[test]
fn a_map_chosen_by_a_condition_names_it_where_it_is_printed() {
    apart(
        &[(
            "t.yaml",
            "{{ $d := dict \"a\" 1 }}{{ if .Values.c }}{{ $d = dict \"b\" 2 }}{{ end }}{{ toYaml $d }}",
        )],
        r#"{"c": false}"#,
        "a: 1",
        "",
        "false",
    );
}

#[test]
fn a_text_chosen_by_a_condition_names_it_where_it_is_read() {
    apart(
        &[(
            "t.yaml",
            "{{ (ternary \"k: 1\" \"k: 2\" .Values.c | fromYaml).k }}",
        )],
        r#"{"c": true}"#,
        "1",
        "",
        "true",
    );
}

#[test]
fn a_map_that_a_condition_left_as_it_is_names_it() {
    apart(
        &[(
            "t.yaml",
            "{{ $d := dict \"a\" 1 }}{{ if .Values.c }}{{ $_ := set $d \"b\" 2 }}{{ end }}{{ $d.b | default 0 }}{{ toYaml $d }}",
        )],
        r#"{"c": false}"#,
        "0a: 1",
        "",
        "false",
    );
}
