//! Which template bytes and which values the bytes of an output name.
//!
//! A case marks pieces of the output. For each it says the template bytes that wrote it (copied
//! ones as they are, printed ones by their action; `+` between stretches of different origin), the
//! values that were printed into it, and the values that decided whether it is there.

use super::{lossy, render};
use crate::source::{ContextId, FileId, Origins, Prov, Sources, Span, Text};

struct Mark<'a> {
    output: &'a str,
    template: &'a str,
    data: &'a str,
    control: &'a str,
}

fn mark<'a>(output: &'a str, template: &'a str, data: &'a str, control: &'a str) -> Mark<'a> {
    Mark {
        output,
        template,
        data,
        control,
    }
}

/// The spans of a set that lie in a file, as text, in order, without repetition.
fn named(prov: Prov, file: FileId, sources: &Sources, origins: &Origins) -> String {
    let spans = origins.spans(prov);
    let texts = spans.iter().filter(|span| span.file() == file);
    let mut texts: Vec<_> = texts
        .map(|span| String::from_utf8_lossy(sources.slice(*span)).into_owned())
        .collect();
    texts.dedup();
    texts.join(" ")
}

/// What is known of the bytes `from..to`: template, data, control.
fn told(
    text: &Text,
    (from, to): (usize, usize),
    values: FileId,
    sources: &Sources,
    origins: &mut Origins,
) -> (String, String, String) {
    let mut template: Vec<String> = Vec::new();
    let (mut data, mut control) = (Prov::NONE, Prov::NONE);
    for run in text.runs(from, to) {
        if run.start == run.end && from != to {
            continue;
        }
        let origin = *origins.origin(run.origin);
        data = origins.union(data, origin.data);
        let above = origins.control(origin.context, ContextId::default());
        control = origins.union(control, above);
        let bytes = origin.at.map(|span| {
            let len = run.end - run.start;
            let span = if origin.exact {
                span.slice(run.skip, run.skip + len)
            } else {
                span
            };
            String::from_utf8_lossy(sources.slice(span)).into_owned()
        });
        let bytes = bytes.unwrap_or_else(|| "?".to_owned());
        if template.last() != Some(&bytes) {
            template.push(bytes);
        }
    }
    (
        template.join("+"),
        named(data, values, sources, origins),
        named(control, values, sources, origins),
    )
}

#[track_caller]
fn files(templates: &[(&str, &str)], values: &str, output: &str, marks: &[Mark<'_>]) {
    let mut rendered = render(templates, values);
    let (name, _) = templates.last().unwrap();
    let name = format!("c/templates/{name}");
    let text = rendered.text(&name).clone();
    let shown = lossy(&text);
    assert_eq!(shown, output);
    let sources = rendered.engine.sources().clone();
    let file = rendered.values;
    let origins = rendered.engine.origins();
    for mark in marks {
        let from = shown.find(mark.output).unwrap();
        let range = (from, from + mark.output.len());
        let (template, data, control) = told(&text, range, file, &sources, origins);
        let want = (mark.template, mark.data, mark.control);
        let got = (&*template, &*data, &*control);
        assert_eq!(got, want, "{:?}: (template, data, control)", mark.output);
    }
}

#[track_caller]
fn case(template: &str, values: &str, output: &str, marks: &[Mark<'_>]) {
    files(&[("t.yaml", template)], values, output, marks);
}

#[test]
fn copies_and_prints() {
    case(
        "a: {{ .Values.x }}!",
        r#"{"x": "one"}"#,
        "a: one!",
        &[
            mark("a: ", "a: ", "", ""),
            mark("one", "{{ .Values.x }}", "\"one\"", ""),
            mark("!", "!", "", ""),
        ],
    );
    case(
        "{{ .Values.n }}{{ .Values.b -}}\n  .",
        r#"{"n": 3, "b": true}"#,
        "3true.",
        &[
            mark("3", "{{ .Values.n }}", "3", ""),
            mark("true", "{{ .Values.b -}}", "true", ""),
            mark(".", ".", "", ""),
        ],
    );
}

#[test]
fn literals_name_their_own_bytes() {
    case(
        r#"{{ "abc" }}{{ `d` }}{{ "x\ty" }}"#,
        "{}",
        "abcdx\ty",
        &[
            mark("b", "b", "", ""),
            mark("d", "d", "", ""),
            mark("x", r#""x\ty""#, "", ""),
        ],
    );
    case(
        r#"{{ .Values.x | default "no" }}"#,
        r#"{"x": ""}"#,
        "no",
        &[mark("no", "no", "", "\"\"")],
    );
    case(
        r#"{{ .Values.x | default "no" }}"#,
        r#"{"x": "yes"}"#,
        "yes",
        &[mark(
            "yes",
            r#"{{ .Values.x | default "no" }}"#,
            "\"yes\"",
            "",
        )],
    );
    case(
        r#"{{ ternary "on" .Values.off .Values.c }}"#,
        r#"{"c": true, "off": "0"}"#,
        "on",
        &[mark("on", "on", "", "true")],
    );
}

#[test]
fn conditions_and_loops_are_control() {
    case(
        "{{ if .Values.c }}A{{ else }}B{{ .Values.x }}{{ end }}C",
        r#"{"c": false, "x": 1}"#,
        "B1C",
        &[
            mark("B", "B", "", "false"),
            mark("1", "{{ .Values.x }}", "1", "false"),
            mark("C", "C", "", ""),
        ],
    );
    case(
        "{{ with .Values.m }}{{ .a }}{{ end }}{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }};{{ end }}",
        r#"{"m": {"a": "x", "b": "y"}}"#,
        "xa=x;b=y;",
        &[
            mark("x", "{{ .a }}", "\"x\"", "\"m\""),
            mark("b", "{{ $k }}", "\"b\"", "\"m\""),
            mark("=y", "=+{{ $v }}", "\"y\"", "\"m\""),
        ],
    );
    case(
        "{{ range .Values.l }}{{ .n }} {{ end }}",
        r#"{"l": [{"n": 1}, {"n": 2}]}"#,
        "1 2 ",
        &[mark("2", "{{ .n }}", "2", "\"l\"")],
    );
}

/// Whether a loop comes to what is behind a jump depends on all conditions of its jumps so far.
#[test]
fn the_condition_of_a_jump_is_control_of_what_follows_in_the_loop() {
    case(
        "{{ range .Values.l }}<{{ if eq . $.Values.last }}{{ break }}{{ end }}{{ . }}>{{ end }}!",
        r#"{"l": ["a", "b", "c"], "last": "c"}"#,
        "<a><b><!",
        &[
            mark("a", "{{ . }}", "\"a\"", "\"l\" \"a\" \"c\""),
            mark("<b", "<+{{ . }}", "\"b\"", "\"l\" \"a\" \"b\" \"c\""),
            mark("!", "!", "", ""),
        ],
    );
    case(
        "{{ range .Values.l }}{{ with .skip }}{{ if . }}{{ continue }}{{ end }}{{ end }}{{ .n }}{{ end }}",
        r#"{"l": [{"n": 1, "skip": true}, {"n": 2, "skip": false}]}"#,
        "2",
        &[mark("2", "{{ .n }}", "2", "\"l\" true false")],
    );
    // A jump ends the loop that it stands in, and no other.
    case(
        "{{ range .Values.l }}{{ range . }}{{ if eq . 1.0 }}{{ break }}{{ end }}{{ end }}{{ len . }}{{ end }}",
        r#"{"l": [[1, 2]]}"#,
        "2",
        &[mark("2", "{{ len . }}", "\"l\"", "\"l\"")],
    );
    // What a loop leaves in a variable is there because of its jumps, too.
    case(
        "{{ $x := 0 }}{{ range .Values.l }}{{ if gt . $.Values.most }}{{ break }}{{ end }}{{ $x = . }}{{ end }}{{ $x }}",
        r#"{"l": [3, 5], "most": 4}"#,
        "3",
        &[mark("3", "{{ $x }}", "\"l\" 3 5 4", "")],
    );
}

#[test]
fn a_choice_by_and_or_is_control() {
    case(
        "{{ and .Values.a .Values.b }} {{ or .Values.a .Values.b }}",
        r#"{"a": "x", "b": "y"}"#,
        "y x",
        &[
            mark("y", "{{ and .Values.a .Values.b }}", "\"x\" \"y\"", ""),
            mark("x", "{{ or .Values.a .Values.b }}", "\"x\"", ""),
        ],
    );
    case(
        r#"{{ or .Values.a "lit" }}{{ if and .Values.b (or .Values.a .Values.c) }}!{{ end }}"#,
        r#"{"a": "", "b": 1, "c": 2}"#,
        "lit!",
        &[
            mark("lit", "lit", "", "\"\""),
            mark("!", "!", "", "\"\" 1 2"),
        ],
    );
}

#[test]
fn what_could_have_been_there_leaves_a_mark() {
    let text = "a{{ if .Values.c }}B{{ end }}z";
    let mut rendered = render(&[("t.yaml", text)], r#"{"c": false}"#);
    let out = rendered.text("c/templates/t.yaml").clone();
    let sources = rendered.engine.sources().clone();
    let values = rendered.values;
    let told = told(&out, (1, 1), values, &sources, rendered.engine.origins());
    assert_eq!(lossy(&out), "az");
    assert!(told.0.contains("{{ if .Values.c }}B{{ end }}"), "{told:?}");
    assert_eq!(told.2, "false");
}

#[test]
fn what_is_missing_names_the_map_it_would_stand_in() {
    let text = "a{{ .Values.m.x }}z";
    let mut rendered = render(&[("t.yaml", text)], r#"{"m": {"y": 1}}"#);
    let out = rendered.text("c/templates/t.yaml").clone();
    let sources = rendered.engine.sources().clone();
    let values = rendered.values;
    let told = told(&out, (1, 1), values, &sources, rendered.engine.origins());
    assert_eq!(lossy(&out), "az");
    assert!(told.0.contains("{{ .Values.m.x }}"), "{told:?}");
    assert_eq!(told.1, "\"m\"");
}

#[test]
fn include_keeps_the_places_of_what_it_includes() {
    let helper = "{{ define \"l\" }}k: {{ .x }}{{ if .y }}, y{{ end }}{{ end }}";
    files(
        &[
            ("_h.tpl", helper),
            ("t.yaml", "{{ include \"l\" .Values | nindent 2 }}."),
        ],
        r#"{"x": "v", "y": true}"#,
        "\n  k: v, y.",
        &[
            mark("k: ", "k: ", "", ""),
            mark("v", "{{ .x }}", "\"v\"", ""),
            mark(", y", ", y", "", "true"),
            mark(".", ".", "", ""),
        ],
    );
    files(
        &[
            ("_h.tpl", helper),
            ("t.yaml", "{{ template \"l\" .Values }}"),
        ],
        r#"{"x": "v", "y": false}"#,
        "k: v",
        &[mark("k: v", "k: +{{ .x }}", "\"v\"", "")],
    );
}

#[test]
fn a_condition_on_an_include_depends_on_the_conditions_inside() {
    let helper =
        "{{ define \"on\" }}{{ if .Values.a }}{{ if .Values.b }}yes{{ end }}{{ end }}{{ end }}";
    for (values, output, control) in [
        (r#"{"a": true, "b": 1}"#, "T", "true 1"),
        (r#"{"a": true, "b": 0}"#, "F", "true 0"),
        (r#"{"a": false, "b": 0}"#, "F", "false"),
    ] {
        files(
            &[
                ("_h.tpl", helper),
                ("t.yaml", "{{ if include \"on\" . }}T{{ else }}F{{ end }}"),
            ],
            values,
            output,
            &[mark(output, output, "", control)],
        );
    }
}

#[test]
fn variables_depend_on_the_conditions_of_their_assignments() {
    for (values, output, control) in [
        (r#"{"c": true, "x": "X"}"#, "new", "true"),
        (r#"{"c": false, "x": "X"}"#, "old", "false"),
    ] {
        case(
            "{{ $v := \"old\" }}{{ if .Values.c }}{{ $v = \"new\" }}{{ end }}{{ $v }}",
            values,
            output,
            &[mark(output, output, "", control)],
        );
    }
    case(
        "{{ $v := 0 }}{{ range .Values.l }}{{ $v = . }}{{ end }}{{ $v }}",
        r#"{"l": [7, 8]}"#,
        "8",
        &[mark("8", "{{ $v }}", "\"l\" 8", "")],
    );
}

#[test]
fn text_kept_in_a_variable_stands_in_the_context_it_is_printed_in() {
    files(
        &[
            (
                "_h.tpl",
                "{{ define \"h\" }}{{ if .Values.a }}A{{ end }}{{ end }}",
            ),
            (
                "t.yaml",
                "{{ $t := include \"h\" . }}{{ if .Values.c }}{{ $t }}{{ end }}",
            ),
        ],
        r#"{"a": 1, "c": 2}"#,
        "A",
        &[mark("A", "A", "", "1 2")],
    );
}

#[test]
fn tpl_names_the_text_it_was_given() {
    case(
        r#"{{ tpl "a{{ .Values.x }}b" . }}"#,
        r#"{"x": "v"}"#,
        "avb",
        &[
            mark("a", "a", "", ""),
            mark("v", "{{ .Values.x }}", "\"v\"", ""),
            mark("b", "b", "", ""),
        ],
    );
    case(
        "{{ tpl .Values.t . }}",
        r#"{"t": "a{{ .Values.x }}b{{ if .Values.c }}c{{ end }}", "x": "v", "c": true}"#,
        "avbc",
        &[
            mark(
                "a",
                "{{ tpl .Values.t . }}",
                "\"a{{ .Values.x }}b{{ if .Values.c }}c{{ end }}\"",
                "",
            ),
            mark(
                "v",
                "{{ tpl .Values.t . }}",
                "\"a{{ .Values.x }}b{{ if .Values.c }}c{{ end }}\" \"v\"",
                "",
            ),
            mark(
                "c",
                "{{ tpl .Values.t . }}",
                "\"a{{ .Values.x }}b{{ if .Values.c }}c{{ end }}\"",
                "\"a{{ .Values.x }}b{{ if .Values.c }}c{{ end }}\" true",
            ),
        ],
    );
}

#[test]
fn set_under_a_condition_depends_on_it() {
    case(
        "{{ $d := dict }}{{ if .Values.c }}{{ $_ := set $d \"k\" .Values.x }}{{ end }}{{ $d.k }}",
        r#"{"c": true, "x": "X"}"#,
        "X",
        &[mark("X", "{{ $d.k }}", "true \"X\"", "")],
    );
}

#[test]
fn absent_keys_depend_on_what_would_have_set_them_and_what_took_them_out() {
    let absent = |template: &str, output: &str, of: &str, control: &str| {
        let values = r#"{"m": {"k": 1}, "no": false, "yes": true, "key": "k"}"#;
        case(template, values, output, &[mark(output, of, "", control)]);
    };
    let last = "{{ .Values.m.z | default \"none\" }}";
    let set = "{{ if .Values.no }}{{ $_ := set .Values.m \"z\" 1 }}{{ end }}";
    absent(&format!("{set}{last}"), "none", "none", "\"m\" false");
    let root = "{{ $v := .Values }}{{ if .Values.no }}{{ $_ := set $v.m \"z\" 1 }}{{ end }}";
    absent(&format!("{root}{last}"), "none", "none", "\"m\" false");
    let other = "{{ if .Values.no }}{{ $_ := set .Values.m \"y\" 1 }}{{ end }}";
    absent(&format!("{other}{last}"), "none", "none", "\"m\"");
    let gone = "{{ .Values.m.k | default \"none\" }}";
    let unset = "{{ if .Values.yes }}{{ $_ := unset .Values.m .Values.key }}{{ end }}";
    absent(
        &format!("{unset}{gone}"),
        "none",
        "none",
        "\"m\" true \"k\"",
    );
    let helper = "{{ define \"h\" }}{{ if .yes }}{{ $_ := unset .m \"k\" }}{{ end }}{{ end }}";
    absent(
        &format!("{helper}{{{{ include \"h\" .Values }}}}{gone}"),
        "none",
        "none",
        "\"m\" true",
    );
    let has = "{{ hasKey .Values.m \"k\" }}";
    let values = r#"{"m": {"k": 1}, "yes": true}"#;
    case(
        &format!("{{{{ if .Values.yes }}}}{{{{ $_ := unset .Values.m \"k\" }}}}{{{{ end }}}}{has}"),
        values,
        "false",
        &[mark("false", has, "\"m\" true", "")],
    );
}

#[test]
fn bodies_without_bytes_leave_a_mark_where_the_others_could_stand() {
    for template in [
        "{{ if .Values.c }}{{ else }}x{{ end }}",
        "{{ with .Values.c }}{{ else }}x{{ end }}",
        "{{ if not .Values.c }}x{{ end }}",
    ] {
        let marks = [mark("", template, "", "true")];
        case(template, r#"{"c": true}"#, "", &marks);
    }
}

/// Where a text has marks of no bytes, and what decided that there is nothing.
#[track_caller]
fn marks(text: &str, values: &str, output: &str, expected: &[(usize, &str)]) {
    let mut rendered = render(&[("t.yaml", text)], values);
    let text = rendered.text("c/templates/t.yaml").clone();
    assert_eq!(lossy(&text), output);
    let (sources, values) = (rendered.engine.sources().clone(), rendered.values);
    let origins = rendered.engine.origins();
    let marks = text.runs(0, text.len()).filter(|run| run.start == run.end);
    let marks = marks.map(|run| {
        let data = origins.origin(run.origin).data;
        (run.start, named(data, values, &sources, origins))
    });
    let marks: Vec<_> = marks.filter(|(_, of)| !of.is_empty()).collect();
    let marks: Vec<_> = marks.iter().map(|(at, of)| (*at, of.as_str())).collect();
    assert_eq!(marks, expected);
}

#[test]
fn maps_within_others_know_what_decided_their_keys() {
    marks(
        "{{ $d := dict \"a\" 1 }}{{ if .Values.c }}{{ $_ := set $d \"b\" 2 }}{{ end }}\
         {{ toJson (dict \"d\" $d) }} {{ toYaml (dict \"d\" $d) }}",
        r#"{"c": false}"#,
        "{\"d\":{\"a\":1}} d:\n  a: 1",
        &[(5, "false"), (19, "false")],
    );
    // What is merged into one has nothing for it.
    marks(
        "{{ $d := dict \"d\" (dict \"a\" 1) }}{{ toJson (merge $d .Values) }}",
        r#"{"d": {}}"#,
        "{\"d\":{\"a\":1}}",
        &[(5, "\"d\"")],
    );
}

#[test]
fn numbers_up_to_an_end_are_no_part_of_it() {
    let text = "{{ range until (int .Values.n) }}{{ . }}{{ end }}\
                {{ range untilStep (int .Values.a) (int .Values.n) 1 }}{{ . }}{{ end }}";
    let mut rendered = render(&[("t.yaml", text)], r#"{"n": 2, "a": 1}"#);
    let text = rendered.text("c/templates/t.yaml").clone();
    assert_eq!(lossy(&text), "011");
    let sources = rendered.engine.sources().clone();
    let origins = rendered.engine.origins();
    let shown = |spans: Vec<Span>| {
        let texts = spans.iter().map(|span| sources.slice(*span).to_vec());
        String::from_utf8(texts.collect::<Vec<_>>().concat()).unwrap()
    };
    let data = [0, 1, 2].map(|at| {
        let run = text.runs(at, at + 1).find(|run| run.end > run.start);
        let data = origins.origin(run.unwrap().origin).data;
        let (data, control) = origins.told_apart(data);
        [shown(data), shown(control)]
    });
    assert_eq!(data, [["", "2"], ["", "2"], ["1", "2"]]);
}

#[test]
fn branches_are_known() {
    let text = "{{ if .Values.c }}x{{ end }}{{ range .Values.l }}y{{ end }}";
    let rendered = render(&[("t.yaml", text)], r#"{"c": true, "l": []}"#);
    let branches = rendered.engine.trail().branches();
    let ways: Vec<_> = branches.values().map(|way| (way.body, way.other)).collect();
    assert_eq!(ways, [(true, false), (false, true)]);
}

#[test]
fn values_of_types_with_names_are_named_however_they_are_written() {
    let values = r#"{"v": "1.2.3", "d": "90s", "t": "2020", "k": "key"}"#;
    let printed = "{{ printf \"%d\" (mustToDuration .Values.d) }}";
    let yaml = "{{ toYamlPretty (dict .Values.k (toDate \"2006\" .Values.t)) }}";
    case(
        &format!(
            "a: {{{{ toJson (semver .Values.v) }}}}\nb: {printed}\n{yaml}\n\
             {{{{ (toDate \"2006\" .Values.t).AddDate 1 0 0 | date \"2006\" }}}}\n"
        ),
        values,
        "a: \"1.2.3\"\nb: 90000000000\nkey: 2020-01-01T00:00:00Z\n2021\n",
        &[
            mark(
                "\"1.2.3\"",
                "{{ toJson (semver .Values.v) }}",
                "\"1.2.3\"",
                "",
            ),
            mark("90000000000", printed, "\"90s\"", ""),
            mark("key", yaml, "\"key\"", ""),
            mark("2020-01-01T00:00:00Z", yaml, "\"2020\"", ""),
            mark(
                "2021",
                "{{ (toDate \"2006\" .Values.t).AddDate 1 0 0 | date \"2006\" }}",
                "\"2020\"",
                "",
            ),
        ],
    );
}
