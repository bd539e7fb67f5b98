//! Text inside a scalar, such as `prometheus.yml` in a ConfigMap: from a place in the text that
//! the scalar means to the bytes of the manifest.

use crate::golang::encoding::BASE64;
use crate::source::Span;
use crate::yaml::{NodeRef, ScalarStyle};

/// A stretch of the text and the bytes it was written as. Where the two lengths differ it is one
/// escape, which maps as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    inner: usize,
    outer: usize,
    inner_len: usize,
    outer_len: usize,
}

/// The text of a scalar, with the way back to the manifest.
#[derive(Debug)]
pub struct EmbeddedText<'a> {
    scalar: NodeRef<'a>,
    text: &'a str,
    /// Ascending. Empty where the text does not map (base64, a tag, an alias' other style).
    runs: Vec<Run>,
}

impl<'a> EmbeddedText<'a> {
    /// Maps the text of `scalar`, which stands in the bytes `file`. A collection has no text.
    #[must_use]
    pub fn new(scalar: NodeRef<'a>, file: &[u8]) -> Self {
        let text = scalar.text().unwrap_or_default();
        let span = scalar.resolved().span();
        let source = file.get(span.start()..span.end()).unwrap_or_default();
        let source = std::str::from_utf8(source).unwrap_or_default();
        let runs = match scalar.style() {
            Some(style @ (ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)) => {
                let inside = source
                    .get(1..source.len().saturating_sub(1))
                    .unwrap_or_default();
                quoted(
                    inside,
                    span.start() + 1,
                    style == ScalarStyle::DoubleQuoted,
                    text,
                )
            }
            _ => lines(source, span.start(), text),
        };
        Self {
            scalar,
            text,
            runs: runs.unwrap_or_default(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The bytes of the manifest for the bytes `start..end` of the text; the whole scalar where
    /// they do not map.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let whole = self.scalar.resolved().span();
        let last = end.saturating_sub(1).max(start);
        match (self.run(start), self.run(last)) {
            (Some(first), Some(run)) => {
                let from = if first.inner_len == first.outer_len {
                    first.outer + (start - first.inner)
                } else {
                    first.outer
                };
                let to = if run.inner_len == run.outer_len {
                    run.outer + (last - run.inner) + usize::from(end > start)
                } else {
                    run.outer + run.outer_len
                };
                Span::new(whole.file(), from, to)
            }
            _ => whole,
        }
    }

    fn run(&self, at: usize) -> Option<Run> {
        let behind = self.runs.partition_point(|run| run.inner <= at);
        let run = self.runs.get(behind.checked_sub(1)?)?;
        (at < run.inner + run.inner_len).then_some(*run)
    }
}

/// Block and plain scalars: every line of the source, without the space around it, stands in the
/// text as it is; only the space between lines changes (indentation, folding, chomping).
fn lines(source: &str, base: usize, text: &str) -> Option<Vec<Run>> {
    let mut runs = Vec::new();
    let mut cursor = 0;
    let mut at = base;
    for line in source.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() {
            let outer = at + (line.len() - line.trim_start().len());
            let rest = text.get(cursor..)?;
            cursor += rest.len() - rest.trim_start().len();
            if !text.get(cursor..)?.starts_with(content) {
                return None;
            }
            runs.push(Run {
                inner: cursor,
                outer,
                inner_len: content.len(),
                outer_len: content.len(),
            });
            cursor += content.len();
        }
        at += line.len();
    }
    text.get(cursor..)?.trim().is_empty().then_some(runs)
}

/// Quoted scalars: escapes and folded line breaks are undone, and the result must be the text.
fn quoted(source: &str, base: usize, double: bool, text: &str) -> Option<Vec<Run>> {
    let mut decoded = String::with_capacity(text.len());
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let at = base + (source.len() - rest.len());
        let taken = if double && c == '\\' {
            let (len, value) = escape(rest)?;
            push(&mut runs, &mut decoded, value, at, len);
            len
        } else if !double && rest.starts_with("''") {
            push(&mut runs, &mut decoded, Some('\''), at, 2);
            2
        } else if matches!(c, '\n' | '\r' | ' ' | '\t') {
            let blank: &str = rest.get(
                ..rest
                    .find(|c: char| !c.is_ascii_whitespace())
                    .unwrap_or(rest.len()),
            )?;
            match blank.matches('\n').count() {
                // Space within a line is kept.
                0 => {
                    push(&mut runs, &mut decoded, Some(c), at, c.len_utf8());
                    c.len_utf8()
                }
                1 => {
                    push(&mut runs, &mut decoded, Some(' '), at, blank.len());
                    blank.len()
                }
                breaks => {
                    for _ in 1..breaks {
                        push(&mut runs, &mut decoded, Some('\n'), at, blank.len());
                    }
                    blank.len()
                }
            }
        } else {
            push(&mut runs, &mut decoded, Some(c), at, c.len_utf8());
            c.len_utf8()
        };
        rest = rest.get(taken..)?;
    }
    (decoded == text).then_some(runs)
}

/// Appends a character that was written as `len` bytes at `outer`.
fn push(runs: &mut Vec<Run>, decoded: &mut String, c: Option<char>, outer: usize, len: usize) {
    let Some(c) = c else { return };
    let (inner, inner_len) = (decoded.len(), c.len_utf8());
    decoded.push(c);
    if let Some(last) = runs.last_mut()
        && inner_len == len
        && last.inner_len == last.outer_len
        && last.outer + last.outer_len == outer
    {
        last.inner_len += len;
        last.outer_len += len;
        return;
    }
    runs.push(Run {
        inner,
        outer,
        inner_len,
        outer_len: len,
    });
}

/// An escape of a double-quoted scalar: how many bytes, and the character, none for a line break
/// that is escaped away.
fn escape(text: &str) -> Option<(usize, Option<char>)> {
    let code = *text.as_bytes().get(1)?;
    let hex = |digits: usize| {
        let value = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((2 + digits, Some(char::from_u32(value)?)))
    };
    let plain = match code {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return hex(2),
        b'u' => return hex(4),
        b'U' => return hex(8),
        b'\n' => {
            let rest = text.get(2..)?;
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            return Some((2 + blank, None));
        }
        _ => return None,
    };
    Some((2, Some(plain)))
}

/// The bytes behind standard base64, as in a Secret's `data`: padded or not, white space ignored.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end().trim_end_matches('=');
    let mut letters: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    // A letter alone holds no byte.
    if letters.len() % 4 == 1 {
        letters.pop();
    }
    letters.resize(letters.len().next_multiple_of(4), b'=');
    BASE64.decode(&letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};
    use crate::yaml::read;

    /// Finds `needle` in the text of key `k`, and says what stands in the manifest at its place.
    #[track_caller]
    fn case(manifest: &str, needle: &str, want: &str) {
        let file = Sources::new().add("m", FileKind::File, Vec::new());
        let (documents, _) = read(file, manifest);
        let root = documents[0].root().unwrap();
        let embedded = EmbeddedText::new(root.get("k").unwrap(), manifest.as_bytes());
        let start = embedded.text().find(needle).unwrap();
        let span = embedded.span(start, start + needle.len());
        assert_eq!(&manifest[span.start()..span.end()], want, "{manifest:?}");
    }

    #[test]
    fn places_in_the_text_are_places_in_the_manifest() {
        case("k: |\n  a:\n    - x\n    - host:80\n", "host:80", "host:80");
        case(
            "k: |-\n\n      a:\n      - host:80\nz: 1\n",
            "host:80",
            "host:80",
        );
        case(
            "x:\nk: |  # why\n    a: [x, 'é', host:80]\n",
            "host:80",
            "host:80",
        );
        case("k: |2+\n   a:\n   - host:80\n\n\n", "host:80", "host:80");
        case("k: >\n  a b\n  c host:80\n\n  d\n", "host:80", "host:80");
        case("k: >-\n  a\n    more\n  host:80\n", "host:80", "host:80");
        case("k: 'a: [host]'\n", "host", "host");
        case("k: 'it''s a: [host]'\n", "host", "host");
        case("k: 'a\n  b host\n\n  c'\n", "host", "host");
        case("k: \"a:\\n- host:80\\n\"\n", "host:80", "host:80");
        case("k: \"\\u00e9\\x41 \\\n   host\"\n", "host", "host");
        case("k: a b\n  host:80\n", "host:80", "host:80");
        case("k: \"a\\tb\"\n", "a\tb", "a\\tb");
        case("a: &a |\n  host:80\nk: *a\n", "host:80", "host:80");
    }

    #[test]
    fn decodes_base64() {
        let text = |encoded: &str| decode_base64(encoded).and_then(|b| String::from_utf8(b).ok());
        assert_eq!(text("bWluaW9hZG1pbg==").as_deref(), Some("minioadmin"));
        assert_eq!(text("Y2hhbmdl\nbWU=\n").as_deref(), Some("changeme"));
        assert_eq!(text("Y2hhbmdlbWU").as_deref(), Some("changeme"));
        assert_eq!(text("$(x)"), None);
    }
}
