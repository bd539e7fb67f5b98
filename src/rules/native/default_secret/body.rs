//! A text that values are looked for in.

use std::cell::OnceCell;
use std::ops::Range;

use crate::platform::EmbeddedText;
use crate::source::Span;
use crate::yaml::NodeRef;

/// A text that values are looked for in.
pub(super) struct Body<'b> {
    node: NodeRef<'b>,
    pub(super) text: &'b str,
    /// The bytes that the scalar stands in, where it is not an encoding of the text.
    file: Option<&'b [u8]>,
    /// The way from the text to them: of most texts nothing is to be shown.
    embedded: OnceCell<EmbeddedText<'b>>,
}

impl<'b> Body<'b> {
    /// The text of a scalar that stands in the bytes `file`.
    pub(super) fn written(node: NodeRef<'b>, file: &'b [u8]) -> Self {
        Self {
            node,
            text: node.text().unwrap_or_default(),
            file: Some(file),
            embedded: OnceCell::new(),
        }
    }

    pub(super) fn encoded(node: NodeRef<'b>, text: &'b str) -> Self {
        Self {
            node,
            text,
            file: None,
            embedded: OnceCell::new(),
        }
    }

    /// Whether it is the text of that scalar.
    pub(super) fn is_of(&self, node: NodeRef<'_>) -> bool {
        self.node.span() == node.span()
    }

    /// The bytes of the manifest for a part of the text: all of what is encoded.
    pub(super) fn span(&self, at: &Range<usize>) -> Span {
        let embedded = |file| {
            let embed = || EmbeddedText::new(self.node, file);
            self.embedded.get_or_init(embed).span(at.start, at.end)
        };
        self.file.map_or(self.node.span(), embedded)
    }

    /// The text and a part of it, where the bytes of the manifest do not show them.
    pub(super) fn decoded(&self, at: Range<usize>) -> Option<(String, Range<usize>)> {
        let is_encoded = self.file.is_none();
        is_encoded.then(|| (self.text.to_owned(), at))
    }
}
