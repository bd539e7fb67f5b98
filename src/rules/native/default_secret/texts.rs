//! Settings in texts: configuration files in ConfigMaps and Secrets.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::source::FileId;
use crate::yaml::{NodeRef, ScalarStyle, read};

use super::logins::Password;
use super::names::words;
use super::patterns;
use super::python;
use super::refer::is_entry_of_secret;

/// Texts that are larger are data, not configuration.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// How many settings of one text are looked at: aliases can stand for many times their bytes.
const MAX_SETTINGS: usize = 100_000;

/// How deep documents are followed.
const MAX_DEPTH: usize = 64;

/// A value in a text, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// The key beside it.
    pub(super) name: String,
    /// The value.
    pub(super) value: String,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

/// Whether a key is the name of a file with configuration, or its value is more than one line.
pub(super) fn is_file(name: &str, value: &str) -> bool {
    const ENDS: &[&str] = &[
        "acl",
        "yaml",
        "yml",
        "json",
        "conf",
        "config",
        "ini",
        "env",
        "toml",
        "properties",
        "cfg",
        "xml",
        "sql",
        "sh",
        "cnf",
        "txt",
        "hcl",
        "dockerconfigjson",
        "dockercfg",
    ];
    value.trim_end().contains('\n') || has_end(name, ENDS)
}

/// Whether a file holds code or prose, in which a name beside a word is no setting.
pub(super) fn is_code(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "cjs", "css", "crt", "cert", "csv", "ejs", "erb", "go", "gotmpl", "groovy", "htm", "html",
        "java", "js", "jsx", "key", "kt", "lua", "md", "mjs", "mustache", "pem", "php", "pl", "py",
        "rb", "rs", "svg", "tmpl", "ts", "tsx", "tpl", "vue", "jinja", "j2",
    ];
    has_end(name, ENDS)
}

/// Whether a file is YAML or JSON by its name, or may be.
pub(super) fn is_structured(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_named = [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end));
    is_named || is_docker(&name) || !name.contains('.')
}

/// Whether a file holds the logins to registries.
pub(super) fn is_docker(name: &str) -> bool {
    matches!(name, ".dockerconfigjson" | ".dockercfg")
}

/// The settings of a text, as its file name says that it is to be read.
pub(super) fn settings(name: &str, text: &str) -> Vec<Setting> {
    if text.len() > MAX_TEXT {
        return Vec::new();
    }
    if python::is_configuration(name) {
        return python::settings(text);
    }
    if is_code(name) {
        return Vec::new();
    }
    if is_structured(name) {
        let (documents, errors) = read(FileId::DETACHED, text);
        let mut found = Vec::new();
        for root in documents.iter().filter_map(|document| document.root()) {
            walk(root, text, &mut found, 0, &mut 0);
        }
        let is_structure = documents
            .iter()
            .filter_map(|document| document.root())
            .any(|root| root.style().is_none());
        if errors.is_empty() && is_structure {
            return found;
        }
    }
    lines(name, text)
}

fn walk(node: NodeRef<'_>, text: &str, found: &mut Vec<Setting>, depth: usize, seen: &mut usize) {
    *seen += 1;
    if depth > MAX_DEPTH || *seen > MAX_SETTINGS || found.len() > MAX_SETTINGS {
        return;
    }
    // `name: PASSWORD` with `value: x`, as in lists of environment variables.
    let pair = || {
        let name = node.get("name").or_else(|| node.get("key"))?.text()?;
        Some((name, node.get("value")?))
    };
    if let Some((name, value)) = pair().filter(|(_, value)| value.style().is_some()) {
        found.extend(setting(name, value, text));
    }
    for (key, value) in node.entries() {
        match (key.text(), value.style()) {
            (Some(name), Some(_)) => found.extend(setting(name, value, text)),
            _ => walk(value, text, found, depth + 1, seen),
        }
    }
    for item in node.items() {
        walk(item, text, found, depth + 1, seen);
    }
}

fn setting(name: &str, value: NodeRef<'_>, text: &str) -> Option<Setting> {
    let span = value.span();
    let is_quoted = matches!(
        value.style(),
        Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
    );
    let quotes = usize::from(is_quoted);
    let at = span.start() + quotes..span.end().saturating_sub(quotes);
    let written = text.get(at.clone())?;
    let value = value.text()?;
    // A value of several lines is a text of its own; its lines are looked at as such.
    (!value.trim_end().contains('\n') && !value.is_empty()).then(|| Setting {
        name: name.to_owned(),
        value: value.trim_end().to_owned(),
        at: if written == value {
            at
        } else {
            span.start()..span.end()
        },
    })
}

#[expect(
    clippy::expect_used,
    reason = "the pattern is ours, and the tests use it"
)]
pub(super) fn pattern(text: &str) -> Regex {
    // Over bytes: characters beyond ASCII take longer to compile than most charts to check. What
    // bounds a match is ASCII, so that it begins and ends where a character does.
    Regex::new(&format!("(?-u){text}")).expect("a pattern of the program")
}

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^[ \t]*(requirepass|masterauth|sentinel auth-pass [^ \t\r\n]+)[ \t]+["']?([^ \t\r\n"']+)"#,
    )
});
static SQL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(password|identified[ \t]+(?:with[ \t]+[a-z0-9_]*password[ \t]+)?by)[ \t]+'([^']*)'",
    )
});
static XML: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"<([A-Za-z][A-Za-z0-9_.\-]*)>([^<> \t\r\n][^<>]*)</"));
/// What a group of a match in `text` covers, and the bytes it is at.
pub(super) fn group<'t>(
    text: &'t str,
    found: &Captures<'_>,
    group: usize,
) -> Option<(&'t str, Range<usize>)> {
    let range = found.get(group)?.range();
    Some((text.get(range.clone())?, range))
}

/// Lines `name: value`, `name = value`, `requirepass value`; passwords in SQL and XML.
fn lines(file: &str, text: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut names_secrets = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end_matches(['\n', '\r']);
        if is_comment(file, bare) {
            continue;
        }
        let mut add = |name: &str, value: Option<(&str, Range<usize>)>| {
            if let Some((value, at)) = value.filter(|(value, _)| !value.is_empty()) {
                found.push(Setting {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    at: start + at.start..start + at.end,
                });
            }
        };
        let name = |found: &Captures<'_>| group(bare, found, 1).map_or("", |(name, _)| name);
        // Each pattern is asked only where what it needs is there.
        let has = |needed: &[char]| bare.contains(needed);
        let asked = |pattern: &LazyLock<Regex>, may: bool| {
            may.then(|| pattern.captures(bare.as_bytes())).flatten()
        };
        let part = |at: Range<usize>| Some((bare.get(at.clone())?, at));
        if let Some(section) = section(bare) {
            names_secrets = words(section).iter().any(|word| word == "secrets");
        } else if let Some((name, value)) = patterns::setting(bare) {
            // `[kubernetes_secrets]` tells variables from which key of which Secret they come.
            let value = part(value);
            let value = value.filter(|(value, _)| !names_secrets || !is_entry_of_secret(value));
            add(bare.get(name).unwrap_or_default(), value);
        } else if let Some(words) = asked(&WORDS, may_be_words(bare)) {
            let directive = match name(&words) {
                directive @ ("requirepass" | "masterauth") => directive,
                _ => "auth-pass",
            };
            add(directive, group(bare, &words, 2));
        } else if let Some(sql) = asked(&SQL, has(&['\'']) && may_set_a_password(bare)) {
            add("password", group(bare, &sql, 2));
        } else if let Some(xml) = asked(&XML, bare.contains("</")) {
            add(name(&xml), group(bare, &xml, 2));
        }
    }
    found
}

/// The passwords in the statements of SQL that make or change users, comments left out.
pub(super) fn statements(text: &str) -> Vec<Password> {
    const STARTS: [&str; 4] = ["create user", "create role", "alter user", "alter role"];
    let starts = |text: &str| STARTS.iter().any(|start| has_word(text, start));
    let mut found = Vec::new();
    if text.len() > MAX_TEXT || !text.contains('\'') || !starts(text) {
        return found;
    }
    let mut from = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.contains('\'') || !may_set_a_password(line) || is_comment("", line) {
            continue;
        }
        for sql in SQL.captures_iter(line.as_bytes()) {
            let Some((value, at)) = group(line, &sql, 2) else {
                continue;
            };
            let before = text.get(from..start + at.start).unwrap_or_default();
            let is_one = starts(before.rsplit(';').next().unwrap_or_default());
            // A script goes on behind the statement, which has no second one.
            from = start + at.start;
            if is_one && !value.is_empty() {
                found.push(Password {
                    user: String::new(),
                    value: value.to_owned(),
                    at: from..start + at.end,
                });
            }
        }
    }
    found
}

/// The name of the section that a line begins.
fn section(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.strip_suffix(']')
}

/// Whether there is what [`WORDS`] begins with.
fn may_be_words(line: &str) -> bool {
    ["requirepass", "masterauth", "auth-pass"]
        .iter()
        .any(|word| line.contains(word))
}

/// Whether there is a word, in small or capital letters.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let Some(first) = word.bytes().next() else {
        return true;
    };
    let text = text.as_bytes();
    let starts = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text);
    starts
        .filter_map(|at| text.get(at..at + word.len()))
        .any(|here| here.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether there is what SQL sets a password with.
fn may_set_a_password(line: &str) -> bool {
    has_word(line, "password") || has_word(line, "identified")
}

/// Whether a line of a file is a comment. Two dashes begin one in SQL and Lua, and a flag where a
/// command goes on in the next line: there they stand apart from what they say.
pub(super) fn is_comment(name: &str, line: &str) -> bool {
    let line = line.trim_start().as_bytes();
    match line {
        [b'#' | b';' | b'*', ..] => true,
        [b'/', rest @ ..] => rest.starts_with(b"/"),
        [b'-', b'-', rest @ ..] => {
            rest.first().is_none_or(u8::is_ascii_whitespace) || has_dashed_comments(name)
        }
        [b'<', rest @ ..] => rest.starts_with(b"!--"),
        _ => false,
    }
}

/// Whether a file is in a language whose comments begin with two dashes.
fn has_dashed_comments(name: &str) -> bool {
    const ENDS: &[&str] = &["cql", "ddl", "hql", "lua", "sql"];
    has_end(name, ENDS)
}

/// Whether the name of a file ends with one of those, in small or capital letters.
fn has_end(name: &str, ends: &[&str]) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| ends.contains(&end.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    #[track_caller]
    fn case(name: &str, text: &str, want: &[(&str, &str)]) {
        let found = settings(name, text);
        let got: Vec<(&str, &str)> = found
            .iter()
            .map(|s| (s.name.as_str(), s.value.as_str()))
            .collect();
        assert_eq!(got, want, "{text:?}");
        for setting in &found {
            assert!(
                text[setting.at.clone()].contains(&setting.value),
                "{setting:?}"
            );
            let is_secret = names::classify(&setting.name) == names::Class::Secret;
            assert!(!is_secret || names::may_name_a_secret(text), "{text:?}");
        }
    }

    #[test]
    fn sql_may_give_a_password_without_the_word() {
        let text = "CREATE USER app IDENTIFIED BY 'changeme';\n";
        case("users.sql", text, &[("password", "changeme")]);
    }

    #[test]
    fn statements_set_passwords() {
        let find = |text: &str| -> Vec<String> {
            let found = statements(text).into_iter();
            found.map(|found| text[found.at].to_owned()).collect()
        };
        assert_eq!(
            find("psql -c \"ALTER USER a PASSWORD 'ö'; create role b\n password 'c'\""),
            ["ö", "c"]
        );
        assert_eq!(
            find("CREATE USER a IDENTIFIED WITH sha256_password BY 'b'\necho password 'c'"),
            ["b"]
        );
        for text in [
            "CREATE USER a; echo the password 'b'",
            "-- CREATE USER a PASSWORD 'b'",
            "CREATE USER a IDENTIFIED WITH sha256_hash BY 'b'",
            "CREATE USER a PASSWORD ''",
            "password 'b' CREATE USER",
        ] {
            assert_eq!(find(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn reads_settings_of_many_formats() {
        case(
            "app.yaml",
            "db:\n  password: 'x y' # why\n  n: 1\n",
            &[("password", "x y"), ("n", "1")],
        );
        case("app.json", "{\"a\": {\"token\": \"t\"}}", &[("token", "t")]);
        case(
            ".env",
            "export A_B=\"c\"\nD=e f # g\n#H=i\n",
            &[("A_B", "c"), ("D", "e f")],
        );
        case(
            "x.ini",
            "[s]\nuser = u\npassword=p\n",
            &[("user", "u"), ("password", "p")],
        );
        case(
            "x.toml",
            "api_key = \"k\"\nlist = [1]\n",
            &[("api_key", "k")],
        );
        case(
            "redis.conf",
            "requirepass pw\nmasterauth b\nsentinel auth-pass a c\n",
            &[
                ("requirepass", "pw"),
                ("masterauth", "b"),
                ("auth-pass", "c"),
            ],
        );
        case(
            "x.cfg",
            "[k_secrets]\na = b=c\nd = e\n [f]\ng = h=i\n",
            &[("d", "e"), ("g", "h=i")],
        );
        case(
            "init.sql",
            "CREATE USER u WITH PASSWORD 'pw';\n",
            &[("password", "pw")],
        );
        case(
            "x.xml",
            "<a>\n<password>pw</password>\n",
            &[("password", "pw")],
        );
        case("x.py", "password = 'pw'\n", &[]);
        case(
            "config",
            "a: b\nc:\n  secret: d\n",
            &[("a", "b"), ("secret", "d")],
        );
        case(
            "e.yaml",
            "- {name: PASSWORD, value: v}\n",
            &[("PASSWORD", "v"), ("name", "PASSWORD"), ("value", "v")],
        );
    }
}
