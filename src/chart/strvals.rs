//! The language of `--set` and its relatives (Helm's `pkg/strvals`), read into a map.

use std::rc::Rc;

use crate::golang::numparse::{atoi, parse_int};
use crate::golang::quote::{quote, quote_rune};
use crate::source::{FileId, Origins, Span};
use crate::template::value::{Data, Entry, Map, Value};
use crate::yaml::json::read_json_prefix;

use super::convert;

/// Helm's limit for an index.
const MAX_INDEX: usize = 65_536;
/// Helm's limit for names within names.
const MAX_NESTED_NAMES: usize = 30;
/// Our limit for the items that indices of one argument make, for which Helm has none.
const MAX_ITEMS: usize = 1_000_000;
/// Our limit for indices within indices, for which Helm has none.
const MAX_NESTED_INDICES: usize = 100;

/// What a value turns into.
pub(super) enum Mode<'a> {
    /// `--set`: booleans, null and whole numbers are recognised.
    Typed,
    /// `--set-string`.
    Text,
    /// `--set-json`: `key=JSON`.
    Json,
    /// `--set-file`: the text of the file of this path.
    File(&'a mut dyn FnMut(&str, Span, &mut Origins) -> Result<Value, String>),
    /// `--set-literal`: the rest of the argument as it is.
    Literal,
}

/// What is wrong with an argument, in Helm's words, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) message: String,
    pub(super) span: Span,
}

enum Stop {
    /// The argument ended; which is no error.
    End,
    Wrong(Error),
}

/// Reads an argument, the text of `file`, into a map.
pub(super) fn parse(
    file: FileId,
    text: &str,
    into: &Rc<Map>,
    mode: Mode<'_>,
    origins: &mut Origins,
) -> Result<(), Error> {
    let mut parser = Parser {
        file,
        text,
        at: 0,
        mode,
        origins,
        indices: 0,
        items: 0,
    };
    loop {
        match parser.key(into, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Wrong(error)) => return Err(error),
        }
    }
}

struct Parser<'a, 'm> {
    file: FileId,
    text: &'a str,
    at: usize,
    mode: Mode<'m>,
    origins: &'a mut Origins,
    /// How many indices are open around the current one.
    indices: usize,
    /// How many items indices made.
    items: usize,
}

/// A piece of the argument up to a stop.
struct Piece {
    text: String,
    span: Span,
    /// The stop; `None` at the end of the argument.
    last: Option<char>,
}

impl Parser<'_, '_> {
    fn is_literal(&self) -> bool {
        matches!(self.mode, Mode::Literal)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.text.get(self.at..)?.chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn until(&mut self, stops: &[char]) -> Piece {
        let start = self.at;
        let mut text = String::new();
        let last = loop {
            match self.next() {
                None => break None,
                Some(c) if stops.contains(&c) => break Some(c),
                Some('\\') if !self.is_literal() => match self.next() {
                    None => break None,
                    Some(c) => text.push(c),
                },
                Some(c) => text.push(c),
            }
        };
        let end = self.at - last.map_or(0, char::len_utf8);
        Piece {
            text,
            span: Span::new(self.file, start, end),
            last,
        }
    }

    fn wrong<T>(&self, span: Span, message: String) -> Result<T, Stop> {
        Err(Stop::Wrong(Error { message, span }))
    }

    fn key(&mut self, data: &Rc<Map>, level: usize) -> Result<(), Stop> {
        let stops: &[char] = if self.is_literal() {
            &['=', '[', '.']
        } else {
            &['=', '[', ',', '.']
        };
        let key = self.until(stops);
        let name = quote(key.text.as_bytes());
        match key.last {
            None if key.text.is_empty() => Err(Stop::End),
            None => self.wrong(key.span, format!("key {name} has no value")),
            Some('[') => {
                let index = self.index()?;
                let list = match data.get(key.text.as_bytes()) {
                    None => Vec::new(),
                    Some(entry) => match entry.value.as_list() {
                        Some(list) => list.to_vec(),
                        None => return self.conversion(key.span, &entry.value, "[]interface {}"),
                    },
                };
                let (list, result) = self.item(list, index, level, key.span);
                self.set(data, &key, Value::list(list));
                result
            }
            Some('=') => self.assign(data, &key),
            Some(',') => {
                self.set(data, &key, Value::str(""));
                let message = format!("key {name} has no value (cannot end with ,)");
                self.wrong(key.span, message)
            }
            Some(_) => self.nested(data, &key, level + 1),
        }
    }

    /// `key.…`
    fn nested(&mut self, data: &Rc<Map>, key: &Piece, level: usize) -> Result<(), Stop> {
        if level > MAX_NESTED_NAMES {
            let message = format!(
                "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAMES}"
            );
            return self.wrong(key.span, message);
        }
        let known = data.get(key.text.as_bytes());
        let inner = match &known {
            None => Rc::new(Map::new()),
            Some(entry) => match entry.value.as_map() {
                Some(map) => Rc::clone(map),
                None => {
                    return self.conversion(key.span, &entry.value, "map[string]interface {}");
                }
            },
        };
        let result = self.key(&inner, level);
        if result.is_ok() && inner.is_empty() {
            let name = quote(key.text.as_bytes());
            return self.wrong(key.span, format!("key map {name} has no value"));
        }
        if !inner.is_empty() && known.is_none() {
            self.set(data, key, map_value(inner));
        }
        result
    }

    /// `key=…`
    fn assign(&mut self, data: &Rc<Map>, key: &Piece) -> Result<(), Stop> {
        if self.is_literal() {
            let rest = self.until(&[]);
            let value = self.text_value(&rest);
            self.set(data, key, value);
            return Ok(());
        }
        if matches!(self.mode, Mode::Json) {
            let value = self.json(key.span)?;
            self.set(data, key, value);
            return Ok(());
        }
        if self.at >= self.text.len() {
            let end = Span::new(self.file, self.at, self.at);
            let value = self.scalar(Value::str(""), end);
            self.set(data, key, value);
            return Err(Stop::End);
        }
        match self.list()? {
            Some(items) => self.set(data, key, Value::list(items)),
            None => {
                let piece = self.until(&[',']);
                let value = self.read(&piece)?;
                self.set(data, key, value);
            }
        }
        Ok(())
    }

    /// `[index]…` behind a list: the list as it is then, changed or not, and how it went.
    fn item(
        &mut self,
        list: Vec<Value>,
        index: i64,
        level: usize,
        key: Span,
    ) -> (Vec<Value>, Result<(), Stop>) {
        self.indices += 1;
        let result = if self.indices > MAX_NESTED_INDICES {
            let message = format!("indices nest deeper than {MAX_NESTED_INDICES} levels");
            let stop = self.wrong(key, message);
            (list, stop)
        } else {
            self.item_at(list, index, level, key)
        };
        self.indices -= 1;
        result
    }

    fn item_at(
        &mut self,
        mut list: Vec<Value>,
        index: i64,
        level: usize,
        key: Span,
    ) -> (Vec<Value>, Result<(), Stop>) {
        let Ok(at) = usize::try_from(index) else {
            let stop = self.wrong(key, format!("negative {index} index not allowed"));
            return (list, stop);
        };
        let piece = self.until(&['[', '.', '=']);
        if !piece.text.is_empty() {
            let runes: Vec<String> = piece
                .text
                .chars()
                .map(|c| quote_rune(u32::from(c), false, false))
                .collect();
            let message = format!(
                "unexpected data at end of array index: [{}]",
                runes.join(" ")
            );
            let stop = self.wrong(piece.span, message);
            return (list, stop);
        }
        match piece.last {
            None => (list, Err(Stop::End)),
            Some('=') => match self.item_value(key) {
                Ok(value) => {
                    let result = self.put(&mut list, at, value, key);
                    (list, result)
                }
                Err(stop) => (list, Err(stop)),
            },
            Some('[') => {
                let next = match self.index() {
                    Ok(next) => next,
                    Err(stop) => return (list, Err(stop)),
                };
                let current = match list.get(at) {
                    None => Vec::new(),
                    Some(item) if item.is_nil() => Vec::new(),
                    Some(item) => match item.as_list() {
                        Some(items) => items.to_vec(),
                        None => {
                            let stop = self.conversion(key, &item.clone(), "[]interface {}");
                            return (list, stop);
                        }
                    },
                };
                match self.item(current, next, level, key) {
                    (_, Err(stop)) => (list, Err(stop)),
                    (inner, Ok(())) => {
                        let inner = self.scalar(Value::list(inner), key);
                        let result = self.put(&mut list, at, inner, key);
                        (list, result)
                    }
                }
            }
            Some(_) => {
                let inner = match list.get(at).map(|item| item.as_map().map(Rc::clone)) {
                    Some(Some(map)) => map,
                    Some(None) => {
                        let map = Rc::new(Map::new());
                        let value = self.scalar(map_value(Rc::clone(&map)), key);
                        if let Some(slot) = list.get_mut(at) {
                            *slot = value;
                        }
                        map
                    }
                    None => Rc::new(Map::new()),
                };
                if let Err(stop) = self.key(&inner, level) {
                    return (list, Err(stop));
                }
                if list.get(at).is_some() {
                    return (list, Ok(()));
                }
                let value = self.scalar(map_value(inner), key);
                let result = self.put(&mut list, at, value, key);
                (list, result)
            }
        }
    }

    /// What stands behind `[index]=`.
    fn item_value(&mut self, key: Span) -> Result<Value, Stop> {
        if self.is_literal() {
            let rest = self.until(&[]);
            return Ok(self.text_value(&rest));
        }
        if matches!(self.mode, Mode::Json) {
            return self.json(key);
        }
        if self.at >= self.text.len() {
            let end = Span::new(self.file, self.at, self.at);
            return Ok(self.scalar(Value::str(""), end));
        }
        match self.list()? {
            Some(items) => Ok(self.scalar(Value::list(items), key)),
            None => {
                let piece = self.until(&[',']);
                self.read(&piece)
            }
        }
    }

    /// Holes that come into being hold nil.
    fn put(
        &mut self,
        list: &mut Vec<Value>,
        at: usize,
        value: Value,
        key: Span,
    ) -> Result<(), Stop> {
        if at > MAX_INDEX {
            let message =
                format!("index of {at} is greater than maximum supported index of {MAX_INDEX}");
            return self.wrong(key, message);
        }
        if list.len() <= at {
            self.items += at + 1 - list.len();
            if self.items > MAX_ITEMS {
                let message = format!("indices make more than {MAX_ITEMS} items");
                return self.wrong(key, message);
            }
            list.resize(at + 1, Value::nil());
        }
        if let Some(slot) = list.get_mut(at) {
            *slot = value;
        }
        Ok(())
    }

    /// The number of `[number]`, its bracket read already.
    fn index(&mut self) -> Result<i64, Stop> {
        let piece = self.until(&[']']);
        if piece.last.is_none() {
            // Helm takes this for the end of the argument.
            return Err(Stop::End);
        }
        atoi(&piece.text)
            .or_else(|error| self.wrong(piece.span, format!("error parsing index: {error}")))
    }

    /// `{a,b}`; `None` where no list stands.
    fn list(&mut self) -> Result<Option<Vec<Value>>, Stop> {
        if !self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with('{'))
        {
            return Ok(None);
        }
        let open = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let piece = self.until(&[',', '}']);
            match piece.last {
                None => {
                    let span = Span::new(self.file, open, self.at);
                    return self.wrong(span, "list must terminate with '}'".to_owned());
                }
                Some('}') => {
                    if self
                        .text
                        .get(self.at..)
                        .is_some_and(|rest| rest.starts_with(','))
                    {
                        self.at += 1;
                    }
                    items.push(self.read(&piece)?);
                    return Ok(Some(items));
                }
                Some(_) => items.push(self.read(&piece)?),
            }
        }
    }

    /// A JSON value; nothing at all is null.
    fn json(&mut self, key: Span) -> Result<Value, Stop> {
        if self.empty() {
            return Ok(self.scalar(Value::nil(), key));
        }
        match read_json_prefix(self.file, self.text.as_bytes(), self.at) {
            Some((plain, end)) => {
                self.at = end;
                // The comma behind it, and space.
                self.empty();
                Ok(convert::value(&plain, Some(key), self.origins))
            }
            None => {
                let span = Span::new(self.file, self.at, self.text.len());
                self.wrong(span, "this is not JSON".to_owned())
            }
        }
    }

    /// Skips space and a comma; whether that was all there is of a value.
    fn empty(&mut self) -> bool {
        loop {
            let before = self.at;
            match self.next() {
                None | Some(',') => return true,
                Some(c) if crate::golang::unicode::is_space(u32::from(c)) => {}
                Some(_) => {
                    self.at = before;
                    return false;
                }
            }
        }
    }

    /// The value that a piece of text means.
    fn read(&mut self, piece: &Piece) -> Result<Value, Stop> {
        match &mut self.mode {
            Mode::Typed => {
                let value = typed(&piece.text);
                Ok(self.scalar(value, piece.span))
            }
            Mode::File(read) => match read(&piece.text, piece.span, self.origins) {
                Ok(value) => Ok(value),
                Err(message) => self.wrong(piece.span, message),
            },
            Mode::Text | Mode::Json | Mode::Literal => Ok(self.text_value(piece)),
        }
    }

    fn text_value(&mut self, piece: &Piece) -> Value {
        self.scalar(Value::str(piece.text.as_bytes()), piece.span)
    }

    fn scalar(&mut self, value: Value, span: Span) -> Value {
        Value::with(value.data, self.origins.leaf(span))
    }

    fn set(&mut self, data: &Rc<Map>, key: &Piece, mut value: Value) {
        if key.text.is_empty() {
            return;
        }
        let span = self.origins.leaf(key.span);
        if value.prov.is_none() {
            value.prov = span;
        }
        data.set(key.text.as_bytes(), Entry { key: span, value });
    }

    fn conversion<T>(&self, span: Span, value: &Value, wanted: &str) -> Result<T, Stop> {
        let got = match value.data {
            Data::Nil | Data::Missing => "nil",
            _ => value.type_name(),
        };
        let message = format!(
            "unable to parse key: interface conversion: interface {{}} is {got}, not {wanted}"
        );
        self.wrong(span, message)
    }
}

fn map_value(map: Rc<Map>) -> Value {
    Value::new(Data::Map(crate::template::value::MapType::Interface, map))
}

fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::nil();
    }
    if text == "0" {
        return Value::int64(0);
    }
    if !text.starts_with('0')
        && let Ok(number) = parse_int(text, 10, 64)
    {
        return Value::int64(number);
    }
    Value::str(text)
}
