//! A schema as a document: where its schemas are, and which of them a reference names.

use jsonschema::{Uri, uri};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use crate::golang::url::{Url, path_escape};

use super::format;
use super::message;

/// What Helm's validator calls the schema.
pub(super) const FILE: &str = "file:///values.schema.json";

/// The keywords that name another schema for the same value.
pub(super) const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

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

/// The schemas behind one keyword, each with the names that lead to it.
pub(super) fn behind<'s>(key: &str, inner: &'s Json) -> Vec<(String, &'s Json)> {
    match (shape(key).0, inner) {
        (Shape::Many | Shape::OneOrMany, Json::Array(all)) => {
            let all = all.iter().enumerate();
            all.map(|(number, one)| (format!("/{key}/{number}"), one))
                .collect()
        }
        (Shape::Named, Json::Object(all)) => {
            let all = all.iter();
            all.map(|(name, one)| (format!("/{key}/{}", token(name)), one))
                .collect()
        }
        (Shape::One | Shape::OneOrMany, one) => vec![(format!("/{key}"), one)],
        _ => Vec::new(),
    }
}

/// A name as a part of a JSON pointer.
pub(super) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
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
    locations: FxHashMap<*const Json, String>,
    /// The number of the resource that each object belongs to.
    homes: FxHashMap<*const Json, usize>,
    /// The addresses of the resources.
    bases: Vec<Uri<String>>,
    resources: FxHashMap<String, &'s Json>,
    anchors: FxHashMap<(usize, String), &'s Json>,
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
            locations: FxHashMap::default(),
            homes: FxHashMap::default(),
            bases: Vec::new(),
            resources: FxHashMap::default(),
            anchors: FxHashMap::default(),
        };
        if let Ok(base) = uri::from_str(FILE) {
            document.resources.insert(FILE.to_owned(), root);
            document.bases.push(base);
            document.index(root, 0, &mut String::new());
        }
        document
    }

    fn index(&mut self, schema: &'s Json, mut home: usize, at: &mut String) {
        self.locations
            .insert(std::ptr::from_ref(schema), at.clone());
        let length = at.len();
        match schema {
            Json::Object(map) => {
                home = self.names(schema, map, home);
                self.homes.insert(std::ptr::from_ref(schema), home);
                for (key, inner) in map {
                    at.push('/');
                    at.push_str(&token(key));
                    self.index(inner, home, at);
                    at.truncate(length);
                }
            }
            Json::Array(items) => {
                for (number, inner) in items.iter().enumerate() {
                    at.push_str(&format!("/{number}"));
                    self.index(inner, home, at);
                    at.truncate(length);
                }
            }
            _ => {}
        }
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

    /// Where a schema is, as a JSON pointer.
    pub(super) fn location(&self, schema: &Json) -> Option<&str> {
        self.locations
            .get(&std::ptr::from_ref(schema))
            .map(String::as_str)
    }

    /// The schema that a reference in a schema names; `None` where it is not in this file.
    pub(super) fn target(&self, schema: &Json, reference: &Json) -> Option<&'s Json> {
        let text = reference.as_str()?;
        let home = *self.homes.get(&std::ptr::from_ref(schema))?;
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
        let home = *self.homes.get(&std::ptr::from_ref(resource))?;
        self.anchors.get(&(home, fragment)).copied()
    }
}

/// Writes references and identities as addresses have to be written: Helm's validator takes them as
/// people write them. What is wrong with one that even Helm refuses is the error.
pub(super) fn encode(schema: &mut Json) -> Result<(), String> {
    encode_at(schema, &mut String::new(), true)
}

/// `is_schema` is whether what is here is certainly a schema.
fn encode_at(schema: &mut Json, at: &mut String, is_schema: bool) -> Result<(), String> {
    let length = at.len();
    match schema {
        Json::Object(map) => {
            for (key, inner) in map {
                at.push('/');
                at.push_str(&token(key));
                match (shape(key).0, inner) {
                    (Shape::Data, _) => {}
                    (_, Json::String(text))
                        if REFERENCES.contains(&key.as_str()) || matches!(&**key, "$id" | "id") =>
                    {
                        if let Some(encoded) = encoded(text) {
                            *text = encoded;
                        }
                        if is_schema && let Some(fault) = refused(text) {
                            return Err(message::at(at, &fault));
                        }
                        if is_schema && REFERENCES.contains(&key.as_str()) {
                            unescapable(text).map_or(Ok(()), Err)?;
                        }
                    }
                    (Shape::Named, Json::Object(all)) => {
                        for (name, inner) in all {
                            let length = at.len();
                            at.push('/');
                            at.push_str(&token(name));
                            encode_at(inner, at, is_schema)?;
                            at.truncate(length);
                        }
                    }
                    (shape, inner) => encode_at(inner, at, is_schema && shape != Shape::Unknown)?,
                }
                at.truncate(length);
            }
        }
        Json::Array(items) => {
            for (number, inner) in items.iter_mut().enumerate() {
                at.push_str(&format!("/{number}"));
                encode_at(inner, at, is_schema)?;
                at.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}

/// What Helm says of a reference that it refuses.
fn refused(text: &str) -> Option<String> {
    let fault = format::fault("uri-reference", text)?;
    let shown = message::quoted(text);
    Some(format!("{shown} is not valid uri-reference: {fault}"))
}

/// What Helm says of a pointer with an escape that is none.
fn unescapable(text: &str) -> Option<String> {
    let (file, pointer) = text.split_once('#')?;
    let escapes = pointer.match_indices('~').map(|(at, _)| at + 1);
    let mut next = escapes.map(|at| pointer.as_bytes().get(at));
    if !pointer.starts_with('/') || next.all(|next| matches!(next, Some(b'0' | b'1'))) {
        return None;
    }
    let file = if file.is_empty() { FILE } else { file };
    Some(format!("invalid json-pointer \"{file}#{pointer}\""))
}

/// A reference with everything escaped that has to be; `None` where nothing has to be, or Helm
/// refuses it as it is.
fn encoded(text: &str) -> Option<String> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    let (path, fragment) = match text.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (text, None),
    };
    let is_fine = path
        .bytes()
        .all(|byte| is_plain(byte) || b"[]".contains(&byte))
        && fragment.is_none_or(|fragment| fragment.bytes().all(is_plain));
    if is_fine || refused(text).is_some() {
        return None;
    }
    let mut out = String::new();
    let escape = |out: &mut String, part: &str, also: &[u8]| {
        for byte in part.bytes() {
            if is_plain(byte) || also.contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    };
    escape(&mut out, path, b"[]");
    if let Some(fragment) = fragment {
        out.push('#');
        escape(&mut out, fragment, b"");
    }
    Some(out)
}
