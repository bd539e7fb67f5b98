//! How functions look at the collections that they are given, decided by their names once for all.

use super::Passing;

/// How far a function looks into collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// It hands them on.
    None,
    /// It hands on what is in them.
    Entries,
    /// It hands on what is in them where it is given so many arguments at most, and else reads
    /// them.
    EntriesUpTo(u8),
    /// It reads them.
    All,
}

impl Depth {
    pub(super) const fn of(function: &str) -> Self {
        match function.as_bytes() {
            b"include" | b"tpl" | b"dict" | b"list" | b"set" | b"default" | b"empty"
            | b"ternary" | b"required" | b"not" | b"kindIs" | b"kindOf" | b"typeIs" | b"typeOf"
            | b"typeIsLike" | b"len" => Self::None,
            b"index" => Self::EntriesUpTo(2),
            b"get"
            | b"hasKey"
            | b"pluck"
            | b"pick"
            | b"omit"
            | b"keys"
            | b"values"
            | b"merge"
            | b"mergeOverwrite"
            | b"mustMerge"
            | b"mustMergeOverwrite"
            | b"first"
            | b"last"
            | b"rest"
            | b"initial"
            | b"reverse"
            | b"slice"
            | b"append"
            | b"prepend"
            | b"concat" => Self::Entries,
            _ => Self::All,
        }
    }
}

/// What a function asks for of the keys of the map that is its first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing that counts.
    Nothing,
    /// Whether its second argument is one of them.
    Key,
    /// Which ones there are.
    Keys,
}

impl Asks {
    pub(super) const fn of(function: &str) -> Self {
        match function.as_bytes() {
            b"get" | b"hasKey" | b"index" => Self::Key,
            b"keys" | b"values" | b"len" | b"empty" | b"toYaml" | b"toJson" | b"toPrettyJson"
            | b"toRawJson" => Self::Keys,
            _ => Self::Nothing,
        }
    }
}

/// How a function changes the map that is its first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not at one key that is its second argument.
    None,
    /// It sets that key.
    Set,
    /// It takes that key out.
    Unset,
}

impl Change {
    pub(super) const fn of(function: &str) -> Self {
        match function.as_bytes() {
            b"set" => Self::Set,
            b"unset" => Self::Unset,
            _ => Self::None,
        }
    }
}

/// Whether the origins of keys come into what a function makes of its arguments.
pub(super) const fn tells_keys(function: &str, passing: Passing) -> bool {
    matches!(passing, Passing::Derived) || matches!(function.as_bytes(), b"keys" | b"len")
}
