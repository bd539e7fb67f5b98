//! Where something that is absent has to be written: the values key that would bring it about, or
//! the place in the template.
//!
//! A branch that was not taken leaves an empty run, whose context has what decided it. Those whose
//! body would have written the absent key say which values key has to change.

use std::rc::Rc;

use memchr::memmem;
use rustc_hash::FxHashSet;

use crate::chart::Manifest;
use crate::finding::Finding;
use crate::source::{ContextId, ContextKind, FileKind, Origin, Prov, Run, Span};
use crate::template::eval::with_stack;
use crate::template::untaken::{Bodies, Missed, PRINTED};
use crate::yaml::NodeRef;

use super::super::values_tree::{Setting, steps};
use super::{Locator, Places};

/// Shorter keys are part of too many words.
const MIN_PART: usize = 3;

/// A branch that was not taken, within the bytes that a finding is about.
struct Mark {
    /// The branch in the template.
    at: Span,
    /// What was opened around it within these bytes, and is not around all of them.
    contexts: Vec<ContextId>,
}

/// A values key that an absent key may be owed to, the better the greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Whether its value fails the condition.
    failing: u8,
    /// How much its name has of the absent key's.
    name: u8,
    depth: usize,
    /// The file given last overrides the others.
    place: Span,
}

/// How values come into what was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// It was made of them.
    Data,
    /// Conditions asked them.
    Control,
}

impl Locator<'_> {
    pub(super) fn places_of_absent(&self, manifest: &Manifest, finding: &Finding) -> Places {
        let span = finding.span;
        let text = manifest.text.bytes();
        let first_line = text[span.start().min(text.len())..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(span.end(), |len| (span.start() + len).min(span.end()));
        let head = Span::new(span.file(), span.start(), first_line.max(span.start()));
        let mut places = self.places(manifest, head);
        places.values.clear();
        places.files.clear();
        let Some(first) = finding.absent.first() else {
            return places;
        };
        let around = finding.within.unwrap_or(finding.span);
        let present = self.present(manifest, finding.span, first);
        let marks = self.marks(manifest, around);
        // Where the first key is there, what is missing is within it.
        let missing = finding.absent.iter().skip(usize::from(present.is_some()));
        let left_out = missing
            .rev()
            .find_map(|key| self.untaken(&marks, key))
            .or_else(|| self.unturned(manifest, around, first));
        places.is_left_out = left_out.is_some();
        let printed = |of| present.and_then(|value| self.printed(manifest, value, first, of));
        let printed_key = |of| {
            let place = self.printed_key(manifest, span, 0, of)?;
            self.values.first_beside(place).or(Some(place))
        };
        let value = left_out
            .or_else(|| printed(Of::Data))
            .or_else(|| self.named(manifest, around, first))
            .or_else(|| printed_key(Of::Data))
            .or_else(|| self.literal_key(manifest, span))
            .or_else(|| printed(Of::Control))
            .or_else(|| printed_key(Of::Control));
        places.values.extend(value);
        places
    }

    /// The value of the entry that begins at `span`, where its key is `key`.
    fn present<'m>(&self, manifest: &'m Manifest, span: Span, key: &str) -> Option<NodeRef<'m>> {
        let start = Span::new(span.file(), span.start(), span.start());
        let steps = steps(&manifest.documents, start)?;
        let step = steps.last()?;
        let own = step.key.filter(|own| own.span().start() == span.start())?;
        (own.text() == Some(key)).then_some(step.value)
    }

    /// The values key whose value was printed as that of a key.
    fn printed(&self, manifest: &Manifest, value: NodeRef<'_>, key: &str, of: Of) -> Option<Span> {
        if value.entries().next().is_some() {
            let keys = value.entries().map(|(key, _)| key.span());
            return keys
                .filter_map(|key| self.printed_key(manifest, key, 1, of))
                .max_by_key(|place| place.file());
        }
        let span = value.span();
        let runs = manifest.text.runs(span.start(), span.end());
        let spans = runs
            .filter(|run| run.start < run.end)
            .flat_map(|run| self.values_that(of, self.origins.origin(run.origin).data));
        let place = |span| {
            let named = self.values.ancestor_named(span, key);
            named.or_else(|| {
                let setting = self.values.setting(span, 0)?;
                // Helm drops what is null, and then it was the mapping that was asked.
                let dropped = self.values.child(&setting, |name| name == key);
                let dropped = dropped.filter(|child| child.is_empty);
                Some(dropped.map_or(setting.place, |child| child.place))
            })
        };
        spans.filter_map(place).max_by_key(|place| place.file())
    }

    /// The entry, or the one `up` levels around it, whose key was printed from values at `span`.
    fn printed_key(&self, manifest: &Manifest, span: Span, up: usize, of: Of) -> Option<Span> {
        let origin = self.first_origin(manifest, span)?;
        let spans = if origin.exact {
            Vec::new()
        } else {
            self.values_that(of, origin.data)
        };
        let settings = spans
            .into_iter()
            .filter_map(|span| self.values.setting(span, up));
        settings
            .map(|setting| setting.place)
            .max_by_key(|place| place.file())
    }

    /// The origin of the first byte of a span.
    fn first_origin(&self, manifest: &Manifest, span: Span) -> Option<&Origin> {
        let mut runs = manifest.text.runs(span.start(), span.start() + 1);
        let run = runs.find(|run| run.start < run.end)?;
        Some(self.origins.origin(run.origin))
    }

    /// The one text, of a template or a file, that the key at `span` was read from, to be printed
    /// elsewhere.
    fn literal_key(&self, manifest: &Manifest, span: Span) -> Option<Span> {
        let origin = self.first_origin(manifest, span)?;
        let (mut spans, _) = self.origins.told_apart(origin.data);
        let kind = |span: &Span| self.sources.file(span.file()).kind();
        spans.retain(|span| matches!(kind(span), FileKind::Template | FileKind::File));
        let literal = match *spans {
            [literal] if !origin.exact && origin.at != Some(literal) => literal,
            _ => return None,
        };
        let text = manifest.text.bytes().get(span.start()..)?;
        let text = text.strip_prefix(b"\"").unwrap_or(text);
        let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let key = text.get(..length.count())?;
        let at = memmem::find(self.sources.slice(literal), key)?;
        Some(literal.slice(at, at + key.len()))
    }

    /// The values key of the absent key's name that decided anything around.
    fn named(&self, manifest: &Manifest, around: Span, key: &str) -> Option<Span> {
        let runs = manifest.text.runs(around.start(), around.end());
        let mut found: Vec<Span> = Vec::new();
        for run in runs {
            let origin = self.origins.origin(run.origin);
            let control = self
                .origins
                .contexts(origin.context)
                .map(|context| context.control);
            for prov in control {
                for value in self.values_of(prov) {
                    if let Some(entry) = self.values.switch_named(value, key)
                        && !found.contains(&entry)
                    {
                        found.push(entry);
                    }
                }
            }
        }
        // The first of those in the file given last.
        found.sort_by_key(|span| std::cmp::Reverse(span.file()));
        found.first().copied()
    }

    /// The values that something was made of, or those that were asked for it.
    fn values_that(&self, of: Of, prov: Prov) -> Vec<Span> {
        let (data, control) = self.origins.told_apart(prov);
        self.in_values(match of {
            Of::Data => data,
            Of::Control => control,
        })
    }

    fn values_of(&self, prov: Prov) -> Vec<Span> {
        self.in_values(self.origins.spans(prov))
    }

    fn in_values(&self, mut spans: Vec<Span>) -> Vec<Span> {
        spans.retain(|span| self.sources.file(span.file()).kind() == FileKind::Values);
        spans
    }

    /// The branches that were not taken around. White space behind is part of it: a branch at the
    /// end leaves its mark there.
    fn marks(&self, manifest: &Manifest, around: Span) -> Vec<Mark> {
        let text = manifest.text.bytes();
        let behind = text.get(around.end()..).unwrap_or_default();
        let space = behind.iter().take_while(|byte| byte.is_ascii_whitespace());
        let end = around.end() + space.count();
        let outer = self.outer(manifest, around);
        let runs = manifest.text.runs(around.start(), end);
        runs.filter(|run| run.start == run.end)
            .filter_map(|run| {
                let origin = self.origin(run);
                Some(Mark {
                    at: origin.at?,
                    contexts: self.within(origin.context, &outer),
                })
            })
            .collect()
    }

    /// The contexts that hold the first byte of `around`.
    fn outer(&self, manifest: &Manifest, around: Span) -> FxHashSet<ContextId> {
        let mut runs = manifest.text.runs(around.start(), around.end());
        let head = runs.find(|run| run.start < run.end);
        let mut id = head.map_or(ContextId::default(), |run| self.origin(run).context);
        let mut found = FxHashSet::default();
        // The root is its own parent.
        while found.insert(id) {
            id = self.origins.context(id).parent;
        }
        found
    }

    /// The contexts from `id` outwards that are not among `outer`.
    fn within(&self, id: ContextId, outer: &FxHashSet<ContextId>) -> Vec<ContextId> {
        let mut found = Vec::new();
        let mut id = id;
        while !outer.contains(&id) {
            found.push(id);
            id = self.origins.context(id).parent;
        }
        found
    }

    fn origin(&self, run: Run) -> &Origin {
        self.origins.origin(run.origin)
    }

    /// What the branch at a place, and those before it in its chain, would have written.
    fn missed(&self, at: Span) -> Rc<[Missed]> {
        let mut known = self.missed.borrow_mut();
        let missed = known.entry(at).or_insert_with(|| {
            let sources = self.sources;
            let bodies = self
                .bodies
                .get_or_init(|| with_stack(|| Bodies::read(sources)).unwrap_or_default());
            Rc::from(bodies.missed(at, sources))
        });
        Rc::clone(missed)
    }

    /// The values key that kept a branch from being taken which would have written `key`.
    fn untaken(&self, marks: &[Mark], key: &str) -> Option<Span> {
        let mut best: Option<Rank> = None;
        for mark in marks {
            for missed in self.missed(mark.at).iter() {
                let part = missed.keys.iter().find_map(|own| filled(own, key));
                let Some(part) = part.filter(|part| self.is_turn(mark, part)) else {
                    continue;
                };
                for (setting, is_direct) in self.conditions(mark, missed) {
                    let rank = self.rank(setting, missed, key, part);
                    // A key that is printed whole may be any, and what only decided what was asked
                    // may have to do with anything in it.
                    let is_known = is_direct && part != key;
                    if let Some(rank) = rank.filter(|rank| is_known || rank.name > 0) {
                        best = best.max(Some(rank));
                    }
                }
            }
        }
        best.map(|rank| rank.place)
    }

    /// The values key whose entries a loop goes over that had no turn to write `key`.
    fn unturned(&self, manifest: &Manifest, around: Span, key: &str) -> Option<Span> {
        let outer = self.outer(manifest, around);
        let mut seen = FxHashSet::default();
        let mut best: Option<Rank> = None;
        for run in manifest.text.runs(around.start(), around.end()) {
            let context = self.origin(run).context;
            if seen.contains(&context) {
                continue;
            }
            for id in self.within(context, &outer) {
                let context = self.origins.context(id);
                let is_loop = matches!(context.kind, ContextKind::Range(_));
                let is_new = seen.insert(id);
                let Some(at) = context.at.filter(|_| is_loop && is_new) else {
                    continue;
                };
                let missed = self.missed(at);
                let Some(missed) = missed.first() else {
                    continue;
                };
                let part = missed.keys.iter().find_map(|own| filled(own, key));
                let Some(part) = part.filter(|part| !part.is_empty()) else {
                    continue;
                };
                let settings = self.values_of(context.control).into_iter();
                let settings = settings.filter_map(|span| self.values.setting(span, 0));
                for setting in settings.filter(|setting| setting.is_collection) {
                    let rank = self.rank(setting, missed, key, part);
                    best = best.max(rank.filter(|_| part != key));
                }
            }
        }
        best.map(|rank| rank.place)
    }

    /// Whether the turn of the loop that a mark lies in can print `part` into a key.
    fn is_turn(&self, mark: &Mark, part: &str) -> bool {
        let turns = mark.contexts.iter().filter_map(|id| {
            let ContextKind::Range(name) = &self.origins.context(*id).kind else {
                return None;
            };
            Some(name)
        });
        let mut turns = turns.filter(|name| name.parse::<u64>().is_err()).peekable();
        part.is_empty() || turns.peek().is_none() || turns.any(|name| name == part)
    }

    /// The values keys that a condition depended on, and whether they were asked themselves: others
    /// decided what was put into what was asked.
    fn conditions(&self, mark: &Mark, missed: &Missed) -> Vec<(Setting, bool)> {
        let contexts = mark.contexts.iter().map(|id| self.origins.context(*id));
        let controls = contexts.filter(|context| context.at == Some(missed.condition));
        let mut found = Vec::new();
        for context in controls {
            let (data, control) = self.origins.told_apart(context.control);
            for (spans, is_direct) in [(data, true), (control, false)] {
                let spans = self.in_values(spans).into_iter();
                let settings = spans.filter_map(|span| self.values.setting(span, 0));
                found.extend(settings.map(|setting| (setting, is_direct)));
            }
        }
        found
    }

    /// How likely an absent key is owed to a values key; `None` where it is not.
    fn rank(&self, setting: Setting, missed: &Missed, key: &str, part: &str) -> Option<Rank> {
        // A mapping in which something was looked up: the entry that is not set, or nulled. One
        // that is set did not come here through the template, so the values are not at fault.
        let looked_up = |name: &str| is_named(name, key, part) || is_part(name, key);
        let setting = match self.values.child(&setting, looked_up) {
            Some(child) if child.is_empty => child,
            Some(_) if !missed.compares => return None,
            _ => setting,
        };
        let own = setting.keys.last().map_or("", String::as_str);
        let name = if is_named(own, key, part) {
            3
        } else if setting.keys.iter().any(|own| is_named(own, key, part)) {
            2
        } else {
            u8::from(setting.keys.iter().any(|own| is_part(own, key)))
        };
        let failing = match (missed.compares, setting.is_empty, setting.is_collection) {
            (false, true, _) => 2,
            (false, false, true) | (true, _, false) => 1,
            _ => 0,
        };
        Some(Rank {
            failing,
            name,
            depth: setting.keys.len(),
            place: setting.place,
        })
    }
}

/// What an action has to print into a key that it may become `key`; empty where it prints nothing.
fn filled<'k>(own: &str, key: &'k str) -> Option<&'k str> {
    match own.split_once(PRINTED) {
        None => (own == key).then_some(""),
        Some((before, after)) if !after.contains(PRINTED) => {
            let part = key.strip_prefix(before)?.strip_suffix(after)?;
            (!part.is_empty()).then_some(part)
        }
        Some(_) => None,
    }
}

/// Whether a values key has the name of the absent key, or of the part that is printed into it.
fn is_named(own: &str, key: &str, part: &str) -> bool {
    own.eq_ignore_ascii_case(key) || own.eq_ignore_ascii_case(part)
}

/// Whether a values key's name is part of the absent key's: `liveness` of `livenessProbe`.
fn is_part(own: &str, key: &str) -> bool {
    own.len() >= MIN_PART && key.to_ascii_lowercase().contains(&own.to_ascii_lowercase())
}
