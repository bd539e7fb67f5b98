//! The files of a chart tree, parsed: each once, side by side.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::super::ast::Template;
use super::super::parse::{self, ParseError};
use super::program::is_function;
use super::threads::side_by_side;
use crate::source::{FileId, Sources};

/// A parsed file.
#[derive(Debug)]
pub(super) struct Parsed {
    /// See [`parse::Parsed::templates`].
    pub(super) templates: Vec<Arc<Template>>,
    /// See [`parse::Parsed::errors`].
    pub(super) errors: Vec<ParseError>,
}

/// Files by number and full name, with what they parse to: whoever asks first has them parsed, and
/// who comes meanwhile waits.
#[derive(Debug, Default)]
pub struct Parses {
    known: Mutex<FxHashMap<(FileId, String), Arc<Parsed>>>,
}

impl Parses {
    /// What files parse to, in their order. Of those with the same bytes, as the files of a library
    /// that several charts of a tree carry, only the last one is parsed: whatever the others define
    /// it defines again.
    pub(super) fn all(&self, sources: &Sources, files: &[&(String, FileId)]) -> Vec<Arc<Parsed>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = FxHashMap::default();
        for (name, file) in files.iter().copied() {
            last.insert(sources.file(*file).bytes(), (*file, name));
        }
        let twin_of = |file: FileId, name: &str| {
            let (twin, its) = last.get(sources.file(file).bytes()).copied()?;
            (twin != file || its != name).then(|| (twin, its.clone()))
        };
        let mut missing = files.to_vec();
        missing.retain(|one| {
            let (name, file) = one;
            twin_of(*file, name).is_none() && !known.contains_key(&(*file, name.clone()))
        });
        let parsed = side_by_side(
            &missing,
            |(_, file)| sources.file(*file).bytes().len(),
            |(name, file)| parse_one(sources, name, *file),
        );
        for ((name, file), parsed) in missing.into_iter().zip(parsed) {
            known.insert((*file, name.clone()), Arc::new(parsed));
        }
        let mut all = Vec::with_capacity(files.len());
        for (name, file) in files.iter().copied() {
            let twin = twin_of(*file, name).and_then(|twin| known.get(&twin));
            all.push(match twin.and_then(|twin| empty_twin(name, twin)) {
                Some(twin) => Arc::new(twin),
                None => {
                    let one = known.entry((*file, name.clone()));
                    Arc::clone(one.or_insert_with(|| Arc::new(parse_one(sources, name, *file))))
                }
            });
        }
        all
    }
}

/// The templates of one file, whether or not others displace them.
#[must_use]
pub fn parse_file(name: &str, file: FileId, sources: &Sources) -> Vec<Template> {
    parse::parse(name, file, sources.file(file).bytes(), &is_function).templates
}

/// What a file adds to a later one of the same bytes, where it prints nothing itself: its own name.
/// Nothing is said of one that defines empty templates, which displace no others.
fn empty_twin(name: &str, of: &Parsed) -> Option<Parsed> {
    let (own, defined) = of.templates.split_first()?;
    let is_full = |template: &Arc<Template>| !template.is_empty_tree();
    let adds_only_its_name = of.errors.is_empty() && !is_full(own) && defined.iter().all(is_full);
    adds_only_its_name.then(|| Parsed {
        templates: vec![Arc::new(Template {
            name: name.to_owned(),
            parse_name: name.to_owned(),
            ..Template::clone(own)
        })],
        errors: Vec::new(),
    })
}

fn parse_one(sources: &Sources, name: &str, file: FileId) -> Parsed {
    let parsed = parse::parse(name, file, sources.file(file).bytes(), &is_function);
    Parsed {
        templates: parsed.templates.into_iter().map(Arc::new).collect(),
        errors: parsed.errors,
    }
}
