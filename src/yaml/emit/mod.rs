//! Writing: `toYaml`, `toYamlPretty`, `toJson` and its relatives, byte for byte as Go writes.
//!
//! The input is anything that can show itself as a [`View`]; every value and key carries a mark,
//! and the output goes to a [`Sink`] that is told, for all bytes of a scalar, which mark and which
//! bytes of the string they come from.

mod json;
mod normal;
mod order;
mod scalar;
mod tree;
mod writer;

use std::fmt;
use std::ops::Range;

pub use json::{JsonStyle, to_json};

/// A value that can be written. Cheap to make: a writer asks for the children of one collection
/// at a time.
pub trait Source: Sized {
    /// Where a value or a key came from.
    type Mark: Copy;
    /// The bytes of a key.
    type Key: AsRef<[u8]>;

    /// Where this value came from.
    fn mark(&self) -> Self::Mark;
    /// The value.
    fn view(&self) -> View<'_, Self>;
}

/// What a [`Source`] is.
pub enum View<'a, S: Source> {
    /// `nil`.
    Null,
    /// `bool`.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    Uint(u64),
    /// A float.
    Float(f64),
    /// A string: any bytes.
    Str(&'a [u8]),
    /// A slice.
    List(Vec<S>),
    /// A map; the writer sorts it.
    Map(Vec<MapEntry<S>>),
}

/// One entry of a [`View::Map`].
pub struct MapEntry<S: Source> {
    /// The key.
    pub key: S::Key,
    /// Where the key came from.
    pub mark: S::Mark,
    /// The value.
    pub value: S,
}

/// Takes the output in order.
pub trait Sink<M> {
    /// Indentation, line breaks between values, `- `, `:`, `?`, brackets.
    fn structure(&mut self, bytes: &[u8]);
    /// Bytes of a scalar or a key, its quotes and the line breaks within it included. `at` are the
    /// bytes of the string that they stand for: as many as `bytes` where they were copied, none
    /// for quotes and indentation, and the whole string where it had to be changed on the way
    /// (bytes that are no UTF-8). For anything but strings it is `0..0`.
    fn scalar(&mut self, bytes: &[u8], mark: M, at: Range<usize>);
}

/// A sink that keeps only the bytes.
impl<M> Sink<M> for Vec<u8> {
    fn structure(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn scalar(&mut self, bytes: &[u8], _: M, _: Range<usize>) {
        self.extend_from_slice(bytes);
    }
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmitError<M> {
    /// Go's message; what was written so far is void.
    pub message: String,
    /// Where the value or key came from that is to blame.
    pub mark: M,
    /// Whether it is a limit of ours, which Go does not have.
    pub limit: bool,
}

impl<M: fmt::Debug> fmt::Display for EmitError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How deep collections may nest; Go gives up on deeper ones too, at 1000 and more.
const DEPTH: usize = 500;

/// The two libraries, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// yaml.v2, through JSON: lines are folded at 80 columns, lists under a key not indented.
    V2,
    /// yaml.v3: no folding, lists indented.
    V3,
}

/// `toYaml`: what sigs.k8s.io/yaml's `Marshal` gives, without the line break at the end. Where it
/// fails, `toYaml` prints nothing and `mustToYaml` gives the error.
///
/// # Errors
/// For infinities and NaN, for strings with control characters that JSON does not escape, and for
/// keys of more than 1022 characters.
pub fn to_yaml<S: Source>(
    value: &S,
    sink: &mut impl Sink<S::Mark>,
) -> Result<(), EmitError<S::Mark>> {
    tree::write(value, sink, Dialect::V2)
}

/// `toYamlPretty`: what yaml.v3's encoder gives with an indentation of 2, without the line break at
/// the end.
///
/// # Errors
/// Only for nesting without end.
pub fn to_yaml_pretty<S: Source>(
    value: &S,
    sink: &mut impl Sink<S::Mark>,
) -> Result<(), EmitError<S::Mark>> {
    tree::write(value, sink, Dialect::V3)
}
