//! Integers, floats and complex numbers under every verb.

use super::super::error::Failure;
use super::super::value::{IntType, Value};
use super::Printer;
use crate::golang::float::append_float;
use crate::golang::quote::quote_rune;
use crate::golang::unicode::is_print;

/// A hexadecimal digit.
pub(super) fn digit(value: u8, upper: bool) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ if upper => b'A' + (value & 15) - 10,
        _ => b'a' + (value & 15) - 10,
    }
}

impl Printer<'_> {
    pub(super) fn fmt_int(
        &mut self,
        value: &Value,
        bits: i64,
        int: IntType,
        verb: char,
    ) -> Result<(), Failure> {
        let (bits, signed) = (bits.cast_unsigned(), !int.is_unsigned());
        match verb {
            'v' if self.flags.sharp_v && !signed => self.fmt_0x(bits),
            'v' | 'd' => self.fmt_integer(bits, 10, signed, verb, false),
            'b' => self.fmt_integer(bits, 2, signed, verb, false),
            'o' | 'O' => self.fmt_integer(bits, 8, signed, verb, false),
            'x' | 'X' => self.fmt_integer(bits, 16, signed, verb, verb == 'X'),
            'c' => self.fmt_c(bits),
            'q' => {
                let rune = u32::try_from(bits).unwrap_or(u32::MAX);
                let quoted = quote_rune(rune, self.flags.plus, false);
                self.pad(quoted.as_bytes())
            }
            'U' => self.fmt_unicode(bits),
            _ => self.bad_verb(value, verb),
        }
    }

    pub(super) fn fmt_0x(&mut self, bits: u64) -> Result<(), Failure> {
        let sharp = std::mem::replace(&mut self.flags.sharp, true);
        let done = self.fmt_integer(bits, 16, false, 'v', false);
        self.flags.sharp = sharp;
        done
    }

    pub(super) fn fmt_integer(
        &mut self,
        bits: u64,
        base: u64,
        signed: bool,
        verb: char,
        upper: bool,
    ) -> Result<(), Failure> {
        let flags = self.flags;
        let negative = signed && bits.cast_signed() < 0;
        let mut rest = if negative { bits.wrapping_neg() } else { bits };
        // Leading zeros are asked for by `%.3d` or by `%03d`; the precision wins.
        let mut least = 0;
        if flags.prec_present {
            least = flags.prec;
            if least == 0 && rest == 0 {
                self.flags.zero = false;
                let done = self.write_padding(flags.wid);
                self.flags.zero = flags.zero;
                return done;
            }
        } else if flags.zero && !flags.minus && flags.wid_present {
            let sign = usize::from(negative || flags.plus || flags.space);
            least = flags.wid.saturating_sub(sign);
        }
        self.machine.allow_more(self.out.len(), least)?;
        // From the right to the left.
        let mut text = Vec::new();
        loop {
            text.push(digit(u8::try_from(rest % base).unwrap_or_default(), upper));
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        if text.len() < least {
            text.resize(least, b'0');
        }
        if flags.sharp {
            match base {
                2 => text.extend(b"b0"),
                8 if text.last() != Some(&b'0') => text.push(b'0'),
                16 => text.extend(if upper { b"X0" } else { b"x0" }),
                _ => {}
            }
        }
        if verb == 'O' {
            text.extend(b"o0");
        }
        if negative {
            text.push(b'-');
        } else if flags.plus {
            text.push(b'+');
        } else if flags.space {
            text.push(b' ');
        }
        text.reverse();
        self.pad_with_spaces(&text)
    }

    /// `U+0078`, or `U+0078 'x'`.
    fn fmt_unicode(&mut self, code: u64) -> Result<(), Failure> {
        let least = match self.flags.prec_present {
            true => self.flags.prec.max(4),
            false => 4,
        };
        self.machine.allow_more(self.out.len(), least)?;
        let mut text = format!("U+{code:0least$X}");
        let printable = u32::try_from(code)
            .ok()
            .filter(|rune| self.flags.sharp && is_print(*rune))
            .and_then(char::from_u32);
        if let Some(c) = printable {
            text.extend([' ', '\'', c, '\'']);
        }
        self.pad_with_spaces(text.as_bytes())
    }

    pub(super) fn fmt_float_verb(
        &mut self,
        value: &Value,
        float: f64,
        verb: char,
    ) -> Result<(), Failure> {
        match verb {
            'v' => self.fmt_float(float, b'g', None),
            'b' => self.fmt_float(float, b'b', None),
            'g' => self.fmt_float(float, b'g', None),
            'G' => self.fmt_float(float, b'G', None),
            'x' => self.fmt_float(float, b'x', None),
            'X' => self.fmt_float(float, b'X', None),
            'f' | 'F' => self.fmt_float(float, b'f', Some(6)),
            'e' => self.fmt_float(float, b'e', Some(6)),
            'E' => self.fmt_float(float, b'E', Some(6)),
            _ => self.bad_verb(value, verb),
        }
    }

    pub(super) fn fmt_complex(
        &mut self,
        value: &Value,
        re: f64,
        im: f64,
        verb: char,
    ) -> Result<(), Failure> {
        if !matches!(
            verb,
            'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E'
        ) {
            return self.bad_verb(value, verb);
        }
        self.write(b"(")?;
        self.fmt_float_verb(value, re, verb)?;
        let plus = std::mem::replace(&mut self.flags.plus, true);
        let done = self.fmt_float_verb(value, im, verb);
        self.flags.plus = plus;
        done?;
        self.write(b"i)")
    }

    fn fmt_float(&mut self, float: f64, verb: u8, default: Option<usize>) -> Result<(), Failure> {
        let flags = self.flags;
        let prec = match flags.prec_present {
            true => Some(flags.prec),
            false => default,
        };
        let most = prec.unwrap_or(0).saturating_add(400);
        self.machine.allow_more(self.out.len(), most)?;
        let asked = prec.map_or(-1, |prec| i32::try_from(prec).unwrap_or(i32::MAX));
        let text = append_float(float, verb, asked, 64);
        let (mut sign, mut text) = match text.as_bytes() {
            [sign @ (b'-' | b'+'), rest @ ..] => (*sign, rest.to_vec()),
            rest => (b'+', rest.to_vec()),
        };
        if flags.space && sign == b'+' && !flags.plus {
            sign = b' ';
        }
        if let Some(first @ (b'I' | b'N')) = text.first().copied() {
            // Infinity and NaN do not look like numbers, so zeros are no padding for them.
            let bare = first == b'N' && !flags.space && !flags.plus
                || first == b'I' && sign == b'+' && !flags.plus && !flags.space;
            if !bare || first == b'I' {
                text.insert(0, sign);
            }
            return self.pad_with_spaces(&text);
        }
        if flags.sharp && verb != b'b' {
            text = keep_zeros(&text, verb, prec);
        }
        if flags.plus || sign != b'+' {
            let length = text.len().saturating_add(1);
            if flags.zero && !flags.minus && flags.wid_present && flags.wid > length {
                // The sign goes before the zeros.
                self.write(&[sign])?;
                self.write_padding(flags.wid - length)?;
                return self.write(&text);
            }
            text.insert(0, sign);
        }
        self.pad(&text)
    }
}

/// What `#` asks for: a decimal point, and for `%g` the zeros up to the precision.
fn keep_zeros(text: &[u8], verb: u8, prec: Option<usize>) -> Vec<u8> {
    let exponent = match verb {
        b'x' | b'X' => text.iter().position(|byte| matches!(byte, b'p' | b'P')),
        _ => text.iter().position(|byte| matches!(byte, b'e' | b'E')),
    };
    let (number, tail) = text.split_at(exponent.unwrap_or(text.len()));
    let wanted = match verb {
        b'g' | b'G' | b'x' => prec.unwrap_or(6),
        _ => 0,
    };
    let significant = number
        .iter()
        .filter(|byte| **byte != b'.')
        .skip_while(|byte| **byte == b'0')
        .count();
    let mut digits = wanted.saturating_sub(significant);
    let mut out = number.to_vec();
    if !number.contains(&b'.') {
        if number == b"0" {
            // The zero alone is a digit too.
            digits = digits.saturating_sub(1);
        }
        out.push(b'.');
    }
    out.resize(out.len().saturating_add(digits), b'0');
    out.extend_from_slice(tail);
    out
}
