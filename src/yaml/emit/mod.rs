//! Writing: `toYaml` and `toYamlPretty`, byte for byte as Go writes.
//!
//! Output goes to a sink piece by piece, each piece with the mark of the scalar or key that it
//! belongs to, so that whoever holds the values can give every byte its origin.

mod normal;
mod order;
mod scalar;
mod tree;
mod writer;

use std::ops::Deref;
use std::rc::Rc;

use crate::source::Text;

/// A value to write, and the mark of its bytes.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// Given to the sink with the item's bytes; 0 is for bytes that no item decided.
    pub mark: u32,
    /// The value.
    pub tree: Tree<'a>,
}

/// Bytes to write: somebody else's, or shared with values.
#[derive(Debug, Clone)]
pub enum Held<'a> {
    /// Those of somebody who stays.
    Of(&'a [u8]),
    /// Their own.
    Own(Vec<u8>),
    /// A key.
    Key(Rc<[u8]>),
    /// Those of a text.
    Text(Rc<Text>),
}

impl Deref for Held<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Of(bytes) => bytes,
            Self::Own(bytes) => bytes,
            Self::Key(key) => key,
            Self::Text(text) => text.bytes(),
        }
    }
}

/// A value of JSON's types.
#[derive(Debug, Clone)]
pub enum Tree<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number of an unsigned type.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// What is written as it is and without quotes, such as a time. To JSON it is a string.
    Bare(Held<'a>),
    /// Text; bytes that are no UTF-8 are replaced, as encoding/json does.
    Str(Held<'a>),
    /// An array.
    List(Vec<Item<'a>>),
    /// An object: key, the key's mark, value. In any order.
    Map(Vec<(Held<'a>, u32, Item<'a>)>),
    /// The fields of a struct, which keep their order in all that does not go through a map:
    /// `toYaml` does.
    Struct(Vec<(Held<'a>, u32, Item<'a>)>),
}

/// Takes the output, piece by piece.
#[derive(Debug, Default)]
pub struct Sink {
    bytes: Vec<u8>,
    pieces: Vec<(u32, u32)>,
    /// The mark of the piece that is being written.
    open: Option<u32>,
}

impl Sink {
    /// Nothing is written yet; there is room for so many bytes, and pieces.
    #[must_use]
    pub fn with_capacity(bytes: usize, pieces: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            pieces: Vec::with_capacity(pieces),
            open: None,
        }
    }

    /// Takes a piece. One of no bytes says that some of its mark could stand there.
    #[inline]
    pub fn put(&mut self, piece: &[u8], mark: u32) {
        self.begin(mark);
        match piece {
            // Much of YAML is single characters.
            [byte] => self.bytes.push(*byte),
            _ => self.bytes.extend_from_slice(piece),
        }
    }

    /// Takes a piece that is written behind the bytes that are there.
    pub(super) fn put_by(&mut self, mark: u32, write: impl FnOnce(&mut Vec<u8>)) {
        self.begin(mark);
        write(&mut self.bytes);
    }

    fn begin(&mut self, mark: u32) {
        if self.open != Some(mark) {
            self.close();
            self.open = Some(mark);
        }
    }

    fn close(&mut self) {
        if let Some(mark) = self.open {
            let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
            self.pieces.push((end, mark));
        }
    }

    /// All bytes; and of each piece, where it ends and its mark. No two of one mark stand behind
    /// one another.
    #[must_use]
    pub fn finish(mut self) -> (Vec<u8>, Vec<(u32, u32)>) {
        self.close();
        (self.bytes, self.pieces)
    }
}

/// The two libraries, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// yaml.v2, through JSON: lines are folded at 80 columns, lists under a key not indented.
    V2,
    /// yaml.v3: no folding, lists indented, floats keep their exponent.
    V3,
}

/// Writes `item` as `toYaml` does, without the final line feed.
///
/// # Errors
/// What Go says where a value has no YAML: infinities, control characters that JSON does not
/// escape, keys of more than 1022 characters. Helm then prints nothing.
pub fn to_yaml(item: &Item<'_>, sink: &mut Sink) -> Result<(), String> {
    tree::write(item, sink, Dialect::V2)
}

/// Writes `item` as `toYamlPretty` does, which is go.yaml.in/yaml v3 on the value itself.
///
/// # Errors
/// Values that nest too deep.
pub fn to_yaml_pretty(item: &Item<'_>, sink: &mut Sink) -> Result<(), String> {
    tree::write(item, sink, Dialect::V3)
}
