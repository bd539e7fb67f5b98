//! YAML as Helm reads and writes it, with spans.
//!
//! Reading: granit-parser's events become a tree in an arena ([`Document`], read through
//! [`NodeRef`]); scalars mean what Go's yaml.v2 says they mean. Writing: `toYaml`.

mod document;
pub mod emit;
mod emit_scalar;
mod go_error;
pub mod json;
pub mod plain;
mod reader;
mod resolve;
#[cfg(test)]
mod tests;

pub use document::{
    Comment, Document, Entry, Node, NodeId, NodeRef, ScalarStyle, ScalarType, Shape, Typed,
    duplicates,
};
pub use reader::{SyntaxError, read, read_bytes};
pub use resolve::resolve;
