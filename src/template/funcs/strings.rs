//! Strings: trimming, cutting, case and tests.

use crate::golang::{goutils, strings, xstrings};

use super::super::error::Failure;
use super::super::value::Value;
use super::Param::{Int, Str};
use super::Passing::{Derived, Exact};
use super::{Call, Function, weave};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abbrev", &[Int, Str], Derived, |call| {
        Ok(Value::str(goutils::abbrev(call.int(0), call.bytes(1))))
    }),
    Function::new("abbrevboth", &[Int, Int, Str], Derived, |call| {
        let text = goutils::abbrev_both(call.int(0), call.int(1), call.bytes(2));
        Ok(Value::str(text))
    }),
    Function::new("trunc", &[Int, Str], Exact, trunc),
    Function::new("trim", &[Str], Exact, |call| {
        Ok(part(call, 0, |text, _| strings::trim_space(text)))
    }),
    Function::new("trimall", &[Str, Str], Exact, trim_all),
    Function::new("trimAll", &[Str, Str], Exact, trim_all),
    Function::new("trimSuffix", &[Str, Str], Exact, |call| {
        Ok(part(call, 1, |text, what| strings::trim_suffix(text, what)))
    }),
    Function::new("trimPrefix", &[Str, Str], Exact, |call| {
        Ok(part(call, 1, |text, what| strings::trim_prefix(text, what)))
    }),
    Function::new("upper", &[Str], Exact, |call| {
        mapped(call, strings::to_upper)
    }),
    Function::new("lower", &[Str], Exact, |call| {
        mapped(call, strings::to_lower)
    }),
    Function::new("title", &[Str], Exact, |call| mapped(call, strings::title)),
    Function::new("untitle", &[Str], Exact, |call| {
        mapped(call, goutils::uncapitalize)
    }),
    Function::new("swapcase", &[Str], Exact, |call| {
        call.machine.spend(call.bytes(0).len() as u64)?;
        mapped(call, goutils::swap_case)
    }),
    Function::new("nospace", &[Str], Exact, |call| {
        mapped(call, goutils::delete_white_space)
    }),
    Function::new("substr", &[Int, Int, Str], Exact, substr),
    Function::new("repeat", &[Int, Str], Exact, repeat),
    Function::new("initials", &[Str], Derived, |call| {
        as_word(call, goutils::initials)
    }),
    Function::new("snakecase", &[Str], Derived, |call| {
        as_word(call, xstrings::to_snake_case)
    }),
    Function::new("camelcase", &[Str], Derived, |call| {
        as_word(call, xstrings::to_pascal_case)
    }),
    Function::new("kebabcase", &[Str], Derived, |call| {
        as_word(call, xstrings::to_kebab_case)
    }),
    Function::new("wrap", &[Int, Str], Derived, |call| {
        let len = call.bytes(1).len();
        call.machine.allow(len.saturating_mul(2))?;
        Ok(Value::str(goutils::wrap(call.bytes(1), call.int(0))))
    }),
    Function::new("wrapWith", &[Int, Str, Str], Derived, wrap_with),
    Function::new("contains", &[Str, Str], Derived, |call| {
        let found = strings::contains(call.bytes(1), call.bytes(0));
        Ok(Value::bool(found))
    }),
    Function::new("hasPrefix", &[Str, Str], Derived, |call| {
        Ok(Value::bool(call.bytes(1).starts_with(call.bytes(0))))
    }),
    Function::new("hasSuffix", &[Str, Str], Derived, |call| {
        Ok(Value::bool(call.bytes(1).ends_with(call.bytes(0))))
    }),
    Function::new("plural", &[Str, Str, Int], Exact, |call| {
        let chosen = if call.int(2) == 1 { 0 } else { 1 };
        let because = call.because(2);
        Ok(call.arg(chosen).because(because, call.machine.origins()))
    }),
    Function::new("hello", &[], Exact, |_| Ok(Value::str("Hello!"))),
];

/// The part of the argument at `at` that `cut` leaves of it, given the first argument.
fn part(
    call: &mut Call<'_>,
    at: usize,
    cut: impl for<'a> Fn(&'a [u8], &[u8]) -> &'a [u8],
) -> Value {
    let text = call.bytes(at);
    let left = cut(text, call.bytes(0));
    let start = weave::offset(text, left);
    let end = start.saturating_add(left.len());
    let because = if at == 0 {
        crate::source::Prov::NONE
    } else {
        call.because(0)
    };
    let value = call.arg(at);
    weave::trimmed(&value, start, end, because, call.machine.origins())
}

fn trim_all(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(part(call, 1, |text, set| strings::trim(text, set)))
}

/// The argument, each run of it mapped by itself.
fn mapped(call: &mut Call<'_>, map: impl Fn(&[u8]) -> Vec<u8>) -> Result<Value, Failure> {
    let value = call.arg(0);
    call.machine.spend(call.bytes(0).len() as u64 / 3)?;
    Ok(weave::per_run(&value, call.machine.origins(), map))
}

/// The argument in another way to write several words as one.
fn as_word(call: &mut Call<'_>, write: impl Fn(&[u8]) -> Vec<u8>) -> Result<Value, Failure> {
    call.machine.spend(call.bytes(0).len() as u64)?;
    Ok(Value::str(write(call.bytes(0))))
}

fn trunc(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (count, len) = (call.int(0), call.bytes(1).len());
    let (start, end) = match usize::try_from(count) {
        Ok(count) => (0, count.min(len)),
        Err(_) => {
            let suffix = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            (len.saturating_sub(suffix), len)
        }
    };
    let because = call.because(0);
    let value = call.arg(1);
    Ok(weave::slice(
        &value,
        start,
        end,
        because,
        call.machine.origins(),
    ))
}

fn substr(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.arg(2);
    let len = i64::try_from(call.bytes(2).len()).unwrap_or(i64::MAX);
    let (start, end) = (call.int(0), call.int(1));
    let (from, to) = if start < 0 {
        if end < 0 {
            return Err(format!("runtime error: slice bounds out of range [:{end}]").into());
        }
        if end > len {
            let text =
                format!("runtime error: slice bounds out of range [:{end}] with length {len}");
            return Err(text.into());
        }
        (0, end)
    } else if end < 0 || end > len {
        if start > len {
            return Err(format!("runtime error: slice bounds out of range [{start}:{len}]").into());
        }
        (start, len)
    } else if start > end {
        return Err(format!("runtime error: slice bounds out of range [{start}:{end}]").into());
    } else {
        (start, end)
    };
    let because = {
        let (a, b) = (call.because(0), call.because(1));
        call.machine.origins().union(a, b)
    };
    let from = usize::try_from(from).unwrap_or(0);
    let to = usize::try_from(to).unwrap_or(0);
    Ok(weave::slice(
        &value,
        from,
        to,
        because,
        call.machine.origins(),
    ))
}

fn repeat(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Ok(count) = usize::try_from(call.int(0)) else {
        return Err("strings: negative Repeat count".into());
    };
    let value = call.arg(1);
    let len = call.bytes(1).len();
    call.machine.allow(len.saturating_mul(count))?;
    let runs = weave::segments(&value).saturating_mul(count);
    call.machine.allow(runs.saturating_mul(weave::SEGMENT))?;
    let because = call.because(0);
    let mut weave = weave::Weave::new(&value);
    if len > 0 {
        for _ in 0..count {
            call.machine.spend(1)?;
            weave.keep(0, len);
        }
    }
    Ok(weave.finish(because, call.machine.origins()))
}

fn wrap_with(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, text) = (call.bytes(1).len(), call.bytes(2).len());
    let size = text.saturating_mul(separator.saturating_add(2));
    call.machine.allow(size)?;
    let text = goutils::wrap_custom(call.bytes(2), call.int(0), call.bytes(1), true);
    Ok(Value::str(text))
}
