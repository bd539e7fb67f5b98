//! Two engines that share the files of a chart give what one gives.
//!
//! Each case is rendered by one engine, and by two of which the other one has all files from a
//! certain one on: texts, errors and every origin have to be the same.

use std::cell::{Cell, RefCell};

use super::super::{Half, Limits, Share};
use super::memo::told;
use super::{Rendered, lossy, prepared, render_within};
use crate::source::Text;

const VALUES: &str =
    r#"{"a": "A", "b": "B", "m": {"k": "v"}, "l": [1, 2], "t": "{{ .Values.a }}"}"#;

/// Renders with two engines, the first of which takes so many files. Whether it was given what the
/// other one did.
fn render_as_two(
    templates: &[(&str, &str)],
    json: &str,
    limits: Limits,
    own: usize,
) -> (Rendered, bool) {
    let (program, jobs, mut engine, values) = prepared(templates, json, limits);
    let share = Share::of(&jobs);
    let other = || -> Option<Half> {
        let (_, jobs, engine, _) = prepared(templates, json, limits);
        engine.render_last(&jobs, &share)
    };
    let half = RefCell::new(if own == 0 { other() } else { None });
    let is_given = Cell::new(false);
    let ask = || {
        let half = half.take();
        is_given.set(half.is_some());
        half
    };
    let mut names = Vec::new();
    let each = |name: &str, _: &mut Text| {
        names.push(name.to_owned());
        if names.len() == own {
            half.replace(other());
        }
    };
    let outcome = engine.render_shared(&program, &jobs, &share, ask, each);
    let texts: Vec<&String> = outcome.texts.iter().map(|(name, _)| name).collect();
    assert_eq!(names.iter().collect::<Vec<_>>(), texts, "each is told once");
    let rendered = Rendered {
        engine,
        outcome,
        values,
    };
    (rendered, is_given.get())
}

/// What is seen of a rendering.
fn seen(rendered: &mut Rendered) -> (Vec<(String, String)>, Vec<String>, String) {
    let texts = rendered.outcome.texts.iter();
    let texts = texts.map(|(name, text)| (name.clone(), lossy(text)));
    let texts = texts.collect();
    let errors: Vec<_> = rendered.outcome.errors.drain(..).collect();
    let origins = rendered.engine.origins();
    let errors = errors.into_iter().map(|error| {
        let blame = origins.spans(error.blame);
        format!(
            "{} {:?} {:?} {blame:?}",
            error.message, error.span, error.trace
        )
    });
    let errors = errors.collect();
    let trail = format!("{:?}", rendered.engine.trail().branches());
    (texts, errors, trail)
}

#[track_caller]
fn are_same(templates: &[(&str, &str)], json: &str, limits: Limits) {
    let mut alone = render_within(templates, json, limits);
    let (known, told_alone) = (seen(&mut alone), told(&mut alone));
    for own in 0..=templates.len() {
        let (mut shared, _) = render_as_two(templates, json, limits, own);
        assert_eq!(seen(&mut shared), known, "{own} of {templates:?}");
        assert_eq!(told(&mut shared), told_alone, "{own} of {templates:?}");
        let is_exhausted = alone.engine.is_exhausted();
        assert_eq!(shared.engine.is_exhausted(), is_exhausted, "{own}");
    }
}

const HELPERS: (&str, &str) = (
    "_h.tpl",
    r#"{{ define "x" }}{{ if .Values.a }}{{ .Values.a | upper }}{{ end }}{{ end }}{{ define "stop" }}{{ fail .Values.b }}{{ end }}"#,
);

#[test]
fn texts_and_origins_are_those_of_one_engine() {
    let files = [
        HELPERS,
        (
            "a.yaml",
            r#"{{ include "x" . | indent 2 }}{{ .Template.Name }}"#,
        ),
        (
            "b.yaml",
            r#"{{ range .Values.l }}{{ include "x" $ }}{{ . }}{{ else }}none{{ end }}"#,
        ),
        (
            "c.yaml",
            r#"{{ tpl .Values.t . }}{{ with .Values.m }}{{ toYaml . }}{{ end }}"#,
        ),
        (
            "d.yaml",
            r#"{{ $d := dict "k" .Values.b }}{{ $_ := set $d "l" 1 }}{{ $d.k }}{{ randAlpha 4 }}"#,
        ),
        (
            "e.yaml",
            r#"{{ tpl .Values.t . }}{{ default .Values.b .Values.none }}"#,
        ),
    ];
    are_same(&files, VALUES, Limits::default());
}

#[test]
fn errors_stand_in_the_order_of_the_files() {
    let files = [
        HELPERS,
        ("a.yaml", r#"{{ include "stop" . }}"#),
        ("b.yaml", r#"{{ .Values.a.b }}"#),
        ("c.yaml", r#"{{ include "x" . }}"#),
        ("d.yaml", r#"{{ tpl "{{ required .Values.b nil }}" . }}"#),
    ];
    are_same(&files, VALUES, Limits::default());
}

#[test]
fn a_change_that_other_files_see_is_made_in_order() {
    for change in [
        r#"{{ $_ := set .Values "a" (print .Values.a "+") }}"#,
        r#"{{ $_ := set .Values.m "k" (print .Values.m.k "+") }}"#,
        r#"{{ $_ := unset .Values.m "k" }}"#,
        r#"{{ $_ := mergeOverwrite .Values (dict "a" "C") }}"#,
        r#"{{ $_ := set . "extra" (print .extra .Values.a) }}"#,
    ] {
        for at in 0..3 {
            let text = |own: usize| {
                let change = if own == at { change } else { "" };
                format!("{change}{{{{ .Values.a }}}}{{{{ .Values.m.k }}}}{{{{ .extra }}}}")
            };
            let [a, b, c] = [text(0), text(1), text(2)];
            let files = [("a.yaml", &*a), ("b.yaml", &*b), ("c.yaml", &*c)];
            are_same(&files, VALUES, Limits::default());
        }
    }
}

#[test]
fn a_budget_ends_where_it_ends_for_one_engine() {
    let turns =
        |count: usize| format!("{{{{ range until {count} }}}}{{{{ $.Values.a }}}}{{{{ end }}}}");
    let [a, b, c] = [turns(20), turns(50), turns(20)];
    let files = [("a.yaml", &*a), ("b.yaml", &*b), ("c.yaml", &*c)];
    for fuel in [50, 100, 150, 200, 300, 400, 600, 800, 1_200, 5_000] {
        let limits = Limits {
            fuel,
            ..Limits::default()
        };
        are_same(&files, VALUES, limits);
    }
    for output in [10, 30, 60, 90, 200] {
        let limits = Limits {
            output,
            ..Limits::default()
        };
        are_same(&files, VALUES, limits);
    }
}

#[test]
fn what_the_other_engine_did_is_of_use_unless_it_changed_what_others_see() {
    let files = [("a.yaml", "{{ .Values.a }}"), ("b.yaml", "{{ .Values.b }}")];
    let change = r#"{{ $_ := set .Values "a" 1 }}"#;
    let changed = [("a.yaml", change), ("b.yaml", "{{ .Values.b }}")];
    for own in 0..2 {
        let is_given = |files| render_as_two(files, VALUES, Limits::default(), own).1;
        assert!(is_given(&files), "{own}");
        assert!(!is_given(&changed), "{own}");
    }
}
