//! Building strings out of others, byte by byte aware of where they came from.

use std::ops::Range;
use std::rc::Rc;

use crate::golang::strings;
use crate::source::{OriginId, Origins, Prov, Run, Segment, Text};

use super::super::error::Failure;
use super::super::value::{Data, Value};
use super::Call;

/// A string under construction out of one other. What comes from a text without segments stays
/// without segments: all its bytes, the inserted ones too, were decided by the same set.
pub(super) struct Weave {
    source: Rc<Text>,
    prov: Prov,
    out: Text,
    plain: Option<Vec<u8>>,
    /// Where the last part that was kept ended: marks there are not taken twice.
    kept: Option<usize>,
}

impl Weave {
    /// Starts from a string value; anything else counts as an empty string.
    pub(super) fn new(value: &Value) -> Self {
        Self::with_room(value, 0, 0)
    }

    /// The same, with room for so many more bytes, which are inserted in so many places.
    pub(super) fn with_room(value: &Value, bytes: usize, places: usize) -> Self {
        let source = value.as_text().cloned().unwrap_or_default();
        let room = match bytes {
            0 => 0,
            more => source.len() + more,
        };
        let is_plain = source.segments().is_empty();
        let (plain, out) = if is_plain {
            (Some(Vec::with_capacity(room)), Text::new())
        } else {
            // An insertion parts the segment that it is put into.
            let segments = source.segments().len() + 2 * places;
            (None, Text::with_capacity(room, segments))
        };
        Self {
            source,
            prov: value.prov,
            out,
            plain,
            kept: None,
        }
    }

    /// Takes over the bytes `start..end` of the source.
    pub(super) fn keep(&mut self, start: usize, end: usize) {
        match &mut self.plain {
            Some(bytes) => {
                bytes.extend_from_slice(self.source.bytes().get(start..end).unwrap_or_default());
            }
            None => {
                for run in self.source.runs(start, end) {
                    let bytes = self.source.bytes().get(run.start..run.end);
                    if run.start < run.end {
                        self.out
                            .push(bytes.unwrap_or_default(), run.origin, run.skip);
                    } else if self.kept != Some(run.start) {
                        self.out.mark(run.origin);
                    }
                }
                self.kept = Some(end);
            }
        }
    }

    /// Inserts bytes that belong to byte `at` of the source, or to its last one.
    pub(super) fn insert(&mut self, bytes: &[u8], at: usize, origins: &mut Origins) {
        if let Some(plain) = &mut self.plain {
            plain.extend_from_slice(bytes);
            return;
        }
        let at = at.min(self.source.len().saturating_sub(1));
        let run = self
            .source
            .runs(at, at + 1)
            .find(|run| run.start < run.end)
            .or_else(|| self.source.runs(at, at + 1).next());
        let origin = run.map_or_else(OriginId::default, |run| run.inexact(origins));
        self.out.push(bytes, origin, 0);
    }

    /// The string; `because` decided it too.
    pub(super) fn finish(self, because: Prov, origins: &mut Origins) -> Value {
        let mut text = match self.plain {
            Some(bytes) => Text::plain(bytes),
            None => self.out,
        };
        text.settle(self.source.home());
        let prov = origins.union(self.prov, because);
        Value::with(Data::Str(Rc::new(text)), prov)
    }
}

/// Where more is replaced, what is left is not worth origins of its own.
const MAX_SPLICED: usize = 1 << 14;

/// A string with some of its bytes replaced, in order. What stands in their place was decided by
/// them and by `by_new`; that just these were replaced, by `because`.
pub(super) fn spliced<P: AsRef<[u8]>>(
    call: &mut Call<'_>,
    source: Value,
    pieces: &[(Range<usize>, P)],
    by_new: Prov,
    because: Prov,
) -> Value {
    let text = source.as_text().cloned().unwrap_or_default();
    if pieces.is_empty() {
        return source.because(because, call.machine.origins());
    }
    if text.is_plain() || pieces.len() > MAX_SPLICED {
        let replaced = strings::spliced(text.bytes(), pieces);
        let origins = call.machine.origins();
        let whole = source.deps(origins);
        let because = origins.union(because, by_new);
        let prov = origins.union(whole, because);
        return Value::with(Value::str(replaced).data, prov);
    }
    let (mut out, mut kept) = (Text::new(), 0);
    for (range, piece) in pieces {
        let (origins, piece) = (call.machine.origins(), piece.as_ref());
        out.append_range(&text, kept, range.start, OriginId::default());
        let replaced = match range.is_empty() {
            true => Prov::NONE,
            false => text.deps(range.start, range.end, source.prov, origins),
        };
        let data = origins.union(replaced, by_new);
        let origin = call.origin(data);
        match piece.is_empty() {
            true => out.mark(origin),
            false => out.push(piece, origin, 0),
        }
        kept = range.end;
    }
    out.append_range(&text, kept, text.len(), OriginId::default());
    let prov = call.machine.origins().union(source.prov, because);
    Value::with(Data::Str(Rc::new(out)), prov)
}

/// The bytes `start..end` of a string, decided by `because` too.
pub(super) fn slice(
    value: &Value,
    start: usize,
    end: usize,
    because: Prov,
    origins: &mut Origins,
) -> Value {
    let prov = origins.union(value.prov, because);
    let Some(text) = value.as_text() else {
        return Value::with(Value::str("").data, prov);
    };
    if start == 0 && end >= text.len() {
        return Value::with(value.data.clone(), prov);
    }
    Value::with(Data::Str(Rc::new(text.slice(start, end))), prov)
}

/// As [`slice`], where what stands at the ends decided what was cut off: the marks in that stay, since
/// the bytes that could stand there would end the cutting.
pub(super) fn trimmed(
    value: &Value,
    start: usize,
    end: usize,
    because: Prov,
    origins: &mut Origins,
) -> Value {
    let Some(text) = value.as_text().filter(|text| !text.is_plain()) else {
        return slice(value, start, end, because, origins);
    };
    let is_mark = |run: &Run| run.start == run.end;
    let before = |run: &Run| is_mark(run) && run.start < start;
    let behind = |run: &Run| is_mark(run) && run.start > end;
    if !text.runs(0, start).any(|run| before(&run))
        && !text.runs(end, text.len()).any(|run| behind(&run))
    {
        return slice(value, start, end, because, origins);
    }
    let mut out = Text::new();
    for run in text.runs(0, start).filter(before) {
        out.mark(run.origin);
    }
    out.append_range(text, start, end, OriginId::default());
    for run in text.runs(end, text.len()).filter(behind) {
        out.mark(run.origin);
    }
    out.settle(text.home());
    let prov = origins.union(value.prov, because);
    Value::with(Data::Str(Rc::new(out)), prov)
}

/// Where `part`, a slice of `whole`, starts in it.
pub(super) fn offset(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr()
        .addr()
        .saturating_sub(whole.as_ptr().addr())
        .min(whole.len())
}

/// Maps a string run by run. Runs that come out as they were stay exact. Where the runs' results
/// do not make up the whole's (a character reaches over a border), the result is one run.
pub(super) fn per_run(
    value: &Value,
    origins: &mut Origins,
    map: impl Fn(&[u8]) -> Vec<u8>,
) -> Value {
    let Some(text) = value.as_text() else {
        return value.clone();
    };
    let whole = map(text.bytes());
    if whole == text.bytes() {
        return value.clone();
    }
    if text.is_plain() {
        return Value::with(Value::str(whole).data, value.prov);
    }
    let mut out = Text::new();
    for run in text.runs(0, text.len()) {
        let bytes = text.bytes().get(run.start..run.end).unwrap_or_default();
        let mapped = map(bytes);
        if run.start == run.end {
            out.mark(run.origin);
        } else if mapped == bytes {
            out.push(bytes, run.origin, run.skip);
        } else {
            let origin = run.inexact(origins);
            out.push(&mapped, origin, 0);
        }
    }
    if out.bytes() != whole {
        let prov = value.deps(origins);
        return Value::with(Value::str(whole).data, prov);
    }
    out.settle(text.home());
    Value::with(Data::Str(Rc::new(out)), value.prov)
}

impl Call<'_> {
    /// Appends a string to a text under construction: its segments, or one of what decided it.
    pub(super) fn append(&mut self, out: &mut Text, value: &Value) {
        let Some(text) = value.as_text() else {
            return;
        };
        let text = text.clone();
        if text.is_plain() {
            let origin = self.origin(value.prov);
            out.push(text.bytes(), origin, 0);
            return;
        }
        if text.segments().is_empty() && !value.prov.is_none() {
            let origin = self.origin(value.prov);
            out.mark(origin);
            return;
        }
        if value.prov.is_none() {
            out.append(&text, OriginId::default());
            return;
        }
        for run in text.runs(0, text.len()) {
            let origins = self.machine.origins();
            let mut origin = *origins.origin(run.origin);
            origin.data = origins.union(origin.data, value.prov);
            let origin = origins.add(origin);
            if run.start == run.end {
                out.mark(origin);
            } else {
                let bytes = text.bytes().get(run.start..run.end).unwrap_or_default();
                out.push(bytes, origin, run.skip);
            }
        }
    }

    /// What decided the argument at `at`, without what is in a collection.
    pub(super) fn because(&mut self, at: usize) -> Prov {
        self.arg(at).deps(self.machine.origins())
    }

    /// Strings one behind the other with `separator` between them. Where one set decided them
    /// all, the result has no segments.
    pub(super) fn joined(
        &mut self,
        parts: &[Value],
        separator: &Value,
        because: Prov,
    ) -> Result<Value, Failure> {
        if let [one] = parts {
            return Ok(one.clone().because(because, self.machine.origins()));
        }
        let between = segments(separator).saturating_add(1);
        let runs = parts
            .iter()
            .map(|part| segments(part).saturating_add(between))
            .fold(0, usize::saturating_add);
        self.machine.allow(runs.saturating_mul(SEGMENT))?;
        let mut out = Text::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.append(&mut out, separator);
            }
            self.append(&mut out, part);
        }
        let mut prov = because;
        if out.is_empty() {
            for part in parts {
                prov = self.machine.origins().union(prov, part.prov);
            }
        }
        Ok(Value::with(Data::Str(Rc::new(out)), prov))
    }
}

/// How many bytes a run of a text takes beside those of the text.
pub(super) const SEGMENT: usize = size_of::<Segment>();

/// How many runs a string has.
pub(super) fn segments(value: &Value) -> usize {
    value.as_text().map_or(0, |text| text.segments().len())
}
