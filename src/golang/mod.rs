//! Go's standard library (1.27) and the small modules Helm 4.3.1 builds on, as far as a template can see
//! them: number formats, quoting, Unicode tables, strings, regular expressions, versions, paths, globs, time.
//!
//! Go strings may hold any bytes, so functions take `&[u8]` and give `Vec<u8>` unless a result cannot be
//! anything but UTF-8. Nothing here reads a clock, the environment or a file.

pub mod cast;
pub mod csv;
pub mod decimal;
pub mod duration;
pub mod encoding;
pub mod float;
pub mod glob;
pub mod goutils;
pub mod numparse;
pub mod path;
pub mod quote;
pub mod regexp;
pub mod semver;
pub mod strings;
mod tables;
pub mod time;
pub mod toml;
pub mod unicode;
pub mod url;
pub mod xstrings;
