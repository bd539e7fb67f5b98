//! A chart while its release is prepared: what dependencies and values change of it.

use std::cell::RefCell;
use std::sync::Arc;

use crate::source::Origins;
use crate::template::value::Value;

use super::Chart;
use super::metadata::Metadata;

/// A chart whose metadata, values and dependencies can change.
#[derive(Debug, Clone)]
pub(super) struct Working<'c> {
    pub(super) chart: &'c Chart,
    pub(super) metadata: Metadata,
    /// What `import-values` of each dependency became, in the order of the metadata; `None` until
    /// they were processed.
    pub(super) imports: Option<Vec<Vec<(String, String)>>>,
    /// The default values, until they are settled for good.
    pub(super) values: RefCell<Value>,
    pub(super) dependencies: Vec<Working<'c>>,
}

impl<'c> Working<'c> {
    pub(super) fn new(chart: &'c Chart, origins: &mut Origins) -> Self {
        Self {
            chart,
            metadata: chart.metadata.clone(),
            imports: None,
            values: RefCell::new(match &chart.values {
                Some(values) => values.value(origins),
                None => Value::map([]),
            }),
            dependencies: chart
                .dependencies
                .iter()
                .map(|chart: &Arc<Chart>| Self::new(chart, origins))
                .collect(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.metadata.name.text
    }

    /// Helm's `IsLibraryChart`.
    pub(super) fn is_library(&self) -> bool {
        self.metadata.kind.text.eq_ignore_ascii_case("library")
    }
}
