//! `toYaml`, `toJson` and their kin, scalar by scalar.

use crate::source::{OriginId, Text};
use crate::yaml::emit::{self, Item, Sink};
use crate::yaml::json::{self, Style};

use super::super::error::Failure;
use super::super::value::{Data, Encoding, Value};
use super::tree::{Marks, tree};
use super::{Call, Function, Param, Passing};

type Outcome = Result<Value, Failure>;

const fn any(name: &'static str, call: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function::new(name, &[Param::Any], Passing::Exact, call)
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
