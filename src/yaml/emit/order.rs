//! The order of keys: yaml.v2's and yaml.v3's "natural" one, where `a2` comes before `a10`.

use crate::golang::unicode;

use super::Dialect;

/// Sorts by that order. It is not transitive for all keys (`1a`, `9`, `10`), so the sort must not
/// rely on it; of keys that Go puts anywhere it makes some fixed order.
pub(super) fn sort<T>(items: Vec<T>, less: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let mut left = sort(left, less).into_iter().peekable();
    let mut right = sort(right, less).into_iter().peekable();
    let mut merged = Vec::new();
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

fn is_letter(c: char) -> bool {
    unicode::is_letter(u32::from(c))
}

fn is_digit(c: char) -> bool {
    unicode::is_digit(u32::from(c))
}

/// Whether key `a` comes before key `b`.
pub(super) fn less(a: &str, b: &str, dialect: Dialect) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let (Some(&ca), Some(&cb)) = (a.get(same), b.get(same)) else {
        return a.len() < b.len();
    };
    let common = a.get(..same).unwrap_or_default();
    let behind_digit = common.last().copied().is_some_and(is_digit);
    match (is_letter(ca), is_letter(cb)) {
        (true, true) => return ca < cb,
        (false, false) => {}
        // yaml.v3 lets a number end before a letter: `a1` with what follows, then `a1b`.
        (letter, _) if dialect == Dialect::V3 && behind_digit => return letter,
        (_, letter) => return letter,
    }
    // Behind a digit other than 0, zeros count.
    let counts = (ca == '0' || cb == '0')
        && common
            .iter()
            .rev()
            .take_while(|c| is_digit(**c))
            .any(|c| *c != '0');
    let (a_value, a_end) = number(&a, same, counts);
    let (b_value, b_end) = number(&b, same, counts);
    if a_value != b_value {
        return a_value < b_value;
    }
    if a_end != b_end {
        return a_end < b_end;
    }
    ca < cb
}

/// The digits from `at` on as a number, as far as 64 bits go, and where they end.
fn number(text: &[char], at: usize, counts: bool) -> (i64, usize) {
    let mut value = i64::from(counts);
    let mut end = at;
    for c in text.iter().skip(at).take_while(|c| is_digit(**c)) {
        let digit = i64::from(u32::from(*c)) - i64::from(b'0');
        value = value.wrapping_mul(10).wrapping_add(digit);
        end += 1;
    }
    (value, end)
}
