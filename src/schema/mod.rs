//! `values.schema.json`: a chart's values against its schema, with Helm's messages
//! (santhosh-tekuri/jsonschema 6, which Helm 4.3 uses).
//!
//! Only what stands in the schema itself is followed: a reference to another file or to the
//! network is a finding, not a request.

use std::sync::Arc;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Map, Value as Json};

use crate::finding::Finding;
use crate::source::{FileId, Origins, Prov, SourceFile, Sources, Span};
use crate::template::value::{Data, Value};

/// What is reported: the values break the schema, or the schema is none.
const RULE: &str = "values-schema";
/// Values nest no deeper.
const MAX_DEPTH: usize = 256;
/// More violations of one schema are not told.
const MAX_VIOLATIONS: usize = 200;

/// Refuses every reference that leads out of the schema.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("`{uri}` is not part of the schema, and aiplat reads nothing else").into())
    }
}

/// A chart's values beside its schema, free of what only the thread that renders can hold.
#[derive(Debug)]
pub struct Instance {
    schema: Arc<SourceFile>,
    values: Json,
}

impl Instance {
    /// The values as they are now. `None` for a chart without a schema.
    #[must_use]
    pub fn new(schema: Option<FileId>, values: &Value, sources: &Sources) -> Option<Self> {
        let schema = Arc::clone(sources.file(schema?));
        let values = json(values, 0);
        Some(Self { schema, values })
    }

    /// Whether the schema is one and the values keep to it. [`check`] says what is wrong.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        compiled(self.schema.bytes()).is_ok_and(|validator| validator.is_valid(&self.values))
    }
}

/// Why a schema cannot be used.
enum Unusable {
    /// No JSON.
    Syntax(serde_json::Error),
    /// No schema, or one that refers to another file.
    Schema(Box<ValidationError<'static>>),
}

fn compiled(bytes: &[u8]) -> Result<Validator, Unusable> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let schema: Json = serde_json::from_slice(text).map_err(Unusable::Syntax)?;
    let mut options = jsonschema::options().with_retriever(Nowhere);
    if schema.get("$schema").is_none() {
        options = options.with_draft(Draft::Draft202012);
    }
    let built = options.build(&schema);
    built.map_err(|error| Unusable::Schema(Box::new(error.to_owned())))
}

/// Checks the values of the chart `name` against its schema, if it has one.
#[must_use]
pub fn check(
    name: &str,
    schema: Option<FileId>,
    values: &Value,
    sources: &Sources,
    origins: &Origins,
) -> Vec<Finding> {
    let Some(file) = schema else {
        return Vec::new();
    };
    let bytes = sources.file(file).bytes();
    let whole = Span::new(file, 0, 0);
    let validator = match compiled(bytes) {
        Ok(validator) => validator,
        Err(Unusable::Syntax(error)) => {
            let at = offset(bytes, error.line(), error.column());
            let span = Span::new(file, at, at);
            let message = format!("the schema of chart `{name}` is no JSON: {error}");
            return vec![Finding::new(RULE, span, message)];
        }
        Err(Unusable::Schema(error)) => {
            let message = format!("the schema of chart `{name}` cannot be used: {error}");
            return vec![Finding::new(RULE, whole, message)];
        }
    };
    let json = json(values, 0);
    validator
        .iter_errors(&json)
        .take(MAX_VIOLATIONS)
        .map(|error| finding(name, &error, values, origins, whole))
        .collect()
}

/// The offset of a line and column, both from 1, as `serde_json` counts them.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let starts = crate::source::LineIndex::new(text);
    (starts.line_start(line) + column.saturating_sub(1)).min(text.len())
}

/// A value as JSON.
fn json(value: &Value, depth: usize) -> Json {
    if depth > MAX_DEPTH {
        return Json::Null;
    }
    match &value.data {
        Data::Bool(value) => Json::Bool(*value),
        Data::Int(value, _) => Json::from(*value),
        Data::Float(value) => number(*value),
        Data::Str(text) | Data::Bytes(text) => {
            Json::String(String::from_utf8_lossy(text.bytes()).into_owned())
        }
        Data::List(list) => Json::Array(
            list.items
                .iter()
                .map(|item| json(item, depth + 1))
                .collect(),
        ),
        Data::Map(_, map) => {
            let mut object = Map::new();
            for (key, entry) in map.entries.borrow().iter() {
                let key = String::from_utf8_lossy(key).into_owned();
                object.insert(key, json(&entry.value, depth + 1));
            }
            Json::Object(object)
        }
        _ => Json::Null,
    }
}

/// Whole numbers stay whole: JSON of Helm has no fraction where there is none.
fn number(value: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        return Json::from(value as i64);
    }
    Json::from(value)
}

fn finding(
    chart: &str,
    error: &ValidationError<'_>,
    values: &Value,
    origins: &Origins,
    schema: Span,
) -> Finding {
    let pointer = error.instance_path().to_string();
    let path: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect();
    let place = locate(values, &path, error.kind(), origins);
    let text = go_message(error);
    let message = format!("values of chart `{chart}` break its schema: at '{pointer}': {text}");
    let span = place.unwrap_or(schema);
    Finding::new(RULE, span, message).help("change the value, or values.schema.json")
}

/// Where the value at a path was written; for a key too many, that key.
fn locate(
    values: &Value,
    path: &[String],
    kind: &ValidationErrorKind,
    origins: &Origins,
) -> Option<Span> {
    let first = |prov: Prov| origins.spans(prov).first().copied();
    let mut value = values.clone();
    let mut found = first(value.prov);
    for part in path {
        let (key, next) = match &value.data {
            Data::Map(_, map) => {
                let entry = map.get(part.as_bytes())?;
                (entry.key, entry.value)
            }
            Data::List(list) => {
                let item = list.items.get(part.parse::<usize>().ok()?)?.clone();
                (item.prov, item)
            }
            _ => return found,
        };
        value = next;
        found = first(value.prov).or_else(|| first(key)).or(found);
    }
    if let ValidationErrorKind::AdditionalProperties { unexpected }
    | ValidationErrorKind::UnevaluatedProperties { unexpected } = kind
        && let Some(map) = value.as_map()
    {
        let extra = unexpected.first().and_then(|key| map.get(key.as_bytes()));
        return extra.and_then(|entry| first(entry.key)).or(found);
    }
    found
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
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

fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

/// The message of Helm's validator.
fn go_message(error: &ValidationError<'_>) -> String {
    let instance = error.instance();
    let len = || match &**instance {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.len(),
        Json::Object(entries) => entries.len(),
        _ => 0,
    };
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
            format!("missing property {}", shown(property))
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("additional properties {} not allowed", quoted(unexpected))
        }
        ValidationErrorKind::Enum { options } => {
            let list: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(shown)
                .collect();
            format!("value must be one of {}", list.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("value must be {}", shown(expected_value))
        }
        ValidationErrorKind::Minimum { limit } => format!("minimum: got {instance}, want {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("maximum: got {instance}, want {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("exclusiveMinimum: got {instance}, want {limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("exclusiveMaximum: got {instance}, want {limit}")
        }
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("multipleOf: got {instance}, want {multiple_of}")
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("minLength: got {}, want {limit}", len())
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("maxLength: got {}, want {limit}", len())
        }
        ValidationErrorKind::MinItems { limit } => format!("minItems: got {}, want {limit}", len()),
        ValidationErrorKind::MaxItems { limit } => format!("maxItems: got {}, want {limit}", len()),
        ValidationErrorKind::MinProperties { limit } => {
            format!("minProperties: got {}, want {limit}", len())
        }
        ValidationErrorKind::MaxProperties { limit } => {
            format!("maxProperties: got {}, want {limit}", len())
        }
        ValidationErrorKind::Pattern { pattern } => {
            format!("{} does not match pattern '{pattern}'", shown(instance))
        }
        ValidationErrorKind::FalseSchema => "false schema".to_owned(),
        ValidationErrorKind::Not { .. } => "'not' failed".to_owned(),
        ValidationErrorKind::AnyOf { .. } => "'anyOf' failed".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. } => "'oneOf' failed, none matched".to_owned(),
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "'oneOf' failed, more than one matched".to_owned()
        }
        ValidationErrorKind::PropertyNames { .. } => "invalid propertyName".to_owned(),
        ValidationErrorKind::Contains => "no items match contains schema".to_owned(),
        ValidationErrorKind::UniqueItems => "items are not unique".to_owned(),
        _ => error.to_string(),
    }
}
