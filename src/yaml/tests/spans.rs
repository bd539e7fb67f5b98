//! Where nodes stand: what a span slices to.

use proptest::prelude::*;

use crate::source::FileId;
use crate::yaml::plain::plain;
use crate::yaml::written::is_surely_plain;
use crate::yaml::{Document, NodeRef, Shape, read};

const FILE: FileId = FileId::DETACHED;

#[test]
fn scalars_stand_where_they_are_written() {
    case("a: plain text # comment\n", &["a", "plain text"]);
    case("a: 'it''s'\n", &["a", "'it''s'"]);
    case("a: \"x\\ty\"   \n", &["a", "\"x\\ty\""]);
    case("'a': \"b\"", &["'a'", "\"b\""]);
    case("- x\n- 1\n", &["x", "1"]);
    case("{a: b, c: [d, \"e\"]}\n", &["a", "b", "c", "d", "\"e\""]);
    case(
        "a:\n  b:\n    - c: d\n      e: f\n",
        &["a", "b", "c", "d", "e", "f"],
    );
    case("? a\n: b\n", &["a", "b"]);
}

#[test]
fn a_scalar_over_several_lines_is_one() {
    case(
        "a: b\n  c\n\n  d\ne: f\n",
        &["a", "b\n  c\n\n  d", "e", "f"],
    );
    case("a: \"b\n  c\"\n", &["a", "\"b\n  c\""]);
}

#[test]
fn bytes_count_and_not_characters() {
    case("é: ünï # ß\n→: \"🦀\"\n", &["é", "ünï", "→", "\"🦀\""]);
}

#[test]
fn carriage_returns_belong_to_nobody() {
    case("a: b\r\nc: 'd'\r\n- ", &[]);
    case("a: b\r\nc: 'd'\r\n", &["a", "b", "c", "'d'"]);
}

#[test]
fn anchors_and_tags_are_no_part_of_a_value() {
    case(
        "a: &x b\nc: !!str d\ne: !t &y f\n",
        &["a", "b", "c", "d", "e", "f"],
    );
    case("a: &x b\nc: *x\n", &["a", "b", "c", "*x"]);
}

#[test]
fn values_that_nobody_wrote_are_empty() {
    case("a:\nb: ~\n", &["a", "", "b", "~"]);
}

#[test]
fn block_scalars_end_with_their_last_line() {
    for (text, end) in [
        ("a: |\n  x\n  y\n\n\nb: z\n", "y"),
        ("a: >-\n  x\n  y\nb: z\n", "y"),
        ("a: |+\n  x\n  y", "y"),
    ] {
        let document = only(text);
        let node = document.root().unwrap().get("a").unwrap();
        let slice = slice(text, node);
        assert!(slice.ends_with(end), "{text:?}: {slice:?}");
        assert!(slice.contains('x'), "{text:?}: {slice:?}");
    }
}

#[test]
fn collections_reach_from_their_first_byte_to_their_last() {
    let text = "a:\n  b: 1\n  c:\n    - x\n    - y: z # c\n\n# d\ne: [1, 2]\nf: {}\n";
    let document = only(text);
    let root = document.root().unwrap();
    let at = |path: &[&str]| slice(text, root.at(path).unwrap());
    assert_eq!(slice(text, root), text.trim_end());
    assert_eq!(at(&["a"]), "b: 1\n  c:\n    - x\n    - y: z");
    assert_eq!(at(&["a", "c"]), "- x\n    - y: z");
    assert_eq!(at(&["e"]), "[1, 2]");
    assert_eq!(at(&["f"]), "{}");
    let text = "- - a\n  - b\n- c\n";
    let document = only(text);
    let root = document.root().unwrap();
    assert_eq!(slice(text, root), "- - a\n  - b\n- c");
    assert_eq!(slice(text, root.items().next().unwrap()), "- a\n  - b");
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(text in "\\PC*") {
        check(&text)?;
    }

    #[test]
    fn yaml_like_text_is_read_without_harm(text in yaml_like()) {
        check(&text)?;
    }
}

/// Pieces of YAML in any order.
pub(super) fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "? ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "\\",
        "#",
        " # c",
        "&x ",
        "*x",
        "!t ",
        "!!str ",
        "---\n",
        "...\n",
        "\t",
        "\r\n",
        "é",
        "<<: ",
        "%YAML 1.1\n",
        "\u{feff}",
        "\u{85}",
        "~",
        "1.5",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Every span of a text lies in it, on the bounds of characters, and within that of its parent.
fn check(text: &str) -> Result<(), TestCaseError> {
    let (documents, errors) = read(FILE, text);
    for error in &errors {
        prop_assert!(
            text.get(error.span.start()..error.span.end()).is_some(),
            "{:?}",
            error
        );
    }
    for document in &documents {
        let values = plain(document);
        if is_surely_plain(document) {
            prop_assert!(values.is_ok(), "{values:?}");
        }
        let whole = document.span;
        prop_assert!(
            text.get(whole.start()..whole.end()).is_some(),
            "{:?}",
            whole
        );
        for node in document.nodes() {
            let span = node.span();
            let shape = node.written();
            prop_assert!(text.get(span.start()..span.end()).is_some(), "{:?}", shape);
            let children: Vec<_> = match shape {
                Shape::Sequence(items) => items.to_vec(),
                Shape::Mapping(entries) => entries.iter().flat_map(|e| [e.key, e.value]).collect(),
                _ => Vec::new(),
            };
            for child in children {
                let child = document.node(child).span();
                prop_assert!(
                    child.is_empty() || span.contains(child),
                    "{child:?} in {shape:?}"
                );
            }
        }
    }
    Ok(())
}

fn only(text: &str) -> Document {
    let (mut documents, errors) = read(FILE, text);
    assert_eq!(errors, [], "{text:?}");
    assert_eq!(documents.len(), 1, "{text:?}");
    documents.remove(0)
}

fn slice<'t>(text: &'t str, node: NodeRef<'_>) -> &'t str {
    &text[node.span().start()..node.span().end()]
}

/// The source forms of all scalars and aliases, in order; none of a broken text.
#[track_caller]
fn case(text: &str, want: &[&str]) {
    let (documents, _) = read(FILE, text);
    let found: Vec<&str> = documents
        .iter()
        .flat_map(Document::nodes)
        .filter(|node| matches!(node.written(), Shape::Scalar { .. } | Shape::Alias(_)))
        .map(|node| slice(text, node))
        .collect();
    assert_eq!(found, want, "{text:?}");
}
