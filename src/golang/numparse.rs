//! `strconv.ParseInt`, `ParseUint`, `Atoi`, `ParseFloat` and `ParseBool` with Go's errors.

use super::quote::quote;
use std::fmt;

/// Why a number did not parse: the `Err` of Go's `*strconv.NumError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumErrorKind {
    /// `strconv.ErrSyntax`.
    Syntax,
    /// `strconv.ErrRange`.
    Range,
    /// A base other than 0 and 2 to 36.
    Base(u32),
    /// A bit size above 64.
    BitSize(u32),
}

/// Go's `*strconv.NumError`; displayed as `strconv.ParseInt: parsing "x": invalid syntax`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumError {
    /// The failing function, such as `ParseInt`.
    pub func: &'static str,
    /// The input.
    pub num: Vec<u8>,
    /// The reason.
    pub kind: NumErrorKind,
}

impl NumError {
    fn new(func: &'static str, num: &[u8], kind: NumErrorKind) -> NumError {
        NumError {
            func,
            num: num.to_vec(),
            kind,
        }
    }
}

impl fmt::Display for NumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "strconv.{}: parsing {}: ", self.func, quote(&self.num))?;
        match self.kind {
            NumErrorKind::Syntax => f.write_str("invalid syntax"),
            NumErrorKind::Range => f.write_str("value out of range"),
            NumErrorKind::Base(base) => write!(f, "invalid base {base}"),
            NumErrorKind::BitSize(bits) => write!(f, "invalid bit size {bits}"),
        }
    }
}

impl std::error::Error for NumError {}

/// `strconv.ParseUint(s, base, bits)`. Base 0 reads the prefixes `0b 0o 0x 0` and underscores.
pub fn parse_uint(s: impl AsRef<[u8]>, base: u32, bits: u32) -> Result<u64, NumError> {
    let s = s.as_ref();
    unsigned(s, base, bits).map_err(|kind| NumError::new("ParseUint", s, kind))
}

/// `strconv.ParseInt(s, base, bits)`; a bit size of 0 means 64.
pub fn parse_int(s: impl AsRef<[u8]>, base: u32, bits: u32) -> Result<i64, NumError> {
    let s = s.as_ref();
    signed(s, base, bits).map_err(|kind| NumError::new("ParseInt", s, kind))
}

/// `strconv.Atoi`, which is `ParseInt(s, 10, 0)` with its own name in errors.
pub fn atoi(s: impl AsRef<[u8]>) -> Result<i64, NumError> {
    let s = s.as_ref();
    signed(s, 10, 0).map_err(|kind| NumError::new("Atoi", s, kind))
}

/// `strconv.ParseBool`.
pub fn parse_bool(s: impl AsRef<[u8]>) -> Result<bool, NumError> {
    let s = s.as_ref();
    match s {
        b"1" | b"t" | b"T" | b"true" | b"TRUE" | b"True" => Ok(true),
        b"0" | b"f" | b"F" | b"false" | b"FALSE" | b"False" => Ok(false),
        _ => Err(NumError::new("ParseBool", s, NumErrorKind::Syntax)),
    }
}

/// `strconv.ParseFloat(s, bits)`: decimal and hexadecimal floats, `inf`, `infinity` and `nan` in any case,
/// underscores between digits. Too large a value is a range error.
pub fn parse_float(s: impl AsRef<[u8]>, bits: u32) -> Result<f64, NumError> {
    let s = s.as_ref();
    float(s, bits).map_err(|kind| NumError::new("ParseFloat", s, kind))
}

fn signed(s: &[u8], base: u32, bits: u32) -> Result<i64, NumErrorKind> {
    let (negative, digits) = match s.first() {
        Some(b'+') => (false, s.get(1..).unwrap_or_default()),
        Some(b'-') => (true, s.get(1..).unwrap_or_default()),
        _ => (false, s),
    };
    let value = i128::from(unsigned(digits, base, bits)?);
    let value = if negative { -value } else { value };
    let bits = if bits == 0 { 64 } else { bits };
    let limit = 1i128 << (bits - 1);
    if value < -limit || value >= limit {
        return Err(NumErrorKind::Range);
    }
    i64::try_from(value).map_err(|_| NumErrorKind::Range)
}

fn unsigned(s: &[u8], base: u32, bits: u32) -> Result<u64, NumErrorKind> {
    if s.is_empty() {
        return Err(NumErrorKind::Syntax);
    }
    let (radix, digits) = match base {
        2..=36 => (base, s),
        0 => match s {
            [b'0', b'b' | b'B', rest @ ..] if !rest.is_empty() => (2, rest),
            [b'0', b'o' | b'O', rest @ ..] if !rest.is_empty() => (8, rest),
            [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (16, rest),
            [b'0', rest @ ..] => (8, rest),
            _ => (10, s),
        },
        _ => return Err(NumErrorKind::Base(base)),
    };
    let max = match bits {
        0 | 64 => u64::MAX,
        1..64 => (1 << bits) - 1,
        _ => return Err(NumErrorKind::BitSize(bits)),
    };
    let mut value: u64 = 0;
    let mut underscores = false;
    for &b in digits {
        if b == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(b).to_digit(radix).ok_or(NumErrorKind::Syntax)?;
        value = value
            .checked_mul(u64::from(radix))
            .and_then(|v| v.checked_add(u64::from(digit)))
            .filter(|&v| v <= max)
            .ok_or(NumErrorKind::Range)?;
    }
    if underscores && !underscores_allowed(s) {
        return Err(NumErrorKind::Syntax);
    }
    Ok(value)
}

/// Go's rule: an underscore stands between digits, or between a base prefix and a digit.
fn underscores_allowed(s: &[u8]) -> bool {
    let s = match s {
        [b'-' | b'+', rest @ ..] => rest,
        _ => s,
    };
    // A base prefix counts as a digit.
    let (hex, mut last, s) = match s {
        [b'0', b'x' | b'X', rest @ ..] => (true, b'0', rest),
        [b'0', b'b' | b'o' | b'B' | b'O', rest @ ..] => (false, b'0', rest),
        _ => (false, b'^', s),
    };
    for &b in s {
        last = match b {
            b'0'..=b'9' => b'0',
            b'a'..=b'f' | b'A'..=b'F' if hex => b'0',
            b'_' if last == b'0' => b'_',
            b'_' => return false,
            _ if last == b'_' => return false,
            _ => b'!',
        };
    }
    last != b'_'
}

fn float(s: &[u8], bits: u32) -> Result<f64, NumErrorKind> {
    let (negative, body) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    let sign = if negative { -1.0 } else { 1.0 };
    if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        return Ok(f64::INFINITY.copysign(sign));
    }
    if s.eq_ignore_ascii_case(b"nan") {
        return Ok(f64::NAN);
    }
    if s.contains(&b'_') && !underscores_allowed(s) {
        return Err(NumErrorKind::Syntax);
    }
    let clean: Vec<u8> = body.iter().copied().filter(|&b| b != b'_').collect();
    let value = match clean.as_slice() {
        [b'0', b'x' | b'X', digits @ ..] => hex_float(digits, bits)?,
        digits => {
            let text = std::str::from_utf8(digits).map_err(|_| NumErrorKind::Syntax)?;
            // Rust takes a second sign and its own words for infinity, Go does not.
            if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                return Err(NumErrorKind::Syntax);
            }
            if bits == 32 {
                text.parse::<f32>()
                    .map(f64::from)
                    .map_err(|_| NumErrorKind::Syntax)?
            } else {
                text.parse::<f64>().map_err(|_| NumErrorKind::Syntax)?
            }
        }
    };
    if value.is_infinite() {
        Err(NumErrorKind::Range)
    } else {
        Ok(value.copysign(sign))
    }
}

/// A hexadecimal mantissa and its mandatory `p` exponent, rounded to even at the float's size.
fn hex_float(text: &[u8], bits: u32) -> Result<f64, NumErrorKind> {
    let mut mantissa: u64 = 0;
    let mut exponent: i64 = 0;
    let (mut dot, mut any, mut sticky) = (false, false, false);
    let mut rest = text;
    while let [b, tail @ ..] = rest {
        if *b == b'.' && !dot {
            dot = true;
        } else if let Some(digit) = char::from(*b).to_digit(16) {
            any = true;
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | u64::from(digit);
                exponent = exponent.saturating_sub(if dot { 4 } else { 0 });
            } else {
                sticky |= digit != 0;
                exponent = exponent.saturating_add(if dot { 0 } else { 4 });
            }
        } else {
            break;
        }
        rest = tail;
    }
    let [b'p' | b'P', power @ ..] = rest else {
        return Err(NumErrorKind::Syntax);
    };
    let (down, power) = match power {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, power),
    };
    if !any || power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
        return Err(NumErrorKind::Syntax);
    }
    let power = power
        .iter()
        .fold(0i64, |p, b| (p * 10 + i64::from(b - b'0')).min(100_000));
    exponent = exponent.saturating_add(if down { -power } else { power });
    if mantissa == 0 {
        return Ok(0.0);
    }
    let (mant_bits, min_exp, max_exp) = if bits == 32 {
        (23, -126, 127)
    } else {
        (52, -1022, 1023)
    };
    // The exponent of the top bit decides how many bits survive; below the normal range fewer do.
    let top = exponent.saturating_add(63 - i64::from(mantissa.leading_zeros()));
    if top < min_exp - mant_bits - 1 {
        return Ok(0.0);
    }
    let lowest = top.max(min_exp) - mant_bits;
    let drop = lowest - exponent;
    let (kept, exponent) = if drop > 0 {
        let drop = drop.min(64);
        let wide = u128::from(mantissa);
        let (kept, lost, half) = (wide >> drop, wide & ((1 << drop) - 1), 1u128 << (drop - 1));
        let up = lost > half || lost == half && (sticky || kept & 1 == 1);
        (kept + u128::from(up), lowest)
    } else {
        (u128::from(mantissa), exponent)
    };
    // `kept` has at most 54 bits, so scaling in two exact steps cannot round again.
    let top = exponent + 127 - i64::from(kept.leading_zeros());
    if top > max_exp {
        return Err(NumErrorKind::Range);
    }
    let half = exponent / 2;
    let power = |e: i64| 2f64.powi(i32::try_from(e).unwrap_or(0));
    Ok(kept as f64 * power(half) * power(exponent - half))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines printed by Go 1.27.2: function, base or bits, input as hex, the result or the error text.
    #[test]
    fn agrees_with_go() {
        for line in include_str!("../../fixtures/go/numparse.txt").lines() {
            let mut cells = line.splitn(5, '\t');
            let mut cell = || cells.next().unwrap();
            let (func, base, bits, input, want) = (cell(), cell(), cell(), cell(), cell());
            let (base, bits) = (base.parse().unwrap(), bits.parse().unwrap());
            let input = super::super::quote::unquote(input.as_bytes()).unwrap();
            let text = |r: Result<String, NumError>| r.unwrap_or_else(|e| format!("ERR {e}"));
            let got = match func {
                "int" => text(parse_int(&input, base, bits).map(|v| v.to_string())),
                "uint" => text(parse_uint(&input, base, bits).map(|v| v.to_string())),
                "atoi" => text(atoi(&input).map(|v| v.to_string())),
                "bool" => text(parse_bool(&input).map(|v| v.to_string())),
                _ => text(parse_float(&input, bits).map(|v| format!("{:x}", v.to_bits()))),
            };
            // A NaN is a NaN: Go gives it other low bits when it goes through float32.
            let want = if want == "7ff8000000000001" {
                "7ff8000000000000"
            } else {
                want
            };
            assert_eq!(got, want, "{line}");
        }
    }
}
