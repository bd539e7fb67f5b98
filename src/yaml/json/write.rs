//! JSON as Go's encoding/json writes it, with marks.

use crate::golang::{float, unicode};

use super::super::emit::{Item, Sink, Tree};

/// Values nest no deeper (Go allows 10,000).
const MAX_DEPTH: usize = 500;

/// How JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// `<`, `>`, `&`, U+2028 and U+2029 as escapes.
    pub escape_html: bool,
    /// One entry a line, indented by two spaces.
    pub pretty: bool,
}

/// Writes `item` as encoding/json does.
///
/// # Errors
/// Infinities, and values that nest too deep.
pub fn to_json(item: &Item<'_>, style: Style, sink: &mut Sink) -> Result<(), String> {
    write(item, style, sink, 0)
}

/// Go's complaint about a number that JSON has no form for.
pub(in super::super) fn unsupported(value: f64) -> String {
    let text = float::append_float(value, b'g', -1, 64);
    format!("json: unsupported value: {text}")
}

fn line(style: Style, sink: &mut Sink, depth: usize) {
    if style.pretty {
        sink.put(b"\n", 0);
        for _ in 0..depth {
            sink.put(b"  ", 0);
        }
    }
}

fn write(item: &Item<'_>, style: Style, sink: &mut Sink, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("json: unsupported value: encountered a cycle".to_owned());
    }
    match &item.tree {
        Tree::Null => sink.put(b"null", item.mark),
        Tree::Bool(value) => sink.put(if *value { b"true" } else { b"false" }, item.mark),
        Tree::Int(value) => sink.put(value.to_string().as_bytes(), item.mark),
        Tree::Uint(value) => sink.put(value.to_string().as_bytes(), item.mark),
        Tree::Float(value) => {
            let text = float::json_float(*value).ok_or_else(|| unsupported(*value))?;
            sink.put(text.as_bytes(), item.mark);
        }
        Tree::Str(text) | Tree::Bare(text) => {
            sink.put_by(item.mark, |out| append_quoted(text, style, out));
        }
        Tree::List(items) if items.is_empty() => sink.put(b"[]", item.mark),
        Tree::List(items) => {
            for (at, inner) in items.iter().enumerate() {
                sink.put(if at == 0 { b"[" } else { b"," }, item.mark);
                line(style, sink, depth + 1);
                write(inner, style, sink, depth + 1)?;
            }
            line(style, sink, depth);
            sink.put(b"]", item.mark);
        }
        Tree::Map(entries) | Tree::Struct(entries) if entries.is_empty() => {
            sink.put(b"{}", item.mark);
        }
        Tree::Map(entries) | Tree::Struct(entries) => {
            let mut order: Vec<_> = entries.iter().collect();
            if matches!(item.tree, Tree::Map(_)) {
                // What decided which keys there are has no byte of its own.
                sink.put(b"", item.mark);
                order.sort_by(|a, b| a.0.cmp(&b.0));
            }
            for (at, (key, mark, inner)) in order.into_iter().enumerate() {
                sink.put(if at == 0 { b"{" } else { b"," }, 0);
                line(style, sink, depth + 1);
                sink.put_by(*mark, |out| append_quoted(key, style, out));
                sink.put(if style.pretty { b": " } else { b":" }, 0);
                write(inner, style, sink, depth + 1)?;
            }
            line(style, sink, depth);
            sink.put(b"}", 0);
        }
    }
    Ok(())
}

/// Where so many bytes stand for themselves, more are looked at in blocks,
const LONG: usize = 32;
/// which have no more than these.
const BLOCK: usize = 256;

pub(in super::super) fn quoted(text: &[u8], style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    append_quoted(text, style, &mut out);
    out
}

/// How many bytes stand for themselves before the first that may not.
fn plain(text: &[u8], escape_html: bool) -> usize {
    let is_plain = |byte: &u8| match byte {
        b'"' | b'\\' => false,
        b'<' | b'>' | b'&' => !escape_html,
        b' '..=b'~' => true,
        _ => false,
    };
    let mut at = text
        .iter()
        .take(LONG)
        .take_while(|byte| is_plain(byte))
        .count();
    while at >= LONG && at < text.len() {
        let end = text.len().min(at + BLOCK);
        let block = text.get(at..end).unwrap_or_default();
        // Every byte is asked, and blocks differ in length: then many are asked at once.
        if !block.iter().fold(true, |all, byte| all & is_plain(byte)) {
            return at + block.iter().take_while(|byte| is_plain(byte)).count();
        }
        at = end;
    }
    at
}

fn append_quoted(text: &[u8], style: Style, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(plain(rest, style.escape_html));
        out.extend_from_slice(plain);
        let Some((_, rune, width)) = unicode::runes(behind).next() else {
            break;
        };
        let (written, behind) = behind.split_at(width.min(behind.len()));
        rest = behind;
        let escape = match rune {
            0x22 => "\\\"",
            0x5c => "\\\\",
            0x08 => "\\b",
            0x0c => "\\f",
            0x0a => "\\n",
            0x0d => "\\r",
            0x09 => "\\t",
            // As Go 1.27 writes it; before, it was an escape.
            0xfffd if width == 1 => "\u{fffd}",
            _ => {
                let is_html = matches!(rune, 0x3c | 0x3e | 0x26) && style.escape_html;
                if rune < 0x20 || is_html || matches!(rune, 0x2028 | 0x2029) {
                    out.extend_from_slice(format!("\\u{rune:04x}").as_bytes());
                } else {
                    out.extend_from_slice(written);
                }
                continue;
            }
        };
        out.extend_from_slice(escape.as_bytes());
    }
    out.push(b'"');
}
