//! YAML as Helm reads and writes it, with spans.
//!
//! Reading: granit-parser's events become a tree in an arena ([`Document`], read through
//! [`NodeRef`]); scalars mean what Go's yaml.v2 says they mean. Writing: `toYaml`.

mod document;
mod interim;

pub use document::{Comment, Document, Entry, NodeId, NodeRef, ScalarStyle, Shape, Typed};
pub use interim::interim;
