//! What holds for every text and every value.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::file;
use super::helm::{floats, value, yaml_of};

/// Pieces that YAML texts are made of, so that most texts are almost valid.
fn yaml_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "? ",
        ": ",
        "#",
        " # c",
        "'",
        "\"",
        "|\n",
        "|-\n",
        ">\n",
        ">+\n",
        "|2\n",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!!str ",
        "!!int ",
        "!!binary ",
        "! ",
        "<<: ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "%TAG ! x:\n",
        "\t",
        " ",
        "~",
        "yes",
        "0x1",
        ".inf",
        "é",
        "\u{2028}",
        "\u{85}",
        "😀",
        "\u{feff}",
        "\\",
        "\\x41",
        "@",
        "\r\n",
        "\u{7f}",
        "key: value\n",
        "  k: v\n",
        "- x\n",
        "{a: b}",
        "[a, b]",
        "'it''s'",
    ]);
    prop_oneof![vec(piece, 0..24).prop_map(|pieces| pieces.concat()), ".*"]
}

fn json_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z]{0,12}",
        "[ -~\\n\\t\u{a0}-\u{ff}\u{20a0}-\u{20b0}\u{feff}😀]{0,40}",
        "([a-z]{1,9} ){10,30}[a-z]",
        prop::sample::select(vec![
            "", "~", "yes", "1", "1e3", "0x1", "12:30", "- a", "a: b"
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i32>().prop_map(|value| json!(f64::from(value))),
        prop::num::f64::NORMAL.prop_map(|value| json!(value)),
        text.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            btree_map(text.clone(), inner, 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Whether every span lies in the text, and within that of its collection.
fn check_spans(text: &str, node: NodeRef<'_>) {
    let span = node.span();
    assert!(
        text.get(span.start()..span.end()).is_some(),
        "{text:?} {span:?}"
    );
    if matches!(
        node.document().nodes[node.id().0 as usize].shape,
        Shape::Alias(_)
    ) {
        return;
    }
    let Shape::Mapping(entries) = node.shape() else {
        for item in node.items() {
            assert!(
                span.contains(item.span()),
                "{text:?} {span:?} {:?}",
                item.span()
            );
            check_spans(text, item);
        }
        return;
    };
    for id in entries.iter().flat_map(|entry| [entry.key, entry.value]) {
        let child = node.document().node(id);
        assert!(
            span.contains(child.span()),
            "{text:?} {span:?} {:?}",
            child.span()
        );
        check_spans(text, child);
    }
}

fn check(text: &str) {
    let (documents, errors) = read(file(), text, Limits::default());
    for error in &errors {
        assert!(
            text.get(error.span.start()..error.span.end()).is_some(),
            "{text:?} {error:?}"
        );
    }
    for document in &documents {
        assert!(
            text.get(document.span.start()..document.span.end())
                .is_some()
        );
        for comment in &document.comments {
            let comment = &text[comment.span.start()..comment.span.end()];
            assert!(
                comment.starts_with('#') && !comment.contains('\n'),
                "{text:?} {comment:?}"
            );
        }
        if let Some(root) = document.root() {
            check_spans(text, root);
        }
        let _ = to_plain(document, Limits::default());
    }
}

/// The scalars of a text with their bytes and styles, as granit-parser sees them; `None` where it
/// refuses the text.
fn scalars_of_granit(text: &str) -> Option<Vec<(usize, usize, String)>> {
    let mut found = Vec::new();
    for event in granit_parser::Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let Some((value, style)) = event.scalar() else {
            continue;
        };
        let range = span.byte_range()?;
        // Implicit nulls and blocks are given other spans there.
        let block = matches!(
            style,
            granit_parser::ScalarStyle::Literal | granit_parser::ScalarStyle::Folded
        );
        if !range.is_empty() && !block {
            found.push((range.start, range.end, value.to_owned()));
        }
    }
    Some(found)
}

fn our_scalars(documents: &[Document]) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for document in documents {
        for node in &document.nodes {
            let Shape::Scalar { text, style, .. } = &node.shape else {
                continue;
            };
            let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            if !node.span.is_empty() && !block {
                found.push((node.span.start(), node.span.end(), text.to_string()));
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn reading_any_text_gives_spans_within_it(text in yaml_text()) {
        check(&text);
    }

    #[test]
    fn reading_any_bytes_ends(bytes in vec(any::<u8>(), 0..200)) {
        let (_, errors) = read_bytes(file(), &bytes, Limits::default());
        prop_assert!(errors.iter().all(|error| error.span.end() <= bytes.len()));
        let _ = from_json(file(), 0, &bytes, Expect::Any, Limits::default());
    }

    #[test]
    fn what_is_written_is_read_back(wanted in json_value()) {
        let text = yaml_of(&wanted);
        let read = from_yaml(file(), 0, &text, Expect::Any, Limits::default());
        let found = value(&read.map_err(|error| TestCaseError::fail(format!("{error:?}")))?);
        prop_assert_eq!(found, floats(wanted), "{}", text);
    }

    #[test]
    fn json_is_read_back(wanted in json_value()) {
        let mut text = Vec::new();
        prop_assert!(to_json(&&wanted, JsonStyle::Pretty, &mut text).is_ok());
        let read = from_json(file(), 0, &text, Expect::Any, Limits::default());
        prop_assert_eq!(value(&read.unwrap()), floats(wanted));
    }

    /// granit-parser is written by others after YAML 1.2. Where both take a text, the scalars and
    /// their bytes are the same, but for what only one dialect has.
    #[test]
    fn scalars_stand_where_another_parser_sees_them(wanted in json_value()) {
        let text = yaml_of(&wanted);
        if let Some(theirs) = scalars_of_granit(&text) {
            let (documents, errors) = read(file(), &text, Limits::default());
            prop_assert_eq!(errors.len(), 0);
            prop_assert_eq!(our_scalars(&documents), theirs, "{}", text);
        }
    }

    /// yaml_serde has another port of the same C library.
    #[test]
    fn values_are_those_of_another_reader(wanted in json_value()) {
        let text = yaml_of(&wanted);
        let theirs: Result<Value, _> = yaml_serde::from_str(&text);
        if let (Ok(theirs), false) = (theirs, text.is_empty()) {
            let read = from_yaml(file(), 0, &text, Expect::Any, Limits::default());
            prop_assert_eq!(value(&read.unwrap()), floats(theirs), "{}", text);
        }
    }
}
