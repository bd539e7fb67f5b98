//! From a span in a values file to its keys: `postgres.auth.password`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::source::{FileId, Sources, Span};
use crate::yaml::{Document, NodeRef, read};

/// The values files of a rendering, read when asked for.
pub(super) struct ValuesTrees<'a> {
    sources: &'a Sources,
    read: RefCell<HashMap<FileId, Rc<[Document]>>>,
}

/// One step from the root of a values file to a place: a key, or an index.
struct Step<'a> {
    key: Option<NodeRef<'a>>,
    index: usize,
    value: NodeRef<'a>,
}

/// No path is longer: the reader nests no deeper.
const MAX_DEPTH: usize = 300;

impl<'a> ValuesTrees<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            read: RefCell::new(HashMap::new()),
        }
    }

    fn documents(&self, file: FileId) -> Rc<[Document]> {
        let mut known = self.read.borrow_mut();
        let documents = known.entry(file).or_insert_with(|| {
            let text = String::from_utf8_lossy(self.sources.file(file).bytes());
            Rc::from(read(file, &text).0)
        });
        Rc::clone(documents)
    }

    /// The dotted path of keys to the scalar, key or collection at `span`, as people write it in
    /// `--set`; for a `--set` argument there is none, its text is its own name.
    pub(super) fn path(&self, span: Span) -> Option<String> {
        let documents = self.documents(span.file());
        let steps = steps(&documents, span)?;
        let mut path = String::new();
        for step in &steps {
            match step.key {
                Some(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key.text()?);
                }
                None => path.push_str(&format!("[{}]", step.index)),
            }
        }
        (!path.is_empty()).then_some(path)
    }

    /// The nearest entry at or around `span` whose key is `name`: from its key to the end of its
    /// value where that stands on the same line, the key alone otherwise.
    pub(super) fn ancestor_named(&self, span: Span, name: &str) -> Option<Span> {
        let documents = self.documents(span.file());
        let steps = steps(&documents, span)?;
        let step = steps
            .iter()
            .rev()
            .find(|step| step.key.and_then(NodeRef::text) == Some(name))?;
        let key = step.key?.span();
        let file = self.sources.file(span.file());
        let whole = key.cover(step.value.span());
        let one_line = file.lines().line(whole.start()) == file.lines().line(whole.end());
        Some(if one_line { whole } else { key })
    }
}

/// The steps from the root to the innermost entry or item at `span`.
fn steps(documents: &[Document], span: Span) -> Option<Vec<Step<'_>>> {
    let document = documents
        .iter()
        .find(|document| document.span.contains(span))?;
    let mut node = document.root()?;
    let mut steps = Vec::new();
    while steps.len() < MAX_DEPTH {
        let inner = node
            .entries()
            .rfind(|(key, value)| key.span().contains(span) || around(*key, *value).contains(span))
            .map(|(key, value)| Step {
                key: Some(key),
                index: 0,
                value,
            })
            .or_else(|| {
                node.items()
                    .enumerate()
                    .filter(|(_, item)| item.span().contains(span))
                    .map(|(index, value)| Step {
                        key: None,
                        index,
                        value,
                    })
                    .last()
            });
        let Some(step) = inner else { break };
        let is_key = step.key.is_some_and(|key| key.span().contains(span));
        node = step.value;
        steps.push(step);
        if is_key {
            break;
        }
    }
    Some(steps)
}

/// An entry's bytes, from its key to the end of its value.
fn around(key: NodeRef<'_>, value: NodeRef<'_>) -> Span {
    key.span().cover(value.span())
}
