//! Go's `strconv` quoting: `Quote` and its relatives, and `Unquote` for the literals of a template.

use super::unicode::{RUNE_ERROR, append_rune, decode_rune, is_graphic, is_print, runes};

/// `strconv.Quote`: a double-quoted literal; what is not printable is escaped.
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, b'"', false, false)
}

/// `strconv.QuoteToASCII`.
pub fn quote_to_ascii(bytes: &[u8]) -> String {
    quote_with(bytes, b'"', true, false)
}

/// The general form behind `Quote`, `QuoteToASCII` and `QuoteToGraphic`. The result is always valid
/// UTF-8, since bytes that do not decode become `\xNN`.
pub fn quote_with(bytes: &[u8], quote_char: u8, ascii_only: bool, graphic: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(char::from(quote_char));
    let mut rest = bytes;
    loop {
        let (plain, others) = rest.split_at(plain_length(rest, quote_char));
        out.push_str(str::from_utf8(plain).unwrap_or_default());
        let Some((_, rune, width)) = runes(others).next() else {
            break;
        };
        if width == 1 && rune == RUNE_ERROR {
            let byte = others.first().copied().unwrap_or(0);
            push_hex(&mut out, "\\x", u32::from(byte), 2);
        } else {
            push_escaped(&mut out, rune, quote_char, ascii_only, graphic);
        }
        rest = others.get(width..).unwrap_or_default();
    }
    out.push(char::from(quote_char));
    out
}

/// How many bytes at the start are printable ASCII that stands for itself within such quotes.
pub fn plain_length(bytes: &[u8], quote_char: u8) -> usize {
    let stands_for_more =
        |byte: &u8| !matches!(byte, b' '..=b'~') || [quote_char, b'\\'].contains(byte);
    bytes
        .iter()
        .position(stands_for_more)
        .unwrap_or(bytes.len())
}

/// `strconv.AppendQuoteRune` (or its ASCII and graphic forms): a single-quoted literal. What is not a
/// code point is written as U+FFFD.
pub fn quote_rune(rune: u32, ascii_only: bool, graphic: bool) -> String {
    let mut out = String::from("'");
    let rune = if char::from_u32(rune).is_some() {
        rune
    } else {
        RUNE_ERROR
    };
    push_escaped(&mut out, rune, b'\'', ascii_only, graphic);
    out.push('\'');
    out
}

fn push_hex(out: &mut String, prefix: &str, value: u32, digits: u32) {
    out.push_str(prefix);
    for i in (0..digits).rev() {
        out.extend(char::from_digit((value >> (4 * i)) & 15, 16));
    }
}

fn push_escaped(out: &mut String, rune: u32, quote_char: u8, ascii_only: bool, graphic: bool) {
    let c = char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER);
    if rune == u32::from(quote_char) || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    let plain = if ascii_only {
        rune < 0x80 && is_print(rune)
    } else {
        is_print(rune) || graphic && is_graphic(rune)
    };
    if plain {
        out.push(c);
        return;
    }
    match rune {
        0x07 => out.push_str("\\a"),
        0x08 => out.push_str("\\b"),
        0x0C => out.push_str("\\f"),
        0x0A => out.push_str("\\n"),
        0x0D => out.push_str("\\r"),
        0x09 => out.push_str("\\t"),
        0x0B => out.push_str("\\v"),
        0..0x20 | 0x7F => push_hex(out, "\\x", rune, 2),
        0..0x1_0000 => push_hex(out, "\\u", rune, 4),
        _ => push_hex(out, "\\U", u32::from(c), 8),
    }
}

/// `strconv.CanBackquote`: whether a raw literal can hold the string on one line. A byte order mark,
/// a control character other than tab, a backquote, DEL or invalid UTF-8 rule it out.
pub fn can_backquote(bytes: &[u8]) -> bool {
    runes(bytes).all(|(_, rune, width)| match width {
        1 => rune != RUNE_ERROR && (rune >= 0x20 || rune == 0x09) && rune != 0x60 && rune != 0x7F,
        _ => rune != 0xFEFF,
    })
}

/// `strconv.Unquote`: the value of an interpreted, raw or rune literal, `None` for Go's `ErrSyntax`.
/// A rune literal gives its one-character string; carriage returns are dropped from raw literals.
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&quote_char, rest) = literal.split_first()?;
    match quote_char {
        b'`' => {
            let (&last, inner) = rest.split_last()?;
            if last != b'`' || memchr::memchr(b'`', inner).is_some() {
                return None;
            }
            let mut out = inner.to_vec();
            if memchr::memchr(b'\r', inner).is_some() {
                out.retain(|byte| *byte != b'\r');
            }
            Some(out)
        }
        b'"' | b'\'' => {
            let mut rest = rest;
            let mut out = Vec::with_capacity(rest.len());
            let mut count = 0;
            loop {
                if quote_char == b'"' {
                    let (plain, others) = rest.split_at(plain_length(rest, quote_char));
                    out.extend_from_slice(plain);
                    rest = others;
                }
                match *rest.first()? {
                    b if b == quote_char => break,
                    // A rune literal holds one character at most.
                    _ if quote_char == b'\'' && count == 1 => return None,
                    b'\n' => return None,
                    _ => {}
                }
                let (value, multibyte, tail) = unquote_char(rest, quote_char)?;
                // A rune literal of one undecodable byte reads as U+FFFD like any other.
                if multibyte {
                    append_rune(&mut out, value);
                } else {
                    out.push(u8::try_from(value).ok()?);
                }
                rest = tail;
                count += 1;
            }
            (rest.len() == 1).then_some(out)
        }
        _ => None,
    }
}

/// `strconv.UnquoteChar`: the first character of a literal's inside, whether it stands for a code point
/// (and not a single byte), and what follows. `None` for Go's `ErrSyntax`. A `quote_char` of 0 permits
/// neither `\'` nor `\"`.
pub fn unquote_char(text: &[u8], quote_char: u8) -> Option<(u32, bool, &[u8])> {
    let (&first, rest) = text.split_first()?;
    if first == quote_char && matches!(quote_char, b'\'' | b'"') {
        return None;
    }
    if first >= 0x80 {
        let (rune, width) = decode_rune(text);
        return Some((rune, true, text.get(width..)?));
    }
    if first != b'\\' {
        return Some((u32::from(first), false, rest));
    }
    let (&kind, rest) = rest.split_first()?;
    let simple = |value: u8| Some((u32::from(value), false, rest));
    match kind {
        b'a' => simple(0x07),
        b'b' => simple(0x08),
        b'f' => simple(0x0C),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(0x0B),
        b'\\' => simple(b'\\'),
        b'\'' | b'"' if kind == quote_char => simple(kind),
        b'x' => {
            let (value, rest) = digits(rest, 2, 16)?;
            Some((value, false, rest))
        }
        b'u' | b'U' => {
            let (value, rest) = digits(rest, if kind == b'u' { 4 } else { 8 }, 16)?;
            char::from_u32(value)?;
            Some((value, true, rest))
        }
        b'0'..=b'7' => {
            let (low, rest) = digits(rest, 2, 8)?;
            let value = u32::from(kind - b'0') * 64 + low;
            (value <= 255).then_some((value, false, rest))
        }
        _ => None,
    }
}

/// Exactly `count` (at most eight) digits of a base.
fn digits(text: &[u8], count: usize, base: u32) -> Option<(u32, &[u8])> {
    let mut value: u32 = 0;
    for &b in text.get(..count)? {
        value = value
            .wrapping_mul(base)
            .wrapping_add(char::from(b).to_digit(base)?);
    }
    Some((value, text.get(count..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &[u8], want: &str, ascii: &str) {
        assert_eq!(quote(bytes), want);
        assert_eq!(quote_to_ascii(bytes), ascii);
        assert_eq!(unquote(want.as_bytes()).as_deref(), Some(bytes));
        assert_eq!(unquote(ascii.as_bytes()).as_deref(), Some(bytes));
    }

    #[test]
    fn quotes() {
        case(b"", r#""""#, r#""""#);
        case(b"a\"b\\c'", r#""a\"b\\c'""#, r#""a\"b\\c'""#);
        case(
            b"\x07\x08\x0c\n\r\t\x0b",
            r#""\a\b\f\n\r\t\v""#,
            r#""\a\b\f\n\r\t\v""#,
        );
        case(
            b"\x00\x1f\x7f\xff",
            r#""\x00\x1f\x7f\xff""#,
            r#""\x00\x1f\x7f\xff""#,
        );
        case(
            "é\u{a0}\u{2028}".as_bytes(),
            r#""é\u00a0\u2028""#,
            r#""\u00e9\u00a0\u2028""#,
        );
        case(
            "😀\u{10ffff}".as_bytes(),
            r#""😀\U0010ffff""#,
            r#""\U0001f600\U0010ffff""#,
        );
        case(
            "\u{fffd}\u{ad}".as_bytes(),
            "\"\u{fffd}\\u00ad\"",
            r#""\ufffd\u00ad""#,
        );
        assert_eq!(
            quote_with("\u{3000}`".as_bytes(), b'`', false, true),
            "`\u{3000}\\``"
        );
    }

    #[test]
    fn quotes_runes() {
        for (rune, want) in [
            (0x27, r"'\''"),
            (0x22, r#"'"'"#),
            (0x11_0000, "'\u{fffd}'"),
            (0xD800, "'\u{fffd}'"),
            (10, r"'\n'"),
        ] {
            assert_eq!(quote_rune(rune, false, false), want);
        }
    }

    #[test]
    fn unquotes() {
        let good: [(&[u8], &[u8]); 9] = [
            (br"'a'", b"a"),
            (br"'\''", b"'"),
            (b"''", b""),
            (b"`a\r\n\\n`", b"a\n\\n"),
            (br#""\101\xff\u00e9""#, b"A\xff\xc3\xa9"),
            (br#""it's""#, b"it's"),
            (b"\"\xff\"", "\u{fffd}".as_bytes()),
            (br#"'"'"#, b"\""),
            (br"'\xff'", b"\xff"),
        ];
        for (literal, want) in good {
            assert_eq!(unquote(literal).as_deref(), Some(want), "{literal:?}");
        }
        let bad: [&[u8]; 15] = [
            b"",
            b"\"",
            b"`",
            b"'ab'",
            b"\"a",
            b"\"a\n\"",
            br#""\'""#,
            br#"'\"'"#,
            br#""\400""#,
            br#""\ud800""#,
            br#""\q""#,
            br#""\x4""#,
            b"`a``",
            b"\"a\"b",
            b"a",
        ];
        for literal in bad {
            assert_eq!(unquote(literal), None, "{literal:?}");
        }
    }

    #[test]
    fn backquotes() {
        assert!(can_backquote("a\té".as_bytes()));
        for no in ["`", "\n", "\u{7f}", "\u{feff}"] {
            assert!(!can_backquote(no.as_bytes()));
        }
        assert!(!can_backquote(b"\xff"));
    }
}
