//! Decimal arithmetic as shopspring/decimal 1.4 does it: exact but for division, which rounds to
//! 16 places.

use std::cmp::Ordering;

/// How many places a quotient has.
const PLACES: i64 = 16;

/// A number as its decimal digits, least first, times a power of ten.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal number that reads as this float; `None` for what is none.
    pub(super) fn new(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e')?;
        let fraction = mantissa.split_once('.').map_or(0, |(_, part)| part.len());
        let mut digits: Vec<u8> = mantissa
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|digit| digit - b'0')
            .collect();
        digits.reverse();
        trim(&mut digits);
        let exponent = exponent.parse::<i64>().ok()?;
        Some(Self {
            negative: value < 0.0,
            digits,
            exponent: exponent - i64::try_from(fraction).ok()?,
        })
    }

    /// How many digits it has.
    pub(super) fn digits(&self) -> usize {
        self.digits.len()
    }

    /// The float next to it.
    pub(super) fn to_float(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let digits: String = self
            .digits
            .iter()
            .rev()
            .map(|digit| char::from(digit + b'0'))
            .collect();
        let text = format!("{sign}{digits}e{}", self.exponent);
        if digits.is_empty() {
            return 0.0;
        }
        text.parse().unwrap_or(0.0)
    }

    /// The digits with the point moved to `exponent`, which is not above its own.
    fn scaled(&self, exponent: i64) -> Vec<u8> {
        let zeros = usize::try_from(self.exponent.saturating_sub(exponent)).unwrap_or(0);
        let mut digits = vec![0; if self.digits.is_empty() { 0 } else { zeros }];
        digits.extend_from_slice(&self.digits);
        digits
    }

    pub(super) fn add(self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.scaled(exponent), other.scaled(exponent));
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, sum(&a, &b))
        } else {
            match compare(&a, &b) {
                Ordering::Less => (other.negative, difference(&b, &a)),
                _ => (self.negative, difference(&a, &b)),
            }
        };
        Self {
            negative: negative && !digits.is_empty(),
            digits,
            exponent,
        }
    }

    pub(super) fn subtract(self, other: &Self) -> Self {
        let negated = Self {
            negative: !other.negative,
            ..other.clone()
        };
        self.add(&negated)
    }

    pub(super) fn multiply(self, other: &Self) -> Self {
        let mut product = vec![0_u32; self.digits.len() + other.digits.len()];
        for (at, a) in self.digits.iter().enumerate() {
            let mut carry = 0;
            for (place, b) in product
                .iter_mut()
                .skip(at)
                .zip(other.digits.iter().chain(std::iter::repeat(&0)))
            {
                let total = *place + u32::from(*a) * u32::from(*b) + carry;
                *place = total % 10;
                carry = total / 10;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "each is below ten")]
        let mut digits: Vec<u8> = product.into_iter().map(|digit| digit as u8).collect();
        trim(&mut digits);
        Self {
            negative: self.negative != other.negative && !digits.is_empty(),
            digits,
            exponent: self.exponent.saturating_add(other.exponent),
        }
    }

    /// The quotient to 16 places, halves away from zero. Nothing is divided by zero: the caller
    /// has looked.
    pub(super) fn divide(self, other: &Self) -> Self {
        let shift = self.exponent - other.exponent + PLACES;
        let zeros = usize::try_from(shift.unsigned_abs()).unwrap_or(0);
        let padded = |digits: &[u8], zeros: usize| {
            let mut all = vec![0; zeros];
            all.extend_from_slice(digits);
            all
        };
        let (numerator, denominator) = if shift >= 0 {
            (padded(&self.digits, zeros), other.digits.clone())
        } else {
            (self.digits.clone(), padded(&other.digits, zeros))
        };
        let digits = rounded_quotient(&numerator, &denominator);
        Self {
            negative: self.negative != other.negative && !digits.is_empty(),
            digits,
            exponent: -PLACES,
        }
    }
}

/// Drops zeros in front.
fn trim(digits: &mut Vec<u8>) {
    while digits.last() == Some(&0) {
        digits.pop();
    }
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(a.len().max(b.len()) + 1);
    let mut carry = 0;
    for at in 0..a.len().max(b.len()) {
        let total = a.get(at).unwrap_or(&0) + b.get(at).unwrap_or(&0) + carry;
        digits.push(total % 10);
        carry = total / 10;
    }
    digits.push(carry);
    trim(&mut digits);
    digits
}

/// `a - b`, where `a` is not the smaller one.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(a.len());
    let mut borrow = 0;
    for (at, digit) in a.iter().enumerate() {
        let take = b.get(at).unwrap_or(&0) + borrow;
        borrow = u8::from(*digit < take);
        digits.push(digit + 10 * borrow - take);
    }
    trim(&mut digits);
    digits
}

fn rounded_quotient(numerator: &[u8], denominator: &[u8]) -> Vec<u8> {
    let mut quotient = Vec::with_capacity(numerator.len());
    let mut rest: Vec<u8> = Vec::new();
    for digit in numerator.iter().rev() {
        rest.insert(0, *digit);
        trim(&mut rest);
        let mut count = 0;
        while count < 9 && compare(&rest, denominator) != Ordering::Less {
            rest = difference(&rest, denominator);
            count += 1;
        }
        quotient.push(count);
    }
    quotient.reverse();
    trim(&mut quotient);
    if compare(&sum(&rest, &rest), denominator) == Ordering::Less {
        return quotient;
    }
    sum(&quotient, &[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> Decimal {
        Decimal::new(value).unwrap_or_else(|| panic!("{value} is finite"))
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "decimal arithmetic is to be exact")]
    fn computes_in_decimal() {
        assert_eq!(number(0.1).add(&number(0.2)).to_float(), 0.3);
        assert_eq!(number(0.3).subtract(&number(0.1)).to_float(), 0.2);
        assert_eq!(number(1.1).multiply(&number(1.1)).to_float(), 1.21);
        assert_eq!(number(-2.5).multiply(&number(4.0)).to_float(), -10.0);
        assert_eq!(
            number(1.0).divide(&number(3.0)).to_float(),
            0.333_333_333_333_333_3
        );
        assert_eq!(
            number(2.0).divide(&number(-3.0)).to_float(),
            -0.666_666_666_666_666_7
        );
        assert_eq!(number(1e20).divide(&number(1e-5)).to_float(), 1e25);
        assert_eq!(number(5.0).subtract(&number(5.0)).to_float(), 0.0);
        assert_eq!(number(0.0).divide(&number(7.0)).to_float(), 0.0);
        assert_eq!(
            number(1e300).multiply(&number(1e300)).to_float(),
            f64::INFINITY
        );
    }
}
