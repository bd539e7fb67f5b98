//! `encoding/json`: `toJson`, `toRawJson`, `toPrettyJson`.

use std::ops::Range;

use super::super::number;
use super::{DEPTH, EmitError, Sink, Source, View};

/// The three forms of JSON that templates can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonStyle {
    /// `toJson`: `<`, `>` and `&` escaped.
    Compact,
    /// `toRawJson`: not escaped.
    Raw,
    /// `toPrettyJson`: escaped, indented by two spaces.
    Pretty,
}

/// Writes JSON as `encoding/json` does: keys in byte order, bytes that are no UTF-8 as U+FFFD.
///
/// # Errors
/// For infinities and NaN: `json: unsupported value: NaN`.
pub fn to_json<S: Source>(
    value: &S,
    style: JsonStyle,
    sink: &mut impl Sink<S::Mark>,
) -> Result<(), EmitError<S::Mark>> {
    Json { sink, style }.value(value, 0)
}

/// Go's complaint about a number.
pub(super) fn unsupported(value: f64) -> String {
    format!("json: unsupported value: {}", number::format_float(value))
}

struct Json<'s, K> {
    sink: &'s mut K,
    style: JsonStyle,
}

impl<K> Json<'_, K> {
    fn value<S: Source>(&mut self, value: &S, depth: usize) -> Result<(), EmitError<S::Mark>>
    where
        K: Sink<S::Mark>,
    {
        let mark = value.mark();
        if depth > DEPTH {
            return Err(EmitError {
                message: "nested too deeply".to_owned(),
                mark,
                limit: true,
            });
        }
        let text = match value.view() {
            View::Null => "null".to_owned(),
            View::Bool(value) => value.to_string(),
            View::Int(value) => value.to_string(),
            View::Uint(value) => value.to_string(),
            View::Float(value) if value.is_finite() => number::format_json(value),
            View::Float(value) => {
                return Err(EmitError {
                    message: unsupported(value),
                    mark,
                    limit: false,
                });
            }
            View::Str(bytes) => {
                self.string(bytes, mark);
                return Ok(());
            }
            View::List(items) => {
                self.open::<S>(b"[", items.is_empty(), depth);
                for (at, item) in items.iter().enumerate() {
                    self.separate::<S>(at, depth);
                    self.value(item, depth + 1)?;
                }
                self.close::<S>(b"]", items.is_empty(), depth);
                return Ok(());
            }
            View::Map(mut entries) => {
                entries.sort_by(|a, b| a.key.as_ref().cmp(b.key.as_ref()));
                self.open::<S>(b"{", entries.is_empty(), depth);
                for (at, entry) in entries.iter().enumerate() {
                    self.separate::<S>(at, depth);
                    self.string(entry.key.as_ref(), entry.mark);
                    self.structure::<S>(if self.style == JsonStyle::Pretty {
                        b": "
                    } else {
                        b":"
                    });
                    self.value(&entry.value, depth + 1)?;
                }
                self.close::<S>(b"}", entries.is_empty(), depth);
                return Ok(());
            }
        };
        self.sink.scalar(text.as_bytes(), mark, 0..0);
        Ok(())
    }

    fn structure<S: Source>(&mut self, bytes: &[u8])
    where
        K: Sink<S::Mark>,
    {
        self.sink.structure(bytes);
    }

    fn line<S: Source>(&mut self, depth: usize)
    where
        K: Sink<S::Mark>,
    {
        if self.style == JsonStyle::Pretty {
            self.structure::<S>(b"\n");
            for _ in 0..depth {
                self.structure::<S>(b"  ");
            }
        }
    }

    fn open<S: Source>(&mut self, bracket: &[u8], empty: bool, depth: usize)
    where
        K: Sink<S::Mark>,
    {
        self.structure::<S>(bracket);
        if !empty {
            self.line::<S>(depth + 1);
        }
    }

    fn separate<S: Source>(&mut self, at: usize, depth: usize)
    where
        K: Sink<S::Mark>,
    {
        if at > 0 {
            self.structure::<S>(b",");
            self.line::<S>(depth + 1);
        }
    }

    fn close<S: Source>(&mut self, bracket: &[u8], empty: bool, depth: usize)
    where
        K: Sink<S::Mark>,
    {
        if !empty {
            self.line::<S>(depth);
        }
        self.structure::<S>(bracket);
    }

    fn string<M: Copy>(&mut self, bytes: &[u8], mark: M)
    where
        K: Sink<M>,
    {
        let html = self.style != JsonStyle::Raw;
        self.sink.scalar(b"\"", mark, 0..0);
        pieces(bytes, html, &mut |piece, at| {
            self.sink.scalar(piece, mark, at)
        });
        self.sink.scalar(b"\"", mark, bytes.len()..bytes.len());
    }
}

/// A string in quotes.
pub(super) fn quote(text: &str, html: bool) -> String {
    let mut out = vec![b'"'];
    pieces(text.as_bytes(), html, &mut |piece, _| {
        out.extend_from_slice(piece)
    });
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

/// The inside of a string, in pieces that were copied and pieces that were escaped.
fn pieces(bytes: &[u8], html: bool, take: &mut impl FnMut(&[u8], Range<usize>)) {
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        let mut copied = 0;
        for (here, c) in valid.char_indices() {
            let Some(escape) = escape(c, html) else {
                continue;
            };
            let plain = valid.as_bytes().get(copied..here).unwrap_or_default();
            if !plain.is_empty() {
                take(plain, at + copied..at + here);
            }
            copied = here + c.len_utf8();
            take(escape.as_bytes(), at + here..at + copied);
        }
        let plain = valid.as_bytes().get(copied..).unwrap_or_default();
        if !plain.is_empty() {
            take(plain, at + copied..at + valid.len());
        }
        at += valid.len();
        for _ in chunk.invalid() {
            take("\u{fffd}".as_bytes(), at..at + 1);
            at += 1;
        }
    }
}

fn escape(c: char, html: bool) -> Option<String> {
    Some(match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\x08' => "\\b".to_owned(),
        '\x0c' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(c)),
        '<' | '>' | '&' if html => format!("\\u{:04x}", u32::from(c)),
        _ => return None,
    })
}
