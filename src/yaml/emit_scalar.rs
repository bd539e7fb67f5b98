//! What a text allows: libyaml's analysis of scalars, as yaml.v2 has it.

use crate::golang::unicode;

use super::ScalarStyle;
use super::document::ScalarType;
use super::resolve::resolve;

/// How a text may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "libyaml's own flags")]
pub(super) struct Analysis {
    pub(super) multiline: bool,
    pub(super) block_plain_allowed: bool,
    pub(super) single_quoted_allowed: bool,
    pub(super) block_allowed: bool,
}

impl Analysis {
    pub(super) fn of(text: &[u8]) -> Self {
        if text.is_empty() {
            return Self {
                multiline: false,
                block_plain_allowed: true,
                single_quoted_allowed: true,
                block_allowed: false,
            };
        }
        let mut indicators = text.starts_with(b"---") || text.starts_with(b"...");
        let (mut line_breaks, mut special) = (false, false);
        let (mut leading, mut trailing_space, mut trailing_break) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut previous_space, mut previous_break) = (false, false);
        let mut preceded_by_blank = true;
        for (at, _, width) in unicode::runes(text) {
            let next = at + width;
            let is_last = next >= text.len();
            let followed_by_blank = is_last || is_blank(text, next);
            let byte = text.get(at).copied().unwrap_or(0);
            indicators |= match byte {
                b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>'
                | b'\'' | b'"' | b'%' | b'@' | b'`'
                    if at == 0 =>
                {
                    true
                }
                b'?' | b'-' if at == 0 => followed_by_blank,
                b':' => followed_by_blank,
                b'#' => preceded_by_blank,
                _ => false,
            };
            special |= !is_printable(text, at);
            if is_space(text, at) {
                leading |= at == 0;
                trailing_space |= is_last;
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break(text, at) {
                line_breaks = true;
                leading |= at == 0;
                trailing_break |= is_last;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
            preceded_by_blank = is_blank(text, at) || is_break(text, at);
        }
        let spoiled = space_break || special;
        Self {
            multiline: line_breaks,
            block_plain_allowed: !(leading
                || trailing_space
                || trailing_break
                || break_space
                || spoiled
                || line_breaks
                || indicators),
            single_quoted_allowed: !(break_space || spoiled),
            block_allowed: !(trailing_space || spoiled),
        }
    }
}

pub(super) fn is_space(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b' ')
}

fn is_blank(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b' ' | b'\t'))
}

pub(super) fn is_break(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    matches!(rest.first(), Some(b'\r' | b'\n'))
        || rest.starts_with(b"\xc2\x85")
        || rest.starts_with(b"\xe2\x80\xa8")
        || rest.starts_with(b"\xe2\x80\xa9")
}

/// yaml.v2's `is_printable`: no tab, nothing beyond U+FFFD.
pub(super) fn is_printable(text: &[u8], at: usize) -> bool {
    let byte = |offset: usize| text.get(at + offset).copied().unwrap_or(0);
    match byte(0) {
        0x0a | 0x20..=0x7e => true,
        0xc2 => byte(1) >= 0xa0,
        0xc3..=0xec => true,
        0xed => byte(1) < 0xa0,
        0xee => true,
        0xef => {
            let is_bom = byte(1) == 0xbb && byte(2) == 0xbf;
            let is_no_character = byte(1) == 0xbf && matches!(byte(2), 0xbe | 0xbf);
            !is_bom && !is_no_character
        }
        _ => false,
    }
}

/// Whether a text, written without quotes, is read as a string again: not as a number, a boolean,
/// null or a date, nor as a number to base 60 by older readers.
pub(super) fn resolves_to_string(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    resolve(text, ScalarStyle::Plain, None) == ScalarType::Str
        && !matches!(
            text,
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf"
        )
        && !is_base_60(text)
        && !is_timestamp(text)
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let is_number = first.starts_with(|c: char| c.is_ascii_digit())
        && first.chars().all(|c| c.is_ascii_digit() || c == '_');
    if !is_number {
        return false;
    }
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return false;
    };
    let sixty = |part: &str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [ten, digit] => matches!(ten, b'0'..=b'5') && digit.is_ascii_digit(),
        _ => false,
    };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.iter().all(|part| sixty(part))
        && sixty(last)
        && fraction.chars().all(|c| c.is_ascii_digit() || c == '_')
}

/// The four forms of a date that yaml.v2 knows: `2006-1-2`, with a time behind `T`, `t` or a
/// space, and with a zone behind the first two.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8
        || !bytes.iter().take(4).all(u8::is_ascii_digit)
        || bytes.get(4) != Some(&b'-')
    {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    is_date(date)
        && match time {
            None => true,
            Some((b' ', time)) => is_time(time),
            Some((_, time)) => match time.strip_suffix('Z') {
                Some(time) => is_time(time),
                None => time
                    .rfind(['+', '-'])
                    .is_some_and(|at| is_time(&time[..at]) && is_zone(&time[at + 1..])),
            },
        }
}

fn number(text: &str, most: usize) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= most;
    (is_number && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else {
        return false;
    };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    number(hour, 2).is_some_and(|hour| hour < 24)
        && number(minute, 2).is_some_and(|minute| minute < 60)
        && number(second, 2).is_some_and(|second| second < 60)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    text.len() == 5
        && text.as_bytes().get(2) == Some(&b':')
        && text
            .split(':')
            .all(|part| part.len() == 2 && number(part, 2).is_some())
}
