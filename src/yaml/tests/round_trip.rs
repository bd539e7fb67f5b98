//! What `toYaml` writes is read back as what it was.

use proptest::prelude::*;

use crate::source::FileId;
use crate::yaml::emit::{Held, Item, Sink, Tree, to_yaml};
use crate::yaml::plain::{Plain, PlainValue, plain};
use crate::yaml::read;

/// A value of JSON's types.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Str(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in tree(string())) {
        let text = emitted(&value).unwrap();
        let (documents, errors) = read(FileId::DETACHED, &text);
        prop_assert_eq!(&errors, &[], "{}", text);
        let read = documents.first().and_then(|document| plain(document).unwrap());
        prop_assert_eq!(read.as_ref().map_or(Json::Null, json), value, "{}", text);
    }

    #[test]
    fn a_string_is_read_back(string in string()) {
        let value = Json::Map(vec![("k".to_owned(), Json::Str(string))]);
        let text = emitted(&value).unwrap();
        let (documents, errors) = read(FileId::DETACHED, &text);
        prop_assert_eq!(&errors, &[], "{}", text);
        let read = plain(&documents[0]).unwrap().unwrap();
        prop_assert_eq!(json(&read), value, "{}", text);
    }

    #[test]
    fn any_bytes_are_written_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let tree = Tree::Map(vec![(Held::Of(&bytes[..]), 0, Item {
            mark: 0,
            tree: Tree::Str(Held::Of(&bytes)),
        })]);
        let _ = to_yaml(&Item { mark: 0, tree }, &mut Sink::default());
    }
}

/// Strings that `toYaml` takes: everything but characters that YAML 1.1 refuses.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "a", "b", " ", "\n", ": ", " #", "-", "- ", "? ", "'", "\"", "\\", "\t", "\r", "[", "{",
            "!", "&", "*", "%", "@", "|", ">", "0", "1", ".", "e", "_", "true", "null", "~", "---",
            "é", "→", "🦀", "\u{a0}", "y", "no", "<<", "=",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,30}",
        1 => "[\\u{a0}-\\u{d7ff}&&[^\\u{2028}\\u{2029}]]",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Trees over such strings; numbers are those that a float64 holds.
pub(super) fn tree(string: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Json> {
    let string = string.boxed();
    // `toYaml` leaves the key `<<` bare, and what reads it merges.
    let key = string
        .clone()
        .prop_filter("keys that merge nothing", |key| key != "<<")
        .boxed();
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (-1_000_000..1_000_000_i32).prop_map(|n| Json::Number(f64::from(n) / 8.0)),
        string.prop_map(Json::Str),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::List),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Json::Map(map.into_iter().collect())),
        ]
    })
    .boxed()
}

/// What `toYaml` writes, with the line break that Helm trims.
pub(super) fn emitted(value: &Json) -> Result<String, String> {
    let mut sink = Sink::default();
    to_yaml(&item(value), &mut sink)?;
    let (bytes, _) = sink.finish();
    Ok(String::from_utf8(bytes).unwrap() + "\n")
}

fn item(value: &Json) -> Item<'_> {
    let tree = match value {
        Json::Null => Tree::Null,
        Json::Bool(value) => Tree::Bool(*value),
        Json::Number(value) => Tree::Float(*value),
        Json::Str(text) => Tree::Str(Held::Of(text.as_bytes())),
        Json::List(items) => Tree::List(items.iter().map(item).collect()),
        Json::Map(entries) => Tree::Map(
            entries
                .iter()
                .map(|(key, value)| (Held::Of(key.as_bytes()), 0, item(value)))
                .collect(),
        ),
    };
    Item { mark: 0, tree }
}

fn json(plain: &Plain) -> Json {
    match &plain.value {
        PlainValue::Null => Json::Null,
        PlainValue::Bool(value) => Json::Bool(*value),
        PlainValue::Number(value) => Json::Number(*value),
        PlainValue::Str(text) => Json::Str(text.to_string()),
        PlainValue::List(items) => Json::List(items.iter().map(json).collect()),
        PlainValue::Map(entries) => {
            let mut entries: Vec<_> = entries
                .iter()
                .map(|(key, _, value)| (key.to_string(), json(value)))
                .collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Map(entries)
        }
    }
}
