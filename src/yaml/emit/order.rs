//! The order of keys: yaml.v2's and yaml.v3's "natural" one, where `a2` comes before `a10`.

use crate::golang::unicode;

use super::Dialect;

/// Up to this many keys Go inserts one by one.
const FEW: usize = 12;

/// Sorts by that order. It is not transitive for all keys (`1a`, `9`, `10`), so the sort must not
/// rely on it; of keys that Go puts anywhere it makes some fixed order.
pub(super) fn sort<T>(mut items: Vec<T>, less: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if items.len() <= FEW {
        for end in 1..items.len() {
            let mut at = end;
            while at > 0 && less(&items[at], &items[at - 1]) {
                items.swap(at, at - 1);
                at -= 1;
            }
        }
        return items;
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut left = sort(left, less).into_iter().peekable();
    let mut right = sort(right, less).into_iter().peekable();
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if less(b, a) => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        };
        match next {
            Some(item) => merged.push(item),
            None => return merged,
        }
    }
}

/// Whether key `a` comes before key `b`.
pub(super) fn less(a: &str, b: &str, dialect: Dialect) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return less_by(a.as_bytes(), b.as_bytes(), dialect);
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    less_by(&a, &b, dialect)
}

fn is_letter(c: impl Into<u32>) -> bool {
    let c = c.into();
    match u8::try_from(c) {
        // Nearly all keys are ASCII.
        Ok(byte) if byte.is_ascii() => byte.is_ascii_alphabetic(),
        _ => unicode::is_letter(c),
    }
}

fn is_digit(c: impl Into<u32>) -> bool {
    unicode::is_digit(c.into())
}

/// As [`less`], of the characters of the keys.
fn less_by<C: Copy + Ord + Into<u32>>(a: &[C], b: &[C], dialect: Dialect) -> bool {
    const ZERO: u32 = b'0' as u32;
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (Some(&ca), Some(&cb)) = (a.get(same), b.get(same)) else {
        return a.len() < b.len();
    };
    let common = a.get(..same).unwrap_or_default();
    match (is_letter(ca), is_letter(cb)) {
        (true, true) => return ca < cb,
        (false, false) => {}
        // yaml.v3 lets a number end before a letter: `a1` with what follows, then `a1b`.
        (letter, _) if dialect == Dialect::V3 && common.last().is_some_and(|c| is_digit(*c)) => {
            return letter;
        }
        (_, letter) => return letter,
    }
    // Behind a digit other than 0, zeros count.
    let counts = (ca.into() == ZERO || cb.into() == ZERO)
        && common
            .iter()
            .rev()
            .take_while(|c| is_digit(**c))
            .any(|c| (*c).into() != ZERO);
    let (a_value, a_end) = number(a, same, counts);
    let (b_value, b_end) = number(b, same, counts);
    if a_value != b_value {
        return a_value < b_value;
    }
    if a_end != b_end {
        return a_end < b_end;
    }
    ca < cb
}

/// The digits from `at` on as a number, as far as 64 bits go, and where they end.
fn number<C: Copy + Into<u32>>(text: &[C], at: usize, counts: bool) -> (i64, usize) {
    let mut value = i64::from(counts);
    let mut end = at;
    for c in text.iter().skip(at).take_while(|c| is_digit(**c)) {
        let digit = i64::from((*c).into()) - i64::from(b'0');
        value = value.wrapping_mul(10).wrapping_add(digit);
        end += 1;
    }
    (value, end)
}
