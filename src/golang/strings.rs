//! Go's `strings` package on bytes, and the escapers of `html` and `text/template`.
//!
//! Functions that look at single characters decode as Go does: a byte that is not UTF-8 counts as U+FFFD,
//! and functions that rebuild a string write it as such.

use super::unicode::{
    self, RUNE_ERROR, append_rune, decode_last_rune, decode_rune, is_digit, is_letter, is_print,
    is_space, runes,
};
use std::fmt::Write as _;
use std::ops::Range;

use memchr::memmem;

/// The longest result [`repeat`] builds. Go itself stops only where the process runs out of memory.
pub const REPEAT_LIMIT: usize = 256 << 20;

/// A text with some of its bytes replaced by others, in order.
pub fn spliced<P: AsRef<[u8]>>(bytes: &[u8], pieces: &[(Range<usize>, P)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for (range, piece) in pieces {
        out.extend_from_slice(bytes.get(copied..range.start).unwrap_or_default());
        out.extend_from_slice(piece.as_ref());
        copied = range.end;
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    out
}

/// `strings.Map` for a mapping that never drops a character.
pub fn map(bytes: &[u8], mut mapping: impl FnMut(u32) -> u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (_, rune, _) in runes(bytes) {
        append_rune(&mut out, mapping(rune));
    }
    out
}

/// `strings.ToUpper`.
pub fn to_upper(bytes: &[u8]) -> Vec<u8> {
    map(bytes, unicode::to_upper)
}

/// `strings.ToLower`.
pub fn to_lower(bytes: &[u8]) -> Vec<u8> {
    map(bytes, unicode::to_lower)
}

/// `strings.ToTitle`: every letter in title case.
pub fn to_title(bytes: &[u8]) -> Vec<u8> {
    map(bytes, unicode::to_title)
}

/// `strings.Title`: letters that follow a separator in title case. An apostrophe separates, so `it's`
/// becomes `It'S`; the package says not to use it, but sprig's `title` does.
pub fn title(bytes: &[u8]) -> Vec<u8> {
    let mut previous = u32::from(' ');
    map(bytes, |rune| {
        let start = is_separator(previous);
        previous = rune;
        if start { unicode::to_title(rune) } else { rune }
    })
}

/// The separators of `strings.Title`: ASCII other than letters, digits and `_`; beyond ASCII only spaces.
fn is_separator(rune: u32) -> bool {
    match rune {
        0..0x80 => !matches!(rune, 0x30..=0x39 | 0x41..=0x5A | 0x5F | 0x61..=0x7A),
        _ if is_letter(rune) || is_digit(rune) => false,
        _ => is_space(rune),
    }
}

/// `strings.TrimSpace`.
pub fn trim_space(bytes: &[u8]) -> &[u8] {
    trim_right_func(trim_left_func(bytes, is_space), is_space)
}

/// `strings.Trim(s, cutset)`.
pub fn trim<'a>(bytes: &'a [u8], cutset: &[u8]) -> &'a [u8] {
    trim_right(trim_left(bytes, cutset), cutset)
}

/// `strings.TrimLeft(s, cutset)`.
pub fn trim_left<'a>(bytes: &'a [u8], cutset: &[u8]) -> &'a [u8] {
    let set = unicode::to_runes(cutset);
    trim_left_func(bytes, |rune| set.contains(&rune))
}

/// `strings.TrimRight(s, cutset)`.
pub fn trim_right<'a>(bytes: &'a [u8], cutset: &[u8]) -> &'a [u8] {
    let set = unicode::to_runes(cutset);
    trim_right_func(bytes, |rune| set.contains(&rune))
}

/// `strings.TrimLeftFunc`.
pub fn trim_left_func(mut bytes: &[u8], f: impl Fn(u32) -> bool) -> &[u8] {
    loop {
        let (rune, width) = decode_rune(bytes);
        if width == 0 || !f(rune) {
            return bytes;
        }
        bytes = bytes.get(width..).unwrap_or_default();
    }
}

/// `strings.TrimRightFunc`.
pub fn trim_right_func(mut bytes: &[u8], f: impl Fn(u32) -> bool) -> &[u8] {
    loop {
        let (rune, width) = decode_last_rune(bytes);
        if width == 0 || !f(rune) {
            return bytes;
        }
        bytes = bytes.get(..bytes.len() - width).unwrap_or_default();
    }
}

/// `strings.TrimPrefix`.
pub fn trim_prefix<'a>(bytes: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    bytes.strip_prefix(prefix).unwrap_or(bytes)
}

/// `strings.TrimSuffix`.
pub fn trim_suffix<'a>(bytes: &'a [u8], suffix: &[u8]) -> &'a [u8] {
    bytes.strip_suffix(suffix).unwrap_or(bytes)
}

/// `strings.Index`: where `needle` first occurs; an empty needle is found at 0.
pub fn index(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::find(bytes, needle)
}

/// `strings.Contains`.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    index(bytes, needle).is_some()
}

/// `strings.LastIndex`; an empty needle is found at the end.
pub fn last_index(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::rfind(bytes, needle)
}

/// `strings.Count`: occurrences that do not overlap; for an empty needle one more than the characters.
pub fn count(bytes: &[u8], needle: &[u8]) -> usize {
    if needle.is_empty() {
        return unicode::rune_count(bytes) + 1;
    }
    memmem::find_iter(bytes, needle).count()
}

/// `strings.Fields`: the parts between runs of white space.
pub fn fields(bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, rune, _) in runes(bytes) {
        match (is_space(rune), start) {
            (true, Some(from)) => {
                out.extend(bytes.get(from..at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    out.extend(start.and_then(|from| bytes.get(from..)));
    out
}

/// `strings.Split`.
pub fn split<'a>(bytes: &'a [u8], sep: &[u8]) -> Vec<&'a [u8]> {
    split_n(bytes, sep, -1)
}

/// `strings.SplitN`: at most `n` parts, all for a negative `n`, none for 0. An empty separator splits
/// into characters.
pub fn split_n<'a>(bytes: &'a [u8], sep: &[u8], n: i64) -> Vec<&'a [u8]> {
    let limit = match usize::try_from(n) {
        Ok(0) => return Vec::new(),
        Ok(n) => n,
        Err(_) => usize::MAX,
    };
    let mut out = Vec::new();
    let mut rest = bytes;
    if sep.is_empty() {
        while !rest.is_empty() {
            let width = if out.len() + 1 == limit {
                rest.len()
            } else {
                decode_rune(rest).1
            };
            let (part, tail) = rest.split_at_checked(width).unwrap_or((rest, b""));
            out.push(part);
            rest = tail;
        }
        return out;
    }
    let mut start = 0;
    for at in memmem::find_iter(bytes, sep).take(limit - 1) {
        out.extend(bytes.get(start..at));
        start = at + sep.len();
    }
    out.extend(bytes.get(start..));
    out
}

/// `strings.Replace`: the first `n` occurrences, all for a negative `n`. An empty `old` stands before
/// every character and at the end.
pub fn replace(bytes: &[u8], old: &[u8], new: &[u8], n: i64) -> Vec<u8> {
    let mut left = usize::try_from(n).unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    if old == new {
        return bytes.to_vec();
    }
    if old.is_empty() {
        while left > 0 {
            left -= 1;
            out.extend_from_slice(new);
            let (_, width) = decode_rune(rest);
            if width == 0 {
                break;
            }
            let (part, tail) = rest.split_at_checked(width).unwrap_or((rest, b""));
            out.extend_from_slice(part);
            rest = tail;
        }
    } else {
        let mut start = 0;
        for at in memmem::find_iter(bytes, old).take(left) {
            out.extend_from_slice(bytes.get(start..at).unwrap_or_default());
            out.extend_from_slice(new);
            start = at + old.len();
        }
        rest = bytes.get(start..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// `strings.Repeat`; the error is the text Go panics with. Results above [`REPEAT_LIMIT`] are refused
/// with the text of the overflow, where Go would first exhaust memory.
pub fn repeat(bytes: &[u8], count: i64) -> Result<Vec<u8>, &'static str> {
    const OVERFLOW: &str = "strings: Repeat output length overflow";
    let count = usize::try_from(count).map_err(|_| "strings: negative Repeat count")?;
    match bytes.len().checked_mul(count) {
        Some(n) if n <= REPEAT_LIMIT => Ok(bytes.repeat(count)),
        _ => Err(OVERFLOW),
    }
}

/// `html.EscapeString`.
pub fn html_escape(bytes: &[u8]) -> Vec<u8> {
    escape_html(bytes, false)
}

/// `template.HTMLEscape`, behind the `html` function: as [`html_escape`], and NUL becomes U+FFFD.
pub fn template_html_escape(bytes: &[u8]) -> Vec<u8> {
    escape_html(bytes, true)
}

fn escape_html(bytes: &[u8], nul: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &b in bytes {
        match b {
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            0 if nul => append_rune(&mut out, RUNE_ERROR),
            _ => out.push(b),
        }
    }
    out
}

/// `template.JSEscape`, behind the `js` function. Bytes that are not UTF-8 pass unchanged, since U+FFFD,
/// as which they decode, is printable.
pub fn js_escape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, rune, width) in runes(bytes) {
        let mut text = String::new();
        match rune {
            0x5C => text.push_str("\\\\"),
            0x27 => text.push_str("\\'"),
            0x22 => text.push_str("\\\""),
            // Writing to a String cannot fail.
            0x3C | 0x3E | 0x26 | 0x3D | 0..0x20 => drop(write!(text, "\\u{rune:04X}")),
            0x80.. if !is_print(rune) => drop(write!(text, "\\u{rune:04X}")),
            _ => {}
        }
        if text.is_empty() {
            out.extend_from_slice(bytes.get(at..at + width).unwrap_or_default());
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }
    out
}

/// Each byte in decimal with a space behind it, and how long that is.
const NUMBERS: [([u8; 4], usize); 256] = {
    let mut all = [([b' '; 4], 0); 256];
    let mut byte = 0;
    while byte < all.len() {
        let digits = [byte / 100, byte / 10 % 10, byte % 10];
        let mut at = if byte >= 100 {
            0
        } else if byte >= 10 {
            1
        } else {
            2
        };
        let mut len = 0;
        while at < digits.len() {
            all[byte].0[len] = b'0' + digits[at] as u8;
            (at, len) = (at + 1, len + 1);
        }
        all[byte].1 = len + 1;
        byte += 1;
    }
    all
};

/// A `[]byte` as fmt's `%v` prints it, `[104 105]`: who prints `.` prints all files of a chart so.
pub fn push_numbers(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().saturating_mul(4).saturating_add(2));
    out.push(b'[');
    for some in bytes.chunks(64) {
        let mut written = [0; 256];
        let mut end = 0;
        for byte in some {
            let (text, len) = &NUMBERS[usize::from(*byte)];
            written[end..end + 4].copy_from_slice(text);
            end += len;
        }
        out.extend_from_slice(&written[..end]);
    }
    if !bytes.is_empty() {
        out.pop();
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::quote::unquote;
    use crate::golang::{goutils, url, xstrings};

    /// Lines printed by Go 1.27.2 and the modules of Helm 4.3.1: function, result, arguments; all quoted.
    #[test]
    fn agrees_with_go() {
        for line in include_str!("../../fixtures/go/strings.txt").lines() {
            let mut cells = line.split('\t');
            let func = cells.next().unwrap();
            let cells: Vec<Vec<u8>> = cells.map(|c| unquote(c.as_bytes()).unwrap()).collect();
            let (want, args) = (&cells[0], &cells[1..]);
            let s = args[0].as_slice();
            let int = |i: usize| -> i64 { String::from_utf8_lossy(&args[i]).parse().unwrap() };
            let got = match func {
                "upper" => to_upper(s),
                "lower" => to_lower(s),
                "totitle" => to_title(s),
                "title" => title(s),
                "trimspace" => trim_space(s).to_vec(),
                "html" => template_html_escape(s),
                "js" => js_escape(s),
                "query" => url::query_escape(s).into_bytes(),
                "fields" => fields(s).join(&b'|'),
                "trim" => trim(s, &args[1]).to_vec(),
                "splitn" => split_n(s, &args[1], int(2)).join(&b'|'),
                "replace" => replace(s, &args[1], &args[2], int(3)),
                "count" => count(s, &args[1]).to_string().into_bytes(),
                "lastindex" => last_index(s, &args[1])
                    .map_or(-1, |i| i as i64)
                    .to_string()
                    .into_bytes(),
                "snake" => xstrings::to_snake_case(s),
                "kebab" => xstrings::to_kebab_case(s),
                "camel" => xstrings::to_camel_case(s),
                "pascal" => xstrings::to_pascal_case(s),
                "swapcase" => goutils::swap_case(s),
                "nospace" => goutils::delete_white_space(s),
                "initials" => goutils::initials(s),
                "untitle" => goutils::uncapitalize(s),
                "wrap" => goutils::wrap(s, int(1)),
                "wrapwith" => goutils::wrap_custom(s, int(1), &args[2], true),
                "abbrev" => goutils::abbrev(int(1), s),
                "abbrevboth" => goutils::abbrev_both(int(1), int(2), s),
                _ => panic!("{line}"),
            };
            assert_eq!(got, *want, "{line}\n{}", String::from_utf8_lossy(&got));
        }
    }

    #[test]
    fn repeats_within_bounds() {
        assert_eq!(repeat(b"ab", 2), Ok(b"abab".to_vec()));
        assert_eq!(repeat(b"", i64::MAX), Ok(Vec::new()));
        assert_eq!(repeat(b"a", -1), Err("strings: negative Repeat count"));
        assert_eq!(
            repeat(b"ab", i64::MAX),
            Err("strings: Repeat output length overflow")
        );
        assert_eq!(html_escape(b"<\0>"), b"&lt;\0&gt;");
    }

    #[test]
    fn bytes_are_numbers() {
        let all: Vec<u8> = (0..=255).collect();
        let mut out = Vec::new();
        push_numbers(&all, &mut out);
        let want: Vec<String> = all.iter().map(u8::to_string).collect();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("[{}]", want.join(" "))
        );
        let mut out = Vec::new();
        push_numbers(b"", &mut out);
        assert_eq!(out, b"[]");
    }
}
