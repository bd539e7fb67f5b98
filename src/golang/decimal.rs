//! shopspring/decimal 1.4.0 as sprig's `addf`, `add1f`, `subf`, `mulf` and `divf` use it: floats become
//! decimals by their shortest digits, are combined exactly (division to 16 places), and become floats again.

use super::float::append_float;

/// Limbs hold nine decimal digits.
const BASE: u64 = 1_000_000_000;
const LIMB: usize = 9;
/// The places after the point of a quotient (`decimal.DivisionPrecision`).
const PRECISION: i64 = 16;
/// A product may grow with every factor; beyond these limbs (18,000 digits) no float holds it anyway.
const MAX_LIMBS: usize = 2000;

/// The four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `addf`.
    Add,
    /// `subf`.
    Sub,
    /// `mulf`.
    Mul,
    /// `divf`.
    Div,
}

/// `sign × digits × 10^exp`; the limbs are little-endian without leading zeros.
#[derive(Debug, Clone)]
struct Decimal {
    negative: bool,
    limbs: Vec<u64>,
    exp: i64,
}

/// sprig's `execDecimalOp`: the operation applied from left to right. The error is the text Go panics with.
pub fn fold(op: Op, first: f64, rest: &[f64]) -> Result<f64, String> {
    let mut total = Decimal::from_float(first)?;
    for &next in rest {
        let next = Decimal::from_float(next)?;
        total = match op {
            Op::Add => total.add(&next),
            Op::Sub => total.add(&Decimal {
                negative: !next.negative,
                ..next
            }),
            Op::Mul => total.mul(&next),
            Op::Div => total.div(&next)?,
        };
        if total.limbs.len() > MAX_LIMBS {
            return Err("decimal: number too large".to_owned());
        }
    }
    Ok(total.to_float())
}

fn trim(limbs: &mut Vec<u64>) {
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
}

fn from_digits(digits: &str) -> Vec<u64> {
    let bytes = digits.as_bytes();
    let mut limbs: Vec<u64> = bytes
        .rchunks(LIMB)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |n, b| n * 10 + u64::from(b.wrapping_sub(b'0')))
        })
        .collect();
    trim(&mut limbs);
    limbs
}

fn compare(a: &[u64], b: &[u64]) -> std::cmp::Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn sum(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut carry = 0;
    let mut out: Vec<u64> = (0..a.len().max(b.len()))
        .map(|i| {
            let n = a.get(i).unwrap_or(&0) + b.get(i).unwrap_or(&0) + carry;
            carry = n / BASE;
            n % BASE
        })
        .collect();
    out.push(carry);
    trim(&mut out);
    out
}

/// `a − b` for `a ≥ b`.
fn difference(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut borrow = 0;
    let mut out: Vec<u64> = a
        .iter()
        .enumerate()
        .map(|(i, &n)| {
            let take = b.get(i).unwrap_or(&0) + borrow;
            borrow = u64::from(n < take);
            (n + borrow * BASE).wrapping_sub(take)
        })
        .collect();
    trim(&mut out);
    out
}

fn product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0u64; a.len() + b.len()];
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0;
        for (slot, &y) in out
            .iter_mut()
            .skip(i)
            .zip(b.iter().chain(std::iter::repeat(&0)))
        {
            let n = *slot + x * y + carry;
            *slot = n % BASE;
            carry = n / BASE;
        }
    }
    trim(&mut out);
    out
}

/// Quotient and remainder by long division, a limb at a time; the limb is found by bisection.
fn quotient(a: &[u64], b: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let mut rest: Vec<u64> = Vec::new();
    let mut out = vec![0; a.len()];
    for (slot, &limb) in out.iter_mut().zip(a).rev() {
        rest.insert(0, limb);
        trim(&mut rest);
        let (mut low, mut high) = (0, BASE);
        while high - low > 1 {
            let mid = low + (high - low) / 2;
            if compare(&product(b, &[mid]), &rest).is_le() {
                low = mid;
            } else {
                high = mid;
            }
        }
        *slot = low;
        rest = difference(&rest, &product(b, &[low]));
    }
    trim(&mut out);
    (out, rest)
}

/// `limbs × 10^by`.
fn scaled(limbs: &[u64], by: i64) -> Vec<u64> {
    let by = usize::try_from(by).unwrap_or(0);
    if limbs.is_empty() {
        return Vec::new();
    }
    let small = (0..by % LIMB).fold(1, |n, _| n * 10);
    let mut out = vec![0; by / LIMB];
    out.extend(product(limbs, &[small]));
    out
}

impl Decimal {
    fn from_float(f: f64) -> Result<Decimal, String> {
        if !f.is_finite() {
            return Err(format!(
                "Cannot create a Decimal from {}",
                append_float(f, b'g', -1, 64)
            ));
        }
        let text = append_float(f.abs(), b'e', -1, 64);
        let (mantissa, exp) = text.split_once('e').unwrap_or((&text, "0"));
        let places = mantissa
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let limbs = from_digits(&mantissa.replace('.', ""));
        let exp = if limbs.is_empty() {
            0
        } else {
            exp.parse::<i64>().unwrap_or(0)
        };
        let places = if limbs.is_empty() {
            0
        } else {
            i64::try_from(places).unwrap_or(0)
        };
        Ok(Decimal {
            negative: f < 0.0,
            limbs,
            exp: exp - places,
        })
    }

    fn add(&self, other: &Decimal) -> Decimal {
        let exp = self.exp.min(other.exp);
        let (a, b) = (
            scaled(&self.limbs, self.exp - exp),
            scaled(&other.limbs, other.exp - exp),
        );
        let (negative, limbs) = if self.negative == other.negative {
            (self.negative, sum(&a, &b))
        } else if compare(&a, &b).is_ge() {
            (self.negative, difference(&a, &b))
        } else {
            (other.negative, difference(&b, &a))
        };
        Decimal {
            negative,
            limbs,
            exp,
        }
    }

    fn mul(&self, other: &Decimal) -> Decimal {
        Decimal {
            negative: self.negative != other.negative,
            limbs: product(&self.limbs, &other.limbs),
            exp: self.exp + other.exp,
        }
    }

    /// `Decimal.Div`: 16 places, a half rounded away from zero.
    fn div(&self, other: &Decimal) -> Result<Decimal, String> {
        if other.limbs.is_empty() {
            return Err("decimal division by 0".to_owned());
        }
        let shift = self.exp - other.exp + PRECISION;
        let (a, b) = if shift < 0 {
            (self.limbs.clone(), scaled(&other.limbs, -shift))
        } else {
            (scaled(&self.limbs, shift), other.limbs.clone())
        };
        let (mut limbs, rest) = quotient(&a, &b);
        if compare(&sum(&rest, &rest), &b).is_ge() {
            limbs = sum(&limbs, &[1]);
        }
        Ok(Decimal {
            negative: self.negative != other.negative,
            limbs,
            exp: -PRECISION,
        })
    }

    /// The nearest float; zero is never negative.
    fn to_float(&self) -> f64 {
        if self.limbs.is_empty() {
            return 0.0;
        }
        let mut text = String::new();
        for (i, limb) in self.limbs.iter().rev().enumerate() {
            text.push_str(&if i == 0 {
                limb.to_string()
            } else {
                format!("{limb:09}")
            });
        }
        let size: f64 = format!("{text}e{}", self.exp).parse().unwrap_or(0.0);
        if self.negative { -size } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines printed by sprig 3.3.0 under Go 1.27.2: operation, result, operands (float bits).
    #[test]
    fn agrees_with_go() {
        for line in include_str!("../../fixtures/go/decimal.txt").lines() {
            let mut cells = line.split(' ');
            let op = match cells.next().unwrap() {
                "add" => Op::Add,
                "sub" => Op::Sub,
                "mul" => Op::Mul,
                _ => Op::Div,
            };
            let want = cells.next().unwrap();
            let args: Vec<f64> = cells
                .map(|c| f64::from_bits(u64::from_str_radix(c, 16).unwrap()))
                .collect();
            let got = fold(op, args[0], &args[1..]).map(|f| format!("{:x}", f.to_bits()));
            assert_eq!(got.as_deref().unwrap_or("ERR"), want, "{line} {args:?}");
        }
        assert_eq!(
            fold(Op::Div, 1.0, &[0.0]),
            Err("decimal division by 0".to_owned())
        );
        assert_eq!(
            fold(Op::Add, 1.0, &[f64::NAN]),
            Err("Cannot create a Decimal from NaN".to_owned())
        );
    }
}
