//! What a template calls: one of the functions, found once when the template is parsed.

use smol_str::SmolStr;

use super::{Function, lookup};

/// What a name in a template calls.
#[derive(Debug, Clone)]
pub enum Callee {
    /// `and`, which evaluates no more arguments than it needs.
    And,
    /// `or`, likewise.
    Or,
    /// `call`, whose first argument would have to be a function.
    Call,
    /// A function that is given all its arguments.
    Function(&'static Function),
    /// A name that calls nothing.
    Unknown(SmolStr),
}

impl Callee {
    /// What a template may call by this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "and" => Some(Self::And),
            "or" => Some(Self::Or),
            "call" => Some(Self::Call),
            _ => lookup(name).map(Self::Function),
        }
    }

    /// The name.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Call => "call",
            Self::Function(function) => function.name,
            Self::Unknown(name) => name,
        }
    }
}
