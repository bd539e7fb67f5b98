//! Template values as the trees that JSON and YAML are written of.

use std::rc::Rc;

use crate::source::Prov;
use crate::yaml::emit::{Held, Item, Tree};

use super::super::error::Failure;
use super::super::value::{Data, Encoded, Encoding, Member, Object, Value};
use super::{Call, strval};

/// What decided each marked piece of output.
pub(super) struct Marks {
    /// By mark; mark 0 is for bytes that nothing decided.
    pub(super) provs: Vec<Prov>,
    /// How many bytes all of it will be, more or less.
    pub(super) room: usize,
}

impl Marks {
    /// No mark but 0.
    pub(super) fn new() -> Self {
        Self {
            provs: vec![Prov::NONE],
            room: 0,
        }
    }

    fn add(&mut self, prov: Prov) -> u32 {
        self.provs.push(prov);
        u32::try_from(self.provs.len() - 1).unwrap_or(0)
    }
}

/// A template value as a tree to write.
pub(super) fn tree(
    value: &Value,
    encoding: Encoding,
    marks: &mut Marks,
    call: &mut Call<'_>,
    depth: usize,
) -> Result<Item<'static>, Failure> {
    if depth > strval::MAX_DEPTH {
        return Err(strval::too_deep());
    }
    call.machine.spend(super::VALUE)?;
    let deps = value.deps(call.machine.origins());
    let deps = match &value.data {
        // Only what decided which keys there are: where the map was written is in none of its bytes.
        Data::Map(_, map) if !map.is_empty() => call.machine.origins().order(deps),
        _ => deps,
    };
    let mark = marks.add(deps);
    // A line feed and what stands before a scalar, behind its indentation.
    marks.room += 2 * depth + 4;
    let tree = match &value.data {
        Data::Missing | Data::Nil => Tree::Null,
        Data::Bool(value) => Tree::Bool(*value),
        #[expect(clippy::cast_sign_loss, reason = "unsigned types keep their bits")]
        Data::Int(value, kind) if kind.is_unsigned() => Tree::Uint(*value as u64),
        Data::Int(value, _) => Tree::Int(*value),
        Data::Float(value) => Tree::Float(*value),
        Data::Complex(..) => {
            return Err("json: unsupported type: complex128".into());
        }
        Data::Str(text) => {
            marks.room += text.len();
            Tree::Str(Held::Text(Rc::clone(text)))
        }
        // yaml.v3 knows no bytes but those of strings.
        Data::Bytes(text) if encoding == Encoding::Yaml => {
            call.machine.spend(super::VALUE * text.len() as u64)?;
            let byte = |byte: &u8| Item {
                mark,
                tree: Tree::Uint(u64::from(*byte)),
            };
            Tree::List(text.bytes().iter().map(byte).collect())
        }
        Data::Bytes(text) => Tree::Str(Held::Own(
            crate::golang::encoding::BASE64.encode(text.bytes()),
        )),
        // yaml.v3 writes a nil slice or map as an empty one.
        Data::List(list) if list.elem.is_nil() && encoding != Encoding::Yaml => Tree::Null,
        Data::List(list) => {
            let items: Result<Vec<_>, _> = list
                .items
                .iter()
                .map(|item| tree(item, encoding, marks, call, depth + 1))
                .collect();
            Tree::List(items?)
        }
        Data::Map(_, map) if map.is_nil() && encoding != Encoding::Yaml => Tree::Null,
        Data::Map(_, map) => {
            // Nothing changes a map while it is looked at here.
            let entries = map.entries.borrow();
            let mut out = Vec::with_capacity(entries.len());
            for (key, entry) in entries.iter() {
                let item = tree(&entry.value, encoding, marks, call, depth + 1)?;
                let key_mark = marks.add(entry.key);
                marks.room += key.len();
                out.push((Held::Key(Rc::clone(key)), key_mark, item));
            }
            Tree::Map(out)
        }
        Data::Object(object) => {
            return object_tree(&**object, deps, encoding, marks, call, depth);
        }
    };
    Ok(Item { mark, tree })
}

/// As [`tree`], of a value of a type with a name, which `deps` decided.
fn object_tree(
    object: &dyn Object,
    deps: Prov,
    encoding: Encoding,
    marks: &mut Marks,
    call: &mut Call<'_>,
    depth: usize,
) -> Result<Item<'static>, Failure> {
    let mark = marks.add(deps);
    let tree = if let Some(encoded) = object.encoded(encoding) {
        match encoded? {
            Encoded::Text(text) => Tree::Str(Held::Own(text)),
            Encoded::Bare(text) => Tree::Bare(Held::Own(text)),
        }
    } else if let Some(integer) = object.integer() {
        Tree::Int(integer.value)
    } else if let Some(members) = object.members() {
        let mut out = Vec::with_capacity(members.len());
        for member in members.into_iter().filter(Member::is_exported) {
            let name = member.name_in(encoding).into_bytes();
            // What decided the struct decided those fields that know nothing else of themselves.
            let known = member.value.deps(call.machine.origins());
            let value = match known.is_none() {
                true => Value::with(member.value.data, deps),
                false => member.value,
            };
            let item = tree(&value, encoding, marks, call, depth + 1)?;
            out.push((Held::Own(name), mark, item));
        }
        Tree::Struct(out)
    } else {
        let entries = object.entries().unwrap_or_default();
        let mut out = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let item = tree(&value, encoding, marks, call, depth + 1)?;
            out.push((Held::Key(key), mark, item));
        }
        match object.kind() {
            "slice" => Tree::List(out.into_iter().map(|(.., item)| item).collect()),
            _ => Tree::Map(out),
        }
    };
    Ok(Item { mark, tree })
}
