//! The patches under `fixtures/broken`: see its README.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// A way to break the chart, and what must be found then.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patch {
    /// The replacements, in order.
    #[serde(default)]
    pub(crate) edits: Vec<Edit>,
    /// The findings beside the default passwords.
    #[serde(default)]
    pub(crate) expect: Vec<Expected>,
    /// Passwords of the default values that are no longer found: `postgres password`.
    #[serde(default)]
    pub(crate) gone: Vec<String>,
    /// Why this is not found as expected yet.
    pub(crate) pending: Option<String>,
}

/// One replacement in one file of the chart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The file, relative to the chart.
    pub(crate) file: String,
    /// A text that stands once in the file, before the place.
    pub(crate) after: Option<String>,
    /// The text that goes.
    pub(crate) replace: String,
    /// The text that comes.
    pub(crate) with: String,
}

/// One finding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The rule.
    pub(crate) rule: String,
    /// `values`, `template` or `file`.
    pub(crate) kind: String,
    /// The file of the first location, relative to the chart.
    pub(crate) file: String,
    /// A text that stands once in the patched file, before the line.
    pub(crate) after: Option<String>,
    /// What the line is, without the space around it.
    pub(crate) line: String,
}

impl Patch {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join("patch.yaml");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
