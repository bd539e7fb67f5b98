//! The output so far: columns, and which bytes came from where.

use std::marker::PhantomData;
use std::ops::Range;

use super::Sink;

/// The scalar that is being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<M> {
    pub(super) mark: M,
    /// The length of the string where its bytes cannot be told apart.
    pub(super) whole: Option<usize>,
}

pub(super) struct Writer<'s, M: Copy, S: Sink<M>> {
    sink: &'s mut S,
    /// Characters in the current line.
    pub(super) column: usize,
    /// The last thing written separates from the next.
    pub(super) whitespace: bool,
    /// Only indentation and indicators stand in the current line.
    pub(super) indention: bool,
    /// Where lines are folded.
    pub(super) width: usize,
    /// The scalar that is being written.
    pub(super) origin: Option<Origin<M>>,
    /// Bytes of one origin that were not passed on yet, with the bytes of the string they are.
    run: Vec<u8>,
    run_at: Range<usize>,
    run_copied: bool,
    /// A line break that is only written when something follows.
    held: Option<Option<Origin<M>>>,
    marks: PhantomData<M>,
}

impl<'s, M: Copy, S: Sink<M>> Writer<'s, M, S> {
    pub(super) fn new(sink: &'s mut S, width: usize) -> Self {
        Self {
            sink,
            column: 0,
            whitespace: true,
            indention: true,
            width,
            origin: None,
            run: Vec::new(),
            run_at: 0..0,
            run_copied: false,
            held: None,
            marks: PhantomData,
        }
    }

    /// Starts or ends the bytes of a scalar.
    pub(super) fn set_origin(&mut self, origin: Option<Origin<M>>) {
        self.flush();
        self.origin = origin;
    }

    /// Characters that stand for themselves: `bytes` are at `at` in the string.
    pub(super) fn copy(&mut self, bytes: &[u8], at: usize) {
        self.put(bytes, at..at + bytes.len(), true);
    }

    /// Bytes that stand for the bytes `at` of the string.
    pub(super) fn stand_for(&mut self, bytes: &[u8], at: Range<usize>) {
        self.put(bytes, at, false);
    }

    /// Bytes that stand for nothing in the string.
    pub(super) fn add(&mut self, bytes: &[u8], at: usize) {
        self.put(bytes, at..at, false);
    }

    fn put(&mut self, bytes: &[u8], at: Range<usize>, copied: bool) {
        self.release();
        let joins = if self.run.is_empty() {
            false
        } else if copied {
            self.run_copied && self.run_at.end == at.start
        } else {
            !self.run_copied && self.run_at == at && at.is_empty()
        };
        if joins {
            self.run_at.end = at.end;
        } else {
            self.flush();
            self.run_at = at;
            self.run_copied = copied;
        }
        self.run.extend_from_slice(bytes);
        self.column += bytes.iter().filter(|b| **b & 0xC0 != 0x80).count();
    }

    /// A line break; `at` are the bytes of the string it stands for.
    pub(super) fn line_break(&mut self, at: Range<usize>) {
        self.release();
        self.flush();
        self.run_at = at;
        self.held = Some(self.origin);
        self.column = 0;
    }

    /// Writes the line break that was held back.
    fn release(&mut self) {
        if let Some(origin) = self.held.take() {
            let at = std::mem::take(&mut self.run_at);
            pass(self.sink, origin, b"\n", at);
        }
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            pass(self.sink, self.origin, &self.run, self.run_at.clone());
            self.run.clear();
        }
    }

    /// Ends the output, without the line break at its end.
    pub(super) fn finish(mut self) {
        self.flush();
    }

    /// Goes to the indentation `indent`, on a new line if need be.
    pub(super) fn indent(&mut self, indent: isize, at: usize) {
        let indent = usize::try_from(indent).unwrap_or(0);
        let fits =
            self.indention && (self.column < indent || self.column == indent && self.whitespace);
        if !fits {
            self.line_break(at..at);
        }
        while self.column < indent {
            self.add(b" ", at);
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
        at: usize,
    ) {
        if spaced && !self.whitespace {
            self.add(b" ", at);
        }
        self.add(indicator, at);
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }
}

fn pass<M: Copy, S: Sink<M>>(
    sink: &mut S,
    origin: Option<Origin<M>>,
    bytes: &[u8],
    at: Range<usize>,
) {
    match origin {
        None => sink.structure(bytes),
        Some(Origin { mark, whole: None }) => sink.scalar(bytes, mark, at),
        Some(Origin {
            mark,
            whole: Some(length),
        }) => sink.scalar(bytes, mark, 0..length),
    }
}
