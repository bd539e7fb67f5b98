//! The only user of the file system.
//!
//! Everything that is read lies under roots that the user named; links are followed as long as
//! they stay there. A chart cannot make us read `/etc/passwd` or wait on a FIFO.

mod memory;
mod real;

use std::fmt;
use std::path::{Path, PathBuf};

pub use memory::MemoryFs;
pub use real::RealFs;

/// What a path is, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// What is known of a path without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// What it is, links followed.
    pub kind: Kind,
    /// Its size in bytes; 0 for a directory.
    pub size: u64,
    /// Where it is without any link: two paths of one file have the same.
    pub real: PathBuf,
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VfsError {
    /// The path as it was asked for.
    pub path: PathBuf,
    /// The reason.
    pub kind: ErrorKind,
}

/// The reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is nothing of this name.
    NotFound,
    /// A link that leads to nothing.
    DanglingLink,
    /// It lies outside the roots, or a link leads out of them.
    Outside,
    /// A FIFO, a device or a socket.
    Irregular,
    /// A directory where a file was wanted.
    IsDirectory,
    /// A file where a directory was wanted.
    NotDirectory,
    /// More bytes than were allowed.
    TooLarge {
        /// How many bytes were allowed.
        limit: u64,
    },
    /// A name that is no UTF-8.
    Name,
    /// Anything else that the system says.
    Other(String),
}

impl fmt::Display for VfsError {
    /// In the words of Go's `os` package where it has them, since Helm shows those.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            ErrorKind::NotFound => write!(f, "open {path}: no such file or directory"),
            ErrorKind::DanglingLink => write!(
                f,
                "error evaluating symlink {path}: lstat: no such file or directory"
            ),
            ErrorKind::Outside => write!(f, "{path} leads out of the directory that was given"),
            ErrorKind::Irregular => write!(
                f,
                "cannot load irregular file {path} as it has file mode type bits set"
            ),
            ErrorKind::IsDirectory => write!(f, "read {path}: is a directory"),
            ErrorKind::NotDirectory => write!(f, "open {path}: not a directory"),
            ErrorKind::TooLarge { limit } => {
                write!(f, "{path} is larger than the {limit} bytes allowed for it")
            }
            ErrorKind::Name => write!(f, "{path} holds a name that is not UTF-8"),
            ErrorKind::Other(text) => write!(f, "open {path}: {text}"),
        }
    }
}

/// Files and directories.
pub trait Vfs: Send + Sync {
    /// What a path is, links followed.
    ///
    /// # Errors
    /// Where there is nothing, nothing regular, or nothing that may be seen.
    fn metadata(&self, path: &Path) -> Result<Metadata, VfsError>;

    /// Whether there is nothing above a directory, such as above one that leads out of all that is
    /// known.
    fn is_top(&self, folder: &Path) -> bool {
        folder.ends_with("..")
    }

    /// The bytes of a file, at most `limit`.
    ///
    /// # Errors
    /// As [`Vfs::metadata`], and when the file is larger.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, VfsError>;

    /// [`Vfs::read`] of what [`Vfs::metadata`] just found there, which need not be found again.
    ///
    /// # Errors
    /// As [`Vfs::read`].
    fn read_found(&self, path: &Path, found: &Metadata, limit: u64) -> Result<Vec<u8>, VfsError> {
        let _ = found;
        self.read(path, limit)
    }

    /// The names in a directory, in byte order.
    ///
    /// # Errors
    /// As [`Vfs::metadata`], and for a name that is no UTF-8.
    fn list(&self, path: &Path) -> Result<Vec<String>, VfsError>;
}

/// The path without `.` and with `..` taken back, without asking the file system.
fn cleaned(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !matches!(clean.components().next_back(), Some(Component::Normal(_))) {
                    clean.push("..");
                } else {
                    clean.pop();
                }
            }
            other => clean.push(other),
        }
    }
    clean
}
