//! The reader and the writer against each other, against another reader, and against the bytes.

mod differential;
mod round_trip;
mod spans;
