//! YAML as Helm reads and writes it, with spans.
//!
//! Reading: tokens by the rules of Go's yaml.v2 become a tree in an arena ([`Document`], read
//! through [`NodeRef`]); scalars mean what yaml.v2 says they mean. Writing: `toYaml`.

mod arena;
mod document;
pub mod emit;
pub mod json;
mod parse;
pub mod plain;
mod read;
mod resolve;
mod scan;
mod syntax;
#[cfg(test)]
mod tests;
mod timestamp;
mod written;

pub use arena::ScalarKind;
pub use document::{
    Anchor, Comment, Document, Entry, NodeId, NodeRef, Parts, ScalarStyle, Shape, Typed, duplicates,
};
pub use read::{read, read_bytes, read_first};
pub use syntax::SyntaxError;
pub use written::is_as_written;
