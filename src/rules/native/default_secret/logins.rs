//! Passwords within longer texts: URLs, connection strings.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::names::words;
use super::patterns;
use super::texts::{MAX_TEXT, group, has_word, is_code, is_comment, pattern};

/// A password within a longer value, with the user it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Password {
    /// The user, where one is given.
    pub(super) user: String,
    /// The password.
    pub(super) value: String,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:^|[; \t\r\n&?])(?:password|passwd|pwd)(?:[ ]*=[ ]*([^; \t\r\n&"',]+)|='([^'\r\n]+)')"#,
    )
});
static PAIR_USER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:^|[; \t\r\n&?])(?:user|username|user id|uid)(?:[ ]*=[ ]*([^; \t\r\n&"',]+)|='([^'\r\n]+)')"#,
    )
});

/// Whether there is a `pass` or `pwd`.
fn may_name_a_password(text: &str) -> bool {
    has_word(text, "pass") || has_word(text, "pwd")
}

/// Whether a name says that the value is what a server is reached by.
fn is_of_connection(name: &str) -> bool {
    const WORDS: &[&str] = &["conn", "connection", "connstr", "dsn", "uri", "url"];
    words(name)
        .iter()
        .any(|word| WORDS.contains(&word.as_str()))
}

/// The password in a value that says by its name how a server is reached: it needs no scheme.
pub(super) fn of_connection(name: &str, value: &str) -> Option<Password> {
    if !value.contains('@') {
        return None;
    }
    let (user, at) = patterns::bare_login(value).filter(|_| is_of_connection(name))?;
    Some(Password {
        user: value.get(user)?.to_owned(),
        value: value.get(at.clone())?.to_owned(),
        at,
    })
}

/// The passwords in the value of a name.
pub(super) fn passwords_of(name: &str, value: &str) -> Vec<Password> {
    let mut found = passwords(value);
    if found.is_empty() {
        found.extend(of_connection(name, value));
    }
    found
}

/// Passwords in URLs, and in connection strings of one line, comments left out.
pub(super) fn passwords(text: &str) -> Vec<Password> {
    passwords_in("", text)
}

/// The same in a file of a name: in code `password=x` gives a function what a variable holds.
pub(super) fn passwords_in(name: &str, text: &str) -> Vec<Password> {
    if text.len() > MAX_TEXT {
        return Vec::new();
    }
    let has_logins = text.contains('@');
    let has_pairs = text.contains('=') && !is_code(name) && may_name_a_password(text);
    let has_rules = !name.is_empty() && text.contains(" >") && text.contains("user ");
    if !has_logins && !has_pairs && !has_rules {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // The patterns are asked only where what they need is there: most lines have neither. One
        // pair alone is a setting, which has been looked at as such.
        let has_login = has_logins && line.contains('@') && line.contains(':');
        let has_pairs =
            has_pairs && line.matches('=').nth(1).is_some() && may_name_a_password(line);
        let has_rule = has_rules && line.trim_start().starts_with("user ");
        if !has_login && !has_pairs && !has_rule || is_comment(name, line) {
            continue;
        }
        let mut add = |user: Option<(&str, Range<usize>)>,
                       password: Option<(&str, Range<usize>)>| {
            let Some((value, at)) = password else { return };
            found.push(Password {
                user: user.map_or("", |(user, _)| user).to_owned(),
                value: value.to_owned(),
                at: start + at.start..start + at.end,
            });
        };
        let part = |at: Range<usize>| Some((line.get(at.clone())?, at));
        if let Some((user, password)) = patterns::rule_of_user(line).filter(|_| has_rule) {
            add(part(user), part(password));
        }
        if has_login {
            let mut logins = patterns::logins(line);
            logins.extend(patterns::driver_logins(line));
            if logins.is_empty() {
                logins.extend(setting_of_connection(line));
            }
            for (user, password) in logins {
                add(part(user), part(password));
            }
        }
        if !has_pairs {
            continue;
        }
        let first = |pattern: &Regex| {
            let pair = pattern.captures(line.as_bytes())?;
            group(line, &pair, 1).or_else(|| group(line, &pair, 2))
        };
        if let Some(password) = first(&PAIR) {
            add(first(&PAIR_USER), Some(password));
        }
    }
    found
}

/// The user and the password of a line `dsn: user:password@host:5432/database`.
fn setting_of_connection(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let line = line.trim_end_matches(['\n', '\r']);
    let (name, value) = patterns::setting(line)?;
    let (user, password) = patterns::bare_login(line.get(value.clone())?)?;
    let behind = |at: Range<usize>| value.start + at.start..value.start + at.end;
    is_of_connection(line.get(name)?).then(|| (behind(user), behind(password)))
}

/// `NEO4J_AUTH: neo4j/password` and `BASIC_AUTH: admin:admin`
pub(super) fn pair_of<'v>(name: &str, value: &'v str) -> Option<(&'v str, &'v str)> {
    let (user, password) = value.split_once(['/', ':'])?;
    let is_user = !user.is_empty()
        && user
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_user || password.is_empty() || password.contains('/') {
        return None;
    }
    let words = words(name);
    let is_for_both = matches!(
        words.last()?.as_str(),
        "auth" | "credentials" | "creds" | "userpass"
    );
    is_for_both.then_some((user, password))
}

/// Whether the value of a name is a user and a password.
pub(super) fn is_pair(name: &str, value: &str) -> bool {
    pair_of(name, value).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_passwords_in_urls_and_connection_strings() {
        let find = |text: &str| -> Vec<(String, String)> {
            passwords(text)
                .into_iter()
                .map(|p| (p.user, p.value))
                .collect()
        };
        let one = |user: &str, value: &str| vec![(user.to_owned(), value.to_owned())];
        assert_eq!(
            find("postgresql+asyncpg://app:secret@db:5432/x"),
            one("app", "secret")
        );
        assert_eq!(find("redis://:pw@cache"), one("", "pw"));
        assert_eq!(find("http://u:<password>@h"), one("u", "<password>"));
        assert_eq!(find("Server=db;User Id=sa;Password=pw;"), one("sa", "pw"));
        assert_eq!(find("host=db user=u password=pw dbname=x"), one("u", "pw"));
        assert_eq!(
            find("host='db' dbname='x' user='u' password='p w'"),
            one("u", "p w")
        );
        assert_eq!(find("http://host:80/a@b:c"), []);
        assert_eq!(find("# postgres://u:p@h"), []);
        assert_eq!(find("-- postgres://u:p@h"), []);
        assert_eq!(find("--a=postgres://u:p@h"), one("u", "p"));
        assert_eq!(passwords_in("a.sql", "--postgres://u:p@h"), []);
        assert_eq!(find("dsn: u:p@h:1/x\n"), one("u", "p"));
        assert_eq!(find("image: u:p@h:1/x"), []);
        assert_eq!(find("password=pw"), []);
    }
}
