//! `values.schema.json` as JSON: what it means is told where it is checked.

use std::sync::{Arc, OnceLock};

use serde_json::Error;

use crate::source::{FileId, SourceFile};
use crate::yaml::json::JsonTree;

use super::load::without_bom;

/// The `values.schema.json` of a chart, which is parsed when it is asked for first.
#[derive(Debug)]
pub struct ValuesSchema {
    /// The file among the sources.
    pub file: FileId,
    source: Arc<SourceFile>,
    json: OnceLock<Result<JsonTree, Error>>,
}

impl ValuesSchema {
    pub(super) fn new(file: FileId, source: Arc<SourceFile>) -> Self {
        Self {
            file,
            source,
            json: OnceLock::new(),
        }
    }

    /// What it holds.
    ///
    /// # Errors
    /// Where it is no JSON.
    pub fn json(&self) -> Result<&JsonTree, &Error> {
        let parse = || JsonTree::read(without_bom(self.source.bytes()));
        self.json.get_or_init(parse).as_ref()
    }
}
