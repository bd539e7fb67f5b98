//! What rules may ask about where bytes came from.

use crate::source::Span;

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In the chart's own `values.yaml`: everybody who has the chart knows it.
    ChartDefault,
    /// In a values file or argument of the user's.
    UserValues,
    /// In a template, as it is.
    Template,
    /// In a plain manifest.
    Manifest,
}

/// Answers of the engine, which knows the origins.
pub trait Evidence {
    /// Where the bytes of a span were written, and the text there without quotes; empty where
    /// nothing is known (made by a function from nothing, such as a random password).
    fn written_in(&self, span: Span) -> Vec<(Written, String)>;
    /// The text that a span lies in.
    fn bytes_of(&self, span: Span) -> Vec<u8>;
}
