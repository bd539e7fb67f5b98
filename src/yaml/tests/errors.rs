//! What is wrong with a text: where, in which words, and what is read all the same.

use crate::source::{FileId, FileKind, Sources};
use crate::yaml::plain::{plain, read_checked, read_plain, read_plain_within};
use crate::yaml::read::{Limits, read_within};
use crate::yaml::{duplicates, read, read_bytes};

const FILE: FileId = FileId::DETACHED;

/// `«»` stand around the bytes of the error.
#[track_caller]
fn case(wanted: &str, message: &str) {
    let text = wanted.replace(['«', '»'], "");
    let (_, errors) = read(FILE, &text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let mut shown = text.clone();
    shown.insert(errors[0].span.end(), '»');
    shown.insert(errors[0].span.start(), '«');
    assert_eq!(shown, wanted);
    assert_eq!(errors[0].message, message);
}

#[test]
fn aliases_stand_for_no_more_values_than_allowed() {
    let text = b"a: &x [1, 1, 1]\nb: [*x, *x]\n";
    assert!(read_checked(FILE, 0, text, 8).is_ok());
    let error = read_checked(FILE, 0, text, 7).unwrap_err();
    let want = "error converting YAML to JSON: yaml: document contains excessive aliasing";
    assert_eq!(error.go_message, want);
    assert!(read_plain_within(FILE, 0, text, 8).is_ok());
    assert!(read_plain_within(FILE, 0, text, 7).is_err());
}

#[test]
fn errors_point_at_the_cause() {
    case("a: «\"»x\nb: 1\n", "this quote is never closed");
    case(
        "a: b«:» c\n",
        "a `:` makes a key here, where none can stand; quote the text or mend the indentation",
    );
    case("a: «*x»\n", "there is no anchor `&x` before this");
    case("a: &x [«*x»]\n", "the value of `&x` contains itself");
    case(
        "a: 1\n«b»\nc: 2\n",
        "this line is neither a key with a `:` nor a value",
    );
    case("a: !!int «x»\n", "the value is not what its tag says");
    case("a:\n«\t»b: 1\n", "a tab cannot indent YAML; use spaces");
}

#[test]
fn reading_goes_on_with_the_next_document() {
    let text = "a: {\n---\nb: 1\n---\nc: \"\n---\nd: [1, 2]\n---\n\u{7}\n---\n- *x\n---\ne: 1\n";
    let (documents, errors) = read(FILE, text);
    assert_eq!(errors.len(), 4, "{errors:?}");
    let keys: Vec<_> = documents
        .iter()
        .filter_map(|document| document.root()?.entries().next()?.0.key())
        .collect();
    assert_eq!(keys, ["b", "d", "e"]);
}

#[test]
fn of_a_text_only_the_first_document_counts_for_helm() {
    let (document, _) = read_plain(FILE, 0, b"a: 1\n---\n\t{\n").unwrap().unwrap();
    assert_eq!(document.root().unwrap().get("a").unwrap().int(), Some(1));
    assert!(read_plain(FILE, 0, b"# nothing\n").unwrap().is_none());
    assert!(read_plain(FILE, 0, b"---\n---\na: 1\n").unwrap().is_none());
}

#[test]
fn spans_count_from_the_base() {
    let (document, plain) = read_plain(FILE, 100, b"a: [b]\n").unwrap().unwrap();
    assert_eq!((plain.span.start(), plain.span.end()), (100, 106));
    assert_eq!(document.span.start(), 100);
    let error = read_plain(FILE, 100, b"a: 1\nb\n").unwrap_err();
    assert_eq!((error.span.start(), error.span.end()), (105, 106));
}

#[test]
fn documents_comments_anchors_and_duplicates() {
    let text =
        "# head\na: &x 1 # one\n---\n# nothing\n---\ny: 1\n\"true\": 2\n1: a\n'1': b\n# end\n";
    let (documents, errors) = read(FILE, text);
    assert_eq!(errors, []);
    let shown: Vec<_> = documents
        .iter()
        .map(|document| {
            (
                document.root().is_some(),
                document.comments.len(),
                document.anchors.len(),
                duplicates(document).len(),
            )
        })
        .collect();
    assert_eq!(shown, [(true, 2, 1, 0), (false, 1, 0, 0), (true, 1, 0, 2)]);
    let (earlier, later) = duplicates(&documents[2])[0];
    assert_eq!(&text[earlier.start()..earlier.end()], "y");
    assert_eq!(&text[later.start()..later.end()], "\"true\"");
}

#[test]
fn a_document_that_moves_is_as_one_that_was_read_there() {
    let mut sources = Sources::new();
    let mut file = || sources.add("x.yaml", FileKind::File, Vec::new());
    let (here, there) = (file(), file());
    for text in [
        "# a\nbase: &b {p: 1}\none: {<<: *b} # b\n",
        "a: !!int x\nb: [1, '2']\n",
        "",
    ] {
        let moved = read(here, text).0.into_iter().map(|one| one.moved(there));
        let moved: Vec<_> = moved.collect();
        assert_eq!(format!("{moved:?}"), format!("{:?}", read(there, text).0));
        assert!(!format!("{moved:?}").contains(&format!("{here:?}")));
    }
}

#[test]
fn merge_keys_give_entries_and_what_comes_later_wins() {
    let text = "base: &b {p: 1, q: 2}\none: {p: 0, <<: *b, q: 3}\ntwo:\n  <<: [{p: 7}, *b]\n";
    let (documents, _) = read(FILE, text);
    let root = documents[0].root().unwrap();
    let entries = |name: &str| -> Vec<String> {
        let node = root.get(name).unwrap();
        let entry = |(key, value): (crate::yaml::NodeRef<'_>, crate::yaml::NodeRef<'_>)| {
            format!("{}{}", key.text().unwrap(), value.text().unwrap())
        };
        node.entries().map(entry).collect()
    };
    assert_eq!(entries("one"), ["p1", "q3"]);
    assert_eq!(entries("two"), ["q2", "p7"]);
}

#[test]
fn limits_are_errors() {
    let limits = Limits {
        depth: 3,
        nodes: 10,
        documents: 2,
    };
    for (text, message) in [
        ("[[[[", "collections are nested too deeply"),
        (
            "a:\n b:\n  c:\n   d: 1\n",
            "collections are nested too deeply",
        ),
        ("[1,2,3,4,5,6,7,8,9,10]", "the document has too many nodes"),
        ("--- 1\n--- 2\n--- 3\n", "the file has too many documents"),
    ] {
        let (_, errors) = read_within(FILE, text.as_bytes(), limits);
        assert_eq!(errors[0].message, message, "{text:?}");
    }
}

#[test]
fn what_aliases_stand_for_is_bounded() {
    let laughs = "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
        c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
        e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    let error = read_plain(FILE, 0, laughs.as_bytes()).unwrap_err();
    let message = "error converting YAML to JSON: yaml: document contains excessive aliasing";
    assert_eq!(error.go_message, message);
    // A chain of aliases is deep only when they are followed.
    let (open, close) = ("[".repeat(100), "]".repeat(100));
    let mut chain = format!("- &a0 {open}1{close}\n");
    for at in 1..4 {
        chain += &format!("- &a{at} {open}*a{}{close}\n", at - 1);
    }
    let (documents, errors) = read(FILE, &chain);
    assert_eq!(errors, []);
    let error = plain(&documents[0]).unwrap_err();
    assert_eq!(error.go_message, "yaml: exceeded max depth");
}

#[test]
fn bytes_that_are_no_text_are_an_error_at_their_place() {
    let (documents, errors) = read_bytes(FILE, b"a: 1\n---\nb: \xff\n");
    assert_eq!(documents.len(), 1);
    assert_eq!((errors[0].span.start(), errors[0].span.end()), (12, 13));
    assert_eq!(errors[0].message, "this is not UTF-8");
    assert_eq!(errors[0].go_message, "yaml: invalid leading UTF-8 octet");
}

/// yaml.v2 decodes 512 bytes at a time, and reads some characters ahead of what it looks at.
#[test]
fn broken_bytes_are_noticed_when_yaml_v2_comes_upon_them() {
    let hashes = "#".repeat(505);
    let first = b"a\n".to_vec();
    for (text, message) in [
        (
            b"]]\n!!bool \xe2\x82".to_vec(),
            "did not find expected node content",
        ),
        (
            b"%YAML 1.1\n%YAML 1.1\n\n  \xe2\x82".to_vec(),
            "line 1: found duplicate %YAML directive",
        ),
        (
            b"?  # c\n  !!int |-\n!!int `\xc2\x85\xe2\x82".to_vec(),
            "incomplete UTF-8 octet sequence",
        ),
        (
            [&first[..], hashes.as_bytes(), b"#\nk: '\xff"].concat(),
            "invalid leading UTF-8 octet",
        ),
        (
            [&first[..], hashes.as_bytes(), b"\nk: 'b\xff"].concat(),
            "invalid leading UTF-8 octet",
        ),
    ] {
        let error = read_plain(FILE, 0, &text).unwrap_err();
        let wanted = format!("error converting YAML to JSON: yaml: {message}");
        assert_eq!(
            error.go_message,
            wanted,
            "{:?}",
            String::from_utf8_lossy(&text)
        );
    }
}
