//! The functions of Masterminds/goutils 1.1.1 that sprig 3.3.0 calls. Most count bytes, not characters,
//! and may cut a character in two.

use super::strings::{index, last_index};
use super::unicode::{
    self, append_rune, from_runes, is_lower, is_space, is_title, is_upper, to_runes,
};

/// `goutils.Wrap`, sprig's `wrap`: long words stay whole.
pub fn wrap(bytes: &[u8], width: i64) -> Vec<u8> {
    wrap_custom(bytes, width, b"", false)
}

/// `goutils.WrapCustom`; sprig's `wrapWith` breaks long words. An empty line end means `\n`, a width
/// below 1 means 1.
pub fn wrap_custom(bytes: &[u8], width: i64, line_end: &[u8], break_words: bool) -> Vec<u8> {
    let line_end = if line_end.is_empty() { b"\n" } else { line_end };
    let width = usize::try_from(width.max(1)).unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while rest.len() > width {
        if let [b' ', tail @ ..] = rest {
            rest = tail;
            continue;
        }
        let window = rest.get(..=width).unwrap_or(rest);
        let (line, tail) = if let Some(space) = last_index(window, b" ") {
            (rest.get(..space), rest.get(space + 1..))
        } else if break_words {
            (rest.get(..width), rest.get(width..))
        } else {
            match index(rest.get(width..).unwrap_or_default(), b" ") {
                Some(space) => (rest.get(..width + space), rest.get(width + space + 1..)),
                None => break,
            }
        };
        out.extend_from_slice(line.unwrap_or_default());
        out.extend_from_slice(line_end);
        rest = tail.unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// sprig's `abbrev`: `goutils.Abbreviate` for widths of at least 4, else the string itself.
pub fn abbrev(width: i64, bytes: &[u8]) -> Vec<u8> {
    if width < 4 {
        return bytes.to_vec();
    }
    abbreviate(bytes, 0, width)
}

/// sprig's `abbrevboth`.
pub fn abbrev_both(left: i64, right: i64, bytes: &[u8]) -> Vec<u8> {
    if right < 4 || left > 0 && right < 7 {
        return bytes.to_vec();
    }
    abbreviate(bytes, left, right)
}

/// `goutils.AbbreviateFull` with its errors dropped, as sprig drops them: an error gives "".
pub fn abbreviate(bytes: &[u8], offset: i64, max_width: i64) -> Vec<u8> {
    const MARK: &[u8] = b"...";
    if bytes.is_empty() || max_width < 4 {
        return Vec::new();
    }
    let max = usize::try_from(max_width).unwrap_or(usize::MAX);
    let len = bytes.len();
    if len <= max {
        return bytes.to_vec();
    }
    let keep = max - 3;
    let mut offset = usize::try_from(offset).unwrap_or(0).min(len);
    if len - offset < keep {
        offset = len - keep;
    }
    if offset <= 4 {
        return [bytes.get(..keep).unwrap_or_default(), MARK].concat();
    }
    if max < 7 {
        return Vec::new();
    }
    if offset + keep < len {
        let inner = abbreviate(bytes.get(offset..).unwrap_or_default(), 0, max_width - 3);
        return [MARK, &inner].concat();
    }
    [MARK, bytes.get(len - keep..).unwrap_or_default()].concat()
}

/// `goutils.Initials`, sprig's `initials`. It reads bytes as if each were a character, so letters beyond
/// ASCII come out as their first byte in Latin-1.
pub fn initials(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut gap = true;
    for &b in bytes {
        let rune = u32::from(b);
        if is_space(rune) {
            gap = true;
        } else if gap {
            append_rune(&mut out, rune);
            gap = false;
        }
    }
    out
}

/// `goutils.Uncapitalize`, sprig's `untitle`: the first letter of every word in lower case.
pub fn uncapitalize(bytes: &[u8]) -> Vec<u8> {
    let mut start = true;
    let mut runes = to_runes(bytes);
    for rune in &mut runes {
        if is_space(*rune) {
            start = true;
        } else if start {
            *rune = unicode::to_lower(*rune);
            start = false;
        }
    }
    if bytes.is_empty() {
        Vec::new()
    } else {
        from_runes(&runes)
    }
}

/// `goutils.SwapCase`, sprig's `swapcase`: lower case becomes title case at the start of a word.
pub fn swap_case(bytes: &[u8]) -> Vec<u8> {
    let mut space = true;
    let mut runes = to_runes(bytes);
    for rune in &mut runes {
        if is_upper(*rune) || is_title(*rune) {
            *rune = unicode::to_lower(*rune);
            space = false;
        } else if is_lower(*rune) {
            *rune = if space {
                unicode::to_title(*rune)
            } else {
                unicode::to_upper(*rune)
            };
            space = false;
        } else {
            space = is_space(*rune);
        }
    }
    from_runes(&runes)
}

/// `goutils.DeleteWhiteSpace`, sprig's `nospace`. It walks bytes: if any is a space (0x85 and 0xA0
/// count), every other byte is written as the Latin-1 character of that number.
pub fn delete_white_space(bytes: &[u8]) -> Vec<u8> {
    if !bytes.iter().any(|&b| is_space(u32::from(b))) {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len());
    for &b in bytes {
        if !is_space(u32::from(b)) {
            append_rune(&mut out, u32::from(b));
        }
    }
    out
}
