//! From byte offsets to lines and columns, and back.

/// A place as people count it: both from 1, the column in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// Where the lines of a text start. A line ends with `\n`; a `\r` before it belongs to the line.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Reads `text` once.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at + 1));
        Self {
            starts,
            len: text.len(),
        }
    }

    /// How many lines: one more than there are line feeds.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The line, from 1, that holds `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The offset where `line` (from 1) starts; the text's end for a line behind the last.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        self.starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.len)
    }

    /// Line and column of `offset` in `text`, the text that the index was made of. Bytes that are
    /// no UTF-8 count as one character each; a leading byte order mark counts as none.
    #[must_use]
    pub fn line_column(&self, text: &[u8], offset: usize) -> LineColumn {
        let offset = offset.min(text.len());
        let line = self.line(offset);
        let start = self.line_start(line).min(offset);
        let before = text.get(start..offset).unwrap_or_default();
        let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before);
        let column = match std::str::from_utf8(before) {
            Ok(text) => text.chars().count(),
            Err(_) => String::from_utf8_lossy(before).chars().count(),
        };
        LineColumn {
            line,
            column: column + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, offset: usize, line: usize, column: usize) {
        let index = LineIndex::new(text.as_bytes());
        let got = index.line_column(text.as_bytes(), offset);
        assert_eq!(got, LineColumn { line, column }, "{text:?} at {offset}");
    }

    #[test]
    fn counts_characters_from_one() {
        case("", 0, 1, 1);
        case("a\nb", 0, 1, 1);
        case("a\nb", 1, 1, 2);
        case("a\nb", 2, 2, 1);
        case("é: x", 2, 1, 2);
        case("日本: x", 7, 1, 4);
        case("a\r\nb\n", 3, 2, 1);
        case("a\n", 2, 2, 1);
        case("\u{feff}a", 3, 1, 1);
        case("a", 99, 1, 2);
    }
}
