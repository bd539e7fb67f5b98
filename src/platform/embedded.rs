//! Text inside a scalar, such as `prometheus.yml` in a ConfigMap: from a place in it to the bytes
//! of the manifest.

use crate::source::{FileId, Span};
use crate::yaml::{Document, NodeRef, ScalarStyle, read};

/// The YAML documents inside a scalar.
#[derive(Debug)]
pub struct Embedded<'a> {
    scalar: NodeRef<'a>,
    /// What was read.
    pub documents: Vec<Document>,
    /// Where each line of the text stands in the manifest: its start in the text, its start in the
    /// file. Empty where lines do not map.
    lines: Vec<(usize, usize)>,
    is_exact: bool,
}

impl<'a> Embedded<'a> {
    /// Reads the text of `scalar`, whose manifest's bytes are `file`.
    #[must_use]
    pub fn new(scalar: NodeRef<'a>, file: &[u8]) -> Option<Self> {
        let text = scalar.text()?;
        let (documents, errors) = read(FileId::DETACHED, text);
        if !errors.is_empty() {
            return None;
        }
        let span = scalar.span();
        let source = file.get(span.start()..span.end()).unwrap_or_default();
        let (lines, is_exact) = match scalar.style() {
            Some(ScalarStyle::Literal) => (literal_lines(text, span, file), true),
            Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => {
                let inside = source.get(1..source.len().saturating_sub(1));
                let is_same = inside == Some(text.as_bytes());
                (vec![(0, span.start() + 1)], is_same)
            }
            _ => (vec![(0, span.start())], source == text.as_bytes()),
        };
        Some(Self {
            scalar,
            documents,
            lines,
            is_exact,
        })
    }

    /// The bytes of the manifest for a span of the text; the whole scalar where they do not map
    /// one to one.
    #[must_use]
    pub fn span(&self, inner: Span) -> Span {
        let whole = self.scalar.span();
        if !self.is_exact {
            return whole;
        }
        let place = |at: usize| {
            let line = self.lines.partition_point(|(start, _)| *start <= at);
            let (start, outer) = self.lines.get(line.checked_sub(1)?)?;
            Some(outer + (at - start))
        };
        // The end is behind the last byte, which may be the last of its line.
        let last = inner.end().saturating_sub(1).max(inner.start());
        match (place(inner.start()), place(last)) {
            (Some(start), Some(end)) if start <= end => {
                let end = end + usize::from(!inner.is_empty());
                Span::new(whole.file(), start, end)
            }
            _ => whole,
        }
    }
}

/// The lines of a literal block: each stands in the file behind the block's indentation.
fn literal_lines(text: &str, span: Span, file: &[u8]) -> Vec<(usize, usize)> {
    // From the first character of the content back to the end of the header's line.
    let before = file.get(..span.start()).unwrap_or_default();
    let header = before
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
        .map_or(0, |at| at + 1);
    let content = file
        .get(header..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
        .map_or(span.start(), |at| header + at + 1);
    let mut lines = Vec::new();
    let mut outer = content;
    let mut inner = 0;
    let mut indent = None;
    for line in text.split_inclusive('\n') {
        let rest = file.get(outer..).unwrap_or_default();
        let len = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |at| at + 1);
        let bare = line.trim_end_matches('\n');
        if !bare.is_empty() && indent.is_none() {
            let written = rest.get(..len).unwrap_or_default();
            let written = written.strip_suffix(b"\n").unwrap_or(written);
            let written = written.strip_suffix(b"\r").unwrap_or(written);
            indent = written.len().checked_sub(bare.len());
        }
        let pad = if bare.is_empty() {
            0
        } else {
            indent.unwrap_or(0)
        };
        lines.push((inner, outer + pad));
        inner += line.len();
        outer += len;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};

    #[track_caller]
    fn case(manifest: &str, want: &str) {
        let file = Sources::new().add("m", FileKind::File, Vec::new());
        let (documents, _) = read(file, manifest);
        let root = documents[0].root().unwrap();
        let embedded = Embedded::new(root.get("k").unwrap(), manifest.as_bytes()).unwrap();
        let inner = embedded.documents[0].root().unwrap();
        let target = inner.at(&["a"]).unwrap().items().last().unwrap();
        let span = embedded.span(target.span());
        assert_eq!(&manifest[span.start()..span.end()], want);
    }

    #[test]
    fn places_in_the_text_are_places_in_the_manifest() {
        case("k: |\n  a:\n    - x\n    - host:80\n", "host:80");
        case(
            "k: |-\n\n      a:\n      - \"host:80\"\nz: 1\n",
            "\"host:80\"",
        );
        case("x:\nk: |  # why\n    a: [x, 'é', host:80]\n", "host:80");
        case("k: 'a: [host]'\n", "host");
        // Escapes and folds do not map one to one: the whole scalar is named.
        case("k: \"a:\\n- host:80\"\n", "\"a:\\n- host:80\"");
    }
}
