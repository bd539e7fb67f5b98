//! `fromYaml`, `fromJson` and their kin: texts as values, each scalar decided by what decided its
//! bytes.

mod known;
mod maker;

use std::rc::Rc;

use crate::source::{FileId, Prov};
use crate::yaml::Parts;
use crate::yaml::json::{self, Json};
use crate::yaml::plain::{Plain, PlainValue};

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Entry, Key, Map, MapType, RecentKeys, Value};
use super::{Call, Function, Machine, Param, Passing};
use known::{Held, remembered};
use maker::{Maker, Source};

type Outcome = Result<Value, Failure>;

const fn text(name: &'static str, call: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function::new(name, &[Param::Str], Passing::Exact, call)
}

pub(super) const FUNCTIONS: &[Function] = &[
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
        let mut maker = Maker::new(source.asked(), call.machine.origins());
        Ok(maker.plain(&read.plain))
    }),
];

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
            machine.spend(of_list(items.len()))?;
            items.iter().try_for_each(|item| weigh(item, machine))
        }
        PlainValue::Map(entries) => {
            machine.spend(of_map(entries.len()))?;
            let mut entries = entries.iter();
            entries.try_for_each(|(.., value)| weigh(value, machine))
        }
        _ => Ok(()),
    }
}

fn of_list(items: usize) -> u64 {
    (items as u64).saturating_mul(super::VALUE)
}

fn of_map(entries: usize) -> u64 {
    of_list(entries).saturating_add(super::MAP)
}

fn from_yaml(call: &mut Call<'_>, want: Want) -> Outcome {
    let source = to_read(call)?;
    let read = remembered(&source.text, want);
    let held = match read.as_ref() {
        Ok(Some(held)) => held,
        Ok(None) => {
            let origins = call.machine.origins();
            let whole = source.whole(origins);
            return Ok(want.empty().because(whole, origins));
        }
        Err(message) => {
            let whole = source.whole(call.machine.origins());
            return Ok(want.failed(message.clone(), whole));
        }
    };
    let mut keys = 0;
    match held {
        Held::Plain(plain) => weigh(plain, call.machine)?,
        Held::Written(document) => {
            let Parts {
                items,
                entries,
                mappings,
            } = document.parts();
            keys = entries;
            let maps = (mappings as u64).saturating_mul(super::MAP);
            call.machine.spend(of_list(items + entries) + maps)?;
        }
    }
    let origins = call.machine.origins();
    // All of the text was looked at, though its parts are what is asked for.
    origins.look(source.text.segments().len() as u64);
    let mut maker = Maker::new(source.asked(), origins);
    Ok(match held {
        Held::Plain(plain) => maker.plain(plain),
        Held::Written(document) => {
            maker.keys = RecentKeys::of(keys);
            document
                .root()
                .map_or_else(Value::nil, |root| maker.node(root))
        }
    })
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
            Maker::new(source.asked(), origins).plain(&plain)
        }
        None => Maker::new(source.asked(), origins).plain(&plain),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::known::read_helm;
    use super::*;
    use crate::yaml::plain::plain_node;

    /// What Helm 4.3.1's `fromYaml` and `fromYamlArray` gave, as JSON.
    const RECORDED: &str = include_str!("../../../../fixtures/go/from-yaml.jsonl");

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
            (Ok(Some(Held::Plain(plain))), _) => json_of(&plain),
            (Ok(Some(Held::Written(document))), _) => {
                json_of(&plain_node(document.root().unwrap()).unwrap())
            }
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
