//! The head of a rendered document as Helm reads it (`SimpleHead`): kind and hook.

use crate::source::{FileId, Span};
use crate::yaml::plain::read_checked;
use crate::yaml::{Document, NodeRef};

use super::manifests::is_hook_event;
use super::metadata::{At, Coerced, TypeError, coerced, entries};

/// What Helm looks for in a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: String,
    pub(super) hook: Option<Hook>,
}

/// A `helm.sh/hook` annotation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// Events that Helm knows.
    Known {
        /// Whether one of them is a test.
        is_test: bool,
    },
    /// An event that Helm does not know; it leaves the document out.
    Unknown(String),
}

/// Reads the first YAML document of `text`, the text of `file`: its head and all of it. Its aliases
/// stand for no more than `most` values.
///
/// # Errors
/// What Helm says behind `YAML parse error on FILE: `, and where.
pub(super) fn read(
    file: FileId,
    text: &[u8],
    most: usize,
) -> Result<(Head, Option<Document>), (String, Span)> {
    let document = read_checked(file, 0, text, most);
    let document = document.map_err(|error| (error.go_message, error.span))?;
    let root = document.as_ref().and_then(Document::root);
    let head = match root.filter(|root| !root.is_null()) {
        Some(root) => decode(root).map_err(|error| (error.message, error.span))?,
        None => Head::default(),
    };
    Ok((head, document))
}

fn wrong(node: NodeRef<'_>, path: &str, wanted: &str) -> TypeError {
    let at = At {
        path,
        is_item: false,
    };
    TypeError::new(node, &at, wanted)
}

fn text(to: &mut String, node: NodeRef<'_>, path: &str) -> Result<(), TypeError> {
    match coerced(node) {
        Coerced::Text(text) => *to = text,
        Coerced::Null => {}
        Coerced::No => return Err(wrong(node, path, "string")),
    }
    Ok(())
}

fn decode(root: NodeRef<'_>) -> Result<Head, TypeError> {
    if !root.is_mapping() {
        return Err(wrong(root, "", "util.SimpleHead"));
    }
    let mut head = Head::default();
    let mut version = String::new();
    for (name, _, value) in entries(root) {
        match name.to_lowercase().as_str() {
            "apiversion" => text(&mut version, value, ".apiVersion")?,
            "kind" => text(&mut head.kind, value, ".kind")?,
            "metadata" if value.is_null() => head.hook = None,
            "metadata" => metadata(&mut head, value)?,
            _ => {}
        }
    }
    Ok(head)
}

fn metadata(head: &mut Head, node: NodeRef<'_>) -> Result<(), TypeError> {
    if !node.is_mapping() {
        let wanted = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";
        return Err(wrong(node, ".metadata", wanted));
    }
    let mut name_text = String::new();
    for (name, _, value) in entries(node) {
        match name.to_lowercase().as_str() {
            "name" => text(&mut name_text, value, ".metadata.name")?,
            "annotations" if value.is_null() => head.hook = None,
            "annotations" => annotations(head, value)?,
            _ => {}
        }
    }
    Ok(())
}

fn annotations(head: &mut Head, node: NodeRef<'_>) -> Result<(), TypeError> {
    if !node.is_mapping() {
        return Err(wrong(node, ".metadata.annotations", "map[string]string"));
    }
    for (name, _, value) in entries(node) {
        let mut annotation = String::new();
        text(
            &mut annotation,
            value,
            &format!(".metadata.annotations.{name}"),
        )?;
        if name == "helm.sh/hook" {
            head.hook = Some(hook(annotation));
        }
    }
    Ok(())
}

fn hook(annotation: String) -> Hook {
    let mut is_test = false;
    for event in annotation.split(',') {
        let event = event.trim().to_lowercase();
        if !is_hook_event(&event) {
            return Hook::Unknown(annotation);
        }
        is_test |= event == "test" || event == "test-success";
    }
    Hook::Known { is_test }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};

    #[test]
    fn kinds_and_hooks_are_found_whatever_the_case() {
        let known = |kind: &str, is_test| Head {
            kind: kind.to_owned(),
            hook: Some(Hook::Known { is_test }),
        };
        let plain = |kind: &str| Head {
            kind: kind.to_owned(),
            hook: None,
        };
        case("kind: Pod", Ok(plain("Pod")));
        case("apiVersion: 1\nkind: 2", Ok(plain("2")));
        case("# nothing", Ok(plain("")));
        case("null", Ok(plain("")));
        case(
            "KIND: Pod\nMetaData: {Annotations: {helm.sh/hook: ' Test ,pre-install'}}",
            Ok(known("Pod", true)),
        );
        case(
            "metadata: {annotations: {helm.sh/hook: post-delete}}",
            Ok(known("", false)),
        );
        case(
            "metadata: {annotations: {helm.sh/hook: crd-install}}",
            Ok(Head {
                kind: String::new(),
                hook: Some(Hook::Unknown("crd-install".to_owned())),
            }),
        );
    }

    /// The texts are Helm 4.3.1's.
    #[test]
    fn what_is_no_manifest() {
        let json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        for (text, message) in [
            ("- a", "array into Go value of type util.SimpleHead"),
            ("a", "string into Go value of type util.SimpleHead"),
            ("5", "number into Go value of type util.SimpleHead"),
            (
                "apiVersion: [1]",
                "array into Go struct field .apiVersion of type string",
            ),
            (
                "metadata: x",
                "string into Go struct field .metadata of type struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }",
            ),
            (
                "metadata: {annotations: {a: [1]}}",
                "array into Go struct field .metadata.annotations.a of type string",
            ),
            (
                "metadata: {annotations: x}",
                "string into Go struct field .metadata.annotations of type map[string]string",
            ),
        ] {
            case(text, Err(&format!("{json} {message}")));
        }
        case(
            "a: .inf",
            Err("error converting YAML to JSON: json: unsupported value: +Inf"),
        );
        case(
            "a: b: c",
            Err(
                "error converting YAML to JSON: yaml: mapping values are not allowed in this context",
            ),
        );
    }

    #[track_caller]
    fn case(text: &str, expected: Result<Head, &str>) {
        let file = Sources::new().add("x", FileKind::Rendered, Vec::new());
        let got = read(file, text.as_bytes(), 0).map(|(head, _)| head);
        let got = got.as_ref().map_err(|(message, _)| message.as_str());
        assert_eq!(got, expected.as_ref().map_err(|text| *text), "{text:?}");
    }
}
