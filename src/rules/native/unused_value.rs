//! `unused-value`.

use crate::finding::Finding;
use crate::rules::Context;
use crate::template::reads::{Place, Places};
use crate::yaml::NodeRef;

use super::words::nearest;

/// More of one release are not told.
const MAX_FOUND: usize = 500;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(values) = context.values else { return };
    let Some(places) = values.places else { return };
    let mut search = Search {
        places,
        found: Vec::new(),
    };
    for document in values.files {
        if let Some(root) = document.root() {
            search.node(root, &[Place::ROOT], "");
        }
    }
    for finding in search.found {
        context.report(finding);
    }
}

struct Search<'p> {
    places: &'p Places,
    found: Vec<Finding>,
}

impl Search<'_> {
    /// Looks through a collection that stands at `at` and is called `path`.
    fn node(&mut self, node: NodeRef<'_>, at: &[Place], path: &str) {
        if self.places.is_read_whole(at) || is_alias(node) {
            return;
        }
        for (key, value) in node.entries() {
            // Helm knows `yes: …` by the key `true`.
            let name = match key.bool() {
                Some(is) => Some(if is { "true" } else { "false" }),
                None => key.text(),
            };
            let Some(name) = name.filter(|name| *name != "<<") else {
                continue;
            };
            let inner = self.places.entry(at, name);
            let shown = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            if self.places.is_read(&inner) {
                // Where nothing in it is looked at, it is only asked whether there is anything.
                if self.places.is_read_below(&inner) {
                    self.node(value, &inner, &shown);
                }
                continue;
            }
            // By custom, what YAML's own aliases stand for is kept under such keys.
            let is_kept = path.is_empty() && name.starts_with("x-");
            if !is_kept && !is_for_others(value) {
                self.report(key, at, &shown);
            }
        }
        let items = self.places.items(at);
        if self.places.is_read_below(&items) {
            for (index, item) in node.items().enumerate() {
                self.node(item, &items, &format!("{path}[{index}]"));
            }
        }
    }

    fn report(&mut self, key: NodeRef<'_>, at: &[Place], path: &str) {
        if self.found.len() >= MAX_FOUND {
            return;
        }
        let name = key.text().unwrap_or_default();
        let known = self.places.keys_read(at);
        let near = (name.len() > 2).then(|| nearest(name, &known)).flatten();
        let help = match near {
            Some(near) => format!("did you mean `{near}`, which templates read?"),
            None => "read it in a template, or take it out".to_owned(),
        };
        let message = format!("no template reads `{path}`");
        let finding = Finding::new("unused-value", key.span(), message);
        self.found.push(finding.help(help));
    }
}

fn is_alias(node: NodeRef<'_>) -> bool {
    node.resolved().id() != node.id()
}

/// Whether an alias elsewhere in the document stands for something in here.
fn is_for_others(value: NodeRef<'_>) -> bool {
    let span = value.span();
    let mut open: Vec<NodeRef<'_>> = value.document().root().into_iter().collect();
    while let Some(node) = open.pop() {
        if is_alias(node) {
            if span.contains(node.resolved().span()) {
                return true;
            }
            continue;
        }
        open.extend(node.items());
        open.extend(node.entries().flat_map(|(key, value)| [key, value]));
    }
    false
}
