//! What was printed, and what each byte of it came from.

/// Where a run of printed bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Nothing: the line feed of `println`.
    Nothing,
    /// The format string, copied from this offset on.
    Format(usize),
    /// A complaint about the format string.
    Complaint,
    /// Made of this argument.
    Arg(usize),
    /// The text of this argument, copied from this offset on.
    Text(usize, usize),
}

/// Printed bytes in runs.
#[derive(Debug, Default)]
pub struct Out {
    bytes: Vec<u8>,
    runs: Vec<(usize, From)>,
    asterisks: Vec<usize>,
}

impl Out {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, alone.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes; their runs in order, each with the offset behind its last byte, and where it came
    /// from; and the arguments that gave a width or a precision. A run of a text that was printed as
    /// no bytes is empty.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Vec<(usize, From)>, Vec<usize>) {
        (self.bytes, self.runs, self.asterisks)
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8], from: From) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.seal(start, from);
    }

    pub(super) fn pad(&mut self, byte: u8, count: usize, from: From) {
        let start = self.bytes.len();
        self.bytes.resize(start + count, byte);
        self.seal(start, from);
    }

    pub(super) fn asterisk(&mut self, arg: usize) {
        self.asterisks.push(arg);
    }

    fn seal(&mut self, start: usize, from: From) {
        let end = self.bytes.len();
        let derived = matches!(from, From::Nothing | From::Complaint | From::Arg(_));
        if start == end && derived {
            return;
        }
        if let Some((last, before)) = self.runs.last_mut()
            && derived
            && *before == from
        {
            *last = end;
            return;
        }
        self.runs.push((end, from));
    }
}
