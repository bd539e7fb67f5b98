//! Values files: text → plain values with spans → values of the template language.

use std::rc::Rc;
use std::sync::Arc;

use memchr::memmem;

use crate::source::{FileId, Origins, Prov, Sources, Span};
use crate::template::value::{Entry, Key, Value};
use crate::yaml::Document;
use crate::yaml::plain::{Given, Plain, PlainValue, read_given_lines};

use super::defaults::Defaults;

/// No values file holds more values, those that aliases stand for included; nor do the
/// `values.yaml` of all charts of a tree together.
pub(super) const MAX_VALUES: usize = 1_000_000;

/// The values of a file, and the document that it is, where it is one.
pub(super) type Read = (Defaults, Option<Arc<[Document]>>);

/// Reads a file of values, its documents merged into a map. Aliases stand for no more than `most`
/// values in each document.
///
/// # Errors
/// What Helm says behind `cannot load values.yaml: `, and the place.
pub(super) fn read_values(
    file: FileId,
    sources: &Sources,
    most: usize,
) -> Result<Read, (String, Span)> {
    let bytes = sources.file(file).bytes();
    let mut values = Plain {
        value: PlainValue::Map(Vec::new()),
        span: Span::new(file, 0, 0),
        anchored: None,
    };
    let mut whole = None;
    for (start, end) in chunks(file, bytes)? {
        let chunk = bytes.get(start..end).unwrap_or_default();
        // Kubernetes' `LineReader` ends every line, the last one too.
        let read = read_given_lines(file, start, chunk, most)
            .map_err(|error| unmarshal(&error.go_message, error.span))?;
        let (document, converted) = match read {
            None => continue,
            Some(Given::Written(document)) => (document, None),
            Some(Given::Worked(document, plain)) => (document, Some(plain)),
        };
        let is_whole = document.span == Span::new(file, 0, bytes.len());
        let document: Arc<[Document]> = Arc::from([document]);
        let converted = match converted {
            Some(converted) => converted,
            None if is_whole => {
                let defaults = Defaults::written(Arc::clone(&document));
                return Ok((defaults, Some(document)));
            }
            None => Defaults::written(Arc::clone(&document)).into_plain(),
        };
        whole = is_whole.then_some(document);
        let Some(got) = json_kind(&converted.value) else {
            if !matches!(converted.value, PlainValue::Null) {
                merge(&mut values, converted);
            }
            continue;
        };
        let message = format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {got} into Go value of type map[string]interface {{}}"
        );
        return Err(unmarshal(&message, converted.span));
    }
    Ok((values.into(), whole))
}

/// What Go calls a value of JSON that is no object; `null` is taken for one.
pub(super) fn json_kind(value: &PlainValue) -> Option<&'static str> {
    match value {
        PlainValue::Null | PlainValue::Map(_) => None,
        PlainValue::Bool(_) => Some("bool"),
        PlainValue::Number(_) => Some("number"),
        PlainValue::Str(_) => Some("string"),
        PlainValue::List(_) => Some("array"),
    }
}

fn unmarshal(message: &str, span: Span) -> (String, Span) {
    (format!("cannot unmarshal yaml document: {message}"), span)
}

/// Kubernetes' `YAMLReader`: a document ends before a line that starts with `---`.
fn chunks(file: FileId, bytes: &[u8]) -> Result<Vec<(usize, usize)>, (String, Span)> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let first = bytes.starts_with(b"---").then_some(0);
    let others = memmem::find_iter(bytes, b"\n---").map(|before| before + 1);
    for at in first.into_iter().chain(others) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or_default();
        let behind = String::from_utf8_lossy(line.get(3..).unwrap_or_default());
        let behind = behind.trim();
        if !behind.is_empty() && !behind.starts_with('#') {
            return Err((
                format!("error reading yaml document: invalid Yaml document separator: {behind}"),
                Span::new(file, at, at + line.trim_ascii_end().len()),
            ));
        }
        if at > start {
            chunks.push((start, at));
        }
        // The separator stays with what follows it, so that its lines count as Helm's do.
        start = at + length;
    }
    if bytes.len() > start {
        chunks.push((start, bytes.len()));
    }
    Ok(chunks)
}

/// Helm's `MergeMaps`: maps merge, anything else of `from` replaces what is in `into`.
pub(super) fn merge(into: &mut Plain, from: Plain) {
    match (&mut into.value, from.value) {
        (PlainValue::Map(old), PlainValue::Map(new)) => {
            let mut places: std::collections::HashMap<Box<str>, usize> = old
                .iter()
                .enumerate()
                .map(|(at, (name, ..))| (name.clone(), at))
                .collect();
            for (name, span, value) in new {
                match places.get(&name).and_then(|at| old.get_mut(*at)) {
                    Some((_, key, known)) => {
                        let both = matches!(
                            (&known.value, &value.value),
                            (PlainValue::Map(_), PlainValue::Map(_))
                        );
                        if both {
                            merge(known, value);
                        } else {
                            *known = value;
                        }
                        *key = span;
                    }
                    None => {
                        places.insert(name.clone(), old.len());
                        old.push((name, span, value));
                    }
                }
            }
        }
        (old, new) => *old = new,
    }
    into.span = from.span;
    into.anchored = from.anchored;
}

/// The value of the template language. A scalar knows its own bytes, and where it is an alias those
/// of the scalar that it stands for; a collection the key that it stands under, or its own bytes
/// where it was written empty.
pub(super) fn value(plain: &Plain, key: Option<Span>, origins: &mut Origins) -> Value {
    let scalar = |origins: &mut Origins| {
        let span = match key {
            Some(key) if plain.span.is_empty() => key,
            _ => plain.span,
        };
        let own = origins.leaf(span);
        match plain.anchored {
            Some(anchored) => {
                let anchored = origins.leaf(anchored);
                origins.union(anchored, own)
            }
            None => own,
        }
    };
    match &plain.value {
        PlainValue::Null => {
            let prov = scalar(origins);
            Value::with(Value::nil().data, prov)
        }
        PlainValue::Bool(is) => {
            let prov = scalar(origins);
            Value::with(Value::bool(*is).data, prov)
        }
        PlainValue::Number(number) => {
            let prov = scalar(origins);
            Value::with(Value::float(*number).data, prov)
        }
        PlainValue::Str(text) => {
            let prov = scalar(origins);
            Value::with(Value::str(text.as_bytes()).data, prov)
        }
        PlainValue::List(items) => {
            let prov = collection(plain.span, key, items.is_empty(), origins);
            let items = items
                .iter()
                .map(|item| value(item, first_key(item), origins))
                .collect();
            Value::with(Value::list(items).data, prov)
        }
        PlainValue::Map(entries) => {
            let prov = collection(plain.span, key, entries.is_empty(), origins);
            let entries: Vec<(Key, Entry)> = entries
                .iter()
                .map(|(name, span, inner)| {
                    let entry = Entry {
                        key: origins.leaf(*span),
                        value: value(inner, Some(*span), origins),
                    };
                    (Rc::from(name.as_bytes()), entry)
                })
                .collect();
            Value::with(Value::map(entries).data, prov)
        }
    }
}

/// What a collection that is written at `span` is known by.
pub(super) fn collection(
    span: Span,
    key: Option<Span>,
    is_empty: bool,
    origins: &mut Origins,
) -> Prov {
    match key {
        Some(key) if !is_empty => origins.leaf(key),
        None if !is_empty => Prov::NONE,
        _ if span.is_empty() => Prov::NONE,
        _ => origins.leaf(span),
    }
}

/// Where a collection within a list begins: nothing else names it.
fn first_key(item: &Plain) -> Option<Span> {
    match &item.value {
        PlainValue::Map(entries) => entries.first().map(|(_, span, _)| *span),
        PlainValue::List(items) => items
            .first()
            .map(|first| first_key(first).unwrap_or(first.span)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileKind;

    fn load(text: &str) -> (Sources, Result<Defaults, (String, Span)>) {
        let mut sources = Sources::new();
        let file = sources.add("values.yaml", FileKind::Values, text.as_bytes().to_vec());
        let read = read_values(file, &sources, MAX_VALUES).map(|read| read.0);
        (sources, read)
    }

    #[test]
    fn documents_merge_in_order() {
        let (sources, read) =
            load("# c\n---\na: {x: 1, z: 2}\nb: 1\n--- # next\na: {x: 3}\nb: null\n");
        let mut origins = Origins::new();
        let read = read.unwrap().value(&mut origins);
        let map = read.as_map().unwrap();
        let a = map.get(b"a").unwrap().value;
        let a = a.as_map().unwrap();
        let text = |value: &Value| {
            let spans = origins.spans(value.prov);
            spans
                .iter()
                .map(|span| String::from_utf8_lossy(sources.slice(*span)).into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(text(&a.get(b"x").unwrap().value), ["3"]);
        assert_eq!(text(&a.get(b"z").unwrap().value), ["2"]);
        assert_eq!(text(&map.get(b"b").unwrap().value), ["null"]);
        assert!(map.get(b"b").unwrap().value.is_nil());
    }

    /// Whoever changes the scalar at the anchor changes the alias, too.
    #[test]
    fn an_alias_is_written_where_its_scalar_is() {
        let (sources, read) = load("a: &x one\nb: *x\nm: &m {k: two}\nq: *m\n");
        let mut origins = Origins::new();
        let read = read.unwrap().value(&mut origins);
        let map = read.as_map().unwrap();
        let q = map.get(b"q").unwrap().value;
        let inner = q.as_map().unwrap().get(b"k").unwrap().value;
        for (value, written) in [
            (&map.get(b"b").unwrap().value, &["one", "*x"][..]),
            (&q, &["q"]),
            (&inner, &["two"]),
        ] {
            let spans = origins.spans(value.prov);
            let texts = spans.iter().map(|span| sources.slice(*span));
            assert!(
                texts.eq(written.iter().map(|text| text.as_bytes())),
                "{spans:?}"
            );
        }
    }

    #[test]
    fn what_helm_says_of_broken_values() {
        case(
            "- a\n",
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
        );
        case(
            "a: 1\n---\nb: 1\nb: c: d\n",
            "cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
        );
        case(
            "--- a\n",
            "error reading yaml document: invalid Yaml document separator: a",
        );
        case(
            "a: .inf\n",
            "cannot unmarshal yaml document: error converting YAML to JSON: json: unsupported value: +Inf",
        );
    }

    #[track_caller]
    fn case(text: &str, message: &str) {
        assert_eq!(load(text).1.unwrap_err().0, message, "{text:?}");
    }
}
