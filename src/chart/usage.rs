//! What of the values a chart tree can read, whatever the values are.

use std::collections::BTreeSet;
use std::sync::Arc;

use memchr::memmem;
use smol_str::SmolStr;

use crate::source::{FileId, Sources, Span};
use crate::template::eval::{Program, is_partial};
use crate::template::reads::{Place, Places, Reads, Root};
use crate::template::value::{Data, Value};
use crate::yaml::json::JsonTree;
use crate::yaml::plain::{Plain, PlainValue};

use super::defaults::{Defaults, entry};
use super::dependencies::MAX_CHARTS;
use super::metadata::Dependency;
use super::render::joined;
use super::{Chart, Prepared};

/// What the templates of a chart and its subcharts read.
#[derive(Debug)]
pub struct Usage {
    /// Nothing where it is not known what all templates read.
    reads: Option<Reads>,
    /// The chart's own templates.
    own: BTreeSet<FileId>,
}

/// The keys of values. What the values hold that are no maps does not matter: there may be null in
/// place of it.
#[derive(Debug)]
pub struct Keys {
    values: Arc<JsonTree>,
    /// Keys of the whole of which it is not known what they hold.
    unknown: Vec<String>,
}

/// A template reads what no values define, and nothing provides for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// The operand: `.Values.a.b`.
    pub span: Span,
    /// The keys up to the one that is missing.
    pub path: Vec<Arc<str>>,
    /// The keys that are there in its place.
    pub others: Vec<String>,
}

/// Schemas are looked through no deeper.
const MAX_SCHEMA_DEPTH: usize = 60;

/// A text of a file that may be a template is no longer.
const MAX_TEXT: usize = 1 << 20;

impl Usage {
    /// Walks all templates of the tree, those of subcharts that are switched off included. `texts`
    /// are further templates that the user's values hold. Run it within
    /// [`with_stack`](crate::template::eval::with_stack).
    #[must_use]
    pub fn of(chart: &Chart, sources: &Sources, texts: &[String]) -> Self {
        let mut tree = Tree::default();
        let name = chart.metadata.name.text.clone();
        let place = (name.clone(), Vec::new(), name);
        tree.reads_files = reads_files(chart, sources);
        tree.chart(chart, place, None, &[], sources);
        // Any chart may be whom the user means.
        for number in 0..tree.roots.len() {
            let texts = texts.iter().map(|text| (number, text.clone()));
            tree.texts.extend(texts);
        }
        let reads = if tree.is_cut {
            None
        } else {
            let program = Program::with(sources, &tree.files, &chart.parses);
            let reads = Reads::of(&program, &tree.roots, &tree.texts, &tree.others);
            Some(reads).filter(|reads| !reads.is_partial)
        };
        Self {
            reads,
            own: chart.templates.iter().map(|file| file.file).collect(),
        }
    }

    /// The places that are read; nothing where it is not known what all templates read.
    #[must_use]
    pub fn places(&self) -> Option<&Places> {
        self.reads.as_ref().map(|reads| &reads.places)
    }

    /// What the chart's own templates read, though it is defined neither in `keys`, which are those
    /// of everything coalesced, nor in the chart's `values.yaml` as null.
    #[must_use]
    pub fn undefined(&self, keys: &Keys, chart: &Chart) -> Vec<Undefined> {
        let Some(reads) = &self.reads else {
            return Vec::new();
        };
        let bare = reads.bare.iter();
        let mut found = Vec::new();
        // Those of one place stand one behind the other.
        let mut last = None;
        for bare in bare.filter(|bare| self.own.contains(&bare.span.file())) {
            if last.as_ref().is_none_or(|(place, _)| *place != bare.place) {
                last = Some((bare.place, reads.missing(bare.place, keys, chart)));
            }
            if let Some((_, Some(missing))) = &last
                && bare.guarded < missing.len()
            {
                found.push(Undefined {
                    span: bare.span,
                    path: missing.iter().map(|key| Arc::from(*key)).collect(),
                    others: keys.beside(missing),
                });
            }
        }
        found
    }
}

impl Reads {
    /// The keys up to the first that is missing on the way to a place: nothing where something
    /// provides for that.
    fn missing(&self, place: Place, keys: &Keys, chart: &Chart) -> Option<Vec<&str>> {
        let mut path = self.places.keys(place)?;
        path.truncate(keys.missing(&path)?);
        let missing = &*path;
        let values = chart.values.as_ref();
        let is_null = values.is_some_and(|values| values.has(missing));
        let paths = |of: &BTreeSet<Place>, is: &dyn Fn(&[&str]) -> bool| {
            let mut paths = of.iter().filter_map(|place| self.places.keys(*place));
            paths.any(|path| is(&path))
        };
        let is_made = || {
            paths(&self.made, &|path| {
                let common = path.iter().zip(missing).take_while(|(a, b)| a == b);
                common.count() == path.len().min(missing.len())
            })
        };
        let is_demanded = || paths(&self.demanded, &|path| path.starts_with(missing));
        let is_global = missing.first() == Some(&"global");
        if is_null || is_global || is_made() || is_demanded() {
            return None;
        }
        Some(path)
    }
}

impl Keys {
    /// How many keys of a path lead to the first that is missing. Nothing where none is missing,
    /// and where the user is to fill in what is there: an empty map, a list, a null.
    fn missing(&self, path: &[&str]) -> Option<usize> {
        let mut at = &*self.values;
        for (depth, key) in path.iter().enumerate() {
            let entries = at.as_map()?;
            let unknown = if depth == 0 { &*self.unknown } else { &[] };
            let is_unknown = unknown.iter().any(|name| name == key);
            if is_unknown || (entries.is_empty() && depth > 0) {
                return None;
            }
            match entries.get(key) {
                Some(inner) => at = inner,
                None => return Some(depth + 1),
            }
        }
        None
    }

    /// The keys that are there in the place of the last one of a path.
    fn beside(&self, path: &[&str]) -> Vec<String> {
        let (_, outer) = path.split_last().unwrap_or((&"", &[]));
        let within = outer
            .iter()
            .try_fold(&*self.values, |at, key| at.as_map()?.get(key));
        let entries = within.and_then(JsonTree::as_map).into_iter();
        let entries = entries.flat_map(|entries| entries.iter());
        let unknown = if outer.is_empty() {
            &*self.unknown
        } else {
            &[]
        };
        let others = entries.map(|(key, _)| key.to_owned());
        let mut others: Vec<String> = others.chain(unknown.iter().cloned()).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    fn of(value: &Value, depth: usize) -> JsonTree {
        match &value.data {
            Data::Map(_, map) if depth < 64 => {
                let entries = map.entries.borrow();
                let entries = entries.iter().map(|(key, entry)| {
                    let key = SmolStr::new(String::from_utf8_lossy(key));
                    (key, Self::of(&entry.value, depth + 1))
                });
                JsonTree::Map(entries.collect::<Vec<_>>().into())
            }
            _ => JsonTree::Null,
        }
    }
}

impl Prepared<'_> {
    /// The keys of all values, everything coalesced: `values`, where these are there already. What
    /// a dependency that is missing would define is not known.
    #[must_use]
    pub fn keys(&self, values: Option<Arc<JsonTree>>) -> Keys {
        Keys {
            values: values.unwrap_or_else(|| Arc::new(Keys::of(&self.values, 0))),
            unknown: self.missing.clone(),
        }
    }
}

/// The chart tree as the walk needs it.
#[derive(Default)]
struct Tree {
    roots: Vec<Root>,
    files: Vec<(String, FileId)>,
    /// Texts that `tpl` may execute, by chart.
    texts: Vec<(usize, String)>,
    /// Paths that are read by others, and whether whole.
    others: Vec<(Vec<String>, bool)>,
    /// Whether any template reads files of its chart.
    reads_files: bool,
    /// Whether there are more charts than are looked at.
    is_cut: bool,
}

/// Whether a template of the tree names `.Files`. A library reads those of whoever includes it.
fn reads_files(chart: &Chart, sources: &Sources) -> bool {
    let mut templates = chart.templates.iter();
    templates.any(|template| {
        let bytes = sources.file(template.file).bytes();
        memmem::find(bytes, b"Files").is_some()
    }) || chart
        .dependencies
        .iter()
        .any(|sub| reads_files(sub, sources))
}

/// Whether a file is written for people: what is filled in there is filled in by those who release
/// the chart.
fn is_documentation(name: &str) -> bool {
    [".md", ".md.gotmpl"].iter().any(|end| name.ends_with(end))
}

impl Tree {
    /// Takes a chart in: its name in its parent, the keys to its values, its path in the tree.
    /// `given` is what the charts around it have for it in their values.
    fn chart(
        &mut self,
        chart: &Chart,
        (name, base, path): (String, Vec<String>, String),
        parent: Option<usize>,
        given: &[&Plain],
        sources: &Sources,
    ) {
        let number = self.roots.len();
        if number >= MAX_CHARTS {
            self.is_cut = true;
            return;
        }
        let is_library = chart.metadata.kind.text.eq_ignore_ascii_case("library");
        let mut executed = Vec::new();
        let mut has_tpl = false;
        for template in &chart.templates {
            let is_partial = is_partial(&template.name);
            if is_library && !is_partial {
                continue;
            }
            let full = joined(&path, &template.name);
            let bytes = sources.file(template.file).bytes();
            has_tpl |= memmem::find(bytes, b"tpl ").is_some();
            self.files.push((full.clone(), template.file));
            if !is_partial {
                executed.push(full);
            }
        }
        self.roots.push(Root {
            name,
            base: base.clone(),
            parent,
            files: executed,
        });
        // Values may hold templates, and tell in comments what users may write there.
        if let Some(file) = chart.values_yaml {
            let bytes = sources.file(file).bytes();
            if memmem::find(bytes, b"{{").is_some() {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.texts.push((number, text));
            }
        }
        for values in given {
            self.strings(number, values);
        }
        let has_charts = !chart.dependencies.is_empty();
        let own = chart.values.iter().filter(|_| has_charts);
        let own = own.map(Defaults::plain);
        let around: Vec<&Plain> = own.chain(given.iter().copied()).collect();
        let given = |name: &str| -> Vec<&Plain> {
            let values = around.iter().filter_map(|values| entry(values, name));
            values.collect()
        };
        if let Some(schema) = &chart.schema
            && let Ok(schema) = schema.json()
        {
            let mut path = base.iter().map(String::as_str).collect();
            self.schema(schema, &mut path, false, 0);
        }
        // A file of the chart may be read and executed, too.
        for file in chart.files.iter().filter(|_| has_tpl && self.reads_files) {
            let bytes = sources.file(file.file).bytes();
            if bytes.len() <= MAX_TEXT
                && !is_documentation(&file.name)
                && let Ok(text) = std::str::from_utf8(bytes)
                && text.contains("{{")
            {
                self.texts.push((number, text.to_owned()));
            }
        }
        let mut listed: Vec<&str> = Vec::new();
        for dependency in chart.metadata.dependencies.iter().flatten() {
            listed.push(&dependency.name.text);
            let sub = chart
                .dependencies
                .iter()
                .find(|sub| sub.metadata.name.text == dependency.name.text);
            let alias = match dependency.alias.text.as_str() {
                "" => dependency.name.text.clone(),
                alias => alias.to_owned(),
            };
            self.dependency(dependency, &base, &alias);
            let inner = below(&base, &alias);
            match sub {
                Some(sub) => {
                    let path = format!("{path}/charts/{alias}");
                    let given = given(&alias);
                    let place = (alias, inner, path);
                    self.chart(sub, place, Some(number), &given, sources);
                }
                // Nobody knows what a chart reads that is not here.
                None => {
                    self.others.push((inner, true));
                    self.others.push((vec!["global".to_owned()], true));
                }
            }
        }
        for sub in &chart.dependencies {
            let name = sub.metadata.name.text.clone();
            if !listed.contains(&name.as_str()) {
                let path = format!("{path}/charts/{name}");
                let inner = below(&base, &name);
                let given = given(&name);
                let place = (name, inner, path);
                self.chart(sub, place, Some(number), &given, sources);
            }
        }
    }

    /// Takes in the texts of values that may be templates, which are executed by the chart that the
    /// values are for.
    fn strings(&mut self, chart: usize, values: &Plain) {
        match &values.value {
            PlainValue::Str(text) if text.contains("{{") => {
                self.texts.push((chart, text.to_string()));
            }
            PlainValue::List(items) => items.iter().for_each(|item| self.strings(chart, item)),
            PlainValue::Map(entries) => {
                for (.., value) in entries {
                    self.strings(chart, value);
                }
            }
            _ => {}
        }
    }

    /// What a schema looks at to decide something else, at the keys of a path. That it tells the
    /// type of a key is no use of the key.
    fn schema<'s>(
        &mut self,
        schema: &'s JsonTree,
        path: &mut Vec<&'s str>,
        decides: bool,
        depth: usize,
    ) {
        let JsonTree::Map(keywords) = schema else {
            return;
        };
        if depth > MAX_SCHEMA_DEPTH {
            return;
        }
        let whole = |path: &[&str], key: &str| {
            let keys = path.iter().copied().chain([key]);
            (keys.map(str::to_owned).collect(), false)
        };
        for (keyword, value) in keywords.iter() {
            let inside = matches!(keyword, "if" | "not" | "anyOf" | "oneOf");
            match (keyword, value) {
                ("properties", JsonTree::Map(properties)) => {
                    for (key, value) in properties.iter() {
                        if decides {
                            self.others.push(whole(path, key));
                        }
                        path.push(key);
                        self.schema(value, path, decides, depth + 1);
                        path.pop();
                    }
                }
                ("required", JsonTree::List(keys)) if decides => {
                    let keys = keys.iter().filter_map(JsonTree::as_text);
                    self.others.extend(keys.map(|key| whole(path, key)));
                }
                ("if" | "not" | "then" | "else", _) => {
                    self.schema(value, path, decides || inside, depth + 1);
                }
                ("anyOf" | "oneOf" | "allOf", JsonTree::List(schemas)) => {
                    for schema in schemas {
                        self.schema(schema, path, decides || inside, depth + 1);
                    }
                }
                (
                    "dependentRequired" | "dependentSchemas" | "dependencies",
                    JsonTree::Map(dependents),
                ) => {
                    let keys = dependents.iter();
                    self.others.extend(keys.map(|(key, _)| whole(path, key)));
                }
                _ => {}
            }
        }
    }

    /// What Helm itself reads for a dependency: conditions, tags, what is imported.
    fn dependency(&mut self, dependency: &Dependency, base: &[String], alias: &str) {
        let split = |path: &str| {
            let mut whole = base.to_vec();
            whole.extend(path.trim().split('.').map(str::to_owned));
            whole
        };
        for condition in dependency.condition.text.split(',') {
            self.others.push((split(condition), false));
        }
        for tag in &dependency.tags {
            // Helm asks the values of the whole release for tags.
            self.others
                .push((vec!["tags".to_owned(), tag.text.clone()], false));
            self.others
                .push((split(&format!("tags.{}", tag.text)), false));
        }
        for import in &dependency.import_values {
            let child = match &import.value {
                PlainValue::Str(name) => format!("exports.{name}"),
                PlainValue::Map(entries) => {
                    let child = entries.iter().find(|(key, ..)| &**key == "child");
                    match child.map(|(.., child)| &child.value) {
                        Some(PlainValue::Str(child)) => child.to_string(),
                        _ => continue,
                    }
                }
                _ => continue,
            };
            self.others.push((split(&format!("{alias}.{child}")), true));
        }
    }
}

fn below(base: &[String], key: &str) -> Vec<String> {
    let mut inner = base.to_vec();
    inner.push(key.to_owned());
    inner
}
