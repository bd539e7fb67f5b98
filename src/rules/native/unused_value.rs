//! `unused-value`.

use crate::finding::Finding;
use crate::rules::Context;
use crate::source::Span;
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
        aliased: Vec::new(),
        found: Vec::new(),
    };
    for document in values.files {
        if let Some(root) = document.root() {
            search.aliased = aliased(root);
            search.node(root, &[Place::ROOT], "");
        }
    }
    for finding in search.found {
        context.report(finding);
    }
}

struct Search<'p> {
    places: &'p Places,
    /// What aliases of the document stand for, by its bytes.
    aliased: Vec<Span>,
    found: Vec<Finding>,
}

impl Search<'_> {
    /// Looks through a collection that stands at `at` and is called `path`.
    fn node(&mut self, node: NodeRef<'_>, at: &[Place], path: &str) {
        if self.found.len() >= MAX_FOUND || self.places.is_read_whole(at) || is_alias(node) {
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
            if !is_kept && !self.is_for_others(value) {
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

    /// Whether an alias elsewhere in the document stands for something in here.
    fn is_for_others(&self, value: NodeRef<'_>) -> bool {
        let span = value.span();
        let first = self
            .aliased
            .partition_point(|one| one.start() < span.start());
        let inside = self.aliased.get(first..).unwrap_or_default().iter();
        let mut inside = inside.take_while(|one| one.start() <= span.end());
        inside.any(|one| one.end() <= span.end())
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

/// What the aliases below a node stand for.
fn aliased(root: NodeRef<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if is_alias(node) {
            found.push(node.resolved().span());
            continue;
        }
        open.extend(node.items());
        open.extend(node.entries().flat_map(|(key, value)| [key, value]));
    }
    found.sort_unstable_by_key(|span| (span.start(), span.end()));
    found.dedup();
    found
}
