//! Lists.

use std::rc::Rc;

use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{Data, ElemType, List, Value};
use super::Param::{Any, Int};
use super::Passing::{Derived, Exact};
use super::equal::deep_equal;
use super::strval::{NIL_POINTER, items};
use super::{Call, Function, number};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("list", &[], Exact, list).and_any(Any),
    Function::new("tuple", &[], Exact, list).and_any(Any),
    Function::new("append", &[Any, Any], Exact, push),
    Function::new("push", &[Any, Any], Exact, push),
    Function::new("mustAppend", &[Any, Any], Exact, push),
    Function::new("mustPush", &[Any, Any], Exact, push),
    Function::new("prepend", &[Any, Any], Exact, prepend),
    Function::new("mustPrepend", &[Any, Any], Exact, prepend),
    Function::new("first", &[Any], Exact, first),
    Function::new("mustFirst", &[Any], Exact, first),
    Function::new("last", &[Any], Exact, last),
    Function::new("mustLast", &[Any], Exact, last),
    Function::new("rest", &[Any], Exact, rest),
    Function::new("mustRest", &[Any], Exact, rest),
    Function::new("initial", &[Any], Exact, initial),
    Function::new("mustInitial", &[Any], Exact, initial),
    Function::new("reverse", &[Any], Exact, reverse),
    Function::new("mustReverse", &[Any], Exact, reverse),
    Function::new("compact", &[Any], Exact, compact),
    Function::new("mustCompact", &[Any], Exact, compact),
    Function::new("uniq", &[Any], Exact, uniq),
    Function::new("mustUniq", &[Any], Exact, uniq),
    Function::new("without", &[Any], Exact, without).and_any(Any),
    Function::new("mustWithout", &[Any], Exact, without).and_any(Any),
    Function::new("has", &[Any, Any], Derived, has),
    Function::new("mustHas", &[Any, Any], Derived, has),
    Function::new("slice", &[Any], Exact, slice).and_any(Any),
    Function::new("mustSlice", &[Any], Exact, slice).and_any(Any),
    Function::new("concat", &[], Exact, concat).and_any(Any),
    Function::new("chunk", &[Int, Any], Exact, chunk),
    Function::new("mustChunk", &[Int, Any], Exact, chunk),
];

/// The items of the argument at `at`; `complaint` stands before the kind of anything but a slice.
fn slice_of(
    call: &mut Call<'_>,
    at: usize,
    complaint: &str,
) -> Result<(Vec<Value>, Prov), Failure> {
    let value = call.arg(at);
    if value.is_nil() {
        return Err(NIL_POINTER.into());
    }
    let Some(found) = items(&value) else {
        return Err(format!("{complaint} {}", value.kind()).into());
    };
    call.machine.spend(found.len() as u64)?;
    Ok((found.into_owned(), value.prov))
}

fn made(items: Vec<Value>, prov: Prov) -> Result<Value, Failure> {
    Ok(Value::with(Value::list(items).data, prov))
}

/// A nil `[]interface {}`, which Go code returns for "nothing" where it never made a slice.
fn none(prov: Prov) -> Result<Value, Failure> {
    let empty = Value::list_of(ElemType::Nil, Vec::new());
    Ok(Value::with(empty.data, prov))
}

fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::list(call.args.to_vec()))
}

fn push(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot push on type")?;
    items.push(call.arg(1));
    call.machine.allow(items.len())?;
    made(items, prov)
}

fn prepend(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot prepend on type")?;
    items.insert(0, call.arg(1));
    call.machine.allow(items.len())?;
    made(items, prov)
}

fn first(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (items, prov) = slice_of(call, 0, "Cannot find first on type")?;
    Ok(picked(call, items.into_iter().next(), prov))
}

fn last(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot find last on type")?;
    Ok(picked(call, items.pop(), prov))
}

/// An item by its place in a list, which the list decides; nil where there is none.
fn picked(call: &mut Call<'_>, item: Option<Value>, list: Prov) -> Value {
    let origins = call.machine.origins();
    match item {
        Some(item) => {
            let order = origins.order(list);
            item.because(order, origins)
        }
        None => Value::with(Data::Nil, list),
    }
}

fn rest(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot find rest on type")?;
    if items.is_empty() {
        return none(prov);
    }
    items.remove(0);
    made(items, prov)
}

fn initial(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot find initial on type")?;
    if items.pop().is_none() {
        return none(prov);
    }
    made(items, prov)
}

fn reverse(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot find reverse on type")?;
    items.reverse();
    made(items, prov)
}

fn compact(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (mut items, prov) = slice_of(call, 0, "Cannot compact on type")?;
    items.retain(Value::truth);
    made(items, prov)
}

fn uniq(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (items, mut prov) = slice_of(call, 0, "Cannot find uniq on type")?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        let Some(twin) = place_in(call, &kept, &item)? else {
            kept.push(item);
            continue;
        };
        // It would be there, were it or its twin another.
        let origins = call.machine.origins();
        for one in kept.get(twin).into_iter().chain([&item]) {
            let deps = one.deep_deps(origins);
            let control = origins.as_control(deps);
            prov = origins.union(prov, control);
        }
    }
    made(kept, prov)
}

fn is_in(call: &mut Call<'_>, list: &[Value], wanted: &Value) -> Result<bool, Failure> {
    Ok(place_in(call, list, wanted)?.is_some())
}

/// Where a list has a value first.
fn place_in(call: &mut Call<'_>, list: &[Value], wanted: &Value) -> Result<Option<usize>, Failure> {
    for (at, item) in list.iter().enumerate() {
        if deep_equal(item, wanted, call.machine)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn without(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (items, mut prov) = slice_of(call, 0, "Cannot find without on type")?;
    let omitted = call.args.get(1..).unwrap_or_default();
    let mut kept = Vec::new();
    for item in items {
        if !is_in(call, omitted, &item)? {
            kept.push(item);
        }
    }
    for value in omitted {
        let deps = value.deep_deps(call.machine.origins());
        prov = call.machine.origins().union(prov, deps);
    }
    made(kept, prov)
}

fn has(call: &mut Call<'_>) -> Result<Value, Failure> {
    if call.arg(1).is_nil() {
        return Ok(Value::bool(false));
    }
    let (items, _) = slice_of(call, 1, "Cannot find has on type")?;
    let needle = call.arg(0);
    Ok(Value::bool(is_in(call, &items, &needle)?))
}

fn slice(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = call.arg(0);
    let (items, prov) = slice_of(call, 0, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::with(Data::Nil, prov));
    }
    let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |at: usize, otherwise: i64| call.args.get(at).map_or(otherwise, number::to_int64);
    let (start, end) = (bound(1, 0), bound(2, len));
    if start < 0 || end < start || end > len {
        return Err("reflect.Value.Slice: slice index out of bounds".into());
    }
    let start = usize::try_from(start).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(0);
    let prov = {
        let (a, b) = (call.because(1), call.because(2));
        let origins = call.machine.origins();
        let bounds = origins.union(a, b);
        origins.union(prov, bounds)
    };
    if let Data::Bytes(text) = &list.data {
        return Ok(Value::with(
            Data::Bytes(Rc::new(text.slice(start, end))),
            prov,
        ));
    }
    let elem = match &list.data {
        Data::List(list) => list.elem,
        _ => ElemType::String,
    };
    let items = items.get(start..end).unwrap_or_default().to_vec();
    Ok(Value::with(Data::List(Rc::new(List { elem, items })), prov))
}

fn concat(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut all = Vec::new();
    let mut prov = Prov::NONE;
    for at in 0..call.args.len() {
        let value = call.arg(at);
        if value.is_nil() {
            return Err(NIL_POINTER.into());
        }
        let Some(found) = items(&value) else {
            return Err(format!("Cannot concat type {} as list", value.kind()).into());
        };
        call.machine.spend((found.len() as u64).saturating_mul(4))?;
        call.machine.allow(found.len().saturating_add(all.len()))?;
        all.extend(found.into_owned());
        prov = call.machine.origins().union(prov, value.prov);
    }
    if all.is_empty() {
        return none(prov);
    }
    made(all, prov)
}

/// `mustChunk`, whose arithmetic in floats gives odd answers for sizes below 1.
fn chunk(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (items, prov) = slice_of(call, 1, "Cannot chunk type")?;
    let size = call.int(0);
    let width = usize::try_from(size.unsigned_abs()).unwrap_or(usize::MAX);
    // By a negative size there is one chunk of one item, none, or fewer than none.
    let parts: Vec<&[Value]> = match items.as_slice() {
        items if size > 0 => items.chunks(width).collect(),
        items @ [_] if width > 1 => vec![items],
        [_, rest @ ..] if !rest.is_empty() && rest.len() <= width => Vec::new(),
        _ => return Err("runtime error: makeslice: len out of range".into()),
    };
    let chunks = parts.into_iter();
    let chunks = chunks.map(|part| Value::with(Value::list(part.to_vec()).data, prov));
    let chunks = Value::list_of(ElemType::List, chunks.collect());
    Ok(Value::with(chunks.data, prov))
}
