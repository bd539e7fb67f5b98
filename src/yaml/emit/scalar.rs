//! Which style a scalar can have, and how each style is written.

use super::super::document::ScalarStyle;
use super::super::resolve::ScalarType;
use super::super::resolve::plain;
use super::super::timestamp::is_timestamp;
use super::Dialect;
use super::writer::Writer;

/// What a text allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Allowed {
    pub(super) multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

/// The style for a string. Both libraries overlook that `<<` is special.
pub(super) fn style(text: &str, allowed: Allowed, is_key: bool, tagged: bool) -> ScalarStyle {
    let wanted = if allowed.multiline && text.contains('\n') {
        ScalarStyle::Literal
    } else if tagged || stays_string(text) {
        ScalarStyle::Plain
    } else {
        ScalarStyle::DoubleQuoted
    };
    select(wanted, text, allowed, is_key)
}

/// The style that comes closest to the one wanted.
pub(super) fn select(
    wanted: ScalarStyle,
    text: &str,
    allowed: Allowed,
    is_key: bool,
) -> ScalarStyle {
    let mut style = wanted;
    if is_key && allowed.multiline {
        style = ScalarStyle::DoubleQuoted;
    }
    if style == ScalarStyle::Plain && (!allowed.plain || text.is_empty() && is_key) {
        style = ScalarStyle::SingleQuoted;
    }
    if style == ScalarStyle::SingleQuoted && !allowed.single_quoted {
        style = ScalarStyle::DoubleQuoted;
    }
    if style == ScalarStyle::Literal && (!allowed.block || is_key) {
        style = ScalarStyle::DoubleQuoted;
    }
    style
}

/// Whether a plain scalar with this text is read back as a string by any version of YAML.
fn stays_string(text: &str) -> bool {
    plain(text) == ScalarType::Str && !is_timestamp(text) && !is_base60(text)
}

/// `12:30`, which YAML 1.1 takes for a number of minutes or seconds.
fn is_base60(text: &str) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = rest.split(':');
    let whole = parts.next().unwrap_or_default();
    if !whole.starts_with(|c: char| c.is_ascii_digit())
        || !whole.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        return false;
    }
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return false;
    }
    while let Some(part) = parts.next() {
        let (digits, fraction) = match part.split_once('.') {
            Some((digits, fraction)) => (digits, Some(fraction)),
            None => (part, None),
        };
        let fits = match digits.as_bytes() {
            [low] => low.is_ascii_digit(),
            [high, low] => (b'0'..=b'5').contains(high) && low.is_ascii_digit(),
            _ => false,
        };
        let ends = fraction.is_none_or(|fraction| {
            parts.peek().is_none() && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        });
        if !fits || !ends {
            return false;
        }
    }
    true
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The characters that mean nothing to YAML, wherever they stand behind the first one of a text.
const HARMLESS: [bool; 256] = {
    let mut harmless = [false; 256];
    let mut byte = 0;
    while byte < harmless.len() {
        #[expect(clippy::cast_possible_truncation, reason = "there are 256")]
        let one = byte as u8;
        harmless[byte] = one.is_ascii_alphanumeric() || matches!(one, b'_' | b'-' | b'.' | b'/');
        byte += 1;
    }
    harmless
};

/// Whether a text has only such characters. Most keys and values have no others.
fn is_harmless(text: &str) -> bool {
    text.as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric)
        && text.bytes().all(|byte| HARMLESS[usize::from(byte)])
}

/// One of many that mean nothing to YAML behind the first character of a text.
const DULL: char = 'a';

/// Whether a byte is such a character: what is visible in ASCII, but for what parts keys from
/// values, or begins comments.
fn is_dull(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b':' | b'#')
}

/// How many bytes `text` begins with that are such characters, and spaces between them.
fn dull_words(text: &[u8]) -> usize {
    if !text.first().is_some_and(|byte| is_dull(*byte)) {
        return 0;
    }
    let is_end = |byte: &u8| !is_dull(*byte) && *byte != b' ';
    let end = text.iter().position(is_end).unwrap_or(text.len());
    let words = text.get(..end).unwrap_or_default();
    let last = words.iter().rposition(|byte| *byte != b' ');
    last.map_or(0, |last| last + 1)
}

/// Looks at every character of a scalar.
pub(super) fn analyze(text: &str, dialect: Dialect) -> Allowed {
    if text.is_empty() {
        return Allowed {
            plain: true,
            single_quoted: true,
            ..Allowed::default()
        };
    }
    if is_harmless(text) {
        return Allowed {
            multiline: false,
            plain: true,
            single_quoted: true,
            block: true,
        };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut breaks, mut special, mut tabs) = (false, false, false);
    let (mut break_space, mut space_break) = (false, false);
    let mut behind_space = true;
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let space_follows = matches!(rest.as_bytes(), [] | [b' ' | b'\t', ..]);
        indicators |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if before.is_none() =>
            {
                true
            }
            '?' | '-' if before.is_none() => space_follows,
            ':' => space_follows,
            '#' => behind_space,
            _ => false,
        };
        match c {
            '\t' if dialect == Dialect::V3 => tabs = true,
            c => special |= !is_printable(c),
        }
        if c == ' ' {
            break_space |= before.is_some_and(is_break);
        } else if is_break(c) {
            breaks = true;
            space_break |= before == Some(' ');
        }
        behind_space = matches!(c, ' ' | '\t' | '\0') || is_break(c);
        before = Some(c);
        // Of the characters behind the first one most mean nothing but that they are no space, and
        // neither do spaces between them.
        let dull = dull_words(rest.as_bytes());
        if dull > 0 {
            rest = &rest[dull..];
            behind_space = false;
            before = Some(DULL);
        }
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
    let awkward = space_break || special;
    Allowed {
        multiline: breaks,
        plain: !(edge(text.chars().next())
            || edge(before)
            || break_space
            || awkward
            || tabs
            || breaks
            || indicators),
        single_quoted: !(break_space || awkward || tabs),
        block: !(before == Some(' ') || awkward),
    }
}

/// Writes a scalar in a style. `indent` is the column of its further lines.
pub(super) fn write(
    out: &mut Writer<'_>,
    text: &str,
    style: ScalarStyle,
    indent: isize,
    may_fold: bool,
) {
    match style {
        ScalarStyle::Plain => {
            if !out.whitespace && !text.is_empty() {
                out.put(b" ");
            }
            flowing(out, text, indent, may_fold, false);
            out.whitespace = false;
            out.indention = false;
        }
        ScalarStyle::SingleQuoted => {
            out.indicator(b"'", true, false, false);
            flowing(out, text, indent, may_fold, true);
            out.indicator(b"'", false, false, false);
            out.whitespace = false;
            out.indention = false;
        }
        ScalarStyle::DoubleQuoted => {
            out.indicator(b"\"", true, false, false);
            escaped(out, text, indent, may_fold);
            out.indicator(b"\"", false, false, false);
            out.whitespace = false;
            out.indention = false;
        }
        ScalarStyle::Literal | ScalarStyle::Folded => literal(out, text, indent),
    }
}

/// The bytes of the character at `at`.
fn character(text: &str, at: usize, c: char) -> &[u8] {
    let bytes = text.as_bytes().get(at..at + c.len_utf8());
    bytes.unwrap_or_default()
}

/// A line break within a scalar: `\n`, or one of the others as it is.
fn write_break(out: &mut Writer<'_>, text: &str, at: usize, c: char) {
    if c == '\n' {
        out.line_break();
    } else {
        out.put(character(text, at, c));
        out.column = 0;
    }
}

/// The characters from `at` on that are ASCII, printable, no space, and none of `stops`.
fn run(text: &str, at: usize, stops: impl Fn(u8) -> bool) -> &[u8] {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let is_end = |byte: &u8| !matches!(byte, b'!'..=b'~') || stops(*byte);
    let length = rest.iter().position(is_end).unwrap_or(rest.len());
    rest.get(..length).unwrap_or_default()
}

/// The characters from `at` on that are ASCII, printable, and none of `stops`: no more than `most`,
/// and the word whole that the last one stands in.
fn words(text: &str, at: usize, most: usize, stops: impl Fn(u8) -> bool) -> &[u8] {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let is_end = |byte: &u8| !matches!(byte, b' '..=b'~') || stops(*byte);
    let (first, behind) = rest.split_at(most.min(rest.len()));
    let length = first.iter().position(is_end).unwrap_or_else(|| {
        let mut behind = behind.iter();
        let word = behind.position(|byte| is_end(byte) || *byte == b' ');
        first.len() + word.unwrap_or(rest.len() - first.len())
    });
    rest.get(..length).unwrap_or_default()
}

/// A plain or single-quoted scalar.
fn flowing(out: &mut Writer<'_>, text: &str, indent: isize, may_fold: bool, quoted: bool) {
    let (mut spaces, mut breaks) = (false, false);
    let mut next = 0;
    while let Some(c) = text.get(next..).and_then(|rest| rest.chars().next()) {
        let at = next;
        if c.is_ascii_graphic() && !(quoted && c == '\'') {
            if breaks {
                out.indent(indent);
            }
            // A line is folded at no space before its width.
            let room = match may_fold {
                true => out.width.saturating_sub(out.column).saturating_add(1),
                false => usize::MAX,
            };
            let words = words(text, at, room, |byte| quoted && byte == b'\'');
            out.put_ascii(words);
            out.indention = false;
            (spaces, breaks) = (words.ends_with(b" "), false);
            next = at + words.len();
            continue;
        }
        next = at + c.len_utf8();
        let follows = |byte| text.as_bytes().get(at + 1) == Some(&byte);
        if c == ' ' {
            let inside = !quoted || at > 0 && at + 1 < text.len();
            if may_fold && !spaces && out.column > out.width && inside && !follows(b' ') {
                fold(out, indent);
            } else {
                out.put_ascii(b" ");
            }
            spaces = true;
        } else if is_break(c) {
            if !breaks && c == '\n' {
                out.line_break();
            }
            write_break(out, text, at, c);
            out.indention = true;
            breaks = true;
        } else {
            if breaks {
                out.indent(indent);
            }
            if quoted && c == '\'' {
                out.put_ascii(b"'");
            }
            out.put(character(text, at, c));
            out.indention = false;
            spaces = false;
            breaks = false;
        }
    }
}

/// A line break that stands for a space.
fn fold(out: &mut Writer<'_>, indent: isize) {
    out.line_break();
    out.whitespace = true;
    out.indention = true;
    out.indent(indent);
}

/// The inside of a double-quoted scalar.
fn escaped(out: &mut Writer<'_>, text: &str, indent: isize, may_fold: bool) {
    // Go looks for a byte order mark at the start of the text, whichever character it is at.
    let all = text.starts_with('\u{feff}');
    let mut spaces = false;
    let mut next = 0;
    while let Some(c) = text.get(next..).and_then(|rest| rest.chars().next()) {
        let at = next;
        let run = run(text, at, |byte| all || matches!(byte, b'"' | b'\\'));
        if !run.is_empty() {
            out.put(run);
            spaces = false;
            next = at + run.len();
            continue;
        }
        next = at + c.len_utf8();
        if all || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
            out.put(escape(c).as_bytes());
            spaces = false;
        } else if c == ' ' {
            if may_fold && !spaces && out.column > out.width && at > 0 && at + 1 < text.len() {
                fold(out, indent);
                if text.as_bytes().get(at + 1) == Some(&b' ') {
                    out.put(b"\\");
                }
            } else {
                out.put(b" ");
            }
            spaces = true;
        } else {
            out.put(character(text, at, c));
            spaces = false;
        }
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            return match u32::from(c) {
                code @ ..=0xFF => format!("\\x{code:02X}"),
                code @ ..=0xFFFF => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

fn literal(out: &mut Writer<'_>, text: &str, indent: isize) {
    out.indicator(b"|", true, false, false);
    let first = text.chars().next();
    if first.is_some_and(|c| c == ' ' || is_break(c)) {
        out.indicator(b"2", false, false, false);
    }
    let mut last = text.chars().rev();
    match (last.next(), last.next()) {
        (None, _) => out.indicator(b"-", false, false, false),
        (Some(c), _) if !is_break(c) => out.indicator(b"-", false, false, false),
        (Some(_), None) => out.indicator(b"+", false, false, false),
        (Some(_), Some(c)) if is_break(c) => out.indicator(b"+", false, false, false),
        _ => {}
    }
    out.line_break();
    out.indention = true;
    out.whitespace = true;
    let mut rest = 0;
    // Lines are copied whole: nothing in them is escaped or folded.
    for (at, c) in text.char_indices().filter(|(_, c)| is_break(*c)) {
        let line = text.as_bytes().get(rest..at).unwrap_or_default();
        if !line.is_empty() {
            out.indent(indent);
            out.put(line);
        }
        write_break(out, text, at, c);
        out.indention = true;
        rest = at + c.len_utf8();
    }
    let line = text.as_bytes().get(rest..).unwrap_or_default();
    if !line.is_empty() {
        out.indent(indent);
        out.put(line);
        out.indention = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// `é` means nothing to YAML either, but is looked at.
        #[test]
        fn what_is_passed_over_means_nothing(text in "[-a-c?:#,'\"|\\[{&~ \t\n\r\u{85}\u{1}]{0,12}") {
            let mut characters = text.chars();
            let looked_at: String = characters
                .next()
                .into_iter()
                .chain(characters.map(|c| if c.is_ascii() && is_dull(c as u8) { 'é' } else { c }))
                .collect();
            for dialect in [Dialect::V2, Dialect::V3] {
                prop_assert_eq!(analyze(&text, dialect), analyze(&looked_at, dialect));
            }
        }
    }
}
