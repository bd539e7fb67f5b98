//! JSON texts without oddities, which nearly all are, read without asking what is wrong with them.

use smol_str::SmolStr;

use super::super::scan::run::{leading_in, spaces};
use super::tree::JsonTree;

/// Deeper texts are left to `serde_json`, which bounds how deep they nest.
const MAX_DEPTH: usize = 100;
/// Whole numbers of so many digits fit whichever way they are held.
const SAFE_DIGITS: usize = 18;

/// By byte, whether it may stand in a string and means itself.
const WITHIN_STRING: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < b' ' {
        table[byte as usize] = false;
        byte += 1;
    }
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table
};

/// What a text holds; nothing where it is no JSON, or where that is not seen at once.
pub(super) fn read(text: &str) -> Option<JsonTree> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        items: Vec::new(),
        entries: Vec::new(),
    };
    let tree = reader.value()?;
    reader.skip_space();
    (reader.at == text.len()).then_some(tree)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// The items and entries of the collections under way, each of which takes no more memory than
    /// it needs when it ends.
    items: Vec<JsonTree>,
    entries: Vec<(SmolStr, JsonTree)>,
}

impl<'t> Reader<'t> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        loop {
            match self.next() {
                Some(b'!'..) => return,
                Some(b'\n') => {
                    self.at += 1;
                    self.at += spaces(self.rest());
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                _ => return,
            }
        }
    }

    /// Steps over `byte`, if it is the next one.
    fn accept(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Option<JsonTree> {
        self.skip_space();
        match self.next()? {
            b'"' => self.string().map(JsonTree::Text),
            b'{' => self.within(Self::object),
            b'[' => self.within(Self::array),
            b't' => self.literal("true", JsonTree::Bool(true)),
            b'f' => self.literal("false", JsonTree::Bool(false)),
            b'n' => self.literal("null", JsonTree::Null),
            _ => self.number(),
        }
    }

    /// Reads a collection, one level deeper.
    fn within(&mut self, read: fn(&mut Self) -> Option<JsonTree>) -> Option<JsonTree> {
        self.at += 1;
        self.depth += 1;
        let tree = (self.depth <= MAX_DEPTH).then(|| read(self)).flatten();
        self.depth -= 1;
        tree
    }

    fn object(&mut self) -> Option<JsonTree> {
        let first = self.entries.len();
        self.skip_space();
        if self.accept(b'}') {
            return Some(JsonTree::Map(Vec::new().into()));
        }
        loop {
            self.skip_space();
            let key = match self.next()? {
                b'"' => self.string()?,
                _ => return None,
            };
            self.skip_space();
            if !self.accept(b':') {
                return None;
            }
            let value = self.value()?;
            self.entries.push((key, value));
            self.skip_space();
            if self.accept(b'}') {
                return Some(JsonTree::Map(self.entries.split_off(first).into()));
            }
            if !self.accept(b',') {
                return None;
            }
        }
    }

    fn array(&mut self) -> Option<JsonTree> {
        let first = self.items.len();
        self.skip_space();
        if self.accept(b']') {
            return Some(JsonTree::List(Vec::new()));
        }
        loop {
            let item = self.value()?;
            self.items.push(item);
            self.skip_space();
            if self.accept(b']') {
                return Some(JsonTree::List(self.items.split_off(first)));
            }
            if !self.accept(b',') {
                return None;
            }
        }
    }

    fn literal(&mut self, literal: &str, tree: JsonTree) -> Option<JsonTree> {
        let is_it = self.rest().starts_with(literal.as_bytes());
        self.at += literal.len();
        is_it.then_some(tree)
    }

    /// A number; whatever is no plain whole one is left to `serde_json`.
    fn number(&mut self) -> Option<JsonTree> {
        let start = self.at;
        let is_negative = self.accept(b'-');
        let digits = self.at;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.next() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        let is_plain = (1..=SAFE_DIGITS).contains(&count)
            && match self.text.as_bytes().get(digits) {
                // `-0` is no whole number, and no other number begins so.
                Some(b'0') => count == 1 && !is_negative,
                _ => true,
            }
            && !matches!(self.next(), Some(b'.' | b'e' | b'E'));
        if is_plain {
            let value = i64::try_from(value).ok()?;
            return Some(JsonTree::Number(match is_negative {
                true => (-value).into(),
                false => value.into(),
            }));
        }
        while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = self.next() {
            self.at += 1;
        }
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    /// The string whose opening quote stands here.
    fn string(&mut self) -> Option<SmolStr> {
        let start = self.at;
        self.at += 1;
        self.at += leading_in(&WITHIN_STRING, self.rest());
        match self.next()? {
            b'"' => {
                let inside = self.text.get(start + 1..self.at)?;
                self.at += 1;
                Some(SmolStr::new(inside))
            }
            b'\\' => self.escaped(start),
            _ => None,
        }
    }

    /// The string from `start` on, in which an escape stands here.
    fn escaped(&mut self, start: usize) -> Option<SmolStr> {
        loop {
            self.at += leading_in(&WITHIN_STRING, self.rest());
            match self.next()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => return None,
            }
        }
        self.at += 1;
        let tree: JsonTree = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        tree.as_text().map(SmolStr::new)
    }
}
