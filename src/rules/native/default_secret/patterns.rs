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

/// How the driver of Go for MySQL calls the ways to a server, which it writes before the address.
const NETWORKS: [&[u8]; 5] = [b"tcp(", b"unix(", b"tcp4(", b"tcp6(", b"cloudsql("];

/// How long the logins before them are that are looked at.
const MAX_LOGIN: usize = 256;

/// The users and passwords of a line as that driver takes them: `user:password@tcp(host:3306)/db`.
pub(super) fn driver_logins(line: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let line = line.as_bytes();
    let signs = memchr::memchr_iter(b'@', line);
    signs.filter_map(|at| driver_login(line, at)).collect()
}

fn driver_login(line: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let behind = line.get(at + 1..)?;
    NETWORKS
        .iter()
        .find(|network| behind.starts_with(network))?;
    let nearest = at.saturating_sub(MAX_LOGIN);
    let before = line.get(..at)?;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let last = before.get(nearest..)?.iter().rposition(ends);
    let start = last.map_or(nearest, |at| nearest + at + 1);
    // What is longer is no login, and to look for its beginning again and again would take long.
    (start == 0 || last.is_some()).then_some(())?;
    let colon = start + memchr::memchr(b':', before.get(start..)?)?;
    // What is a flag or the name of a setting stands before the user.
    let equals = memchr::memrchr(b'=', before.get(start..colon)?);
    let start = start + equals.map_or(0, |at| at + 1);
    let user = line.get(start..colon)?;
    let password = line.get(colon + 1..at)?;
    // Of `${USER:-x}:y` only a shell knows where it ends.
    let is_user = !user.contains(&b'{') || user.ends_with(b"}");
    let is_password = !password.is_empty() && !password.iter().any(|byte| b":/".contains(byte));
    (is_user && is_password).then_some((start..colon, colon + 1..at))
}

/// The user and the password of a connection that is given without a scheme, as
/// `user:password@host:5432/database`.
pub(super) fn bare_login(value: &str) -> Option<(Range<usize>, Range<usize>)> {
    /// Schemes behind which no `//` stands.
    const SCHEMES: [&[u8]; 6] = [b"acct", b"mailto", b"sip", b"sips", b"urn", b"xmpp"];
    let value = value.as_bytes();
    let in_user = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let colon = behind(value, 0, in_user);
    let user = value.get(..colon).filter(|user| !user.is_empty())?;
    let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b"\"',/:?#@".contains(&byte);
    let at = behind(value, colon + 1, is_in);
    let host = behind(value, at + 1, is_in);
    let port = value.get(host + 1)?;
    let is_one = value.get(colon) == Some(&b':')
        && value.get(at) == Some(&b'@')
        && value.get(host) == Some(&b':')
        && at > colon + 1
        && host > at + 1
        && (port.is_ascii_digit() || *port == b'$')
        && !SCHEMES
            .iter()
            .any(|scheme| scheme.eq_ignore_ascii_case(user));
    is_one.then_some((0..colon, colon + 1..at))
}

/// The user and the password of a line `user app on >password ~* +@all`, as Redis has its rules.
pub(super) fn rule_of_user(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    const TELLING: [char; 4] = ['~', '+', '&', '%'];
    let mut at = 0;
    let words = line.split(|c: char| c.is_ascii_whitespace());
    let words = words.map(|word| {
        let start = at;
        at += word.len() + 1;
        (start..start + word.len(), word)
    });
    let mut words = words.filter(|(_, word)| !word.is_empty());
    words.next().filter(|(_, word)| *word == "user")?;
    let (user, _) = words.next()?;
    let rules: Vec<(Range<usize>, &str)> = words.collect();
    let is_on = rules.iter().any(|(_, rule)| *rule == "on");
    let tells = |rule: &str| rule.starts_with(TELLING) || rule.starts_with("all");
    let is_rule = is_on && rules.iter().any(|(_, rule)| tells(rule));
    let mut passwords = rules
        .iter()
        .filter(|(_, rule)| rule.len() > 1 && rule.starts_with('>'));
    let (password, _) = passwords.next().filter(|_| is_rule)?;
    Some((user, password.start + 1..password.end))
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

    #[track_caller]
    fn login<'l>(line: &'l str, found: &[(Range<usize>, Range<usize>)]) -> Vec<(&'l str, &'l str)> {
        let part = |at: &Range<usize>| line.get(at.clone()).unwrap();
        found.iter().map(|(a, b)| (part(a), part(b))).collect()
    }

    #[test]
    fn logins_stand_before_a_network() {
        let find = |line| login(line, &driver_logins(line));
        assert_eq!(find("a:b@tcp(c:1)/d"), [("a", "b")]);
        assert_eq!(find("x: \"a:b@unix(/s)/d\""), [("a", "b")]);
        assert_eq!(
            find("--dsn=a:b=c@tcp(d) e:f@tcp(g)"),
            [("a", "b=c"), ("e", "f")]
        );
        assert_eq!(find(":ö@tcp("), [("", "ö")]);
        for line in [
            "a://b:c@tcp(d)",
            "a@tcp(b)",
            "a:@tcp(b)",
            "${A:-b}:c@tcp(d)",
            "a:b@c(d)",
            "a:b@tcp",
            "@tcp(",
        ] {
            assert_eq!(find(line), [], "{line}");
        }
    }

    #[test]
    fn logins_may_have_no_scheme() {
        let find = |value| login(value, &bare_login(value).into_iter().collect::<Vec<_>>());
        assert_eq!(find("a:b@c:1/d"), [("a", "b")]);
        assert_eq!(find("a-b:ö@$(C):$(D)"), [("a-b", "ö")]);
        for value in [
            "",
            ":",
            "a",
            "a:",
            "a:b@",
            "a:b@c",
            "a:b@c/d:1",
            "a:b@c:d",
            "a:b@:1",
            "a:@c:1",
            ":b@c:1",
            "a://b:c@d:1",
            "mailto:a@b:1",
            "a:b@c@d:1",
        ] {
            assert_eq!(find(value), [], "{value}");
        }
    }

    #[test]
    fn rules_give_users_passwords() {
        let find = |line| login(line, &rule_of_user(line).into_iter().collect::<Vec<_>>());
        assert_eq!(find("user a on >b ~* +@all\n"), [("a", "b")]);
        assert_eq!(find("\tuser ö  >ü allkeys on"), [("ö", "ü")]);
        for line in [
            "user a on >b",
            "user a >b ~*",
            "user a on > ~*",
            "user",
            "",
            "a user b on >c +d",
        ] {
            assert_eq!(find(line), [], "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn reads_any_line(line in r#"([a={}:/"ö1 ]{0,4}(@|@tcp\(|:)?){1,5}"#) {
            for (user, password) in driver_logins(&line).into_iter().chain(bare_login(&line)) {
                prop_assert!(line.get(user).is_some() && line.get(password).is_some());
            }
        }

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
