//! What `sed` puts other values in the place of, in scripts of the release.

use std::collections::BTreeSet;

use crate::k8s::Release;
use crate::yaml::NodeRef;

use super::scripts::joined;

/// Texts that are larger are data, not scripts.
const MAX_TEXT: usize = 1 << 20;

/// How long the patterns are that are looked at.
const MAX_PATTERN: usize = 128;

/// The delimiters of the `s` command that are looked for.
const DELIMITERS: &[u8] = b"/@|#,%!~+";

/// The values that scripts of the release look for to replace them, in ConfigMaps and in what
/// containers run.
pub(super) fn replaced(release: &Release<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for object in release.core("ConfigMap") {
        let data = object.node.get("data").into_iter();
        for (_, value) in data.flat_map(NodeRef::entries) {
            add_replaced(value.text().unwrap_or_default(), &mut found);
        }
    }
    for workload in release.workloads() {
        for container in workload.containers() {
            add_replaced(&joined(container.arguments()), &mut found);
        }
    }
    found
}

/// Adds the patterns of `s` commands and addresses.
fn add_replaced(text: &str, found: &mut BTreeSet<String>) {
    if text.len() > MAX_TEXT || !has_sed(text) {
        return;
    }
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b's', bytes) {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let starts = before
            .is_none_or(|byte| !byte.is_ascii_alphabetic() && !matches!(byte, b'_' | b'-' | b'.'));
        let delimiter = bytes.get(at + 1).filter(|byte| DELIMITERS.contains(byte));
        if let (true, Some(delimiter)) = (starts, delimiter) {
            found.extend(pattern(bytes, at + 2, *delimiter).map(|(pattern, _)| pattern));
        }
    }
    for at in memchr::memchr_iter(b'/', bytes) {
        if !text.get(..at).is_some_and(may_precede_an_address) {
            continue;
        }
        if let Some((pattern, end)) = pattern(bytes, at + 1, b'/') {
            let behind = bytes.get(end).copied().unwrap_or_default();
            let next = bytes.get(end + 1).copied().unwrap_or_default();
            let changes = match behind {
                b'c' | b'{' | b',' => true,
                b'd' | b's' => !next.is_ascii_alphanumeric(),
                _ => false,
            };
            found.extend(changes.then_some(pattern));
        }
    }
}

/// Whether a text runs `sed`.
fn has_sed(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, "sed").any(|at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let is_in_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        !is_in_word(before) && bytes.get(at + 3).is_some_and(u8::is_ascii_whitespace)
    })
}

/// Whether the script of `sed` may begin behind this: the word before is the program, or one of
/// its flags. A path may stand elsewhere.
fn may_precede_an_address(before: &str) -> bool {
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    if !before.ends_with(|c: char| c.is_ascii_whitespace()) {
        return false;
    }
    let before = before.trim_ascii_end();
    let start = before.bytes().rposition(|byte| byte.is_ascii_whitespace());
    let word = before
        .get(start.map_or(0, |at| at + 1)..)
        .unwrap_or_default();
    let is_flag = || word.starts_with('-') && !matches!(word, "-f" | "--file");
    word.rsplit('/').next() == Some("sed") || is_flag()
}

/// What stands from `start` to a delimiter in the same line, as the text that it matches, and the
/// place behind the delimiter.
fn pattern(bytes: &[u8], start: usize, delimiter: u8) -> Option<(String, usize)> {
    let mut pattern = Vec::new();
    let mut at = start;
    loop {
        let byte = *bytes.get(at).filter(|_| at - start < MAX_PATTERN)?;
        at += 1;
        match byte {
            b'\n' => return None,
            b'\\' => {
                pattern.extend(bytes.get(at));
                at += 1;
            }
            _ if byte == delimiter => break,
            _ => pattern.push(byte),
        }
    }
    let pattern = String::from_utf8(pattern).ok()?;
    let pattern = pattern.strip_prefix('^').unwrap_or(&pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    (!pattern.is_empty()).then(|| (pattern.to_owned(), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn replaces(text: &str, want: &[&str]) {
        let mut found = BTreeSet::new();
        add_replaced(text, &mut found);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, want, "{text:?}");
    }

    #[test]
    fn sed_replaces_what_it_looks_for() {
        replaces("sed -e 's@A_KEY@'\"$(cat /k)\"'@' x", &["A_KEY"]);
        replaces("sed s/a/b/g -e 's|^c d$|e|;s#f#g#'", &["a", "c d", "f"]);
        replaces("/bin/sed -i \"/CHANGEME/cpassword=$P\" /x", &["CHANGEME"]);
        replaces("sed '/^a$/d' x", &["a"]);
        replaces(r"sed 's/\[pw\]/x/' y", &["[pw]"]);
        replaces("sed -i -e \\\n  's/a/b/' x", &["a"]);
        replaces("sed '1s/a/b/' x", &["a"]);
        replaces("sed -i 's/a/b/' \"/secret/config\"", &["a"]);
        replaces("sed -f '/secret/config' /secret/data", &[]);
        replaces("sed -n '/a/p' x", &[]);
        replaces("used 's/a/b/'", &[]);
        replaces("sed 's/a\nb/c/", &[]);
        replaces("sed 's/ä/ö/' é", &["ä"]);
        replaces("sed 's/\\", &[]);
        replaces("sed s", &[]);
        replaces("sed /", &[]);
    }
}
