//! Go templates: lexer, parser, values, evaluation with origins, functions by family.

pub mod ast;
pub mod coverage;
pub mod error;
pub mod eval;
pub mod fmt;
pub mod funcs;
pub mod parse;
pub mod reads;
pub mod untaken;
pub mod value;
