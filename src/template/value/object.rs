//! Values of types with names of their own, and what Go's reflection finds in them.

use std::any::Any;
use std::fmt;

use super::{Key, Value};
use crate::source::Origins;
use crate::template::funcs::Param;

/// Values with methods or fields: `.Capabilities`, `.Files`, a semantic version, a time …
pub trait Object: fmt::Debug {
    /// Go's name of the type, as `%T` prints it: `*common.Capabilities`.
    fn type_name(&self) -> &str;
    /// Go's kind: `struct`, `ptr`, `map`, `slice`, `func`, `int64` …
    fn kind(&self) -> &'static str;
    /// How `%v` prints it.
    fn print(&self) -> Vec<u8>;
    /// How an action prints it, which reaches it by its pointer where there is one.
    fn display(&self) -> Vec<u8> {
        self.print()
    }
    /// Whether [`Object::print`] is what a `String` method says, which fmt asks for with every
    /// verb for texts. Otherwise verbs go through what is inside.
    fn has_string(&self) -> bool {
        false
    }
    /// What its `GoString` method says, which `%#v` asks.
    fn go_string(&self) -> Option<Vec<u8>> {
        None
    }
    /// Where a pointer leads, if that is the same in every run; 0 of a nil pointer.
    fn address(&self) -> Option<u64> {
        None
    }
    /// A field, or the entry of a map with a type of its own. `None`: there is none.
    fn field(&self, name: &str) -> Option<Value>;
    /// All fields of a struct, or of the one that a pointer leads to, in Go's order. `None`: it is
    /// neither.
    fn members(&self) -> Option<Vec<Member>> {
        None
    }
    /// The integer, where its kind is one of Go's integers.
    fn integer(&self) -> Option<Integer> {
        None
    }
    /// What an encoder writes that knows the type, or asks a method of it. `None`: it goes through
    /// what is inside. `Some(Err)`: what the method says.
    fn encoded(&self, encoding: Encoding) -> Option<Result<Encoded, String>> {
        let _ = encoding;
        None
    }
    /// Go's `==` with another of the same type, unless both are one.
    fn is_equal(&self, other: &dyn Object) -> bool {
        self.kind() != "ptr" && self.print() == other.print()
    }
    /// The copy that `deepCopy` makes, which leaves fields behind that are not exported. `None`:
    /// it is as the value.
    fn copied(&self) -> Option<Value> {
        None
    }
    /// The value as a function is given it: out of the place where its pointer leads, so that
    /// methods of the pointer are none of it any more. `None`: it has none.
    fn detached(&self) -> Option<Value> {
        None
    }
    /// The types of a method's parameters, by which the evaluator checks the arguments as it does
    /// those of functions. `None`: there is no method of this name.
    fn params(&self, method: &str) -> Option<&'static [Param]> {
        let _ = method;
        None
    }
    /// Calls a method, whose arguments are as [`Object::params`] has them. `None`: there is none of
    /// this name. `Some(Err)`: what Go says.
    fn call(
        &self,
        name: &str,
        args: &[Value],
        origins: &mut Origins,
    ) -> Option<Result<Value, String>>;
    /// Whether a condition takes it as true (structs and non-nil pointers are).
    fn truth(&self) -> bool {
        true
    }
    /// Its entries in order, where `range` and `toYaml` see a collection; those of a slice have
    /// their index as key.
    fn entries(&self) -> Option<Vec<(Key, Value)>> {
        None
    }
    /// For functions that know the type.
    fn as_any(&self) -> &dyn Any;
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in Go.
    pub name: &'static str,
    /// Its name in JSON, where a tag says another.
    pub tag: Option<&'static str>,
    /// Its value.
    pub value: Value,
}

/// An integer of a type with a name.
#[derive(Debug, Clone, Copy)]
pub struct Integer {
    /// The integer.
    pub value: i64,
    /// Another integer of that type: what `range` counts with.
    pub of: fn(i64) -> Value,
}

/// Who encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// encoding/json, which `toYaml` goes through, too.
    Json,
    /// yaml.v3: `toYamlPretty`.
    Yaml,
    /// BurntSushi/toml.
    Toml,
}

/// What an encoder writes of a value whose type it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoded {
    /// A string.
    Text(Vec<u8>),
    /// What is written without quotes: a time in YAML.
    Bare(Vec<u8>),
}

impl Member {
    /// A field without a tag.
    #[must_use]
    pub fn new(name: &'static str, value: Value) -> Self {
        Self {
            name,
            tag: None,
            value,
        }
    }

    /// Whether other packages see it, encoders among them.
    #[must_use]
    pub fn is_exported(&self) -> bool {
        self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// Its name for an encoder: yaml.v3 has it in lower case, and heeds no tag of others.
    #[must_use]
    pub fn name_in(&self, encoding: Encoding) -> String {
        match encoding {
            Encoding::Json => self.tag.unwrap_or(self.name).to_owned(),
            Encoding::Yaml => self.name.to_lowercase(),
            Encoding::Toml => self.name.to_owned(),
        }
    }
}
