//! YAML as Helm reads and writes it, with spans.
//!
//! Reading: tokens by the rules of Go's yaml.v2 become a tree in an arena (`Document`, read
//! through `NodeRef`); scalars mean what yaml.v2 says they mean. `from_yaml` gives the values
//! that Helm makes of it. Writing: `toYaml` and its relatives.

mod document;
mod emit;
mod json;
mod number;
mod parse;
mod plain;
mod read;
mod resolve;
mod scan;
mod syntax;

pub use document::{
    Anchor, Comment, Document, Entry, Node, NodeId, NodeRef, ScalarStyle, ScalarType, Shape, Typed,
};
pub use emit::{
    EmitError, JsonStyle, MapEntry, Sink, Source, View, to_json, to_yaml, to_yaml_pretty,
};
pub use json::from_json;
pub use plain::{Expect, Plain, PlainEntry, PlainKind, from_yaml, to_plain};
pub use read::{Limits, read, read_bytes, read_first};
pub use resolve::resolve;
pub use syntax::SyntaxError;

#[cfg(test)]
mod tests;
