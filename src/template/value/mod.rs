//! What templates compute with: Go's values, each with what decided it.

mod entries;
mod keys;
mod object;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashSet;

pub use entries::Entries;
pub use keys::RecentKeys;
pub use object::{Encoded, Encoding, Integer, Member, Object};

use crate::source::{Bytes, Origins, Prov, Text};

/// A value and the set of spans that decided it. For a map or a list the set is where the
/// collection itself was written (the key it stands under), not what is in it: `resources: {}`
/// is known by it, while each scalar inside knows its own place.
#[derive(Debug, Clone)]
pub struct Value {
    /// The value.
    pub data: Data,
    /// What decided it. For text with segments: what decided that it is this text at all, the
    /// segments know about the bytes.
    pub prov: Prov,
}

/// The integer types of Go that templates can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as Go's own")]
pub enum IntType {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

/// A value of Go.
#[derive(Debug, Clone)]
pub enum Data {
    /// No value at all: what a missing key of a `map[string]interface {}` yields, printed
    /// `<no value>`. Go's zero `reflect.Value`.
    Missing,
    /// A nil interface that was put somewhere: `null` in YAML.
    Nil,
    /// `bool`.
    Bool(bool),
    /// An integer; the value of an unsigned type above `i64::MAX` is kept as its bits.
    Int(i64, IntType),
    /// `float64`.
    Float(f64),
    /// `complex128`.
    Complex(f64, f64),
    /// `string`: any bytes.
    Str(Rc<Text>),
    /// `[]byte`.
    Bytes(Rc<Text>),
    /// A slice.
    List(Rc<List>),
    /// A map with string keys. The type is the reference's: a subchart's `.Values` is
    /// `common.Values`, while its parent sees the same map as `map[string]interface {}`.
    Map(MapType, Rc<Map>),
    /// Anything with methods or fields of its own.
    Object(Rc<dyn Object>),
}

/// The element type of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElemType {
    /// `[]interface {}`.
    Interface,
    /// `[]string`.
    String,
    /// `[]int`.
    Int,
    /// `[]map[string]interface {}`.
    Map,
    /// `[][]interface {}`.
    List,
    /// A nil `[]interface {}`: empty, and `null` in YAML and JSON.
    Nil,
    /// A nil `[]string`.
    NilString,
}

impl ElemType {
    /// Whether the slice is Go's nil slice.
    #[must_use]
    pub fn is_nil(self) -> bool {
        matches!(self, Self::Nil | Self::NilString)
    }
}

/// A slice. Its items never change; maps in it are shared.
#[derive(Debug)]
pub struct List {
    /// The type of its elements.
    pub elem: ElemType,
    /// Its elements.
    pub items: Vec<Value>,
}

/// The types of maps that templates can meet; all have string keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`.
    Interface,
    /// `common.Values`, whose underlying type that is.
    Values,
    /// `map[string]string`.
    String,
}

/// A key of a map: any bytes.
pub type Key = Rc<[u8]>;

/// A map, shared and mutable as Go's are. Iteration is in byte order of the keys.
#[derive(Debug)]
pub struct Map {
    /// The entries.
    pub entries: RefCell<Entries>,
    born: u64,
    is_nil: bool,
}

thread_local! {
    static MOMENT: Cell<u64> = const { Cell::new(0) };
}

/// A moment: a greater number than any before on this thread.
#[must_use]
pub fn moment() -> u64 {
    let now = MOMENT.get();
    MOMENT.set(now + 1);
    now
}

/// A value in a map, and where its key was written.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key's span, as a set.
    pub key: Prov,
    /// The value.
    pub value: Value,
}

impl Value {
    /// A value that nothing decided.
    #[must_use]
    pub fn new(data: Data) -> Self {
        Self {
            data,
            prov: Prov::NONE,
        }
    }

    /// A value with what decided it.
    #[must_use]
    pub fn with(data: Data, prov: Prov) -> Self {
        Self { data, prov }
    }

    /// No value.
    #[must_use]
    pub fn missing() -> Self {
        Self::new(Data::Missing)
    }

    /// A nil interface.
    #[must_use]
    pub fn nil() -> Self {
        Self::new(Data::Nil)
    }

    /// A boolean.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Self::new(Data::Bool(value))
    }

    /// A Go `int`.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Self::new(Data::Int(value, IntType::Int))
    }

    /// A Go `int64`.
    #[must_use]
    pub fn int64(value: i64) -> Self {
        Self::new(Data::Int(value, IntType::Int64))
    }

    /// A Go `float64`.
    #[must_use]
    pub fn float(value: f64) -> Self {
        Self::new(Data::Float(value))
    }

    /// A string without segments.
    #[must_use]
    pub fn str(bytes: impl Into<Bytes>) -> Self {
        Self::text(Text::plain(bytes))
    }

    /// A string.
    #[must_use]
    pub fn text(text: Text) -> Self {
        Self::new(Data::Str(Rc::new(text)))
    }

    /// A `[]interface {}`.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::new(Data::List(Rc::new(List {
            elem: ElemType::Interface,
            items,
        })))
    }

    /// A slice of another element type.
    #[must_use]
    pub fn list_of(elem: ElemType, items: Vec<Self>) -> Self {
        Self::new(Data::List(Rc::new(List { elem, items })))
    }

    /// A `map[string]interface {}` of these entries.
    #[must_use]
    pub fn map(entries: impl IntoIterator<Item = (Key, Entry)>) -> Self {
        let entries: Entries = entries.into_iter().collect();
        Self::new(Data::Map(MapType::Interface, Rc::new(Map::from(entries))))
    }

    /// Whether it is no value or nil.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self.data, Data::Missing | Data::Nil)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&Rc<Text>> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        self.as_text().map(|text| text.bytes())
    }

    /// The map behind it, whatever its type.
    #[must_use]
    pub fn as_map(&self) -> Option<&Rc<Map>> {
        match &self.data {
            Data::Map(_, map) => Some(map),
            _ => None,
        }
    }

    /// The items of a slice.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(list) => Some(&list.items),
            _ => None,
        }
    }

    /// Whether a condition takes it as true, by `template.IsTrue`.
    #[must_use]
    pub fn truth(&self) -> bool {
        match &self.data {
            Data::Missing | Data::Nil => false,
            Data::Bool(value) => *value,
            Data::Int(value, _) => *value != 0,
            Data::Float(value) => *value != 0.0,
            Data::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Data::Str(text) | Data::Bytes(text) => !text.is_empty(),
            Data::List(list) => !list.items.is_empty(),
            Data::Map(_, map) => !map.entries.borrow().is_empty(),
            Data::Object(object) => object.truth(),
        }
    }

    /// The integer behind it, of whatever integer type.
    #[must_use]
    pub fn as_integer(&self) -> Option<(i64, IntType)> {
        match &self.data {
            Data::Int(value, int) => Some((*value, *int)),
            Data::Object(object) => Some((object.integer()?.value, IntType::Int64)),
            _ => None,
        }
    }

    /// Adds to what decided it.
    #[must_use]
    pub fn because(mut self, prov: Prov, origins: &mut Origins) -> Self {
        self.prov = origins.union(self.prov, prov);
        self
    }

    /// Adds to what decided that it is this value and no other.
    #[must_use]
    pub fn chosen(self, prov: Prov, origins: &mut Origins) -> Self {
        let control = origins.as_control(prov);
        self.because(control, origins)
    }

    /// Everything that decided a scalar: its own set, and for text that of every segment. For a
    /// collection: where it was written, not what is in it.
    pub fn deps(&self, origins: &mut Origins) -> Prov {
        match &self.data {
            Data::Str(text) | Data::Bytes(text) if !text.is_plain() => {
                let inside = text.deps(0, text.len(), Prov::NONE, origins);
                origins.union(self.prov, inside)
            }
            _ => self.prov,
        }
    }

    /// Everything that decided it and all that is in it, to any depth within reason.
    pub fn deep_deps(&self, origins: &mut Origins) -> Prov {
        self.deps_to(origins, 64, &mut FxHashSet::default())
    }

    /// A collection that is shared is read once: values that hold one another twice, level upon
    /// level, would otherwise take for ever. `seen` has the addresses of those read.
    fn deps_to(&self, origins: &mut Origins, depth: usize, seen: &mut FxHashSet<usize>) -> Prov {
        origins.look(1);
        let mut all = self.deps(origins);
        let shared = match &self.data {
            Data::List(list) if Rc::strong_count(list) > 1 => Some(Rc::as_ptr(list).addr()),
            Data::Map(_, map) if Rc::strong_count(map) > 1 => Some(Rc::as_ptr(map).addr()),
            _ => None,
        };
        if depth == 0 || shared.is_some_and(|at| !seen.insert(at)) {
            return all;
        }
        match &self.data {
            Data::List(list) => {
                for item in &list.items {
                    let inside = item.deps_to(origins, depth - 1, seen);
                    all = origins.union(all, inside);
                }
            }
            Data::Map(_, map) => {
                for entry in map.entries.borrow().values() {
                    let inside = entry.value.deps_to(origins, depth - 1, seen);
                    all = origins.union(all, inside);
                    all = origins.union(all, entry.key);
                }
            }
            _ => {}
        }
        all
    }

    /// Go's name of the type, as `%T` prints it; `<nil>` where there is none.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match &self.data {
            Data::Missing | Data::Nil => "<nil>",
            Data::Bool(_) => "bool",
            Data::Int(_, int) => int.name(),
            Data::Float(_) => "float64",
            Data::Complex(..) => "complex128",
            Data::Str(_) => "string",
            Data::Bytes(_) => "[]uint8",
            Data::List(list) => match list.elem {
                ElemType::Interface | ElemType::Nil => "[]interface {}",
                ElemType::String | ElemType::NilString => "[]string",
                ElemType::Int => "[]int",
                ElemType::Map => "[]map[string]interface {}",
                ElemType::List => "[][]interface {}",
            },
            Data::Map(kind, _) => match kind {
                MapType::Interface => "map[string]interface {}",
                MapType::Values => "common.Values",
                MapType::String => "map[string]string",
            },
            Data::Object(object) => object.type_name(),
        }
    }

    /// Go's kind, as `kindOf` prints it; `invalid` where there is none.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Missing | Data::Nil => "invalid",
            Data::Bool(_) => "bool",
            Data::Int(_, int) => int.name(),
            Data::Float(_) => "float64",
            Data::Complex(..) => "complex128",
            Data::Str(_) => "string",
            Data::Bytes(_) | Data::List(_) => "slice",
            Data::Map(..) => "map",
            Data::Object(object) => object.kind(),
        }
    }
}

/// Takes values apart level by level. Templates can nest them deeper than the stack is high, which
/// the compiler's own way to drop them goes down.
fn dismantle(values: impl Iterator<Item = Value>) {
    let is_collection = |value: &Value| matches!(value.data, Data::List(_) | Data::Map(..));
    let mut open: Vec<Value> = values.filter(is_collection).collect();
    while let Some(value) = open.pop() {
        match value.data {
            Data::List(list) => {
                if let Some(mut list) = Rc::into_inner(list) {
                    let items = std::mem::take(&mut list.items);
                    open.extend(items.into_iter().filter(is_collection));
                }
            }
            Data::Map(_, map) => {
                if let Some(map) = Rc::into_inner(map) {
                    let entries = map.entries.take().into_values();
                    open.extend(entries.map(|entry| entry.value).filter(is_collection));
                }
            }
            _ => {}
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        dismantle(std::mem::take(&mut self.items).into_iter());
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let entries = self.entries.take().into_values();
        dismantle(entries.map(|entry| entry.value));
    }
}

impl IntType {
    /// Go's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
        }
    }

    /// Whether it is unsigned.
    #[must_use]
    pub fn is_unsigned(self) -> bool {
        matches!(
            self,
            Self::Uint | Self::Uint8 | Self::Uint16 | Self::Uint32 | Self::Uint64
        )
    }
}

impl From<Entries> for Map {
    fn from(entries: Entries) -> Self {
        Self {
            entries: RefCell::new(entries),
            born: moment(),
            is_nil: false,
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::from(Entries::default())
    }
}

impl Map {
    /// A map of these entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Go's nil map: it reads as an empty one, and holds nothing ever.
    #[must_use]
    pub fn nil() -> Self {
        let mut map = Self::default();
        map.is_nil = true;
        map
    }

    /// Whether it is Go's nil map.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.is_nil
    }

    /// The [`moment`] in which it was made.
    #[must_use]
    pub fn born(&self) -> u64 {
        self.born
    }

    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Entry> {
        self.entries.borrow().get(key).cloned()
    }

    /// Sets a key.
    pub fn set(&self, key: impl Into<Key>, entry: Entry) {
        self.entries.borrow_mut().insert(key.into(), entry);
    }

    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }
}
