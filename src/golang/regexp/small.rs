//! Small expressions of the plainest syntax, which are matched without being compiled.
//!
//! To compile an expression takes a hundred times as long as to match a short text. Here an
//! expression is the places in it that take a character, each with those that may come next, and
//! the places that a text has come to are the bits of a word (Glushkov's automaton).

/// As many as a word has bits.
const MAX_PLACES: usize = 128;
/// Groups nest no deeper.
const MAX_DEPTH: usize = 16;

const DIGITS: u128 = range(b'0', b'9');
const WORD: u128 = DIGITS | range(b'a', b'z') | range(b'A', b'Z') | range(b'_', b'_');
const SPACE: u128 = range(b'\t', b'\n') | range(b'\x0c', b'\r') | range(b' ', b' ');

/// A small expression: whether it matches somewhere in a text is all that it says.
#[derive(Debug, Default)]
pub struct Small {
    places: Vec<Place>,
    /// Where a match starts anywhere in the text, and where only at its start.
    anywhere: u128,
    at_start: u128,
    /// Where a match ends anywhere in the text, and where only at its end.
    done: u128,
    at_end: u128,
    /// Whether it matches in every text, and whether in the empty one.
    is_always: bool,
    is_empty: bool,
}

/// A place that takes one character.
#[derive(Debug)]
struct Place {
    takes: Chars,
    next: u128,
}

#[derive(Debug, Clone, Copy)]
struct Chars {
    ascii: u128,
    /// Whether all others are among them.
    others: bool,
}

impl Small {
    /// Reads an expression, as Go does; nothing where it is not small, not plain or wrong.
    #[must_use]
    pub fn read(pattern: &str) -> Option<Self> {
        let mut reader = Reader {
            pattern: pattern.as_bytes(),
            at: 0,
            depth: 0,
            small: Self::default(),
        };
        loop {
            let at_start = reader.eat(b'^');
            let part = reader.sequence()?;
            let at_end = reader.eat(b'$');
            let small = &mut reader.small;
            if at_start {
                small.at_start |= part.first;
            } else {
                small.anywhere |= part.first;
            }
            if at_end {
                small.at_end |= part.last;
            } else {
                small.done |= part.last;
            }
            small.is_empty |= part.is_empty;
            small.is_always |= part.is_empty && !(at_start && at_end);
            match reader.next() {
                None => return Some(reader.small),
                Some(b'|') => {}
                Some(_) => return None,
            }
        }
    }

    /// How many places of it may have to be tried for each character.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// `Regexp.MatchString`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        if self.is_always || (self.is_empty && text.is_empty()) {
            return true;
        }
        let mut open = self.at_start | self.anywhere;
        let mut reached = 0;
        for char in text.chars() {
            if open == 0 {
                return false;
            }
            let (mut tried, mut next) = (open, self.anywhere);
            reached = 0;
            while let Some(place) = self.places.get(tried.trailing_zeros() as usize) {
                let others = tried & (tried - 1);
                if place.takes.have(char) {
                    reached |= tried ^ others;
                    next |= place.next;
                }
                tried = others;
            }
            if reached & self.done != 0 {
                return true;
            }
            open = next;
        }
        reached & self.at_end != 0
    }
}

impl Chars {
    fn have(self, char: char) -> bool {
        match u8::try_from(char) {
            Ok(byte) if byte.is_ascii() => self.ascii >> byte & 1 == 1,
            _ => self.others,
        }
    }

    fn ascii(ascii: u128) -> Self {
        let others = false;
        Self { ascii, others }
    }

    fn all_but(self) -> Self {
        Self {
            ascii: !self.ascii,
            others: !self.others,
        }
    }
}

const fn range(low: u8, high: u8) -> u128 {
    (u128::MAX >> (127 - high)) & (u128::MAX << low)
}

/// A part of an expression.
#[derive(Clone, Copy)]
struct Part {
    /// Whether it matches the empty text.
    is_empty: bool,
    /// The places that take its first character, and its last.
    first: u128,
    last: u128,
}

const NOTHING: Part = Part {
    is_empty: true,
    first: 0,
    last: 0,
};

struct Reader<'p> {
    pattern: &'p [u8],
    at: usize,
    depth: usize,
    small: Small,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Whatever places `from` has lead to those of `to`, too.
    fn lead(&mut self, mut from: u128, to: u128) {
        while let Some(place) = self.small.places.get_mut(from.trailing_zeros() as usize) {
            place.next |= to;
            from &= from - 1;
        }
    }

    fn sequence(&mut self) -> Option<Part> {
        let mut all = NOTHING;
        while !matches!(self.peek(), None | Some(b'|' | b')' | b'$')) {
            let next = self.repeated()?;
            all = self.join(all, next);
        }
        Some(all)
    }

    fn join(&mut self, a: Part, b: Part) -> Part {
        self.lead(a.last, b.first);
        Part {
            is_empty: a.is_empty && b.is_empty,
            first: a.first | if a.is_empty { b.first } else { 0 },
            last: b.last | if b.is_empty { a.last } else { 0 },
        }
    }

    fn repeated(&mut self) -> Option<Part> {
        let start = self.at;
        let mut part = self.atom()?;
        match self.peek() {
            Some(b'?') => part.is_empty = true,
            Some(b'*') => {
                self.lead(part.last, part.first);
                part.is_empty = true;
            }
            Some(b'+') => self.lead(part.last, part.first),
            Some(b'{') => part = self.counted(start, part)?,
            _ => return Some(part),
        }
        self.at += 1;
        // Whether it takes as little as it can is all the same here.
        self.eat(b'?');
        let is_done = !matches!(self.peek(), Some(b'?' | b'*' | b'+' | b'{'));
        is_done.then_some(part)
    }

    /// Reads how often a part is to be repeated, up to the bracket behind, and reads the part from
    /// its start as often as that.
    fn counted(&mut self, start: usize, first: Part) -> Option<Part> {
        self.at += 1;
        let least = self.count()?;
        let most = match self.eat(b',') {
            false => Some(least),
            true if self.peek() == Some(b'}') => None,
            true => Some(self.count()?),
        };
        let end = self.at;
        let times = most.unwrap_or(least.max(1));
        if self.peek() != Some(b'}') || times == 0 || times < least {
            return None;
        }
        let mut parts = vec![first];
        while parts.len() < times {
            self.at = start;
            parts.push(self.atom()?);
        }
        if let (None, Some(last)) = (most, parts.last()) {
            self.lead(last.last, last.first);
        }
        // What may be left out may only be left out with all that is behind it, so that there are
        // few ways to the same.
        let mut all = NOTHING;
        for (time, part) in parts.into_iter().enumerate().rev() {
            all = self.join(part, all);
            all.is_empty |= time >= least;
        }
        self.at = end;
        Some(all)
    }

    fn count(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = self.pattern.get(start..self.at)?;
        // A number that starts with a zero is none to Go.
        if digits.len() > 3 || matches!(digits, [b'0', _, ..]) {
            return None;
        }
        let count = str::from_utf8(digits).ok()?.parse().ok()?;
        (count <= MAX_PLACES).then_some(count)
    }

    fn atom(&mut self) -> Option<Part> {
        let takes = match self.next()? {
            b'(' => return self.group(),
            b'[' => self.class()?,
            b'\\' => self.escaped()?,
            b'.' => Chars::ascii(range(b'\n', b'\n')).all_but(),
            byte if is_plain(byte) && byte != b']' && byte != b'}' => {
                Chars::ascii(range(byte, byte))
            }
            _ => return None,
        };
        let at = self.small.places.len();
        if at >= MAX_PLACES {
            return None;
        }
        self.small.places.push(Place { takes, next: 0 });
        Some(Part {
            is_empty: false,
            first: 1 << at,
            last: 1 << at,
        })
    }

    fn group(&mut self) -> Option<Part> {
        if self.eat(b'?') && !self.eat(b':') {
            return None;
        }
        let before = self.small.places.len();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut all = self.sequence()?;
        while self.eat(b'|') {
            let other = self.sequence()?;
            all.is_empty |= other.is_empty;
            all.first |= other.first;
            all.last |= other.last;
        }
        self.depth -= 1;
        // One without a place could be read again and again.
        let is_whole = self.eat(b')') && self.small.places.len() > before;
        is_whole.then_some(all)
    }

    fn class(&mut self) -> Option<Chars> {
        let is_negated = self.eat(b'^');
        let mut all = Chars::ascii(0);
        let mut is_first = true;
        loop {
            let low = match self.next()? {
                b']' if !is_first => break,
                b'[' | b']' => return None,
                b'\\' => {
                    let more = self.escaped()?;
                    all.ascii |= more.ascii;
                    all.others |= more.others;
                    if self.is_range() {
                        return None;
                    }
                    is_first = false;
                    continue;
                }
                low @ b' '..=b'~' => low,
                _ => return None,
            };
            let mut high = low;
            if self.is_range() {
                self.at += 1;
                high = self.next()?;
                let are_ends = low.is_ascii_alphanumeric() && high.is_ascii_alphanumeric();
                if !are_ends || low > high {
                    return None;
                }
            }
            all.ascii |= range(low, high);
            is_first = false;
        }
        Some(if is_negated { all.all_but() } else { all })
    }

    /// Whether what was read in a set is the start of a range.
    fn is_range(&self) -> bool {
        let next = self.pattern.get(self.at..);
        matches!(next, Some([b'-', end, ..]) if *end != b']')
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<Chars> {
        Some(match self.next()? {
            b'd' => Chars::ascii(DIGITS),
            b'w' => Chars::ascii(WORD),
            b's' => Chars::ascii(SPACE),
            b'D' => Chars::ascii(DIGITS).all_but(),
            b'W' => Chars::ascii(WORD).all_but(),
            b'S' => Chars::ascii(SPACE).all_but(),
            byte if byte.is_ascii_punctuation() => Chars::ascii(range(byte, byte)),
            _ => return None,
        })
    }
}

/// Whether a byte stands for itself, outside of sets.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !b"\\^$.*+?()[]{}|".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::golang::regexp::Regexp;

    #[test]
    fn patterns_of_schemas_are_small() {
        let cases = [
            ("", "a", true),
            ("^$", "", true),
            ("^$", "a", false),
            ("^-?$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "a-.b", true),
            ("^-?$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "a-", false),
            (r"^\d{1,3}(?:\.\d{1,3}){3}$", "10.0.255.1", true),
            (r"^\d{1,3}(?:\.\d{1,3}){3}$", "10.0.255", false),
            ("^(https?|oci)://.+", "oci://x", true),
            ("b{2,}c", "aabbbc", true),
            ("b{2,}c", "abc", false),
            ("^(ab?){2,4}$", "aabab", true),
            ("^(ab?){2,4}$", "ababababa", false),
            ("^a{0,3}$", "aaa", true),
            ("^a{0,3}$", "aaaa", false),
            ("^(a?b?){0,3}$", "ababba", false),
            ("^(a?b?){0,3}$", "abba", true),
            ("^[a-f]{64}$", &"f".repeat(64), true),
            ("^[a-f]{64}$", &"f".repeat(65), false),
            ("[^a-c]", "abcé", true),
            (r"\D", "é", true),
            (r"^\w+\S$", "a é", false),
            ("a.c", "a\nc", false),
        ];
        for (pattern, text, want) in cases {
            let small = Small::read(pattern).unwrap();
            assert_eq!(small.is_match(text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn others_are_left() {
        let long = "a".repeat(129);
        for pattern in [
            "(",
            ")",
            "a**",
            "a{2}{3}",
            "*",
            "^*",
            "(^a)",
            "(a$)",
            "(?i)a",
            "[[:alpha:]]",
            "[]a]",
            "[a-",
            "[z-a]",
            r"[\w-z]",
            r"\b",
            r"\pL",
            "é",
            "a{129}",
            "a{0}",
            "a{2,1}",
            "a{01}",
            "()",
            "((){9}){9}",
            "a]",
            "a{,2}",
            &long,
        ] {
            assert!(Small::read(pattern).is_none(), "{pattern}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_small_matches_what_go_matches(
            pattern in r"([a-c^$|*+?().-]|\\[dwsDWS.-]|\[\^?[a-c-]-?[b-d.\\w-]*\]|\{[0-9],?[0-9]?\}|\(\?[:i]|[abc][*+?]|\([ab]\|c?\)|\^a|b\$\|){0,8}",
            texts in prop::collection::vec("[a-c.:0é \r\n-]{0,6}", 8),
        ) {
            let Some(small) = Small::read(&pattern) else { return Ok(()) };
            let go = Regexp::compile(pattern.as_bytes());
            prop_assert!(go.is_ok(), "{}", pattern);
            for text in texts {
                let go = go.as_ref().is_ok_and(|go| go.is_match(text.as_bytes()));
                prop_assert_eq!(small.is_match(&text), go, "{} {:?}", pattern, text);
            }
        }
    }
}
