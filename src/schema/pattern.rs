//! Regular expressions of a schema: Helm's validator reads them as Go's, ours as JavaScript's.
//!
//! Where the two may read one differently, another that both read as Go reads the first takes its
//! place while the schema is compiled. It says what it stands for in the name of a group, for the
//! messages.

use std::borrow::Cow;
use std::fmt::Write as _;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use rustc_hash::FxHashMap;

use crate::golang::regexp::Regexp;

/// A longer pattern is not translated.
const MAX_PATTERN: usize = 4 << 10;
/// Nor one that takes more bytes in the other syntax.
const MAX_STAND_IN: usize = 256 << 10;
/// No pattern that is left as it is is longer.
const MAX_COMMON: usize = 200;
/// Go repeats nothing more often, all repetitions around each other together.
const MAX_REPEAT: u32 = 1000;
/// The patterns of a schema cost no more: a common one with counted repetitions 1, one that is
/// translated 1 or, where it is large, [`LARGE`].
const MAX_COST: usize = 2000;
const LARGE: usize = 10;
/// How many bytes a pattern compiles to that is not large.
const MAX_SMALL: usize = 32 << 10;

/// What the name of the group begins with that says what is stood for, as hexadecimal.
const STANDS_FOR: &str = "(?<go_";
/// What a stand-in ends with.
const END: &str = "(?<og>)";
/// What makes it no pattern to anybody.
const WRONG: &str = "*";

/// The patterns of a schema are too many or too large.
#[derive(Debug)]
pub(super) struct TooLarge;

/// The patterns of one schema so far.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    known: FxHashMap<String, Option<String>>,
    cost: usize,
}

impl Patterns {
    /// What stands for a pattern; nothing where it can stand for itself.
    pub(super) fn stand_in(&mut self, pattern: &str) -> Result<Option<String>, TooLarge> {
        if let Some(known) = self.known.get(pattern) {
            return Ok(known.clone());
        }
        let made = match common(pattern) {
            Some(is_counted) => {
                self.cost += usize::from(is_counted);
                None
            }
            None => Some(self.translated(pattern)?),
        };
        if self.cost > MAX_COST {
            return Err(TooLarge);
        }
        self.known.insert(pattern.to_owned(), made.clone());
        Ok(made)
    }

    fn translated(&mut self, pattern: &str) -> Result<String, TooLarge> {
        let mut text = String::new();
        let Ok(other) = Regexp::translated(pattern.as_bytes()) else {
            text.push_str(WRONG);
            name(pattern, &mut text);
            text.push_str(END);
            return Ok(text);
        };
        if pattern.len() > MAX_PATTERN {
            return Err(TooLarge);
        }
        name(pattern, &mut text);
        let parsed = regex_syntax::ParserBuilder::new()
            .nest_limit(crate::golang::regexp::NEST_LIMIT)
            .build()
            .parse(&other);
        match parsed {
            Ok(parsed) => print(&parsed, &mut text)?,
            Err(_) => return Err(TooLarge),
        }
        text.push_str(END);
        let is_small = Regexp::within(pattern.as_bytes(), MAX_SMALL).is_ok_and(|it| it.is_some());
        self.cost += if is_small { 1 } else { LARGE };
        Ok(text)
    }
}

/// The group that says what is stood for.
fn name(pattern: &str, text: &mut String) {
    text.push_str(STANDS_FOR);
    for byte in pattern.bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str(">)");
}

/// A text with every stand-in replaced by what it stands for, as `shown` shows that.
pub(super) fn restored<'t>(text: &'t str, shown: impl Fn(String) -> String) -> Cow<'t, str> {
    if !text.contains(STANDS_FOR) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(STANDS_FOR) {
        let stood_for = behind.split_once('>').and_then(|(name, others)| {
            let (_, others) = others.split_once(END)?;
            Some((original(name)?, others))
        });
        let Some((pattern, others)) = stood_for else {
            break;
        };
        out.push_str(before.strip_suffix(WRONG).unwrap_or(before));
        out.push_str(&shown(pattern));
        rest = others;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What hexadecimal digits stand for.
fn original(name: &str) -> Option<String> {
    let digits = name.as_bytes();
    let bytes = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

/// Whether a pattern counts repetitions; nothing where the two may read it differently.
fn common(pattern: &str) -> Option<bool> {
    let mut bytes = pattern.bytes().peekable();
    let (mut open, mut repeats, mut is_counted) = (0_usize, 1_u32, false);
    // Whether there is something to repeat, and whether it was repeated.
    let (mut is_atom, mut is_repeated) = (false, false);
    if pattern.len() > MAX_COMMON {
        return None;
    }
    while let Some(byte) = bytes.next() {
        let was_atom = std::mem::replace(&mut is_atom, true);
        let was_repeated = std::mem::take(&mut is_repeated);
        match byte {
            b'*' | b'+' | b'?' if was_atom => (is_atom, is_repeated) = (false, true),
            b'?' if was_repeated => is_atom = false,
            b'{' if was_atom => {
                let mut count = 0_u32;
                let mut digits = 0;
                loop {
                    match bytes.next()? {
                        digit @ b'0'..=b'9' => {
                            count = count
                                .checked_mul(10)?
                                .checked_add(u32::from(digit - b'0'))?;
                            digits += 1;
                        }
                        b',' if digits > 0 => {
                            // The larger number is the second.
                            if bytes.peek() != Some(&b'}') {
                                let least = std::mem::take(&mut count);
                                let mut more = 0_u32;
                                while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
                                    more = more.checked_mul(10)?;
                                    more = more.checked_add(u32::from(digit - b'0'))?;
                                }
                                count = Some(more).filter(|more| *more >= least)?;
                            }
                            (bytes.next()? == b'}').then_some(())?;
                            break;
                        }
                        b'}' if digits > 0 => break,
                        _ => return None,
                    }
                }
                repeats = repeats.checked_mul(count.max(1))?;
                (repeats <= MAX_REPEAT).then_some(())?;
                (is_atom, is_repeated, is_counted) = (false, true, true);
            }
            b'(' => {
                if bytes.next_if_eq(&b'?').is_some() {
                    bytes.next_if_eq(&b':')?;
                }
                open += 1;
                is_atom = false;
            }
            b')' => open = open.checked_sub(1)?,
            b'|' | b'^' | b'$' => is_atom = false,
            b'[' => class(&mut bytes)?,
            b'\\' => match bytes.next()? {
                b'd' | b'w' | b'D' | b'W' => {}
                b'-' | b'/' => {}
                escaped if b"^$.*+?()[]{}|\\".contains(&escaped) => {}
                _ => return None,
            },
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {}
            b' ' | b'!' | b'"' | b'#' | b'%' | b'&' | b'\'' | b',' | b'-' | b'/' | b':' => {}
            b';' | b'<' | b'=' | b'>' | b'@' | b'_' | b'~' => {}
            _ => return None,
        }
    }
    (open == 0).then_some(is_counted)
}

/// Reads a set of characters, of which the bracket is read, if both read it alike.
fn class(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>) -> Option<()> {
    bytes.next_if_eq(&b'^');
    let (mut is_first, mut last) = (true, 0);
    loop {
        let byte = bytes.next()?;
        match byte {
            b']' if !is_first => return Some(()),
            // The last one stands for itself, and so does the first.
            b'-' => {
                let next = *bytes.peek()?;
                let is_range = !is_first && next != b']';
                let ends = |byte: u8| byte.is_ascii_alphanumeric();
                if is_range && !(ends(last) && ends(next) && last <= next) {
                    return None;
                }
                if is_range {
                    bytes.next();
                }
                // No range starts at the end of another.
                last = b'-';
            }
            b'\\' => {
                match bytes.next()? {
                    b'd' | b'w' | b'D' | b'W' | b'-' | b'/' => {}
                    escaped if b"^$.*+?()[]{}|\\".contains(&escaped) => {}
                    _ => return None,
                }
                last = b'\\';
            }
            b'[' | b']' | b'&' | b'~' => return None,
            b' '..=b'~' => last = byte,
            _ => return None,
        }
        is_first = false;
    }
}

/// Writes an expression so that everybody reads it alike.
fn print(hir: &Hir, text: &mut String) -> Result<(), TooLarge> {
    if text.len() > MAX_STAND_IN {
        return Err(TooLarge);
    }
    match hir.kind() {
        HirKind::Empty => text.push_str("(?:)"),
        HirKind::Literal(literal) => {
            let literal = std::str::from_utf8(&literal.0).map_err(|_| TooLarge)?;
            literal.chars().for_each(|char| character(char, text));
        }
        HirKind::Class(set) => class_of(set, text),
        HirKind::Look(look) => text.push_str(match look {
            Look::Start => "^",
            Look::End => "$",
            Look::StartLF => "(?m:^)",
            Look::EndLF => "(?m:$)",
            Look::WordAscii | Look::WordUnicode => r"\b",
            Look::WordAsciiNegate | Look::WordUnicodeNegate => r"\B",
            // Go has no others.
            _ => return Err(TooLarge),
        }),
        HirKind::Repetition(repetition) => {
            group(&repetition.sub, text)?;
            repeat(repetition, text);
        }
        HirKind::Capture(capture) => group(&capture.sub, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                match part.kind() {
                    HirKind::Alternation(_) => group(part, text)?,
                    _ => print(part, text)?,
                }
            }
        }
        HirKind::Alternation(parts) => {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    text.push('|');
                }
                print(part, text)?;
            }
        }
    }
    Ok(())
}

fn group(hir: &Hir, text: &mut String) -> Result<(), TooLarge> {
    text.push_str("(?:");
    print(hir, text)?;
    text.push(')');
    Ok(())
}

fn repeat(repetition: &Repetition, text: &mut String) {
    let _ = match (repetition.min, repetition.max) {
        (0, None) => write!(text, "*"),
        (1, None) => write!(text, "+"),
        (0, Some(1)) => write!(text, "?"),
        (min, None) => write!(text, "{{{min},}}"),
        (min, Some(max)) => write!(text, "{{{min},{max}}}"),
    };
    if !repetition.greedy {
        text.push('?');
    }
}

fn class_of(set: &Class, text: &mut String) {
    let ranges: Vec<(char, char)> = match set {
        Class::Unicode(set) => set.iter().map(|it| (it.start(), it.end())).collect(),
        Class::Bytes(set) => set
            .iter()
            .map(|it| (char::from(it.start()), char::from(it.end())))
            .collect(),
    };
    if ranges.is_empty() {
        // Nothing is both.
        return text.push_str(r"(?:\b\B)");
    }
    text.push('[');
    for (start, end) in ranges {
        character(start, text);
        if end > start {
            text.push('-');
            character(end, text);
        }
    }
    text.push(']');
}

/// A character that means itself, in a set or not.
fn character(char: char, text: &mut String) {
    if char.is_ascii() && !char.is_ascii_alphanumeric() {
        let _ = write!(text, "\\x{:02x}", u32::from(char));
    } else {
        text.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stand_in(pattern: &str) -> Option<String> {
        Patterns::default().stand_in(pattern).unwrap()
    }

    #[test]
    fn what_both_read_alike_stays() {
        for pattern in [
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            r"^[\w.-]+@[\w.-]+$",
            r"^(?:\d{1,3}\.){3}\d+$",
            "^$|^sha256:[0-9a-f]{64}$",
            "a+?b*?c{2,}",
        ] {
            assert_eq!(stand_in(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn others_are_told_by_what_they_stand_for() {
        for pattern in [
            "a.b",
            r"\s",
            "(?i)a",
            r"\pL",
            "a**",
            "(",
            "é",
            "[[:alpha:]]",
            "a{,2}",
            "^]$",
            r"[\w-z]",
            "(a{30}){40}",
            "a{1001}",
            "[a-Z]",
            "x/~y.",
        ] {
            let other = stand_in(pattern).unwrap();
            assert_eq!(restored(&other, |pattern| pattern), pattern);
            let text = format!("at '/a/{other}/b'");
            assert_eq!(restored(&text, |_| "X".to_owned()), "at '/a/X/b'");
        }
    }

    #[test]
    fn patterns_are_paid_for() {
        let mut patterns = Patterns::default();
        let many = (0..).take_while(|n| patterns.stand_in(&format!("[^a]{{3}}{n}")).is_ok());
        assert_eq!(many.count(), MAX_COST);
        let mut patterns = Patterns::default();
        let large = |n: &i32| patterns.stand_in(&format!(r"\pL{{30}}{n}")).is_ok();
        assert_eq!((0..).take_while(large).count(), MAX_COST / LARGE);
        let long = r"\pL".repeat(2000);
        assert!(Patterns::default().stand_in(&long).is_err());
    }

    proptest! {
        /// Whether it stays or another takes its place: the `regex` crate, which knows no Go, finds
        /// what Go finds.
        #[test]
        fn what_is_compiled_matches_what_go_matches(
            pattern in r"([a-cA-C.^$|*+?()\[\]{},:\\-]|\\[dwsDWS.]|\[\^?[a-c]-?[b-d.\\w-]*\]|\{[0-9],?[0-9]?\}|\(\?[:i]|\[:alpha:\]|é|0|\(\?P<n>){0,8}",
            texts in prop::collection::vec("[a-cA-C.:{}\\[\\]0é \r\n\u{2028}-]{0,5}", 8),
        ) {
            let other = stand_in(&pattern);
            let go = Regexp::compile(pattern.as_bytes());
            let ours = regex::Regex::new(other.as_deref().unwrap_or(&pattern));
            prop_assert_eq!(go.is_ok(), ours.is_ok(), "{} {:?}", pattern, other);
            if let (Ok(go), Ok(ours)) = (go, ours) {
                for text in texts {
                    // Of characters that are not ASCII ours knows more.
                    let is_known = other.is_some() || text.is_ascii();
                    let go = go.is_match(text.as_bytes());
                    prop_assert!(!is_known || go == ours.is_match(&text), "{} {:?} {:?}", pattern, other, text);
                }
            }
        }
    }
}
