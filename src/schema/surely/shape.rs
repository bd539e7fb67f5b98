//! The languages of schemas, as far as they are looked at: their keywords, and what has to stand
//! behind each.

use super::super::encode::{Draft, draft};

/// Whether it is one of the languages in which the keywords mean the same.
pub(super) fn is_language(name: &str) -> bool {
    !matches!(draft(name), None | Some(Draft::Four | Draft::Six))
}

/// Whether a text is an address that a whole schema can be given, which changes nothing of what
/// the references within it name. The languages themselves lie under one host.
pub(super) fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("http");
    let rest = rest.map(|rest| rest.strip_prefix('s').unwrap_or(rest));
    let Some(place) = rest.and_then(|rest| rest.strip_prefix("://")) else {
        return false;
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let mut names = place.split('/');
    let is_named = |name: &str| !name.is_empty() && name.bytes().all(is_plain);
    let host = names.next().unwrap_or_default();
    host.starts_with(|c: char| c.is_ascii_alphabetic())
        && is_named(host)
        && !host.ends_with("json-schema.org")
        && names.all(|name| is_named(name) && !name.starts_with('.'))
}

/// What has to stand behind a keyword.
pub(super) enum Shape {
    Text,
    Flag,
    List,
    Anything,
    Count,
    Number,
    Types,
    Names,
    Choices,
    Pattern,
    Schema,
    Schemas,
    NamedSchemas,
    Reference,
    Language,
    /// Not looked at here.
    Other,
}

/// The shape behind a keyword. What the languages do not know stands for nothing.
pub(super) fn shape(keyword: &str) -> Shape {
    match keyword {
        "title" | "description" | "$comment" => Shape::Text,
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => Shape::Flag,
        "examples" => Shape::List,
        "default" | "const" => Shape::Anything,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            Shape::Count
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => Shape::Number,
        "type" => Shape::Types,
        "required" => Shape::Names,
        "enum" => Shape::Choices,
        "pattern" => Shape::Pattern,
        "additionalProperties" | "propertyNames" | "items" | "not" | "if" | "then" | "else" => {
            Shape::Schema
        }
        "allOf" | "anyOf" | "oneOf" => Shape::Schemas,
        "properties" | "$defs" | "definitions" => Shape::NamedSchemas,
        "$ref" => Shape::Reference,
        "$schema" => Shape::Language,
        "$id"
        | "id"
        | "$anchor"
        | "$vocabulary"
        | "$dynamicRef"
        | "$dynamicAnchor"
        | "$recursiveRef"
        | "$recursiveAnchor"
        | "multipleOf"
        | "format"
        | "additionalItems"
        | "prefixItems"
        | "contains"
        | "minContains"
        | "maxContains"
        | "patternProperties"
        | "dependencies"
        | "dependentSchemas"
        | "dependentRequired"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentEncoding"
        | "contentMediaType"
        | "contentSchema" => Shape::Other,
        _ => Shape::Anything,
    }
}

/// Whether a keyword says nothing of a value.
pub(super) fn is_note(keyword: &str) -> bool {
    matches!(
        keyword,
        "title" | "description" | "$comment" | "examples" | "default" | "deprecated"
    )
}

pub(super) fn is_type(name: &str) -> bool {
    matches!(
        name,
        "null" | "boolean" | "integer" | "number" | "string" | "array" | "object"
    )
}
