//! The output so far: the column, and what the next bytes need in front of them.

use crate::golang::unicode::rune_count;

use super::Sink;

/// Indentation is cut from this.
const SPACES: &[u8; 64] = &[b' '; 64];

pub(super) struct Writer<'s> {
    sink: &'s mut Sink,
    /// Characters in the current line.
    pub(super) column: usize,
    /// The last thing written separates from the next.
    pub(super) whitespace: bool,
    /// Only indentation and indicators stand in the current line.
    pub(super) indention: bool,
    /// Where lines are folded.
    pub(super) width: usize,
    /// The mark of the scalar that is being written; 0 between scalars.
    pub(super) mark: u32,
    /// The mark of a line break that is only written when something follows.
    held: Option<u32>,
}

impl<'s> Writer<'s> {
    pub(super) fn new(sink: &'s mut Sink, width: usize) -> Self {
        Self {
            sink,
            column: 0,
            whitespace: true,
            indention: true,
            width,
            mark: 0,
            held: None,
        }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.put_ascii(bytes);
        if !bytes.is_ascii() {
            self.column -= bytes.len() - rune_count(bytes);
        }
    }

    /// The same of bytes that are one character each.
    pub(super) fn put_ascii(&mut self, bytes: &[u8]) {
        self.release();
        self.sink.put(bytes, self.mark);
        self.column += bytes.len();
    }

    pub(super) fn line_break(&mut self) {
        self.release();
        self.held = Some(self.mark);
        self.column = 0;
    }

    /// Writes the line break that was held back.
    fn release(&mut self) {
        if let Some(mark) = self.held.take() {
            self.sink.put(b"\n", mark);
        }
    }

    /// Goes to the indentation `indent`, on a new line if need be.
    pub(super) fn indent(&mut self, indent: isize) {
        let indent = usize::try_from(indent).unwrap_or(0);
        let fits =
            self.indention && (self.column < indent || self.column == indent && self.whitespace);
        if !fits {
            self.line_break();
        }
        while self.column < indent {
            let wanted = (indent - self.column).min(SPACES.len());
            self.put_ascii(SPACES.get(..wanted).unwrap_or_default());
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// An indicator such as `-`, behind a space if it needs one.
    pub(super) fn indicator(
        &mut self,
        indicator: &[u8],
        spaced: bool,
        whitespace: bool,
        indention: bool,
    ) {
        if spaced && !self.whitespace {
            self.put_ascii(b" ");
        }
        self.put_ascii(indicator);
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }
}
