//! Against Go's own `fmt` and template functions, recorded with Go 1.27.2.

use serde_json::Value as Json;

use super::super::error::Failure;
use super::super::funcs::{self, Call, Machine, print::print_value};
use super::super::value::{Data, ElemType, Entry, IntType, Key, Map, MapType, Value};
use super::{Out, sprint, sprintf, sprintln};
use crate::golang::regexp::Cache;
use crate::source::{ContextId, FileKind, Origin, Origins, Prov, Sources, Span, Text};

/// An evaluator that has nothing but origins and a budget.
#[derive(Default)]
struct Bench {
    origins: Origins,
    regexps: Cache,
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
    fn spend(&mut self, _: u64) -> Result<(), Failure> {
        Ok(())
    }
    fn fits(&self, bytes: usize) -> Result<(), Failure> {
        match bytes > 16 << 20 {
            true => Err(Failure::Budget("bytes")),
            false => Ok(()),
        }
    }
    fn include(&mut self, _: &[u8], data: Value) -> Result<Value, Failure> {
        Ok(data)
    }
    fn tpl(&mut self, _: &Value, data: Value) -> Result<Value, Failure> {
        Ok(data)
    }
    fn regexps(&mut self) -> &mut Cache {
        &mut self.regexps
    }
    fn now(&self) -> i64 {
        0
    }
}

/// A string of the fixture: text, or bytes in hexadecimal.
fn bytes(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.clone().into_bytes(),
        other => {
            let hex = other["hex"].as_str().unwrap_or_default();
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (0..hex.len()).step_by(2).map(byte).collect()
        }
    }
}

/// A value of the fixture: its Go type, then what it is.
fn value(json: &Json) -> Value {
    let kind = json[0].as_str().unwrap();
    let list = |elem| {
        let items = json.as_array().unwrap().iter().skip(1).map(value);
        Value::list_of(elem, items.collect())
    };
    let map = |kind| {
        let entries = json[1].as_object().unwrap().iter().map(|(key, json)| {
            let entry = Entry {
                key: Prov::NONE,
                value: value(json),
            };
            (Key::from(key.as_bytes()), entry)
        });
        match Value::map(entries).data {
            Data::Map(_, map) => Value::new(Data::Map(kind, map)),
            other => Value::new(other),
        }
    };
    let float = |at: usize| {
        let bits = u64::from_str_radix(json[at].as_str().unwrap(), 16);
        f64::from_bits(bits.unwrap())
    };
    let int = |kind| {
        let number: i128 = json[1].as_str().unwrap().parse().unwrap();
        Value::new(Data::Int(number as i64, kind))
    };
    match kind {
        "nil" => Value::nil(),
        "bool" => Value::bool(json[1].as_bool().unwrap()),
        "int" => int(IntType::Int),
        "int8" => int(IntType::Int8),
        "int64" => int(IntType::Int64),
        "uint8" => int(IntType::Uint8),
        "uint64" => int(IntType::Uint64),
        "float64" => Value::float(float(1)),
        "complex128" => Value::new(Data::Complex(float(1), float(2))),
        "string" => Value::str(bytes(&json[1])),
        "[]uint8" => Value::new(Data::Bytes(std::rc::Rc::new(Text::plain(bytes(&json[1]))))),
        "[]interface {}" => list(ElemType::Interface),
        "[]string" => list(ElemType::String),
        "[]int" => list(ElemType::Int),
        "[]map[string]interface {}" => list(ElemType::Map),
        "map[string]interface {}" => map(MapType::Interface),
        "common.Values" => map(MapType::Values),
        "map[string]string" => map(MapType::String),
        other => panic!("{other}"),
    }
}

fn called(name: &str, args: &[Value], machine: &mut Bench) -> Result<Value, String> {
    let function = funcs::lookup(name).unwrap();
    let result = (function.call)(&mut Call {
        name: function.name,
        args,
        machine,
    });
    result.map_err(|failure| match failure {
        Failure::Message(message) => message,
        other => format!("{other:?}"),
    })
}

/// What we answer to a line of the fixture, and what Go does.
fn answers(json: &Json) -> (String, String) {
    let shown = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
    let mut machine = Bench::default();
    let args: Vec<Value> = json["args"].as_array().unwrap().iter().map(value).collect();
    let Some(name) = json["call"].as_str() else {
        let out = match (&json["printf"], json["println"].is_null()) {
            (Json::Null, true) => sprint(&args, &mut machine),
            (Json::Null, false) => sprintln(&args, &mut machine),
            (format, _) => sprintf(&bytes(format), &args, &mut machine),
        };
        let got = out.map(Out::into_bytes).unwrap();
        return (shown(&got), shown(&bytes(&json["out"])));
    };
    let got = match called(name, &args, &mut machine) {
        Ok(value) => {
            // A pipeline loses what is nil.
            let text = print_value(&value, &mut machine).unwrap();
            format!("{} {}", value.type_name(), shown(text.bytes()))
        }
        Err(message) => format!("error {:?}", message),
    };
    let want = match json.get("error") {
        Some(error) => format!("error {:?}", String::from_utf8_lossy(&bytes(error))),
        None => format!(
            "{} {}",
            json["type"].as_str().unwrap(),
            shown(&bytes(&json["out"]))
        ),
    };
    (got, want)
}

#[test]
fn answers_as_go() {
    let fixture = include_str!("../../../fixtures/go/fmt.jsonl");
    let mut wrong = Vec::new();
    for line in fixture.lines() {
        let json: Json = serde_json::from_str(line).unwrap();
        let (got, want) = answers(&json);
        if got != want {
            wrong.push(format!("{line}\n  ours {got}\n  Go   {want}"));
        }
    }
    let (count, all) = (wrong.len(), fixture.lines().count());
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{count} of {all}:\n{}", wrong.join("\n"));
}

/// Where values and formats of the tests below stand: byte `n` of it is span `n..n+1`.
struct Written {
    machine: Bench,
    sources: Sources,
    values: Vec<(String, Span)>,
}

impl Written {
    fn new() -> Self {
        Self {
            machine: Bench::default(),
            sources: Sources::new(),
            values: Vec::new(),
        }
    }

    fn span(&mut self, name: &str, text: &str) -> Span {
        let file = self
            .sources
            .add(name, FileKind::Values, text.as_bytes().to_vec());
        let span = Span::new(file, 0, text.len());
        self.values.push((name.to_owned(), span));
        span
    }

    /// A value that stands in a values file of its own.
    fn value(&mut self, name: &str, data: Data) -> Value {
        let span = self.span(name, name);
        let prov = self.machine.origins.leaf(span);
        Value::with(data, prov)
    }

    /// A string that was copied from a template.
    fn literal(&mut self, name: &str, text: &str) -> Value {
        let span = self.span(name, text);
        let origin = self.machine.origins.add(Origin {
            at: Some(span),
            exact: true,
            data: Prov::NONE,
            context: ContextId::default(),
        });
        let mut copied = Text::new();
        copied.push(text.as_bytes(), origin, 0);
        Value::text(copied)
    }

    fn named(&self, span: Span) -> String {
        let found = self.values.iter().find(|(_, known)| known.contains(span));
        let (name, known) = found.unwrap();
        match known.len() == span.len() {
            true => name.clone(),
            false => format!("{name}[{}..{}]", span.start(), span.end()),
        }
    }

    /// The segments in words: the bytes, then the template text copied or the values printed.
    fn segments(&self, text: &Text) -> Vec<(String, String)> {
        let origins = &self.machine.origins;
        let describe = |run: crate::source::Run| {
            let bytes = String::from_utf8_lossy(&text.bytes()[run.start..run.end]).into_owned();
            let origin = origins.origin(run.origin);
            let from = match (origin.exact, origin.at) {
                (true, Some(at)) => {
                    let copied = at.slice(run.skip, run.skip + run.end - run.start);
                    format!("copy of {}", self.named(copied))
                }
                _ => {
                    let spans = origins.spans(origin.data);
                    let names: Vec<_> = spans.iter().map(|span| self.named(*span)).collect();
                    names.join("+")
                }
            };
            (bytes, from)
        };
        text.runs(0, text.len()).map(describe).collect()
    }

    #[track_caller]
    fn case(&mut self, name: &str, args: &[Value], want: &[(&str, &str)]) -> Value {
        let value = called(name, args, &mut self.machine).unwrap();
        let got = self.segments(value.as_text().unwrap());
        let got: Vec<_> = got.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(got, want);
        value
    }
}

fn text(of: &str) -> Data {
    Value::str(of).data
}

#[test]
fn printf_keeps_origins() {
    let mut written = Written::new();
    let format = written.literal("format", "%s-%5s/%d%%");
    let a = written.value("a", text("x"));
    let b = written.literal("b", "yz");
    let n = written.value("n", Data::Int(7, IntType::Int));
    let case = [
        ("x", "a"),
        ("-", "copy of format[2..3]"),
        ("   ", ""),
        ("yz", "copy of b"),
        ("/", "copy of format[6..7]"),
        ("7", "n"),
        ("%", "copy of format[9..10]"),
    ];
    // The padding belongs to an argument whose bytes are all copied: its set is that of the copy.
    let padding = [&case[..2], &[("   ", "b")], &case[3..]].concat();
    written.case("printf", &[format, a, b, n], &padding);
}

#[test]
fn printf_tells_derived_bytes_from_copied_ones() {
    let mut written = Written::new();
    let a = written.value("a", text("x"));
    let w = written.value("w", Data::Int(3, IntType::Int));
    let list = {
        let item = written.value("item", text("i"));
        let prov = written.machine.origins.leaf(written.values[0].1);
        Value::with(Value::list(vec![item]).data, prov)
    };
    let format = written.literal("f", "%q");
    written.case("printf", &[format, a.clone()], &[("\"x\"", "a")]);
    let format = written.literal("g", "%v");
    written.case("printf", &[format, list], &[("[i]", "a+item")]);
    let format = written.literal("h", "%*s");
    let value = written.case("printf", &[format, w, a], &[("  ", "a"), ("x", "a")]);
    let decided = written.machine.origins.spans(value.prov);
    assert_eq!(decided.len(), 1);
    assert_eq!(written.named(decided[0]), "w");
}

#[test]
fn printf_blames_its_format() {
    let mut written = Written::new();
    let format = written.literal("f", "a%d%!");
    written.case(
        "printf",
        &[format],
        &[("a", "copy of f[0..1]"), ("%!d(MISSING)%!!(MISSING)", "f")],
    );
}

#[test]
fn print_keeps_origins() {
    let mut written = Written::new();
    let a = written.value("a", text("x"));
    let b = written.value("b", Data::Bool(true));
    let c = written.value("c", Data::Float(1e6));
    written.case(
        "print",
        &[a.clone(), b.clone(), c.clone()],
        &[("x", "a"), ("true", "b"), (" 1e+06", "c")],
    );
    written.case(
        "println",
        &[b, a],
        &[("true", "b"), (" ", "a"), ("x", "a"), ("\n", "")],
    );
    let empty = written.value("e", text(""));
    written.case("print", std::slice::from_ref(&empty), &[("", "e")]);
    let printed = print_value(&empty, &mut written.machine).unwrap();
    assert_eq!(
        written.segments(&printed),
        [(String::new(), "e".to_owned())]
    );
}

#[test]
fn index_gives_the_element_and_what_chose_it() {
    let mut written = Written::new();
    let item = written.value("item", text("i"));
    let list = Value::list(vec![item]);
    let at = written.value("at", Data::Int(0, IntType::Int));
    let found = called("index", &[list, at], &mut written.machine).unwrap();
    let spans = written.machine.origins.spans(found.prov);
    let names: Vec<_> = spans.iter().map(|span| written.named(*span)).collect();
    assert_eq!(names, ["item", "at"]);
}

#[test]
fn no_value_is_told_from_nil() {
    let mut machine = Bench::default();
    let len = |value, machine: &mut Bench| called("len", &[value], machine).unwrap_err();
    assert_eq!(len(Value::nil(), &mut machine), "len of nil pointer");
    assert_eq!(
        len(Value::missing(), &mut machine),
        "reflect: call of reflect.Value.Type on zero Value"
    );
}

#[test]
fn budgets_hold() {
    let mut machine = Bench::default();
    let wide = "%1000000d".repeat(100);
    let args = vec![Value::int(1); 100];
    let result = sprintf(wide.as_bytes(), &args, &mut machine);
    assert!(matches!(result, Err(Failure::Budget(_))));
    let mut deep = Value::list(Vec::new());
    for _ in 0..10_000 {
        deep = Value::list(vec![deep]);
    }
    let result = sprint(std::slice::from_ref(&deep), &mut machine);
    assert!(matches!(result, Err(Failure::Budget(_))));
    // Its own destructor would recurse as deep as the list nests.
    std::mem::forget(deep);
}
