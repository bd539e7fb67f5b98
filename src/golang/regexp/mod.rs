//! Go's `regexp` package on the `regex` crate: Go's syntax and error texts, and its rules for successive
//! matches, replacement templates and splitting.
//!
//! Both engines match leftmost-first in linear time. Where the text is not UTF-8, Go reads each bad byte as
//! one U+FFFD; the text is then rewritten so for the search and positions are mapped back.

mod cache;
mod class;
mod small;
mod syntax;

pub use cache::Cache;
pub use small::Small;

use super::unicode::{RUNE_ERROR, append_rune, decode_rune, is_digit, is_letter, runes};
use std::borrow::Cow;
use std::ops::Range;

/// Bounds for the compiled program, so that no pattern can take the machine. Go's own bound is 128 MB.
const SIZE_LIMIT: usize = 64 << 20;
/// How deep the groups of a pattern nest at most.
pub const NEST_LIMIT: u32 = 500;

/// A compiled expression (`*regexp.Regexp`).
#[derive(Debug, Clone)]
pub struct Regexp {
    regex: regex::Regex,
    names: Vec<Vec<u8>>,
    empty: bool,
}

/// A text in which to search, valid UTF-8 for the `regex` crate, with the way back to the original.
struct Hay<'a> {
    bytes: &'a [u8],
    text: Cow<'a, str>,
    /// For rewritten text: the original offset of every offset, the end included.
    offsets: Option<Vec<usize>>,
}

impl<'a> Hay<'a> {
    fn new(bytes: &'a [u8]) -> Hay<'a> {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Hay {
                bytes,
                text: Cow::Borrowed(text),
                offsets: None,
            };
        }
        let mut out = Vec::with_capacity(bytes.len() + 16);
        let mut offsets = Vec::with_capacity(bytes.len() + 16);
        for (at, rune, _) in runes(bytes) {
            append_rune(&mut out, rune);
            offsets.resize(out.len(), at);
        }
        offsets.push(bytes.len());
        let text = String::from_utf8_lossy(&out).into_owned();
        Hay {
            bytes,
            text: Cow::Owned(text),
            offsets: Some(offsets),
        }
    }

    /// The original offset of an offset of the text.
    fn offset(&self, at: usize) -> usize {
        match &self.offsets {
            Some(offsets) => offsets.get(at).copied().unwrap_or(self.bytes.len()),
            None => at,
        }
    }

    /// The original bytes between two offsets of the text.
    fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        let range = self.offset(from)..self.offset(to);
        self.bytes.get(range).unwrap_or_default()
    }

    /// The width of the character at an offset, 0 at the end.
    fn width(&self, at: usize) -> usize {
        self.text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8)
    }
}

/// Bytes of a text, and what stands in their place.
pub type Replacement = (Range<usize>, Vec<u8>);

/// What Go says of an expression that is none.
fn complaint(code: &str, blamed: &[u8]) -> String {
    format!(
        "error parsing regexp: {code}: `{}`",
        String::from_utf8_lossy(blamed)
    )
}

impl Regexp {
    /// `regexp.Compile`. The error is Go's text, such as ``error parsing regexp: missing closing ): `(` ``.
    pub fn compile(pattern: &[u8]) -> Result<Regexp, String> {
        // Too large are only expressions Go would spend its 128 MB on.
        Self::within(pattern, SIZE_LIMIT)?.ok_or_else(|| complaint("expression too large", pattern))
    }

    /// The pattern in the syntax of the `regex` crate.
    ///
    /// # Errors
    /// As [`Regexp::compile`].
    pub fn translated(pattern: &[u8]) -> Result<String, String> {
        let parsed = syntax::parse(pattern).map_err(|error| complaint(error.0, &error.1))?;
        Ok(parsed.pattern)
    }

    /// The same as [`Regexp::compile`], or nothing where the program takes more bytes.
    ///
    /// # Errors
    /// As there.
    pub fn within(pattern: &[u8], bytes: usize) -> Result<Option<Regexp>, String> {
        let parsed = syntax::parse(pattern).map_err(|error| complaint(error.0, &error.1))?;
        let regex = regex::RegexBuilder::new(&parsed.pattern)
            .size_limit(bytes)
            .nest_limit(NEST_LIMIT)
            .build();
        Ok(regex.ok().map(|regex| Regexp {
            regex,
            names: parsed.names,
            empty: pattern.is_empty(),
        }))
    }

    /// `Regexp.Match`.
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(&Hay::new(bytes).text)
    }

    /// `Regexp.Find`: the leftmost match.
    pub fn find<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let hay = Hay::new(bytes);
        let found = self.regex.find(&hay.text)?;
        Some(hay.slice(found.start(), found.end()))
    }

    /// `Regexp.FindSubmatch`: the leftmost match and its groups.
    pub fn captures<'a>(&self, bytes: &'a [u8]) -> Option<Vec<Option<&'a [u8]>>> {
        let hay = Hay::new(bytes);
        let found = self.regex.captures(&hay.text)?;
        Some(
            found
                .iter()
                .map(|m| m.map(|m| hay.slice(m.start(), m.end())))
                .collect(),
        )
    }

    /// The offsets in `hay.text` of the first `n` matches, all for a negative `n`. An empty match right
    /// after a match does not count.
    fn all(&self, hay: &Hay<'_>, n: i64) -> Vec<(usize, usize)> {
        let limit = usize::try_from(n).unwrap_or(usize::MAX);
        let end = hay.text.len();
        let mut out = Vec::new();
        let (mut at, mut previous_end) = (0, None);
        while out.len() < limit && at <= end {
            let Some(found) = self.regex.find_at(&hay.text, at) else {
                break;
            };
            let (start, stop) = (found.start(), found.end());
            let repeated = stop == at && previous_end == Some(start);
            at = if stop == at {
                match hay.width(at) {
                    0 => end + 1,
                    width => at + width,
                }
            } else {
                stop
            };
            previous_end = Some(stop);
            if !repeated {
                out.push((start, stop));
            }
        }
        out
    }

    /// `Regexp.FindAll`: at most `n` matches, all for a negative `n`.
    pub fn find_all<'a>(&self, bytes: &'a [u8], n: i64) -> Vec<&'a [u8]> {
        let hay = Hay::new(bytes);
        self.all(&hay, n)
            .into_iter()
            .map(|(start, end)| hay.slice(start, end))
            .collect()
    }

    /// What `Regexp.ReplaceAll` replaces, in order: the bytes, and what stands in their place. `$1`,
    /// `${1}`, `$name` and `$$` in the template are replaced.
    pub fn replacements(&self, bytes: &[u8], template: &[u8]) -> Vec<Replacement> {
        let hay = Hay::new(bytes);
        let mut locations = self.regex.capture_locations();
        Self::replaced(&hay, |at| {
            let found = self.regex.captures_read_at(&mut locations, &hay.text, at)?;
            let range = found.range();
            let mut piece = Vec::new();
            self.expand(template, &hay, &locations, &mut piece);
            Some((range, piece))
        })
    }

    /// What `Regexp.ReplaceAllLiteral` replaces, as [`Regexp::replacements`].
    pub fn literal_replacements(&self, bytes: &[u8], replacement: &[u8]) -> Vec<Replacement> {
        let hay = Hay::new(bytes);
        Self::replaced(&hay, |at| {
            let found = self.regex.find_at(&hay.text, at)?;
            Some((found.range(), replacement.to_vec()))
        })
    }

    /// Go's replacement loop. `next` finds the match at or after an offset, and what replaces it.
    fn replaced(
        hay: &Hay<'_>,
        mut next: impl FnMut(usize) -> Option<Replacement>,
    ) -> Vec<Replacement> {
        let mut all = Vec::new();
        let (mut copied, mut at) = (0, 0);
        while at <= hay.text.len() {
            let Some((Range { start, end }, piece)) = next(at) else {
                break;
            };
            // An empty match right after a match is not replaced.
            if end > copied || start == 0 {
                all.push((hay.offset(start)..hay.offset(end), piece));
            }
            copied = end;
            let width = hay.width(at);
            at = if at + width > end {
                at + width
            } else if at + 1 > end {
                at + 1
            } else {
                end
            };
        }
        all
    }

    fn expand(
        &self,
        mut template: &[u8],
        hay: &Hay<'_>,
        locations: &regex::CaptureLocations,
        out: &mut Vec<u8>,
    ) {
        while let Some(dollar) = template.iter().position(|&b| b == b'$') {
            out.extend_from_slice(template.get(..dollar).unwrap_or_default());
            template = template.get(dollar + 1..).unwrap_or_default();
            if let [b'$', rest @ ..] = template {
                out.push(b'$');
                template = rest;
                continue;
            }
            let Some((name, rest)) = reference(template) else {
                out.push(b'$');
                continue;
            };
            template = rest;
            let found = match group_number(name) {
                Some(number) => locations.get(number),
                // Names may repeat: the first that took part in the match counts.
                None => self
                    .names
                    .iter()
                    .enumerate()
                    .filter(|(_, known)| known.as_slice() == name)
                    .find_map(|(number, _)| locations.get(number)),
            };
            if let Some((start, end)) = found {
                out.extend_from_slice(hay.slice(start, end));
            }
        }
        out.extend_from_slice(template);
    }

    /// `Regexp.Split`: the parts between at most `n - 1` matches, all for a negative `n`.
    pub fn split<'a>(&self, bytes: &'a [u8], n: i64) -> Vec<&'a [u8]> {
        if n == 0 {
            return Vec::new();
        }
        if !self.empty && bytes.is_empty() {
            return vec![bytes];
        }
        let hay = Hay::new(bytes);
        let mut out = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for (start, stop) in self.all(&hay, n) {
            if n > 0 && usize::try_from(n).is_ok_and(|n| out.len() + 1 >= n) {
                break;
            }
            end = start;
            if stop != 0 {
                out.push(hay.slice(begin, end));
            }
            begin = stop;
        }
        if end != hay.text.len() {
            out.push(hay.slice(begin, hay.text.len()));
        }
        out
    }
}

/// A reference in a replacement template, after its dollar sign: the name and what follows, as Go's
/// `extract` reads it.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (brace, body) = match text {
        [b'{', body @ ..] => (true, body),
        _ => (false, text),
    };
    let mut end = 0;
    loop {
        let (rune, width) = decode_rune(body.get(end..).unwrap_or_default());
        let letter = is_letter(rune) || is_digit(rune) || rune == u32::from('_');
        if width == 0 || rune == RUNE_ERROR || !letter {
            break;
        }
        end += width;
    }
    let (name, rest) = body.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    Some((
        name,
        if brace {
            rest.strip_prefix(b"}")?
        } else {
            rest
        },
    ))
}

/// A name that is a number: digits without a leading zero, below a bound of Go's.
fn group_number(name: &[u8]) -> Option<usize> {
    if name.len() > 1 && name.starts_with(b"0")
        || name.len() > 9
        || !name.iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    std::str::from_utf8(name).ok()?.parse().ok()
}

/// `regexp.QuoteMeta`.
pub fn quote_meta(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &b in bytes {
        if br"\.+*?()|[]{}^$".contains(&b) {
            out.push(b'\\');
        }
        out.push(b);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::quote::{quote_to_ascii, unquote};
    use crate::golang::strings::spliced;

    /// What Helm 4.3.1 said of each pattern.
    #[test]
    fn accepts_and_refuses_as_helm_does() {
        for line in include_str!("../../../fixtures/go/regex.jsonl").lines() {
            let probe: serde_json::Value = serde_json::from_str(line).unwrap();
            let got = Regexp::compile(probe["pattern"].as_str().unwrap().as_bytes());
            let got = got.err().unwrap_or_default();
            let got = got.strip_prefix("error parsing regexp: ").unwrap_or(&got);
            assert_eq!(got, probe["error"].as_str().unwrap(), "{line}");
        }
    }

    /// Lines printed by Go 1.27.2: an operation, its result, the pattern and its other arguments.
    #[test]
    fn agrees_with_go() {
        let mut wrong = Vec::new();
        let mut last: Option<(Vec<u8>, Result<Regexp, String>)> = None;
        for line in include_str!("../../../fixtures/go/regexp.txt").lines() {
            let cells: Vec<Vec<u8>> = line
                .split('\t')
                .map(|c| unquote(c.as_bytes()).unwrap())
                .collect();
            let [op, want, pattern, args @ ..] = cells.as_slice() else {
                panic!("{line}")
            };
            if last.as_ref().is_none_or(|(p, _)| p != pattern) {
                last = Some((pattern.clone(), Regexp::compile(pattern)));
            }
            let re = &last.as_ref().unwrap().1;
            let int = |i: usize| String::from_utf8_lossy(&args[i]).parse::<i64>().unwrap();
            let list = |parts: Vec<&[u8]>| {
                parts
                    .iter()
                    .map(|p| quote_to_ascii(p))
                    .collect::<Vec<_>>()
                    .join(",")
                    .into_bytes()
            };
            let got = match (op.as_slice(), re) {
                (_, Err(e)) => e.clone().into_bytes(),
                (b"ok", Ok(_)) => Vec::new(),
                (b"all", Ok(re)) => list(re.find_all(&args[0], int(1))),
                (b"split", Ok(re)) => list(re.split(&args[0], int(1))),
                (b"repl", Ok(re)) => spliced(&args[0], &re.replacements(&args[0], &args[1])),
                (b"lit", Ok(re)) => spliced(&args[0], &re.literal_replacements(&args[0], &args[1])),
                (b"find", Ok(re)) => re.find(&args[0]).map_or(b"-".to_vec(), <[u8]>::to_vec),
                _ => panic!("{line}"),
            };
            // Error texts are strings, so what is not UTF-8 in a pattern shows as U+FFFD.
            if String::from_utf8_lossy(&got) != String::from_utf8_lossy(want) {
                wrong.push(format!("{line}\n  got {}", quote_to_ascii(&got)));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} wrong\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    #[test]
    fn quotes_meta() {
        assert_eq!(quote_meta(b"a.b\\[c]$"), b"a\\.b\\\\\\[c\\]\\$");
    }
}
