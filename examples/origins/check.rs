//! The promise, held against one chart: each scalar of its values is changed alone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use aiplat::chart::{Rendered, ValuesInput};
use aiplat::engine::{RenderRequest, Report, render};
use aiplat::report::render_json;
use aiplat::vfs::{MemoryFs, Vfs};
use rayon::prelude::*;

use crate::documents::{Fate, Leaf, Rendition, documents, each_leaf, fates};
use crate::names::Names;
use crate::scalars::{Scalar, changes, scalars};

/// How much was right of how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// What was right.
    pub(crate) right: usize,
    /// All that was asked.
    pub(crate) all: usize,
}

impl Score {
    fn count(&mut self, is_right: bool) {
        self.right += usize::from(is_right);
        self.all += 1;
    }

    /// Adds another one.
    pub(crate) fn add(&mut self, other: Self) {
        self.right += other.right;
        self.all += other.all;
    }
}

/// What came out for one chart, or for one scalar.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Scalars of which at least one change could be rendered.
    pub(crate) tried: usize,
    /// Rendered leaves that changed: how many had named the line.
    pub(crate) recall: Score,
    /// Rendered leaves that named a scalar: how many a change of it changed.
    pub(crate) precision: Score,
    /// Changes that could not be rendered.
    pub(crate) failures: usize,
    /// What was wrong, a line each.
    pub(crate) details: Vec<String>,
}

impl Tally {
    /// Adds another one.
    pub(crate) fn add(&mut self, other: Self) {
        self.tried += other.tried;
        self.recall.add(other.recall);
        self.precision.add(other.precision);
        self.failures += other.failures;
        self.details.extend(other.details);
    }
}

/// A chart, and the values file whose scalars are changed.
pub(crate) struct Subject {
    /// Where both lie.
    pub(crate) vfs: Arc<dyn Vfs>,
    /// The chart's directory.
    pub(crate) chart: String,
    /// A values file beside the defaults; without one, the defaults are changed.
    pub(crate) values: Option<String>,
}

impl Subject {
    fn file(&self) -> String {
        match &self.values {
            Some(file) => file.clone(),
            None => format!("{}/values.yaml", self.chart),
        }
    }

    /// Renders it; `None` where that fails.
    pub(crate) fn render(&self, vfs: &dyn Vfs) -> Option<(Rendered, Report)> {
        let request = RenderRequest {
            chart: self.chart.clone(),
            values: self.values.iter().cloned().map(ValuesInput::File).collect(),
            // What a schema refuses, the templates still have an answer to.
            skip_schema: true,
            ..RenderRequest::default()
        };
        let (rendered, report) = render(vfs, &request);
        (report.status() == 0).then_some((rendered, report))
    }
}

/// Changes the scalars of a chart, at most `limit`, which are spread evenly.
///
/// # Errors
/// Why nothing could be tried.
pub(crate) fn check(subject: &Subject, limit: usize) -> Result<Tally, String> {
    let (rendered, report) = subject
        .render(&*subject.vfs)
        .ok_or("it does not render as it is")?;
    let json = render_json(&rendered, &report);
    let names = Names::read(&json, &subject.file())?;
    if names.text.as_bytes() != rendered.output.bytes() {
        return Err("the rendering is not UTF-8".to_owned());
    }
    against(subject, &rendered, &names, limit)
}

/// As [`check`], with what the rendering says given.
pub(crate) fn against(
    subject: &Subject,
    rendered: &Rendered,
    names: &Names,
    limit: usize,
) -> Result<Tally, String> {
    let Ok(text) = subject.vfs.read(Path::new(&subject.file()), u64::MAX) else {
        return Ok(Tally::default());
    };
    let before = documents(rendered);
    let base = Base::new(&before, names, text);
    let count = base.scalars.len();
    let sampled: Vec<usize> = (0..count.min(limit))
        .map(|index| index * count / count.min(limit))
        .collect();
    let tallies: Vec<Tally> = sampled
        .par_iter()
        .map(|at| base.tried(subject, *at))
        .collect();
    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.add(tally));
    Ok(all)
}

struct Base<'a> {
    before: &'a [Rendition<'a>],
    names: &'a Names,
    text: Vec<u8>,
    scalars: Vec<Scalar>,
    /// Each leaf's path and bytes.
    leaves: HashMap<Leaf, (String, (usize, usize))>,
    /// Which leaves each scalar decides, as they say.
    decided: HashMap<usize, Vec<Leaf>>,
}

impl<'a> Base<'a> {
    fn new(before: &'a [Rendition<'a>], names: &'a Names, text: Vec<u8>) -> Self {
        let scalars = scalars(&text);
        let mut leaves = HashMap::new();
        let mut decided: HashMap<usize, Vec<Leaf>> = HashMap::new();
        each_leaf(before, &mut |leaf, path, range| {
            leaves.insert(leaf, (path.to_owned(), range));
            let mut places = HashSet::new();
            for named in names.within(range.0, range.1) {
                if named.control || !places.insert((named.start, named.end)) {
                    continue;
                }
                let first = scalars.partition_point(|scalar| scalar.end < named.start);
                let rest = scalars.iter().enumerate().skip(first);
                for (at, scalar) in rest.take_while(|(_, scalar)| scalar.start <= named.end) {
                    let overlaps = scalar.start < named.end && named.start < scalar.end;
                    let is_same = (scalar.start, scalar.end) == (named.start, named.end);
                    let decides = decided.entry(at).or_default();
                    if (overlaps || is_same) && decides.last() != Some(&leaf) {
                        decides.push(leaf);
                    }
                }
            }
        });
        Self {
            before,
            names,
            text,
            scalars,
            leaves,
            decided,
        }
    }

    /// What came out for the scalar at `at`.
    fn tried(&self, subject: &Subject, at: usize) -> Tally {
        let mut tally = Tally::default();
        let Some(scalar) = self.scalars.get(at) else {
            return tally;
        };
        let mut changed: BTreeMap<Leaf, Fate> = BTreeMap::new();
        for text in changes(&self.text, &self.scalars, at) {
            let mut vfs = MemoryFs::over(Arc::clone(&subject.vfs));
            vfs.insert(subject.file(), text);
            let Some((rendered, _)) = subject.render(&vfs) else {
                tally.failures += 1;
                continue;
            };
            tally.tried = 1;
            for (leaf, fate) in fates(self.before, &documents(&rendered)) {
                let known = changed.entry(leaf).or_insert(fate);
                if fate == Fate::Changed {
                    *known = fate;
                }
            }
        }
        if tally.tried == 0 {
            return tally;
        }
        let lines = self.lines(scalar);
        let mut misses: Vec<Leaf> = Vec::new();
        for (leaf, fate) in &changed {
            let Some((_, (start, end))) = self.leaves.get(leaf) else {
                continue;
            };
            if *fate == Fate::Changed {
                let mut named = self.names.within(*start, *end);
                let is_named = named.any(|named| named.start <= lines.1 && lines.0 <= named.end);
                tally.recall.count(is_named);
                if !is_named {
                    misses.push(*leaf);
                }
            }
        }
        for leaf in misses {
            tally.details.push(self.detail("missed", scalar, leaf));
        }
        if !scalar.has_parts() {
            for leaf in self.decided.get(&at).into_iter().flatten() {
                tally.precision.count(changed.contains_key(leaf));
                if !changed.contains_key(leaf) {
                    tally.details.push(self.detail("over", scalar, *leaf));
                }
            }
        }
        tally
    }

    /// From the start of the scalar's first line to the end of its last.
    fn lines(&self, scalar: &Scalar) -> (usize, usize) {
        let before = self.text.get(..scalar.start).unwrap_or_default();
        let last = scalar.end.saturating_sub(1).max(scalar.start);
        let after = self.text.get(last..).unwrap_or_default();
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let end = after.iter().position(|byte| *byte == b'\n');
        (
            start.map_or(0, |at| at + 1),
            end.map_or(self.text.len(), |at| last + at),
        )
    }

    fn detail(&self, what: &str, scalar: &Scalar, leaf: Leaf) -> String {
        let (path, (start, end)) = self.leaves.get(&leaf).cloned().unwrap_or_default();
        let short = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace('\n', "\\n");
            text.chars().take(50).collect::<String>()
        };
        let before = self.text.get(..scalar.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let written = short(self.text.get(scalar.start..scalar.end).unwrap_or_default());
        let printed = short(
            self.names
                .text
                .as_bytes()
                .get(start..end)
                .unwrap_or_default(),
        );
        format!("{what:<6} line {line} {written}  {path}: {printed}")
    }
}
