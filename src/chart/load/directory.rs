//! A chart that is a directory.

use std::path::{Path, PathBuf};

use crate::vfs::{ErrorKind, Kind};

use super::ignore::Rules;
use super::{CHART_INVALID, Entry, LIMIT, Loader, join};

/// Directories nest no deeper.
const MAX_DEPTH: usize = 64;

impl Loader<'_> {
    /// All files of the chart that `.helmignore` leaves, in Helm's order.
    pub(super) fn directory(&mut self, path: &Path, shown: &str) -> Vec<Entry> {
        let mut rules = Rules::default();
        let ignore_file = path.join(".helmignore");
        if self.vfs.metadata(&ignore_file).is_ok() {
            match self.vfs.read(&ignore_file, self.limits.text) {
                Ok(bytes) => {
                    if let Err((message, from, to)) = rules.parse(&bytes) {
                        let name = join(shown, ".helmignore");
                        let file = self.sources.add(name, crate::source::FileKind::File, bytes);
                        let span = crate::source::Span::new(file, from, to);
                        self.findings.push(crate::finding::Finding::new(
                            CHART_INVALID,
                            span,
                            message,
                        ));
                    }
                }
                Err(error) => self.unreadable(&join(shown, ".helmignore"), &error),
            }
        }
        rules.add_defaults();
        let mut walk = Walk {
            loader: self,
            rules,
            shown,
            entries: Vec::new(),
            stack: Vec::new(),
        };
        walk.directory(path, "");
        walk.entries
    }
}

struct Walk<'a, 'l> {
    loader: &'a mut Loader<'l>,
    rules: Rules,
    shown: &'a str,
    entries: Vec<Entry>,
    /// The directories around, without links: a link to one of them would never end.
    stack: Vec<PathBuf>,
}

impl Walk<'_, '_> {
    fn directory(&mut self, path: &Path, name: &str) {
        let names = match self.loader.vfs.list(path) {
            Ok(names) => names,
            Err(error) => {
                let shown = join(self.shown, name);
                self.loader.unreadable(&shown, &error);
                return;
            }
        };
        for child in names {
            let inside = if name.is_empty() {
                child.clone()
            } else {
                format!("{name}/{child}")
            };
            self.entry(&path.join(&child), inside);
            if self.loader.is_full {
                return;
            }
        }
    }

    /// Whether `.helmignore` has it left out; so is everything once that is too much to find out.
    fn is_ignored(&mut self, name: &str, is_directory: bool) -> bool {
        let is_ignored = self.rules.ignores(name, is_directory);
        if is_ignored.is_none() && !self.loader.is_full {
            let shown = join(self.shown, ".helmignore");
            let message = "too many patterns for as many files";
            self.loader.report(LIMIT, &shown, message);
            self.loader.is_full = true;
        }
        is_ignored.unwrap_or(true)
    }

    fn entry(&mut self, path: &Path, name: String) {
        let shown = join(self.shown, &name);
        let found = match self.loader.vfs.metadata(path) {
            Ok(found) => found,
            Err(error) => {
                // Nobody asks for what is ignored, except that Helm stumbles over broken links.
                let is_ignored = self.is_ignored(&name, false) || self.is_ignored(&name, true);
                if !is_ignored || error.kind == ErrorKind::DanglingLink {
                    self.loader.unreadable(&shown, &error);
                }
                return;
            }
        };
        let is_directory = found.kind == Kind::Directory;
        if self.is_ignored(&name, is_directory) {
            return;
        }
        if is_directory {
            if self.stack.contains(&found.real) || self.stack.len() >= MAX_DEPTH {
                let message = if self.stack.len() >= MAX_DEPTH {
                    format!("directories nest deeper than {MAX_DEPTH} levels")
                } else {
                    "this link leads back to a directory around it".to_owned()
                };
                self.loader.report(LIMIT, &shown, &message);
                return;
            }
            if !self.loader.spend(0, &shown) {
                return;
            }
            self.stack.push(found.real);
            self.directory(path, &name);
            self.stack.pop();
            return;
        }
        if !self.loader.spend(found.size, &shown) {
            return;
        }
        let limit = self.loader.limit_of(&name);
        match self.loader.vfs.read_found(path, &found, limit) {
            Ok(bytes) => {
                let bytes = bytes.into();
                self.entries.push(Entry { name, shown, bytes });
            }
            Err(error) => self.loader.unreadable(&shown, &error),
        }
    }
}
