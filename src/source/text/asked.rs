//! What decided the parts of a text.

use super::super::{ContextId, OriginId, Origins, Prov};
use super::{Run, Runs, Segment, Text};

/// So many segments are passed one by one before the first one of a part is searched for.
const NEAR: usize = 4;

/// A text that is asked part by part what decided it. Mostly the parts stand one behind the other,
/// and many of them in one context: what was found there holds while execution stands where it
/// stood when the text was asked first.
#[derive(Debug)]
pub struct Asked<'t> {
    text: &'t Text,
    /// The first segment that the last part could meet.
    at: usize,
    /// The last context, and what decided that anything stands in it.
    control: Option<(ContextId, Prov)>,
    /// The origin of the last part that is one run and no copy, and what decided it.
    part: Option<(OriginId, Prov)>,
}

impl<'t> Asked<'t> {
    /// Nothing was asked so far.
    #[must_use]
    pub fn new(text: &'t Text) -> Self {
        Self {
            text,
            at: 0,
            control: None,
            part: None,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t Text {
        self.text
    }

    /// As [`Text::deps`].
    pub fn deps(&mut self, start: usize, end: usize, plain: Prov, origins: &mut Origins) -> Prov {
        if self.text.is_plain() {
            return plain;
        }
        let first = self.first(start);
        let around = self.text.segments.get(first);
        let before = first
            .checked_sub(1)
            .and_then(|at| self.text.segments.get(at));
        let is_behind = before.is_none_or(|before| (before.end as usize) < start);
        match around {
            // Mostly a part lies within one run, or is a place in it, which nothing decided.
            Some(around) if is_behind && (around.end as usize) > end => {
                if start >= end {
                    return Prov::NONE;
                }
                let begin = before.map_or(0, |before| before.end as usize);
                let run = Run {
                    start,
                    end,
                    origin: around.origin,
                    skip: around.skip as usize + (start - begin),
                };
                self.deps_of_one(run, origins)
            }
            _ => self.deps_of_all(Runs::new(self.text, first, start, end), origins),
        }
    }

    /// What decided one run.
    fn deps_of_one(&mut self, run: Run, origins: &mut Origins) -> Prov {
        origins.look(1);
        if let Some((origin, deps)) = self.part
            && origin == run.origin
        {
            return deps;
        }
        let origin = *origins.origin(run.origin);
        let mut all = origin.data;
        if let (true, Some(at)) = (origin.exact, origin.at) {
            let leaf = origins.leaf(at.slice(run.skip, run.skip + run.end - run.start));
            all = origins.union(all, leaf);
        }
        let here = origins.here();
        if origin.context != here {
            let control = self.control_of(origin.context, here, origins);
            all = origins.union(all, control);
        }
        if !origin.exact {
            self.part = Some((run.origin, all));
        }
        all
    }

    fn deps_of_all(&mut self, runs: Runs<'t>, origins: &mut Origins) -> Prov {
        let mut all = Prov::NONE;
        let here = origins.here();
        // Runs one behind the other mostly stand in one context, and often are of one set.
        let mut last = here;
        let mut known = Prov::NONE;
        let mut looks = 0;
        let mut part = None;
        let mut runs = runs;
        while let Some(run) = runs.next() {
            looks += 1;
            if looks == 1
                && let Some((origin, deps)) = self.part
                && origin == run.origin
                && runs.is_over()
            {
                origins.look(looks);
                return deps;
            }
            let origin = *origins.origin(run.origin);
            part = (!origin.exact).then_some(run.origin);
            if !origin.data.is_none() && origin.data != known {
                known = origin.data;
                all = origins.union(all, known);
            }
            if let (true, Some(at)) = (origin.exact, origin.at) {
                let leaf = origins.leaf(at.slice(run.skip, run.skip + run.end - run.start));
                all = origins.union(all, leaf);
            }
            if origin.context != last {
                last = origin.context;
                let control = self.control_of(last, here, origins);
                all = origins.union(all, control);
            }
        }
        origins.look(looks);
        if looks == 1
            && let Some(part) = part
        {
            self.part = Some((part, all));
        }
        all
    }

    /// As [`Text::control`].
    pub fn control(&mut self, start: usize, end: usize, origins: &mut Origins) -> Prov {
        let mut all = Prov::NONE;
        let here = origins.here();
        let mut last = here;
        for run in self.runs(start, end) {
            let context = origins.origin(run.origin).context;
            if context != last {
                last = context;
                let control = self.control_of(context, here, origins);
                all = origins.union(all, control);
            }
        }
        all
    }

    /// What decided that anything stands in a context, as seen from `here`.
    fn control_of(&mut self, context: ContextId, here: ContextId, origins: &mut Origins) -> Prov {
        if let Some((last, control)) = self.control
            && last == context
        {
            return control;
        }
        let control = origins.control(context, here);
        let control = origins.as_control(control);
        self.control = Some((context, control));
        control
    }

    /// As [`Text::runs`].
    fn runs(&mut self, start: usize, end: usize) -> Runs<'t> {
        Runs::new(self.text, self.first(start), start, end)
    }

    /// The first segment that what begins at `start` could meet.
    fn first(&mut self, start: usize) -> usize {
        let segments = &self.text.segments;
        let is_before = |segment: &Segment| (segment.end as usize) < start;
        let (before, behind) = segments.split_at(self.at.min(segments.len()));
        let near = behind.iter().take(NEAR).position(|one| !is_before(one));
        self.at = match near {
            Some(further) if before.last().is_none_or(is_before) => before.len() + further,
            _ => segments.partition_point(is_before),
        };
        self.at
    }
}
