//! What a name says of the value beside it.

use smol_str::{SmolStr, StrExt};

/// What a value is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A secret.
    Secret,
    /// A secret, or what another thing is found or told apart by: `SESSION_KEY`, `credentials`.
    Either,
    /// Who logs in: `username`, `MINIO_ROOT_USER`, `AWS_ACCESS_KEY_ID`.
    User,
    /// Something that is no secret: a host, a port, a file's name.
    Plain,
    /// The name does not say.
    Unknown,
}

impl Class {
    /// Whether the value may be a secret by its name.
    pub(super) fn may_be_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Either)
    }
}

/// Nouns for secrets that make a name one wherever they stand.
const STRONG: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "requirepass",
    "masterauth",
    "rootpass",
    "adminpass",
    "dbpass",
    "userpass",
    "apikey",
    "secretkey",
    "privatekey",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "clientsecret",
    "jwtsecret",
];

/// Nouns for secrets at the end of a name.
const LAST: &[&str] = &[
    "pass",
    "pwd",
    "pw",
    "secret",
    "secrets",
    "token",
    "accesskey",
    "salt",
    "pepper",
    "pat",
];

/// Nouns for secrets that end a word.
const NOUNS: &[&str] = &[
    "password",
    "passwd",
    "apikey",
    "secretkey",
    "privatekey",
    "passphrase",
];

/// What makes `key` at the end of a name a secret: `api-key`, `encryptionKey`.
const KEYS: &[&str] = &[
    "access",
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "cookie",
    "crypt",
    "crypto",
    "encryption",
    "fernet",
    "hmac",
    "jwt",
    "license",
    "master",
    "private",
    "root",
    "secret",
    "security",
    "server",
    "service",
    "session",
    "shared",
    "signing",
    "storage",
    "webhook",
];

/// Of those, what a `key` may only name or find: the header that holds a session, the entry of a
/// store.
const FINDING_KEYS: &[&str] = &[
    "account", "app", "cookie", "server", "service", "session", "storage",
];

/// What makes `token` at the end of a name none: the words of language models.
const TOKEN_KINDS: &[&str] = &[
    "begin",
    "bos",
    "chat",
    "cls",
    "completion",
    "end",
    "eos",
    "first",
    "image",
    "input",
    "last",
    "mask",
    "max",
    "min",
    "new",
    "next",
    "num",
    "output",
    "pad",
    "per",
    "prompt",
    "sep",
    "special",
    "start",
    "stop",
    "think",
    "thinking",
    "total",
    "unk",
    "vocab",
];

/// What makes `secret` at the end of a name the name of an object.
const SECRET_KINDS: &[&str] = &[
    "ca",
    "cert",
    "certificate",
    "existing",
    "image",
    "pull",
    "tls",
];

/// What, behind the noun, says that the value is about a secret and none itself.
const ABOUT: &[&str] = &[
    "algo",
    "algorithm",
    "annotation",
    "arn",
    "audience",
    "backend",
    "bits",
    "bytes",
    "cache",
    "change",
    "changed",
    "class",
    "column",
    "complexity",
    "count",
    "days",
    "dir",
    "disabled",
    "duration",
    "enable",
    "enabled",
    "encoding",
    "endpoint",
    "engine",
    "env",
    "exp",
    "expiration",
    "expire",
    "expires",
    "expiry",
    "field",
    "file",
    "files",
    "format",
    "generation",
    "grace",
    "hash",
    "header",
    "hint",
    "host",
    "hours",
    "id",
    "ids",
    "interval",
    "issuer",
    "iterations",
    "key",
    "keys",
    "kind",
    "label",
    "length",
    "lifetime",
    "limit",
    "link",
    "location",
    "login",
    "manager",
    "max",
    "method",
    "min",
    "minutes",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "optional",
    "path",
    "pattern",
    "period",
    "policy",
    "prefix",
    "prompt",
    "property",
    "provider",
    "ref",
    "refs",
    "regex",
    "region",
    "required",
    "reset",
    "rotate",
    "rotation",
    "rounds",
    "rules",
    "scheme",
    "scope",
    "seconds",
    "server",
    "size",
    "source",
    "store",
    "strategy",
    "strength",
    "suffix",
    "template",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "usage",
    "validation",
    "validity",
    "version",
    "volume",
];

/// Last words of names for what is no secret.
const PLAIN: &[&str] = &[
    "address",
    "addr",
    "bucket",
    "ca",
    "cert",
    "crt",
    "database",
    "db",
    "dbname",
    "domain",
    "driver",
    "email",
    "enabled",
    "endpoint",
    "env",
    "file",
    "host",
    "hostname",
    "id",
    "issuer",
    "level",
    "locale",
    "log",
    "mode",
    "name",
    "namespace",
    "org",
    "organization",
    "path",
    "port",
    "project",
    "protocol",
    "region",
    "replicas",
    "role",
    "schema",
    "scheme",
    "server",
    "size",
    "ssl",
    "sslmode",
    "state",
    "tenant",
    "tier",
    "timezone",
    "tls",
    "type",
    "uri",
    "url",
    "version",
    "zone",
    "environment",
];

/// A name as words: `adminPassword`, `ADMIN_PASSWORD` and `admin-password` are one.
pub(super) fn words(name: &str) -> Vec<SmolStr> {
    let mut words: Vec<SmolStr> = Vec::with_capacity(4);
    let bytes = name.as_bytes();
    let mut take = |start: usize, end: usize| {
        if let Some(word) = name.get(start..end).filter(|word| !word.is_empty()) {
            words.push(word.to_ascii_lowercase_smolstr());
        }
    };
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            take(start, at);
            start = at + 1;
            continue;
        }
        let is_small = |at: Option<usize>| {
            let byte = at.and_then(|at| bytes.get(at));
            byte.is_some_and(u8::is_ascii_lowercase)
        };
        // `APIKey` is two words, `MinIO` is one and `neo4j` too.
        let starts = at > start
            && byte.is_ascii_uppercase()
            && (is_small(at.checked_sub(1)) || (at - start > 1 && is_small(Some(at + 1))));
        if starts {
            take(start, at);
            start = at;
        }
    }
    take(start, bytes.len());
    words
}

fn is_noun(word: &str) -> bool {
    STRONG.contains(&word) || NOUNS.iter().any(|noun| word.ends_with(noun))
}

/// Whether anything in a text can be the name of a secret. Most texts are done with by that, so
/// it looks for what all those names have in common, byte by byte.
pub(super) fn may_name_a_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        let starts = |word: &str| {
            let here = bytes.get(at..at + word.len());
            here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
        };
        let ends = |word: &str| {
            let next = bytes.get(at + word.len());
            starts(word) && !next.is_some_and(u8::is_ascii_lowercase)
        };
        match byte.to_ascii_lowercase() {
            b'c' => starts("cred"),
            // What SQL gives a password by.
            b'i' => starts("identified by"),
            b'k' => starts("key") && is_behind_a_kind_of_key(bytes.get(..at).unwrap_or_default()),
            b'm' => starts("masterauth"),
            b'p' => {
                starts("pass") || starts("pwd") || starts("pepper") || ends("pw") || ends("pat")
            }
            b's' => starts("secret") || starts("salt"),
            b't' => starts("token"),
            _ => false,
        }
    })
}

/// Whether the last word of `before` makes a `key` that follows it a secret.
fn is_behind_a_kind_of_key(before: &[u8]) -> bool {
    let end = before.iter().rposition(u8::is_ascii_alphanumeric);
    let word = before
        .get(..end.map_or(0, |end| end + 1))
        .unwrap_or_default();
    KEYS.iter().any(|kind| {
        let last = word
            .len()
            .checked_sub(kind.len())
            .and_then(|at| word.get(at..));
        last.is_some_and(|last| last.eq_ignore_ascii_case(kind.as_bytes()))
    })
}

/// Whether the last word of a name says nothing of its own.
fn tells_apart(before: &str, last: &str) -> bool {
    let digits = last.strip_prefix('v').unwrap_or(last);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(
            last,
            "value" | "b64" | "base64" | "default" | "plain" | "text"
        )
        // `SECRET_KEY_BASE`: what keys are made from.
        || (last == "base" && before == "key")
}

/// Reads a name.
pub(super) fn classify(name: &str) -> Class {
    let mut words = words(name);
    // `INNER_API_KEY_FOR_PLUGIN`: what it is for does not change what it is.
    if let Some(at) = words.iter().skip(1).position(|word| word == "for") {
        words.truncate(at + 1);
    }
    // Numbers and words that only tell one of several apart say nothing.
    while let [.., before, last] = words.as_slice()
        && tells_apart(before, last)
    {
        words.pop();
    }
    let at = |back: usize| {
        words
            .len()
            .checked_sub(back)
            .and_then(|at| words.get(at))
            .map_or("", SmolStr::as_str)
    };
    let (last, before) = (at(1), at(2));
    match last {
        "user" | "username" | "login" | "usr" => return Class::User,
        "id" if matches!(before, "key" | "accesskey")
            && words.iter().any(|word| word.starts_with("access")) =>
        {
            return Class::User;
        }
        "token" if TOKEN_KINDS.contains(&before) => return Class::Plain,
        // What the members of an etcd cluster know one another by.
        "token" if before == "cluster" && at(3) == "initial" => return Class::Plain,
        "secret" | "secrets" if SECRET_KINDS.contains(&before) => return Class::Plain,
        // `NEO4J_AUTH: neo4j/password`
        "auth" => return Class::Unknown,
        "key" if FINDING_KEYS.contains(&before) => return Class::Either,
        "key" if KEYS.contains(&before) => return Class::Secret,
        "credential" | "credentials" | "creds" => return Class::Either,
        _ => {}
    }
    if LAST.contains(&last) || is_noun(last) {
        return Class::Secret;
    }
    if let Some(noun) = words.iter().position(|word| is_noun(word)) {
        let is_about = words
            .iter()
            .skip(noun + 1)
            .any(|word| ABOUT.contains(&word.as_str()));
        return if is_about {
            Class::Plain
        } else {
            Class::Secret
        };
    }
    let has_weak_noun = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "secret" | "token" | "tokens" | "tokenizer" | "credential" | "pass"
        )
    });
    if PLAIN.contains(&last) || (has_weak_noun && ABOUT.contains(&last)) {
        Class::Plain
    } else {
        Class::Unknown
    }
}

#[cfg(test)]
mod tests;
