//! What is told of a template that stops. The messages are Helm 4.3.1's own.

use super::{on_large_stack, render};

/// The message, and the bytes that are blamed.
#[track_caller]
fn case(template: &str, values: &str, message: &str, blamed: &str) {
    let rendered = render(&[("t.yaml", template)], values);
    let [error] = rendered.outcome.errors.as_slice() else {
        panic!("{template}: {:?}", rendered.outcome.errors);
    };
    assert_eq!(error.message, message, "{template}");
    let bytes = rendered.engine.sources().slice(error.span);
    assert_eq!(String::from_utf8_lossy(bytes), blamed, "{template}");
}

#[test]
fn the_smallest_bytes_are_blamed() {
    case(
        "a\n{{ .Values.x.y.z }}",
        "{}",
        "c/templates/t.yaml:2:10\n  executing \"c/templates/t.yaml\" at <.Values.x.y.z>:\n    \
         nil pointer evaluating interface {}.y",
        "y",
    );
    case(
        "{{ upper .Values.n }}",
        r#"{"n": 1}"#,
        "c/templates/t.yaml:1:16\n  executing \"c/templates/t.yaml\" at <.Values.n>:\n    \
         wrong type for value; expected string; got float64",
        ".Values.n",
    );
    case(
        "{{ upper \"a\" \"b\" }}",
        "{}",
        "c/templates/t.yaml:1:3\n  executing \"c/templates/t.yaml\" at <upper>:\n    \
         wrong number of args for upper: want 1 got 2",
        "upper",
    );
    case(
        "{{ fail \"no\" }}",
        "{}",
        "execution error at (c/templates/t.yaml:1:3): no",
        "fail \"no\"",
    );
    case(
        "{{ template \"none\" }}",
        "{}",
        "c/templates/t.yaml:1:12\n  executing \"c/templates/t.yaml\" at <{{template \"none\"}}>:\n    \
         template \"none\" not defined",
        "\"none\"",
    );
    case(
        "{{ if }}{{ end }}",
        "{}",
        "parse error at (c/templates/t.yaml:1): missing value for if",
        "}}",
    );
}

#[test]
fn every_file_is_told_of_and_what_follows_is_not() {
    let rendered = render(
        &[
            ("a.yaml", "{{ fail \"a\" }}"),
            ("b.yaml", "fine"),
            ("c.yaml", "{{ fail \"c\" }}{{ fail \"d\" }}"),
        ],
        "{}",
    );
    let cores: Vec<_> = rendered
        .outcome
        .errors
        .iter()
        .map(|error| &*error.core)
        .collect();
    assert_eq!(cores, ["c", "a"]);
    assert_eq!(rendered.outcome.texts.len(), 1);
    let rendered = render(
        &[
            ("_h.tpl", "{{ define \"x\" }}{{ if }}{{ end }}"),
            ("a.yaml", "{{ include \"x\" . }}{{ include \"y\" . }}"),
            ("b.yaml", "{{ fail \"b\" }}"),
        ],
        "{}",
    );
    let errors = &rendered.outcome.errors;
    assert!(errors.first().unwrap().message.starts_with("parse error"));
    assert_eq!(errors.last().unwrap().core, "b");
    assert!(
        !errors
            .iter()
            .any(|error| error.core.contains("no template"))
    );
}

#[test]
fn a_trace_tells_the_calls() {
    let rendered = render(
        &[
            (
                "_h.tpl",
                "{{ define \"in\" }}{{ .Values.a.b }}{{ end }}{{ define \"out\" }}{{ template \"in\" . }}{{ end }}",
            ),
            ("t.yaml", "{{ include \"out\" . }}"),
        ],
        "{}",
    );
    let error = rendered.outcome.errors.first().unwrap();
    let trace: Vec<_> = error.trace.iter().map(|frame| &*frame.what).collect();
    assert_eq!(trace, ["include \"in\"", "include \"out\""]);
    let bytes = rendered.engine.sources().slice(error.trace[1].span);
    assert_eq!(bytes, b"include \"out\" .");
}

#[test]
fn fail_blames_the_values_that_led_to_it() {
    let values = r#"{"c": true, "d": 1}"#;
    let mut rendered = render(
        &[("t.yaml", "{{ if .Values.c }}{{ fail \"no\" }}{{ end }}")],
        values,
    );
    let blame = rendered.outcome.errors[0].blame;
    let file = rendered.values;
    let spans = rendered.engine.origins().spans(blame);
    let spans: Vec<_> = spans.iter().filter(|span| span.file() == file).collect();
    assert_eq!(spans.len(), 1);
    assert_eq!(&values[spans[0].start()..spans[0].end()], "true");
}

#[test]
fn an_error_within_tpl_blames_the_value_or_its_call() {
    case(
        "{{ tpl .Values.t . }}",
        r#"{"t": "{{ .a.b.c }}"}"#,
        "template: c/templates/t.yaml:1:3: executing \"c/templates/t.yaml\" at <tpl .Values.t .>: \
         error calling tpl: error during tpl function execution for \"{{ .a.b.c }}\": template: \
         gotpl:1:5: executing \"gotpl\" at <.a.b.c>: nil pointer evaluating interface {}.b",
        "tpl .Values.t .",
    );
}

#[test]
fn a_byte_order_mark_is_not_of_the_template() {
    let rendered = render(&[("t.yaml", "\u{feff}{{ fail \"x\" }}")], "{}");
    let error = rendered.outcome.errors.first().unwrap();
    assert_eq!(
        error.message,
        "execution error at (c/templates/t.yaml:1:3): x"
    );
    let rendered = render(&[("t.yaml", "\u{feff}a")], "{}");
    assert_eq!(super::lossy(rendered.text("c/templates/t.yaml")), "a");
}

/// Helm's message is the whole chain: the outer call, a thousand and one within each other, and
/// what stopped the last.
#[test]
fn helm_bounds_recursion() {
    on_large_stack(|| {
        let template = "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}";
        let rendered = render(&[("t.yaml", template)], "{}");
        let message = &rendered.outcome.errors.first().unwrap().message;
        let level = "executing \"r\" at <include \"r\" .>: error calling include: ";
        assert_eq!(message.matches(level).count(), 1001);
        let end = "rendering template has a nested reference name: r: unable to execute template";
        assert!(message.ends_with(end));
        // As long as what Helm 4.3.1 printed, without `Error: ` and the advice to use `--debug`.
        assert_eq!(message.len(), 92_331 - "Error: ".len() - 46);
    });
}
