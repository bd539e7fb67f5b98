//! Collections in block style, and the scalars in them.

use std::borrow::Cow;

use super::super::document::ScalarStyle;
use super::super::number;
use super::scalar::{self, Allowed};
use super::writer::{Origin, Writer};
use super::{DEPTH, Dialect, EmitError, Sink, Source, View, normal, order};

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
    /// `Some` for a value that is not a string: it is always plain.
    plain: bool,
    /// What is not UTF-8 is written as base64 by yaml.v3.
    binary: bool,
    /// The length of the string where it was changed.
    whole: Option<usize>,
}

pub(super) fn write<S: Source, K: Sink<S::Mark>>(
    value: &S,
    sink: &mut K,
    dialect: Dialect,
) -> Result<(), EmitError<S::Mark>> {
    let width = match dialect {
        Dialect::V2 => WIDTH,
        Dialect::V3 => usize::MAX,
    };
    let mut tree = Tree {
        out: Writer::new(sink, width),
        dialect,
    };
    tree.node(value, -1, Within::Root, 0)?;
    tree.out.indent(0, 0);
    tree.out.finish();
    Ok(())
}

struct Tree<'s, M: Copy, K: Sink<M>> {
    out: Writer<'s, M, K>,
    dialect: Dialect,
}

impl<M: Copy, K: Sink<M>> Tree<'_, M, K> {
    fn node<S: Source<Mark = M>>(
        &mut self,
        value: &S,
        indent: isize,
        within: Within,
        depth: usize,
    ) -> Result<(), EmitError<M>> {
        let mark = value.mark();
        let error = |message: String, limit| EmitError {
            message,
            mark,
            limit,
        };
        if depth > DEPTH {
            return Err(error("nested too deeply".to_owned(), true));
        }
        let fixed = |text: String| Scalar {
            text: Cow::Owned(text),
            plain: true,
            binary: false,
            whole: None,
        };
        let scalar = match value.view() {
            View::Null => fixed("null".to_owned()),
            View::Bool(value) => fixed(value.to_string()),
            View::Int(value) => fixed(value.to_string()),
            View::Uint(value) => fixed(value.to_string()),
            View::Float(value) => match self.dialect {
                Dialect::V2 => fixed(normal::float(value).map_err(|message| {
                    error(format!("error marshaling into JSON: {message}"), false)
                })?),
                Dialect::V3 => fixed(match number::format_float(value).as_str() {
                    "+Inf" => ".inf".to_owned(),
                    "-Inf" => "-.inf".to_owned(),
                    "NaN" => ".nan".to_owned(),
                    text => text.to_owned(),
                }),
            },
            View::Str(bytes) => self
                .string(bytes, false)
                .map_err(|message| error(message.to_owned(), false))?,
            View::List(items) => return self.sequence(&items, indent, within, depth),
            View::Map(entries) => {
                let mut keys = Vec::new();
                for entry in &entries {
                    let key = self.string(entry.key.as_ref(), true);
                    let key = key.map_err(|message| EmitError {
                        message: message.to_owned(),
                        mark: entry.mark,
                        limit: false,
                    })?;
                    keys.push((key, entry.mark, &entry.value));
                }
                return self.mapping(keys, indent, depth);
            }
        };
        self.scalar(&scalar, mark, indent, false);
        Ok(())
    }

    fn string<'b>(&self, bytes: &'b [u8], is_key: bool) -> Result<Scalar<'b>, &'static str> {
        let text = match (self.dialect, str::from_utf8(bytes)) {
            (Dialect::V3, Ok(text)) => Cow::Borrowed(text),
            (Dialect::V3, Err(_)) => {
                return Ok(Scalar {
                    text: Cow::Owned(base64(bytes)),
                    plain: false,
                    binary: true,
                    whole: Some(bytes.len()),
                });
            }
            (Dialect::V2, _) if is_key => normal::key(bytes)?,
            (Dialect::V2, _) => normal::string(bytes)?,
        };
        let whole = match &text {
            Cow::Borrowed(_) => None,
            Cow::Owned(_) => Some(bytes.len()),
        };
        Ok(Scalar {
            text,
            plain: false,
            binary: false,
            whole,
        })
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, mark: M, indent: isize, is_simple_key: bool) {
        let text = &*scalar.text;
        let allowed = scalar::analyze(text, self.dialect);
        let style = match scalar.plain {
            true => scalar::select(ScalarStyle::Plain, text, allowed, is_simple_key),
            false => scalar::style(text, allowed, is_simple_key, scalar.binary, self.dialect),
        };
        self.space();
        self.out.set_origin(Some(Origin {
            mark,
            whole: scalar.whole,
        }));
        if scalar.binary {
            self.out.indicator(b"!!binary", true, false, false, 0);
        }
        let indent = if indent < 0 { 2 } else { indent + 2 };
        scalar::write(&mut self.out, text, style, indent, !is_simple_key);
        self.out.set_origin(None);
    }

    /// The space in front of a scalar, so that it does not count as part of it.
    fn space(&mut self) {
        if !self.out.whitespace {
            self.out.add(b" ", 0);
            self.out.whitespace = true;
        }
    }

    fn sequence<S: Source<Mark = M>>(
        &mut self,
        items: &[S],
        indent: isize,
        within: Within,
        depth: usize,
    ) -> Result<(), EmitError<M>> {
        if items.is_empty() {
            self.out.indicator(b"[", true, true, false, 0);
            self.out.indicator(b"]", false, false, false, 0);
            return Ok(());
        }
        let flush = self.dialect == Dialect::V2 && within == Within::Mapping && !self.out.indention;
        let indent = match indent {
            ..0 => 0,
            indent if flush => indent,
            indent => indent + 2,
        };
        for item in items {
            self.out.indent(indent, 0);
            self.out.indicator(b"-", true, false, true, 0);
            self.node(item, indent, Within::Sequence, depth + 1)?;
        }
        Ok(())
    }

    fn mapping<S: Source<Mark = M>>(
        &mut self,
        entries: Vec<(Scalar<'_>, M, &S)>,
        indent: isize,
        depth: usize,
    ) -> Result<(), EmitError<M>> {
        if entries.is_empty() {
            self.out.indicator(b"{", true, true, false, 0);
            self.out.indicator(b"}", false, false, false, 0);
            return Ok(());
        }
        let indent = if indent < 0 { 0 } else { indent + 2 };
        let dialect = self.dialect;
        let entries = order::sort(entries, &|a, b| order::less(&a.0.text, &b.0.text, dialect));
        for (key, mark, value) in entries {
            self.out.indent(indent, 0);
            let Allowed { multiline, .. } = scalar::analyze(&key.text, dialect);
            let tag = if key.binary { "!!binary".len() } else { 0 };
            if !multiline && key.text.len() + tag <= SIMPLE_KEY {
                self.scalar(&key, mark, indent, true);
                self.out.indicator(b":", false, false, false, 0);
            } else {
                self.out.indicator(b"?", true, false, true, 0);
                self.scalar(&key, mark, indent, false);
                self.out.indent(indent, 0);
                self.out.indicator(b":", true, false, true, 0);
            }
            self.node(value, indent, Within::Mapping, depth + 1)?;
        }
        Ok(())
    }
}

/// Standard base64 in lines of 70 characters, as yaml.v3 has it.
fn base64(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    let mut length = 0;
    let lines = bytes.len().div_ceil(3) * 4 > LINE;
    let mut push = |c: char| {
        out.push(c);
        length += 1;
        if lines && length % LINE == 0 {
            out.push('\n');
        }
    };
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            if at > chunk.len() {
                push('=');
            } else {
                let digit = (group >> (18 - 6 * at)) & 63;
                push(char::from(DIGITS[digit as usize]));
            }
        }
    }
    if lines && length % LINE != 0 {
        out.push('\n');
    }
    out
}
