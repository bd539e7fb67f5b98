//! The functions against what Helm 4.3.1 answered: `fixtures/go/functions.jsonl`. A reader of
//! single pipelines stands in for the evaluator.

use serde_json::Value as Json;

use crate::golang::quote::unquote;
use crate::golang::regexp::Cache;
use crate::source::{ContextId, Origins, Prov, Span};

use super::super::error::Failure;
use super::super::value::{Data, Entry, IntType, Map, MapType, Value};
use super::strval::show;
use super::{Call, Function, Machine, Param, lookup};

/// The evaluator as far as the functions here need it.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) origins: Origins,
    regexps: Cache,
    spent: u64,
}

impl Machine for Bench {
    fn origins(&mut self) -> &mut Origins {
        &mut self.origins
    }

    fn context(&self) -> ContextId {
        ContextId::default()
    }

    fn turns(&mut self) -> Vec<u64> {
        Vec::new()
    }

    fn change(&mut self, _: &Map, _: Option<&Value>) {}

    fn call_site(&self) -> Option<Span> {
        None
    }

    fn spend(&mut self, steps: u64) -> Result<(), Failure> {
        self.spent = self.spent.saturating_add(steps);
        if self.spent > 10_000_000 {
            return Err(Failure::Budget("steps"));
        }
        Ok(())
    }

    fn fits(&self, bytes: usize) -> Result<(), Failure> {
        if bytes > 64 << 20 {
            return Err(Failure::Budget("bytes"));
        }
        Ok(())
    }

    fn include(&mut self, _: &[u8], _: Value) -> Result<Value, Failure> {
        Err("no templates here".into())
    }

    fn tpl(&mut self, _: &Value, _: Value) -> Result<Value, Failure> {
        Err("no templates here".into())
    }

    fn regexps(&mut self) -> &mut Cache {
        &mut self.regexps
    }
    fn now(&self) -> i64 {
        0
    }
}

/// What stopped an expression.
#[derive(Debug)]
enum Stop {
    /// A function failed.
    Failed(&'static str, Failure),
    /// The evaluator refuses an argument.
    Refused,
    /// Not a single pipeline of known functions.
    Beyond,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    dot: &'a Value,
    bench: &'a mut Bench,
}

impl Reader<'_> {
    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn pipeline(&mut self) -> Result<Value, Stop> {
        let mut piped = None;
        loop {
            let value = self.command(piped.take())?;
            self.space();
            if self.peek() != Some(b'|') {
                return Ok(value);
            }
            self.at += 1;
            piped = Some(value);
        }
    }

    fn command(&mut self, piped: Option<Value>) -> Result<Value, Stop> {
        self.space();
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            return self.operand().map(|(value, _)| value);
        }
        let name = self.word();
        match name.as_str() {
            "true" => return Ok(Value::bool(true)),
            "false" => return Ok(Value::bool(false)),
            "nil" => return Ok(Value::nil()),
            "len" => {
                let (value, _) = self.operand()?;
                let len = match &value.data {
                    Data::Str(text) => text.len(),
                    Data::List(list) => list.items.len(),
                    Data::Map(_, map) => map.len(),
                    _ => return Err(Stop::Beyond),
                };
                return Ok(Value::int(i64::try_from(len).map_err(|_| Stop::Beyond)?));
            }
            _ => {}
        }
        let function = lookup(&name).ok_or(Stop::Beyond)?;
        let mut args = Vec::new();
        loop {
            self.space();
            if matches!(self.peek(), None | Some(b'|' | b')')) {
                break;
            }
            args.push(self.operand()?);
        }
        args.extend(piped.map(|value| (value, false)));
        self.call(function, args)
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    /// A value, and whether it is an integer constant, which also serves as a float.
    fn operand(&mut self) -> Result<(Value, bool), Stop> {
        self.space();
        let start = self.at;
        match self.peek().ok_or(Stop::Beyond)? {
            b'"' => {
                self.at += 1;
                while let Some(byte) = self.peek() {
                    self.at += if byte == b'\\' { 2 } else { 1 };
                    if byte == b'"' {
                        break;
                    }
                }
                let bytes = unquote(&self.text[start..self.at]).ok_or(Stop::Beyond)?;
                Ok((Value::str(bytes), false))
            }
            b'(' => {
                self.at += 1;
                let value = self.pipeline()?;
                self.space();
                self.at += 1;
                Ok((self.fields(value)?, false))
            }
            b'.' => {
                let dot = self.dot.clone();
                Ok((self.fields(dot)?, false))
            }
            b'-' | b'0'..=b'9' => {
                self.at += 1;
                while self.peek().is_some_and(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+')
                }) {
                    self.at += 1;
                }
                let text = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
                match (text.parse::<i64>(), text.parse::<f64>()) {
                    (Ok(int), _) => Ok((Value::int(int), true)),
                    (_, Ok(float)) => Ok((Value::float(float), false)),
                    _ => Err(Stop::Beyond),
                }
            }
            byte if byte.is_ascii_alphabetic() => match self.word().as_str() {
                "true" => Ok((Value::bool(true), false)),
                "false" => Ok((Value::bool(false), false)),
                "nil" => Ok((Value::nil(), false)),
                name => {
                    let function = lookup(name).ok_or(Stop::Beyond)?;
                    Ok((self.call(function, Vec::new())?, false))
                }
            },
            _ => Err(Stop::Beyond),
        }
    }

    fn fields(&mut self, mut value: Value) -> Result<Value, Stop> {
        while self.peek() == Some(b'.') {
            self.at += 1;
            let name = self.word();
            if name.is_empty() {
                break;
            }
            value = match &value.data {
                Data::Map(kind, map) => match (map.get(name.as_bytes()), kind) {
                    (Some(entry), _) => entry.value,
                    (None, MapType::String) => Value::str(""),
                    (None, _) => Value::missing(),
                },
                Data::Object(object) => match object.field(&name) {
                    Some(value) => value,
                    None if object.params(&name).is_none_or(|params| !params.is_empty()) => {
                        return Err(Stop::Beyond);
                    }
                    None => object
                        .call(&name, &[], &mut self.bench.origins)
                        .and_then(Result::ok)
                        .ok_or(Stop::Beyond)?,
                },
                _ => return Err(Stop::Beyond),
            };
        }
        Ok(value)
    }

    fn call(
        &mut self,
        function: &'static Function,
        args: Vec<(Value, bool)>,
    ) -> Result<Value, Stop> {
        let fixed = function.params.len();
        let variadic = function.variadic.is_some();
        if args.len() < fixed || (args.len() > fixed && !variadic) {
            return Err(Stop::Refused);
        }
        let mut checked = Vec::new();
        for (at, (value, constant)) in args.into_iter().enumerate() {
            let param = function.params.get(at).copied().or(function.variadic);
            checked.push(fitting(value, constant, param.ok_or(Stop::Refused)?)?);
        }
        let mut call = Call {
            name: function.name,
            args: &checked,
            machine: self.bench,
        };
        (function.call)(&mut call).map_err(|failure| Stop::Failed(function.name, failure))
    }
}

fn fitting(value: Value, constant: bool, param: Param) -> Result<Value, Stop> {
    let fits = match (param, &value.data) {
        (Param::Any | Param::Reflect, Data::Missing) => return Ok(Value::nil()),
        (Param::Float, Data::Int(int, _)) if constant => {
            #[expect(clippy::cast_precision_loss, reason = "a small constant")]
            return Ok(Value::float(*int as f64));
        }
        (Param::Uint32, Data::Int(int, _)) if constant => {
            return Ok(Value::new(Data::Int(*int, IntType::Uint32)));
        }
        (Param::Any | Param::Reflect, _) | (Param::Map | Param::List, Data::Nil) => true,
        (Param::Named(name), Data::Object(object)) => object.type_name() == name,
        (Param::Str, Data::Str(_))
        | (Param::Bool, Data::Bool(_))
        | (Param::Float, Data::Float(_))
        | (Param::Map, Data::Map(MapType::Interface | MapType::Values, _)) => true,
        (Param::Int, _) => value.type_name() == "int",
        (Param::Int64, _) => value.type_name() == "int64",
        (Param::List, _) => value.type_name() == "[]interface {}",
        (Param::StrList, _) => value.type_name() == "[]string",
        _ => false,
    };
    if fits { Ok(value) } else { Err(Stop::Refused) }
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::nil(),
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => Value::float(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => Value::str(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        // Helm drops the nulls of a chart's own values.
        Json::Object(map) => Value::map(map.iter().filter(|(_, value)| !value.is_null()).map(
            |(key, value)| {
                let entry = Entry {
                    key: Prov::NONE,
                    value: from_json(value),
                };
                (key.as_bytes().into(), entry)
            },
        )),
    }
}

/// The dot of a template, with these values.
pub(super) fn dot(values: &Json) -> Value {
    let values = match from_json(values).data {
        Data::Map(_, map) => Value::new(Data::Map(MapType::Values, map)),
        data => Value::new(data),
    };
    let entry = Entry {
        key: Prov::NONE,
        value: values,
    };
    Value::map([(b"Values".as_slice().into(), entry)])
}

#[derive(Default)]
struct Tally {
    equal: usize,
    beyond: usize,
    wrong: Vec<String>,
}

fn check(line: &Json, tally: &mut Tally) {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let (template, expected) = (text("tpl"), text("out"));
    let values: Json = serde_json::from_str(text("values")).unwrap_or_default();
    let dot = dot(&values);
    let inside = template
        .strip_prefix("{{")
        .and_then(|text| text.strip_suffix("}}"))
        .filter(|text| !text.contains("{{"));
    let Some(inside) = inside else {
        tally.beyond += 1;
        return;
    };
    let mut bench = Bench::default();
    let mut reader = Reader {
        text: inside.as_bytes(),
        at: 0,
        dot: &dot,
        bench: &mut bench,
    };
    let result = reader.pipeline();
    let ok = line["ok"] == Json::Bool(true);
    let right = match result {
        Ok(value) => {
            let printed = if value.is_nil() {
                b"<no value>".to_vec()
            } else {
                show(&value, &mut bench).unwrap_or_default()
            };
            let printed = String::from_utf8_lossy(&printed).into_owned();
            if ok && printed == expected {
                Ok(())
            } else {
                Err(printed)
            }
        }
        Err(Stop::Failed(name, Failure::Message(message))) => {
            let said = format!("error calling {name}: {message}");
            if !ok && expected.contains(&format!("{said}\n")) {
                Ok(())
            } else {
                Err(said)
            }
        }
        Err(Stop::Refused) if !ok && !expected.contains("error calling include: ") => Ok(()),
        Err(Stop::Beyond) => {
            tally.beyond += 1;
            return;
        }
        Err(stop) => Err(format!("{stop:?}")),
    };
    match right {
        Ok(()) => tally.equal += 1,
        Err(got) => tally
            .wrong
            .push(format!("{template}\n  helm: {expected:?}\n  here: {got:?}")),
    }
}

#[test]
fn answers_as_helm_does() {
    let mut tally = Tally::default();
    for line in include_str!("../../../fixtures/go/functions.jsonl").lines() {
        let line: Json = serde_json::from_str(line).expect("a line of JSON");
        check(&line, &mut tally);
    }
    assert!(
        tally.wrong.is_empty(),
        "{} of {} differ ({} not read):\n{}",
        tally.wrong.len(),
        tally.equal + tally.wrong.len(),
        tally.beyond,
        tally.wrong.join("\n")
    );
    assert!(tally.equal > 500, "{} answers compared", tally.equal);
}

#[test]
fn names_stand_once_in_order_of_families() {
    let mut names: Vec<&str> = super::FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .map(|function| function.name)
        .collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn what_is_shared_over_and_over_is_read_once() {
    let mut value = Value::list(vec![Value::int(1)]);
    for _ in 0..60 {
        value = Value::list(vec![value.clone(), value]);
    }
    let mut bench = Bench::default();
    assert!(value.deep_deps(&mut bench.origins).is_none());
    let failed = show(&value, &mut bench);
    assert!(matches!(failed, Err(Failure::Budget(_))), "{failed:?}");
}

#[test]
fn strings_keep_where_each_byte_was_written() {
    use crate::source::{FileKind, Sources};

    let mut bench = Bench::default();
    let file = Sources::new().add("values.yaml", FileKind::Values, vec![0; 99]);
    let leaf = |bench: &mut Bench, at| bench.origins.leaf(Span::new(file, at, at + 1));
    let (a, b) = (leaf(&mut bench, 10), leaf(&mut bench, 20));
    let list = Value::list(vec![
        Value::with(Value::str("a").data, a),
        Value::with(Value::str("b\nb").data, b),
    ]);
    let call = |bench: &mut Bench, name, args: &[Value]| {
        let function = lookup(name).expect("a function");
        let mut call = Call {
            name: function.name,
            args,
            machine: bench,
        };
        (function.call)(&mut call).expect("a value")
    };
    let joined = call(&mut bench, "join", &[Value::str("-"), list]);
    let quoted = call(&mut bench, "quote", &[joined]);
    let padded = call(&mut bench, "indent", &[Value::int(2), quoted]);
    let text = padded.as_text().expect("a string").clone();
    assert_eq!(text.bytes(), b"  \"a-b\\nb\"");
    let starts = |bench: &mut Bench, from, to| {
        let prov = text.deps(from, to, padded.prov, &mut bench.origins);
        let spans = bench.origins.spans(prov);
        spans.iter().map(|span| span.start()).collect::<Vec<_>>()
    };
    assert_eq!(
        starts(&mut bench, 0, 4),
        [10],
        "padding, quote and first item"
    );
    assert!(starts(&mut bench, 4, 5).is_empty(), "the separator");
    assert_eq!(
        starts(&mut bench, 5, 10),
        [20],
        "second item, escape and quote"
    );
}
