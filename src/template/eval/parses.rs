//! The files of a chart tree, parsed: each once, side by side.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::super::ast::Template;
use super::super::parse::{self, ParseError};
use super::helper::Helper;
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
    /// Has files parsed ahead, on another thread.
    pub fn ahead(
        self: &Arc<Self>,
        helper: &Helper,
        sources: &Sources,
        files: Vec<(String, FileId)>,
    ) {
        if files.is_empty() || !helper.is_there() {
            return;
        }
        let (parses, sources) = (Arc::clone(self), sources.clone());
        let parse = move || drop(parses.all(&sources, &files.iter().collect::<Vec<_>>()));
        // Whoever needs one of them has it parsed by then, or meanwhile.
        drop(helper.give(parse));
    }

    /// What files parse to, in their order. Of those with the same bytes, as the files of a library
    /// that several charts of a tree carry, only the last one is parsed: whatever the others define
    /// it defines again.
    pub(super) fn all(&self, sources: &Sources, files: &[&(String, FileId)]) -> Vec<Arc<Parsed>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let twins = twins(sources, files);
        let twins = || files.iter().copied().zip(twins.iter().copied());
        let key = |(name, file): &(String, FileId)| (*file, name.clone());
        let missing: Vec<_> = twins()
            .filter(|(one, twin)| twin.is_none() && !known.contains_key(&key(one)))
            .map(|(one, _)| one)
            .collect();
        let parsed = side_by_side(
            &missing,
            |(_, file)| sources.file(*file).bytes().len(),
            |(name, file)| parse_one(sources, name, *file),
        );
        for ((name, file), parsed) in missing.into_iter().zip(parsed) {
            known.insert((*file, name.clone()), Arc::new(parsed));
        }
        let mut all = Vec::with_capacity(files.len());
        for (one, twin) in twins() {
            let (name, file) = one;
            let twin = twin.and_then(|twin| known.get(&key(twin)));
            all.push(match twin.and_then(|twin| empty_twin(name, twin)) {
                Some(twin) => Arc::new(twin),
                None => {
                    let one = known.entry(key(one));
                    Arc::clone(one.or_insert_with(|| Arc::new(parse_one(sources, name, *file))))
                }
            });
        }
        all
    }
}

/// Of each file the last one with the same bytes, if that is another one.
fn twins<'f>(
    sources: &Sources,
    files: &[&'f (String, FileId)],
) -> Vec<Option<&'f (String, FileId)>> {
    let mut last = FxHashMap::with_capacity_and_hasher(files.len(), FxBuildHasher);
    let mut twins: Vec<_> = files
        .iter()
        .rev()
        .map(|one| {
            let bytes = sources.file(one.1).bytes();
            let twin = *last.entry(bytes).or_insert(*one);
            (twin != *one).then_some(twin)
        })
        .collect();
    twins.reverse();
    twins
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
