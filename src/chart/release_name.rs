//! What a release may be called, and names that a template makes.

use crate::finding::Finding;
use crate::source::{FileKind, Origins, Sources, Span};
use crate::template::eval::{Engine, Limits, Program, with_stack};
use crate::template::funcs::Callee;
use crate::template::parse;
use crate::template::value::Value;

use super::load::CHART_INVALID;

/// What Helm calls the template of a name.
const NAME: &str = "name-template";

/// Functions that are Helm's own: a template of a name has Sprig's only.
const OF_CHARTS: [&str; 24] = [
    "durationDays",
    "durationHours",
    "durationMicroseconds",
    "durationMilliseconds",
    "durationMinutes",
    "durationNanoseconds",
    "durationRoundTo",
    "durationSeconds",
    "durationTruncateTo",
    "durationWeeks",
    "fromJsonArray",
    "fromToml",
    "fromYaml",
    "fromYamlArray",
    "include",
    "lookup",
    "mustToDuration",
    "mustToToml",
    "mustToYaml",
    "required",
    "toToml",
    "toYaml",
    "toYamlPretty",
    "tpl",
];

/// The name that `--name-template` makes.
///
/// # Errors
/// Where the template does not parse, or stops.
pub fn release_name(template: &str, sources: &mut Sources) -> Result<String, Box<Finding>> {
    let file = sources.add(
        "--name-template",
        FileKind::File,
        template.as_bytes().to_vec(),
    );
    let builtin = |name: &str| Callee::of(name).filter(|_| !OF_CHARTS.contains(&name));
    let parsed = parse::parse(NAME, file, template.as_bytes(), &builtin);
    if let Some(error) = parsed.errors.first() {
        return Err(Box::new(Finding::new(
            CHART_INVALID,
            error.span,
            error.message.clone(),
        )));
    }
    let known = sources.clone();
    let made = with_stack(move || {
        let program = Program::new(&known, &[(NAME.to_owned(), file)]);
        let limits = Limits::default();
        let mut engine = Engine::new(&program, known, Origins::new(), limits);
        let made = engine.execute(NAME, Value::nil());
        made.map(|text| String::from_utf8_lossy(text.bytes()).into_owned())
    });
    let whole = Span::new(file, 0, template.len());
    let stopped = match made {
        Ok(Ok(name)) => return Ok(name),
        Ok(Err(error)) => error,
        Err(error) => {
            let message = format!("there is no stack to render on: {error}");
            return Err(Box::new(Finding::new(CHART_INVALID, whole, message)));
        }
    };
    let (span, message) = stopped.map_or((whole, String::new()), |error| (error.span, error.core));
    Err(Box::new(Finding::new(CHART_INVALID, span, message)))
}

/// What Helm says of a release's name that it does not take.
pub(super) fn refused_name(name: &str) -> Option<String> {
    let is_word = |part: &str| {
        let is_edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = part.as_bytes();
        bytes.first().is_some_and(is_edge)
            && bytes.last().is_some_and(is_edge)
            && bytes.iter().all(|byte| is_edge(byte) || *byte == b'-')
    };
    if name.len() <= 53 && name.split('.').all(is_word) {
        return None;
    }
    let shown = crate::golang::quote::quote(name.as_bytes());
    let reason = if name.is_empty() {
        "no name provided"
    } else {
        "invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    };
    Some(format!(
        "release name check failed: release name {shown}: {reason}"
    ))
}
