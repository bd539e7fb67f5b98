//! What becomes of scalars on `toYaml`'s way through JSON and back through yaml.v2.

use std::borrow::Cow;

use crate::golang::float::{append_float, json_float};

use super::super::json::{self, unsupported};
use super::super::resolve::ScalarType;
use super::super::resolve::{lossy, plain};
use super::super::scan;

/// A number as yaml.v2 prints what JSON says.
pub(super) fn float(value: f64) -> Result<String, String> {
    let Some(text) = json_float(value) else {
        return Err(unsupported(value));
    };
    Ok(match plain(&text) {
        ScalarType::Int(value) => value.to_string(),
        ScalarType::Uint(value) => value.to_string(),
        ScalarType::Float(value) => append_float(value, b'g', -1, 64),
        _ => text,
    })
}

/// A string as it comes back. `Err` where yaml.v2 does not read what JSON writes.
pub(super) fn string(bytes: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(lossy(bytes)),
    };
    let forbidden =
        |c| matches!(c, '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let highest = bytes.iter().fold(0, |highest: u8, byte| highest.max(*byte));
    if highest <= b'~' {
        return Ok(text);
    }
    if text.contains(forbidden) {
        return Err("yaml: control characters are not allowed");
    }
    if text.contains('\u{85}') {
        // JSON does not escape NEL, and YAML takes it for a line break.
        return Ok(Cow::Owned(scan::quoted(&quote(&text))));
    }
    Ok(text)
}

/// The string in JSON, as `Marshal` makes it on the way.
fn quote(text: &str) -> String {
    let style = json::Style {
        escape_html: true,
        pretty: false,
    };
    String::from_utf8_lossy(&json::quoted(text.as_bytes(), style)).into_owned()
}

/// As [`string`], of a key: the `:` must come on the same line, within 1024 characters.
pub(super) fn key(bytes: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let text = string(bytes)?;
    let broken = !bytes.is_ascii() && bytes.windows(2).any(|pair| pair == "\u{85}".as_bytes());
    if broken || bytes.len() > 1024 / 6 && quote(&text).chars().count() > 1024 {
        return Err("yaml: did not find expected ',' or '}'");
    }
    Ok(text)
}
