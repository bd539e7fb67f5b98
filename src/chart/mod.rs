//! Charts: loading, dependencies, values, rendering into manifests.

use crate::finding::Finding;
use crate::source::{FileId, Origins, Sources, Text};

/// One manifest that a release consists of: a document of a rendered template, a document under
/// `crds/`, or a document of a plain file.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its text among the sources: a file of kind `Rendered`, or the plain file itself.
    pub file: FileId,
    /// What Helm prints behind `# Source: `.
    pub source: String,
    /// Its text with origins; bytes equal to those of `file`.
    pub text: Text,
    /// Whether it carries a `helm.sh/hook` annotation.
    pub is_hook: bool,
}

/// What rendering a chart gave, complete or not.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The chart's files, the values given, and the rendered documents.
    pub sources: Sources,
    /// Where the bytes of the manifests came from.
    pub origins: Origins,
    /// In the order in which Helm prints them, hooks last.
    pub manifests: Vec<Manifest>,
    /// What Helm prints to standard output, from the bytes of the manifests, with their origins.
    pub output: Text,
    /// What went wrong. Spans lie in templates, values, or rendered documents.
    pub findings: Vec<Finding>,
}
