//! Lists and near misses in messages.

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

/// How many characters must be changed, added or dropped.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let left = row.get(j).copied().unwrap_or(0);
            let value = (diagonal + usize::from(x != *y))
                .min(above + 1)
                .min(left + 1);
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = value;
            }
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
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
        assert_eq!(listed(&known), "metrics, http and qdrant");
    }
}
