//! The file system of the machine, confined to roots.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::{ErrorKind, Kind, Metadata, Vfs, VfsError};

/// The machine's file system, as far as it lies under the roots.
#[derive(Debug, Default)]
pub struct RealFs {
    roots: Vec<PathBuf>,
    /// Directories and where they lead: the files of one are asked for one after the other.
    directories: RwLock<FxHashMap<OsString, Arc<Directory>>>,
    /// Pipes and devices that the user named, and what came out of those that were read: it comes
    /// only once.
    streams: HashMap<PathBuf, Mutex<Option<Vec<u8>>>>,
}

/// A directory that something was asked for in.
#[derive(Debug)]
struct Directory {
    /// Where it is without any link.
    real: PathBuf,
    /// Whether it lies under a root.
    is_inside: bool,
}

/// What a path leads to.
struct Found {
    real: PathBuf,
    is_inside: bool,
    /// What is known of it; `None` where a link led there.
    metadata: Option<fs::Metadata>,
}

impl RealFs {
    /// Nothing may be read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a directory with all that is in it, or a file. What does not exist allows nothing.
    pub fn allow(&mut self, root: &Path) {
        if let Ok(real) = fs::canonicalize(root)
            && !self.roots.contains(&real)
        {
            self.roots.push(real);
        }
    }

    /// Allows a file of a directory, of which several may be asked for. One that does not exist
    /// allows nothing.
    pub fn allow_in(&mut self, folder: &Path, name: &str) {
        let Ok(Found { real, .. }) = self.follow(&folder.join(name)) else {
            return;
        };
        if self.roots.contains(&real) {
            return;
        }
        // Of those that were outside until now it is found out again.
        if let Ok(known) = self.directories.get_mut() {
            known.retain(|_, known| known.is_inside || !known.real.starts_with(&real));
        }
        self.roots.push(real);
    }

    /// Allows what the user named himself, which may be a pipe: `<(sops -d values.yaml)`.
    pub fn allow_named(&mut self, path: &Path) {
        let is_stream = |found: fs::Metadata| !found.is_file() && !found.is_dir();
        if fs::metadata(path).is_ok_and(is_stream) {
            self.streams.insert(path.to_owned(), Mutex::default());
        } else {
            self.allow(path);
        }
    }

    fn is_inside(&self, real: &Path) -> bool {
        self.roots.iter().any(|root| real.starts_with(root))
    }

    /// Where a path leads, if that is a place we may see.
    fn resolve(&self, path: &Path) -> Result<Found, VfsError> {
        let found = self.follow(path).map_err(|error| {
            // `canonicalize` says "not found" for a link that leads nowhere, too.
            let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
            if is_link && error.kind() == io::ErrorKind::NotFound {
                failed(path, ErrorKind::DanglingLink)
            } else {
                failed_io(path, &error)
            }
        })?;
        match found.is_inside {
            true => Ok(found),
            false => Err(failed(path, ErrorKind::Outside)),
        }
    }

    /// Where a path leads: what `canonicalize` says, asked once for the files of a directory.
    fn follow(&self, path: &Path) -> io::Result<Found> {
        let parent = path.parent().filter(|path| !path.as_os_str().is_empty());
        let (Some(parent), Some(name)) = (parent, path.file_name()) else {
            return self.canonical(path);
        };
        let parent = self.directory(parent)?;
        let real = parent.real.join(name);
        let metadata = fs::symlink_metadata(&real)?;
        if metadata.is_symlink() {
            return self.canonical(path);
        }
        let is_inside = parent.is_inside || self.is_inside(&real);
        if metadata.is_dir() {
            self.remember(path, real.clone(), is_inside);
        }
        Ok(Found {
            real,
            is_inside,
            metadata: Some(metadata),
        })
    }

    fn canonical(&self, path: &Path) -> io::Result<Found> {
        let real = fs::canonicalize(path)?;
        Ok(Found {
            is_inside: self.is_inside(&real),
            real,
            metadata: None,
        })
    }

    fn directory(&self, path: &Path) -> io::Result<Arc<Directory>> {
        let known = self.directories.read().ok();
        if let Some(known) = known.and_then(|known| known.get(path.as_os_str()).cloned()) {
            return Ok(known);
        }
        let real = fs::canonicalize(path)?;
        let is_inside = self.is_inside(&real);
        Ok(self.remember(path, real, is_inside))
    }

    fn remember(&self, path: &Path, real: PathBuf, is_inside: bool) -> Arc<Directory> {
        let directory = Arc::new(Directory { real, is_inside });
        if let Ok(mut known) = self.directories.write() {
            known.insert(path.as_os_str().to_owned(), Arc::clone(&directory));
        }
        directory
    }
}

impl Vfs for RealFs {
    fn metadata(&self, path: &Path) -> Result<Metadata, VfsError> {
        let Found { real, metadata, .. } = self.resolve(path)?;
        let found = match metadata {
            Some(found) => found,
            None => fs::metadata(&real).map_err(|error| failed_io(path, &error))?,
        };
        let (kind, size) = if found.is_dir() {
            (Kind::Directory, 0)
        } else if found.is_file() {
            (Kind::File, found.len())
        } else {
            return Err(failed(path, ErrorKind::Irregular));
        };
        Ok(Metadata { kind, size, real })
    }

    fn is_top(&self, folder: &Path) -> bool {
        let known = self.directory(folder);
        known.is_ok_and(|known| known.real.parent().is_none())
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, VfsError> {
        if let Some(stream) = self.streams.get(path) {
            let mut known = stream.lock().unwrap_or_else(PoisonError::into_inner);
            return match &*known {
                Some(bytes) => Ok(bytes.clone()),
                None => Ok(known.insert(content(path, path, 0, limit)?).clone()),
            };
        }
        // Opening a FIFO would wait for ever, so its kind is asked first.
        self.read_found(path, &self.metadata(path)?, limit)
    }

    fn read_found(&self, path: &Path, found: &Metadata, limit: u64) -> Result<Vec<u8>, VfsError> {
        if found.kind == Kind::Directory {
            return Err(failed(path, ErrorKind::IsDirectory));
        }
        if found.size > limit {
            return Err(failed(path, ErrorKind::TooLarge { limit }));
        }
        content(path, &found.real, found.size, limit)
    }

    fn list(&self, path: &Path) -> Result<Vec<String>, VfsError> {
        let entries =
            fs::read_dir(self.resolve(path)?.real).map_err(|error| failed_io(path, &error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed_io(path, &error))?;
            match entry.file_name().into_string() {
                Ok(name) => names.push(name),
                Err(_) => return Err(failed(path, ErrorKind::Name)),
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// What is in a file of about `size` bytes; `path` is how the user knows it.
fn content(path: &Path, real: &Path, size: u64, limit: u64) -> Result<Vec<u8>, VfsError> {
    let file = fs::File::open(real).map_err(|error| failed_io(path, &error))?;
    // The file may have grown, and files of `/proc` have no size.
    let size = usize::try_from(size.min(limit)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed_io(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(failed(path, ErrorKind::TooLarge { limit }));
    }
    Ok(bytes)
}

fn failed(path: &Path, kind: ErrorKind) -> VfsError {
    VfsError {
        path: path.to_owned(),
        kind,
    }
}

fn failed_io(path: &Path, error: &io::Error) -> VfsError {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        io::ErrorKind::NotADirectory => ErrorKind::NotDirectory,
        io::ErrorKind::IsADirectory => ErrorKind::IsDirectory,
        io::ErrorKind::PermissionDenied => ErrorKind::Other("permission denied".to_owned()),
        kind => ErrorKind::Other(kind.to_string()),
    };
    failed(path, kind)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> io::Result<Self> {
            let dir = std::env::temp_dir().join(format!("aiplat-{name}-{}", std::process::id()));
            fs::create_dir_all(dir.join("chart/sub"))?;
            fs::write(dir.join("secret"), "s")?;
            fs::write(dir.join("chart/b"), "bb")?;
            fs::write(dir.join("chart/sub/a"), "a")?;
            Ok(Self(dir))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn links_are_followed_inside_the_root_only() {
        let scratch = Scratch::new("links").unwrap();
        let chart = scratch.0.join("chart");
        symlink("sub/a", chart.join("in")).unwrap();
        symlink("../secret", chart.join("out")).unwrap();
        symlink("nowhere", chart.join("dangling")).unwrap();
        symlink("loop", chart.join("loop")).unwrap();
        let mut real = RealFs::new();
        real.allow(&chart);
        assert_eq!(real.read(&chart.join("in"), 9).unwrap(), b"a");
        let kind = |name: &str| real.read(&chart.join(name), 9).unwrap_err().kind;
        assert_eq!(kind("out"), ErrorKind::Outside);
        assert_eq!(kind("../secret"), ErrorKind::Outside);
        assert_eq!(kind("dangling"), ErrorKind::DanglingLink);
        assert!(matches!(kind("loop"), ErrorKind::Other(_)));
        assert_eq!(kind("sub"), ErrorKind::IsDirectory);
        assert_eq!(kind("none"), ErrorKind::NotFound);
        assert_eq!(
            real.list(&chart).unwrap(),
            ["b", "dangling", "in", "loop", "out", "sub"]
        );
        let found = real.metadata(&chart.join("in")).unwrap();
        assert_eq!(found.real, fs::canonicalize(chart.join("sub/a")).unwrap());
    }

    #[test]
    fn a_file_larger_than_allowed_is_not_read() {
        let scratch = Scratch::new("large").unwrap();
        let chart = scratch.0.join("chart");
        let mut real = RealFs::new();
        real.allow(&chart);
        assert_eq!(real.read(&chart.join("b"), 2).unwrap(), b"bb");
        let error = real.read(&chart.join("b"), 1).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooLarge { limit: 1 });
    }

    #[test]
    fn a_pipe_that_was_named_is_read_once() {
        let scratch = Scratch::new("pipe").unwrap();
        let (reader, mut writer) = io::pipe().unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&reader);
        let pipe = PathBuf::from(format!("/dev/fd/{number}"));
        io::Write::write_all(&mut writer, b"a: 1").unwrap();
        drop(writer);
        let mut real = RealFs::new();
        real.allow(&pipe);
        assert!(real.read(&pipe, 9).is_err());
        real.allow_named(&pipe);
        real.allow_named(&scratch.0.join("secret"));
        assert_eq!(real.read(&pipe, 9).unwrap(), b"a: 1");
        assert_eq!(real.read(&pipe, 9).unwrap(), b"a: 1");
        assert_eq!(real.read(&scratch.0.join("secret"), 9).unwrap(), b"s");
    }

    #[test]
    fn sockets_are_not_opened() {
        let scratch = Scratch::new("socket").unwrap();
        let path = scratch.0.join("chart/s");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let mut real = RealFs::new();
        real.allow(&scratch.0);
        assert_eq!(real.read(&path, 9).unwrap_err().kind, ErrorKind::Irregular);
    }
}
