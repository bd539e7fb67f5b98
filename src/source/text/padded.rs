//! Texts with spaces in front of every line.

use super::super::{OriginId, Origins, line_ends};
use super::{Segment, Text};

impl Text {
    /// The text behind `first`, with `width` spaces in front of every line; `breaks` are its line
    /// feeds. Spaces belong to the byte behind them, or to the last one.
    #[must_use]
    pub fn padded(&self, breaks: usize, first: &[u8], width: usize, origins: &mut Origins) -> Self {
        let mut ends = Vec::with_capacity(breaks);
        // Without spaces it is all one line.
        if width > 0 {
            line_ends(&self.bytes, &mut ends);
        }
        let bytes = between_spaces(&self.bytes, &ends, first, width);
        if self.segments.is_empty() {
            return Self::plain(bytes);
        }
        let mut padding = Padding {
            segments: Vec::with_capacity(self.segments.len() + 2 * breaks + 2),
            moved: 0,
            last: 0,
        };
        padding.insert(0, first.len() + width, || self.beside(0, origins));
        let mut ends = ends.into_iter().map(offset);
        let mut line_end = ends.next().unwrap_or(u32::MAX);
        let (mut from, mut is_due) = (0, false);
        for segment in &self.segments {
            if segment.end < line_end && !is_due {
                padding.keep(*segment);
                from = segment.end;
                continue;
            }
            if from == segment.end {
                padding.keep(Segment {
                    skip: 0,
                    ..*segment
                });
            }
            let mut skip = segment.skip;
            // One segment often has many lines.
            let mut written = None;
            while from < segment.end {
                if std::mem::take(&mut is_due) {
                    let written = *written.get_or_insert_with(|| *origins.origin(segment.origin));
                    padding.insert(from, width, || match written.exact {
                        true => origins.add(written.inexact(skip as usize, 1)),
                        false => segment.origin,
                    });
                }
                let end = line_end.min(segment.end);
                padding.keep(Segment {
                    end,
                    origin: segment.origin,
                    skip,
                });
                skip = skip.saturating_add(end - from);
                from = end;
                if line_end == end {
                    is_due = true;
                    line_end = ends.next().unwrap_or(u32::MAX);
                }
            }
        }
        if is_due {
            padding.insert(from, width, || {
                self.beside(self.len().saturating_sub(1), origins)
            });
        }
        Self {
            bytes: bytes.into(),
            segments: padding.segments,
            home: self.home,
        }
    }

    /// The origin of what is made from the byte at `at`.
    fn beside(&self, at: usize, origins: &mut Origins) -> OriginId {
        let found = self.runs(at, at + 1).find(|run| run.start < run.end);
        let run = found.or_else(|| self.runs(at, at + 1).next());
        run.map_or_else(OriginId::default, |run| run.inexact(origins))
    }
}

/// The segments of a text between which others are put.
struct Padding {
    segments: Vec<Segment>,
    /// How much further back bytes stand now.
    moved: u32,
    /// How many bytes the segment has that was put in last, where it is the last of all.
    last: u32,
}

impl Padding {
    /// Puts a segment of so many bytes in front of the byte at `at`.
    fn insert(&mut self, at: u32, len: usize, origin: impl FnOnce() -> OriginId) {
        if len == 0 {
            return;
        }
        self.last = offset(len);
        self.moved = self.moved.saturating_add(self.last);
        self.segments.push(Segment {
            end: at.saturating_add(self.moved),
            origin: origin(),
            skip: 0,
        });
    }

    /// Takes over a segment, or what is left of one. Those of one text are one run of one origin
    /// each, so that only what was put in can be one with it.
    fn keep(&mut self, segment: Segment) {
        let end = segment.end.saturating_add(self.moved);
        let inserted = std::mem::take(&mut self.last);
        if inserted > 0
            && inserted == segment.skip
            && let Some(last) = self.segments.last_mut()
            && last.origin == segment.origin
            && last.end < end
        {
            last.end = end;
            return;
        }
        self.segments.push(Segment { end, ..segment });
    }
}

/// `first`, and lines that end where `ends` says, each behind so many spaces.
fn between_spaces(bytes: &[u8], ends: &[usize], first: &[u8], width: usize) -> Vec<u8> {
    let added = first.len() + (ends.len() + 1) * width;
    let mut padded = vec![b' '; bytes.len() + added];
    let (before, mut room) = padded.split_at_mut(first.len());
    before.copy_from_slice(first);
    let mut from = 0;
    for end in ends.iter().copied().chain([bytes.len()]) {
        let line = bytes.get(from..end).unwrap_or_default();
        let (to, behind) = room.split_at_mut(width).1.split_at_mut(line.len());
        to.copy_from_slice(line);
        (room, from) = (behind, end);
    }
    padded
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
