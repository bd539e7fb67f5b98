//! Go's `unicode` and `unicode/utf8`: the classes and simple case mappings of Unicode 17, and UTF-8
//! decoding in which one bad byte counts as one U+FFFD of width 1.

use super::tables;

/// `utf8.RuneError`, what an undecodable byte reads as.
pub const RUNE_ERROR: u32 = 0xFFFD;

/// `utf8.DecodeRune`: the first code point and how many bytes it takes. Empty input gives
/// (`RUNE_ERROR`, 0); an invalid first sequence gives (`RUNE_ERROR`, 1).
pub fn decode_rune(bytes: &[u8]) -> (u32, usize) {
    let Some(&first) = bytes.first() else {
        return (RUNE_ERROR, 0);
    };
    let (need, low, init, second_lo, second_hi) = match first {
        0x00..=0x7F => return (u32::from(first), 1),
        0xC2..=0xDF => (2, 0x1F, first, 0x80, 0xBF),
        0xE0 => (3, 0x0F, first, 0xA0, 0xBF),
        0xED => (3, 0x0F, first, 0x80, 0x9F),
        0xE1..=0xEF => (3, 0x0F, first, 0x80, 0xBF),
        0xF0 => (4, 0x07, first, 0x90, 0xBF),
        0xF4 => (4, 0x07, first, 0x80, 0x8F),
        0xF1..=0xF3 => (4, 0x07, first, 0x80, 0xBF),
        _ => return (RUNE_ERROR, 1),
    };
    let mut rune = u32::from(init & low);
    for i in 1..need {
        let (lo, hi) = if i == 1 {
            (second_lo, second_hi)
        } else {
            (0x80, 0xBF)
        };
        match bytes.get(i) {
            Some(&b) if (lo..=hi).contains(&b) => rune = rune << 6 | u32::from(b & 0x3F),
            _ => return (RUNE_ERROR, 1),
        }
    }
    (rune, need)
}

/// `utf8.DecodeLastRune`: the last code point and its width, with the same rules as [`decode_rune`].
pub fn decode_last_rune(bytes: &[u8]) -> (u32, usize) {
    let end = bytes.len();
    if end == 0 {
        return (RUNE_ERROR, 0);
    }
    for back in 1..=4.min(end) {
        let tail = bytes.get(end - back..).unwrap_or_default();
        if tail.first().is_some_and(|b| b & 0xC0 != 0x80) {
            let (rune, width) = decode_rune(tail);
            return if width == back {
                (rune, width)
            } else {
                (RUNE_ERROR, 1)
            };
        }
    }
    (RUNE_ERROR, 1)
}

/// `utf8.AppendRune`: surrogates and values above U+10FFFF are written as U+FFFD.
pub fn append_rune(out: &mut Vec<u8>, rune: u32) {
    let c = char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The code points of a Go string in order, as `for i, r := range s` sees them: (offset, rune, width).
pub fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, u32, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (rune, width) = decode_rune(bytes.get(at..)?);
        if width == 0 {
            return None;
        }
        let start = at;
        at += width;
        Some((start, rune, width))
    })
}

/// `[]rune(s)`.
pub fn to_runes(bytes: &[u8]) -> Vec<u32> {
    runes(bytes).map(|(_, rune, _)| rune).collect()
}

/// `string([]rune)`.
pub fn from_runes(runes: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(runes.len());
    for &rune in runes {
        append_rune(&mut out, rune);
    }
    out
}

/// `utf8.RuneCountInString`.
pub fn rune_count(bytes: &[u8]) -> usize {
    runes(bytes).count()
}

/// The row of `table` (rows of `width` numbers, the first two a range) that may hold `rune`.
fn row(table: &[i32], width: usize, rune: u32) -> Option<&[i32]> {
    let rune = i32::try_from(rune).ok()?;
    let (mut lo, mut hi) = (0, table.len() / width);
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        let row = table.get(mid * width..(mid + 1) * width)?;
        let (&first, &last) = (row.first()?, row.get(1)?);
        if rune < first {
            hi = mid;
        } else if rune > last {
            lo = mid + 1;
        } else {
            return Some(row);
        }
    }
    None
}

/// Whether `rune` is in a table of (first, last, step) rows. Rows with a step of 2 never overlap others.
fn stepped(table: &[i32], rune: u32) -> bool {
    row(table, 3, rune).is_some_and(|row| on_step(row, rune))
}

fn on_step(row: &[i32], rune: u32) -> bool {
    match (row.first(), row.get(2)) {
        (Some(&first), Some(&2)) => (i64::from(rune) - i64::from(first)) % 2 == 0,
        (Some(_), Some(_)) => true,
        _ => false,
    }
}

/// `rune` moved by a table of (first, last, step, delta) rows.
fn moved(table: &[i32], rune: u32) -> u32 {
    match row(table, 4, rune) {
        Some(row) if on_step(row, rune) => row
            .get(3)
            .and_then(|&delta| rune.checked_add_signed(delta))
            .unwrap_or(rune),
        _ => rune,
    }
}

/// `unicode.ToUpper`: the simple (one to one) mapping, so `ß` stays.
pub fn to_upper(rune: u32) -> u32 {
    moved(&tables::TO_UPPER, rune)
}

/// `unicode.ToLower`.
pub fn to_lower(rune: u32) -> u32 {
    moved(&tables::TO_LOWER, rune)
}

/// `unicode.ToTitle`.
pub fn to_title(rune: u32) -> u32 {
    moved(&tables::TO_TITLE, rune)
}

/// `unicode.IsLetter` (category L).
pub fn is_letter(rune: u32) -> bool {
    row(&tables::LETTER, 2, rune).is_some()
}

/// `unicode.IsDigit` (category Nd).
pub fn is_digit(rune: u32) -> bool {
    row(&tables::DIGIT, 2, rune).is_some()
}

/// `unicode.IsNumber` (category N).
pub fn is_number(rune: u32) -> bool {
    row(&tables::NUMBER, 2, rune).is_some()
}

/// `unicode.IsPunct` (category P).
pub fn is_punct(rune: u32) -> bool {
    row(&tables::PUNCT, 2, rune).is_some()
}

/// `unicode.IsTitle` (category Lt).
pub fn is_title(rune: u32) -> bool {
    row(&tables::TITLE, 2, rune).is_some()
}

/// `unicode.IsUpper` (category Lu).
pub fn is_upper(rune: u32) -> bool {
    stepped(&tables::UPPER, rune)
}

/// `unicode.IsLower` (category Ll).
pub fn is_lower(rune: u32) -> bool {
    stepped(&tables::LOWER, rune)
}

/// `unicode.IsSpace` (property `White_Space`).
pub fn is_space(rune: u32) -> bool {
    matches!(
        rune,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
    )
}

/// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(rune: u32) -> bool {
    row(&tables::PRINT, 2, rune).is_some()
}

/// `strconv.IsGraphic`: what [`is_print`] accepts and the other spaces of category Zs.
pub fn is_graphic(rune: u32) -> bool {
    is_print(rune)
        || matches!(
            rune,
            0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &[u8], rune: u32, width: usize) {
        assert_eq!(decode_rune(bytes), (rune, width), "{bytes:?}");
    }

    #[test]
    fn decodes_as_go_does() {
        case(b"", RUNE_ERROR, 0);
        case(b"a", 0x61, 1);
        case("é".as_bytes(), 0xE9, 2);
        case("\u{1F600}".as_bytes(), 0x1F600, 4);
        case(b"\xED\xA0\x80", RUNE_ERROR, 1);
        case(b"\xC0\x80", RUNE_ERROR, 1);
        case(b"\xF4\x90\x80\x80", RUNE_ERROR, 1);
        case(b"\xE2\x82", RUNE_ERROR, 1);
        assert_eq!(decode_last_rune("aé".as_bytes()), (0xE9, 2));
        assert_eq!(decode_last_rune(b"a\x80"), (RUNE_ERROR, 1));
        assert_eq!(decode_last_rune(b"\xE2\x82"), (RUNE_ERROR, 1));
    }

    #[test]
    fn maps_and_classifies() {
        assert_eq!(
            (to_upper(0xDF), to_upper(0x17F), to_title(0x1C6)),
            (0xDF, 0x53, 0x1C5)
        );
        assert_eq!(
            (to_lower(0x130), to_lower(0x1E9E), to_upper(0x10FFFF)),
            (0x69, 0xDF, 0x10FFFF)
        );
        assert!(!is_letter(0x2118) && is_letter(0xE9) && is_digit(0x660));
        assert!(is_upper(0x100) && !is_upper(0x101) && is_lower(0x101));
        assert!(is_print(0xE9) && !is_print(0xA0) && is_graphic(0xA0) && !is_print(0x2028));
        assert!(is_space(0x85) && !is_space(0x200B));
    }

    /// A digest over the code points, printed by the same loop in Go 1.27.2.
    #[test]
    fn agrees_with_go_everywhere() {
        let mut hash: u64 = 14_695_981_039_346_656_037;
        let mut mix = |x: u32| hash = (hash ^ u64::from(x)).wrapping_mul(1_099_511_628_211);
        // Beyond these lie only ideographs, private use and unassigned code points.
        for r in (0..0x3_4000).chain(0xE_0000..0xE_1000) {
            mix(to_upper(r));
            mix(to_lower(r));
            mix(to_title(r));
            let classes: [fn(u32) -> bool; 10] = [
                is_letter, is_digit, is_upper, is_lower, is_space, is_print, is_graphic, is_number,
                is_punct, is_title,
            ];
            let bits = classes
                .iter()
                .enumerate()
                .map(|(i, f)| u32::from(f(r)) << i)
                .sum();
            mix(bits);
        }
        assert_eq!(hash, GO_DIGEST);
    }

    const GO_DIGEST: u64 = 16_104_938_818_392_544_554;
}
