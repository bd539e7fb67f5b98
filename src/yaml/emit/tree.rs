//! Collections in block style, and the scalars in them.

use std::borrow::Cow;

use crate::golang::encoding::BASE64;
use crate::golang::float::append_float;

use super::super::document::ScalarStyle;
use super::scalar::{self, Allowed};
use super::writer::Writer;
use super::{Dialect, Item, Sink, Tree, normal, order};

/// Collections nest no deeper.
const MAX_DEPTH: usize = 500;

/// Where yaml.v2 folds lines.
const WIDTH: usize = 80;

/// The longest key that stands before a `:` on one line, in bytes.
const SIMPLE_KEY: usize = 128;

/// What a node stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Root,
    Sequence,
    Mapping,
}

/// A scalar, ready to be written.
struct Scalar<'a> {
    text: Cow<'a, str>,
    /// It is not a string, and so always plain.
    plain: bool,
    /// What is not UTF-8 is written as base64 by yaml.v3.
    binary: bool,
}

pub(super) fn write(item: &Item<'_>, sink: &mut Sink, dialect: Dialect) -> Result<(), String> {
    let width = match dialect {
        Dialect::V2 => WIDTH,
        Dialect::V3 => usize::MAX,
    };
    let mut emitter = Emitter {
        out: Writer::new(sink, width),
        dialect,
    };
    emitter.node(item, -1, Within::Root, 0)
}

struct Emitter<'s> {
    out: Writer<'s>,
    dialect: Dialect,
}

impl Emitter<'_> {
    fn node(
        &mut self,
        item: &Item<'_>,
        indent: isize,
        within: Within,
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("yaml: exceeded max depth".to_owned());
        }
        let fixed = |text: Cow<'static, str>| Scalar {
            text,
            plain: true,
            binary: false,
        };
        let scalar = match &item.tree {
            Tree::Null => fixed("null".into()),
            Tree::Bool(value) => fixed(if *value { "true" } else { "false" }.into()),
            Tree::Int(value) => fixed(value.to_string().into()),
            Tree::Uint(value) => fixed(value.to_string().into()),
            Tree::Float(value) => fixed(self.float(*value)?.into()),
            Tree::Str(bytes) => self.string(bytes, false)?,
            Tree::List(items) if items.is_empty() => {
                self.empty(b"[]", item.mark);
                return Ok(());
            }
            Tree::List(items) => return self.sequence(items, item.mark, indent, within, depth),
            Tree::Bare(bytes) => fixed(String::from_utf8_lossy(bytes).into_owned().into()),
            Tree::Map(entries) | Tree::Struct(entries) if entries.is_empty() => {
                self.empty(b"{}", item.mark);
                return Ok(());
            }
            Tree::Map(entries) | Tree::Struct(entries) => {
                let mut keys = Vec::with_capacity(entries.len());
                for (key, mark, value) in entries {
                    keys.push((self.string(key, true)?, *mark, value));
                }
                let mark = match &item.tree {
                    Tree::Map(_) => item.mark,
                    _ => 0,
                };
                let sorted = match (&item.tree, self.dialect) {
                    (Tree::Struct(_), Dialect::V3) => keys,
                    (_, dialect) => {
                        order::sort(keys, &|a, b| order::less(&a.0.text, &b.0.text, dialect))
                    }
                };
                return self.mapping(sorted, mark, indent, depth);
            }
        };
        let allowed = scalar::analyze(&scalar.text, self.dialect);
        self.scalar(&scalar, allowed, item.mark, indent, false);
        Ok(())
    }

    fn float(&self, value: f64) -> Result<String, String> {
        match self.dialect {
            Dialect::V2 => normal::float(value)
                .map_err(|message| format!("error marshaling into JSON: {message}")),
            Dialect::V3 if value.is_nan() => Ok(".nan".to_owned()),
            Dialect::V3 if value.is_infinite() => {
                Ok(if value > 0.0 { ".inf" } else { "-.inf" }.to_owned())
            }
            Dialect::V3 => Ok(append_float(value, b'g', -1, 64)),
        }
    }

    fn string<'b>(&self, bytes: &'b [u8], is_key: bool) -> Result<Scalar<'b>, &'static str> {
        let mut binary = false;
        let text = match self.dialect {
            Dialect::V2 if is_key => normal::key(bytes)?,
            Dialect::V2 => normal::string(bytes)?,
            Dialect::V3 => str::from_utf8(bytes).map_or_else(
                |_| {
                    binary = true;
                    Cow::Owned(base64(bytes))
                },
                Cow::Borrowed,
            ),
        };
        Ok(Scalar {
            text,
            plain: false,
            binary,
        })
    }

    fn scalar(
        &mut self,
        scalar: &Scalar<'_>,
        allowed: Allowed,
        mark: u32,
        indent: isize,
        is_simple_key: bool,
    ) {
        let text = &*scalar.text;
        let style = if scalar.plain {
            scalar::select(ScalarStyle::Plain, text, allowed, is_simple_key)
        } else {
            scalar::style(text, allowed, is_simple_key, scalar.binary)
        };
        self.space();
        self.out.mark = mark;
        if scalar.binary {
            self.out.indicator(b"!!binary", true, false, false);
        }
        let indent = if indent < 0 { 2 } else { indent + 2 };
        scalar::write(&mut self.out, text, style, indent, !is_simple_key);
        self.out.mark = 0;
    }

    /// The space in front of a value, which is no part of it.
    fn space(&mut self) {
        if !self.out.whitespace {
            self.out.put_ascii(b" ");
            self.out.whitespace = true;
        }
    }

    fn empty(&mut self, brackets: &[u8], mark: u32) {
        self.space();
        self.out.mark = mark;
        self.out.indicator(brackets, false, false, false);
        self.out.mark = 0;
    }

    fn sequence(
        &mut self,
        items: &[Item<'_>],
        mark: u32,
        indent: isize,
        within: Within,
        depth: usize,
    ) -> Result<(), String> {
        let flush = self.dialect == Dialect::V2 && within == Within::Mapping && !self.out.indention;
        let indent = match indent {
            ..0 => 0,
            indent if flush => indent,
            indent => indent + 2,
        };
        for item in items {
            self.out.indent(indent);
            self.out.mark = mark;
            self.out.indicator(b"-", true, false, true);
            self.out.mark = 0;
            self.node(item, indent, Within::Sequence, depth + 1)?;
        }
        Ok(())
    }

    fn mapping(
        &mut self,
        entries: Vec<(Scalar<'_>, u32, &Item<'_>)>,
        own: u32,
        indent: isize,
        depth: usize,
    ) -> Result<(), String> {
        let indent = if indent < 0 { 0 } else { indent + 2 };
        let dialect = self.dialect;
        for (at, (key, mark, value)) in entries.into_iter().enumerate() {
            self.out.indent(indent);
            if at == 0 {
                // What decided which keys there are has no byte of its own.
                self.out.mark = own;
                self.out.put(b"");
                self.out.mark = 0;
            }
            let allowed = scalar::analyze(&key.text, dialect);
            let tag = if key.binary { "!!binary".len() } else { 0 };
            if !allowed.multiline && key.text.len() + tag <= SIMPLE_KEY {
                self.scalar(&key, allowed, mark, indent, true);
                self.out.indicator(b":", false, false, false);
            } else {
                self.out.indicator(b"?", true, false, true);
                self.scalar(&key, allowed, mark, indent, false);
                self.out.indent(indent);
                self.out.indicator(b":", true, false, true);
            }
            self.node(value, indent, Within::Mapping, depth + 1)?;
        }
        Ok(())
    }
}

/// Standard base64 in lines of 70 characters, as yaml.v3 has it.
fn base64(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let letters = String::from_utf8_lossy(&BASE64.encode(bytes)).into_owned();
    if letters.len() <= LINE {
        return letters;
    }
    let lines = letters.as_bytes().chunks(LINE);
    let line = |line: &[u8]| format!("{}\n", String::from_utf8_lossy(line));
    lines.map(line).collect()
}
