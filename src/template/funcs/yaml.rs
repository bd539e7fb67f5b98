//! `toYaml`, `fromYaml`, `toJson`, `fromJson` and their kin, scalar by scalar.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::source::{Asked, Bytes, FileId, OriginId, Origins, Prov, Span, Text};
use crate::yaml::emit::{self, Item, Sink};
use crate::yaml::json::{self, Json, Style};
use crate::yaml::plain::{Plain, PlainValue, read_plain};

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Encoding, Entry, Key, Map, MapType, Value};
use super::tree::{Marks, tree};
use super::{Call, Function, Machine, Param, Passing};

type Outcome = Result<Value, Failure>;

const fn any(name: &'static str, call: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function::new(name, &[Param::Any], Passing::Exact, call)
}

const fn text(name: &'static str, call: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function::new(name, &[Param::Str], Passing::Exact, call)
}

const JSON: Style = Style {
    escape_html: true,
    pretty: false,
};
const RAW: Style = Style {
    escape_html: false,
    pretty: false,
};
const PRETTY: Style = Style {
    escape_html: true,
    pretty: true,
};

pub(super) const FUNCTIONS: &[Function] = &[
    any("toYaml", |call| {
        Ok(to_yaml(call)?.unwrap_or_else(|_| Value::str("")))
    }),
    any("toYamlPretty", |call| {
        let text = written(call, (Encoding::Yaml, ""), emit::to_yaml_pretty)?;
        Ok(text.unwrap_or_else(|_| Value::str("")))
    }),
    any("mustToYaml", |call| Ok(to_yaml(call)??)),
    any("toJson", |call| lenient(call, JSON)),
    any("mustToJson", |call| Ok(to_json(call, JSON)??)),
    any("toRawJson", |call| Ok(to_json(call, RAW)??)),
    any("mustToRawJson", |call| Ok(to_json(call, RAW)??)),
    any("toPrettyJson", |call| lenient(call, PRETTY)),
    any("mustToPrettyJson", |call| Ok(to_json(call, PRETTY)??)),
    text("fromYaml", |call| from_yaml(call, Want::Map)),
    text("fromYamlArray", |call| from_yaml(call, Want::List)),
    text("fromJson", |call| from_json(call, Want::Map)),
    text("fromJsonArray", |call| from_json(call, Want::List)),
    text("mustFromJson", |call| {
        let source = to_read(call)?;
        let read = json::read_json(FileId::DETACHED, source.text.bytes())?;
        if let Some(overflow) = read.overflow {
            return Err(overflow.into());
        }
        weigh(&read.plain, call.machine)?;
        Ok(value_of(
            &read.plain,
            &mut source.asked(),
            call.machine.origins(),
        ))
    }),
];

type Writer = fn(&Item<'_>, &mut Sink) -> Result<(), String>;

/// Writes the argument; each piece gets the set of what it belongs to, and pieces of nobody that
/// of the piece before. `unfit` is said in front of why a value has no such form.
fn written(
    call: &mut Call<'_>,
    (encoding, unfit): (Encoding, &str),
    writer: impl Fn(&Item<'_>, &mut Sink) -> Result<(), String>,
) -> Result<Result<Value, String>, Failure> {
    let value = call.arg(0);
    let mut marks = Marks::new();
    let item = match tree(&value, encoding, &mut marks, call, 0) {
        Ok(item) => item,
        Err(Failure::Message(text)) => return Ok(Err(format!("{unfit}{text}"))),
        Err(failure) => return Err(failure),
    };
    // Mostly each scalar has a mark of its own, and a line.
    let mut sink = Sink::with_capacity(marks.room, 2 * marks.provs.len());
    let result = writer(&item, &mut sink);
    let (bytes, pieces) = sink.finish();
    call.machine.allow(bytes.len())?;
    call.machine.spend(bytes.len() as u64)?;
    if let Err(text) = result {
        return Ok(Err(text));
    }
    let mut out = Text::uncovered(bytes, pieces.len() + 1);
    // Of a collection no byte may be its own: what decided which one it is stands at its start.
    let order = call.machine.origins().order(value.prov);
    if !order.is_none() && matches!(value.data, Data::List(_) | Data::Map(..)) {
        let origin = call.origin(order);
        out.cover(0, origin, 0);
    }
    // All pieces of one mark have one origin.
    let mut known: Vec<Option<OriginId>> = vec![None; marks.provs.len()];
    let mut cover = |(end, mark): (u32, u32)| {
        let prov = marks.provs.get(mark as usize).copied().unwrap_or_default();
        let origin = match known.get_mut(mark as usize) {
            Some(known) => *known.get_or_insert_with(|| call.origin(prov)),
            None => call.origin(prov),
        };
        out.cover(end as usize, origin, 0);
    };
    let is_known = |mark: u32| {
        let prov = marks.provs.get(mark as usize);
        prov.is_some_and(|prov| !prov.is_none())
    };
    // Where nobody knows a piece of no bytes, those around it are one.
    let (mut last, mut covered) = (None, 0);
    for (end, mark) in pieces {
        if std::mem::replace(&mut covered, end) == end && !is_known(mark) {
            continue;
        }
        last = match last {
            Some((_, same)) if same == mark => Some((end, mark)),
            before => {
                before.map(&mut cover);
                Some((end, mark))
            }
        };
    }
    last.map(cover);
    Ok(Ok(Value::text(out)))
}

fn to_yaml(call: &mut Call<'_>) -> Result<Result<Value, String>, Failure> {
    let writer: Writer = emit::to_yaml;
    written(
        call,
        (Encoding::Json, "error marshaling into JSON: "),
        writer,
    )
}

fn to_json(call: &mut Call<'_>, style: Style) -> Result<Result<Value, String>, Failure> {
    written(call, (Encoding::Json, ""), |item, sink| {
        json::to_json(item, style, sink)
    })
}

fn lenient(call: &mut Call<'_>, style: Style) -> Outcome {
    Ok(to_json(call, style)?.unwrap_or_else(|_| Value::str("")))
}

/// What the text must hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Want {
    Map,
    List,
}

impl Want {
    fn go_type(self) -> &'static str {
        match self {
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
        }
    }

    /// Helm's way to report an error: inside the result.
    fn failed(self, message: String, prov: Prov) -> Value {
        let text = Value::with(Value::str(message).data, prov);
        let value = match self {
            Self::Map => Value::map([(
                Key::from(&b"Error"[..]),
                Entry {
                    key: prov,
                    value: text,
                },
            )]),
            Self::List => Value::list(vec![text]),
        };
        Value::with(value.data, prov)
    }

    fn fits(self, value: &PlainValue) -> bool {
        matches!(
            (self, value),
            (Self::Map, PlainValue::Map(_)) | (Self::List, PlainValue::List(_))
        )
    }

    fn empty(self) -> Value {
        match self {
            Self::Map => Value::map([]),
            Self::List => Value::list(Vec::new()),
        }
    }

    /// What `encoding/json` makes of `null`.
    fn nil(self) -> Value {
        Value::new(match self {
            Self::Map => Data::Map(MapType::Interface, Rc::new(Map::nil())),
            Self::List => Value::list_of(ElemType::Nil, Vec::new()).data,
        })
    }

    fn mismatch(self, value: &PlainValue) -> String {
        let what = match value {
            PlainValue::Null => "null",
            PlainValue::Bool(_) => "bool",
            PlainValue::Number(_) => "number",
            PlainValue::Str(_) => "string",
            PlainValue::List(_) => "array",
            PlainValue::Map(_) => "object",
        };
        format!(
            "json: cannot unmarshal {what} into Go value of type {}",
            self.go_type()
        )
    }
}

/// A text that is read, and what decided that it is this text and no other.
struct Source {
    text: Rc<Text>,
    choice: Prov,
}

impl Source {
    /// What decided what the bytes of spans say.
    fn asked(&self) -> Spans<'_> {
        Spans {
            asked: Asked::new(&self.text),
            choice: self.choice,
        }
    }

    /// What decided all of it.
    fn whole(&self, origins: &mut Origins) -> Prov {
        let all = Span::new(FileId::DETACHED, 0, self.text.len());
        self.asked().deps(all, origins)
    }
}

/// What decided the spans of a text.
struct Spans<'t> {
    asked: Asked<'t>,
    choice: Prov,
}

impl Spans<'_> {
    /// What decided what the bytes of a span say.
    fn deps(&mut self, span: Span, origins: &mut Origins) -> Prov {
        let (start, end) = (span.start(), span.end());
        let deps = self.asked.deps(start, end, Prov::NONE, origins);
        origins.union(deps, self.choice)
    }
}

/// The argument, whose reading is counted: a byte of YAML is work for many steps.
fn to_read(call: &mut Call<'_>) -> Result<Source, Failure> {
    let bytes = call.bytes(0).len();
    call.machine.spend((bytes as u64).saturating_mul(2))?;
    let value = call.arg(0);
    // What a template wrote knows its conditions byte by byte, and of other text each byte has the
    // whole set.
    let written = value.as_text().filter(|text| !text.is_plain());
    let text = match written {
        Some(text) => Rc::clone(text),
        None => Rc::new(call.text(0)),
    };
    let origins = call.machine.origins();
    let choice = if written.is_some() && !origins.is_apart(value.prov) {
        origins.as_control(value.prov)
    } else {
        Prov::NONE
    };
    Ok(Source { text, choice })
}

/// Counts the values that will be made of what was read.
fn weigh(plain: &Plain, machine: &mut dyn Machine) -> Result<(), Failure> {
    match &plain.value {
        PlainValue::List(items) => {
            machine.spend((items.len() as u64).saturating_mul(super::VALUE))?;
            items.iter().try_for_each(|item| weigh(item, machine))
        }
        PlainValue::Map(entries) => {
            let values = (entries.len() as u64).saturating_mul(super::VALUE);
            machine.spend(values.saturating_add(super::MAP))?;
            let mut entries = entries.iter();
            entries.try_for_each(|(.., value)| weigh(value, machine))
        }
        _ => Ok(()),
    }
}

fn from_yaml(call: &mut Call<'_>, want: Want) -> Outcome {
    let source = to_read(call)?;
    let read = remembered(&source.text, want);
    if let Ok(Some(plain)) = read.as_ref() {
        weigh(plain, call.machine)?;
    }
    let origins = call.machine.origins();
    Ok(match read.as_ref() {
        Ok(Some(plain)) => {
            // All of the text was looked at, though its parts are what is asked for.
            origins.look(source.text.segments().len() as u64);
            value_of(plain, &mut source.asked(), origins)
        }
        Ok(None) => {
            let whole = source.whole(origins);
            want.empty().because(whole, origins)
        }
        Err(message) => want.failed(message.clone(), source.whole(origins)),
    })
}

/// What reading a text gave.
type Read = Result<Option<Plain>, String>;

/// A text that was read, and what it gave.
type Remembered = (Want, Bytes, Rc<Read>);

/// What each text gave that was read.
#[derive(Default)]
struct Known {
    /// How many bytes are remembered.
    size: usize,
    /// Nobody can write texts that all have one hash.
    hashes: RandomState,
    /// By the hash of the text: it is long, and a table that grows asks for it again.
    by_hash: FxHashMap<u64, Vec<Remembered>>,
}

/// How many bytes of texts are remembered at most.
const MAX_REMEMBERED: usize = 8 << 20;

thread_local! {
    /// Texts that this thread has read, and how many bytes they are. Charts read the same text of
    /// the same helper again for every file. What a text gives depends on nothing else, so that it
    /// may be known from another chart.
    static READ: RefCell<Known> = RefCell::default();
}

/// As [`read_helm`], each text once.
fn remembered(source: &Text, want: Want) -> Rc<Read> {
    let text = source.bytes();
    let (hash, found) = READ.with_borrow(|known| {
        let hash = known.hashes.hash_one(text);
        let mut alike = known.by_hash.get(&hash).into_iter().flatten();
        let found = alike.find(|(wanted, known, _)| *wanted == want && **known == *text);
        (hash, found.map(|(.., read)| Rc::clone(read)))
    });
    if let Some(read) = found {
        return read;
    }
    let read = Rc::new(read_helm(text, want));
    READ.with_borrow_mut(|known| {
        if known.size + text.len() <= MAX_REMEMBERED {
            known.size += text.len();
            let alike = known.by_hash.entry(hash).or_default();
            alike.push((want, source.part(0, text.len()), Rc::clone(&read)));
        }
    });
    read
}

/// What Helm reads from a text: `None` where it means nothing, or Helm's words for what is wrong.
fn read_helm(bytes: &[u8], want: Want) -> Result<Option<Plain>, String> {
    match read_plain(FileId::DETACHED, 0, bytes) {
        Err(error) => Err(error.go_message),
        Ok(None) => Ok(None),
        Ok(Some((_, plain))) if plain.value == PlainValue::Null => Ok(None),
        Ok(Some((_, plain))) if want.fits(&plain.value) => Ok(Some(plain)),
        Ok(Some((_, plain))) => Err(format!(
            "error unmarshaling JSON: while decoding JSON: {}",
            want.mismatch(&plain.value)
        )),
    }
}

fn from_json(call: &mut Call<'_>, want: Want) -> Outcome {
    let source = to_read(call)?;
    let origins = call.machine.origins();
    let whole = source.whole(origins);
    let Json {
        mut plain,
        overflow,
    } = match json::read_json(FileId::DETACHED, source.text.bytes()) {
        Ok(read) => read,
        Err(message) => return Ok(want.failed(message, whole)),
    };
    weigh(&plain, call.machine)?;
    let origins = call.machine.origins();
    Ok(match overflow {
        _ if plain.value == PlainValue::Null => want.nil().because(whole, origins),
        _ if !want.fits(&plain.value) => want.failed(want.mismatch(&plain.value), whole),
        Some(overflow) if want == Want::List => want.failed(overflow, whole),
        Some(overflow) => {
            // What was read before stays.
            let span = plain.span;
            if let PlainValue::Map(entries) = &mut plain.value {
                entries.retain(|(key, ..)| &**key != "Error");
                let value = PlainValue::Str(overflow.into());
                let anchored = None;
                let error = Plain {
                    value,
                    span,
                    anchored,
                };
                entries.push(("Error".into(), span, error));
            }
            value_of(&plain, &mut source.asked(), origins)
        }
        None => value_of(&plain, &mut source.asked(), origins),
    })
}

/// A template value of what was read, each scalar and key decided by what decided its bytes.
fn value_of(plain: &Plain, source: &mut Spans<'_>, origins: &mut Origins) -> Value {
    match &plain.value {
        PlainValue::List(items) => {
            let at = first_line(plain.span, source.asked.text());
            let prov = source.deps(at, origins);
            let (start, end) = (plain.span.start(), plain.span.end());
            let control = source.asked.control(start, end, origins);
            let prov = origins.union(prov, control);
            let items = items
                .iter()
                .map(|item| value_of(item, source, origins))
                .collect();
            Value::with(Value::list(items).data, prov)
        }
        PlainValue::Map(entries) => {
            let at = first_line(plain.span, source.asked.text());
            let prov = source.deps(at, origins);
            let entries: Vec<(Key, Entry)> = entries
                .iter()
                .map(|(key, span, value)| {
                    let entry = Entry {
                        key: source.deps(*span, origins),
                        value: value_of(value, source, origins),
                    };
                    (Key::from(key.as_bytes()), entry)
                })
                .collect();
            Value::with(Value::map(entries).data, prov)
        }
        scalar => {
            let prov = source.deps(plain.span, origins);
            let prov = match plain.anchored {
                Some(anchored) => {
                    let anchored = source.deps(anchored, origins);
                    origins.union(prov, anchored)
                }
                None => prov,
            };
            let data = match scalar {
                PlainValue::Bool(value) => Data::Bool(*value),
                PlainValue::Number(value) => Data::Float(*value),
                PlainValue::Str(text) => Value::str(text.as_bytes()).data,
                _ => Data::Nil,
            };
            Value::with(data, prov)
        }
    }
}

/// Where a collection begins: its brackets when empty, otherwise its first bracket or dash, and
/// nothing of its content.
fn first_line(span: Span, text: &Text) -> Span {
    let bytes = text
        .bytes()
        .get(span.start()..span.end())
        .unwrap_or_default();
    match bytes {
        b"{}" | b"[]" => span,
        [b'[' | b'{' | b'-', ..] => span.slice(0, 1),
        _ => span.slice(0, 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// What Helm 4.3.1's `fromYaml` and `fromYamlArray` gave, as JSON.
    const RECORDED: &str = include_str!("../../../fixtures/go/from-yaml.jsonl");

    #[test]
    fn texts_mean_what_helm_says() {
        let mut failed = Vec::new();
        let mut told = String::new();
        for (at, line) in RECORDED.lines().enumerate() {
            let answer: Json = serde_json::from_str(line).unwrap();
            let yaml = answer["yaml"].as_str().unwrap();
            let map = given(yaml, Want::Map);
            let list = given(yaml, Want::List);
            let wanted = (
                plain_floats(&answer["fromYaml"]),
                plain_floats(&answer["fromYamlArray"]),
            );
            if (&map, &list) != (&wanted.0, &wanted.1) {
                failed.push(at + 1);
                told += &format!("{}: {yaml:?}\n  want {}\n  got  {map}\n", at + 1, wanted.0);
                if map == wanted.0 {
                    told += &format!("  want {}\n  got  {list}\n", wanted.1);
                }
            }
        }
        assert!(failed.is_empty(), "these differ: {failed:?}\n{told}");
    }

    fn given(yaml: &str, want: Want) -> Json {
        match (read_helm(yaml.as_bytes(), want), want) {
            (Ok(Some(plain)), _) => json_of(&plain),
            (Ok(None), Want::Map) => json!({}),
            // Helm declares the list without a value.
            (Ok(None), Want::List) => json!([]),
            (Err(message), Want::Map) => json!({ "Error": message }),
            (Err(message), Want::List) => json!([message]),
        }
    }

    fn json_of(plain: &Plain) -> Json {
        match &plain.value {
            PlainValue::Null => Json::Null,
            PlainValue::Bool(value) => json!(value),
            PlainValue::Number(value) => json!(value),
            PlainValue::Str(text) => json!(text),
            PlainValue::List(items) => items.iter().map(json_of).collect(),
            PlainValue::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, _, value)| (key.to_string(), json_of(value)));
                Json::Object(entries.collect())
            }
        }
    }

    /// The recorded JSON writes whole floats without a point.
    fn plain_floats(value: &Json) -> Json {
        match value {
            Json::Number(number) => json!(number.as_f64().unwrap()),
            Json::Array(items) => items.iter().map(plain_floats).collect(),
            Json::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), plain_floats(value)));
                Json::Object(entries.collect())
            }
            other => other.clone(),
        }
    }
}
