//! The reader and the writer against Go's answers, against each other, against other readers, and
//! against the bytes.

mod answers;
mod differential;
mod errors;
mod lines;
mod round_trip;
mod spans;
