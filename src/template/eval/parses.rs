//! The files of a chart tree, parsed: each once, side by side.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::super::ast::Template;
use super::super::funcs::Callee;
use super::super::parse::{self, ParseError};
use super::helper::Helper;
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

/// What a file parses to, once somebody parsed it.
type Cell = Arc<OnceLock<Arc<Parsed>>>;

/// Files by number and full name, with what they parse to: whoever comes to a file first parses it.
#[derive(Debug, Default)]
pub struct Parses {
    known: Mutex<FxHashMap<(FileId, String), Cell>>,
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
        let parse = move || {
            let files: Vec<_> = files.iter().collect();
            let twins = twins(&sources, &files);
            parses.parse(&sources, &files, &twins, false);
        };
        // Whoever needs them meanwhile begins with the last one.
        drop(helper.give(parse));
    }

    /// What files parse to, in their order. Of those with the same bytes, as the files of a library
    /// that several charts of a tree carry, only the last one is parsed: whatever the others define
    /// it defines again.
    pub(super) fn all(&self, sources: &Sources, files: &[&(String, FileId)]) -> Vec<Arc<Parsed>> {
        let twins = twins(sources, files);
        self.parse(sources, files, &twins, true);
        let parsed = |one: &(String, FileId)| parsed(sources, one, &self.cell(one));
        let twins = files.iter().copied().zip(twins);
        let all = twins.map(|(one, twin)| {
            let twin = twin.map(parsed);
            match twin.and_then(|twin| empty_twin(&one.0, &twin)) {
                Some(twin) => Arc::new(twin),
                None => parsed(one),
            }
        });
        all.collect()
    }

    /// Parses those files that have no twin, the last one first if so asked.
    fn parse(
        &self,
        sources: &Sources,
        files: &[&(String, FileId)],
        twins: &[Option<&(String, FileId)>],
        backwards: bool,
    ) {
        let files = files.iter().zip(twins);
        let files = files.filter(|(_, twin)| twin.is_none());
        let mut missing: Vec<_> = files.map(|(one, _)| (*one, self.cell(one))).collect();
        missing.retain(|(_, cell)| cell.get().is_none());
        if backwards {
            missing.reverse();
        }
        side_by_side(
            &missing,
            |((_, file), _)| sources.file(*file).bytes().len(),
            |(one, cell)| drop(parsed(sources, one, cell)),
        );
    }

    fn cell(&self, (name, file): &(String, FileId)) -> Cell {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry((*file, name.clone())).or_default())
    }
}

/// What a file parses to: waits for it where somebody is about it.
fn parsed(sources: &Sources, (name, file): &(String, FileId), cell: &Cell) -> Arc<Parsed> {
    Arc::clone(cell.get_or_init(|| Arc::new(parse_one(sources, name, *file))))
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
    parse::parse(name, file, sources.file(file).bytes(), &Callee::of).templates
}

/// What a file adds to a later one of the same bytes, where it prints nothing itself: its own name.
/// Nothing is said of one that defines empty templates, which displace no others.
fn empty_twin(name: &str, of: &Parsed) -> Option<Parsed> {
    let (own, defined) = of.templates.split_first()?;
    let is_full = |template: &Arc<Template>| !template.is_empty_tree();
    let adds_only_its_name = of.errors.is_empty() && !is_full(own) && defined.iter().all(is_full);
    adds_only_its_name.then(|| Parsed {
        templates: vec![Arc::new(Template {
            name: name.into(),
            parse_name: name.to_owned(),
            ..Template::clone(own)
        })],
        errors: Vec::new(),
    })
}

fn parse_one(sources: &Sources, name: &str, file: FileId) -> Parsed {
    let parsed = parse::parse(name, file, sources.file(file).bytes(), &Callee::of);
    Parsed {
        templates: parsed.templates.into_iter().map(Arc::new).collect(),
        errors: parsed.errors,
    }
}
