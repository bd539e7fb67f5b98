//! What the origins say to rules.

use crate::rules::{Evidence, Piece, Written};
use crate::source::{FileId, FileKind, Sources, Span};

use super::locate::Locator;

/// Answers for one rendering.
pub(super) struct Origins<'a> {
    pub(super) sources: &'a Sources,
    pub(super) locator: &'a Locator<'a>,
    /// The `values.yaml` of the chart and of its subcharts.
    pub(super) defaults: &'a [FileId],
}

impl Evidence for Origins<'_> {
    fn written_in(&self, span: Span) -> Vec<Piece> {
        let text = |span: Span| {
            let bytes = String::from_utf8_lossy(self.sources.slice(span));
            let bare = bytes.trim();
            let unquoted = [('"', '"'), ('\'', '\'')]
                .iter()
                .find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close));
            unquoted.unwrap_or(bare).to_owned()
        };
        self.locator
            .written(span)
            .into_iter()
            .map(|place| {
                let kind = match self.sources.file(place.file()).kind() {
                    FileKind::Values if self.defaults.contains(&place.file()) => {
                        Written::ChartDefault
                    }
                    FileKind::Values => Written::UserValues,
                    FileKind::Template | FileKind::Rendered | FileKind::Chart => Written::Template,
                    FileKind::File => Written::Manifest,
                };
                Piece {
                    written: kind,
                    place,
                    key: self.locator.key(place),
                    text: text(place),
                }
            })
            .collect()
    }

    fn printed_by(&self, span: Span) -> Option<String> {
        let at = self.locator.printed_by(span)?;
        Some(String::from_utf8_lossy(self.sources.slice(at)).into_owned())
    }

    fn bytes_of(&self, span: Span) -> &[u8] {
        self.sources.file(span.file()).bytes()
    }
}
