//! Against other readers, which are written after YAML 1.2, wherever both dialects mean the same.

use proptest::prelude::*;
use yaml_serde::Value as Other;

use super::round_trip::{Json, emitted, tree};
use crate::source::FileId;
use crate::yaml::plain::{Plain, PlainValue, plain};
use crate::yaml::{Document, ScalarStyle, Shape, read};

proptest! {
    #[test]
    fn two_readers_read_the_same(value in tree(word())) {
        let text = emitted(&value).unwrap();
        let other: Other = yaml_serde::from_str(&text).unwrap();
        let (documents, errors) = read(FileId::DETACHED, &text);
        prop_assert_eq!(&errors, &[], "{}", text);
        let ours = plain(&documents[0]).unwrap().unwrap();
        prop_assert!(is_same(&ours, &other), "{text}: {ours:?} {other:?}");
    }
}

proptest! {
    /// The scalars of a text and their bytes are the same to granit-parser, where it takes the text.
    #[test]
    fn scalars_stand_where_another_parser_sees_them(value in tree(word())) {
        let text = emitted(&value).unwrap();
        if let Some(theirs) = scalars_of_granit(&text) {
            let (documents, errors) = read(FileId::DETACHED, &text);
            prop_assert_eq!(&errors, &[], "{}", text);
            prop_assert_eq!(our_scalars(&documents), theirs, "{}", text);
        }
    }
}

/// Blocks and values that nobody wrote have other spans in granit-parser, and are left out.
fn scalars_of_granit(text: &str) -> Option<Vec<(usize, usize, String)>> {
    use granit_parser::ScalarStyle::{Folded, Literal};
    let mut found = Vec::new();
    for event in granit_parser::Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let Some((value, style)) = event.scalar() else {
            continue;
        };
        let range = span.byte_range()?;
        if !range.is_empty() && !matches!(style, Literal | Folded) {
            found.push((range.start, range.end, value.to_owned()));
        }
    }
    Some(found)
}

fn our_scalars(documents: &[Document]) -> Vec<(usize, usize, String)> {
    let nodes = documents.iter().flat_map(Document::nodes);
    nodes
        .filter(|node| !node.span().is_empty())
        .filter_map(|node| match node.written() {
            Shape::Scalar {
                style: ScalarStyle::Literal | ScalarStyle::Folded,
                ..
            } => None,
            Shape::Scalar { text, .. } => {
                Some((node.span().start(), node.span().end(), text.to_owned()))
            }
            _ => None,
        })
        .collect()
}

/// Texts that mean the same in both dialects, quoted or not.
fn word() -> impl Strategy<Value = String> {
    "[a-zé][a-z 'é:#-]{2,12}".prop_filter("words of one dialect", |word| {
        !["yes", "off", "true", "null", "false"].contains(&word.as_str())
    })
}

#[test]
fn rendered_charts_are_read_the_same() {
    let mut count = 0;
    for entry in std::fs::read_dir("fixtures/helm/ai-platform").unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let (documents, errors) = read(FileId::DETACHED, &text);
        assert_eq!(errors, []);
        let mut ours = documents
            .iter()
            .filter_map(|document| plain(document).unwrap());
        for part in text.split("\n---\n") {
            let other: Other = yaml_serde::from_str(part.trim_start_matches("---\n")).unwrap();
            if other.is_null() {
                continue;
            }
            let ours = ours.next().unwrap();
            assert!(is_same(&ours, &other), "{part}: {ours:?}");
            count += 1;
        }
        assert!(ours.next().is_none());
    }
    assert!(count > 100, "only {count} documents");
}

/// Whether both hold the same; `y`, `yes`, `on` and their like, which only one dialect knows, are
/// not in these texts unquoted.
fn is_same(ours: &Plain, other: &Other) -> bool {
    match (&ours.value, other) {
        (PlainValue::Null, Other::Null) => true,
        (PlainValue::Bool(a), Other::Bool(b)) => a == b,
        (PlainValue::Number(a), Other::Number(b)) => Some(*a) == b.as_f64(),
        (PlainValue::Str(a), Other::String(b)) => **a == **b,
        (PlainValue::List(a), Other::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (PlainValue::Map(a), Other::Mapping(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, _, value)| b.get(&**key).is_some_and(|other| is_same(value, other)))
        }
        _ => false,
    }
}

#[test]
fn a_tree_has_every_kind() {
    let value = Json::Map(vec![(
        "a b".into(),
        Json::List(vec![Json::Null, Json::Number(1.5)]),
    )]);
    let text = emitted(&value).unwrap();
    assert_eq!(text, "a b:\n- null\n- 1.5\n");
}
