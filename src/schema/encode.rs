//! References and identities, as they are written and as they have to be.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::golang::url::{path_escape, path_unescape};

use super::document::{FILE, REFERENCES, Shape, Step, named, plain, shape, token};
use super::format;
use super::message;
use super::pattern::{Patterns, TooLarge};

/// Writes references and identities as addresses have to be written: Helm's validator takes them as
/// people write them. What is wrong with one that even Helm refuses is the error.
pub(super) fn encode(schema: &mut Json) -> Result<(), String> {
    encode_at(schema, None, true)
}

/// Writes patterns so that our validator reads them as Helm's does.
pub(super) fn translate(schema: &mut Json, patterns: &mut Patterns) -> Result<(), TooLarge> {
    match schema {
        Json::Object(map) => {
            for (key, inner) in map {
                match (shape(key).0, inner) {
                    (Shape::Data, _) => {}
                    (_, Json::String(pattern)) if key == "pattern" => {
                        if let Some(other) = patterns.stand_in(pattern)? {
                            *pattern = other;
                        }
                    }
                    (_, Json::String(reference)) if REFERENCES.contains(&key.as_str()) => {
                        if let Some(other) = redirected(reference, patterns)? {
                            *reference = other;
                        }
                    }
                    (Shape::Named, Json::Object(all)) => {
                        if key == "patternProperties" {
                            rename(all, patterns)?;
                        }
                        for inner in all.values_mut() {
                            translate(inner, patterns)?;
                        }
                    }
                    (_, inner) => translate(inner, patterns)?,
                }
            }
        }
        Json::Array(items) => {
            for inner in items {
                translate(inner, patterns)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// A reference whose pointer goes by patterns that others stand for; nothing where it does not.
fn redirected(reference: &str, patterns: &mut Patterns) -> Result<Option<String>, TooLarge> {
    if !reference.contains("/patternProperties/") {
        return Ok(None);
    }
    let mut parts = Vec::new();
    let mut is_pattern = false;
    for part in reference.split('/') {
        let name = path_unescape(part.as_bytes());
        let name = name.and_then(|name| String::from_utf8(name).ok());
        let other = match name.filter(|_| is_pattern) {
            Some(name) => patterns.stand_in(&named(&name))?,
            None => None,
        };
        let escaped = |other: String| path_escape(token(&other).as_bytes());
        parts.push(other.map_or_else(|| part.to_owned(), escaped));
        is_pattern = part == "patternProperties";
    }
    Ok(Some(parts.join("/")))
}

/// Names that are patterns.
fn rename(all: &mut Map<String, Json>, patterns: &mut Patterns) -> Result<(), TooLarge> {
    let names: Vec<String> = all.keys().cloned().collect();
    for name in names {
        if let Some(other) = patterns.stand_in(&name)?
            && let Some(inner) = all.remove(&name)
        {
            all.insert(other, inner);
        }
    }
    Ok(())
}

/// Where a value is: the last step to it, and where that starts.
struct At<'a> {
    before: Option<&'a At<'a>>,
    step: Step<'a>,
}

impl fmt::Display for At<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.before.map_or(Ok(()), |before| before.fmt(out))?;
        self.step.fmt(out)
    }
}

/// `is_schema` is whether what is here is certainly a schema.
fn encode_at(schema: &mut Json, before: Option<&At<'_>>, is_schema: bool) -> Result<(), String> {
    match schema {
        Json::Object(map) => {
            if before.is_some() {
                settle_language(map);
            }
            for (key, inner) in map {
                let step = Step::Key(key);
                let at = At { before, step };
                match (shape(key).0, inner) {
                    (Shape::Data, _) => {}
                    (_, Json::String(text)) => {
                        let is_reference = REFERENCES.contains(&key.as_str());
                        if is_reference || matches!(&**key, "$id" | "id") {
                            rewrite(text, &at, is_schema, is_reference)?;
                        }
                    }
                    (Shape::Named, Json::Object(all)) => {
                        for (name, inner) in all {
                            let step = Step::Key(name);
                            let before = Some(&at);
                            encode_at(inner, Some(&At { before, step }), is_schema)?;
                        }
                    }
                    (shape, inner) => {
                        encode_at(inner, Some(&at), is_schema && shape != Shape::Unknown)?;
                    }
                }
            }
        }
        Json::Array(items) => {
            for (number, inner) in items.iter_mut().enumerate() {
                let step = Step::Item(number);
                encode_at(inner, Some(&At { before, step }), is_schema)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// A language of its own has only what has a name of its own (`collectResources` in
/// santhosh-tekuri/jsonschema 6.0.2): elsewhere `$schema` says nothing.
fn settle_language(map: &mut Map<String, Json>) {
    let Some(language) = map.get("$schema").and_then(Json::as_str) else {
        return;
    };
    let bare = language.split('#').next().unwrap_or_default().to_owned();
    let Some(draft) = draft(&bare) else {
        return;
    };
    let (keyword, ends_at_reference) = match draft {
        Draft::Four => ("id", true),
        Draft::Six | Draft::Seven => ("$id", true),
        Draft::Later | Draft::Latest => ("$id", false),
    };
    let id = map.get(keyword).and_then(Json::as_str).unwrap_or_default();
    let is_named = id.split('#').next().is_some_and(|name| !name.is_empty());
    if !is_named || (ends_at_reference && map.contains_key("$ref")) {
        map.remove("$schema");
    } else {
        let known = if draft == Draft::Latest {
            LATEST
        } else {
            &bare
        };
        map.insert("$schema".to_owned(), Json::from(known));
    }
}

/// The languages that are known, as far as they differ in what names a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Draft {
    Four,
    Six,
    Seven,
    Later,
    /// Whatever is the latest, which our validator does not know by this name.
    Latest,
}

const LATEST: &str = "https://json-schema.org/draft/2020-12/schema";

/// The language of this name.
pub(super) fn draft(name: &str) -> Option<Draft> {
    let name = name.strip_suffix('#').unwrap_or(name);
    let name = name
        .strip_prefix("http://")
        .unwrap_or_else(|| name.strip_prefix("https://").unwrap_or(name));
    match name {
        "json-schema.org/schema" => Some(Draft::Latest),
        "json-schema.org/draft/2020-12/schema" | "json-schema.org/draft/2019-09/schema" => {
            Some(Draft::Later)
        }
        "json-schema.org/draft-07/schema" => Some(Draft::Seven),
        "json-schema.org/draft-06/schema" => Some(Draft::Six),
        "json-schema.org/draft-04/schema" => Some(Draft::Four),
        _ => None,
    }
}

/// Writes one reference or identity as it has to be written.
fn rewrite(
    text: &mut String,
    at: &At<'_>,
    is_schema: bool,
    is_reference: bool,
) -> Result<(), String> {
    if plain(text).is_some() {
        return Ok(());
    }
    if let Some(encoded) = encoded(text) {
        *text = encoded;
    }
    if is_schema && let Some(fault) = refused(text) {
        return Err(message::at(&at.to_string(), &fault));
    }
    if is_schema && is_reference {
        unescapable(text).map_or(Ok(()), Err)?;
    }
    Ok(())
}

/// What Helm says of a reference that it refuses.
fn refused(text: &str) -> Option<String> {
    let fault = format::fault("uri-reference", text)?;
    let shown = message::quoted(text);
    Some(format!("{shown} is not valid uri-reference: {fault}"))
}

/// What Helm says of a pointer with an escape that is none.
fn unescapable(text: &str) -> Option<String> {
    let (file, pointer) = text.split_once('#')?;
    let escapes = pointer.match_indices('~').map(|(at, _)| at + 1);
    let mut next = escapes.map(|at| pointer.as_bytes().get(at));
    if !pointer.starts_with('/') || next.all(|next| matches!(next, Some(b'0' | b'1'))) {
        return None;
    }
    let file = if file.is_empty() { FILE } else { file };
    Some(format!("invalid json-pointer \"{file}#{pointer}\""))
}

/// A reference with everything escaped that has to be; `None` where nothing has to be, or Helm
/// refuses it as it is.
fn encoded(text: &str) -> Option<String> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    let (path, fragment) = match text.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (text, None),
    };
    let is_fine = path
        .bytes()
        .all(|byte| is_plain(byte) || b"[]".contains(&byte))
        && fragment.is_none_or(|fragment| fragment.bytes().all(is_plain));
    if is_fine || refused(text).is_some() {
        return None;
    }
    let mut out = String::new();
    let escape = |out: &mut String, part: &str, also: &[u8]| {
        for byte in part.bytes() {
            if is_plain(byte) || also.contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    };
    escape(&mut out, path, b"[]");
    if let Some(fragment) = fragment {
        out.push('#');
        escape(&mut out, fragment, b"");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_references_stay_as_they_are() {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        let mut texts = vec!["#".to_owned(), "#/".to_owned(), "#//a/0".to_owned()];
        texts.extend(
            bytes
                .iter()
                .map(|byte| format!("#/a{}b", char::from(*byte))),
        );
        let is_plain = |text: &String| plain(text).is_some();
        let (plain, other): (Vec<String>, Vec<String>) = texts.into_iter().partition(is_plain);
        for text in plain {
            assert_eq!(encoded(&text), None, "{text}");
            assert_eq!(refused(&text), None, "{text}");
            assert_eq!(unescapable(&text), None, "{text}");
        }
        for byte in ["%", "~", "#", " ", "é", "\0", "\\"] {
            assert!(other.contains(&format!("#/a{byte}b")), "{byte:?}");
        }
    }

    #[test]
    fn only_what_has_a_name_has_a_language() {
        let seven = "http://json-schema.org/draft-07/schema";
        let cases = [
            ("http://json-schema.org/schema#", "title", None),
            ("http://json-schema.org/schema#", "$id", Some(LATEST)),
            ("http://json-schema.org/draft-07/schema#", "id", None),
            (
                "http://json-schema.org/draft-07/schema#",
                "$id",
                Some(seven),
            ),
            ("http://json-schema.org/draft-04/schema#", "$id", None),
            // What is not known has to be loaded, which is refused.
            (
                "https://example.com/a.json",
                "title",
                Some("https://example.com/a.json"),
            ),
        ];
        for (language, keyword, wanted) in cases {
            let inner = serde_json::json!({"$schema": language, keyword: "https://a.b/c.json"});
            let mut schema = serde_json::json!({"$schema": "x", "items": inner});
            encode(&mut schema).unwrap();
            assert_eq!(schema["$schema"], "x");
            assert_eq!(
                schema["items"].get("$schema").and_then(Json::as_str),
                wanted
            );
        }
    }
}
