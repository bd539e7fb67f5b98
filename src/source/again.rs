//! Where a part of a text stands in what the text was made of.

use std::ops::Range;

use memchr::memmem;

/// Finds `part` of `text` in `from`, which all or most of the text was copied of: indented, quoted,
/// or with something put in between. The part lies on one line; its line decides, and what
/// is alike is told apart by its order. `None` where that is not clear.
#[must_use]
pub fn again(from: &[u8], text: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let wanted = text.get(part.clone())?;
    if wanted.is_empty() || wanted.contains(&b'\n') {
        return None;
    }
    let line = line(text, part.clone());
    let whole = text.get(line.clone())?;
    let before = text.get(..line.start).unwrap_or_default();
    let rank = memmem::find_iter(before, whole)
        .filter(|at| is_line(before, *at..at + whole.len()))
        .count();
    let lines = memmem::find_iter(from, whole).filter(|at| is_line(from, *at..at + whole.len()));
    let mut last = None;
    for (number, at) in lines.enumerate() {
        last = Some(at);
        if number == rank {
            break;
        }
    }
    let found = match last {
        Some(start) => start + (part.start - line.start),
        None => {
            let count = |text: &[u8]| memmem::find_iter(text, wanted).count();
            let rank = match count(from) {
                1 => 0,
                several if several == count(text) => count(text.get(..part.start)?),
                _ => return None,
            };
            memmem::find_iter(from, wanted).nth(rank)?
        }
    };
    Some(found..found + wanted.len())
}

/// The line around a part of a text, without the blanks at its ends.
fn line(text: &[u8], part: Range<usize>) -> Range<usize> {
    let before = text.get(..part.start).unwrap_or_default();
    let behind = text.get(part.end..).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', behind).map_or(text.len(), |at| part.end + at);
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let head = before.get(start..).unwrap_or_default();
    let tail = text.get(part.end..end).unwrap_or_default();
    let skipped = head.iter().take_while(|byte| blank(byte)).count();
    let cut = tail.iter().rev().take_while(|byte| blank(byte)).count();
    start + skipped..end - cut
}

/// Whether only blanks stand beside a part of a text on its line.
fn is_line(text: &[u8], part: Range<usize>) -> bool {
    let before = text.get(..part.start).unwrap_or_default();
    let behind = text.get(part.end..).unwrap_or_default();
    let ends = |byte: &&u8| !matches!(**byte, b' ' | b'\t' | b'\r');
    let is_edge = |byte: Option<&u8>| matches!(byte, None | Some(b'\n'));
    is_edge(before.iter().rev().find(ends)) && is_edge(behind.iter().find(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of the line of `from` where `part` of `text` is found, with the column.
    fn found<'f>(from: &'f str, text: &str, part: &str, nth: usize) -> Option<(&'f str, usize)> {
        let at = text.match_indices(part).nth(nth)?.0;
        let found = again(from.as_bytes(), text.as_bytes(), at..at + part.len())?;
        assert_eq!(from.get(found.clone()), Some(part));
        let start = from[..found.start].rfind('\n').map_or(0, |at| at + 1);
        let line = from[start..].lines().next()?;
        Some((line, found.start - start))
    }

    #[test]
    fn indented_text_is_found_by_its_line() {
        let from = "# pw\n  user: pw\n  password: pw";
        let text = "data:\n  x: |\n    # pw\n      user: pw\n      password: pw\n";
        assert_eq!(found(from, text, "pw", 0), Some(("# pw", 2)));
        assert_eq!(found(from, text, "pw", 1), Some(("  user: pw", 8)));
        assert_eq!(found(from, text, "pw", 2), Some(("  password: pw", 12)));
        // The text does not lie in what it says.
        assert_eq!(found(from, text, "data", 0), None);
    }

    #[test]
    fn lines_that_are_alike_are_told_apart_by_their_order() {
        let from = "a: x\nb: y\na: x\n";
        let at = |nth| {
            let at = from.match_indices('x').nth(nth).unwrap().0;
            again(from.as_bytes(), from.as_bytes(), at..at + 1)
        };
        assert_eq!(at(0), Some(3..4));
        assert_eq!(at(1), Some(13..14));
        // More of them than there were: the last one says the same.
        assert_eq!(again(b"a: x\n", b"a: x\na: x\n", 8..9), Some(3..4));
    }

    #[test]
    fn text_that_is_written_otherwise_is_found_where_it_stands_once_or_as_often() {
        let from = r#""user: a\npassword: pw""#;
        let text = "user: a\npassword: pw\n";
        assert_eq!(found(from, text, "pw", 0), Some((from, 20)));
        assert_eq!(found("'pw' pw", "pw, pw", "pw", 1), Some(("'pw' pw", 5)));
        assert_eq!(found("pw pw pw", "x pw y\npw", "pw", 0), None);
        assert_eq!(again(b"x", b"x", 0..5), None);
        assert_eq!(again(b"", b"", 0..0), None);
    }
}
