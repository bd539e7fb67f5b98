//! `unused-value`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::chart::Given;
use crate::finding::Finding;
use crate::rules::Context;
use crate::source::Span;
use crate::template::reads::{Place, Places};
use crate::yaml::{Document, NodeRef, duplicates};

use super::words::nearest;

/// More of one release are not told.
const MAX_FOUND: usize = 500;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(values) = context.values else { return };
    for document in values.files.iter().flat_map(|file| file.iter()) {
        for finding in overridden(document) {
            context.report(finding);
        }
    }
    let Some(places) = values.places else { return };
    let mut search = Search {
        places,
        aliased: Vec::new(),
        path: String::new(),
        spare: Vec::new(),
        found: Vec::new(),
    };
    for document in values.files.iter().flat_map(|file| file.iter()) {
        if let Some(root) = document.root() {
            search.aliased = document.aliased();
            search.node(root, &[Place::ROOT]);
        }
    }
    search.aliased.clear();
    for argument in values.arguments {
        search.node(argument, &[Place::ROOT]);
    }
    for finding in search.found {
        context.report(finding);
    }
}

/// The keys that stand in one mapping once more: only the last one counts.
fn overridden(document: &Document) -> Vec<Finding> {
    let pairs = duplicates(document);
    let places = pairs.chunk_by(|one, next| one.0 == next.0).map(|pairs| {
        let first = pairs.iter().map(|pair| pair.0).take(1);
        first.chain(pairs.iter().map(|pair| pair.1)).collect()
    });
    let mut found = Vec::new();
    for places in places {
        let places: Vec<Span> = places;
        let Some((last, others)) = places.split_last() else {
            continue;
        };
        found.extend(others.iter().map(|span| {
            let message = "this key is written once more in the same map, and only the last counts";
            Finding::new("unused-value", *span, message)
                .related(*last, "this one counts")
                .help("take one of them out")
        }));
    }
    found.truncate(MAX_FOUND);
    found
}

/// A collection of values, as a file or an argument writes it.
trait Collection<'v>: Copy {
    /// Its keys as Helm knows them, where they are written, and what is in them.
    fn keyed(self) -> impl Iterator<Item = (&'v str, Span, Self)>;
    fn listed(self) -> impl Iterator<Item = Self>;
    /// Its bytes in a file where aliases can stand for them.
    fn extent(self) -> Option<Span>;
    fn is_alias(self) -> bool;
}

impl<'v> Collection<'v> for NodeRef<'v> {
    fn keyed(self) -> impl Iterator<Item = (&'v str, Span, Self)> {
        // What is merged stands elsewhere, and for others, too.
        let own = self.resolved().span();
        let entries = self
            .entries()
            .filter(move |(key, _)| own.contains(key.span()));
        entries.filter_map(|(key, value)| {
            // Helm knows `yes: …` by the key `true`.
            let name = match key.bool() {
                Some(is) => Some(if is { "true" } else { "false" }),
                None => key.text(),
            };
            let name = name.filter(|name| *name != "<<")?;
            Some((name, key.span(), value))
        })
    }

    fn listed(self) -> impl Iterator<Item = Self> {
        self.items()
    }

    fn extent(self) -> Option<Span> {
        Some(self.span())
    }

    fn is_alias(self) -> bool {
        self.resolved().id() != self.id()
    }
}

impl<'v> Collection<'v> for &'v Given {
    fn keyed(self) -> impl Iterator<Item = (&'v str, Span, Self)> {
        let entries = self.entries.iter();
        entries.map(|(key, span, inner)| (key.as_str(), *span, inner))
    }

    fn listed(self) -> impl Iterator<Item = Self> {
        self.items.iter()
    }

    fn extent(self) -> Option<Span> {
        None
    }

    fn is_alias(self) -> bool {
        false
    }
}

struct Search<'p> {
    places: &'p Places,
    /// What aliases of the document stand for, by its bytes.
    aliased: Vec<Span>,
    /// The keys to what is looked at.
    path: String,
    /// Lists of places that are not in use.
    spare: Vec<Vec<Place>>,
    found: Vec<Finding>,
}

impl Search<'_> {
    /// Looks through a collection that stands at `at`.
    fn node<'v, C: Collection<'v>>(&mut self, node: C, at: &[Place]) {
        // What aliases and merges stand for is read where they stand, too.
        let is_shared = || node.extent().is_some_and(|extent| self.is_aliased(extent));
        let is_full = self.found.len() >= MAX_FOUND;
        if is_full || self.places.is_read_whole(at) || node.is_alias() || is_shared() {
            return;
        }
        for (name, span, value) in node.keyed() {
            let mut inner = self.spare.pop().unwrap_or_default();
            self.places.entry_to(&mut inner, at, name);
            let outer = self.path.len();
            if self.places.is_read(&inner) {
                // Where nothing in it is looked at, it is only asked whether there is anything.
                if self.places.is_read_below(&inner) {
                    if outer > 0 {
                        self.path.push('.');
                    }
                    self.path.push_str(name);
                    self.node(value, &inner);
                    self.path.truncate(outer);
                }
                self.spare.push(inner);
                continue;
            }
            self.spare.push(inner);
            // By custom, what YAML's own aliases stand for is kept under such keys; and `enabled`
            // is what the condition of a chart reads that has this one as a dependency.
            let extent = value.extent();
            let is_kept =
                outer == 0 && (name == "enabled" || extent.is_some() && name.starts_with("x-"));
            if !is_kept && !extent.is_some_and(|extent| self.is_for_others(extent)) {
                self.report((name, span), at);
            }
        }
        let items = self.places.items(at);
        if self.places.is_read_below(&items) {
            for (index, item) in node.listed().enumerate() {
                let outer = self.path.len();
                let _ = write!(self.path, "[{index}]");
                self.node(item, &items);
                self.path.truncate(outer);
            }
        }
    }

    /// Whether an alias elsewhere in the document stands for just this.
    fn is_aliased(&self, span: Span) -> bool {
        let key = |span: &Span| (span.start(), span.end());
        let wanted = key(&span);
        self.aliased.binary_search_by_key(&wanted, key).is_ok()
    }

    /// Whether an alias elsewhere in the document stands for something in here.
    fn is_for_others(&self, span: Span) -> bool {
        let first = self
            .aliased
            .partition_point(|one| one.start() < span.start());
        let inside = self.aliased.get(first..).unwrap_or_default().iter();
        let mut inside = inside.take_while(|one| one.start() <= span.end());
        inside.any(|one| one.end() <= span.end())
    }

    fn report(&mut self, (name, span): (&str, Span), at: &[Place]) {
        if self.found.len() >= MAX_FOUND {
            return;
        }
        let known = self.places.keys_read(at);
        let near = (name.len() > 2).then(|| nearest(name, &known)).flatten();
        let help = match near {
            Some(near) => format!("did you mean `{near}`, which templates read?"),
            None => "read it in a template, or take it out".to_owned(),
        };
        // Without quotes, a key with a dot would be taken for a path.
        let name = match name.contains('.') {
            true => Cow::Owned(format!("{name:?}")),
            false => Cow::Borrowed(name),
        };
        let path = &self.path;
        let message = match path.is_empty() {
            true => format!("no template reads `{name}`"),
            false => format!("no template reads `{path}.{name}`"),
        };
        let finding = Finding::new("unused-value", span, message);
        self.found.push(finding.help(help));
    }
}
