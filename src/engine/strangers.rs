//! Documents that are no Kubernetes objects: no rule looks at them, so each is told.

use std::ffi::OsStr;
use std::path::Path;

use crate::finding::Finding;
use crate::k8s::Release;
use crate::rules;
use crate::source::{Sources, Span};
use crate::yaml::NodeRef;

/// Rule: a document is no Kubernetes object.
pub(super) const RULE: &str = "not-an-object";

/// What every object has, of which one is missing.
const NEEDED: [&str; 2] = ["apiVersion", "kind"];

/// What kubectl and Helm refuse to install, though `helm template` prints it.
pub(super) fn findings(release: &Release<'_>, sources: &Sources) -> Vec<Finding> {
    let strangers = release.strangers().iter().copied();
    strangers.map(|node| finding(node, sources)).collect()
}

fn finding(node: NodeRef<'_>, sources: &Sources) -> Finding {
    let file = Path::new(sources.file(node.span().file()).name());
    let stem = file.file_stem().and_then(OsStr::to_str);
    // kustomize takes a file of this name for one without apiVersion and kind, too.
    if stem == Some("kustomization") {
        let folder = file.parent().unwrap_or(Path::new(""));
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        let message = "this is a kustomization, which is not built here";
        let help = format!(
            "lint what it makes: `kustomize build {} | aiplat lint -`",
            folder.display()
        );
        return Finding::new(RULE, start(node), message).help(help);
    }
    let missing: Vec<&str> = NEEDED.into_iter().filter(|key| !has(node, key)).collect();
    let message = format!(
        "this document has no {}: it is no Kubernetes object",
        missing.join(" and ")
    );
    match slip(node, &missing) {
        Some((key, meant)) if key.text() == Some(&meant) => Finding::new(RULE, key.span(), message),
        Some((key, meant)) => {
            Finding::new(RULE, key.span(), message).help(format!("did you mean `{meant}`?"))
        }
        None => Finding::new(RULE, start(node), message),
    }
}

fn has(node: NodeRef<'_>, key: &str) -> bool {
    let text = node.get(key).and_then(NodeRef::text);
    text.is_some_and(|text| !text.is_empty())
}

/// A key that is one of those that are missing, and has no value, or was meant for one.
fn slip<'a>(node: NodeRef<'a>, missing: &[&str]) -> Option<(NodeRef<'a>, String)> {
    let missing: Vec<String> = missing.iter().map(|key| (*key).to_owned()).collect();
    node.entries().find_map(|(key, _)| {
        let meant = rules::nearest(key.text()?, &missing)?;
        Some((key, meant))
    })
}

/// The first key of a mapping; all of what is none.
fn start(node: NodeRef<'_>) -> Span {
    let first = node.entries().next();
    first.map_or(node.span(), |(key, _)| key.span())
}
