//! JSON as Go's encoding/json reads and writes it, with spans and marks; and as `serde_json` reads
//! it.

mod read;
mod tree;
mod write;

pub use read::{Json, read_json, read_json_prefix};
pub use tree::{JsonEntries, JsonTree};
pub use write::{Style, to_json};
pub(super) use write::{quoted, unsupported};
