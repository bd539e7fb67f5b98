//! Agreement with Go, properties that hold for any text, and examples.

mod helm;
mod properties;
mod reading;
mod writing;

use crate::source::{FileId, FileKind, Sources};

fn file() -> FileId {
    Sources::new().add("test.yaml", FileKind::Values, Vec::new())
}
