//! Lists, near misses and unreadable quantities in messages.

use crate::finding::Finding;
use crate::k8s::Quantity;
use crate::rules::Limit;
use crate::yaml::NodeRef;

/// How much of a text that is no quantity is shown.
const SHOWN: usize = 40;

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// That some names have no quantity that could be counted; nothing where there are none.
pub(super) fn uncounted(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("; {one} names no readable quantity and is not counted"),
        _ => format!(
            "; {} name no readable quantity and are not counted",
            listed(names)
        ),
    }
}

/// A quantity that the API server refuses, so that nobody can say whether a budget is kept.
pub(super) fn unreadable(
    rule: &'static str,
    node: NodeRef<'_>,
    what: &str,
    who: &str,
    budget: &Limit,
    key: &str,
    example: &str,
) -> Finding {
    let text: Option<String> = node.text().map(|text| text.chars().take(SHOWN).collect());
    let is_negative = Quantity::of(node).is_some();
    let fault = match (&text, is_negative) {
        (Some(text), true) => format!("`{text}` of {what} for {who} is less than nothing"),
        (Some(text), false) => format!("`{text}` of {what} for {who} is no quantity"),
        (None, _) => format!("what {who} asks for of {what} is no quantity"),
    };
    let help = match text.as_deref().and_then(Quantity::meant) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write one such as `{example}`"),
    };
    let message = format!("{fault}, so the budget of {budget} (`budget.{key}`) cannot be checked");
    Finding::new(rule, node.span(), message).help(help)
}

/// No more words, or objects, are compared with what may be a slip: each is compared with each.
pub(super) const MAX_NEAR: usize = 512;

/// The known word that a wrong one most likely meant.
#[must_use]
pub fn nearest<S: AsRef<str>>(word: &str, known: &[S]) -> Option<String> {
    let most = |candidate: &str| 1 + candidate.len().min(word.len()) / 4;
    // A character has up to four bytes.
    let may_be = |candidate: &&str| {
        let bytes = if word.is_ascii() && candidate.is_ascii() {
            1
        } else {
            4
        };
        candidate.len().abs_diff(word.len()) <= bytes * most(candidate)
    };
    known
        .iter()
        .take(MAX_NEAR)
        .map(AsRef::as_ref)
        .filter(may_be)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Of longer words only so many characters are compared.
const LONGEST: usize = 64;

/// How many characters must be changed, added, dropped, or exchanged with their neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (mut first, mut second) = (['\0'; LONGEST], ['\0'; LONGEST]);
    let a = letters(a, &mut first);
    let b = letters(b, &mut second);
    let mut before = [0_usize; LONGEST + 1];
    let mut above: [usize; LONGEST + 1] = std::array::from_fn(|at| at);
    let mut row = before;
    for (i, x) in a.iter().enumerate() {
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let mut value = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                value = value.min(before[j - 1] + 1);
            }
            row[j + 1] = value;
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The first characters of a word.
fn letters<'l>(word: &str, room: &'l mut [char; LONGEST]) -> &'l [char] {
    let mut count = 0;
    for (place, letter) in room.iter_mut().zip(word.chars()) {
        *place = letter;
        count += 1;
    }
    &room[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_near_names_only() {
        let known = ["metrics".to_owned(), "http".to_owned(), "qdrant".to_owned()];
        assert_eq!(nearest("metric", &known).as_deref(), Some("metrics"));
        assert_eq!(nearest("qdrnat", &known).as_deref(), Some("qdrant"));
        assert_eq!(nearest("postgres", &known), None);
        assert_eq!(nearest("htpt", &known).as_deref(), Some("http"));
        assert_eq!(distance("web", "wbe"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(listed(&known), "metrics, http and qdrant");
    }
}
