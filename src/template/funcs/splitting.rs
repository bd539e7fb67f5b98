//! Taking strings apart and putting them together.

use std::ops::Range;
use std::rc::Rc;

use memchr::memmem;

use crate::golang::strings;
use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, ElemType, Entry, Map, MapType, Value};
use super::Param::{Any, Int, Str};
use super::Passing::Exact;
use super::strval::{items, strslice, strval};
use super::{Call, Function, weave};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("replace", &[Str, Str, Str], Exact, replace),
    Function::new("split", &[Str, Str], Exact, |call| {
        let parts = pieces(call, 1, -1)?;
        numbered(call, parts, 1)
    }),
    Function::new("splitn", &[Str, Int, Str], Exact, |call| {
        let parts = pieces(call, 2, call.int(1))?;
        numbered(call, parts, 2)
    }),
    Function::new("splitList", &[Str, Str], Exact, |call| {
        let parts = pieces(call, 1, -1)?;
        let prov = call.deps();
        Ok(Value::with(
            Value::list_of(ElemType::String, parts).data,
            prov,
        ))
    }),
    Function::new("join", &[Str, Any], Exact, join),
    Function::new("toStrings", &[Any], Exact, |call| {
        let list = call.arg(0);
        let texts = strslice(call, &list)?;
        Ok(Value::with(
            Value::list_of(ElemType::String, texts).data,
            list.prov,
        ))
    }),
    Function::new("sortAlpha", &[Any], Exact, sort_alpha),
];

/// The parts of the argument at `at` between the separators, which is the first argument.
fn pieces(call: &mut Call<'_>, at: usize, count: i64) -> Result<Vec<Value>, Failure> {
    let value = call.arg(at);
    let whole = value.as_bytes().unwrap_or_default();
    let separators = strings::count(whole, call.bytes(0));
    call.machine
        .spend((separators as u64).saturating_mul(super::VALUE))?;
    let because = call.because(0);
    let parts = strings::split_n(whole, call.bytes(0), count);
    let mut values = Vec::with_capacity(parts.len());
    for part in parts {
        let start = weave::offset(whole, part);
        let end = start.saturating_add(part.len());
        let origins = call.machine.origins();
        values.push(weave::slice(&value, start, end, because, origins));
    }
    Ok(values)
}

/// `_0`, `_1` … in a `map[string]string`.
fn numbered(call: &mut Call<'_>, parts: Vec<Value>, at: usize) -> Result<Value, Failure> {
    let prov = call.because(at);
    let map = Map::new();
    for (number, value) in parts.into_iter().enumerate() {
        let key = format!("_{number}");
        map.set(key.as_bytes(), Entry { key: prov, value });
    }
    Ok(Value::with(Data::Map(MapType::String, Rc::new(map)), prov))
}

fn replace(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (old, new, source) = (call.arg(0), call.arg(1), call.arg(2));
    let old_bytes = old.as_bytes().unwrap_or_default();
    let new_len = new.as_bytes().map_or(0, <[u8]>::len);
    let text = source.as_text().cloned().unwrap_or_default();
    let bytes = text.bytes();
    let found = strings::count(bytes, old_bytes);
    call.machine
        .spend((found as u64).saturating_mul(super::VALUE))?;
    let growth = new_len.saturating_mul(found);
    call.machine.allow(bytes.len().saturating_add(growth))?;
    let because = call.because(0);
    let by_new = new.deps(call.machine.origins());
    let new = new.as_bytes().unwrap_or_default();
    let found = match found {
        0 => Vec::new(),
        _ => matches(bytes, old_bytes),
    };
    let pieces: Vec<_> = found.into_iter().map(|range| (range, new)).collect();
    Ok(weave::spliced(call, source, &pieces, by_new, because))
}

/// Where `strings.Replace` finds `old`: before every character and at the end for an empty one.
fn matches(bytes: &[u8], old: &[u8]) -> Vec<Range<usize>> {
    if old.is_empty() {
        let starts = crate::golang::unicode::runes(bytes).map(|(at, ..)| at..at);
        return starts
            .chain(std::iter::once(bytes.len()..bytes.len()))
            .collect();
    }
    let found = memmem::find_iter(bytes, old);
    found.map(|start| start..start + old.len()).collect()
}

fn join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = call.arg(1);
    let parts = strslice(call, &list)?;
    let separator = call.arg(0);
    let width = separator.as_bytes().map_or(0, <[u8]>::len);
    let bytes = parts
        .iter()
        .map(|part| part.as_bytes().map_or(0, <[u8]>::len).saturating_add(width))
        .fold(0, usize::saturating_add);
    call.machine.allow(bytes)?;
    let because = if items(&list).is_some() || parts.is_empty() {
        list.prov
    } else {
        Prov::NONE
    };
    call.joined(&parts, &separator, because)
}

fn sort_alpha(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = call.arg(0);
    let mut texts = if items(&list).is_some() {
        strslice(call, &list)?
    } else {
        vec![strval(call, &list)?]
    };
    texts.sort_by(|a, b| a.as_bytes().cmp(&b.as_bytes()));
    Ok(Value::with(
        Value::list_of(ElemType::String, texts).data,
        list.prov,
    ))
}
