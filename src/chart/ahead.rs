//! The documents of executed templates, read on another thread while further ones are executed.

use rustc_hash::FxHashMap;

use crate::source::{FileId, Text};
use crate::template::eval::{Helper, Task};
use crate::yaml::Document;

use super::head::{self, Head};
use super::manifests::{most_aliased, split};
use super::render::{MAX_DOCUMENTS, is_notes};

/// The head of a document and all of it; nothing where something is wrong with it, which is found
/// out again by whoever can tell its place.
pub(super) type Known = Option<(Head, Option<Document>)>;

/// The documents of a file: where they stand in its text, and what is known of each.
pub(super) type Parts = Vec<((usize, usize), Known)>;

/// What is read ahead.
pub(super) struct Ahead<'h> {
    helper: &'h Helper,
    given: FxHashMap<String, Task<Parts>>,
}

impl<'h> Ahead<'h> {
    pub(super) fn new(helper: &'h Helper) -> Self {
        Self {
            helper,
            given: FxHashMap::default(),
        }
    }

    /// Has the documents of a file read that was executed.
    pub(super) fn give(&mut self, name: &str, text: &mut Text) {
        if !self.helper.is_there() || is_notes(name) {
            return;
        }
        let bytes = text.share().clone();
        let read = move || {
            let known = |(start, end)| {
                let part = bytes.get(start..end).unwrap_or_default();
                // The aliases of so many documents are allowed to whatever number there is.
                let read = head::read(FileId::DETACHED, part, most_aliased(MAX_DOCUMENTS));
                ((start, end), read.ok())
            };
            split(&bytes).into_iter().map(known).collect()
        };
        self.given.insert(name.to_owned(), self.helper.give(read));
    }

    /// The documents of a file, in their order.
    pub(super) fn take(&mut self, name: &str, text: &Text) -> Parts {
        let given = self.given.remove(name);
        given.and_then(|task| task.wait().ok()).unwrap_or_else(|| {
            let parts = split(text.bytes()).into_iter();
            parts.map(|part| (part, None)).collect()
        })
    }
}
