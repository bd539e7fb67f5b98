//! Regular expressions of RE2.

use std::rc::Rc;

use crate::golang::quote::{can_backquote, quote};
use crate::golang::regexp::{Regexp, Replacement, quote_meta};
use crate::source::Prov;

use super::super::error::Failure;
use super::super::value::{ElemType, Value};
use super::Param::{Int, Str};
use super::Passing::{Derived, Exact};
use super::{Call, Function, weave};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regexMatch", &[Str, Str], Derived, |call| {
        let regexp = compiled(call)?;
        Ok(Value::bool(
            regexp.is_ok_and(|regexp| regexp.is_match(call.bytes(1))),
        ))
    }),
    Function::new("mustRegexMatch", &[Str, Str], Derived, |call| {
        let regexp = compile(call)?;
        Ok(Value::bool(regexp.is_match(call.bytes(1))))
    }),
    Function::new("regexFind", &[Str, Str], Exact, find),
    Function::new("mustRegexFind", &[Str, Str], Exact, find),
    Function::new("regexFindAll", &[Str, Str, Int], Exact, |call| {
        parts(call, false, Regexp::find_all)
    }),
    Function::new("mustRegexFindAll", &[Str, Str, Int], Exact, |call| {
        parts(call, false, Regexp::find_all)
    }),
    Function::new("regexSplit", &[Str, Str, Int], Exact, |call| {
        parts(call, true, Regexp::split)
    }),
    Function::new("mustRegexSplit", &[Str, Str, Int], Exact, |call| {
        parts(call, true, Regexp::split)
    }),
    Function::new("regexReplaceAll", &[Str, Str, Str], Exact, |call| {
        replaced(call, Regexp::replacements)
    }),
    Function::new("mustRegexReplaceAll", &[Str, Str, Str], Exact, |call| {
        replaced(call, Regexp::replacements)
    }),
    Function::new("regexReplaceAllLiteral", &[Str, Str, Str], Exact, |call| {
        replaced(call, Regexp::literal_replacements)
    }),
    Function::new(
        "mustRegexReplaceAllLiteral",
        &[Str, Str, Str],
        Exact,
        |call| replaced(call, Regexp::literal_replacements),
    ),
    Function::new("regexQuoteMeta", &[Str], Derived, |call| {
        Ok(Value::str(quote_meta(call.bytes(0))))
    }),
];

fn pattern<'a>(call: &Call<'a>) -> &'a [u8] {
    let pattern = call.args.first().and_then(Value::as_bytes);
    pattern.unwrap_or_default()
}

/// The expression in the first argument, or what Go says of it, once the work is paid for.
fn compiled(call: &mut Call<'_>) -> Result<Result<Rc<Regexp>, String>, Failure> {
    let (pattern, text) = (pattern(call), call.bytes(1).len());
    call.machine.spend(pattern.len() as u64)?;
    let (regexp, steps) = call.machine.regexps().compile(pattern, text);
    call.machine.spend(steps)?;
    Ok(regexp)
}

/// The expression in the first argument. The functions without `must` panic, and say more.
fn compile(call: &mut Call<'_>) -> Result<Rc<Regexp>, Failure> {
    let pattern = pattern(call);
    compiled(call)?.map_err(|why| {
        if call.name.starts_with("must") {
            return Failure::Message(why);
        }
        let shown = if can_backquote(pattern) {
            format!("`{}`", String::from_utf8_lossy(pattern))
        } else {
            quote(pattern)
        };
        Failure::Message(format!("regexp: Compile({shown}): {why}"))
    })
}

/// A part of the text, decided by the expression too.
fn part(call: &mut Call<'_>, part: &[u8], because: Prov) -> Value {
    let value = call.arg(1);
    let start = weave::offset(call.bytes(1), part);
    let end = start.saturating_add(part.len());
    weave::slice(&value, start, end, because, call.machine.origins())
}

fn find(call: &mut Call<'_>) -> Result<Value, Failure> {
    let regexp = compile(call)?;
    let value = call.arg(1);
    let text = value.as_bytes().unwrap_or_default();
    let because = call.because(0);
    match regexp.find(text) {
        Some(found) => Ok(part(call, found, because)),
        None => {
            let prov = call.deps();
            Ok(Value::with(Value::str("").data, prov))
        }
    }
}

/// A `[]string` of parts of the text. Go gives a nil slice where none is asked for, and where
/// none was found; a text that is split always has parts, though there may be none in it.
fn parts(
    call: &mut Call<'_>,
    is_split: bool,
    cut: for<'a> fn(&Regexp, &'a [u8], i64) -> Vec<&'a [u8]>,
) -> Result<Value, Failure> {
    let regexp = compile(call)?;
    let value = call.arg(1);
    let text = value.as_bytes().unwrap_or_default();
    let because = {
        let (pattern, count) = (call.because(0), call.because(2));
        call.machine.origins().union(pattern, count)
    };
    let found = cut(&regexp, text, call.int(2));
    call.machine.spend(found.len() as u64)?;
    let elem = if found.is_empty() && !(is_split && call.int(2) != 0) {
        ElemType::NilString
    } else {
        ElemType::String
    };
    let mut items = Vec::with_capacity(found.len());
    for piece in found {
        items.push(part(call, piece, because));
    }
    let prov = call.deps();
    Ok(Value::with(Value::list_of(elem, items).data, prov))
}

fn replaced(
    call: &mut Call<'_>,
    replace: fn(&Regexp, &[u8], &[u8]) -> Vec<Replacement>,
) -> Result<Value, Failure> {
    let regexp = compile(call)?;
    let (text, replacement) = (call.bytes(1).len(), call.bytes(2).len());
    // Each `$1` may stand for the whole text, and each character be replaced.
    let references = call.bytes(2).iter().filter(|byte| **byte == b'$').count();
    let found = regexp.find_all(call.bytes(1), -1);
    let matched: usize = found.iter().map(|part| part.len()).sum();
    let count = found.len();
    call.machine
        .spend((count as u64).saturating_mul(super::VALUE))?;
    let size = replacement
        .saturating_mul(count)
        .saturating_add(references.saturating_mul(matched))
        .saturating_add(text);
    call.machine.allow(size)?;
    let (because, new) = (call.because(0), call.arg(2));
    let by_new = new.deps(call.machine.origins());
    let pieces = replace(&regexp, call.bytes(1), call.bytes(2));
    Ok(weave::spliced(call, call.arg(1), &pieces, by_new, because))
}
