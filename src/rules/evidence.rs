//! What rules may ask about where bytes came from.

use crate::source::Span;

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In the chart's own `values.yaml`: everybody who has the chart knows it.
    ChartDefault,
    /// In a values file or argument of the user's.
    UserValues,
    /// In a template, as it is, or by an action that no value went into.
    Template,
    /// In a plain manifest.
    Manifest,
}

/// One piece of what decided a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it was written.
    pub written: Written,
    /// The bytes there.
    pub place: Span,
    /// The dotted path of its values key, where it stands in a values file.
    pub key: Option<String>,
    /// What is written there, without quotes; for an action of a template its own text.
    pub text: String,
}

/// Answers of the engine, which knows the origins.
pub trait Evidence {
    /// What decided the bytes of a span; empty where nothing is known.
    fn written_in(&self, span: Span) -> Vec<Piece>;
    /// The text of the template that printed a span: an action, or what stands there as it is.
    /// Nothing where no template did.
    fn printed_by(&self, span: Span) -> Option<String>;
    /// All bytes of the text that a span lies in.
    fn bytes_of(&self, span: Span) -> &[u8];
}
