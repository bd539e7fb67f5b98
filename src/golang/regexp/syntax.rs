//! Go's `regexp/syntax` parser (1.27, Perl flags): what it accepts, its errors, and the same expression
//! written for the `regex` crate.
//!
//! Case folding and flags are resolved here and every item is written with its own flags, so nothing
//! depends on how the two languages scope them.

use super::class::{self, Class};
use crate::golang::unicode::{RUNE_ERROR, decode_rune};

/// Go's limits: the height of the tree, the size of the program, the highest repeat count.
const MAX_HEIGHT: u32 = 1000;
const MAX_SIZE: u64 = (128 << 20) / 40;
const MAX_REPEAT: i32 = 1000;

/// A parsed expression for the `regex` crate, and the names of its groups (group 0 first, "" unnamed).
pub(super) struct Parsed {
    pub(super) pattern: String,
    pub(super) names: Vec<Vec<u8>>,
}

/// An error code of `regexp/syntax` and the text it blames.
pub(super) struct SyntaxError(pub(super) &'static str, pub(super) Vec<u8>);

type Result<T> = std::result::Result<T, SyntaxError>;

pub(super) fn error<T>(code: &'static str, blamed: &[u8]) -> Result<T> {
    Err(SyntaxError(code, blamed.to_vec()))
}

/// The flags a group can change.
#[derive(Clone, Copy)]
struct Flags {
    fold: bool,
    dot_newline: bool,
    one_line: bool,
    lazy: bool,
}

/// A piece of the expression as it is written for the `regex` crate, with what Go's limits need.
struct Node {
    text: String,
    /// Whether a repetition or a neighbour can follow without brackets.
    atom: bool,
    height: u32,
    size: u64,
    /// For a counted repetition its count; the repetitions inside; see [`Node::repeats_fit`].
    count: Option<i32>,
    inside: Vec<Node>,
}

impl Node {
    fn leaf(text: String) -> Node {
        Node {
            text,
            atom: true,
            height: 1,
            size: 1,
            count: None,
            inside: Vec::new(),
        }
    }

    /// Go refuses nested counts whose product passes 1000. The depth is bounded: a count of 2 or more
    /// can nest nine times, and other nodes are not kept.
    fn repeats_fit(&self, mut n: i32) -> bool {
        if let Some(count) = self.count {
            if count > n {
                return false;
            }
            if count > 0 {
                n /= count;
            }
        }
        self.inside.iter().all(|node| node.repeats_fit(n))
    }

    /// Only what [`Node::repeats_fit`] needs of this node: itself if it is counted, else what it holds.
    fn into_repeats(self) -> Vec<Node> {
        match self.count {
            // A count of 0 makes its inside valid, a count of 1 changes nothing.
            Some(0) => Vec::new(),
            Some(2..) => vec![Node {
                text: String::new(),
                ..self
            }],
            _ => self.inside,
        }
    }
}

/// An open group: the flags to restore, the number of a capture, and the pieces before it.
struct Group {
    flags: Flags,
    capture: bool,
    pieces: Vec<Node>,
    branches: Vec<Node>,
}

struct Parser<'a> {
    whole: &'a [u8],
    flags: Flags,
    groups: Vec<Group>,
    pieces: Vec<Node>,
    branches: Vec<Node>,
    names: Vec<Vec<u8>>,
}

/// Parses a Go expression as `regexp.Compile` does.
pub(super) fn parse(whole: &[u8]) -> Result<Parsed> {
    let flags = Flags {
        fold: false,
        dot_newline: false,
        one_line: true,
        lazy: false,
    };
    let mut parser = Parser {
        whole,
        flags,
        groups: Vec::new(),
        pieces: Vec::new(),
        branches: Vec::new(),
        names: vec![Vec::new()],
    };
    let mut rest = whole;
    let mut last_repeat: &[u8] = b"";
    while !rest.is_empty() {
        (rest, last_repeat) = parser.step(rest, last_repeat)?;
    }
    let node = parser.close()?;
    if !parser.groups.is_empty() {
        return error("missing closing )", whole);
    }
    Ok(Parsed {
        pattern: node.text,
        names: parser.names,
    })
}

/// The first character, or Go's complaint about invalid UTF-8.
pub(super) fn next_rune(text: &[u8]) -> Result<(u32, &[u8])> {
    let (rune, width) = decode_rune(text);
    if rune == RUNE_ERROR && width == 1 {
        return error("invalid UTF-8", text);
    }
    Ok((rune, text.get(width..).unwrap_or_default()))
}

/// `text` without its tail `rest`.
pub(super) fn until<'a>(text: &'a [u8], rest: &[u8]) -> &'a [u8] {
    text.get(..text.len().saturating_sub(rest.len()))
        .unwrap_or_default()
}

fn check_utf8(mut text: &[u8]) -> Result<()> {
    while !text.is_empty() {
        (_, text) = next_rune(text)?;
    }
    Ok(())
}

fn find(text: &[u8], byte: u8) -> Option<usize> {
    text.iter().position(|&b| b == byte)
}

impl<'a> Parser<'a> {
    /// Takes one item off `rest`. Besides the new rest it gives where a repetition started, for the
    /// check against stacked repetitions.
    fn step(&mut self, rest: &'a [u8], last_repeat: &'a [u8]) -> Result<(&'a [u8], &'a [u8])> {
        const NONE: &[u8] = b"";
        let tail = rest.get(1..).unwrap_or_default();
        let after = match *rest {
            [b'(', b'?', ..] => self.perl_flags(rest)?,
            [b'(', ..] => {
                self.names.push(Vec::new());
                self.open(true);
                tail
            }
            [b'|', ..] => {
                self.end_branch()?;
                tail
            }
            [b')', ..] => {
                let node = self.close()?;
                let Some(group) = self.groups.pop() else {
                    return error("unexpected )", self.whole);
                };
                self.flags = group.flags;
                self.pieces = group.pieces;
                self.branches = group.branches;
                if group.capture {
                    let node = Node {
                        text: format!("({})", node.text),
                        atom: true,
                        height: node.height + 1,
                        size: node.size + 2,
                        count: None,
                        inside: node.into_repeats(),
                    };
                    self.push(node)?;
                } else {
                    self.push(node)?;
                }
                tail
            }
            [b'^', ..] => {
                self.push_text(if self.flags.one_line { r"\A" } else { "(?m:^)" })?;
                tail
            }
            [b'$', ..] => {
                self.push_text(if self.flags.one_line { r"\z" } else { "(?m:$)" })?;
                tail
            }
            [b'.', ..] => {
                self.push_text(if self.flags.dot_newline {
                    "(?s:.)"
                } else {
                    r"[^\n]"
                })?;
                tail
            }
            [b'[', ..] => {
                let (class, after) = class::bracket(rest)?;
                self.push_class(&class)?;
                after
            }
            [b'*', ..] => return Ok((self.repeat(0, -1, "*", rest, tail, last_repeat)?, rest)),
            [b'+', ..] => return Ok((self.repeat(1, -1, "+", rest, tail, last_repeat)?, rest)),
            [b'?', ..] => return Ok((self.repeat(0, 1, "?", rest, tail, last_repeat)?, rest)),
            [b'{', ..] => match counts(rest) {
                None => {
                    self.literal(u32::from(b'{'))?;
                    tail
                }
                Some((min, max, after)) => {
                    if !(0..=MAX_REPEAT).contains(&min) || max > MAX_REPEAT || max >= 0 && min > max
                    {
                        return error("invalid repeat count", until(rest, after));
                    }
                    let text = match max {
                        -1 => format!("{{{min},}}"),
                        _ => format!("{{{min},{max}}}"),
                    };
                    return Ok((
                        self.repeat(min, max, &text, rest, after, last_repeat)?,
                        rest,
                    ));
                }
            },
            [b'\\', ..] => self.escape(rest)?,
            _ => {
                let (rune, after) = next_rune(rest)?;
                self.literal(rune)?;
                after
            }
        };
        Ok((after, NONE))
    }

    fn open(&mut self, capture: bool) {
        self.groups.push(Group {
            flags: self.flags,
            capture,
            pieces: std::mem::take(&mut self.pieces),
            branches: std::mem::take(&mut self.branches),
        });
    }

    fn push(&mut self, node: Node) -> Result<()> {
        if node.size > MAX_SIZE {
            return error("expression too large", self.whole);
        }
        if node.height > MAX_HEIGHT {
            return error("expression nests too deeply", self.whole);
        }
        self.pieces.push(node);
        Ok(())
    }

    fn push_text(&mut self, text: &str) -> Result<()> {
        self.push(Node::leaf(text.to_owned()))
    }

    fn push_class(&mut self, class: &Class) -> Result<()> {
        let text = class.text(self.flags.fold);
        self.push(Node::leaf(text))
    }

    fn literal(&mut self, rune: u32) -> Result<()> {
        let mut text = String::new();
        class::push_literal(&mut text, rune, self.flags.fold);
        self.push(Node::leaf(text))
    }

    /// Joins the pieces since the last `|` or `(`.
    fn end_branch(&mut self) -> Result<()> {
        let node = join(std::mem::take(&mut self.pieces), "");
        if node.height > MAX_HEIGHT {
            return error("expression nests too deeply", self.whole);
        }
        self.branches.push(node);
        Ok(())
    }

    /// Joins the branches of the innermost group.
    fn close(&mut self) -> Result<Node> {
        self.end_branch()?;
        let node = join(std::mem::take(&mut self.branches), "|");
        if node.size > MAX_SIZE {
            return error("expression too large", self.whole);
        }
        Ok(node)
    }

    fn repeat(
        &mut self,
        min: i32,
        max: i32,
        op: &str,
        before: &[u8],
        after: &'a [u8],
        last_repeat: &[u8],
    ) -> Result<&'a [u8]> {
        let (after, lazy) = match after {
            [b'?', rest @ ..] => (rest, !self.flags.lazy),
            _ => (after, self.flags.lazy),
        };
        if !last_repeat.is_empty() {
            return error(
                "invalid nested repetition operator",
                until(last_repeat, after),
            );
        }
        let Some(sub) = self.pieces.pop() else {
            return error(
                "missing argument to repetition operator",
                until(before, after),
            );
        };
        let counted = op.starts_with('{');
        let times = |n: i32| u64::try_from(n).unwrap_or(0);
        let size = match (counted, max) {
            (false, 1) => sub.size + 1,
            (false, _) => sub.size + 2 - times(min),
            (true, -1) if min == 0 => sub.size + 2,
            (true, -1) => 1 + times(min).saturating_mul(sub.size),
            (true, _) => times(max).saturating_mul(sub.size) + times(max - min),
        };
        let node = Node {
            text: format!("{}{op}{}", wrapped(&sub), if lazy { "?" } else { "" }),
            atom: false,
            height: sub.height + 1,
            size: size.max(1),
            count: counted.then_some(if max < 0 { min } else { max }),
            inside: sub.into_repeats(),
        };
        if counted && (min >= 2 || max >= 2) && !node.repeats_fit(MAX_REPEAT) {
            return error("invalid repeat count", until(before, after));
        }
        self.push(node)?;
        Ok(after)
    }

    /// A backslash outside a class.
    fn escape(&mut self, rest: &'a [u8]) -> Result<&'a [u8]> {
        let tail = rest.get(2..).unwrap_or_default();
        match rest.get(1) {
            Some(b'A') => self.push_text(r"\A")?,
            Some(b'b') => self.push_text(r"(?-u:\b)")?,
            Some(b'B') => self.push_text(r"(?-u:\B)")?,
            Some(b'z') => self.push_text(r"\z")?,
            Some(b'C') => return error("invalid escape sequence", until(rest, tail)),
            Some(b'Q') => {
                let end = crate::golang::strings::index(tail, br"\E");
                let (mut text, after) = match end {
                    Some(at) => (
                        tail.get(..at).unwrap_or_default(),
                        tail.get(at + 2..).unwrap_or_default(),
                    ),
                    None => (tail, &b""[..]),
                };
                while !text.is_empty() {
                    let rune;
                    (rune, text) = next_rune(text)?;
                    self.literal(rune)?;
                }
                return Ok(after);
            }
            _ => {
                let mut class = Class::default();
                if let Some(after) = class::unicode_group(rest, &mut class)? {
                    self.push_class(&class)?;
                    return Ok(after);
                }
                if let Some(after) = class::perl_group(rest, &mut class) {
                    self.push_class(&class)?;
                    return Ok(after);
                }
                let (rune, after) = class::escape(rest)?;
                self.literal(rune)?;
                return Ok(after);
            }
        }
        Ok(tail)
    }

    /// `(?…`: a named group, a group without a number, or flags.
    fn perl_flags(&mut self, text: &'a [u8]) -> Result<&'a [u8]> {
        let start = match text {
            [_, _, b'P', b'<', _, ..] => Some(4),
            [_, _, b'<', _, ..] => Some(3),
            _ => None,
        };
        if let Some(start) = start {
            let Some(end) = find(text, b'>') else {
                check_utf8(text)?;
                return error("invalid named capture", text);
            };
            let name = text.get(start..end).unwrap_or_default();
            check_utf8(name)?;
            if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                return error(
                    "invalid named capture",
                    text.get(..=end).unwrap_or_default(),
                );
            }
            self.names.push(name.to_vec());
            self.open(true);
            return Ok(text.get(end + 1..).unwrap_or_default());
        }
        let mut rest = text.get(2..).unwrap_or_default();
        let mut flags = self.flags;
        let (mut on, mut saw) = (true, false);
        while !rest.is_empty() {
            let rune;
            (rune, rest) = next_rune(rest)?;
            match char::from_u32(rune) {
                Some('i') => flags.fold = on,
                Some('m') => flags.one_line = !on,
                Some('s') => flags.dot_newline = on,
                Some('U') => flags.lazy = on,
                Some('-') if on => {
                    on = false;
                    saw = false;
                    continue;
                }
                Some(c @ (':' | ')')) if on || saw => {
                    if c == ':' {
                        self.open(false);
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
            saw = true;
        }
        error("invalid or unsupported Perl syntax", until(text, rest))
    }
}

/// Writes a piece so that something can follow it.
fn wrapped(node: &Node) -> String {
    if node.atom {
        node.text.clone()
    } else {
        format!("(?:{})", node.text)
    }
}

/// One piece of several, in sequence or as alternatives.
fn join(mut nodes: Vec<Node>, between: &str) -> Node {
    if nodes.len() == 1
        && let Some(node) = nodes.pop()
    {
        return node;
    }
    let mut text = String::new();
    let (mut height, mut size) = (0, 0u64);
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            text.push_str(between);
        }
        // A repetition needs no brackets beside other pieces, but several pieces do.
        let loose = node.atom || !between.is_empty() || node.text.ends_with(['*', '+', '?', '}']);
        if loose && !(between.is_empty() && node.text.contains('|') && !node.atom) {
            text.push_str(&node.text);
        } else {
            text.push_str(&wrapped(node));
        }
        height = height.max(node.height);
        size = size.saturating_add(node.size);
    }
    let inside = nodes.into_iter().flat_map(Node::into_repeats).collect();
    Node {
        text,
        atom: false,
        height: height + 1,
        size: size.max(1),
        count: None,
        inside,
    }
}

/// `{n}`, `{n,}` or `{n,m}`; a maximum of −1 is none, a minimum of −1 a number out of bounds.
fn counts(text: &[u8]) -> Option<(i32, i32, &[u8])> {
    let (min, rest) = number(text.get(1..)?)?;
    let (min, max, rest) = match rest {
        [b',', b'}', ..] => (min, -1, rest.get(1..)?),
        [b',', rest @ ..] => {
            let (max, rest) = number(rest)?;
            (if max < 0 { -1 } else { min }, max, rest)
        }
        _ => (min, min, rest),
    };
    rest.strip_prefix(b"}").map(|rest| (min, max, rest))
}

/// A decimal number without leading zeros; −1 for one of 10⁸ or more.
fn number(text: &[u8]) -> Option<(i32, &[u8])> {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() || digits.len() > 1 && digits.starts_with(b"0") {
        return None;
    }
    let mut value: i32 = 0;
    for digit in digits {
        if value >= 100_000_000 {
            return Some((-1, rest));
        }
        value = value * 10 + i32::from(digit - b'0');
    }
    Some((value, rest))
}
