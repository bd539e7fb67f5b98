//! A text that values are looked for in.

use std::ops::Range;

use crate::platform::EmbeddedText;
use crate::source::Span;
use crate::yaml::NodeRef;

/// A text that values are looked for in.
pub(super) struct Body<'b> {
    node: NodeRef<'b>,
    pub(super) text: &'b str,
    /// Nothing where the scalar is an encoding of the text.
    embedded: Option<EmbeddedText<'b>>,
}

impl<'b> Body<'b> {
    /// The text of a scalar that stands in the bytes `file`.
    pub(super) fn written(node: NodeRef<'b>, file: &[u8]) -> Self {
        Self {
            node,
            text: node.text().unwrap_or_default(),
            embedded: Some(EmbeddedText::new(node, file)),
        }
    }

    pub(super) fn encoded(node: NodeRef<'b>, text: &'b str) -> Self {
        Self {
            node,
            text,
            embedded: None,
        }
    }

    /// The bytes of the manifest for a part of the text: all of what is encoded.
    pub(super) fn span(&self, at: &Range<usize>) -> Span {
        match &self.embedded {
            Some(embedded) => embedded.span(at.start, at.end),
            None => self.node.span(),
        }
    }

    /// The text and a part of it, where the bytes of the manifest do not show them.
    pub(super) fn decoded(&self, at: Range<usize>) -> Option<(String, Range<usize>)> {
        let is_encoded = self.embedded.is_none();
        is_encoded.then(|| (self.text.to_owned(), at))
    }
}
