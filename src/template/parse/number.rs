//! Constant numbers: every type a literal fits into, as Go's own ideal constants.

use super::super::ast::Number;
use super::token::Kind;
use crate::golang::numparse::{parse_float, parse_int, parse_uint};
use crate::golang::quote::{quote, unquote_char};

/// Reads a literal. The error is Go's text.
pub(super) fn number(text: &[u8], kind: Kind) -> Result<Number, String> {
    let mut number = Number {
        text: String::from_utf8_lossy(text).into_owned(),
        ..Number::default()
    };
    match kind {
        Kind::CharConstant => {
            character(text, &mut number)?;
            return Ok(number);
        }
        Kind::Complex => {
            let (re, im) = complex(text)?;
            number.complex = Some((re, im));
            simplify(&mut number, re, im);
            return Ok(number);
        }
        _ => {}
    }
    if let Some(imaginary) = text.strip_suffix(b"i")
        && let Ok(im) = parse_float(imaginary, 64)
    {
        number.complex = Some((0.0, im));
        simplify(&mut number, 0.0, im);
        return Ok(number);
    }
    number.uint = parse_uint(text, 0, 64).ok();
    number.int = parse_int(text, 0, 64).ok();
    if number.int == Some(0) && number.uint.is_none() {
        // Only `-0` is an integer that is no unsigned one and still zero.
        number.uint = Some(0);
    }
    number.float = match (number.int, number.uint) {
        (Some(int), _) => Some(int as f64),
        (None, Some(uint)) => Some(uint as f64),
        (None, None) => float(text, &mut number)?,
    };
    if number.float.is_none() {
        return Err(format!("illegal number syntax: {}", quote(text)));
    }
    Ok(number)
}

fn float(text: &[u8], number: &mut Number) -> Result<Option<f64>, String> {
    let Ok(float) = parse_float(text, 64) else {
        return Ok(None);
    };
    // What reads as a float and looks like an integer is one too large for any type.
    if !text.iter().any(|byte| b".eEpP".contains(byte)) {
        return Err(format!("integer overflow: {}", quote(text)));
    }
    number.int = exact_int(float);
    number.uint = exact_uint(float);
    Ok(Some(float))
}

fn character(text: &[u8], number: &mut Number) -> Result<(), String> {
    let inside = text.get(1..).unwrap_or_default();
    let Some((rune, _, tail)) = unquote_char(inside, b'\'') else {
        return Err("invalid syntax".to_owned());
    };
    if tail != b"'" {
        let text = &number.text;
        return Err(format!("malformed character constant: {text}"));
    }
    number.int = Some(i64::from(rune));
    number.uint = Some(u64::from(rune));
    number.float = Some(f64::from(rune));
    number.is_rune = true;
    Ok(())
}

/// A complex number without imaginary part is also a float, and perhaps an integer.
fn simplify(number: &mut Number, re: f64, im: f64) {
    if im == 0.0 {
        number.float = Some(re);
        number.int = exact_int(re);
        number.uint = exact_uint(re);
    }
}

fn exact_int(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&float) && float.trunc() == float).then_some(float as i64)
}

fn exact_uint(float: f64) -> Option<u64> {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    ((0.0..LIMIT).contains(&float) && float.trunc() == float).then_some(float as u64)
}

const COMPLEX: &str = "syntax error scanning complex number";

/// Reads `1+2i` as Go's `fmt.Sscan` does, which does not mind what follows.
fn complex(text: &[u8]) -> Result<(f64, f64), String> {
    let mut scan = Scan { text, at: 0 };
    let real = scan.float_token();
    let sign = scan.at;
    if !scan.accept(b"+-") {
        return Err(COMPLEX.to_owned());
    }
    let imaginary = scan.float_token();
    let imaginary = [text.get(sign..=sign).unwrap_or_default(), imaginary].concat();
    if !scan.accept(b"i") {
        return Err(COMPLEX.to_owned());
    }
    let real = parse_float(real, 64).map_err(|error| error.to_string())?;
    let imaginary = parse_float(imaginary, 64).map_err(|error| error.to_string())?;
    Ok((real, imaginary))
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn accept(&mut self, valid: &[u8]) -> bool {
        let accepted = self
            .text
            .get(self.at)
            .is_some_and(|byte| valid.contains(byte));
        self.at += usize::from(accepted);
        accepted
    }

    fn float_token(&mut self) -> &'a [u8] {
        let start = self.at;
        self.accept(b"+-");
        // `i` alone is eaten here as the beginning of `inf`, and then missed.
        if !(self.accept(b"iI") && self.accept(b"nN") && self.accept(b"fF")) {
            let (mut digits, mut exponent): (&[u8], &[u8]) = (b"0123456789_", b"eEp");
            if self.accept(b"0") && self.accept(b"xX") {
                (digits, exponent) = (b"0123456789aAbBcCdDeEfF_", b"pP");
            }
            while self.accept(digits) {}
            if self.accept(b".") {
                while self.accept(digits) {}
            }
            if self.accept(exponent) {
                self.accept(b"+-");
                while self.accept(b"0123456789_") {}
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }
}
