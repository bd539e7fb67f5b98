//! `values.schema.json`: a chart's values against its schema, with Helm's messages
//! (santhosh-tekuri/jsonschema 6, which Helm 4.3 uses).
//!
//! Only what stands in the schema itself is followed: a reference to another file or to the
//! network is a finding, not a request.

mod document;
mod encode;
mod format;
mod message;
mod pattern;
mod surely;
mod unevaluated;
mod unfold;
mod walk;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use rustc_hash::FxHashMap;
use serde_json::{Number, Value as Json};
use smol_str::SmolStr;

use crate::chart::ValuesSchema;
use crate::finding::Finding;
use crate::source::{Origins, Prov, Sources, Span};
use crate::template::value::{Data, Value};
use crate::yaml::json::JsonTree;
use document::{Document, named, token};
use format::FORMATS;
use pattern::Patterns;
use unfold::{Cycles, Unfolded};

/// What is reported: the values break the schema, or the schema is none.
const RULE: &str = "values-schema";
/// What is reported where the check would take too long.
const LIMIT: &str = "limit-exceeded";
/// Values nest no deeper.
const MAX_DEPTH: usize = 256;
/// More violations of one schema are not told.
const MAX_VIOLATIONS: usize = 200;
/// No more schemas of an `anyOf` or `oneOf` are told of.
const MAX_ALTERNATIVES: usize = 8;
/// A compiled pattern takes no more bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// Notes every reference that leads out of the schema, in whatever order they are asked for, and
/// follows none.
#[derive(Default)]
struct Nowhere {
    asked: Arc<Mutex<BTreeSet<String>>>,
    /// What the schema calls its language, which is no reference.
    language: String,
}

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        if uri.as_str() == self.language {
            return Err("it is no part of the schema".into());
        }
        // Helm's validator takes these for schemas that allow anything.
        if !uri.as_str().starts_with("urn:") {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.insert(uri.as_str().to_owned());
        }
        Ok(Json::Bool(true))
    }
}

/// A chart's values beside its schema, free of what only the thread that renders can hold.
#[derive(Debug)]
pub struct Instance {
    schema: Arc<ValuesSchema>,
    values: Arc<JsonTree>,
}

impl Instance {
    /// The values as they are now. `None` for a chart without a schema.
    #[must_use]
    pub fn new(schema: Option<&Arc<ValuesSchema>>, values: &Value) -> Option<Self> {
        let schema = Arc::clone(schema?);
        let values = Arc::new(tree(values, 0));
        Some(Self { schema, values })
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &Arc<JsonTree> {
        &self.values
    }

    /// Whether the schema is one and the values keep to it. [`check`] says what is wrong. `charts`
    /// is how many charts of the tree have a schema.
    #[must_use]
    pub fn is_fine(&self, charts: usize) -> bool {
        let Ok(schema) = self.schema.json() else {
            return false;
        };
        if surely::are_fine(schema, &self.values) {
            return true;
        }
        let values = Json::from(&*self.values);
        let is_fine = with_compiled(schema.into(), |compiled| {
            walk::cost(compiled.document, &values, walk::most_steps(charts)).is_ok()
                && compiled.validator.is_valid(&values)
        });
        matches!(is_fine, Ok(true))
    }
}

/// Why a schema cannot be used.
enum Unusable {
    /// No schema, or one that refers to another file.
    Schema(Box<ValidationError<'static>>),
    /// What Helm says of a reference in it.
    Reference(String),
    /// It comes to itself again in too many ways.
    TooLarge,
    /// Its patterns are too many or too large.
    Patterns,
    /// Too much is asked to find out what it leaves unevaluated.
    Unevaluated,
}

/// A schema that values can be checked against.
struct Compiled<'s> {
    /// The schema without cycles.
    document: &'s Document<'s>,
    cycles: &'s Cycles,
    validator: Validator,
}

/// Does something with a schema.
fn with_compiled<T>(
    mut schema: Json,
    then: impl FnOnce(&Compiled<'_>) -> T,
) -> Result<T, Unusable> {
    encode::encode(&mut schema).map_err(Unusable::Reference)?;
    encode::translate(&mut schema, &mut Patterns::default())
        .map_err(|pattern::TooLarge| Unusable::Patterns)?;
    let document = Document::new(&schema);
    let unfolded = unfold::unfolded(&document).map_err(|unfold::TooLarge| Unusable::TooLarge)?;
    match &unfolded {
        None => compiled(&document, &Cycles::default()).map(|compiled| then(&compiled)),
        Some(Unfolded { schema, cycles }) => {
            compiled(&Document::new(schema), cycles).map(|compiled| then(&compiled))
        }
    }
}

fn compiled<'s>(document: &'s Document<'s>, cycles: &'s Cycles) -> Result<Compiled<'s>, Unusable> {
    if !unevaluated::is_bounded(document) {
        return Err(Unusable::Unevaluated);
    }
    let schema = document.root;
    let language = schema.get("$schema").and_then(Json::as_str);
    let nowhere = Nowhere {
        language: language
            .unwrap_or_default()
            .trim_end_matches('#')
            .to_owned(),
        ..Nowhere::default()
    };
    let asked = Arc::clone(&nowhere.asked);
    let mut options = jsonschema::options()
        .with_retriever(nowhere)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE));
    for (name, check) in FORMATS {
        options = options.with_format(name, move |text: &str| check(text).is_ok());
    }
    // Helm's validator takes what is said of the content for a note.
    for name in ["base64", "base64url", "base32", "base32hex", "base16"] {
        options = options.with_content_encoding(name, |_| true, |_| Ok(None));
    }
    options = options.with_content_media_type("application/json", |_| true);
    if schema.get("$schema").is_none() {
        options = options.with_draft(Draft::Draft202012);
    }
    let built = options.build(schema);
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(first) = asked.first() {
        return Err(Unusable::Reference(message::not_loaded(first)));
    }
    match built {
        Ok(validator) => Ok(Compiled {
            document,
            cycles,
            validator,
        }),
        Err(error) => Err(Unusable::Schema(Box::new(error.to_owned()))),
    }
}

/// Checks the values of the chart `name` against its schema, if it has one; `charts` is how many
/// charts of the tree have one.
#[must_use]
pub fn check(
    name: &str,
    schema: Option<&ValuesSchema>,
    charts: usize,
    values: &Value,
    sources: &Sources,
    origins: &Origins,
) -> Vec<Finding> {
    let Some(schema) = schema else {
        return Vec::new();
    };
    let file = schema.file;
    let whole = Span::new(file, 0, 0);
    let unusable = |message: String| {
        let help = format!("values.schema.json of chart `{name}` is no valid schema");
        vec![Finding::new(RULE, whole, message).help(help)]
    };
    let simpler = |message: String| {
        let help = format!("make values.schema.json of chart `{name}` simpler");
        vec![Finding::new(LIMIT, whole, message).help(help)]
    };
    let schema = match schema.json() {
        Ok(schema) => Json::from(schema),
        Err(error) => {
            let bytes = sources.file(file).bytes();
            let at = offset(bytes, error.line(), error.column());
            let span = Span::new(file, at, at);
            let message = message::syntax(bytes, error, at);
            let help = format!("values.schema.json of chart `{name}` has to be JSON");
            return vec![Finding::new(RULE, span, message).help(help)];
        }
    };
    let told = with_compiled(schema, |compiled| {
        let json = Json::from(&tree(values, 0));
        let most = walk::most_steps(charts);
        if walk::cost(compiled.document, &json, most).is_err() {
            return simpler(format!(
                "checking the values takes more than {most} steps of work on schemas"
            ));
        }
        let errors = compiled.validator.iter_errors(&json);
        let errors: Vec<ValidationError<'_>> = errors.take(MAX_VIOLATIONS).collect();
        let told = Told {
            chart: name,
            compiled,
            json: &json,
            values,
            origins,
            whole,
        };
        told.findings(&errors)
    });
    match told {
        Ok(found) => found,
        Err(Unusable::Schema(error)) => {
            let text = message::text(&error, &Json::Null);
            unusable(match error.kind() {
                ValidationErrorKind::Referencing(_) => text,
                _ => message::at(&error.instance_path().to_string(), &text),
            })
        }
        Err(Unusable::Reference(message)) => unusable(message),
        Err(Unusable::Unevaluated) => {
            simpler("too many schemas tell what is left unevaluated".to_owned())
        }
        Err(Unusable::Patterns) => simpler("its patterns are too many or too large".to_owned()),
        Err(Unusable::TooLarge) => {
            simpler("the schema comes to itself again in too many ways".to_owned())
        }
    }
}

/// The offset of a line and column, both from 1, as `serde_json` counts them.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let starts = crate::source::LineIndex::new(text);
    (starts.line_start(line) + column.saturating_sub(1)).min(text.len())
}

/// A value as JSON.
fn tree(value: &Value, depth: usize) -> JsonTree {
    if depth > MAX_DEPTH {
        return JsonTree::Null;
    }
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => SmolStr::new(text),
        Err(_) => SmolStr::new(String::from_utf8_lossy(bytes)),
    };
    match &value.data {
        Data::Bool(value) => JsonTree::Bool(*value),
        Data::Int(value, _) => JsonTree::Number((*value).into()),
        Data::Float(value) => number(*value),
        Data::Str(value) | Data::Bytes(value) => JsonTree::Text(text(value.bytes())),
        Data::List(list) => {
            let items = list.items.iter();
            JsonTree::List(items.map(|item| tree(item, depth + 1)).collect())
        }
        Data::Map(_, map) => {
            let entries = map.entries.borrow();
            let entries = entries.iter();
            let entries = entries.map(|(key, entry)| (text(key), tree(&entry.value, depth + 1)));
            JsonTree::Map(entries.collect::<Vec<_>>().into())
        }
        _ => JsonTree::Null,
    }
}

/// Whole numbers stay whole: JSON of Helm has no fraction where there is none.
fn number(value: f64) -> JsonTree {
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        return JsonTree::Number((value as i64).into());
    }
    Number::from_f64(value).map_or(JsonTree::Null, JsonTree::Number)
}

/// What is needed to tell of violations.
struct Told<'a> {
    chart: &'a str,
    compiled: &'a Compiled<'a>,
    json: &'a Json,
    values: &'a Value,
    origins: &'a Origins,
    /// The schema's file.
    whole: Span,
}

impl Told<'_> {
    /// The violations as findings. What one object lacks is told at once, as Helm does.
    fn findings(&self, errors: &[ValidationError<'_>]) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut lacking: Vec<(String, Option<String>, Vec<&str>)> = Vec::new();
        let last = last_words(errors);
        for error in errors {
            if is_unasked(error, &last) {
                continue;
            }
            let pointer = error.instance_path().to_string();
            match error.kind() {
                ValidationErrorKind::Required { property } => {
                    let name = property.as_str().unwrap_or_default();
                    let of = self.dependent(error, name);
                    match lacking.last_mut() {
                        Some((at, by, names)) if *at == pointer && *by == of => names.push(name),
                        _ => lacking.push((pointer, of, vec![name])),
                    }
                }
                // Helm tells of each by itself.
                ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                    for name in unexpected {
                        let pointer = format!("{pointer}/{}", token(name));
                        found.push(self.finding(&pointer, None, "false schema"));
                    }
                }
                kind => {
                    let text = self.text(error);
                    let mut finding = self.finding(&pointer, Some(kind), &text);
                    if let ValidationErrorKind::AnyOf { context }
                    | ValidationErrorKind::OneOfNotValid { context } = kind
                    {
                        finding.help = Some(self.alternatives(context));
                    }
                    found.push(finding);
                }
            }
        }
        for (pointer, of, names) in lacking {
            let text = message::missing(&names, of.as_deref());
            found.push(self.finding(&pointer, None, &text));
        }
        found
    }

    /// What Helm says of a violation.
    fn text(&self, error: &ValidationError<'_>) -> String {
        if matches!(error.kind(), ValidationErrorKind::FalseSchema) {
            let place = error.schema_path().to_string();
            let evaluated = error.evaluation_path().to_string();
            if let Some(message) = self.compiled.cycles.message(&place, &evaluated) {
                return message;
            }
        }
        message::text(error, self.json)
    }

    fn finding(&self, pointer: &str, kind: Option<&ValidationErrorKind>, text: &str) -> Finding {
        let path: Vec<String> = pointer.split('/').skip(1).map(named).collect();
        let place = locate(self.values, &path, kind, self.origins);
        let help = format!(
            "change the value, or values.schema.json of chart `{}`",
            self.chart
        );
        let message = message::at(pointer, text);
        Finding::new(RULE, place.unwrap_or(self.whole), message).help(help)
    }

    /// The property whose presence demands another one.
    fn dependent(&self, error: &ValidationError<'_>, name: &str) -> Option<String> {
        let path = error.schema_path().to_string();
        let keyword = path.rsplit('/').next()?;
        if !matches!(keyword, "dependencies" | "dependentRequired") {
            return None;
        }
        let demands = self.compiled.document.root.pointer(&path)?.as_object()?;
        let present = self.json.pointer(&error.instance_path().to_string())?;
        let demands_it = |wanted: &Json| {
            let mut wanted = wanted.as_array().into_iter().flatten();
            wanted.any(|wanted| wanted.as_str() == Some(name))
        };
        let mut demands = demands.iter();
        let found = demands.find(|(key, wanted)| present.get(*key).is_some() && demands_it(wanted));
        found.map(|(key, _)| key.clone())
    }

    /// What each of several schemas has against a value.
    fn alternatives(&self, context: &[Vec<ValidationError<'static>>]) -> String {
        let first = context.iter().filter_map(|errors| errors.first());
        let told: Vec<String> = first
            .take(MAX_ALTERNATIVES)
            .map(|error| {
                let pointer = error.instance_path().to_string();
                message::at(&pointer, &self.text(error))
            })
            .collect();
        format!("one of these has to be mended: {}", told.join("; "))
    }
}

/// The schemas, by the ways to them, and the values that Helm's validator asks nothing more about:
/// those whose type, say, is another one.
fn last_words(errors: &[ValidationError<'_>]) -> FxHashMap<(String, String), usize> {
    let mut last = FxHashMap::default();
    for error in errors {
        if let Some(rank) = rank(error) {
            let way = error.evaluation_path().to_string();
            let schema = way.rsplit_once('/').map_or("", |(schema, _)| schema);
            let key = (schema.to_owned(), error.instance_path().to_string());
            let first = last.entry(key).or_insert(rank);
            *first = rank.min(*first);
        }
    }
    last
}

/// The place of a violation among those after which nothing more is asked.
fn rank(error: &ValidationError<'_>) -> Option<usize> {
    let way = error.evaluation_path().to_string();
    let (_, keyword) = way.rsplit_once('/')?;
    let order = ["type", "const", "enum", "format"];
    order.iter().position(|first| *first == keyword)
}

/// Whether Helm's validator does not come to a violation.
fn is_unasked(error: &ValidationError<'_>, last: &FxHashMap<(String, String), usize>) -> bool {
    let own = rank(error);
    let way = error.evaluation_path().to_string();
    let place = error.instance_path().to_string();
    let own_schema = way.rfind('/');
    let places: Vec<&str> = place
        .match_indices('/')
        .filter_map(|(at, _)| place.get(..at))
        .chain([place.as_str()])
        .collect();
    way.match_indices('/').any(|(at, _)| {
        let schema = way.get(..at).unwrap_or_default();
        places.iter().any(|place| {
            let key = (schema.to_owned(), (*place).to_owned());
            let rank = last.get(&key);
            rank.is_some_and(|rank| own_schema != Some(at) || own != Some(*rank))
        })
    })
}

/// Where the value at a path was written; for a key too many, that key.
fn locate(
    values: &Value,
    path: &[String],
    kind: Option<&ValidationErrorKind>,
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
    if let Some(
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected },
    ) = kind
        && let Some(map) = value.as_map()
    {
        let extra = unexpected.first().and_then(|key| map.get(key.as_bytes()));
        return extra.and_then(|entry| first(entry.key)).or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_references_that_lead_out_the_first_is_told() {
        let names = ["d", "b", "c", "a", "e"];
        let properties: serde_json::Map<String, Json> = names
            .iter()
            .map(|name| {
                let reference = format!("https://example.com/{name}.json#/definitions/x");
                ((*name).to_owned(), serde_json::json!({"$ref": reference}))
            })
            .collect();
        let schema = serde_json::json!({"properties": properties});
        for _ in 0..20 {
            let told = with_compiled(schema.clone(), |_| ());
            let Err(Unusable::Reference(message)) = told else {
                panic!("the schema is used");
            };
            assert_eq!(
                message,
                "failing loading \"https://example.com/a.json\": it is no part of the schema, and \
                 nothing else is read"
            );
        }
    }
}
