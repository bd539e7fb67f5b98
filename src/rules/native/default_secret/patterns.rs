//! The two patterns that are asked of nearly every chart, read by hand: to compile them would take
//! longer than to look through most charts. What bounds a match is ASCII, so that it begins and
//! ends where a character does.

use std::ops::Range;

/// What may stand before the name of a setting.
const BEFORE: [&[u8]; 4] = [b"export", b"-", b"set", b"ENV"];

/// What stands between a name and its value, the longer ones first.
const BETWEEN: [&[u8]; 4] = [b":=", b"=>", b"=", b":"];

/// The first place from `at` on whose byte is none of those, or the end.
fn behind(text: &[u8], at: usize, is_such: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.iter().position(|byte| !is_such(*byte));
    at + length.unwrap_or(rest.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// The name and the value of a line `name: value`, `export NAME="value"`, `name = 'value'; # why`:
///
/// ```text
/// ^[ \t]*(?:export[ \t]+|-[ \t]+|set[ \t]+|ENV[ \t]+)?["']?([A-Za-z_][A-Za-z0-9_.\-]*)["']?
/// [ \t]*(?::=|=>|=|:)[ \t]*(?:"([^"]*)"|'([^']*)'|([^ \t\r\n#;,"'{\[][^#;,]*?))
/// [ \t]*[,;]?[ \t]*(?:[#;].*)?$
/// ```
pub(super) fn setting(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let line = line.as_bytes();
    let start = behind(line, 0, is_space);
    let before = BEFORE.iter().find_map(|word| {
        let rest = line.get(start..)?.strip_prefix(*word)?;
        let spaces = behind(rest, 0, is_space);
        (spaces > 0).then_some(start + word.len() + spaces)
    });
    // `export = x` is a setting, too.
    let starts = before.into_iter().chain([start]);
    starts.filter_map(|start| named(line, start)).next()
}

/// A setting whose name, maybe in quotes, stands at `at`.
fn named(line: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let byte = |at: usize| line.get(at).copied();
    let quote = |at: usize| at + usize::from(byte(at).is_some_and(is_quote));
    let start = quote(at);
    let starts_name = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    byte(start).filter(|byte| starts_name(*byte))?;
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let end = behind(line, start, in_name);
    let at = behind(line, quote(end), is_space);
    let rest = line.get(at..)?;
    let ways = BETWEEN.iter().filter(|between| rest.starts_with(between));
    let value = ways
        .filter_map(|between| value(line, at + between.len()))
        .next()?;
    Some((start..end, value))
}

/// The value behind what stands between it and its name.
fn value(line: &[u8], at: usize) -> Option<Range<usize>> {
    let start = behind(line, at, is_space);
    match line.get(start)? {
        quote @ (b'"' | b'\'') => {
            let end = behind(line, start + 1, |byte| byte != *quote);
            line.get(end)?;
            is_end(line, end + 1).then_some(start + 1..end)
        }
        b'\r' | b'\n' | b'#' | b';' | b',' | b'{' | b'[' => None,
        _ => {
            let stop = behind(line, start + 1, |byte| !matches!(byte, b'#' | b';' | b','));
            let bare = line.get(start..stop)?;
            let spaces = bare.iter().rev().take_while(|byte| is_space(**byte));
            is_end(line, stop).then_some(start..stop - spaces.count())
        }
    }
}

/// Whether a value may end here: nothing follows, or a separator or a comment.
fn is_end(line: &[u8], at: usize) -> bool {
    let is_comment = |at: usize| line.get(at).is_none_or(|byte| matches!(byte, b'#' | b';'));
    let at = behind(line, at, is_space);
    let is_separated = || line.get(at) == Some(&b',') && is_comment(behind(line, at + 1, is_space));
    is_comment(at) || is_separated()
}

/// The users and passwords of the URLs of a line:
///
/// ```text
/// [A-Za-z][A-Za-z0-9+.\-]*://([^ \t\r\n:/@"'<>?#]*):([^ \t\r\n/@"'?#]+|<[^> \t\r\n]*>)@
/// ```
pub(super) fn logins(line: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let line = line.as_bytes();
    let mut found = Vec::new();
    // Where the last one ends.
    let mut from = 0;
    for colon in memchr::memmem::find_iter(line, "://") {
        let before = line.get(from..colon).unwrap_or_default();
        let in_scheme =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
        let mut scheme = before.iter().rev().take_while(|byte| in_scheme(byte));
        if scheme.any(u8::is_ascii_alphabetic)
            && let Some((user, password)) = login(line, colon + 3)
        {
            from = password.end + 1;
            found.push((user, password));
        }
    }
    found
}

/// `user:password` before an `@`.
fn login(line: &[u8], start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let is_in = |byte: u8, others: &[u8]| {
        !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') && !others.contains(&byte)
    };
    let colon = behind(line, start, |byte| is_in(byte, b":/@\"'<>?#"));
    line.get(colon).filter(|byte| **byte == b':')?;
    let first = colon + 1;
    let plain = behind(line, first, |byte| is_in(byte, b"/@\"'?#"));
    let is_at = |at: usize| line.get(at) == Some(&b'@');
    if plain > first && is_at(plain) {
        return Some((start..colon, first..plain));
    }
    line.get(first).filter(|byte| **byte == b'<')?;
    let end = behind(line, first, |byte| is_in(byte, b">"));
    let is_closed = line.get(end) == Some(&b'>') && is_at(end + 1);
    is_closed.then_some((start..colon, first..end + 1))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::bytes::Regex;

    use super::*;

    const SETTING: &str = r#"^[ \t]*(?:export[ \t]+|-[ \t]+|set[ \t]+|ENV[ \t]+)?["']?([A-Za-z_][A-Za-z0-9_.\-]*)["']?[ \t]*(?::=|=>|=|:)[ \t]*(?:"([^"]*)"|'([^']*)'|([^ \t\r\n#;,"'{\[][^#;,]*?))[ \t]*[,;]?[ \t]*(?:[#;].*)?$"#;
    const LOGIN: &str =
        r#"[A-Za-z][A-Za-z0-9+.\-]*://([^ \t\r\n:/@"'<>?#]*):([^ \t\r\n/@"'?#]+|<[^> \t\r\n]*>)@"#;

    fn pattern(text: &str) -> Regex {
        Regex::new(&format!("(?-u){text}")).unwrap()
    }

    static SETTINGS: LazyLock<Regex> = LazyLock::new(|| pattern(SETTING));
    static LOGINS: LazyLock<Regex> = LazyLock::new(|| pattern(LOGIN));

    fn settings_are_alike(line: &str) {
        let want = SETTINGS.captures(line.as_bytes()).map(|found| {
            let value = (2..=4).find_map(|group| found.get(group)).unwrap();
            (found.get(1).unwrap().range(), value.range())
        });
        assert_eq!(setting(line), want, "{line:?}");
    }

    fn logins_are_alike(line: &str) {
        let want: Vec<_> = LOGINS
            .captures_iter(line.as_bytes())
            .map(|found| (found.get(1).unwrap().range(), found.get(2).unwrap().range()))
            .collect();
        assert_eq!(logins(line), want, "{line:?}");
    }

    #[test]
    fn read_what_the_patterns_match() {
        for line in [
            "a: b",
            "  - a: b",
            "export A=\"b c\" # d",
            "export = x",
            "set = 1",
            "a := b",
            "a :=",
            "a =>",
            "a => 'b';",
            "\"a\": \"b\",",
            "a: b, # c",
            "a: b, c",
            "a: 'b' c",
            "a: \"b",
            "a:",
            "a: {b",
            "a = b ; c",
            "é: b",
            "a: é",
            "a: b  ",
            "ENV A b",
            "a.b-c_d=é;",
            "- - a: b",
            "a: \r",
            "a: b\rc",
            "_a:b",
        ] {
            settings_are_alike(line);
        }
        for line in [
            "a://b:c@d",
            "://b:c@d",
            "1://b:c@d",
            "1a://b:c@d e://:f@g",
            "a://b:c@d://e:f@g",
            "a://b:<c d>@e",
            "a://b:<c/d>@e",
            "a://b:<c>@e",
            "a://b:c@1://e:f@g",
            "a://é:ü@ö\n",
            "a://b:c:d@e",
            "a://b:@c",
            "a://b://c:d@e",
            "a+b.c-d://e:f@",
        ] {
            logins_are_alike(line);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn read_settings_as_the_pattern_does(
            line in r#"[ \t]?(export|-|set|ENV)?[ \t]{0,2}["']?[a.é]{0,3}["']?[ \t]?[:=>]{0,3}[ \t]?["']?[a #;,\r"'{=:é]{0,6}["']?[ ]?[,;]?[ ]?[#;]?[a,]{0,2}"#
        ) {
            settings_are_alike(&line);
        }

        #[test]
        fn read_logins_as_the_pattern_does(line in r#"([a1+é]{0,2}(://)?[a<é]{0,2}:?[a<>:/ é]{0,3}@?){1,4}"#) {
            logins_are_alike(&line);
        }
    }
}
