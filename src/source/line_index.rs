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
    /// Offsets in long lines, in their order, with how many characters of the line are before.
    counted: Vec<(usize, usize)>,
}

/// A line of more bytes than this has its characters counted once, at places this far apart:
/// manifests can be megabytes of JSON in one line, with thousands of findings.
const STRIDE: usize = 4096;

/// Adds where the lines of a text end: behind each line feed. Lines are short, so that to look at
/// eight bytes at once is quicker than to begin a search for each.
pub fn line_ends(text: &[u8], ends: &mut Vec<usize>) {
    const ONES: u64 = u64::MAX / 0xff;
    const LOW: u64 = ONES * 0x7f;
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'\n'));
        // The highest bit of each byte that is a line feed.
        let mut found = !(((other & LOW) + LOW) | other | LOW);
        while found != 0 {
            ends.push(at * 8 + found.trailing_zeros() as usize / 8 + 1);
            found &= found - 1;
        }
    }
    let start = text.len() - rest.len();
    let behind = rest.iter().enumerate();
    ends.extend(behind.filter_map(|(at, byte)| (*byte == b'\n').then_some(start + at + 1)));
}

impl LineIndex {
    /// Reads `text` once.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        line_ends(text, &mut starts);
        let mut counted = Vec::new();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        for (start, end) in starts.iter().copied().zip(ends) {
            if end - start > STRIDE {
                count_line(text, start, end, &mut counted);
            }
        }
        Self {
            starts,
            len: text.len(),
            counted,
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
        let behind = self.counted.partition_point(|(at, _)| *at <= offset);
        let (start, counted) = match self.counted.get(behind.wrapping_sub(1)) {
            Some((at, counted)) if *at > start => (*at, *counted),
            _ => (start, 0),
        };
        let rest = text.get(start..offset).unwrap_or_default();
        let rest = match counted {
            0 => rest.strip_prefix(MARK).unwrap_or(rest),
            _ => rest,
        };
        let column = counted + characters(rest);
        LineColumn {
            line,
            column: column + 1,
        }
    }
}

/// A byte order mark: it counts as no character where a line starts with it.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// How many characters there are in `text`; bytes that are no UTF-8 count as one each.
fn characters(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(text) => text.chars().count(),
        Err(_) => String::from_utf8_lossy(text).chars().count(),
    }
}

/// Counts the characters of the line from `start` to `end`, a stride at a time.
fn count_line(text: &[u8], start: usize, end: usize, counted: &mut Vec<(usize, usize)>) {
    let (mut at, mut before) = (start, 0);
    if text
        .get(start..end)
        .is_some_and(|line| line.starts_with(MARK))
    {
        at += MARK.len();
    }
    while end - at > STRIDE {
        let mut next = at + STRIDE;
        // A character takes four bytes at most: what continues for longer belongs to none.
        for _ in 0..3 {
            let is_within = text.get(next).is_some_and(|byte| byte & 0xc0 == 0x80);
            next += usize::from(is_within);
        }
        before += characters(text.get(at..next).unwrap_or_default());
        counted.push((next, before));
        at = next;
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

    #[test]
    fn lines_end_behind_line_feeds() {
        // Every byte but for the line feed, which stands at every place among eight bytes.
        let mut text = Vec::new();
        for byte in 0..=u8::MAX {
            text.extend([byte, byte ^ 1, byte ^ 0x80, byte]);
            text.extend((byte % 3 == 0).then_some(b'\n'));
        }
        for from in 0..9 {
            let mut ends = Vec::new();
            line_ends(&text[from..], &mut ends);
            let wanted = text[from..].split_inclusive(|byte| *byte == b'\n');
            let wanted = wanted.filter(|line| line.ends_with(b"\n"));
            let wanted = wanted.scan(0, |at, line| {
                *at += line.len();
                Some(*at)
            });
            assert!(wanted.eq(ends));
        }
    }

    #[test]
    fn counts_the_same_in_lines_of_any_length() {
        for part in [
            &b"a"[..],
            "é".as_bytes(),
            "a日本🙂".as_bytes(),
            b"\xff\x80\x80\xe6\x97",
            b"\x80",
            MARK,
        ] {
            let line = part.repeat(3 * STRIDE / part.len() + 7);
            let text = [&b"\xef\xbb\xbfx\n"[..], &line, b"\n", &line, b"\ny"].concat();
            let index = LineIndex::new(&text);
            for (start, number) in [(5, 2), (6 + line.len(), 3)] {
                let each = String::from_utf8_lossy(part).chars().count();
                for times in 0..line.len() / part.len() {
                    let offset = times * part.len();
                    let got = index.line_column(&text, start + offset);
                    let mark = usize::from(times > 0 && part == MARK);
                    let column = times * each - mark + 1;
                    assert_eq!(
                        got,
                        LineColumn {
                            line: number,
                            column
                        },
                        "{part:?} at {offset}"
                    );
                }
            }
        }
    }
}
