//! One file a command.

mod catalogue;
mod lint;
mod render;

pub(super) use catalogue::{explain, rules};
pub(super) use lint::lint;
pub(super) use render::render;

use std::io::{self, Read as _};
use std::path::Path;

use crate::chart::ValuesInput;
use crate::cli::Io;
use crate::engine;
use crate::vfs::{RealFs, Vfs as _};

/// How far up a configuration and the chart that owns a file are looked for.
const MAX_PARENTS: usize = 64;

/// Standard input is read up to this many bytes; more is cut, which the YAML reader then says.
const MAX_INPUT: u64 = 64 << 20;

/// Standard input, where a path or the values ask for it.
fn stdin(paths: &[String], values: &[ValuesInput], io: &mut Io<'_>) -> io::Result<Vec<u8>> {
    let mut stdin = Vec::new();
    let is_read = values.iter().any(ValuesInput::reads_stdin);
    if is_read || paths.iter().any(|path| path == "-") {
        io.input.take(MAX_INPUT).read_to_end(&mut stdin)?;
    }
    Ok(stdin)
}

/// The file system as far as the command line names it: each path with all that is in it, and of
/// the directories above it the chart and the configuration that it belongs to.
fn file_system(paths: &[String], values: &[ValuesInput], others: &[String]) -> RealFs {
    let mut vfs = RealFs::new();
    for path in paths.iter().filter(|path| *path != "-") {
        allow_with_owner(&mut vfs, Path::new(path));
    }
    for input in values {
        for path in input.files() {
            vfs.allow_named(Path::new(&path));
        }
    }
    for path in others {
        vfs.allow(Path::new(path));
    }
    vfs
}

fn allow_with_owner(vfs: &mut RealFs, path: &Path) {
    vfs.allow(path);
    let mut folder = path.to_path_buf();
    for _ in 0..MAX_PARENTS {
        for name in [
            "Chart.yaml",
            crate::config::FILE_NAME,
            crate::config::WRONG_FILE_NAME,
            ".git",
        ] {
            vfs.allow_in(&folder, name);
        }
        // A file of a chart means its chart.
        if vfs.metadata(&folder.join("Chart.yaml")).is_ok() {
            vfs.allow(&folder);
        }
        let Some(next) = engine::above(vfs, &folder) else {
            return;
        };
        folder = next;
    }
}
