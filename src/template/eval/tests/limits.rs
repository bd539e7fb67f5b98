//! What a template cannot make grow without end.

use super::super::Limits;
use super::{on_large_stack, render_within};

#[track_caller]
fn stops(template: &str, values: &str, limits: Limits, core: &str) {
    let rendered = render_within(&[("t.yaml", template)], values, limits);
    let [error] = rendered.outcome.errors.as_slice() else {
        panic!("{:?}", rendered.outcome.errors);
    };
    assert_eq!(error.core, core);
    assert!(rendered.engine.is_exhausted());
}

#[test]
fn work_output_and_depth_are_counted() {
    let few = Limits {
        fuel: 1000,
        ..Limits::default()
    };
    let loops = "{{ range until 100 }}{{ range until 100 }}x{{ end }}{{ end }}";
    stops(loops, "{}", few, "too many steps of work on templates");
    let small = Limits {
        output: 1000,
        ..Limits::default()
    };
    stops(loops, "{}", small, "too many bytes of output");
    on_large_stack(|| {
        let mutual = "{{ define \"a\" }}{{ template \"b\" }}{{ end }}\
                      {{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ template \"a\" }}";
        let what = "too many templates that call templates, in depth";
        stops(mutual, "{}", Limits::default(), what);
    });
}

/// The deepest that the parser lets through, in the deepest recursion, fits the stack.
#[test]
fn the_deepest_nesting_fits_the_stack() {
    on_large_stack(|| {
        let deep = 400;
        let open = "{{ if true }}".repeat(deep);
        let close = "{{ end }}".repeat(deep);
        let template = format!(
            "{{{{ define \"r\" }}}}{open}{{{{ include \"r\" . }}}}{close}{{{{ end }}}}{{{{ include \"r\" . }}}}"
        );
        let what = "too many blocks and calls within each other";
        stops(&template, "{}", Limits::default(), what);
        let parens = format!("{}1{}", "(".repeat(deep), ")".repeat(deep));
        let template = format!(
            "{{{{ define \"r\" }}}}{{{{ or (include \"r\" .) {parens} }}}}{{{{ end }}}}{{{{ include \"r\" . }}}}"
        );
        let rendered = render_within(&[("t.yaml", &template)], "{}", Limits::default());
        assert_eq!(rendered.outcome.errors.len(), 1);
    });
}

#[test]
fn fuel_is_the_same_on_every_run() {
    let template = "{{ range $i := until 50 }}{{ printf \"%d\" $i }}{{ end }}";
    let used = || {
        render_within(&[("t.yaml", template)], "{}", Limits::default())
            .engine
            .fuel_used()
    };
    assert_eq!(used(), used());
}
