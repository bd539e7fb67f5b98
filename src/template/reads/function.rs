//! The functions of templates, as far as they are told apart here.

use super::walk::Fate;

/// Functions that do the same with what is known of their arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Default,
    /// One of the arguments is the result.
    Either,
    Ternary,
    /// Something is told of the argument that does not depend on all that is in it.
    Tells,
    Compares,
    Required,
    Fail,
    Dict,
    List,
    HasKey,
    Get,
    Index,
    Dig,
    Pluck,
    Pick,
    Omit,
    Without,
    Copy,
    Reorder,
    Trim,
    Rest,
    /// Several of the items.
    Slice,
    /// One of the items.
    First,
    Append,
    Push,
    Concat,
    Keys,
    Values,
    Len,
    Set,
    Merge,
    Include,
    Tpl,
    SplitList,
    Printf,
    Print,
    Other,
}

impl Function {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "default" => Self::Default,
            "coalesce" | "or" | "and" => Self::Either,
            "ternary" => Self::Ternary,
            "not" | "empty" | "kindIs" | "kindOf" | "typeIs" | "typeIsLike" | "typeOf" => {
                Self::Tells
            }
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "has" | "any" | "all" | "deepEqual" => {
                Self::Compares
            }
            "required" => Self::Required,
            "fail" => Self::Fail,
            "dict" => Self::Dict,
            "list" | "tuple" => Self::List,
            "hasKey" => Self::HasKey,
            "get" => Self::Get,
            "index" => Self::Index,
            "dig" => Self::Dig,
            "pluck" => Self::Pluck,
            "pick" => Self::Pick,
            "omit" | "unset" => Self::Omit,
            "without" | "mustWithout" => Self::Without,
            "deepCopy" | "mustDeepCopy" => Self::Copy,
            "uniq" | "mustUniq" | "compact" | "mustCompact" | "reverse" | "mustReverse" => {
                Self::Reorder
            }
            "toString" | "trim" => Self::Trim,
            "rest" | "mustRest" => Self::Rest,
            "initial" | "mustInitial" | "slice" | "mustSlice" => Self::Slice,
            "first" | "mustFirst" | "last" | "mustLast" => Self::First,
            "append" | "mustAppend" | "prepend" | "mustPrepend" => Self::Append,
            "push" | "mustPush" => Self::Push,
            "concat" => Self::Concat,
            "keys" => Self::Keys,
            "values" => Self::Values,
            "len" => Self::Len,
            "set" => Self::Set,
            "merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite" => Self::Merge,
            "include" => Self::Include,
            "tpl" => Self::Tpl,
            "splitList" => Self::SplitList,
            "printf" => Self::Printf,
            "print" => Self::Print,
            _ => Self::Other,
        }
    }

    /// Whether it does the same to all of its arguments, which is nothing to a constant.
    pub(super) fn is_of_all(self) -> bool {
        matches!(self, Self::Tells | Self::Compares | Self::Other)
    }

    /// What becomes of the last argument, where `outer` becomes of the result.
    pub(super) fn fate_of_last(self, outer: Fate) -> Fate {
        match self {
            _ if outer == Fate::Tested => Fate::Tested,
            Self::Default
            | Self::Either
            | Self::Ternary
            | Self::Tells
            | Self::Compares
            | Self::Required
            | Self::Fail
            | Self::HasKey
            | Self::Get
            | Self::Dig => Fate::Tested,
            Self::Dict
            | Self::List
            | Self::Set
            | Self::Include
            | Self::Tpl
            | Self::Pluck
            | Self::Pick
            | Self::Omit
            | Self::Merge
            | Self::Copy
            | Self::Append => Fate::Kept,
            _ => outer,
        }
    }

    /// What becomes of an argument that is not the last.
    pub(super) fn fate_of(self, index: usize, outer: Fate) -> Fate {
        match (self, index) {
            // The default itself, and what a ternary chooses from, are the result.
            (Self::Default, 0) | (Self::Ternary, 0 | 1) => outer,
            _ => self.fate_of_last(outer),
        }
    }
}
