//! What a scalar means: yaml.v2's rules, which are YAML 1.1 with differences.

use super::document::{ScalarStyle, ScalarType};
use super::number;

/// The prefix that `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// What a scalar turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// A value.
    Is(ScalarType),
    /// `!!binary`: the decoded bytes, as the text that JSON has for them.
    Binary(Box<str>),
    /// It is not what its tag says: yaml.v2's words.
    Wrong(String),
}

/// What a scalar means, by its text, its style, and its tag if it has one (`!!int` and the like,
/// or the long form).
///
/// ```
/// use aiplat::yaml::{ScalarStyle, ScalarType, resolve};
/// assert_eq!(resolve("yes", ScalarStyle::Plain, None), ScalarType::Bool(true));
/// assert_eq!(resolve("010", ScalarStyle::Plain, None), ScalarType::Int(8));
/// assert_eq!(resolve("010", ScalarStyle::SingleQuoted, None), ScalarType::Str);
/// ```
#[must_use]
pub fn resolve(text: &str, style: ScalarStyle, tag: Option<&str>) -> ScalarType {
    let tag = tag.map(|tag| match tag.strip_prefix("!!") {
        Some(name) => format!("{CORE}{name}"),
        None => tag.to_owned(),
    });
    match meaning(text, style, tag.as_deref().unwrap_or_default()) {
        Meaning::Is(typed) => typed,
        Meaning::Binary(_) | Meaning::Wrong(_) => ScalarType::Str,
    }
}

/// The meaning of a scalar; `tag` is resolved (`tag:yaml.org,2002:int`), empty for none.
pub(super) fn meaning(text: &str, style: ScalarStyle, tag: &str) -> Meaning {
    if tag.is_empty() {
        return Meaning::Is(match style {
            ScalarStyle::Plain => plain(text),
            _ => ScalarType::Str,
        });
    }
    let Some(name) = tag.strip_prefix(CORE) else {
        return Meaning::Is(ScalarType::Str);
    };
    let typed = match name {
        "str" => return Meaning::Is(ScalarType::Str),
        "binary" => {
            return match decode_base64(text) {
                Some(bytes) => Meaning::Binary(lossy(&bytes).into()),
                None => Meaning::Wrong("!!binary value contains invalid base64 data".to_owned()),
            };
        }
        "timestamp" if number::is_timestamp(text) => return Meaning::Is(ScalarType::Str),
        "bool" | "int" | "float" | "null" | "timestamp" => plain(text),
        _ => return Meaning::Is(ScalarType::Str),
    };
    let found = match typed {
        ScalarType::Null => "null",
        ScalarType::Bool(_) => "bool",
        ScalarType::Int(_) | ScalarType::Uint(_) => "int",
        ScalarType::Float(_) => "float",
        ScalarType::Str => "str",
    };
    match typed {
        #[expect(clippy::cast_precision_loss, reason = "that is what Go does")]
        ScalarType::Int(value) if name == "float" => Meaning::Is(ScalarType::Float(value as f64)),
        typed if found == name => Meaning::Is(typed),
        _ => Meaning::Wrong(format!("cannot decode !!{found} `{text}` as a !!{name}")),
    }
}

/// The meaning of a plain scalar without a tag.
pub(super) fn plain(text: &str) -> ScalarType {
    let Some(first) = text.bytes().next() else {
        return ScalarType::Null;
    };
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return ScalarType::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return ScalarType::Bool(false);
        }
        "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return ScalarType::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return ScalarType::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match first {
        b'.' => number::parse_float(text).map_or(ScalarType::Str, ScalarType::Float),
        b'+' | b'-' | b'0'..=b'9' => numeric(text),
        _ => ScalarType::Str,
    }
}

fn numeric(text: &str) -> ScalarType {
    let plain = text.replace('_', "");
    if let Some(value) = number::parse_int(&plain) {
        return ScalarType::Int(value);
    }
    if let Some(value) = number::parse_uint(&plain) {
        return ScalarType::Uint(value);
    }
    if let Some(value) = number::parse_float(&plain) {
        return ScalarType::Float(value);
    }
    // `0b+1` is a number too, and so is `-0b1`, whose sign Go knows by itself.
    let binary = plain.strip_prefix("0b");
    if let Some(value) = binary.and_then(number::parse_binary) {
        return ScalarType::Int(value);
    }
    if let Some(value) = binary.and_then(number::parse_binary_uint) {
        return ScalarType::Uint(value);
    }
    ScalarType::Str
}

/// Standard base64 with padding; line breaks are skipped.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut group = 0u32;
    let mut length = 0;
    let mut padding = 0;
    for byte in text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if length >= 2 => {
                padding += 1;
                0
            }
            _ => return None,
        };
        if padding > 0 && byte != b'=' || out.last().is_some() && length == 0 && padding > 0 {
            return None;
        }
        group = (group << 6) | u32::from(value);
        length += 1;
        if length == 4 {
            out.extend_from_slice(group.to_be_bytes().get(1..).unwrap_or_default());
            if padding > 0 {
                out.truncate(out.len() - padding);
                // Nothing may follow the padding.
                length = 5;
            } else {
                (group, length) = (0, 0);
            }
        } else if length > 4 {
            return None;
        }
    }
    matches!(length, 0 | 5).then_some(out)
}

/// Text of bytes as `encoding/json` writes it: U+FFFD for every byte that is no UTF-8.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}
