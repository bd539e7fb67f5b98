//! A call that is repeated from what it gave before gives what it would have given.
//!
//! Each case is rendered twice, once with nothing kept: texts and origins have to be the same. What
//! was spent tells whether any call was repeated.

use super::super::{Engine, Limits};
use super::{Rendered, lossy, render_as};
use crate::source::{ContextId, Span};

/// What is known of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    bytes: String,
    template: Option<Span>,
    exact: bool,
    data: Vec<Span>,
    control: Vec<Span>,
    /// How execution came there.
    calls: Vec<Span>,
}

/// What is known of each run.
pub(super) fn told(rendered: &mut Rendered) -> Vec<Told> {
    let mut all = Vec::new();
    let Rendered {
        engine, outcome, ..
    } = rendered;
    for (_, text) in &outcome.texts {
        for run in text.runs(0, text.len()) {
            let origins = engine.origins();
            let origin = *origins.origin(run.origin);
            let control = origins.control(origin.context, ContextId::default());
            let calls = origins.contexts(origin.context);
            let calls = calls.filter_map(|context| context.at).collect();
            let bytes = text.bytes().get(run.start..run.end).unwrap_or_default();
            all.push(Told {
                bytes: String::from_utf8_lossy(bytes).into_owned(),
                template: origin.at,
                exact: origin.exact,
                data: origins.spans(origin.data),
                control: origins.spans(control),
                calls,
            });
        }
    }
    all
}

/// Renders with and without what is kept. Whether calls were repeated.
#[track_caller]
fn is_repeated(templates: &[(&str, &str)], values: &str, output: &str) -> bool {
    let render = |ready: fn(&mut Engine)| render_as(templates, values, Limits::default(), ready);
    let mut kept = render(|_| {});
    let mut fresh = render(|engine| engine.memo.refuse());
    let texts = |rendered: &Rendered| {
        let texts = rendered.outcome.texts.iter();
        texts.map(|(_, text)| lossy(text)).collect::<String>()
    };
    assert_eq!(texts(&fresh), output, "{templates:?}");
    assert_eq!(texts(&kept), output, "{templates:?}");
    assert_eq!(told(&mut kept), told(&mut fresh), "{templates:?}");
    kept.engine.fuel_used() < fresh.engine.fuel_used()
}

/// A case: what `x` holds, and the data of two calls.
type Twice<'a> = (&'a str, &'a str, &'a str, &'a str);

/// One file that includes `x` twice, under conditions of its own.
#[track_caller]
fn is_second_repeated((body, first, second, output): &Twice<'_>) -> bool {
    let text = format!(
        r#"{{{{ define "y" }}}}{{{{ .Values.a }}}}{{{{ end }}}}{{{{ define "x" }}}}{body}{{{{ end }}}}"#
    );
    let first = format!(r#"{{{{ if .Values.a }}}}{{{{ include "x" {first} }}}}{{{{ end }}}}"#);
    let second = format!(
        r#"{{{{ with .Values.b }}}}{{{{ include "x" {second} | indent 1 }}}}{{{{ end }}}}"#
    );
    let text = format!("{text}{first},{second}");
    is_repeated(&[("t.yaml", &text)], VALUES, output)
}

const VALUES: &str = r#"{"a": "A", "b": "B", "m": {"k": "v"}, "l": [1, 2]}"#;

/// Data of the same value and origin, put together in two places.
const V: &str = r#"(dict "v" $.Values.a)"#;

#[test]
fn the_same_data_gives_the_same_text() {
    let cases: &[Twice<'_>] = &[
        ("n={{ .Values.m.k }}", ".", "$", "n=v, n=v"),
        ("n={{ .v }}{{ if .v }}!{{ end }}", V, V, "n=A!, n=A!"),
        ("{{ get . \"v\" }}{{ index . \"v\" }}", V, V, "AA, AA"),
        (
            "{{ range $k, $v := .Values.m }}{{ $k }}{{ $v }}{{ end }}",
            "$",
            "$",
            "kv, kv",
        ),
        (
            "{{ range .Values.none }}{{ else }}-{{ end }}",
            "$",
            "$",
            "-, -",
        ),
        ("{{ tpl \"{{ .Values.a }}\" . }}", ".", "$", "A, A"),
        (
            "{{ .Release.Name }}{{ .Chart.Name }}",
            ".",
            "$",
            "relc, relc",
        ),
        (
            "{{ include \"y\" . }}{{ include \"y\" . }}",
            ".",
            "$",
            "AA, AA",
        ),
        (
            "{{ toYaml (merge (dict \"z\" 1) .Values.m) | nindent 2 }}",
            ".",
            "$",
            "\n  k: v\n  z: 1, \n   k: v\n   z: 1",
        ),
        // Whatever tells which file this is tells the same again in it.
        (
            "{{ .Template.Name }}",
            ".",
            "$",
            "c/templates/t.yaml, c/templates/t.yaml",
        ),
        ("{{ ((toJson . | fromJson).Values).a }}", ".", "$", "A, A"),
        // A scope in a list is handed on, and its length does not tell what is in it.
        (
            "{{ if gt (len .) 1 }}{{ (first .).Values.b }}{{ range rest . }}{{ . }}{{ end }}{{ end }}",
            "(list $ $.Values.a)",
            "(list $ $.Values.a)",
            "BA, BA",
        ),
    ];
    for case in cases {
        assert!(is_second_repeated(case), "{case:?}");
    }
}

#[test]
fn what_differs_is_executed_again() {
    let cases: &[Twice<'_>] = &[
        // Other data, or data of another origin.
        ("{{ .v }}", V, "(dict \"v\" .)", "A, B"),
        ("{{ .v }}", V, "(dict \"v\" \"A\")", "A, A"),
        ("{{ .v }}{{ .w }}", V, "(dict \"w\" $.Values.a)", "A, A"),
        // The keys come into what is written, with their origin.
        ("{{ range $k, $v := . }}{{ $k }}{{ end }}", V, V, "v, v"),
        ("{{ keys . }}", V, V, "[v], [v]"),
        ("{{ . }}", V, V, "map[v:A], map[v:A]"),
        ("{{ toYaml (pick . \"v\") }}", V, V, "v: A, v: A"),
        ("{{ len . }}{{ not . }}", V, V, "1false, 1false"),
        // A text that knows under which conditions it was written.
        (
            "{{ .v }}",
            "(dict \"v\" (printf \"%s!\" $.Values.a))",
            "(dict \"v\" (printf \"%s!\" $.Values.a))",
            "A!, A!",
        ),
        // What is set knows all the conditions around.
        (
            "{{ $d := dict }}{{ if .Values.a }}{{ $_ := set $d \"k\" .Values.b }}{{ end }}{{ $d.k }}",
            ".",
            "$",
            "B, B",
        ),
        // It changes what it reads.
        (
            "{{ $_ := set .Values \"n\" (add1 (default 0 .Values.n)) }}{{ .Values.n }}",
            ".",
            "$",
            "1, 2",
        ),
        (
            "{{ .Values.a }}{{ $_ := unset .Values \"a\" }}.",
            "$",
            "$",
            "A., .",
        ),
        (
            "{{ .n }}{{ $_ := set . \"n\" 2 }}",
            "(dict \"n\" 1)",
            "(dict \"n\" 1)",
            "1, 1",
        ),
        (
            "{{ .Values.m.z }}{{ $_ := merge .Values.m (dict \"z\" 1) }}",
            ".",
            "$",
            ", 1",
        ),
    ];
    for case in cases {
        assert!(!is_second_repeated(case), "{case:?}");
    }
}

#[test]
fn a_change_between_calls_is_seen() {
    let define = r#"{{ define "x" }}{{ .Values.m.k }}{{ end }}{{ define "y" }}{{ .k }}{{ end }}"#;
    let x = r#"{{ include "x" . }}"#;
    let y = r#"{{ $d := dict "k" 1 }}{{ include "y" $d }}"#;
    let cases = [
        (x, r#"{{ $_ := set .Values.m "k" 2 }}"#, x, "v2"),
        (x, r#"{{ $_ := set .Values "m" (dict "k" 3) }}"#, x, "v3"),
        (
            y,
            r#"{{ $_ := set $d "k" 2 }}"#,
            r#"{{ include "y" $d }}"#,
            "12",
        ),
        (
            y,
            r#"{{ $_ := unset $d "k" }}"#,
            r#"{{ include "y" $d }}."#,
            "1.",
        ),
        (
            y,
            r#"{{ $_ := mergeOverwrite $d (dict "k" 4) }}"#,
            r#"{{ include "y" $d }}"#,
            "14",
        ),
    ];
    for (before, change, behind, output) in cases {
        let text = format!("{define}{before}{change}{behind}");
        assert!(!is_repeated(&[("t.yaml", &text)], VALUES, output), "{text}");
    }
    // What no call has seen may change.
    let text = format!(r#"{define}{x}{{{{ $d := dict }}}}{{{{ $_ := set $d "k" 1 }}}}{x}"#);
    assert!(is_repeated(&[("t.yaml", &text)], VALUES, "vv"));
}

#[test]
fn each_file_knows_its_own_name() {
    let short = r#"{{ include "x" . }}"#;
    let nested = r#"{{ include "x" (dict "d" .) }}"#;
    let cases = [
        ("{{ .Template.Name }}", short),
        ("{{ $t := .Template }}{{ $t.Name }}", short),
        ("{{ with .Template }}{{ include \"y\" . }}{{ end }}", short),
        ("{{ get (get . \"Template\") \"Name\" }}", short),
        ("{{ index . \"Template\" \"Name\" }}", short),
        (
            "{{ (dict \"t\" .Template | toJson | fromJson).t.Name }}",
            short,
        ),
        ("{{ tpl \"{{ .Template.Name }}\" . }}", short),
        (
            "{{ (fromYaml (toYaml (omit . \"Files\" \"Capabilities\"))).Template.Name }}",
            short,
        ),
        ("{{ (pick . \"Template\").Template.Name }}", short),
        (
            "{{ range $k, $v := . }}{{ if eq $k \"Template\" }}{{ $v.Name }}{{ end }}{{ end }}",
            short,
        ),
        (
            "{{ (deepCopy (pick . \"Template\")).Template.Name }}",
            short,
        ),
        ("{{ (index .d \"Template\").Name }}", nested),
        ("{{ index . \"d\" \"Template\" \"Name\" }}", nested),
        ("{{ (merge (dict) .d).Template.Name }}", nested),
        (
            "{{ (merge (dict \"d\" (dict)) .).d.Template.Name }}",
            nested,
        ),
        ("{{ range . }}{{ .Template.Name }}{{ end }}", nested),
        (
            "{{ (index . 0).Template.Name }}",
            r#"{{ include "x" (list .) }}"#,
        ),
        (
            "{{ range values . }}{{ .Name }}{{ end }}",
            r#"{{ include "x" (pick . "Template") }}"#,
        ),
        (
            "{{ .Values.m.t.Template.Name }}",
            r#"{{ $_ := set .Values.m "t" . }}{{ include "x" . }}"#,
        ),
        (
            "{{ regexFind \"c/[^ ]*yaml\" (print .Values.m) }}",
            r#"{{ $_ := set .Values.m "t" .Template }}{{ include "x" . }}"#,
        ),
        (
            "{{ template \"gotpl\" . }}",
            r#"{{ tpl "{{ if .Values }}{{ include \"x\" .Template }}{{ else }}{{ .Name }}{{ end }}" . }}"#,
        ),
    ];
    for (body, file) in cases {
        let helpers = format!(
            r#"{{{{ define "x" }}}}{body}{{{{ end }}}}{{{{ define "y" }}}}{{{{ .Name }}}}{{{{ end }}}}"#
        );
        let files = [
            ("_h.tpl", helpers.as_str()),
            ("a.yaml", file),
            ("b.yaml", file),
        ];
        let output = "c/templates/b.yamlc/templates/a.yaml";
        assert!(!is_repeated(&files, VALUES, output), "{body}");
    }
    let files = [
        (
            "_h.tpl",
            r#"{{ define "x" }}{{ range .Values.l }}{{ . }}{{ $.Chart.Name }}{{ end }}{{ end }}"#,
        ),
        ("a.yaml", short),
        ("b.yaml", short),
    ];
    assert!(is_repeated(&files, VALUES, "1c2c1c2c"));
}

#[test]
fn what_a_call_depends_on_is_known_of_those_around_it_too() {
    // `x` repeats `y`, which asked which file is executed.
    let helpers = r#"{{ define "y" }}{{ .Template.Name }};{{ end }}{{ define "x" }}{{ include "y" . }}{{ end }}"#;
    let file = r#"{{ include "y" . }}{{ include "x" . }}"#;
    let files = [("_h.tpl", helpers), ("a.yaml", file), ("b.yaml", file)];
    let (a, b) = ("c/templates/a.yaml;", "c/templates/b.yaml;");
    assert!(is_repeated(&files, VALUES, &[b, b, a, a].concat()));
    // And here, one that wrote keys, which stand in another place in the last call.
    let text = r#"{{ define "y" }}{{ range $k, $v := . }}{{ $k }}{{ end }}{{ end }}{{ define "x" }}{{ include "y" . }}{{ end }}{{ $d := dict "v" .Values.a }}{{ include "y" $d }}{{ include "x" $d }}{{ include "x" (dict "v" .Values.a) }}"#;
    assert!(is_repeated(&[("t.yaml", text)], VALUES, "vvv"));
}

#[test]
fn a_template_of_the_same_name_is_another_one() {
    let define = r#"{{ define "x" }}{{ include "y" . }}{{ end }}{{ define "y" }}1{{ end }}"#;
    let inner = r#"{{ tpl "{{ define \"y\" }}2{{ end }}{{ include \"x\" . }}" . }}"#;
    let text = format!(r#"{define}{{{{ include "x" . }}}}{inner}"#);
    assert!(!is_repeated(&[("t.yaml", &text)], VALUES, "12"));
}

#[test]
fn chance_differs_from_turn_to_turn() {
    let text = r#"{{ define "x" }}{{ randAlphaNum 8 }};{{ end }}{{ range until 3 }}{{ include "x" $ }}{{ end }}{{ range .Values.m }}{{ range $.Values.l }}{{ randNumeric 4 }};{{ end }}{{ end }}"#;
    let render = || {
        let rendered = render_as(&[("t.yaml", text)], VALUES, Limits::default(), |_| {});
        lossy(rendered.text("c/templates/t.yaml"))
    };
    let first = render();
    let mut parts: Vec<&str> = first.split_terminator(';').collect();
    assert_eq!(parts.len(), 5);
    parts.sort_unstable();
    parts.dedup();
    assert_eq!(parts.len(), 5, "{first}");
    assert_eq!(render(), first);
}
