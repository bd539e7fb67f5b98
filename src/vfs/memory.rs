//! Files in memory, alone or laid over another file system: editor buffers, stdin, tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{ErrorKind, Kind, Metadata, Vfs, VfsError, cleaned};

/// Files in memory. A path that is not among them is looked for in the file system below, if
/// there is one.
#[derive(Default, Clone)]
pub struct MemoryFs {
    files: BTreeMap<PathBuf, Arc<[u8]>>,
    below: Option<Arc<dyn Vfs>>,
}

impl MemoryFs {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No files of its own, over another file system.
    #[must_use]
    pub fn over(below: Arc<dyn Vfs>) -> Self {
        Self {
            files: BTreeMap::new(),
            below: Some(below),
        }
    }

    /// Puts a file in, in place of what has its path.
    pub fn insert(&mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.files
            .insert(cleaned(path.as_ref()), Arc::from(bytes.into()));
    }

    /// Takes a file out; what lies below shows again.
    pub fn remove(&mut self, path: impl AsRef<Path>) {
        self.files.remove(&cleaned(path.as_ref()));
    }

    /// The names directly under a directory of ours.
    fn names(&self, directory: &Path) -> BTreeSet<String> {
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix(directory).ok()?.components().next())
            .filter_map(|component| match component {
                Component::Normal(name) => name.to_str().map(str::to_owned),
                _ => None,
            })
            .collect()
    }

    fn not_found(path: &Path) -> VfsError {
        VfsError {
            path: path.to_owned(),
            kind: ErrorKind::NotFound,
        }
    }
}

impl Vfs for MemoryFs {
    fn metadata(&self, path: &Path) -> Result<Metadata, VfsError> {
        let clean = cleaned(path);
        if let Some(bytes) = self.files.get(&clean) {
            return Ok(Metadata {
                kind: Kind::File,
                size: bytes.len() as u64,
                real: clean,
            });
        }
        if let Some(below) = &self.below {
            match below.metadata(path) {
                Err(error) if error.kind == ErrorKind::NotFound => {}
                known => return known,
            }
        }
        if self.names(&clean).is_empty() {
            return Err(Self::not_found(path));
        }
        Ok(Metadata {
            kind: Kind::Directory,
            size: 0,
            real: clean,
        })
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, VfsError> {
        let failed = |kind| VfsError {
            path: path.to_owned(),
            kind,
        };
        let clean = cleaned(path);
        if let Some(bytes) = self.files.get(&clean) {
            if bytes.len() as u64 > limit {
                return Err(failed(ErrorKind::TooLarge { limit }));
            }
            return Ok(bytes.to_vec());
        }
        if let Some(below) = &self.below {
            match below.read(path, limit) {
                Err(error) if error.kind == ErrorKind::NotFound => {}
                known => return known,
            }
        }
        Err(failed(if self.names(&clean).is_empty() {
            ErrorKind::NotFound
        } else {
            ErrorKind::IsDirectory
        }))
    }

    fn list(&self, path: &Path) -> Result<Vec<String>, VfsError> {
        let clean = cleaned(path);
        let mut names = self.names(&clean);
        if let Some(below) = &self.below {
            match below.list(path) {
                Ok(more) => names.extend(more),
                Err(error) if error.kind == ErrorKind::NotFound && !names.is_empty() => {}
                Err(error) => return Err(error),
            }
        } else if names.is_empty() {
            let kind = if self.files.contains_key(&clean) {
                ErrorKind::NotDirectory
            } else {
                ErrorKind::NotFound
            };
            return Err(VfsError {
                path: path.to_owned(),
                kind,
            });
        }
        Ok(names.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_hides_the_file_below() {
        let mut disk = MemoryFs::new();
        disk.insert("c/Chart.yaml", "old");
        disk.insert("c/templates/a.yaml", "a");
        let mut buffers = MemoryFs::over(Arc::new(disk));
        buffers.insert("./c/x/../Chart.yaml", "new");
        buffers.insert("c/templates/b.yaml", "b");
        let read = |path: &str| buffers.read(Path::new(path), 99);
        assert_eq!(read("c/Chart.yaml").unwrap(), b"new");
        assert_eq!(read("c/templates/a.yaml").unwrap(), b"a");
        assert_eq!(read("c/none").unwrap_err().kind, ErrorKind::NotFound);
        assert_eq!(read("c").unwrap_err().kind, ErrorKind::IsDirectory);
        let list = |path: &str| buffers.list(Path::new(path)).unwrap();
        assert_eq!(list("c"), ["Chart.yaml", "templates"]);
        assert_eq!(list("c/templates/"), ["a.yaml", "b.yaml"]);
        buffers.remove("c/Chart.yaml");
        assert_eq!(buffers.read(Path::new("c/Chart.yaml"), 99).unwrap(), b"old");
    }
}
