//! What a name says of the value beside it.

mod nouns;
mod pairs;

use smol_str::{SmolStr, StrExt};

use nouns::{ABOUT, FINDING_KEYS, KEYS, LAST, NOUNS, PLAIN, SECRET_KINDS, STRONG, TOKEN_KINDS};
use pairs::{Pair, Words, any_at, any_of, pair};

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

/// The nouns that [`may_name_a_secret`] looks for.
const NOUNS_OF_SECRETS: [Pair; 10] = [
    pair(*b"cr", &["creds", "credential", "credentials"]),
    pair(*b"id", &[SQL]),
    pair(*b"ke", &["key"]),
    pair(*b"ma", &["masterauth"]),
    pair(
        *b"pa",
        &[
            "pass",
            "password",
            "passwd",
            "passphrase",
            "passcode",
            "pat",
        ],
    ),
    pair(*b"pe", &["pepper"]),
    pair(*b"pw", &["pwd", "pw"]),
    pair(*b"sa", &["salt"]),
    pair(*b"se", &["secret", "secrets"]),
    pair(*b"to", &["token"]),
];

/// What makes a name one of a user.
const WORDS_OF_USERS: [Pair; 3] = [
    pair(*b"ac", &["access"]),
    pair(*b"lo", &["login"]),
    pair(*b"us", &["user", "usr"]),
];

struct OfSecrets;

impl Words for OfSecrets {
    const PAIRS: &'static [Pair] = &NOUNS_OF_SECRETS;
}

struct OfUsers;

impl Words for OfUsers {
    const PAIRS: &'static [Pair] = &WORDS_OF_USERS;
}

/// Both.
struct Telling;

impl Words for Telling {
    const PAIRS: &'static [Pair] = &{
        const MORE: usize = NOUNS_OF_SECRETS.len();
        let mut all = [WORDS_OF_USERS[0]; MORE + WORDS_OF_USERS.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = match at.checked_sub(MORE) {
                Some(at) => WORDS_OF_USERS[at],
                None => NOUNS_OF_SECRETS[at],
            };
            at += 1;
        }
        all
    };
}

/// What SQL gives a password by.
const SQL: &str = "identified by";

/// Whether anything in a text can be the name of a secret. Most texts are done with by that, so
/// it looks for the nouns that all those names have.
pub(super) fn may_name_a_secret(text: &str) -> bool {
    any_at::<OfSecrets>(text.as_bytes(), |at| may_have_a_noun(text, at))
}

/// Whether one of the nouns at a place can make a name that of a secret.
fn may_have_a_noun(text: &str, at: usize) -> bool {
    any_of::<OfSecrets>(text.as_bytes(), at, |noun| match noun {
        SQL => has_at(text.as_bytes(), at, SQL),
        noun => may_end_a_name(text, at, noun),
    })
}

/// How far names are looked at.
const MAX_NAME: usize = 128;

/// Whether a name in a text can be that of a secret by the noun at a place, whatever it is that the
/// text calls by a name.
fn may_end_a_name(text: &str, at: usize, noun: &str) -> bool {
    let bytes = text.as_bytes();
    let end = at + noun.len();
    let next = bytes.get(end);
    let goes_on = next.is_some_and(|next| next.is_ascii_lowercase() || next.is_ascii_digit());
    if goes_on || !has_at(bytes, at, noun) {
        return false;
    }
    let (before, rest) = bytes.split_at_checked(at).unwrap_or_default();
    let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || is_joint(**byte);
    let length = before.iter().rev().take(MAX_NAME).take_while(in_name);
    let start = at - length.count();
    // Of an escape (`"\ttoken"`) the letter is no part of the name.
    let is_escaped = start.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\\');
    if is_escaped || at - start == MAX_NAME {
        return true;
    }
    let words = words(text.get(start..end).unwrap_or_default());
    let last = words.last().map_or("", SmolStr::as_str);
    if is_noun(last) {
        return true;
    }
    // What stands behind other nouns tells what the name is for, and most words say: none.
    let behind = rest.get(noun.len()..).unwrap_or_default();
    let behind = match behind {
        [joint, behind @ ..] if is_joint(*joint) => behind,
        [first, ..] if first.is_ascii_alphanumeric() => behind,
        _ => &[],
    };
    let is_last = behind
        .first()
        .is_none_or(|first| !first.is_ascii_alphabetic())
        || BEHIND.iter().any(|word| has_at(behind, 0, word));
    let is_such = match last {
        "key" => is_behind_a_kind_of_key(before),
        "credential" | "credentials" | "creds" => true,
        "token" => match words.as_slice() {
            [.., kind, _] => !TOKEN_KINDS.contains(&kind.as_str()),
            _ => !is_behind_a_kind_of_token(before),
        },
        _ => LAST.contains(&last),
    };
    is_last && is_such
}

/// What words may begin with behind the last noun of a name that is one of a secret: those that
/// [`tells_apart`] knows, and `for`.
const BEHIND: &[&str] = &["b64", "base", "default", "for", "plain", "text", "v"];

/// What stands between the words of a name and is not between names.
fn is_joint(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.')
}

/// Whether `before` ends with a word of a title (`Time to first token`) that makes what follows it
/// none.
fn is_behind_a_kind_of_token(before: &[u8]) -> bool {
    let Some((b' ', before)) = before.split_last() else {
        return false;
    };
    let is_in_word = |byte: &&u8| byte.is_ascii_alphabetic();
    let length = before.iter().rev().take(MAX_NAME).take_while(is_in_word);
    let (rest, word) = before.split_at(before.len() - length.count());
    let words = words(std::str::from_utf8(word).unwrap_or_default());
    let is_kind = matches!(words.as_slice(), [kind] if TOKEN_KINDS.contains(&kind.as_str()));
    // An anchor or a tag is not part of the name that follows it.
    is_kind && matches!(rest.last(), Some(b' ' | b'"' | b'\''))
}

/// Whether a word stands at a place, in small or capital letters.
fn has_at(bytes: &[u8], at: usize, word: &str) -> bool {
    let here = bytes.get(at..at + word.len());
    here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
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
        // All who are in a blockchain's network know its passphrase; that of a Wi-Fi is secret.
        "passphrase" if before == "network" && !matches!(at(3), "wifi" | "wireless" | "wlan") => {
            return Class::Plain;
        }
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

/// What a name says, where it is that of a secret or of a user: most are of neither, and done with
/// by a look at their bytes.
pub(super) fn telling(name: &str) -> Option<Class> {
    let bytes = name.as_bytes();
    let may_tell = any_at::<Telling>(bytes, |at| {
        may_have_a_noun(name, at) || any_of::<OfUsers>(bytes, at, |word| has_at(bytes, at, word))
    });
    let class = may_tell.then(|| classify(name));
    class.filter(|class| class.may_be_secret() || *class == Class::User)
}

/// Whether a name is that of what opens a trust store: `javax.net.ssl.trustStorePassword`.
pub(super) fn is_of_trust_store(name: &str) -> bool {
    let words = words(name);
    let are_two = |two: &[SmolStr]| {
        two.first()
            .zip(two.last())
            .is_some_and(|(a, b)| a == "trust" && b == "store")
    };
    words.iter().any(|word| word == "truststore") || words.windows(2).any(are_two)
}

/// Whether the name of a Secret tells what its `key` or `value` is: that of `app-api` is the key of
/// an API, and that of `app-token` a token.
pub(super) fn is_telling_of(object: &str, name: &str) -> bool {
    if !matches!(name, "key" | "value") {
        return false;
    }
    // All of them are called so.
    let object = object
        .trim_end_matches("-secret")
        .trim_end_matches("-secrets");
    classify(&format!("{object}-{name}")) == Class::Secret
}

#[cfg(test)]
mod tests;
