//! `default-secret`.

use crate::finding::Finding;
use crate::k8s::{Object, Workload};
use crate::rules::{Context, Written};
use crate::source::Span;
use crate::yaml::NodeRef;

const RULE: &str = "default-secret";

/// Values that everybody tries first.
const WELL_KNOWN: &[&str] = &[
    "admin",
    "administrator",
    "changeit",
    "changeme",
    "default",
    "demo",
    "example",
    "guest",
    "letmein",
    "minio",
    "minio123",
    "minioadmin",
    "mongo",
    "mysql",
    "neo4j",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "password1",
    "password123",
    "postgres",
    "postgresql",
    "qwerty",
    "rabbitmq",
    "redis",
    "root",
    "secret",
    "supersecret",
    "test",
    "test123",
    "testing",
    "toor",
    "user",
    "welcome",
    "grafana",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "abc123",
    "admin123",
    "adminadmin",
    "prom-operator",
    "foobar",
    "secretpassword",
    "mypassword",
    "mysecretpassword",
    "topsecret",
    "insecure",
    "dev",
    "devpassword",
    "s3cr3t",
    "p@ssw0rd",
    "p@ssword",
    "elastic",
    "vault",
    "token",
    "secret123",
    "rootpassword",
    "adminpassword",
    "dbpassword",
    "postgrespassword",
];

/// Parts that mark a text as a placeholder.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "replacewith",
    "insertyour",
    "yourpassword",
    "yoursecret",
    "yourtoken",
    "yourapikey",
    "yourkey",
    "enteryour",
    "putyour",
    "fillme",
    "fillin",
    "tobechanged",
    "notsecure",
    "dummysecret",
    "placeholder",
    "xxxx",
    "todo",
];

pub(super) fn check(context: &mut Context<'_, '_>) {
    let objects: Vec<Object<'_>> = context.release.objects().to_vec();
    for object in &objects {
        match object.kind {
            "Secret" => secret(context, object),
            "ConfigMap" => {
                for (key, value) in entries(object, "data") {
                    config_value(context, object, key, value);
                }
            }
            _ => {
                if let Some(workload) = Workload::of(object) {
                    environment(context, &workload);
                }
            }
        }
    }
}

fn entries<'a>(object: &Object<'a>, field: &str) -> Vec<(NodeRef<'a>, NodeRef<'a>)> {
    object
        .node
        .get(field)
        .into_iter()
        .flat_map(NodeRef::entries)
        .collect()
}

/// A Secret's values: everything in it but what is plainly no secret.
fn secret(context: &mut Context<'_, '_>, object: &Object<'_>) {
    let kind = object
        .node
        .get("type")
        .and_then(NodeRef::text)
        .unwrap_or_default();
    if kind.starts_with("kubernetes.io/service-account-token") || kind == "helm.sh/release.v1" {
        return;
    }
    for (field, is_encoded) in [("stringData", false), ("data", true)] {
        for (key, node) in entries(object, field) {
            let (Some(name), Some(text)) = (key.text(), node.text()) else {
                continue;
            };
            let decoded = if is_encoded {
                let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                match base64(&bare) {
                    Some(bytes) => bytes,
                    None => continue,
                }
            } else {
                text.as_bytes().to_vec()
            };
            let Ok(value) = String::from_utf8(decoded) else {
                continue;
            };
            let what = format!("key `{name}` of {}", object.label());
            if is_file(name) || value.contains('\n') {
                if !is_encoded {
                    config_value(context, object, key, node);
                }
                continue;
            }
            if let Some(password) = url_password(&value) {
                judge_url(context, object, node.span(), &what, &password);
                continue;
            }
            let is_secret = is_secret_name(name);
            let is_plain = is_plain_name(name);
            if is_plain && !is_secret {
                continue;
            }
            judge(
                context,
                object,
                node.span(),
                &what,
                name,
                &value,
                is_secret || !is_plain,
            );
        }
    }
}

/// Environment variables with a value of their own.
fn environment(context: &mut Context<'_, '_>, workload: &Workload<'_>) {
    let spec = workload.template.spec;
    for list in ["containers", "initContainers"] {
        for container in spec.get(list).into_iter().flat_map(NodeRef::items) {
            for entry in container.get("env").into_iter().flat_map(NodeRef::items) {
                let (Some(name), Some(value)) = (
                    entry.get("name").and_then(NodeRef::text),
                    entry.get("value"),
                ) else {
                    continue;
                };
                let Some(text) = value.text() else { continue };
                let what = format!(
                    "environment variable `{name}` of {}",
                    workload.object.label()
                );
                if let Some(password) = url_password(text) {
                    judge_url(context, &workload.object, value.span(), &what, &password);
                } else if is_secret_name(name) {
                    judge(
                        context,
                        &workload.object,
                        value.span(),
                        &what,
                        name,
                        text,
                        true,
                    );
                }
            }
        }
    }
}

/// A value of a ConfigMap: a secret by its key, or lines of configuration.
fn config_value(
    context: &mut Context<'_, '_>,
    object: &Object<'_>,
    key: NodeRef<'_>,
    node: NodeRef<'_>,
) {
    let (Some(name), Some(text)) = (key.text(), node.text()) else {
        return;
    };
    if !text.contains('\n') && !is_file(name) {
        let what = format!("key `{name}` of {}", object.label());
        if let Some(password) = url_password(text) {
            judge_url(context, object, node.span(), &what, &password);
        } else if is_secret_name(name) {
            judge(context, object, node.span(), &what, name, text, true);
        }
        return;
    }
    // Lines `key: value` and `key = value`, found again in the manifest's bytes.
    let span = node.span();
    let bytes = context.bytes_of(span);
    let Some(written) = bytes.get(span.start()..span.end()) else {
        return;
    };
    let written = String::from_utf8_lossy(written).into_owned();
    let mut at = span.start();
    for line in written.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some((name, value, from, to)) = setting(line) {
            let place = Span::new(span.file(), start + from, start + to);
            let what = format!(
                "`{name}` in key `{}` of {}",
                key.text().unwrap_or("?"),
                object.label()
            );
            if let Some(password) = url_password(value) {
                judge_url(context, object, place, &what, &password);
            } else if is_secret_name(name) {
                judge(context, object, place, &what, name, value, true);
            }
        }
    }
}

/// `name: value` or `name = value` in a line, with the value's place in it.
fn setting(line: &str) -> Option<(&str, &str, usize, usize)> {
    let trimmed = line.trim_start_matches([' ', '\t', '-']);
    if trimmed.starts_with(['#', ';', '/', '<']) {
        return None;
    }
    let split = trimmed.find([':', '='])?;
    let name = trimmed.get(..split)?.trim().trim_matches(['"', '\'']);
    if name.is_empty() || name.contains([' ', '(', '{']) {
        return None;
    }
    let offset = line.len() - trimmed.len() + split + 1;
    let rest = line.get(offset..)?;
    let value = rest.trim().trim_end_matches(',');
    let value = value.split(" #").next().unwrap_or(value).trim();
    let bare = value.trim_matches(['"', '\'']);
    if bare.is_empty() {
        return None;
    }
    let from = offset + rest.find(bare)?;
    Some((name, bare, from, from + bare.len()))
}

/// Names of configuration files: their content is read line by line.
fn is_file(name: &str) -> bool {
    [
        ".yaml",
        ".yml",
        ".json",
        ".conf",
        ".ini",
        ".env",
        ".toml",
        ".properties",
        ".cfg",
        ".xml",
        ".sql",
        ".sh",
        ".crt",
        ".pem",
        ".cert",
    ]
    .iter()
    .any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// A name as words: `adminPassword`, `ADMIN_PASSWORD` and `admin-password` are one.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            previous_lower = false;
            continue;
        }
        if c.is_ascii_uppercase() && previous_lower {
            words.push(String::new());
        }
        previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let joined = words.join("-");
    let last = words.last().map(String::as_str).unwrap_or_default();
    // What names, locates, counts or describes a secret is none.
    const ABOUT: &[&str] = &[
        "file",
        "path",
        "dir",
        "name",
        "ref",
        "secretref",
        "url",
        "uri",
        "host",
        "port",
        "ttl",
        "limit",
        "length",
        "size",
        "count",
        "max",
        "min",
        "enabled",
        "type",
        "policy",
        "expiry",
        "expiration",
        "timeout",
        "rotation",
        "key-id",
        "provider",
        "mount",
        "field",
        "algorithm",
        "issuer",
        "version",
        "budget",
        "hash-rounds",
        "minutes",
        "seconds",
        "days",
        "hours",
        "prefix",
        "header",
        "endpoint",
    ];
    if ABOUT.contains(&last)
        || words
            .iter()
            .any(|word| word == "tokens" || word == "tokenizer")
    {
        return false;
    }
    const SECRET: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "pwd",
        "credential",
        "credentials",
        "rootpassword",
        "privatekey",
        "accesskey",
        "secretkey",
        "pass",
    ];
    if words
        .iter()
        .any(|word| SECRET.contains(&word.as_str()) || word.ends_with("password"))
    {
        return true;
    }
    [
        "api-key",
        "access-key",
        "private-key",
        "secret-key",
        "encryption-key",
        "signing-key",
        "auth-key",
        "master-key",
        "root-user",
        "admin-key",
    ]
    .iter()
    .any(|part| joined.contains(part))
}

/// Names of what stands in a Secret and is none.
fn is_plain_name(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    matches!(
        last,
        "username"
            | "user"
            | "login"
            | "email"
            | "host"
            | "hostname"
            | "port"
            | "database"
            | "db"
            | "dbname"
            | "name"
            | "url"
            | "uri"
            | "endpoint"
            | "region"
            | "bucket"
            | "namespace"
            | "type"
            | "schema"
            | "path"
            | "file"
            | "version"
            | "crt"
            | "cert"
            | "ca"
            | "issuer"
            | "tenant"
            | "org"
            | "server"
            | "address"
            | "scheme"
            | "protocol"
            | "mode"
            | "enabled"
            | "ssl"
            | "sslmode"
            | "driver"
            | "id"
    )
}

/// The password in `scheme://user:password@host`.
fn url_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = !scheme.is_empty()
        && scheme
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .next()
            .is_some_and(|scheme| !scheme.is_empty());
    let authority = rest
        .split(['/', '?', '#', '"', '\'', ' '])
        .next()
        .unwrap_or(rest);
    let (userinfo, _) = authority.rsplit_once('@')?;
    let (_, password) = userinfo.split_once(':')?;
    (is_scheme && !password.is_empty()).then(|| password.to_owned())
}

/// A reference to something given elsewhere: `$(VAR)`, `${VAR}`, `{{ }}`, `vault:…`.
fn is_reference(value: &str) -> bool {
    value.contains("$(")
        || value.contains("${")
        || value.contains("$__")
        || value.contains("{{")
        || value.starts_with('$')
        || value.starts_with("vault:")
        || value.starts_with("ref+")
        || value.starts_with("file:")
        || value.starts_with("env:")
        || value.starts_with('/')
}

/// Why a value is no secret, if it is none.
fn fault(value: &str) -> Option<String> {
    let lower = value.trim().to_ascii_lowercase();
    let bare: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    if WELL_KNOWN.contains(&lower.as_str())
        || (WELL_KNOWN.contains(&bare.as_str()) && bare.len() >= 4)
    {
        return Some(format!("the well-known default `{}`", value.trim()));
    }
    let is_bracketed = (lower.starts_with('<') && lower.ends_with('>'))
        || (lower.starts_with('[') && lower.ends_with(']'));
    let is_placeholder = is_bracketed
        || PLACEHOLDERS.iter().any(|part| bare.contains(part))
        || (bare.starts_with("your") && bare.len() < 32);
    if is_placeholder {
        let shown: String = value.trim().chars().take(40).collect();
        return Some(format!("the placeholder `{shown}`"));
    }
    None
}

fn judge_url(
    context: &mut Context<'_, '_>,
    object: &Object<'_>,
    span: Span,
    what: &str,
    password: &str,
) {
    if is_reference(password) {
        return;
    }
    if let Some(fault) = fault(password) {
        report(
            context,
            object,
            span,
            format!("the URL in {what} carries {fault} as its password"),
        );
    }
}

fn judge(
    context: &mut Context<'_, '_>,
    object: &Object<'_>,
    span: Span,
    what: &str,
    name: &str,
    value: &str,
    may_be_own: bool,
) {
    let value = value.trim();
    let is_setting = matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "yes" | "no" | "null" | "none" | "on" | "off"
    );
    if is_setting || is_reference(value) {
        return;
    }
    if let Some(fault) = fault(value) {
        return report(context, object, span, format!("{what} is {fault}"));
    }
    let bare = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    if !bare(value).is_empty() && (bare(value) == bare(object.name) || bare(value) == bare(name)) {
        return report(
            context,
            object,
            span,
            format!("{what} is the name that it stands beside"),
        );
    }
    let written = context.evidence.written_in(span);
    // The value itself stands in the chart's values, not just something it was made from.
    let is_own = written
        .iter()
        .any(|(place, text)| *place == Written::ChartDefault && text == value);
    if may_be_own && is_own && (object.kind == "Secret" || is_secret_name(name)) {
        report(
            context,
            object,
            span,
            format!("{what} ships with the chart, in its own values.yaml"),
        );
    }
}

fn report(context: &mut Context<'_, '_>, object: &Object<'_>, span: Span, message: String) {
    context.report(
        Finding::new(RULE, span, message)
            .help("set it at install time, or take it from an existing Secret")
            .object(object.reference()),
    );
}

/// Standard base64, padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bits = 0u32;
    let mut count = 0;
    let mut out = Vec::new();
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_secret_names_from_names_about_secrets() {
        for name in [
            "POSTGRES_PASSWORD",
            "adminPassword",
            "api-key",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "secretKey",
            "MINIO_ROOT_USER",
            "rootPassword",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "POSTGRES_USER",
            "PASSWORD_FILE",
            "MAX_TOKENS",
            "TOKEN_LIMIT",
            "SECRET_NAME",
            "server-tokens",
            "KEY",
            "HOST",
            "TOKENIZER",
            "passwordSecretRef",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn tells_defaults_from_secrets() {
        for value in [
            "changeme",
            "change-me",
            "minioadmin",
            "CHANGE_ME_NOW",
            "<password>",
            "your-api-key-here",
            "password",
            "replace-me",
            "123456",
        ] {
            assert!(fault(value).is_some(), "{value}");
        }
        for value in [
            "Zk3vQ9x!",
            "hunter2-but-longer",
            "9f86d081884c7d65",
            "correct horse battery",
        ] {
            assert!(fault(value).is_none(), "{value}");
        }
        assert_eq!(
            url_password("postgres://app:secret@db:5432/x").as_deref(),
            Some("secret")
        );
        assert_eq!(url_password("http://host:80/a@b:c"), None);
        assert!(is_reference("$(POSTGRES_PASSWORD)"));
        assert_eq!(
            base64("bWluaW9hZG1pbg==").as_deref(),
            Some(&b"minioadmin"[..])
        );
        assert_eq!(
            setting("  password: \"x y\"  # why\n"),
            Some(("password", "x y", 13, 16))
        );
    }
}
