//! A chart's archive as files, so that one of them can be changed.

use std::io::Read as _;
use std::path::{Component, Path};

use aiplat::vfs::MemoryFs;

/// The files of an archive, in a directory of its name.
pub(crate) fn unpacked(archive: &Path) -> Result<MemoryFs, String> {
    let problem = |error: std::io::Error| format!("{}: {error}", archive.display());
    let file = std::fs::File::open(archive).map_err(problem)?;
    let mut files = MemoryFs::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in tar.entries().map_err(problem)? {
        let mut entry = entry.map_err(problem)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(problem)?;
        let mut parts = path.components();
        // The directory of the chart's name.
        if !matches!(parts.next(), Some(Component::Normal(_))) {
            continue;
        }
        let path = archive.join(parts.as_path());
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(problem)?;
        files.insert(path, bytes);
    }
    Ok(files)
}
