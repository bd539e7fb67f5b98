//! A schema as a document: where its schemas are, and which of them a reference names.

use std::cell::OnceCell;
use std::fmt;

use jsonschema::{Uri, uri};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value as Json};

use crate::golang::url::{Url, path_escape};

/// What Helm's validator calls the schema.
pub(super) const FILE: &str = "file:///values.schema.json";

/// The keywords that name another schema for the same value.
pub(super) const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The keywords about what no other one has evaluated.
const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

/// What stands behind a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A schema.
    One,
    /// A list of schemas.
    Many,
    /// A schema, or a list of them.
    OneOrMany,
    /// Schemas by names.
    Named,
    /// Values that are no schemas.
    Data,
    /// Nothing that is known here.
    Unknown,
}

/// What stands behind a keyword, and whether it is asked about the same value.
pub(super) fn shape(key: &str) -> (Shape, bool) {
    match key {
        "allOf" | "anyOf" | "oneOf" => (Shape::Many, true),
        "not" | "if" | "then" | "else" => (Shape::One, true),
        "dependentSchemas" | "dependencies" => (Shape::Named, true),
        "properties" | "patternProperties" | "$defs" | "definitions" => (Shape::Named, false),
        "prefixItems" => (Shape::Many, false),
        "items" => (Shape::OneOrMany, false),
        "additionalProperties"
        | "unevaluatedProperties"
        | "additionalItems"
        | "unevaluatedItems"
        | "contains"
        | "propertyNames"
        | "contentSchema" => (Shape::One, false),
        "const" | "enum" | "default" | "examples" => (Shape::Data, false),
        _ => (Shape::Unknown, false),
    }
}

/// A step down in a JSON value, shown as a part of a JSON pointer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s> {
    Key(&'s str),
    Item(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => write!(out, "/{}", token(name)),
            Self::Item(number) => write!(out, "/{number}"),
        }
    }
}

/// The schemas behind one keyword, each with the step from there to it, if there is one.
pub(super) fn behind<'s>(
    key: &str,
    inner: &'s Json,
) -> impl Iterator<Item = (Option<Step<'s>>, &'s Json)> {
    let (items, entries, one) = match (shape(key).0, inner) {
        (Shape::Many | Shape::OneOrMany, Json::Array(all)) => (Some(all), None, None),
        (Shape::Named, Json::Object(all)) => (None, Some(all), None),
        (Shape::One | Shape::OneOrMany, one) => (None, None, Some(one)),
        _ => (None, None, None),
    };
    let items = items.into_iter().flatten().enumerate();
    let items = items.map(|(number, one)| (Some(Step::Item(number)), one));
    let entries = entries.into_iter().flatten();
    let entries = entries.map(|(name, one)| (Some(Step::Key(name)), one));
    items.chain(entries).chain(one.map(|one| (None, one)))
}

/// A name as a part of a JSON pointer.
pub(super) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What a part of a JSON pointer names.
pub(super) fn named(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A JSON pointer as Helm's validator writes it into an address.
pub(super) fn address(pointer: &str) -> String {
    let tokens: Vec<String> = pointer
        .split('/')
        .map(|token| path_escape(token.as_bytes()))
        .collect();
    tokens.join("/")
}

/// A schema that is read by address: the addresses are those of its parts.
pub(super) struct Document<'s> {
    pub(super) root: &'s Json,
    /// Whether a reference is all that counts of its schema.
    pub(super) is_alone: bool,
    /// The keyword of identities.
    identity: &'static str,
    /// The number of the resource that the root belongs to.
    usual: usize,
    /// The numbers of the resources that objects belong to, where it is not the root's.
    homes: FxHashMap<*const Json, usize>,
    /// The addresses of the resources.
    bases: Vec<Uri<String>>,
    resources: FxHashMap<String, &'s Json>,
    anchors: FxHashMap<(usize, String), &'s Json>,
    /// The references, each with the number of the resource that it is in.
    references: Vec<(usize, &'s Json)>,
    /// What the references name, as far as it is in this file.
    targets: FxHashMap<*const Json, &'s Json>,
    /// What a reference names, or names a place in.
    named: FxHashSet<*const Json>,
    /// The schemas that ask what is left unevaluated.
    asking: Vec<&'s Json>,
    /// Where everything is, once that is asked.
    locations: OnceCell<FxHashMap<*const Json, String>>,
}

impl<'s> Document<'s> {
    pub(super) fn new(root: &'s Json) -> Self {
        let text = |key: &str| root.get(key).and_then(Json::as_str);
        let draft = text("$schema").unwrap_or_default();
        let mut document = Self {
            root,
            is_alone: ["draft-04", "draft-06", "draft-07"]
                .iter()
                .any(|old| draft.contains(old)),
            identity: if draft.contains("draft-04") {
                "id"
            } else {
                "$id"
            },
            usual: 0,
            homes: FxHashMap::default(),
            bases: Vec::new(),
            resources: FxHashMap::default(),
            anchors: FxHashMap::default(),
            references: Vec::new(),
            targets: FxHashMap::default(),
            named: FxHashSet::default(),
            asking: Vec::new(),
            locations: OnceCell::new(),
        };
        if let Ok(base) = uri::from_str(FILE) {
            document.resources.insert(FILE.to_owned(), root);
            document.bases.push(base);
        }
        document.index(root, 0);
        document.follow();
        document
    }

    fn index(&mut self, schema: &'s Json, mut home: usize) {
        match schema {
            Json::Object(map) => {
                if map.keys().any(|key| is_noted(key)) {
                    home = self.note(schema, map, home);
                }
                if std::ptr::eq(schema, self.root) {
                    self.usual = home;
                }
                if home != self.usual {
                    self.homes.insert(std::ptr::from_ref(schema), home);
                }
                let inner = map.values();
                let inner = inner.filter(|inner| inner.is_object() || inner.is_array());
                inner.for_each(|inner| self.index(inner, home));
            }
            Json::Array(items) => items.iter().for_each(|inner| self.index(inner, home)),
            _ => {}
        }
    }

    /// Notes what a schema is called, refers to and asks. The number of the resource that it is in.
    fn note(&mut self, schema: &'s Json, map: &'s Map<String, Json>, home: usize) -> usize {
        let home = self.names(schema, map, home);
        let references = REFERENCES.iter().filter_map(|key| map.get(*key));
        self.references
            .extend(references.map(|reference| (home, reference)));
        if UNEVALUATED.iter().any(|key| map.contains_key(*key)) {
            self.asking.push(schema);
        }
        home
    }

    /// Notes the identity and the anchors of a schema. The number of the resource that it is in.
    fn names(&mut self, schema: &'s Json, map: &Map<String, Json>, mut home: usize) -> usize {
        let text = |key: &str| map.get(key).and_then(Json::as_str);
        if let Some(id) = text(self.identity) {
            let base = self.bases.get(home);
            if let Some(name) = id.strip_prefix('#') {
                let key = (home, name.to_owned());
                self.anchors.entry(key).or_insert(schema);
            } else if let Some(base) = base
                && let Ok(base) = uri::resolve_against(&base.borrow(), id)
            {
                let name = base.as_str().trim_end_matches('#').to_owned();
                self.resources.entry(name).or_insert(schema);
                home = self.bases.len();
                self.bases.push(base);
            }
        }
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = text(key) {
                let key = (home, name.to_owned());
                self.anchors.entry(key).or_insert(schema);
            }
        }
        home
    }

    /// Finds what the references name: each once that is written alike in the same resource.
    fn follow(&mut self) {
        let mut known: FxHashMap<(usize, &str), Option<&'s Json>> = FxHashMap::default();
        let mut targets = FxHashMap::default();
        for &(home, reference) in &self.references {
            let Some(text) = reference.as_str() else {
                continue;
            };
            let target = match (known.get(&(home, text)), plain(text)) {
                (Some(target), _) => *target,
                (None, Some(pointer)) => {
                    let resource = known.entry((home, ""));
                    let resource = *resource.or_insert_with(|| self.read(home, ""));
                    let target = resource.and_then(|resource| below(resource, pointer));
                    known.insert((home, text), target);
                    target
                }
                (None, None) => {
                    let target = self.read(home, text);
                    known.insert((home, text), target);
                    target
                }
            };
            if let Some(target) = target {
                targets.insert(std::ptr::from_ref(reference), target);
            }
        }
        let named = known.values().flatten();
        self.named = named.map(|named| std::ptr::from_ref(*named)).collect();
        self.targets = targets;
    }

    /// The schema that a text in a resource names; `None` where it is not in this file.
    fn read(&self, home: usize, text: &str) -> Option<&'s Json> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let base = self.bases.get(home)?;
        let found = uri::resolve_against(&base.borrow(), path).ok()?;
        let name = found.as_str().trim_end_matches('#');
        let resource = *self.resources.get(name)?;
        let fragment = Url::parse(format!("#{fragment}").as_bytes()).ok()?.fragment;
        let fragment = String::from_utf8(fragment).ok()?;
        if fragment.is_empty() {
            return Some(resource);
        }
        if fragment.starts_with('/') {
            return resource.pointer(&fragment);
        }
        let home = resource.is_object().then(|| self.home(resource))?;
        self.anchors.get(&(home, fragment)).copied()
    }

    /// The number of the resource that an object belongs to.
    fn home(&self, schema: &Json) -> usize {
        let home = self.homes.get(&std::ptr::from_ref(schema));
        home.copied().unwrap_or(self.usual)
    }

    /// The schema that a reference names; `None` where it is not in this file.
    pub(super) fn target(&self, reference: &Json) -> Option<&'s Json> {
        self.targets.get(&std::ptr::from_ref(reference)).copied()
    }

    /// What the references name, one after the other.
    pub(super) fn targets(&self) -> impl Iterator<Item = &'s Json> {
        let references = self.references.iter();
        references.filter_map(|(_, reference)| self.target(reference))
    }

    /// Whether a reference names a schema, or a place in it.
    pub(super) fn is_named(&self, schema: &Json) -> bool {
        self.named.contains(&std::ptr::from_ref(schema))
    }

    /// The schemas that ask what is left unevaluated.
    pub(super) fn asking(&self) -> &[&'s Json] {
        &self.asking
    }

    /// Where a schema is, as a JSON pointer.
    pub(super) fn location(&self, schema: &Json) -> Option<&str> {
        let locations = self.locations.get_or_init(|| {
            let mut all = FxHashMap::default();
            locate(self.root, &mut String::new(), &mut all);
            all
        });
        let location = locations.get(&std::ptr::from_ref(schema));
        location.map(String::as_str)
    }
}

/// Whether a keyword is one of those that are noted, or looks like one.
fn is_noted(key: &str) -> bool {
    matches!(key.as_bytes(), [b'$', ..] | b"id") || key.starts_with("unevaluated")
}

/// Notes where a value and all that is in it are.
fn locate(value: &Json, at: &mut String, into: &mut FxHashMap<*const Json, String>) {
    into.insert(std::ptr::from_ref(value), at.clone());
    let length = at.len();
    let mut inside = |step: Step<'_>, inner: &Json| {
        at.push_str(&step.to_string());
        locate(inner, at, into);
        at.truncate(length);
    };
    match value {
        Json::Object(map) => map
            .iter()
            .for_each(|(key, inner)| inside(Step::Key(key), inner)),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(number, inner)| inside(Step::Item(number), inner)),
        _ => {}
    }
}

/// The pointer of a reference that names nothing but a place in its own resource, in bytes that
/// stand for themselves: most of them.
pub(super) fn plain(reference: &str) -> Option<&str> {
    let pointer = reference.strip_prefix('#')?;
    let is_pointer = pointer.is_empty() || pointer.starts_with('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.$".contains(&byte);
    (is_pointer && pointer.bytes().all(is_plain)).then_some(pointer)
}

/// What a pointer without escapes names.
fn below<'s>(root: &'s Json, pointer: &str) -> Option<&'s Json> {
    let mut tokens = pointer.split('/').skip(1);
    tokens.try_fold(root, |at, token| match at {
        Json::Object(map) => map.get(token),
        _ => at.pointer(&format!("/{token}")),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// A schema of several resources: each has the same references in its `properties`.
    fn resources(references: &[String]) -> Json {
        let probes: Map<String, Json> = references
            .iter()
            .map(|text| (text.clone(), json!({"$ref": text})))
            .collect();
        let inside = |name: &str| {
            json!({"$id": name, "$anchor": "here", "properties": probes, "$defs": {
                "a": {"$anchor": "a", "type": "string"},
                "a/b": true,
                "a~b": {},
                "a b": {},
                "a%b": {"deep": {"": {}}},
                "": {"": 1},
                "list": {"allOf": [{}, true, {"$ref": "#"}]}}})
        };
        let mut all = inside("http://x.y/all");
        all["$defs"]["nested"] = inside("nested");
        all["$defs"]["nested"]["$defs"]["inner"] = inside("deep/inner.json#");
        all["$defs"]["second"] = inside("nested");
        all["$defs"]["named"] = inside("named#part");
        all["$defs"]["fragment"] = inside("#fragment");
        all["$defs"]["refused"] = inside("%zz");
        all["$defs"]["data"] = json!({"$id": 1, "properties": probes});
        all
    }

    fn place(schema: Option<&Json>) -> Option<*const Json> {
        schema.map(std::ptr::from_ref)
    }

    /// Holds each reference against what reading the whole of it says.
    fn hold(schema: &Json) {
        let document = Document::new(schema);
        for (home, reference) in &document.references {
            let read = reference
                .as_str()
                .and_then(|text| document.read(*home, text));
            let target = document.target(reference);
            assert_eq!(place(target), place(read), "{reference} in {home}");
        }
    }

    #[test]
    fn a_short_way_leads_where_the_long_one_does() {
        const PLACES: [&str; 5] = [
            "",
            "/$defs",
            "/$defs/list/allOf",
            "/$defs/nested/$defs",
            "/%24defs",
        ];
        const TOKENS: [&str; 24] = [
            "$defs",
            "a",
            "a~1b",
            "a~0b",
            "a~b",
            "a~2b",
            "a%20b",
            "a b",
            "a%25b",
            "a%b",
            "deep",
            "",
            "list",
            "allOf",
            "0",
            "1",
            "01",
            "+1",
            "-",
            "9",
            "nested",
            "%6eested",
            "inner",
            "properties",
        ];
        const FILES: [&str; 12] = [
            "",
            "#",
            "#",
            "#",
            "nested#",
            "http://x.y/all#",
            "deep/inner.json#",
            "named#",
            "../nested#",
            "other.json#",
            "#here",
            "##",
        ];
        let tokens = prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..3);
        let place = prop::sample::select(&PLACES[..]);
        let file = prop::sample::select(&FILES[..]);
        let reference = (file, place, tokens).prop_map(|(file, place, tokens)| {
            let tokens = tokens.iter().map(|token| format!("/{token}"));
            format!("{file}{place}{}", tokens.collect::<String>())
        });
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let references = prop::collection::vec(reference, 16);
        runner
            .run(&references, |references| {
                let schema = resources(&references);
                hold(&schema);
                let mut old = schema;
                for language in ["draft-04", "draft-07"] {
                    old["$schema"] = json!(format!("http://json-schema.org/{language}/schema#"));
                    hold(&old);
                }
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn what_references_name() {
        let texts = [
            "#",
            "",
            "#/",
            "#/$defs/",
            "#/$defs//",
            "#/$defs/a",
            "#/$defs/a~1b",
            "#/$defs/a~0b",
            "#/$defs/a~b",
            "#/$defs/a%20b",
            "#/$defs/a%25b",
            "#/$defs/list/allOf/1",
            "#/$defs/list/allOf/01",
            "#/$defs/list/allOf/3",
            "#a",
            "#here",
            "#there",
            "nested#/$defs/inner",
            "http://x.y/deep/inner.json",
            "other.json",
        ];
        let all = resources(&texts.map(str::to_owned));
        let document = Document::new(&all);
        let named = |resource: &str, text: &str| {
            let properties = all.pointer(&format!("{resource}/properties")).unwrap();
            let target = document.target(&properties[text]["$ref"]);
            target.map(|target| document.location(target).unwrap().to_owned())
        };
        let nested = "/$defs/nested";
        for (resource, text, want) in [
            ("", "#", Some("")),
            ("", "", Some("")),
            ("", "#/", None),
            ("", "#/$defs/", Some("/$defs/")),
            ("", "#/$defs//", Some("/$defs//")),
            ("", "#/$defs/a", Some("/$defs/a")),
            ("", "#/$defs/a~1b", Some("/$defs/a~1b")),
            ("", "#/$defs/a~0b", Some("/$defs/a~0b")),
            ("", "#/$defs/a~b", Some("/$defs/a~0b")),
            ("", "#/$defs/a%20b", Some("/$defs/a b")),
            ("", "#/$defs/a%25b", Some("/$defs/a%b")),
            ("", "#/$defs/list/allOf/1", Some("/$defs/list/allOf/1")),
            ("", "#/$defs/list/allOf/01", None),
            ("", "#/$defs/list/allOf/3", None),
            ("", "#a", Some("/$defs/a")),
            ("", "#here", Some("")),
            ("", "#there", None),
            ("", "nested#/$defs/inner", Some("/$defs/nested/$defs/inner")),
            (
                "",
                "http://x.y/deep/inner.json",
                Some("/$defs/nested/$defs/inner"),
            ),
            ("", "other.json", None),
            (nested, "#", Some(nested)),
            (nested, "#/$defs/a", Some("/$defs/nested/$defs/a")),
            (nested, "#a", Some("/$defs/nested/$defs/a")),
            // The first of two by one name is meant.
            ("/$defs/second", "#/$defs/a", Some("/$defs/nested/$defs/a")),
            // These have no address of their own.
            ("/$defs/fragment", "#/$defs/a", Some("/$defs/a")),
            ("/$defs/refused", "#/$defs/a", Some("/$defs/a")),
            ("/$defs/data", "#/$defs/a", Some("/$defs/a")),
        ] {
            assert_eq!(
                named(resource, text).as_deref(),
                want,
                "{text} in {resource:?}"
            );
        }
    }
}
