//! What a value says of itself: a well-known default, a placeholder, a reference.
//!
//! A default is recognised by what it is made of: `changeme`, `admin123`, `my-super-secret-password`
//! and `Postgres_Password!` all consist of words that everybody tries, and of nothing else. A value
//! with anything else in it may be a secret.

mod references;

use smol_str::SmolStr;

use crate::platform::decode_base64;

use references::refers;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A default that is one whatever its name is.
    WellKnown,
    /// A default beside a name for a secret.
    Weak,
    /// Text that waits for a value.
    Placeholder,
}

/// Words that make a default of any value that consists of words.
const STRONG: &[&str] = &[
    "adminadmin",
    "changeit",
    "changeme",
    "changethis",
    "letmein",
    "minioadmin",
    "passw0rd",
    "password",
    "passwd",
    "pa55word",
    "pa55w0rd",
    "p4ssword",
    "replaceme",
    "topsecret",
    "supersecret",
];

/// Words that make a default where a secret is expected.
const WEAK: &[&str] = &[
    "abc",
    "admin",
    "administrator",
    "airflow",
    "alice",
    "apikey",
    "bar",
    "baz",
    "bitnami",
    "change",
    "clickhouse",
    "default",
    "demo",
    "dragon",
    "dummy",
    "elastic",
    "example",
    "fake",
    "foo",
    "foobared",
    "grafana",
    "guest",
    "hello",
    "iloveyou",
    "insecure",
    "keycloak",
    "langfuse",
    "litellm",
    "manager",
    "mariadb",
    "master",
    "minio",
    "mongo",
    "mongodb",
    "monkey",
    "mysql",
    "nats",
    "neo4j",
    "opensearch",
    "pass",
    "pgvector",
    "postgres",
    "postgresql",
    "prom",
    "pwd",
    "pw",
    "qdrant",
    "qwerty",
    "qwertyuiop",
    "rabbit",
    "rabbitmq",
    "redis",
    "replace",
    "root",
    "s3cr3t",
    "sa",
    "sample",
    "secret",
    "secrets",
    "superuser",
    "temp",
    "temporary",
    "test",
    "tester",
    "testing",
    "token",
    "toor",
    "unsafe",
    "user",
    "username",
    "valkey",
    "vault",
    "weaviate",
    "welcome",
    "zaq",
];

/// Words that come with them.
const FILLER: &[&str] = &[
    "a",
    "access",
    "ai",
    "an",
    "and",
    "any",
    "api",
    "app",
    "at",
    "auth",
    "base",
    "be",
    "before",
    "bytes",
    "char",
    "character",
    "characters",
    "chars",
    "client",
    "cookie",
    "data",
    "database",
    "db",
    "deploy",
    "deployment",
    "dev",
    "development",
    "encryption",
    "for",
    "here",
    "i",
    "id",
    "in",
    "instance",
    "is",
    "it",
    "jwt",
    "key",
    "length",
    "local",
    "long",
    "me",
    "min",
    "minimum",
    "must",
    "my",
    "name",
    "new",
    "not",
    "now",
    "of",
    "operator",
    "or",
    "our",
    "platform",
    "please",
    "prod",
    "production",
    "random",
    "secure",
    "server",
    "service",
    "session",
    "set",
    "sha",
    "signing",
    "sk",
    "some",
    "something",
    "staging",
    "string",
    "strong",
    "super",
    "the",
    "this",
    "to",
    "too",
    "top",
    "use",
    "value",
    "very",
    "weak",
    "with",
    "x",
    "you",
    "your",
];

/// Parts, without punctuation, that make a placeholder of what they stand in.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "changethis",
    "changebefore",
    "changein",
    "replaceme",
    "replacethis",
    "replacewith",
    "insertyour",
    "yourpassword",
    "yoursecret",
    "yourtoken",
    "yourapikey",
    "youraccesskey",
    "yourkey",
    "enteryour",
    "putyour",
    "fillmein",
    "tobechanged",
    "tobereplaced",
    "setme",
    "notarealsecret",
    "placeholder",
    "generateme",
    "addyour",
    "pasteyour",
];

/// Values by which people say that no secret is wanted.
const DISCLAIMERS: &[&str] = &[
    "anonymous",
    "disabled",
    "empty",
    "na",
    "nil",
    "nokey",
    "nokeyrequired",
    "none",
    "notneeded",
    "notrequired",
    "notused",
    "null",
    "off",
    "on",
    "skip",
    "skipped",
    "true",
    "false",
    "undefined",
    "unset",
    "unused",
    "yes",
    "no",
];

/// Whether a value refers to something given elsewhere, or is none at all.
pub(super) fn is_no_secret(value: &str) -> bool {
    // In scripts the quotes may be part of it: `'"$PASSWORD"'`.
    let value = value.trim().trim_matches(['"', '\'']);
    let bare = bare(value);
    let is_punctuation_only = bare.is_empty() && !is_mask(value);
    let refers = refers(value) || is_filled_in(value) || is_key_file(value);
    is_punctuation_only || refers || DISCLAIMERS.contains(&bare.as_str())
}

/// Whether a value is the name of a file with a key or certificate: `tls.key`.
fn is_key_file(value: &str) -> bool {
    const ENDS: &[&str] = &[
        "asc", "cer", "crt", "gpg", "jks", "jwk", "key", "p12", "pem", "pfx", "pub",
    ];
    let is_end = |end: &str| ENDS.iter().any(|known| known.eq_ignore_ascii_case(end));
    let is_name =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    value.bytes().all(is_name)
        && value
            .rsplit_once('.')
            .is_some_and(|(name, end)| !name.is_empty() && is_end(end))
}

/// Whether a value says that it is no real key, as clients send that cannot do without one.
pub(super) fn is_stand_in(value: &str) -> bool {
    let bare = bare(value);
    let word = bare.strip_prefix("sk").unwrap_or(&bare);
    let word = word.strip_suffix("key").unwrap_or(word);
    let word = word.strip_suffix("api").unwrap_or(word);
    matches!(word, "dummy" | "fake")
}

/// Whether a value is called as what a script puts another in place of: `__DB_PASSWORD__`. What
/// asks a reader for that (`__CHANGE_ME__`) may as well wait for one.
fn is_filled_in(value: &str) -> bool {
    let name = value
        .strip_prefix("__")
        .and_then(|rest| rest.strip_suffix("__"));
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
            && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let asks = || {
        let bare = bare(value);
        bare.starts_with("your") || PLACEHOLDERS.iter().any(|part| bare.contains(part))
    };
    name.is_some_and(is_name) && !asks()
}

/// Whether a value says of itself that it is a secret, rather than the name of something: no
/// header, field or account is called `my-secret` or `changeme`.
pub(super) fn says_secret(value: &str) -> bool {
    let bare = bare(value);
    is_counted(&bare)
        || ["secret", "s3cr3t", "pass", "pwd", "pw"]
            .iter()
            .any(|word| bare.contains(word))
}

/// Whether a value was made up by a machine, or to look so: somewhere letters and digits take turns
/// for longer than in the names that people give.
pub(super) fn is_made_up(value: &str) -> bool {
    let turns = |row: &str| {
        let pairs = row.as_bytes().windows(2);
        let changes =
            pairs.filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()));
        changes.count()
    };
    let is_one = !value.contains("://") && !value.contains(char::is_whitespace);
    let mut rows = value.split(|c: char| !c.is_ascii_alphanumeric());
    is_one && rows.any(|row| row.len() >= 8 && turns(row) >= 2)
}

/// The text that a value encodes, where it is base64 of what people type.
pub(super) fn decoded(value: &str) -> Option<String> {
    let is_whole = value.len() >= 8 && value.len().is_multiple_of(4);
    let text = String::from_utf8(decode_base64(value).filter(|_| is_whole)?).ok()?;
    let text = text.trim_end();
    text.bytes()
        .all(|byte| byte.is_ascii_graphic())
        .then(|| text.to_owned())
}

/// Letters and digits in small letters.
fn bare(value: &str) -> String {
    value
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `xxxx`, `****`, `sk-xxxxxxxx`: a run that stands for a value.
fn is_mask(value: &str) -> bool {
    let rest: String = value
        .chars()
        .filter(|c| !matches!(c, 'x' | 'X' | '*' | '.' | '-' | '_'))
        .collect();
    let run = value
        .chars()
        .filter(|c| matches!(c, 'x' | 'X' | '*'))
        .count();
    run >= 3 && rest.len() <= 4
}

/// Digits that everybody tries: `1234…`, `0000`, `111111`.
fn is_counted(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let steps = |step: u8| {
        bytes
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if b.wrapping_sub(b'0') == (a.wrapping_sub(b'0') + step) % 10))
    };
    bytes.len() >= 3 && (steps(0) || steps(1))
}

/// What is wrong with a value, if anything is. `names` are the words that stand around it: a
/// password that is the component's or the user's name is a default too.
pub(super) fn fault(value: &str, names: &[SmolStr]) -> Option<Fault> {
    let value = value.trim();
    if value.len() > 96 || is_no_secret(value) {
        return None;
    }
    let bracketed =
        |open, close| value.starts_with(open) && value.ends_with(close) && value.len() > 2;
    let bare = bare(value);
    let is_word = value.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.' | '<' | '>' | '[' | ']')
    });
    if bracketed('<', '>')
        || (bracketed('[', ']') && is_word)
        || is_mask(value)
        || PLACEHOLDERS
            .iter()
            .any(|part| bare.contains(part) && bare != "changeme")
        || (bare.starts_with("your")
            && bare.len() < 40
            && is_word
            && value.contains(['-', '_', ' ']))
        || matches!(bare.as_str(), "todo" | "tbd" | "fixme")
        || (bare.ends_with("example") && bare.starts_with("akia"))
    {
        return Some(Fault::Placeholder);
    }
    let straight: String = bare.chars().filter(char::is_ascii).collect();
    if straight.len() != bare.len() {
        return None;
    }
    let plain = consists(&straight, names);
    plain.or_else(|| {
        // `P@ssw0rd`, `S3cr3t!`
        let letters: String = value
            .to_ascii_lowercase()
            .chars()
            .filter_map(|c| match c {
                '@' | '4' => Some('a'),
                '0' => Some('o'),
                '3' => Some('e'),
                '$' | '5' => Some('s'),
                '1' => Some('i'),
                c => c.is_ascii_alphanumeric().then_some(c),
            })
            .collect();
        (letters != straight)
            .then(|| consists(&letters, names))
            .flatten()
    })
}

/// Whether the text is a row of known words and a few digits, at least one of which makes it a
/// default.
fn consists(text: &str, names: &[SmolStr]) -> Option<Fault> {
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    // The best that the text up to each place can be: 0 filler only, 1 weak, 2 strong.
    let mut best: Vec<Option<u8>> = vec![None; text.len() + 1];
    if let Some(first) = best.first_mut() {
        *first = Some(0);
    }
    for start in 0..text.len() {
        let Some(so_far) = best.get(start).copied().flatten() else {
            continue;
        };
        let Some(rest) = text.get(start..) else {
            continue;
        };
        let first = rest.bytes().next();
        let mut reach = |len: usize, weight: u8| {
            if let Some(cell) = best.get_mut(start + len) {
                let weight = weight.max(so_far);
                *cell = Some(cell.map_or(weight, |known| known.max(weight)));
            }
        };
        for (words, weight) in [(STRONG, 2), (WEAK, 1), (FILLER, 0)] {
            // Most begin with another letter.
            let alike = words.iter().filter(|word| word.bytes().next() == first);
            for word in alike.filter(|word| rest.starts_with(**word)) {
                reach(word.len(), weight);
            }
        }
        for name in names
            .iter()
            .filter(|name| name.len() >= 3 && rest.starts_with(name.as_str()))
        {
            reach(name.len(), 1);
        }
        let digits: &str = rest
            .get(..rest.bytes().take_while(u8::is_ascii_digit).count())
            .unwrap_or_default();
        if is_counted(digits) {
            reach(digits.len(), 1);
        } else if (1..=4).contains(&digits.len()) {
            reach(digits.len(), 0);
        }
    }
    match best.last().copied().flatten()? {
        0 => None,
        1 => Some(Fault::Weak),
        _ => Some(Fault::WellKnown),
    }
}

#[cfg(test)]
mod tests;
