//! Text that knows where its bytes came from.

mod asked;
mod padded;
#[cfg(test)]
mod tests;

use super::{Bytes, ContextId, Moved, OriginId, Origins, Prov, Span};
pub use asked::Asked;

/// A run of bytes of one origin. It reaches from the end of the segment before to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Offset behind its last byte.
    pub end: u32,
    /// Where it came from.
    pub origin: OriginId,
    /// How many bytes of the origin's text precede the run: for an exact origin, byte `i` of the
    /// run is byte `skip + i` of the origin's span.
    pub skip: u32,
}

/// Fewer bytes are copied as quickly as they are shared.
const WORTH_SHARING: usize = 512;

/// Bytes and their origins. **Invariant**: the segments, where there are any, cover the bytes
/// exactly; empty ones mark places where bytes could have been (a condition that was false).
/// Text without segments has one origin, known to whoever holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    bytes: Bytes,
    segments: Vec<Segment>,
    home: Option<ContextId>,
}

impl Text {
    /// No bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No bytes, with room for some, and for so many segments.
    #[must_use]
    pub fn with_capacity(bytes: usize, segments: usize) -> Self {
        Self {
            bytes: Bytes::with_capacity(bytes),
            segments: Vec::with_capacity(segments),
            home: None,
        }
    }

    /// Bytes whose origin the holder knows.
    #[must_use]
    pub fn plain(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            segments: Vec::new(),
            home: None,
        }
    }

    /// Bytes whose origins are told one after the other ([`Text::cover`]), with room for so many
    /// segments.
    #[must_use]
    pub fn uncovered(bytes: impl Into<Bytes>, segments: usize) -> Self {
        Self {
            bytes: bytes.into(),
            segments: Vec::with_capacity(segments),
            home: None,
        }
    }

    /// Says whose the bytes are that no segment covers yet, up to `end`; where there are none, that
    /// bytes of this origin could stand there. `skip` as in [`Segment::skip`].
    pub fn cover(&mut self, end: usize, origin: OriginId, skip: usize) {
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        let skip = u32::try_from(skip).unwrap_or(u32::MAX);
        if end > self.segments.last().map_or(0, |last| last.end) {
            self.close(origin, skip, end);
        } else {
            let skip = 0;
            self.segments.push(Segment { end, origin, skip });
        }
    }

    /// A context that all segments lie in, and each has its place in a template. `None` where that
    /// is not known.
    #[must_use]
    pub fn home(&self) -> Option<ContextId> {
        self.home
    }

    /// Says where all segments lie. What is added later takes that back.
    pub fn settle(&mut self, home: Option<ContextId>) {
        self.home = home;
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The segments, ascending; empty for plain text.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the origins are the holder's: bytes without segments.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.segments.is_empty() && !self.bytes.is_empty()
    }

    /// Appends bytes of one origin; `skip` as in [`Segment::skip`].
    pub fn push(&mut self, bytes: &[u8], origin: OriginId, skip: usize) {
        self.home = None;
        self.bytes.extend(bytes);
        let skip = u32::try_from(skip).unwrap_or(u32::MAX);
        self.seal(origin, skip, bytes.len());
    }

    /// As [`Text::push`], of the bytes `from..to` of others. Where they are shared and the first
    /// here, they are not copied.
    pub fn push_part(
        &mut self,
        bytes: &Bytes,
        (from, to): (usize, usize),
        origin: OriginId,
        skip: usize,
    ) {
        let is_worth_sharing = to.saturating_sub(from) >= WORTH_SHARING && bytes.is_shared();
        if !is_worth_sharing || !self.is_empty() {
            return self.push(bytes.get(from..to).unwrap_or_default(), origin, skip);
        }
        self.home = None;
        self.bytes = bytes.part(from, to);
        let skip = u32::try_from(skip).unwrap_or(u32::MAX);
        self.seal(origin, skip, self.len());
    }

    /// The bytes `start..end`, cut to the text: no copy where they are shared.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Bytes {
        self.bytes.part(start, end)
    }

    /// The bytes, of which parts and slices of the text are no copies from now on.
    pub fn share(&mut self) -> &Bytes {
        self.bytes = std::mem::take(&mut self.bytes).shared();
        &self.bytes
    }

    /// Appends an empty segment: bytes of this origin could stand here.
    pub fn mark(&mut self, origin: OriginId) {
        self.home = None;
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.segments.push(Segment {
            end,
            origin,
            skip: 0,
        });
    }

    /// Gives the last `added` bytes to a segment, joining it with the one before where they are
    /// one run of one origin.
    fn seal(&mut self, origin: OriginId, skip: u32, added: usize) {
        if added == 0 {
            return;
        }
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.close(origin, skip, end);
    }

    /// Adds a segment up to `end`, which is not empty, or lengthens the last one.
    fn close(&mut self, origin: OriginId, skip: u32, end: u32) {
        if let [.., last] = self.segments.as_slice()
            && last.origin == origin
        {
            let start = match self.segments.as_slice() {
                [.., before, _] => before.end,
                _ => 0,
            };
            if last.end > start
                && last.skip.saturating_add(last.end - start) == skip
                && let Some(last) = self.segments.last_mut()
            {
                last.end = end;
                return;
            }
        }
        self.segments.push(Segment { end, origin, skip });
    }

    /// Appends another text. `origin` is used for it where it is plain.
    pub fn append(&mut self, other: &Self, origin: OriginId) {
        self.append_range(other, 0, other.len(), origin);
    }

    /// Appends the bytes `start..end` of another text, cut to it. `origin` is used where it is
    /// plain.
    pub fn append_range(&mut self, other: &Self, start: usize, end: usize, origin: OriginId) {
        if other.is_plain() {
            let end = end.min(other.len());
            let start = start.min(end);
            self.push(&other.bytes[start..end], origin, start);
        } else if start == 0 && end >= other.len() {
            self.append_whole(other);
        } else {
            self.append_mapped(other, start, end, |origin| origin);
        }
    }

    /// Says whose the bytes behind those are that a segment covers: the bytes `start..end` of
    /// another text, cut to it. `origin` is used where that is plain.
    pub fn cover_as(&mut self, other: &Self, (start, end): (usize, usize), origin: OriginId) {
        let end = end.min(other.len());
        let start = start.min(end);
        let base = self.segments.last().map_or(0, |last| last.end);
        if other.is_plain() && start < end {
            self.cover(base as usize + (end - start), origin, start);
        } else if start == 0 && end == other.len() {
            self.take_all(base, other);
        } else {
            self.take_part(base, other, (start, end), |origin| origin);
        }
    }

    /// Appends all of a text with segments.
    pub fn append_whole(&mut self, other: &Self) {
        self.home = None;
        let base = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend(&other.bytes);
        self.take_all(base, other);
    }

    /// Takes all segments of a text, from `base` on. Those of one text are one run of one origin
    /// each, so that only the first one can belong to the run that is here.
    fn take_all(&mut self, base: u32, other: &Self) {
        let mut segments = other.segments.iter().map(|segment| Segment {
            end: base.saturating_add(segment.end),
            ..*segment
        });
        match segments.next() {
            Some(first) if first.end > base => self.close(first.origin, first.skip, first.end),
            first => self.segments.extend(first),
        }
        self.segments.extend(segments);
    }

    /// Appends the bytes `start..end` of a text with segments, cut to it, each run with the origin
    /// that `map` gives for its own.
    pub fn append_mapped(
        &mut self,
        other: &Self,
        start: usize,
        end: usize,
        map: impl FnMut(OriginId) -> OriginId,
    ) {
        self.home = None;
        let end = end.min(other.len());
        let start = start.min(end);
        let base = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend(&other.bytes[start..end]);
        if start == 0 && end == other.len() {
            self.take_mapped(base, other, map);
        } else {
            self.take_part(base, other, (start, end), map);
        }
    }

    /// As [`Text::take_all`], each segment with the origin that `map` gives for its own.
    fn take_mapped(&mut self, base: u32, other: &Self, mut map: impl FnMut(OriginId) -> OriginId) {
        self.segments.reserve(other.segments.len());
        let mut before = 0;
        for segment in &other.segments {
            let origin = map(segment.origin);
            let end = base.saturating_add(segment.end);
            if segment.end == before {
                let skip = 0;
                self.segments.push(Segment { end, origin, skip });
            } else {
                self.close(origin, segment.skip, end);
            }
            before = segment.end;
        }
    }

    /// The same of the bytes `start..end`, which are in the text.
    fn take_part(
        &mut self,
        base: u32,
        other: &Self,
        (start, end): (usize, usize),
        mut map: impl FnMut(OriginId) -> OriginId,
    ) {
        let reach = |at: usize| {
            other
                .segments
                .partition_point(|one| (one.end as usize) < at)
        };
        self.segments.reserve(reach(end) - reach(start) + 1);
        for run in other.runs(start, end) {
            let origin = map(run.origin);
            let end = u32::try_from(run.end - start).unwrap_or(u32::MAX);
            let end = base.saturating_add(end);
            if run.start == run.end {
                let skip = 0;
                self.segments.push(Segment { end, origin, skip });
            } else {
                let skip = u32::try_from(run.skip).unwrap_or(u32::MAX);
                self.close(origin, skip, end);
            }
        }
    }

    /// The same text, its origins counted among those that took them in.
    #[must_use]
    pub fn moved(mut self, to: Moved) -> Self {
        self.home = None;
        for segment in &mut self.segments {
            segment.origin = to.origin(segment.origin);
        }
        self
    }

    /// The bytes `start..end` as a text of its own.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.len());
        let start = start.min(end);
        let bytes = self.bytes.part(start, end);
        let segments = match self.is_plain() {
            true => Vec::new(),
            false => self.segments_of(start, end),
        };
        Self {
            bytes,
            segments,
            home: self.home,
        }
    }

    /// The segments of the bytes `start..end`, counted from there.
    fn segments_of(&self, start: usize, end: usize) -> Vec<Segment> {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (offset(start), offset(end));
        let first = self.segments.partition_point(|one| one.end < start);
        let behind = self.segments.partition_point(|one| one.end <= end);
        let begin = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.segments.get(at));
            before.map_or(0, |before| before.end)
        };
        let cut = |at: usize, to: u32| Segment {
            end: to - start,
            skip: self.segments[at]
                .skip
                .saturating_add(start.saturating_sub(begin(at))),
            ..self.segments[at]
        };
        let mut segments = Vec::with_capacity(behind.saturating_sub(first) + 1);
        let mut whole = first;
        if first < behind && begin(first) < start {
            whole = first + 1;
            if self.segments[first].end > start {
                segments.push(cut(first, self.segments[first].end));
            }
        }
        if let Some(inside) = self.segments.get(whole..behind) {
            segments.extend(inside.iter().map(|segment| Segment {
                end: segment.end - start,
                ..*segment
            }));
        }
        if behind < self.segments.len() && begin(behind).max(start) < end {
            segments.push(cut(behind, end));
        }
        segments
    }

    /// Cuts the text behind its first `len` bytes. Marks that stood in what is cut stand at its
    /// end: bytes there would not have been cut.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        self.bytes.truncate(len);
        let end = |segment: &Segment| segment.end as usize;
        let first = self.segments.partition_point(|segment| end(segment) < len);
        let reaching = self.segments.get(first..).unwrap_or_default();
        // Empty ones at the end stay, as they do in a slice.
        let mut kept = first + reaching.iter().take_while(|at| end(at) == len).count();
        let mut before = len;
        if kept == first
            && len > 0
            && let Some(cut) = self.segments.get_mut(first)
        {
            before = end(cut);
            cut.end = u32::try_from(len).unwrap_or(u32::MAX);
            kept += 1;
        }
        let mut behind = self.segments.split_off(kept);
        behind.retain(|segment| end(segment) == std::mem::replace(&mut before, end(segment)));
        self.segments.extend(behind.into_iter().map(|mark| Segment {
            end: u32::try_from(len).unwrap_or(u32::MAX),
            ..mark
        }));
    }

    /// The runs that meet `start..end`, each cut to it, in order. Empty ones at either end are
    /// included.
    #[must_use]
    pub fn runs(&self, start: usize, end: usize) -> Runs<'_> {
        let first = self
            .segments
            .partition_point(|segment| (segment.end as usize) < start);
        Runs::new(self, first, start, end)
    }

    /// Everything that decided the bytes `start..end`: what was printed there, the template text
    /// copied there, and the conditions around them as seen from where execution stands. For plain
    /// text: `plain`.
    pub fn deps(&self, start: usize, end: usize, plain: Prov, origins: &mut Origins) -> Prov {
        Asked::new(self).deps(start, end, plain, origins)
    }

    /// What decided whether the bytes `start..end` are there, or anything else in their place: the
    /// conditions of all runs in them, as seen from where execution stands.
    pub fn control(&self, start: usize, end: usize, origins: &mut Origins) -> Prov {
        Asked::new(self).control(start, end, origins)
    }

    /// The template bytes that wrote byte `at`: exactly that byte where it was copied.
    #[must_use]
    pub fn template_at(&self, at: usize, origins: &Origins) -> Option<Span> {
        let run = self.runs(at, at + 1).find(|run| run.start < run.end)?;
        let origin = origins.origin(run.origin);
        let span = origin.at?;
        Some(if origin.exact {
            span.slice(run.skip, run.skip + 1)
        } else {
            span
        })
    }
}

/// A stretch of a [`Text`] of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Offset of its first byte in the text.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// Where it came from.
    pub origin: OriginId,
    /// As in [`Segment::skip`], for the first byte of this stretch.
    pub skip: usize,
}

impl Run {
    /// The origin of bytes that were made from the run and are no copy of it.
    pub fn inexact(self, origins: &mut Origins) -> OriginId {
        let origin = *origins.origin(self.origin);
        match origin.exact {
            true => origins.add(origin.inexact(self.skip, self.end - self.start)),
            false => self.origin,
        }
    }
}

/// The runs of a part of a text.
#[derive(Debug, Clone)]
pub struct Runs<'t> {
    segments: std::slice::Iter<'t, Segment>,
    /// Offset behind the segment before.
    before: usize,
    start: usize,
    end: usize,
}

impl<'t> Runs<'t> {
    /// Those of `start..end`, of which none is before the segment `first`.
    fn new(text: &'t Text, first: usize, start: usize, end: usize) -> Self {
        let (before, segments) = text.segments.split_at(first.min(text.segments.len()));
        Self {
            segments: segments.iter(),
            before: before.last().map_or(0, |segment| segment.end as usize),
            start,
            end,
        }
    }

    /// Whether none is left.
    fn is_over(&self) -> bool {
        self.before > self.end || self.clone().next().is_none()
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    #[inline]
    fn next(&mut self) -> Option<Run> {
        while self.before <= self.end {
            let segment = self.segments.next()?;
            let (from, to) = (self.before, segment.end as usize);
            self.before = to;
            let run = Run {
                start: from.max(self.start),
                end: to.min(self.end),
                origin: segment.origin,
                skip: segment.skip as usize + self.start.saturating_sub(from),
            };
            let is_empty = from == to;
            if run.start < run.end || (is_empty && run.start <= run.end) {
                return Some(run);
            }
        }
        None
    }
}
