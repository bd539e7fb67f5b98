//! The check itself, on a chart whose answers are known.

use std::sync::Arc;

use aiplat::chart::Rendered;
use aiplat::report::render_json;
use aiplat::vfs::MemoryFs;

use super::check::{Score, Subject, Tally, against, check};
use super::documents::{Fate, documents, each_leaf, fates};
use super::names::Names;
use super::scalars::{changes, scalars};

const VALUES: &str = "\
color: red
size: 3
extra: true
unused: x
";

/// `color` decides two scalars, `size` one, `extra` whether there is one.
const TEMPLATE: &str = "\
kind: ConfigMap
metadata: {name: a}
data:
  color: {{ .Values.color }}
  paint: {{ .Values.color | upper }}
  size: {{ .Values.size | quote }}
  {{- if .Values.extra }}
  extra: \"yes\"
  {{- else }}
  other: \"no\"
  {{- end }}
";

fn subject(template: &str, values: &str) -> Subject {
    let mut files = MemoryFs::new();
    files.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    files.insert("c/values.yaml", values);
    files.insert("c/templates/a.yaml", template);
    Subject {
        vfs: Arc::new(files),
        chart: "c".to_owned(),
        values: None,
    }
}

fn score(right: usize, all: usize) -> Score {
    Score { right, all }
}

#[test]
fn a_chart_that_keeps_the_promise() {
    let tally = check(&subject(TEMPLATE, VALUES), usize::MAX).unwrap();
    let want = Tally {
        tried: 4,
        recall: score(3, 3),
        precision: score(3, 3),
        failures: 0,
        details: Vec::new(),
    };
    assert_eq!(tally, want);
}

#[test]
fn a_limit_takes_scalars_evenly() {
    // `color` and `extra`, which no leaf names as its value.
    let tally = check(&subject(TEMPLATE, VALUES), 2).unwrap();
    assert_eq!((tally.tried, tally.precision), (2, score(2, 2)));
}

#[test]
fn what_does_not_render_is_counted() {
    let template = "kind: A\nmetadata: {name: a{{ div 1 (atoi .Values.by) }}}\n";
    let tally = check(&subject(template, "by: \"1\"\n"), 9).unwrap();
    // Division by what an empty text, a prefix and a suffix give, which is 0.
    assert_eq!((tally.tried, tally.failures), (1, 3));
    let problem = check(&subject("a: {{ fail \"no\" }}", "n: 1\n"), 9);
    assert_eq!(problem.unwrap_err(), "it does not render as it is");
}

/// The tally where the rendering is doctored to name what `origins` says for all of its bytes.
fn doctored(origins: &str) -> Tally {
    let subject = subject(TEMPLATE, VALUES);
    let rendered = subject.render(&*subject.vfs).unwrap().0;
    let text = String::from_utf8_lossy(rendered.output.bytes());
    let (text, end) = (serde_json::to_string(&text).unwrap(), text.len());
    let json = format!(
        r#"{{"text": {text}, "segments": [{{"start": 0, "end": {end}, "origins": [{origins}]}}]}}"#
    );
    let names = Names::read(&json, "c/values.yaml").unwrap();
    against(&subject, &rendered, &names, usize::MAX).unwrap()
}

#[test]
fn what_is_not_named_is_missed() {
    let tally = doctored("");
    assert_eq!((tally.recall, tally.precision), (score(0, 3), score(0, 0)));
    let want = [
        "missed line 1 red  ConfigMap/a.data.color: red",
        "missed line 1 red  ConfigMap/a.data.paint: RED",
        "missed line 2 3  ConfigMap/a.data.size: \"3\"",
    ];
    assert_eq!(tally.details, want);
    // A place of the same bytes in another file is not it.
    let other = r#"{"file": "c/charts/d/values.yaml", "start": 0, "end": 40}"#;
    assert_eq!(doctored(other).recall, score(0, 3));
}

#[test]
fn what_is_named_without_reason_is_over() {
    // `red` for all six leaves, of which two have it.
    let red = r#"{"file": "c/values.yaml", "start": 7, "end": 10}"#;
    assert_eq!(doctored(red).recall, score(2, 3));
    assert_eq!(doctored(red).precision, score(2, 6));
    // A key decides nothing that a change of its value would show, and a condition need not.
    let key = r#"{"file": "c/values.yaml", "start": 0, "end": 5}"#;
    assert_eq!(doctored(key).precision, score(0, 0));
    let control = r#"{"file": "c/values.yaml", "start": 7, "end": 10, "control": true}"#;
    assert_eq!(doctored(control).precision, score(0, 0));
    assert_eq!(doctored(control).recall, score(2, 3));
}

#[test]
fn scalars_are_changed_alone() {
    let text = b"a: &x \"1.2.3\" # c\nb: 'q'\nc: *x\nd: [7, true, null]\ne: |\n  t\nf: {}\n";
    let found = scalars(text);
    let lines: Vec<Vec<String>> = (0..found.len())
        .map(|at| changes(text, &found, at))
        .map(|texts| {
            texts
                .iter()
                .map(|changed| differing(text, changed))
                .collect()
        })
        .collect();
    let want: [&[&str]; 7] = [
        &[
            "a: &x \"1.2.4\" # c",
            "a: &x \"2.2.3\" # c",
            "a: &x \"1.2.3qz\" # c",
            "a: &x \"qz1.2.3\" # c",
            "a: &x \"\" # c",
        ],
        &["b: 'qqz'", "b: 'qzq'", "b: \"\""],
        &["d: [8, true, null]", "d: [0, true, null]"],
        &["d: [7, false, null]"],
        &[],
        &["  tqz", "  qzt"],
        &["f: {qz: qz}"],
    ];
    assert_eq!(lines, want);
}

/// The line of `changed` that is not in `text`.
fn differing(text: &[u8], changed: &[u8]) -> String {
    let (text, changed) = (
        String::from_utf8_lossy(text),
        String::from_utf8_lossy(changed),
    );
    let mut new = changed.lines().zip(text.lines());
    let (line, _) = new.find(|(new, old)| new != old).unwrap();
    line.to_owned()
}

/// The fates of the leaves of `before`, by their paths.
fn told(before: &str, after: &str) -> Vec<String> {
    let rendered = |text: &str| -> Rendered {
        let subject = subject(text, "");
        subject.render(&*subject.vfs).unwrap().0
    };
    let (before, after) = (rendered(before), rendered(after));
    let (before, after) = (documents(&before), documents(&after));
    let fates = fates(&before, &after);
    let mut told = Vec::new();
    each_leaf(&before, &mut |leaf, path, _| match fates.get(&leaf) {
        Some(Fate::Changed) => told.push(format!("{path} changed")),
        Some(Fate::Gone) => told.push(format!("{path} gone")),
        None => {}
    });
    told
}

#[test]
fn what_moves_has_not_changed() {
    let list = |items: &str| format!("kind: A\nmetadata: {{name: a}}\nl: [{items}]\n");
    let cases: [(&str, &str, &[&str]); 5] = [
        ("1, 2, 3", "0, 1, 2, 3", &[]),
        ("1, 2, 3", "1, 3", &["A/a.l[1] gone"]),
        ("1, 2, 3", "1, 9, 3", &["A/a.l[1] changed"]),
        (
            "{name: x, v: 1}, {name: y, v: 2}",
            "{name: n, v: 0}, {name: x, v: 1}, {name: y, v: 3}",
            &["A/a.l[1].v changed"],
        ),
        (
            "{name: x, v: []}",
            "{name: x, v: [1]}",
            &["A/a.l[0].v changed"],
        ),
    ];
    for (before, after, want) in cases {
        assert_eq!(
            told(&list(before), &list(after)),
            want,
            "{before} | {after}"
        );
    }
}

#[test]
fn documents_are_the_same_by_kind_and_name_then_by_template() {
    let one = |kind: &str, name: &str, v: u8| {
        format!("---\nkind: {kind}\nmetadata: {{name: {name}}}\nv: {v}\n")
    };
    let pair = one("A", "x", 1) + &one("A", "y", 2);
    let swapped = one("A", "y", 2) + &one("A", "x", 3);
    assert_eq!(told(&pair, &swapped), ["A/x.v changed"]);
    let renamed = one("A", "z", 1) + &one("A", "y", 2);
    assert_eq!(told(&pair, &renamed), ["A/x.metadata.name changed"]);
    // The second one has the name that the first one had.
    let moved = one("A", "y", 1) + &one("A", "z", 2);
    assert_eq!(
        told(&pair, &moved),
        ["A/x.metadata.name changed", "A/y.metadata.name changed"]
    );
    let gone = one("A", "y", 2);
    assert_eq!(
        told(&pair, &gone),
        ["A/x.kind gone", "A/x.metadata.name gone", "A/x.v gone"]
    );
}

#[test]
fn the_format_is_the_one_that_is_printed() {
    let subject = subject(TEMPLATE, VALUES);
    let (rendered, report) = subject.render(&*subject.vfs).unwrap();
    let names = Names::read(&render_json(&rendered, &report), "c/values.yaml").unwrap();
    let at = names.text.find("RED").unwrap();
    let places: Vec<_> = names.within(at, at + 3).collect();
    let spans: Vec<_> = places
        .iter()
        .map(|at| (at.start, at.end, at.control))
        .collect();
    assert_eq!(spans, [(7, 10, false)]);
}
