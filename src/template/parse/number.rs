//! Constants: every exact reading of a number, as Go's `NumberNode` has them.

use crate::golang::{numparse, quote};
use crate::template::ast::Number;

use super::lexer::Kind;

/// Reads a number, a character or a complex number.
///
/// # Errors
/// Go's message.
pub(super) fn number(text: &str, kind: Kind) -> Result<Number, String> {
    let mut number = Number {
        text: text.to_owned(),
        ..Number::default()
    };
    match kind {
        Kind::CharConstant => return character(number),
        Kind::Complex => {
            let split = text
                .char_indices()
                .skip(1)
                .filter(|(at, c)| {
                    let before = text.get(..*at).and_then(|text| text.chars().last());
                    matches!(c, '+' | '-') && !matches!(before, Some('e' | 'E' | 'p' | 'P'))
                })
                .last()
                .map_or(text.len(), |(at, _)| at);
            let (re, im) = text.split_at(split);
            let parsed = (
                numparse::parse_float(re.as_bytes(), 64),
                numparse::parse_float(im.trim_end_matches('i').as_bytes(), 64),
            );
            let (Ok(re), Ok(im)) = parsed else {
                return Err("syntax error scanning complex number".to_owned());
            };
            set_complex(&mut number, re, im);
            return Ok(number);
        }
        _ => {}
    }
    if let Some(digits) = text.strip_suffix('i')
        && let Ok(im) = numparse::parse_float(digits.as_bytes(), 64)
    {
        set_complex(&mut number, 0.0, im);
        return Ok(number);
    }
    number.uint = numparse::parse_uint(text.as_bytes(), 0, 64).ok();
    number.int = numparse::parse_int(text.as_bytes(), 0, 64).ok();
    if number.int == Some(0) {
        number.uint = Some(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "Go's conversion rounds too")]
    if let Some(int) = number.int {
        number.float = Some(int as f64);
    } else if let Some(uint) = number.uint {
        number.float = Some(uint as f64);
    } else if let Ok(float) = numparse::parse_float(text.as_bytes(), 64) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {text:?}"));
        }
        set_float(&mut number, float);
    }
    if number.int.is_none() && number.uint.is_none() && number.float.is_none() {
        return Err(format!("illegal number syntax: {text:?}"));
    }
    Ok(number)
}

fn character(mut number: Number) -> Result<Number, String> {
    let text = number.text.clone();
    let inside = text.get(1..).unwrap_or_default();
    let (rune, _, rest) =
        quote::unquote_char(inside.as_bytes(), b'\'').ok_or("invalid syntax")?;
    if rest != b"'" {
        return Err(format!("malformed character constant: {text}"));
    }
    number.int = Some(i64::from(rune));
    number.uint = Some(u64::from(rune));
    number.float = Some(f64::from(rune));
    number.is_rune = true;
    Ok(number)
}

/// A float, and the integers that equal it.
fn set_float(number: &mut Number, float: f64) {
    number.float = Some(float);
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original")]
    #[expect(clippy::cast_sign_loss, reason = "compared with the original")]
    #[expect(clippy::cast_precision_loss, reason = "compared with the original")]
    {
        if number.int.is_none() && float.abs() < 9.3e18 && (float as i64) as f64 == float {
            number.int = Some(float as i64);
        }
        if number.uint.is_none() && (0.0..1.9e19).contains(&float) && (float as u64) as f64 == float
        {
            number.uint = Some(float as u64);
        }
    }
}

fn set_complex(number: &mut Number, re: f64, im: f64) {
    number.complex = Some((re, im));
    if im == 0.0 {
        set_float(number, re);
    }
}
