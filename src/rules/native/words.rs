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

/// The known word that a wrong one most likely meant.
#[must_use]
pub fn nearest(word: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate.clone())
}

/// How many characters must be changed, added, dropped, or exchanged with their neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut value = (at(&above, j) + usize::from(x != y))
                .min(at(&above, j + 1) + 1)
                .min(at(&row, j) + 1);
            let is_exchanged = |i: usize, j: usize| a.get(i) == Some(y) && b.get(j) == Some(x);
            if let (Some(i), Some(j)) = (i.checked_sub(1), j.checked_sub(1))
                && is_exchanged(i, j)
            {
                value = value.min(at(&before, j) + 1);
            }
            row.push(value);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
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
