//! The bytes that are wrong within a text of many lines, where that text was written: a
//! configuration in a values file, or a file that the chart reads.

use std::ops::Range;

use crate::chart::Manifest;
use crate::source::{Span, again};

use super::{Locator, Places};

/// A part of a text that was printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'p> {
    text: &'p [u8],
    start: usize,
    end: usize,
}

impl<'p> Part<'p> {
    pub(super) fn of((text, at): &'p (String, Range<usize>)) -> Self {
        Self {
            text: text.as_bytes(),
            start: at.start,
            end: at.end,
        }
    }
}

impl<'a> Locator<'a> {
    /// The bytes of a span, within all that was printed there from the same values. Nothing where
    /// no place has several lines.
    pub(super) fn part(
        &self,
        manifest: &'a Manifest,
        span: Span,
        places: &Places,
    ) -> Option<Part<'a>> {
        let mut all = places.values.iter().chain(&places.files);
        if !all.any(|place| self.has_lines(*place)) {
            return None;
        }
        let segments = manifest.text.segments();
        let at = segments.partition_point(|segment| (segment.end as usize) <= span.start());
        let data = |at: usize| Some(self.origins.origin(segments.get(at)?.origin).data);
        let here = data(at)?;
        let is_same = |at: &usize| data(*at) == Some(here);
        let first = (0..at).rev().take_while(is_same).last().unwrap_or(at);
        let last = (at..segments.len())
            .take_while(is_same)
            .last()
            .unwrap_or(at);
        let start = first.checked_sub(1).and_then(|before| segments.get(before));
        let start = start.map_or(0, |before| before.end as usize);
        let end = segments.get(last)?.end as usize;
        let text = manifest.text.bytes().get(start..end)?;
        Some(Part {
            text,
            start: span.start().checked_sub(start)?,
            end: span.end().checked_sub(start)?,
        })
    }

    /// The part, where it is one of the lines of `place`; otherwise the place.
    pub(super) fn narrowed(&self, place: Span, part: Part<'_>) -> Span {
        if !self.has_lines(place) {
            return place;
        }
        let from = self.sources.slice(place);
        match again(from, part.text, part.start..part.end) {
            Some(found) => place.slice(found.start, found.end),
            None => place,
        }
    }

    fn has_lines(&self, place: Span) -> bool {
        memchr::memchr(b'\n', self.sources.slice(place)).is_some()
    }
}
