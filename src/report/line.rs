//! One source line, cut to the columns that there are, so that what it is shown for stays in view.

use std::ops::Range;

/// What stands for what was cut.
const ELLIPSIS: &str = "...";

/// How many bytes a character takes at most, in UTF-8.
const MAX_BYTES: usize = 4;

/// Bytes of the line that are underlined, and how long the word on them is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: usize,
}

/// A line as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Its text.
    pub(super) text: String,
    /// Where the marks are in it, in bytes.
    pub(super) marks: Vec<(usize, usize)>,
}

/// A line of at most `width` columns around its marks. The bytes of a mark that do not fit are
/// left out at its end, and so is the rest of the line.
pub(super) fn cut(line: &[u8], marks: &[Mark], width: usize) -> Cut {
    let from = marks.iter().map(|mark| mark.from).min().unwrap_or(0);
    let to = marks.iter().map(|mark| mark.to).max().unwrap_or(0);
    let near = near(line, from, width);
    let skipped = near.start;
    let line = Columns::of(line.get(near).unwrap_or_default());
    let (from, to) = (from - skipped, to - skipped);
    let label = marks.iter().map(|mark| mark.label).max().unwrap_or(0);
    let (from, to) = (line.column(from), line.column(to));
    // The word stands behind its underline, one column off. A long one may run over: what it is
    // about matters more.
    let label = if label == 0 {
        0
    } else {
        (label + 1).min(width / 3)
    };
    let whole = line.width();
    let (start, end) = if whole <= width && to + label <= width {
        (0, whole)
    } else {
        window(whole, from, to, label, width)
    };
    let mut text = String::new();
    if start > 0 {
        text.push_str(ELLIPSIS);
    }
    let (first, last) = (line.at(start), line.at(end));
    let shift = text.len();
    let offset = |byte: usize| {
        let at = line.index(byte - skipped).clamp(first, last.max(first));
        shift + line.bytes_between(first, at)
    };
    let marks = marks
        .iter()
        .map(|mark| (offset(mark.from), offset(mark.to)))
        .collect();
    text.extend(
        line.chars
            .get(first..last)
            .unwrap_or_default()
            .iter()
            .map(|c| c.shown),
    );
    if end < whole {
        text.push_str(ELLIPSIS);
    }
    Cut { text, marks }
}

/// The bytes of a line that can be in view, for marks that start at `from`: a file that is one line
/// of megabytes is not read for each finding in it. There are at least `width` characters on either
/// side, or the line ends there.
fn near(line: &[u8], from: usize, width: usize) -> Range<usize> {
    let reach = width.saturating_mul(MAX_BYTES);
    let is_within = |at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let mut start = from.min(line.len()).saturating_sub(reach);
    // Bytes that are no UTF-8 may look as if they were within a character for long.
    for _ in 1..MAX_BYTES {
        start = start.saturating_sub(usize::from(is_within(start)));
    }
    let mut end = from.saturating_add(reach).min(line.len());
    for _ in 1..MAX_BYTES {
        end += usize::from(is_within(end));
    }
    start..end
}

/// Which columns of a line of `whole` columns are shown, for a mark from `from` to `to`: the mark
/// as far as it fits together with its word, as much as fits before it, and what fits behind.
fn window(whole: usize, from: usize, to: usize, label: usize, width: usize) -> (usize, usize) {
    let dots = ELLIPSIS.len();
    let most = width.saturating_sub(2 * dots + label).max(width / 2);
    // A mark that is cut anyway leaves room for what is before it, where that is short.
    let most = if to - from > most && from <= width / 4 {
        width.saturating_sub(from + dots + label)
    } else {
        most
    };
    let shown = (to - from).min(most);
    // What is behind the mark matters less than what is before: a key stands before its value.
    let behind = (whole - (from + shown)).min(width / 8 + dots).max(label);
    let behind = behind.min(width.saturating_sub(dots + shown));
    // Nothing stands for what is cut in front where nothing is.
    let start = if from + shown + behind <= width {
        0
    } else {
        (from + shown + behind + dots).saturating_sub(width)
    };
    let room = width.saturating_sub(if start > 0 { dots } else { 0 });
    let end = if whole - start <= room {
        whole
    } else {
        start + room.saturating_sub(dots)
    };
    // A mark that was cut ends the line: its word follows.
    let end = if shown < to - from {
        end.min(from + shown)
    } else {
        end
    };
    (start, end)
}

/// A character of the line.
struct Shown {
    shown: char,
    /// Offset of its first byte in the line.
    byte: usize,
    /// Column that it starts at, from 0.
    column: usize,
}

/// The characters of a line with where they stand. Bytes that are no UTF-8 are shown as `�`.
struct Columns {
    chars: Vec<Shown>,
    bytes: usize,
    columns: usize,
}

impl Columns {
    fn of(line: &[u8]) -> Self {
        let mut all = Self {
            chars: Vec::new(),
            bytes: 0,
            columns: 0,
        };
        for chunk in line.utf8_chunks() {
            for shown in chunk.valid().chars() {
                all.push(shown, shown.len_utf8());
            }
            if !chunk.invalid().is_empty() {
                all.push('\u{fffd}', chunk.invalid().len());
            }
        }
        all
    }

    fn push(&mut self, shown: char, bytes: usize) {
        self.chars.push(Shown {
            shown,
            byte: self.bytes,
            column: self.columns,
        });
        self.bytes += bytes;
        // annotate-snippets shows a tab as four blanks.
        self.columns += if shown == '\t' { 4 } else { 1 };
    }

    fn width(&self) -> usize {
        self.columns
    }

    /// Index of the first character at or behind a byte.
    fn index(&self, byte: usize) -> usize {
        self.chars.partition_point(|c| c.byte < byte)
    }

    /// Column of a byte.
    fn column(&self, byte: usize) -> usize {
        let at = self.index(byte);
        self.chars.get(at).map_or(self.columns, |c| c.column)
    }

    /// Index of the first character at or behind a column.
    fn at(&self, column: usize) -> usize {
        self.chars.partition_point(|c| c.column < column)
    }

    /// How many bytes the characters from one index to another take when shown.
    fn bytes_between(&self, first: usize, last: usize) -> usize {
        let chars = self.chars.get(first..last).unwrap_or_default();
        chars.iter().map(|c| c.shown.len_utf8()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[` and `]` in `line` are where the mark starts and ends; `wanted` shows it the same way.
    #[track_caller]
    fn case(line: &str, label: usize, width: usize, wanted: &str) {
        let from = line.find('[').unwrap();
        let to = line.find(']').unwrap() - 1;
        let plain = line.replace(['[', ']'], "");
        let Cut { mut text, marks } = cut(plain.as_bytes(), &[Mark { from, to, label }], width);
        assert!(text.chars().count() <= width, "{text}");
        let (from, to) = marks[0];
        text.insert(to, ']');
        text.insert(from, '[');
        assert_eq!(text, wanted);
    }

    #[test]
    fn what_fits_is_shown_whole() {
        case(
            "    password: [postgres]",
            11,
            40,
            "    password: [postgres]",
        );
    }

    #[test]
    fn the_mark_and_its_word_stay_in_view() {
        case(
            "a-key-that-is-quite-long-indeed-and-longer: [postgres] # and a comment that is long",
            11,
            40,
            "...deed-and-longer: [postgres] # and a ...",
        );
        case(
            "key: [value] # and a comment that is too long for this terminal",
            4,
            40,
            "key: [value] # and a comment that is to...",
        );
    }

    #[test]
    fn a_mark_that_is_too_long_is_cut_at_its_end() {
        case(
            "key: [0123456789012345678901234567890123456789012345678901234567890123456789]",
            9,
            40,
            "key: [0123456789012345678901]...",
        );
    }

    #[test]
    fn a_line_of_megabytes_looks_like_any_long_line() {
        let around = |count: usize| {
            let many = "größe ".repeat(count);
            format!("{many}[wert]{many}")
        };
        let wanted = "... größe größe größe größe [wert]größe...";
        case(&around(10), 0, 40, wanted);
        case(&around(100_000), 0, 40, wanted);
        let long = format!("a: [{}]", "é".repeat(1_000_000));
        case(&long, 0, 40, &format!("a: [{}]...", "é".repeat(34)));
        assert_eq!(near(b"abc", 1, 0), 1..1);
        assert_eq!(near(&[0x80; 100], 50, 1), 43..57);
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        case("größe: [äöü]", 10, 40, "größe: [äöü]");
        case(
            "größenangabe-und-mehr-davon-und-mehr-davon: [äöüäöüäöü]äöüäöüäöüäöüäöü",
            0,
            40,
            "...von-und-mehr-davon: [äöüäöüäöü]äöüäö...",
        );
    }
}
