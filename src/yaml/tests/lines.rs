//! Lines that are read without tokens, against the same lines read through tokens.

use proptest::prelude::*;

use super::spans::yaml_like;
use crate::source::FileId;
use crate::yaml::read::{Limits, read_within};
use crate::yaml::scan::line::tests::through_tokens;

#[test]
fn rendered_charts_are_read_the_same_both_ways() {
    for entry in std::fs::read_dir("fixtures/helm/ai-platform").unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert_eq!(
            found(&text, Limits::DEFAULT),
            wanted(&text, Limits::DEFAULT)
        );
    }
}

proptest! {
    #[test]
    fn pieces_of_yaml_are_read_the_same_both_ways(text in yaml_like(), limits in limits()) {
        prop_assert_eq!(found(&text, limits), wanted(&text, limits), "{:?}", text);
    }

    #[test]
    fn lines_are_read_the_same_both_ways(
        lines in prop::collection::vec(line(), 1..14),
        limits in limits(),
    ) {
        let text = lines.concat();
        prop_assert_eq!(found(&text, limits), wanted(&text, limits), "{:?}", text);
    }

    /// Manifests are read to their end, so that what follows a line matters.
    #[test]
    fn a_slip_in_a_manifest_is_read_the_same_both_ways(
        at in 0..MANIFEST.len(),
        cut in 0..4_usize,
        slip in sign(),
        limits in limits(),
    ) {
        let end = (at + cut).min(MANIFEST.len());
        let text = format!("{}{slip}{}", &MANIFEST[..at], &MANIFEST[end..]);
        prop_assert_eq!(found(&text, limits), wanted(&text, limits), "{:?}", text);
    }
}

const MANIFEST: &str = "# head
kind: Deployment # c
metadata:
  name: a-b.c
  labels: {app: x}
  empty:
  none: []
  annotations:
    a.b/c: \"true\"
    note: 'it'
spec:
  replicas: 3
  args: [\"--a\", b]
  containers:
  - name: main
    image: x/y:1.2
    command:
      - --port=80
      - \"sh\"
      - a # c

      - -1
    env:
    -   name: A
        value: >-
          folded
          text
    - name: B
      value: several
        lines
    text: |
      a: b
  - - nested
    - k: v
  -
    below: ~
---
a: b
";

/// Documents and errors as text, where NaN is itself.
fn found(text: &str, limits: Limits) -> String {
    let (documents, errors) = read_within(FileId::DETACHED, text.as_bytes(), limits);
    format!("{documents:#?}\n{errors:#?}")
}

fn wanted(text: &str, limits: Limits) -> String {
    through_tokens(|| found(text, limits))
}

fn limits() -> impl Strategy<Value = Limits> {
    let near = (1..6_usize, 1..40_usize, 1..3_usize);
    let near = near.prop_map(|(depth, nodes, documents)| Limits {
        depth,
        nodes,
        documents,
    });
    prop_oneof![4 => Just(Limits::DEFAULT), 1 => near]
}

/// One character that means something in some place, or nothing.
fn sign() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-:#?,&*!|>'\"%@`{}\\[\\]~<. \n\r\ta1/$+]{0,2}",
        "[\u{85}\u{2028}\u{feff}\u{7}é]",
    ]
}

fn line() -> impl Strategy<Value = String> {
    let start = prop_oneof![
        6 => Just(""),
        3 => Just("- "),
        1 => prop::sample::select(vec!["-", "- - ", "-   ", "? ", ": ", "&a ", "!t ", "\t"]),
    ];
    let key = prop_oneof![
        6 => "[abc][a-c./_-]{0,3}: ?",
        2 => Just(String::new()),
        1 => prop::sample::select(vec!["a :", "a:b: ", "'a': ", "\"b\": ", "<<: ", "1: ", "a b: ", "é: "])
            .prop_map(str::to_owned),
    ];
    let value = prop::sample::select(vec![
        "", "", "", "x", "1.5", "x y  z", "x:y", "x: y", "x:", "x #y", "x#y", "#c", " # c", "'q'",
        "\"q\"", "\"q\" ", "'q' # c", "'q': r", "\"\\n\"", "''", "-", "- x", "-x", "--x", "[a]",
        "{}", "[]", "[] # c", "{a: b}", "|", "|-", ">-", "&a", "&a x", "*a", "!t x", "<<", "~",
        "é", "x é", "/", "$x", ".5", "...", "---", "%x", "@x", "\t", "x\t", "? y",
    ]);
    let end = prop_oneof![
        8 => Just("\n"),
        1 => prop::sample::select(vec!["", "\n\n", " \n", "\r\n", "\n---\n", "\n  \n", "\n...\n", "\n#c\n", "\u{85}"]),
    ];
    (0..5_usize, start, key, value, end).prop_map(|(indent, start, key, value, end)| {
        format!("{}{start}{key}{value}{end}", " ".repeat(indent))
    })
}
