//! The functions that templates call, one family a file.
//!
//! A family is a table of [`Function`]s. Each declares its parameters, so that the evaluator checks
//! arguments as Go's reflection does before the call, and how origins pass through it.

mod builtin;
mod callee;
mod compare;
mod crypto;
mod dates;
mod decimal;
mod dicts;
mod digest;
pub(super) mod durations;
mod encoding;
mod equal;
mod helm_call;
mod lists;
mod logic;
mod look;
mod math;
mod merge;
mod number;
mod paths;
pub mod print;
mod quoting;
mod reading;
mod regex;
mod semver;
mod splitting;
mod strings;
mod strval;
#[cfg(test)]
mod tests;
mod times;
mod toml;
mod tree;
mod types;
mod url;
mod weave;
mod yaml;

use crate::golang::regexp::Cache;
use crate::source::{Bytes, ContextId, Origin, OriginId, Origins, Prov, Span, Text};

use super::error::Failure;
use super::value::{Data, Map, Value};
pub use callee::Callee;
pub use look::{Asks, Change, Depth};

/// A Go parameter type, as far as the evaluator checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: anything; no value becomes nil.
    Any,
    /// `reflect.Value`: anything, no value included (Go's own `and`, `index`, `len` …).
    Reflect,
    /// `string`.
    Str,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `float64`.
    Float,
    /// `bool`.
    Bool,
    /// `map[string]interface {}`; `common.Values` is assignable to it.
    Map,
    /// `[]interface {}`.
    List,
    /// `[]string`.
    StrList,
    /// A type that only values of this Go type name satisfy (`time.Time`, `sprig.certificate`).
    Named(&'static str),
    /// `uint32`.
    Uint32,
    /// `time.Duration`, which an integer constant can be.
    Duration,
    /// As `Named`, of a pointer or a slice, which can be nil.
    Pointer(&'static str),
}

/// How origins pass through a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// The function gives every byte of its result its origin, or gives back an argument or a
    /// part of one as it is. The evaluator adds nothing.
    Exact,
    /// The evaluator adds everything that decided the arguments, to any depth, to what decided
    /// the result.
    Derived,
    /// As `Derived`, but of a map or list only where it was written: `len`, `hasKey`, `keys`.
    Shallow,
}

/// A function's declaration.
#[derive(Debug)]
pub struct Function {
    /// Its name in templates.
    pub name: &'static str,
    /// Its fixed parameters.
    pub params: &'static [Param],
    /// The type of further arguments.
    pub variadic: Option<Param>,
    /// How origins pass through.
    pub passing: Passing,
    /// How far it looks into collections.
    pub depth: Depth,
    /// Whether the origins of keys come into what it gives.
    pub tells_keys: bool,
    /// What it asks for of the keys of a map.
    pub asks: Asks,
    /// How it changes a map.
    pub change: Change,
    /// The code.
    pub call: fn(&mut Call<'_>) -> Result<Value, Failure>,
}

impl Function {
    /// A function of fixed parameters.
    #[must_use]
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        passing: Passing,
        call: fn(&mut Call<'_>) -> Result<Value, Failure>,
    ) -> Self {
        Self {
            name,
            params,
            variadic: None,
            passing,
            depth: Depth::of(name),
            tells_keys: look::tells_keys(name, passing),
            asks: Asks::of(name),
            change: Change::of(name),
            call,
        }
    }

    /// Whether nothing is left to note of what it gives: most functions are like that.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        matches!((self.passing, self.change), (Passing::Exact, Change::None))
    }

    /// The same with any number of further arguments of one type.
    #[must_use]
    pub const fn and_any(mut self, param: Param) -> Self {
        self.variadic = Some(param);
        self
    }
}

/// What a function can ask of the evaluator.
pub trait Machine {
    /// The origins of this rendering.
    fn origins(&mut self) -> &mut Origins;
    /// Where execution stands.
    fn context(&self) -> ContextId;
    /// Notes that a map is about to be changed, and the value that it is given.
    fn change(&mut self, map: &Map, value: Option<&Value>);
    /// The template bytes of the call.
    fn call_site(&self) -> Option<Span>;
    /// The turns of the loops around the call, from 0, the outermost first: what differs from turn
    /// to turn by chance.
    fn turns(&mut self) -> Vec<u64>;
    /// Counts `steps` of work; `Err` when the budget is used up.
    fn spend(&mut self, steps: u64) -> Result<(), Failure>;
    /// Fails where a string of so many bytes or a list of so many items would be too large.
    fn fits(&self, bytes: usize) -> Result<(), Failure>;
    /// The same, and counts the work of making it: once for the whole, not for each of its parts.
    fn allow(&mut self, bytes: usize) -> Result<(), Failure> {
        self.fits(bytes)?;
        self.spend(bytes as u64 / 64)
    }
    /// The same for bytes that are added to what a string has already.
    fn allow_more(&mut self, already: usize, bytes: usize) -> Result<(), Failure> {
        self.fits(already.saturating_add(bytes))?;
        self.spend(bytes as u64 / 64)
    }
    /// `include`.
    fn include(&mut self, name: &[u8], data: Value) -> Result<Value, Failure>;
    /// `tpl`: parses and executes text.
    fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Failure>;
    /// The expressions that were compiled before.
    fn regexps(&mut self) -> &mut Cache;
    /// The time that `now` gives: seconds since 1970, the same for every run.
    fn now(&self) -> i64;
}

/// Making a value, or a node of a tree, costs as many steps: its memory is what counts.
pub(super) const VALUE: u64 = 16;

/// Making a map costs as many steps more: it has room for several entries from the start.
pub(super) const MAP: u64 = 96;

/// One call: its checked arguments and the evaluator.
pub struct Call<'a> {
    /// The function's name.
    pub name: &'static str,
    /// The arguments.
    pub args: &'a [Value],
    /// The evaluator.
    pub machine: &'a mut dyn Machine,
}

impl Call<'_> {
    /// An argument; no value where there is none.
    #[must_use]
    pub fn arg(&self, at: usize) -> Value {
        self.args.get(at).cloned().unwrap_or_else(Value::missing)
    }

    /// The bytes of a string argument; empty for anything else.
    #[must_use]
    pub fn bytes(&self, at: usize) -> &[u8] {
        self.args
            .get(at)
            .and_then(Value::as_bytes)
            .unwrap_or_default()
    }

    /// The bytes of a string argument as text, broken UTF-8 replaced.
    #[must_use]
    pub fn string(&self, at: usize) -> String {
        String::from_utf8_lossy(self.bytes(at)).into_owned()
    }

    /// An integer argument; 0 for anything else.
    #[must_use]
    pub fn int(&self, at: usize) -> i64 {
        match self.args.get(at).map(|value| &value.data) {
            Some(Data::Int(value, _)) => *value,
            _ => 0,
        }
    }

    /// The origin of bytes that `prov` decided and no action printed yet.
    pub fn origin(&mut self, prov: Prov) -> OriginId {
        let context = self.machine.context();
        self.machine.origins().add(Origin {
            at: None,
            exact: false,
            data: prov,
            context,
        })
    }

    /// The text of a string argument with a segment for every byte, to build an exact result of.
    pub fn text(&mut self, at: usize) -> Text {
        let value = self.arg(at);
        self.segmented(&value)
    }

    /// The text of a string with a segment for every byte. Anything but a string has none.
    pub fn segmented(&mut self, value: &Value) -> Text {
        let Some(text) = value.as_text() else {
            return Text::new();
        };
        if !text.is_plain() {
            return (**text).clone();
        }
        let origin = self.origin(value.prov);
        let mut segmented = Text::new();
        segmented.push(text.bytes(), origin, 0);
        segmented
    }

    /// A string that all arguments decided, for functions that declare [`Passing::Exact`] and
    /// still make bytes of their own.
    pub fn derived(&mut self, bytes: impl Into<Bytes>) -> Value {
        let prov = self.deps();
        Value::with(Value::str(bytes).data, prov)
    }

    /// Everything that decided the arguments, to any depth.
    pub fn deps(&mut self) -> Prov {
        let mut all = Prov::NONE;
        for arg in self.args {
            let deps = arg.deep_deps(self.machine.origins());
            all = self.machine.origins().union(all, deps);
        }
        all
    }
}

/// The families, each a table.
pub const FAMILIES: &[&[Function]] = &[
    builtin::FUNCTIONS,
    compare::FUNCTIONS,
    print::FUNCTIONS,
    helm_call::FUNCTIONS,
    strings::FUNCTIONS,
    quoting::FUNCTIONS,
    splitting::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    logic::FUNCTIONS,
    types::FUNCTIONS,
    math::FUNCTIONS,
    encoding::FUNCTIONS,
    url::FUNCTIONS,
    dates::FUNCTIONS,
    durations::FUNCTIONS,
    toml::FUNCTIONS,
    regex::FUNCTIONS,
    paths::FUNCTIONS,
    semver::FUNCTIONS,
    crypto::FUNCTIONS,
    digest::FUNCTIONS,
    reading::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// The function of this name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    use std::sync::OnceLock;

    use rustc_hash::FxHashMap;
    static BY_NAME: OnceLock<FxHashMap<&'static str, &'static Function>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| {
            FAMILIES
                .iter()
                .flat_map(|family| family.iter())
                .map(|function| (function.name, function))
                .collect()
        })
        .get(name)
        .copied()
}
