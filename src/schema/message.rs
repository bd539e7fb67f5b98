//! What Helm's validator (santhosh-tekuri/jsonschema 6) says of a violation.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ReferencingError, ValidationError};
use serde_json::Value as Json;

use crate::golang::float::append_float;
use crate::golang::quote::{quote, quote_rune};

use super::document::{FILE, token};
use super::format;
use super::pattern::restored;

/// A place and what is wrong there: `at '/a/b': got number, want string`.
pub(super) fn at(pointer: &str, text: &str) -> String {
    let pointer = restored(pointer, |pattern| token(&pattern));
    format!("at {}: {text}", quoted(&pointer))
}

/// A string in single quotes, with Go's escapes.
pub(super) fn quoted(text: &str) -> String {
    let text = restored(text, |pattern| pattern);
    let go = quote(text.as_bytes()).replace("\\\"", "\"");
    let inner = go.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    format!("'{}'", inner.unwrap_or_default().replace('\'', "\\'"))
}

pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    names.join(", ")
}

fn go_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// A value of `enum` or `const`; `None` for one that is not shown.
fn shown(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(quoted(text)),
        Json::Array(_) | Json::Object(_) => None,
        Json::Null => Some("<nil>".to_owned()),
        other => Some(other.to_string()),
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count.
fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number as `golang.org/x/text/message` prints it in English: `1,234.5`, `1×10⁰⁶`.
fn number(value: f64) -> String {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let text = append_float(value, b'g', -1, 64);
    if let Some((mantissa, exponent)) = text.split_once('e') {
        let mut out = format!("{mantissa}×10");
        for character in exponent.chars() {
            match character {
                '-' => out.push('⁻'),
                digit => {
                    let at = digit.to_digit(10).and_then(|at| usize::try_from(at).ok());
                    out.extend(at.and_then(|at| SUPERSCRIPTS.get(at)));
                }
            }
        }
        return out;
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    match digits.split_once('.') {
        Some((whole, fraction)) => format!("{sign}{}.{fraction}", grouped(whole)),
        None => format!("{sign}{}", grouped(digits)),
    }
}

/// What is said of a bound that a number breaks.
fn bound(keyword: &str, got: &Json, want: f64) -> String {
    let got = number(got.as_f64().unwrap_or_default());
    format!("{keyword}: got {got}, want {}", number(want))
}

/// What is said of the properties that an object lacks, as of `required` or of a dependency.
pub(super) fn missing(names: &[&str], of: Option<&str>) -> String {
    match (of, names) {
        (Some(of), names) => format!(
            "properties {} required, if {} exists",
            list(names.iter().copied()),
            quoted(of)
        ),
        (None, [only]) => format!("missing property {}", quoted(only)),
        (None, names) => format!("missing properties {}", list(names.iter().copied())),
    }
}

/// The message of Helm's validator, without the place. `root` is everything that was validated.
pub(super) fn text(error: &ValidationError<'_>, root: &Json) -> String {
    let instance = error.instance();
    let instance: &Json = instance;
    let size = || {
        count(match instance {
            Json::String(text) => text.chars().count() as u64,
            Json::Array(items) => items.len() as u64,
            Json::Object(entries) => entries.len() as u64,
            _ => 0,
        })
    };
    let limit =
        |keyword: &str, limit: u64| format!("{keyword}: got {}, want {}", size(), count(limit));
    let float = |value: &Json| value.as_f64().unwrap_or_default();
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let want = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(kinds) => {
                    let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
                    names.join(" or ")
                }
            };
            format!("got {}, want {want}", go_type(instance))
        }
        ValidationErrorKind::Required { property } => {
            missing(&[property.as_str().unwrap_or_default()], None)
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names = list(unexpected.iter().map(String::as_str));
            format!("additional properties {names} not allowed")
        }
        ValidationErrorKind::AdditionalItems { limit } => {
            let items = instance.as_array().map_or(0, Vec::len);
            let last = count(items.saturating_sub(*limit) as u64);
            format!("last {last} additionalItem(s) not allowed")
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let shown: Option<Vec<String>> = options.iter().map(shown).collect();
            match shown.as_deref() {
                None => "'enum' failed".to_owned(),
                Some([only]) => format!("value must be {only}"),
                Some(all) => format!("value must be one of {}", all.join(", ")),
            }
        }
        ValidationErrorKind::Constant { expected_value } => match shown(expected_value) {
            Some(shown) => format!("value must be {shown}"),
            None => "'const' failed".to_owned(),
        },
        ValidationErrorKind::Minimum { limit } => bound("minimum", instance, float(limit)),
        ValidationErrorKind::Maximum { limit } => bound("maximum", instance, float(limit)),
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            bound("exclusiveMinimum", instance, float(limit))
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            bound("exclusiveMaximum", instance, float(limit))
        }
        ValidationErrorKind::MultipleOf { multiple_of } => {
            bound("multipleOf", instance, *multiple_of)
        }
        ValidationErrorKind::MinLength { limit: want } => limit("minLength", *want),
        ValidationErrorKind::MaxLength { limit: want } => limit("maxLength", *want),
        ValidationErrorKind::MinItems { limit: want } => limit("minItems", *want),
        ValidationErrorKind::MaxItems { limit: want } => limit("maxItems", *want),
        ValidationErrorKind::MinProperties { limit: want } => limit("minProperties", *want),
        ValidationErrorKind::MaxProperties { limit: want } => limit("maxProperties", *want),
        ValidationErrorKind::Pattern { pattern } => {
            let got = quoted(instance.as_str().unwrap_or_default());
            format!("{got} does not match pattern {}", quoted(pattern))
        }
        ValidationErrorKind::Format { format } => {
            let got = instance.as_str().unwrap_or_default();
            let fault = format::fault(format, &restored(got, |pattern| pattern));
            let fault = fault.unwrap_or_default();
            format!("{} is not valid {format}: {fault}", quoted(got))
        }
        ValidationErrorKind::FalseSchema => false_schema(error, root),
        ValidationErrorKind::Not { .. } => "'not' failed".to_owned(),
        ValidationErrorKind::AnyOf { .. } => "'anyOf' failed".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. } => "'oneOf' failed, none matched".to_owned(),
        ValidationErrorKind::OneOfMultipleValid { context } => {
            let fine = context.iter().enumerate();
            let fine = fine.filter(|(_, errors)| errors.is_empty());
            let fine: Vec<String> = fine.take(2).map(|(at, _)| at.to_string()).collect();
            format!("'oneOf' failed, subschemas {} matched", fine.join(", "))
        }
        ValidationErrorKind::PropertyNames { error } => {
            let name = error.instance();
            let name = name.as_str().unwrap_or_default();
            format!("invalid propertyName {}", quoted(name))
        }
        ValidationErrorKind::Contains => "no items match contains schema".to_owned(),
        ValidationErrorKind::UniqueItems => equal_items(instance),
        ValidationErrorKind::Referencing(error) => reference(error),
        _ => error.to_string(),
    }
}

/// `additionalProperties: false` beside nothing that allows a property is a `false` schema to one
/// validator, and not to the other.
fn false_schema(error: &ValidationError<'_>, root: &Json) -> String {
    let path = error.schema_path().to_string();
    match root.pointer(&error.instance_path().to_string()) {
        Some(Json::Object(entries)) if path.ends_with("/additionalProperties") => {
            let names = list(entries.keys().map(String::as_str));
            format!("additional properties {names} not allowed")
        }
        _ => "false schema".to_owned(),
    }
}

fn equal_items(instance: &Json) -> String {
    let items = instance.as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, item) in items.iter().enumerate() {
        let before = items.iter().take(at).rposition(|before| before == item);
        if let Some(before) = before {
            return format!("items at {before} and {at} are equal");
        }
    }
    "items are not unique".to_owned()
}

/// What is said of a reference that leads nowhere, or out of the schema.
fn reference(error: &ReferencingError) -> String {
    match error {
        ReferencingError::Unretrievable { uri, .. } => not_loaded(uri),
        ReferencingError::PointerToNowhere { pointer } => {
            format!("json-pointer in \"{FILE}#{pointer}\" not found")
        }
        ReferencingError::NoSuchAnchor { anchor } => {
            format!("anchor in \"{FILE}#{anchor}\" not found in schema \"{FILE}\"")
        }
        ReferencingError::UnknownSpecification { specification } => {
            not_loaded(specification.trim_end_matches('#'))
        }
        other => other.to_string(),
    }
}

/// What is said of an address that is not read.
pub(super) fn not_loaded(uri: &str) -> String {
    let uri = if uri.contains(':') {
        uri.to_owned()
    } else {
        format!("file:///{}", uri.trim_start_matches('/'))
    };
    let uri = quote(uri.as_bytes());
    format!("failing loading {uri}: it is no part of the schema, and nothing else is read")
}

/// What Go's decoder says of a text that is no JSON, and where.
pub(super) fn syntax(text: &[u8], error: &serde_json::Error, offset: usize) -> String {
    if error.is_eof() {
        let is_blank = text.iter().all(u8::is_ascii_whitespace);
        return if is_blank { "EOF" } else { "unexpected EOF" }.to_owned();
    }
    let said = error.to_string();
    let rest = text.get(offset..).unwrap_or_default();
    let next = String::from_utf8_lossy(rest).chars().next().unwrap_or(' ');
    let shown = quote_rune(u32::from(next), false, false);
    if said.starts_with("trailing characters") {
        return "invalid character after top-level value".to_owned();
    }
    if said.starts_with("invalid escape") {
        return format!("invalid escape sequence `\\{next}` in string");
    }
    let before = text.get(..offset).unwrap_or_default();
    let place = if said.starts_with("key must be a string") {
        "looking for beginning of object key string"
    } else if said.starts_with("trailing comma") {
        match next {
            '}' => "looking for beginning of object key string",
            _ => "looking for beginning of value",
        }
    } else if said.starts_with("expected `:`") {
        "after object key"
    } else if said.starts_with("expected `,` or `}`") {
        "after object key:value pair"
    } else if said.starts_with("expected `,` or `]`") {
        "after array element"
    } else if said.starts_with("control character") {
        "in string"
    } else if said.starts_with("invalid number") {
        "in numeric literal"
    } else if let Some(place) = literal(before) {
        return format!("invalid character {shown} {place}");
    } else {
        "looking for beginning of value"
    };
    format!("invalid character {shown} {place}")
}

/// In which of the three words a text ends, and what is expected next.
fn literal(before: &[u8]) -> Option<String> {
    for word in ["true", "false", "null"] {
        for len in (1..word.len()).rev() {
            let start = word.as_bytes().get(..len)?;
            if before.ends_with(start) {
                let next = char::from(*word.as_bytes().get(len)?);
                return Some(format!("in literal {word} (expecting '{next}')"));
            }
        }
    }
    None
}
