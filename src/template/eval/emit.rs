//! The one door through which bytes come into the output, with their origins.

use std::ops::Range;

use memchr::memmem;

use super::super::error::Failure;
use super::super::funcs::{self, Call};
use super::super::value::{Data, Value};
use super::state::{State, Stop};
use crate::golang::float::format_g;
use crate::source::{ContextId, ContextKind, Origin, OriginId, Prov, Span, Text};

/// So many contexts within one another are passed without a note of it.
const NEAR: usize = 16;

/// What Go prints for no value, and Helm takes out again.
const NO_VALUE: &[u8] = b"<no value>";

/// The origins that the last runs were given for their own.
struct Mapped {
    last: Option<(OriginId, OriginId)>,
    /// By the last bits of the number of their own, in texts of many runs.
    recent: Vec<Option<(OriginId, OriginId)>>,
}

impl Mapped {
    /// In a text of so many runs it is worth while to look for those before the last one,
    const MANY: usize = 64;
    /// of which so many are kept.
    const RECENT: usize = 256;

    fn of(runs: usize) -> Self {
        let recent = if runs < Self::MANY { 0 } else { Self::RECENT };
        Self {
            last: None,
            recent: vec![None; recent],
        }
    }

    #[inline]
    fn get(&self, id: OriginId) -> Option<OriginId> {
        let is_it = |known: &&(OriginId, OriginId)| known.0 == id;
        let recent = || self.recent.get(id.slot(Self::RECENT))?.as_ref();
        let found = self.last.as_ref().filter(is_it);
        Some(found.or_else(|| recent().filter(is_it))?.1)
    }

    #[inline]
    fn set(&mut self, id: OriginId, now: OriginId) {
        self.last = Some((id, now));
        if let Some(recent) = self.recent.get_mut(id.slot(Self::RECENT)) {
            *recent = self.last;
        }
    }
}

impl State<'_, '_> {
    /// Prints the value of an action.
    pub(super) fn print(&mut self, value: &Value, action: Span) -> Result<(), Stop> {
        let (at, text) = self.place(action);
        let plain = |bytes: &[u8]| Text::plain(bytes);
        match &value.data {
            Data::Str(string) => self.emit(string, 0..string.len(), value.prov, at, text),
            Data::Missing | Data::Nil => {
                self.emit(&plain(NO_VALUE), 0..NO_VALUE.len(), value.prov, at, text)
            }
            Data::Bool(_) | Data::Int(..) | Data::Float(_) => {
                let shown = self.shown(value);
                let bytes = plain(shown.as_bytes());
                self.emit(&bytes, 0..bytes.len(), value.prov, at, text)
            }
            Data::Object(object) => {
                let bytes = plain(&object.display());
                self.emit(&bytes, 0..bytes.len(), value.prov, at, text)
            }
            _ => {
                self.engine.memo.read(value);
                let shown = match self.printed_value(value) {
                    Ok(shown) => shown,
                    Err(Failure::Budget(what)) => return Err(self.over(what)),
                    Err(_) => Value::str(""),
                };
                match shown.as_text() {
                    Some(string) => self.emit(string, 0..string.len(), shown.prov, at, text),
                    None => Ok(()),
                }
            }
        }
    }

    /// A value as `%v` prints it.
    pub(super) fn shown(&mut self, value: &Value) -> String {
        match &value.data {
            Data::Bool(value) => value.to_string(),
            Data::Int(value, kind) if kind.is_unsigned() => value.cast_unsigned().to_string(),
            Data::Int(value, _) => value.to_string(),
            Data::Float(value) => {
                let mut shown = String::new();
                format_g(*value, &mut shown);
                shown
            }
            _ => {
                let shown = self.printed_value(value).unwrap_or_else(|_| Value::str(""));
                String::from_utf8_lossy(shown.as_bytes().unwrap_or_default()).into_owned()
            }
        }
    }

    /// A value as `print` prints it.
    fn printed_value(&mut self, value: &Value) -> Result<Value, Failure> {
        let Some(print) = funcs::lookup("print") else {
            return Ok(Value::str(""));
        };
        let mut shown = (print.call)(&mut Call {
            name: print.name,
            args: std::slice::from_ref(value),
            machine: self,
        })?;
        if shown.as_text().is_some_and(|text| text.is_plain()) {
            let origins = &mut self.engine.origins;
            let deps = value.deep_deps(origins);
            shown.prov = origins.union(shown.prov, deps);
        }
        Ok(shown)
    }

    /// Counts bytes that are about to be written.
    pub(super) fn pay(&mut self, bytes: usize) -> Result<(), Stop> {
        self.burn(bytes as u64 / 64)?;
        let all = self.out.len().saturating_add(self.engine.output);
        if all.saturating_add(bytes) > self.engine.limits.output {
            return Err(self.over("bytes of output"));
        }
        Ok(())
    }

    /// Writes a range of a text. Bytes that have no place in a template yet get `at`; `extra` is
    /// added to what decided the bytes.
    pub(super) fn emit(
        &mut self,
        text: &Text,
        range: Range<usize>,
        prov: Prov,
        at: Option<Span>,
        extra: Prov,
    ) -> Result<(), Stop> {
        self.pay(range.len())?;
        if text.segments().is_empty() {
            let data = self.engine.origins.union(prov, extra);
            let origin = self.engine.origins.add(Origin {
                at,
                exact: false,
                data,
                context: self.frame.context,
            });
            match text.bytes().get(range.clone()) {
                Some(bytes) if !bytes.is_empty() => self.out.push(bytes, origin, range.start),
                _ => self.out.mark(origin),
            }
            return Ok(());
        }
        let choice = if self.engine.results.contains(&prov) {
            Prov::NONE
        } else {
            prov
        };
        // Each run is looked at, and takes memory.
        let runs = text.segments().len().min(range.len().saturating_add(1));
        self.burn(runs as u64)?;
        if choice.is_none()
            && extra.is_none()
            && range.len() == text.len()
            && text.home().is_some_and(|home| self.is_near(home))
        {
            // Each run stays as it is: it has its place, and lies within this context.
            self.out.append_whole(text);
            return Ok(());
        }
        let mut out = std::mem::take(&mut self.out);
        // Runs one behind the other mostly are of one origin or one context; and between those of
        // what is in a list, its own come again.
        let mut known = Mapped::of(runs);
        let mut last = None;
        out.append_mapped(text, range.start, range.end, |id| {
            if let Some(now) = known.get(id) {
                return now;
            }
            let was = *self.engine.origins.origin(id);
            let context = match last {
                Some((inner, context)) if inner == was.context => context,
                _ => self.graft(was.context, choice, at),
            };
            last = Some((was.context, context));
            let has_place = was.at.is_some() || at.is_none();
            let now = if context == was.context && extra.is_none() && has_place {
                id
            } else {
                let origins = &mut self.engine.origins;
                let data = origins.union(was.data, extra);
                let at = was.at.or(at);
                origins.add(Origin {
                    at,
                    data,
                    context,
                    ..was
                })
            };
            known.set(id, now);
            now
        });
        self.out = out;
        Ok(())
    }

    /// Whether a context is known to lie within this one.
    fn is_near(&self, inner: ContextId) -> bool {
        let here = self.frame.context;
        let mut outer = inner;
        for _ in 0..NEAR {
            if outer <= here {
                break;
            }
            outer = self.engine.origins.context(outer).parent;
        }
        outer == here
    }

    /// The context of bytes that came to be in `inner` and are written here, one of its own where
    /// `choice` decided that it is they. What lies within this
    /// context stays; of what lies elsewhere (a text kept in a variable) the contexts that this one
    /// does not share are repeated within it.
    fn graft(&mut self, inner: ContextId, choice: Prov, at: Option<Span>) -> ContextId {
        let here = self.frame.context;
        if choice.is_none() {
            if inner == here || inner == ContextId::default() {
                return here;
            }
            // Mostly what a template wrote that is included here, not much deeper.
            if self.is_near(inner) {
                return inner;
            }
        }
        let key = (inner, here, choice);
        if let Some(context) = self.engine.grafts.get(&key) {
            return *context;
        }
        let origins = &mut self.engine.origins;
        let mut context = if origins.is_within(inner, here) {
            inner
        } else {
            let mut copied = Vec::new();
            let mut outer = inner;
            while !origins.is_within(here, outer) {
                let context = origins.context(outer).clone();
                outer = context.parent;
                copied.push(context);
            }
            origins.meet(inner, outer);
            let mut context = here;
            for copy in copied.into_iter().rev() {
                context = origins.enter(context, copy.kind, copy.at, copy.control);
            }
            context
        };
        if !choice.is_none() {
            context = origins.enter(context, ContextKind::If, at, choice);
        }
        self.engine.grafts.insert(key, context);
        context
    }
}

/// The text without `<no value>`; a mark stays where one was.
pub(super) fn without_no_value(text: Text) -> Text {
    let found = |from: usize| {
        let rest = text.bytes().get(from..).unwrap_or_default();
        memmem::find(rest, NO_VALUE).map(|at| from + at)
    };
    let Some(mut next) = found(0) else {
        return text;
    };
    let mut kept = Text::new();
    let mut from = 0;
    loop {
        kept.append_range(&text, from, next, OriginId::default());
        if let Some(run) = text.runs(next, next + 1).find(|run| run.start < run.end) {
            kept.mark(run.origin);
        }
        from = next + NO_VALUE.len();
        match found(from) {
            Some(at) => next = at,
            None => break,
        }
    }
    kept.append_range(&text, from, text.len(), OriginId::default());
    kept
}
