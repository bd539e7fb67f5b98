//! Files of the same bytes, as several charts of a tree carry the same library. Helm parses
//! `_z.tpl` before `_a.tpl`; of two templates of one name the later one counts.

use super::{lossy, render};

#[track_caller]
fn case(templates: &[(&str, &str)], name: &str, expected: &str) {
    let rendered = render(templates, "{}");
    assert_eq!(lossy(rendered.text(name)), expected);
}

#[test]
fn a_library_counts_where_it_stands_last() {
    let library = "{{ define \"a\" }}A{{ end }} ";
    let other = "{{ define \"a\" }}M{{ end }}";
    let main = "{{ include \"a\" . }}[{{ include \"c/templates/_z.tpl\" . }}]";
    case(
        &[
            ("_z.tpl", library),
            ("_m.tpl", other),
            ("_a.tpl", library),
            ("t.yaml", main),
        ],
        "c/templates/t.yaml",
        "A[ ]",
    );
    case(
        &[
            ("_z.tpl", library),
            ("_m.tpl", library),
            ("_a.tpl", other),
            ("t.yaml", main),
        ],
        "c/templates/t.yaml",
        "M[ ]",
    );
}

#[test]
fn an_empty_template_stays_the_first_one() {
    let library = "{{ define \"a\" }}  {{ end }}";
    let other = "{{ define \"a\" }}\n{{ end }}";
    case(
        &[
            ("_z.tpl", library),
            ("_m.tpl", other),
            ("_a.tpl", library),
            ("t.yaml", "[{{ include \"a\" . }}]"),
        ],
        "c/templates/t.yaml",
        "[  ]",
    );
}

#[test]
fn each_prints_under_its_own_name() {
    let text = "{{ .Template.Name }}";
    let files = [("s.yaml", text), ("t.yaml", text)];
    case(&files, "c/templates/s.yaml", "c/templates/s.yaml");
    case(&files, "c/templates/t.yaml", "c/templates/t.yaml");
}

#[test]
fn each_that_does_not_parse_is_told_of() {
    let rendered = render(&[("_z.tpl", "{{ if }}"), ("_a.tpl", "{{ if }}")], "{}");
    let messages: Vec<&str> = rendered
        .outcome
        .errors
        .iter()
        .map(|e| &*e.message)
        .collect();
    assert_eq!(messages.len(), 4, "{messages:?}");
    assert!(
        messages[0].contains("_z.tpl:1") && messages[2].contains("_a.tpl:1"),
        "{messages:?}"
    );
}
