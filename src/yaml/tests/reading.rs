//! Examples of what is read, with the bytes of each node.

use super::super::*;
use super::file;

/// Every node as `path = bytes`, the text of the tree one can check by eye.
fn tree(text: &str) -> Vec<String> {
    let (documents, errors) = read(file(), text, Limits::default());
    assert_eq!(errors, [], "{text:?}");
    let mut out = Vec::new();
    for document in &documents {
        if let Some(root) = document.root() {
            walk(text, "", root, &mut out);
        }
    }
    out
}

fn walk(text: &str, path: &str, node: NodeRef<'_>, out: &mut Vec<String>) {
    let span = node.span();
    out.push(format!("{path} = {}", &text[span.start()..span.end()]));
    for (at, item) in node.items().enumerate() {
        walk(text, &format!("{path}/{at}"), item, out);
    }
    for (key, value) in node.entries() {
        let name = key.key().unwrap_or_default();
        walk(text, &format!("{path}/{name}"), value, out);
    }
}

#[track_caller]
fn case(text: &str, wanted: &[&str]) {
    assert_eq!(tree(text), wanted);
}

#[test]
fn each_node_has_exactly_its_bytes() {
    case("a: 'x' # c\n", &[" = a: 'x'", "/a = 'x'"]);
    case(
        "a:\n- 1\n- b: 2\nc: {d: [e]}\n",
        &[
            " = a:\n- 1\n- b: 2\nc: {d: [e]}",
            "/a = - 1\n- b: 2",
            "/a/0 = 1",
            "/a/1 = b: 2",
            "/a/1/b = 2",
            "/c = {d: [e]}",
            "/c/d = [e]",
            "/c/d/0 = e",
        ],
    );
    case(
        "a:\nb: &x !!str 1\nc: *x\n",
        &[" = a:\nb: &x !!str 1\nc: *x", "/a = ", "/b = 1", "/c = *x"],
    );
    case(
        "t: |-\n  one\n\n  two\n\nu: >+\n  x\n\n",
        &[
            " = t: |-\n  one\n\n  two\n\nu: >+\n  x\n\n",
            "/t = one\n\n  two",
            "/u = x\n\n",
        ],
    );
    case(
        "\u{feff}é: \"ü\\n\"\r\n",
        &[" = é: \"ü\\n\"", "/é = \"ü\\n\""],
    );
    case(
        "[a: b, c]",
        &[" = [a: b, c]", "/0 = a: b", "/0/a = b", "/1 = c"],
    );
}

#[test]
fn documents_comments_anchors_and_duplicates() {
    let text =
        "# head\na: &x 1 # one\n---\n# nothing\n---\ny: 1\n\"true\": 2\n1: a\n'1': b\n# end\n";
    let (documents, errors) = read(file(), text, Limits::default());
    assert_eq!(errors, []);
    let shown: Vec<_> = documents
        .iter()
        .map(|d| {
            (
                d.root().is_some(),
                d.comments.len(),
                d.anchors.len(),
                d.duplicates().len(),
            )
        })
        .collect();
    assert_eq!(shown, [(true, 2, 1, 0), (false, 1, 0, 0), (true, 1, 0, 2)]);
    let (earlier, later) = documents[2].duplicates()[0];
    assert_eq!(&text[earlier.start()..earlier.end()], "y");
    assert_eq!(&text[later.start()..later.end()], "\"true\"");
}

#[test]
fn merge_keys_give_entries_and_what_comes_later_wins() {
    let text = "base: &b {p: 1, q: 2}\none: {p: 0, <<: *b, q: 3}\ntwo:\n  <<: [{p: 7}, *b]\n";
    case(
        text,
        &[
            " = base: &b {p: 1, q: 2}\none: {p: 0, <<: *b, q: 3}\ntwo:\n  <<: [{p: 7}, *b]",
            "/base = {p: 1, q: 2}",
            "/base/p = 1",
            "/base/q = 2",
            "/one = {p: 0, <<: *b, q: 3}",
            "/one/p = 1",
            "/one/q = 3",
            "/two = <<: [{p: 7}, *b]",
            "/two/q = 2",
            "/two/p = 7",
        ],
    );
}

/// `«»` around the bytes of each error, and its message.
fn errors(text: &str) -> (String, Vec<String>) {
    let (_, errors) = read(file(), text, Limits::default());
    let mut shown = text.to_owned();
    for error in errors.iter().rev() {
        shown.insert(error.span.end(), '»');
        shown.insert(error.span.start(), '«');
    }
    (
        shown,
        errors.into_iter().map(|error| error.message).collect(),
    )
}

#[track_caller]
fn broken(text: &str, wanted: &str, messages: &[&str]) {
    let (shown, found) = errors(text);
    assert_eq!(shown, wanted);
    assert_eq!(found, messages);
}

#[test]
fn errors_point_at_the_cause() {
    broken(
        "a: \"x\nb: 1\n",
        "a: «\"»x\nb: 1\n",
        &["This quote is never closed"],
    );
    broken(
        "a: b: c\n",
        "a: b«:» c\n",
        &["A `:` makes a key here, where none can stand; quote the text or mend the indentation"],
    );
    broken(
        "a: *x\n",
        "a: «*x»\n",
        &["There is no anchor `&x` before this"],
    );
    broken(
        "a: &x [*x]\n",
        "a: &x [«*x»]\n",
        &["The value of `&x` contains itself"],
    );
    broken(
        "a: 1\nb\nc: 2\n",
        "a: 1\n«b»\nc: 2\n",
        &["This line is neither a key with a `:` nor a value"],
    );
    broken(
        "a: !!int x\n",
        "a: !!int «x»\n",
        &["The value is not what its tag says"],
    );
}

#[test]
fn reading_goes_on_with_the_next_document() {
    let text = "a: {\n---\nb: 1\n---\nc: \"\n---\nd: [1, 2]\n---\n\u{7}\n---\ne: 1\n";
    let (documents, errors) = read(file(), text, Limits::default());
    assert_eq!(errors.len(), 3);
    let roots: Vec<_> = documents
        .iter()
        .map(|d| {
            (
                d.complete,
                d.root().and_then(|root| root.entries().next()?.0.key()),
            )
        })
        .collect();
    let name = |name: &'static str| Some(name.into());
    assert_eq!(
        roots,
        [
            (false, name("a")),
            (true, name("b")),
            (false, name("c")),
            (true, name("d")),
            (true, name("e"))
        ]
    );
}

#[test]
fn limits_are_errors_of_our_own() {
    let limits = Limits {
        depth: 3,
        nodes: 10,
        documents: 2,
    };
    for text in [
        "[[[[",
        "a:\n b:\n  c:\n   d: 1\n",
        "[1,2,3,4,5,6,7,8,9,10]",
        "--- 1\n--- 2\n--- 3\n",
    ] {
        let (_, errors) = read(file(), text, limits);
        assert!(
            errors.iter().any(|error| error.go_message.is_none()),
            "{text:?} {errors:?}"
        );
    }
    let laughs = "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
        c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
        e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    let error = from_yaml(file(), 0, laughs, Expect::Any, Limits::default()).unwrap_err();
    let message = "error converting YAML to JSON: yaml: document contains excessive aliasing";
    assert_eq!(error.go_message.as_deref(), Some(message));
}

#[test]
fn bytes_that_are_no_text_are_an_error_at_their_place() {
    let (documents, errors) = read_bytes(file(), b"a: 1\nb: \xff\n", Limits::default());
    assert_eq!(documents.len(), 1);
    assert_eq!((errors[0].span.start(), errors[0].span.end()), (8, 9));
    assert_eq!(
        errors[0].go_message.as_deref(),
        Some("yaml: invalid leading UTF-8 octet")
    );
}
