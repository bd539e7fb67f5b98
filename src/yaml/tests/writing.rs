//! Where the bytes of the output come from.

use std::ops::Range;

use super::super::*;

/// A value with a number as its mark.
enum Marked {
    Str(u32, &'static [u8]),
    Bool(u32, bool),
    Map(Vec<(u32, &'static str, Marked)>),
}

impl Source for &Marked {
    type Mark = u32;
    type Key = &'static str;

    fn mark(&self) -> u32 {
        match self {
            Marked::Str(mark, _) | Marked::Bool(mark, _) => *mark,
            Marked::Map(_) => 0,
        }
    }

    fn view(&self) -> View<'_, Self> {
        match self {
            Marked::Str(_, text) => View::Str(text),
            Marked::Bool(_, value) => View::Bool(*value),
            Marked::Map(entries) => View::Map(
                entries
                    .iter()
                    .map(|(mark, key, value)| MapEntry {
                        key: *key,
                        mark: *mark,
                        value,
                    })
                    .collect(),
            ),
        }
    }
}

#[derive(Default)]
struct Pieces(Vec<String>);

impl Sink<u32> for Pieces {
    fn structure(&mut self, bytes: &[u8]) {
        self.0.push(String::from_utf8_lossy(bytes).into_owned());
    }

    fn scalar(&mut self, bytes: &[u8], mark: u32, at: Range<usize>) {
        let bytes = String::from_utf8_lossy(bytes);
        self.0
            .push(format!("{bytes}@{mark}[{},{}]", at.start, at.end));
    }
}

#[track_caller]
fn case(value: &Marked, wanted: &[&str]) {
    let mut pieces = Pieces::default();
    assert!(to_yaml(&value, &mut pieces).is_ok());
    assert_eq!(pieces.0, wanted);
}

#[test]
fn every_byte_of_a_scalar_has_its_mark_and_place() {
    let map = Marked::Map(vec![
        (1, "b", Marked::Str(2, b"plain")),
        (3, "a", Marked::Bool(4, true)),
        (5, "c", Marked::Str(6, b"it's: x")),
        (7, "d", Marked::Str(8, "tab\t\u{e9}".as_bytes())),
        (9, "e", Marked::Str(10, b"one\ntwo\n")),
        (11, "f", Marked::Str(12, b"\xffx")),
    ]);
    case(
        &map,
        &[
            "a@3[0,1]",
            ": ",
            "true@4[0,4]",
            "\n",
            "b@1[0,1]",
            ": ",
            "plain@2[0,5]",
            "\n",
            "c@5[0,1]",
            ": ",
            "'@6[0,0]",
            "it@6[0,2]",
            "'@6[2,2]",
            "'s: x@6[2,7]",
            "'@6[7,7]",
            "\n",
            "d@7[0,1]",
            ": ",
            "\"@8[0,0]",
            "tab@8[0,3]",
            "\\t@8[3,4]",
            "é@8[4,6]",
            "\"@8[6,6]",
            "\n",
            "e@9[0,1]",
            ": ",
            "|@10[0,0]",
            "\n@10[0,0]",
            "  @10[0,0]",
            "one@10[0,3]",
            "\n@10[3,4]",
            "  @10[4,4]",
            "two@10[4,7]",
            "\n@10[7,8]",
            "f@11[0,1]",
            ": ",
            "\u{fffd}x@12[0,2]",
        ],
    );
}

/// A list of byte strings, or one of them, without marks.
enum Bytes {
    List(&'static [&'static [u8]]),
    Item(&'static [u8]),
}

impl Source for Bytes {
    type Mark = ();
    type Key = Vec<u8>;

    fn mark(&self) {}

    fn view(&self) -> View<'_, Self> {
        match self {
            Self::List(items) => View::List(items.iter().map(|item| Self::Item(item)).collect()),
            Self::Item(bytes) => View::Str(bytes),
        }
    }
}

#[track_caller]
fn strings(items: &'static [&'static [u8]], yaml: &str, pretty: &str, json: &str) {
    let list = Bytes::List(items);
    let text = |result: Result<(), EmitError<()>>, out: Vec<u8>| match result {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => format!("! {}", error.message),
    };
    let mut out = Vec::new();
    assert_eq!(text(to_yaml(&list, &mut out), out), yaml);
    let mut out = Vec::new();
    assert_eq!(text(to_yaml_pretty(&list, &mut out), out), pretty);
    let mut out = Vec::new();
    assert_eq!(
        text(to_json(&list, JsonStyle::Compact, &mut out), out),
        json
    );
}

/// Recorded with Helm 4.3.1.
#[test]
fn bytes_that_are_no_text() {
    strings(
        &[b"\xff\xfex", b"a"],
        "- \u{fffd}\u{fffd}x\n- a",
        "- !!binary //54\n- a",
        "[\"\u{fffd}\u{fffd}x\",\"a\"]",
    );
    strings(
        &[b"a\xc2\x85 b"],
        "- a b",
        "- \"a\\N b\"",
        "[\"a\u{85} b\"]",
    );
    strings(
        &[b"\x7f"],
        "! yaml: control characters are not allowed",
        "- \"\\x7F\"",
        "[\"\x7f\"]",
    );
}
