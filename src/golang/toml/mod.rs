//! TOML as BurntSushi/toml 1.6.0 writes and reads it.

mod encode;
mod read;
mod table;

pub use encode::encode;
pub use read::read;
pub use table::{Field, Table, Value};
