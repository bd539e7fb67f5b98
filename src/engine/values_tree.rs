//! From a span in a values file to its keys: `postgres.auth.password`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::source::{FileId, FileKind, Sources, Span};
use crate::yaml::{Document, NodeId, NodeRef, Shape, Typed, read_bytes};

/// Values files with their documents.
pub(super) type ReadFiles = HashMap<FileId, Arc<[Document]>>;

/// The values files of a rendering: those that were read before, and others when asked for.
pub(super) struct ValuesTrees<'a> {
    sources: &'a Sources,
    read: RefCell<ReadFiles>,
}

/// One step from the root of a values file to a place: a key, or an index.
pub(super) struct Step<'a> {
    pub key: Option<NodeRef<'a>>,
    index: usize,
    pub value: NodeRef<'a>,
}

/// An entry of a values file, or a `--set` argument.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// The keys from the root to it; of an argument the text.
    pub keys: Vec<String>,
    /// From its key to the end of its value where that stands on the same line, the key alone
    /// otherwise.
    pub place: Span,
    /// Whether a condition takes its value as false.
    pub is_empty: bool,
    /// Whether its value is a mapping or a list.
    pub is_collection: bool,
    /// Its key, to look into it with.
    key: Span,
}

/// The documents of one values file, as far as they can be read.
pub(super) fn read_file(file: FileId, sources: &Sources) -> Arc<[Document]> {
    Arc::from(read_bytes(file, sources.file(file).bytes()).0)
}

/// No path is longer: the reader nests no deeper.
const MAX_DEPTH: usize = 300;

impl<'a> ValuesTrees<'a> {
    pub(super) fn new(sources: &'a Sources, read: ReadFiles) -> Self {
        Self {
            sources,
            read: RefCell::new(read),
        }
    }

    fn documents(&self, file: FileId) -> Arc<[Document]> {
        let mut known = self.read.borrow_mut();
        let documents = known
            .entry(file)
            .or_insert_with(|| read_file(file, self.sources));
        Arc::clone(documents)
    }

    /// The dotted path of keys to the scalar, key or collection at `span`, as people write it in
    /// `--set`; for a `--set` argument there is none, its text is its own name.
    pub(super) fn path(&self, span: Span) -> Option<String> {
        let documents = self.documents(span.file());
        dotted(&steps(&documents, span)?)
    }

    /// As [`ValuesTrees::path`], for a place where `key` lacks: where the entry there holds a
    /// scalar or a list, which could not have it, that of what the entry stands in.
    pub(super) fn path_around(&self, span: Span, key: &str) -> Option<String> {
        let documents = self.documents(span.file());
        let mut steps = steps(&documents, span)?;
        if let [.., _, entry] = steps.as_slice()
            && entry.key.is_some_and(|name| name.text() != Some(key))
            && (entry.value.text().is_some() || entry.value.items().next().is_some())
        {
            steps.pop();
        }
        dotted(&steps)
    }

    /// As [`ValuesTrees::path`], for a place that leaves something out: the first entry of an item
    /// stands for the item, which has no place of its own.
    pub(super) fn path_of_item(&self, span: Span) -> Option<String> {
        let documents = self.documents(span.file());
        let mut steps = steps(&documents, span)?;
        if let [.., item, entry] = steps.as_slice()
            && item.key.is_none()
            && let Some(key) = entry.key
            && let Some((first, _)) = item.value.entries().next()
            && first.id() == key.id()
            && entry.value.text().is_some()
        {
            steps.pop();
        }
        dotted(&steps)
    }

    /// The first of the entries beside the one at `span`, which stands for all of them: those that
    /// are printed come in another order.
    pub(super) fn first_beside(&self, span: Span) -> Option<Span> {
        let documents = self.documents(span.file());
        let steps = steps(&documents, span)?;
        let [.., around, _] = steps.as_slice() else {
            return None;
        };
        let (key, value) = around.value.entries().next()?;
        Some(self.place(key, value))
    }

    /// The nearest entry at or around `span` whose key is `name`: from its key to the end of its
    /// value where that stands on the same line, the key alone otherwise.
    pub(super) fn ancestor_named(&self, span: Span, name: &str) -> Option<Span> {
        self.ancestor(span, name, |_| true)
    }

    /// The same where its value may say whether something is there: not a word or a number, which
    /// says what it is.
    pub(super) fn switch_named(&self, span: Span, name: &str) -> Option<Span> {
        let may_switch = |value: NodeRef<'_>| match value.typed() {
            Some(Typed::Str(text)) => text.is_empty(),
            Some(Typed::Null | Typed::Bool(_)) | None => true,
            Some(_) => false,
        };
        self.ancestor(span, name, may_switch)
    }

    fn ancestor(&self, span: Span, name: &str, fits: impl Fn(NodeRef<'_>) -> bool) -> Option<Span> {
        let documents = self.documents(span.file());
        let steps = steps(&documents, span)?;
        let mut steps = steps.iter().rev();
        let step = steps.find(|step| step.key.and_then(NodeRef::text) == Some(name))?;
        fits(step.value).then_some(self.place(step.key?, step.value))
    }

    /// An entry from its key to the end of its value where that stands on the same line, the key
    /// alone otherwise.
    fn place(&self, key: NodeRef<'_>, value: NodeRef<'_>) -> Span {
        let key = key.span();
        let lines = self.sources.file(key.file()).lines();
        let whole = key.cover(value.span());
        let one_line = lines.line(whole.start()) == lines.line(whole.end());
        if one_line { whole } else { key }
    }

    /// The innermost entry at `span`, or the one that is `up` levels around it.
    pub(super) fn setting(&self, span: Span, up: usize) -> Option<Setting> {
        let documents = self.documents(span.file());
        let steps = steps(&documents, span).unwrap_or_default();
        let keys = steps.iter().filter_map(|step| step.key);
        let mut keys: Vec<String> = keys
            .filter_map(|key| Some(key.text()?.to_owned()))
            .collect();
        let entries = steps.iter().rev().filter(|step| step.key.is_some());
        let Some((key, step)) = entries.skip(up).find_map(|step| Some((step.key?, step))) else {
            let is_argument = documents
                .first()
                .and_then(Document::root)?
                .style()
                .is_some();
            return (is_argument && up == 0).then(|| self.argument(span));
        };
        keys.truncate(keys.len().saturating_sub(up));
        Some(self.entry(keys, key, step.value))
    }

    fn entry(&self, keys: Vec<String>, key: NodeRef<'_>, value: NodeRef<'_>) -> Setting {
        let is_collection = value.style().is_none();
        let has_none = value.entries().next().is_none() && value.items().next().is_none();
        let is_empty = match value.typed() {
            Some(typed) => matches!(
                typed,
                Typed::Null | Typed::Bool(false) | Typed::Int(0) | Typed::Str("")
            ),
            None => has_none,
        };
        Setting {
            keys,
            place: self.place(key, value),
            is_empty,
            is_collection,
            key: key.span(),
        }
    }

    /// A `--set` argument has no keys but its own text. A mapping that it only adds to is shown
    /// where a values file has it.
    fn argument(&self, span: Span) -> Setting {
        const EMPTY: &[&str] = &["null", "false", "0", "", "{}", "[]"];
        let file = self.sources.file(span.file());
        let text = String::from_utf8_lossy(self.sources.slice(span)).into_owned();
        let rest = file.bytes().get(span.end()..).unwrap_or_default();
        let rest = String::from_utf8_lossy(rest);
        let assigned = rest.split(',').next().and_then(|one| one.split_once('='));
        if assigned.is_some_and(|(_, value)| !EMPTY.contains(&value.trim()))
            && let Some(setting) = self.in_a_file(span)
        {
            return setting;
        }
        Setting {
            is_empty: EMPTY.contains(&text.as_str()),
            keys: vec![text],
            place: span,
            is_collection: false,
            key: span,
        }
    }

    /// The mapping of a values file that the path of an argument up to the end of `span` names.
    fn in_a_file(&self, span: Span) -> Option<Setting> {
        let before = self.sources.file(span.file()).bytes().get(..span.end())?;
        let before = String::from_utf8_lossy(before);
        let path: Vec<&str> = before.rsplit(',').next()?.split('.').collect();
        let (last, way) = path.split_last()?;
        let files = self
            .sources
            .files()
            .filter(|(id, file)| file.kind() == FileKind::Values && *id != span.file());
        let found = files.filter_map(|(id, _)| {
            let documents = self.documents(id);
            let (key, value) = documents.first()?.root()?.at(way)?.entry(last)?;
            let keys = path.iter().map(|key| (*key).to_owned()).collect();
            let setting = self.entry(keys, key, value);
            value.is_mapping().then_some(setting)
        });
        found.last()
    }

    /// The entry of a setting whose key is meant.
    pub(super) fn child(&self, setting: &Setting, meant: impl Fn(&str) -> bool) -> Option<Setting> {
        let documents = self.documents(setting.key.file());
        let steps = steps(&documents, setting.key)?;
        let value = steps.last()?.value;
        let (key, value) = value
            .entries()
            .rfind(|(key, _)| key.text().is_some_and(&meant))?;
        let mut keys = setting.keys.clone();
        keys.extend(key.text().map(str::to_owned));
        Some(self.entry(keys, key, value))
    }
}

/// Steps as people write them: `a.b[0].c`; nothing for none, and where a key is no text.
fn dotted(steps: &[Step<'_>]) -> Option<String> {
    let mut path = String::new();
    for step in steps {
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

/// The steps from the root to the innermost entry or item at `span`.
pub(super) fn steps(documents: &[Document], span: Span) -> Option<Vec<Step<'_>>> {
    let document = documents
        .iter()
        .find(|document| document.span.contains(span))?;
    let mut node = document.root()?;
    let mut steps = Vec::new();
    while steps.len() < MAX_DEPTH {
        let inner = entry_at(node, span).or_else(|| item_at(node, span));
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

/// The last entry of a mapping that holds `span`.
fn entry_at<'a>(node: NodeRef<'a>, span: Span) -> Option<Step<'a>> {
    let holds = |key: NodeRef<'a>, value: NodeRef<'a>| {
        key.span().contains(span) || around(key, value).contains(span)
    };
    let step = |(key, value): (NodeRef<'a>, NodeRef<'a>)| Step {
        key: Some(key),
        index: 0,
        value,
    };
    // What is merged stands elsewhere; other entries stand one behind the other.
    let Some(entries) = node.own_entries() else {
        return node
            .entries()
            .rfind(|(key, value)| holds(*key, *value))
            .map(step);
    };
    let at = |id: NodeId| node.document().node(id);
    let behind = entries.partition_point(|entry| at(entry.key).span().start() <= span.start());
    let near = entries.get(behind.saturating_sub(2)..behind)?.iter().rev();
    let mut near = near.map(|entry| (at(entry.key), at(entry.value)));
    near.find(|(key, value)| holds(*key, *value)).map(step)
}

/// The last item of a sequence that holds `span`. They stand one behind the other.
fn item_at<'a>(node: NodeRef<'a>, span: Span) -> Option<Step<'a>> {
    let Shape::Sequence(items) = node.shape() else {
        return None;
    };
    let item = |index: usize| Some(node.document().node(*items.get(index)?));
    let begins_before = |id: &NodeId| node.document().node(*id).span().start() <= span.start();
    let behind = items.partition_point(begins_before);
    // Where one ends, an empty one may begin.
    let near = (behind.saturating_sub(2)..behind).rev();
    let mut found = near.filter_map(|index| {
        let value = item(index)?;
        let key = None;
        value
            .span()
            .contains(span)
            .then_some(Step { key, index, value })
    });
    found.next()
}

/// An entry's bytes, from its key to the end of its value.
fn around(key: NodeRef<'_>, value: NodeRef<'_>) -> Span {
    key.span().cover(value.span())
}
