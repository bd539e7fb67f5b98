//! The default values of a chart.

use std::sync::{Arc, OnceLock};

use crate::source::{FileId, Origins, Span};
use crate::template::value::{Entry, RecentKeys, Value};
use crate::yaml::plain::{Plain, PlainValue, plain_node};
use crate::yaml::{Document, NodeRef, ScalarKind, Shape};

use super::convert::{self, collection};

/// What `values.yaml` holds, its documents merged. Most files are one document in which every value
/// is what is written, and are kept as that.
#[derive(Debug)]
pub struct Defaults {
    /// The only document, where it means what is written.
    written: Option<Arc<[Document]>>,
    plain: OnceLock<Plain>,
}

impl Defaults {
    /// The values of a document in which all is written as
    /// [`is_as_written`](crate::yaml::is_as_written) has it.
    pub(super) fn written(document: Arc<[Document]>) -> Self {
        Self {
            written: Some(document),
            plain: OnceLock::new(),
        }
    }

    /// The values as plain ones.
    #[must_use]
    pub fn plain(&self) -> &Plain {
        self.plain.get_or_init(|| {
            let plain = self.root().map(plain_node);
            plain.and_then(Result::ok).unwrap_or_else(nothing)
        })
    }

    /// The same, given away.
    pub(super) fn into_plain(self) -> Plain {
        let _ = self.plain();
        self.plain.into_inner().unwrap_or_else(nothing)
    }

    fn root(&self) -> Option<NodeRef<'_>> {
        self.written.as_ref()?.first()?.root()
    }

    /// Whether a path of keys is written, whatever it holds.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        if let Some(root) = self.root() {
            return path.iter().try_fold(root, |at, key| at.get(key)).is_some();
        }
        let mut keys = path.iter();
        keys.try_fold(self.plain(), |at, key| entry(at, key))
            .is_some()
    }

    /// How many values they consist of, themselves included.
    pub(super) fn count(&self) -> usize {
        match self.root() {
            Some(root) => count(root),
            None => self.plain().count(),
        }
    }

    /// The values of the template language, as [`convert::value`] makes them.
    pub(super) fn value(&self, origins: &mut Origins) -> Value {
        match self.root() {
            Some(root) => Maker::new(origins).value(root, None),
            None => convert::value(self.plain(), None, origins),
        }
    }
}

impl From<Plain> for Defaults {
    fn from(plain: Plain) -> Self {
        Self {
            written: None,
            plain: OnceLock::from(plain),
        }
    }
}

/// What stands for values that there are none of.
fn nothing() -> Plain {
    Plain {
        value: PlainValue::Map(Vec::new()),
        span: Span::new(FileId::DETACHED, 0, 0),
        anchored: None,
    }
}

/// What stands under a key.
pub(super) fn entry<'v>(values: &'v Plain, key: &str) -> Option<&'v Plain> {
    let PlainValue::Map(entries) = &values.value else {
        return None;
    };
    let found = entries.iter().find(|(name, ..)| **name == *key);
    found.map(|(.., value)| value)
}

fn count(node: NodeRef<'_>) -> usize {
    let entries: usize = node.entries().map(|(_, value)| count(value)).sum();
    let items: usize = node.items().map(count).sum();
    1 + entries + items
}

/// Makes values of nodes.
struct Maker<'o, 'd> {
    origins: &'o mut Origins,
    keys: RecentKeys<'d>,
}

impl<'o, 'd> Maker<'o, 'd> {
    fn new(origins: &'o mut Origins) -> Self {
        Self {
            origins,
            keys: RecentKeys::new(),
        }
    }

    /// As [`convert::value`] of the plain value that the node is.
    fn value(&mut self, node: NodeRef<'d>, key: Option<Span>) -> Value {
        let document = node.document();
        let span = node.span();
        match node.shape() {
            Shape::Scalar { text, kind, .. } => {
                let own = key.filter(|_| span.is_empty()).unwrap_or(span);
                let prov = self.origins.leaf(own);
                let value = match kind {
                    ScalarKind::Str => Value::str(text.as_bytes()),
                    ScalarKind::Bool(is) => Value::bool(is),
                    ScalarKind::Null => Value::nil(),
                    ScalarKind::Int | ScalarKind::Uint | ScalarKind::Float => {
                        node.float().map_or_else(Value::nil, Value::float)
                    }
                };
                Value::with(value.data, prov)
            }
            Shape::Mapping(entries) => {
                let prov = collection(span, key, entries.is_empty(), self.origins);
                let entries = entries.iter().map(|entry| {
                    let key = document.node(entry.key);
                    let span = key.span();
                    let name = self.keys.key(key.text().unwrap_or_default());
                    let key = self.origins.leaf(span);
                    let value = self.value(document.node(entry.value), Some(span));
                    (name, Entry { key, value })
                });
                let map = Value::map(entries.collect::<Vec<_>>());
                Value::with(map.data, prov)
            }
            Shape::Sequence(items) => {
                let prov = collection(span, key, items.is_empty(), self.origins);
                let items = items.iter().map(|item| {
                    let item = document.node(*item);
                    self.value(item, first_key(item))
                });
                Value::with(Value::list(items.collect()).data, prov)
            }
            Shape::Alias(_) => Value::nil(),
        }
    }
}

/// As for plain values: where a collection within a list begins.
fn first_key(item: NodeRef<'_>) -> Option<Span> {
    if let Some((key, _)) = item.entries().next() {
        return Some(key.span());
    }
    let first = item.items().next()?;
    Some(first_key(first).unwrap_or_else(|| first.span()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};
    use crate::yaml::is_as_written;
    use crate::yaml::plain::read_plain;

    /// Makes the values of a text in both ways.
    fn made(text: &str) -> Option<(String, String)> {
        let file = Sources::new().add("values.yaml", FileKind::Values, Vec::new());
        let (document, plain) = read_plain(file, 0, text.as_bytes()).unwrap().unwrap();
        if !is_as_written(&document) {
            return None;
        }
        let (mut one, mut other) = (Origins::new(), Origins::new());
        let written = Defaults::written(Arc::from([document]));
        assert_eq!(written.count(), plain.count());
        assert_eq!(*written.plain(), plain);
        let shown = |value: Value| format!("{value:?}");
        let written = shown(written.value(&mut one));
        Some((written, shown(convert::value(&plain, None, &mut other))))
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for text in [
            "a: 1\nb: {}\nc: []\nd:\ne: ~\nf: [a, {b: 0x10}, [x, [y]], []]\n",
            "a: {b: {c: 1.5, d: yes}, a: 18446744073709551615}\nb:\n- c: |\n    x\n  d: ''\n- 1\n",
        ] {
            let (written, plain) = made(text).unwrap();
            // Maps know when they were made.
            let timeless = |text: &str| {
                let parts = text.split("born: ");
                let parts = parts.map(|part| part.trim_start_matches(char::is_numeric));
                parts.collect::<String>()
            };
            assert_eq!(timeless(&written), timeless(&plain), "{text}");
        }
    }

    #[test]
    fn what_means_something_else_is_read() {
        for text in [
            "a: 1\na: 2\n",
            "1: a\n",
            "a: &x 1\nb: *x\n",
            "a: &x {b: 1}\nc: {<<: *x}\n",
            "[a]\n",
            "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\ni: 9\na: 10\n",
        ] {
            assert_eq!(made(text), None, "{text}");
        }
    }
}
