//! From the paths that a user gives to what is linted: charts, each once, and plain manifests.

use std::path::{Path, PathBuf};

use crate::chart::is_chart;
use crate::config::{FILE_NAME, WRONG_FILE_NAME};
use crate::vfs::{ErrorKind, Kind, Vfs, VfsError};

use super::Diagnostic;
use super::lint::failure;

/// Something to lint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A chart's directory or archive.
    Chart(String),
    /// Plain manifests, all of one release; `-` is standard input.
    Manifests(Vec<String>),
}

/// Directories nest no deeper.
const MAX_DEPTH: usize = 64;

impl Target {
    /// Its name for messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Chart(path) => path.clone(),
            Self::Manifests(files) => files.join(" "),
        }
    }

    /// Where its configuration is looked for first.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        match self {
            Self::Chart(path) => PathBuf::from(path),
            Self::Manifests(files) => {
                let first = files.iter().find(|file| *file != "-");
                let parent = first.and_then(|file| Path::new(file).parent());
                parent.map(Path::to_path_buf).unwrap_or_default()
            }
        }
    }
}

/// The chart that a path lies in: the outermost one that holds it through `charts/`. `None` for a
/// path in no chart.
#[must_use]
pub fn owner(vfs: &dyn Vfs, path: &Path) -> Option<PathBuf> {
    let folders = std::iter::successors(Some(path.to_path_buf()), |folder| above(vfs, folder));
    let mut found = None;
    let mut is_below_charts = false;
    for folder in folders.take(MAX_DEPTH) {
        let directory = vfs.metadata(&folder);
        let directory = directory.ok().filter(|found| found.kind == Kind::Directory);
        match directory.filter(|_| is_chart(vfs, &folder)) {
            Some(chart) => {
                let parent = chart.real.parent().and_then(Path::file_name);
                is_below_charts = parent.is_some_and(|name| name == "charts");
                found = Some(folder);
            }
            None if found.is_some() && !is_below_charts => break,
            None => is_below_charts = false,
        }
    }
    found
}

/// The directory above another one, by its path: above a relative path there is `.`, then `..` and
/// further up. `None` above the root.
#[must_use]
pub fn above(vfs: &dyn Vfs, folder: &Path) -> Option<PathBuf> {
    if vfs.is_top(folder) {
        return None;
    }
    if folder.as_os_str().is_empty() || folder == Path::new(".") {
        return Some(PathBuf::from(".."));
    }
    if folder.ends_with("..") {
        return Some(folder.join(".."));
    }
    let parent = folder.parent()?;
    Some(match parent.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => parent.to_path_buf(),
    })
}

/// What lies on the way up from a path.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The nearest configuration.
    pub(super) config: Option<PathBuf>,
    /// Files that look like one, and are none by their name.
    pub(super) misnamed: Vec<PathBuf>,
}

/// The configuration nearest to a path, going up to the root of its repository.
pub(super) fn find_config(vfs: &dyn Vfs, folder: &Path) -> Found {
    let start = match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_path_buf(),
    };
    let mut found = Found::default();
    for folder in std::iter::successors(Some(start), |folder| above(vfs, folder)).take(MAX_DEPTH) {
        // The files above what was named may be seen, not the directories that they lie in.
        let file = |name: &str| {
            let path = match folder == Path::new(".") {
                true => PathBuf::from(name),
                false => folder.join(name),
            };
            let metadata = vfs.metadata(&path);
            let is_file = metadata.is_ok_and(|found| found.kind == Kind::File);
            is_file.then_some(path)
        };
        found.misnamed.extend(file(WRONG_FILE_NAME));
        found.config = file(FILE_NAME);
        if found.config.is_some() || vfs.metadata(&folder.join(".git")).is_ok() {
            break;
        }
    }
    found
}

/// Paths as targets, and what is wrong with them.
#[must_use]
pub fn resolve(vfs: &dyn Vfs, paths: &[String]) -> (Vec<Target>, Vec<Diagnostic>) {
    let mut resolver = Resolver {
        vfs,
        charts: Vec::new(),
        real: Vec::new(),
        files: Vec::new(),
        met: 0,
        diagnostics: Vec::new(),
    };
    for path in paths {
        let before = resolver.met + resolver.diagnostics.len();
        resolver.add(path);
        // What is found elsewhere does not make up for it.
        if resolver.met + resolver.diagnostics.len() == before {
            resolver.diagnostics.push(nothing(path));
        }
    }
    let mut targets: Vec<Target> = resolver.charts.into_iter().map(Target::Chart).collect();
    if !resolver.files.is_empty() {
        targets.push(Target::Manifests(resolver.files));
    }
    (targets, resolver.diagnostics)
}

/// There is nothing where the user said that there is something.
pub(super) fn nothing(path: &str) -> Diagnostic {
    let message = format!("there is no chart and no Kubernetes object in {path}");
    failure("nothing-to-lint", path, message)
}

/// Whether a user named this file: it was not found in a directory.
pub(super) fn is_named(paths: &[String], file: &str) -> bool {
    paths.iter().any(|given| shown(plain(given)) == file)
}

/// A path as it is told: `./x` is `x`, and `x/` too. Names in findings are the same however they
/// were typed.
fn plain(given: &str) -> &Path {
    let trimmed = given.trim_end_matches('/');
    let bare = trimmed.strip_prefix("./").unwrap_or(trimmed);
    match (given, bare) {
        ("/", _) => Path::new("/"),
        (_, "") => Path::new("."),
        _ => Path::new(bare),
    }
}

struct Resolver<'v> {
    vfs: &'v dyn Vfs,
    charts: Vec<String>,
    /// The charts and files that are known, without links: each is linted once.
    real: Vec<PathBuf>,
    files: Vec<String>,
    /// How many charts and files were met, those that are known included.
    met: usize,
    diagnostics: Vec<Diagnostic>,
}

/// A path as the user would write it.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Resolver<'_> {
    fn add(&mut self, given: &str) {
        if given == "-" {
            self.met += 1;
            if !self.files.iter().any(|file| file == "-") {
                self.files.push("-".to_owned());
            }
            return;
        }
        let path = plain(given);
        let found = match self.vfs.metadata(path) {
            Ok(found) => found,
            Err(error) => {
                let message = error.to_string();
                self.diagnostics
                    .push(failure("unreadable-input", given, message));
                return;
            }
        };
        if is_chart(self.vfs, path) {
            let is_directory = found.kind == Kind::Directory;
            let root = if is_directory {
                None
            } else {
                owner(self.vfs, path)
            };
            match root {
                // An archive in `charts/` belongs to its chart.
                Some(root) => self.chart(&root),
                None => self.chart(path),
            }
        } else if let Some(root) = owner(self.vfs, path) {
            self.chart(&root);
        } else if found.kind == Kind::Directory {
            self.directory(path, 0);
        } else {
            self.file(path);
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        self.met += 1;
        let real = self.vfs.metadata(path).map(|found| found.real);
        let real = real.unwrap_or_else(|_| path.to_path_buf());
        if self.real.contains(&real) {
            return false;
        }
        self.real.push(real);
        true
    }

    fn chart(&mut self, path: &Path) {
        if self.is_new(path) {
            self.charts.push(shown(path));
        }
    }

    fn file(&mut self, path: &Path) {
        if self.is_new(path) {
            self.files.push(shown(path));
        }
    }

    /// Charts and manifests under a directory.
    fn directory(&mut self, folder: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            let message = "directories nest too deep".to_owned();
            self.diagnostics
                .push(failure("limit-exceeded", &shown(folder), message));
            return;
        }
        let names = match self.vfs.list(folder) {
            Ok(names) => names,
            Err(error) => {
                let message = error.to_string();
                self.diagnostics
                    .push(failure("unreadable-input", &shown(folder), message));
                return;
            }
        };
        for name in names {
            if name.starts_with('.') {
                continue;
            }
            let path = if folder == Path::new(".") {
                PathBuf::from(&name)
            } else {
                folder.join(&name)
            };
            let is_manifest = name.ends_with(".yaml") || name.ends_with(".yml");
            match self.vfs.metadata(&path) {
                Ok(found) if found.kind == Kind::Directory => {
                    if is_chart(self.vfs, &path) {
                        self.chart(&path);
                    } else {
                        self.directory(&path, depth + 1);
                    }
                }
                Ok(_) if name == FILE_NAME || name == WRONG_FILE_NAME => {}
                Ok(_) if is_manifest => self.file(&path),
                Ok(_) if name.ends_with(".tgz") => self.chart(&path),
                Ok(_) => {}
                // A directory that a link leads to may be full of them.
                Err(error) if is_manifest || may_be_directory(&name, &error) => {
                    let message = error.to_string();
                    self.diagnostics
                        .push(failure("unreadable-input", &shown(&path), message));
                }
                Err(_) => {}
            }
        }
    }
}

/// Whether what a link leads to, which is not looked at, may be a directory.
fn may_be_directory(name: &str, error: &VfsError) -> bool {
    error.kind == ErrorKind::Outside && !name.contains('.')
}

#[cfg(test)]
mod tests {
    use crate::vfs::{MemoryFs, RealFs};

    use super::*;

    #[test]
    fn a_path_belongs_to_the_outermost_chart() {
        let mut memory = MemoryFs::new();
        for chart in ["c", "c/charts/s", "c/other/t"] {
            memory.insert(Path::new(chart).join("Chart.yaml"), b"name: c".to_vec());
        }
        let owner = |path: &str| owner(&memory, Path::new(path)).map(|owner| shown(&owner));
        assert_eq!(owner("c/templates/x.yaml").as_deref(), Some("c"));
        assert_eq!(owner("c/charts/s/templates/x.yaml").as_deref(), Some("c"));
        assert_eq!(owner("c/other/t/x.yaml").as_deref(), Some("c/other/t"));
        assert_eq!(owner("x.yaml"), None);
    }

    #[test]
    fn the_way_up_leads_out_of_the_working_directory() {
        let way = |vfs: &dyn Vfs, from: &str| -> Vec<String> {
            let above = |folder: &PathBuf| above(vfs, folder);
            let folders = std::iter::successors(Some(PathBuf::from(from)), above);
            folders.skip(1).map(|folder| shown(&folder)).collect()
        };
        let memory = MemoryFs::new();
        assert_eq!(way(&memory, "a/b"), ["a", ".", ".."]);
        assert_eq!(way(&memory, "./a"), [".", ".."]);
        assert_eq!(way(&memory, ""), [".."]);
        assert_eq!(way(&memory, "/a/b"), ["/a", "/"]);
        // The root is as far above as the working directory is deep.
        let depth = std::env::current_dir().unwrap().components().count() - 1;
        let up = way(&RealFs::new(), "src/cli");
        let expected = (1..=depth).map(|steps| vec![".."; steps].join("/"));
        let expected: Vec<String> = ["src", "."]
            .map(str::to_owned)
            .into_iter()
            .chain(expected)
            .collect();
        assert_eq!(up, expected);
    }
}
