//! aiplat

/// Go's standard library as templates see it: fmt floats and quoting, regexp, paths, globs, versions, time.
pub mod golang;
