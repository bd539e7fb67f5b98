//! What two renderings have in common.

use crate::process::Outcome;

/// How two renderings compare, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Identical,
    SameFailure,
    RandomOnly,
    OtherFailure,
    OnlyOursFails,
    OnlyHelmFails,
    Different,
}

impl Class {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::SameFailure => "both fail, same message",
            Self::RandomOnly => "random or time only",
            Self::OtherFailure => "both fail, other message",
            Self::OnlyOursFails => "ONLY AIPLAT FAILS",
            Self::OnlyHelmFails => "ONLY HELM FAILS",
            Self::Different => "DIFFERENT",
        }
    }

    /// Whether aiplat did as Helm does. The wording of a failure is not counted against it.
    pub(crate) fn agrees(self) -> bool {
        self <= Self::OtherFailure
    }
}

/// A comparison.
pub(crate) struct Verdict {
    pub(crate) class: Class,
    /// The first difference.
    pub(crate) detail: String,
}

/// Compares. `again` renders with Helm once more: what differs then is random or the time.
pub(crate) fn verdict(theirs: &Outcome, own: &Outcome, again: impl Fn() -> Outcome) -> Verdict {
    let of = |class, detail: String| Verdict { class, detail };
    match (theirs.ok, own.ok) {
        (true, false) => of(Class::OnlyOursFails, first_lines(&own.errors())),
        (false, true) => of(Class::OnlyHelmFails, core(&theirs.errors())),
        (false, false) => {
            let (theirs, own) = (core(&theirs.errors()), own.errors());
            let same = own
                .lines()
                .next()
                .is_some_and(|line| !line.is_empty() && theirs.contains(line));
            match same {
                true => of(Class::SameFailure, String::new()),
                false => of(
                    Class::OtherFailure,
                    format!("helm   {theirs}\naiplat {}", first_lines(&own)),
                ),
            }
        }
        (true, true) => {
            let (first, own) = (theirs.output(), own.output());
            if first == own {
                return of(Class::Identical, String::new());
            }
            let second = again().output();
            match differs_beyond_random(&first, &second, &own) {
                None => of(Class::RandomOnly, String::new()),
                Some(detail) => of(Class::Different, detail),
            }
        }
    }
}

/// What Helm says, without its log lines and its advice.
fn core(errors: &str) -> String {
    let lines: Vec<&str> = errors
        .lines()
        .filter(|line| !line.starts_with("level=") && !line.starts_with("Use --debug"))
        .collect();
    let text = lines.join("\n");
    text.trim().trim_start_matches("Error: ").to_owned()
}

fn first_lines(text: &str) -> String {
    text.lines().take(3).collect::<Vec<_>>().join("\n")
}

/// Where our rendering differs from Helm's first one outside of what Helm's two differ in.
fn differs_beyond_random(first: &[u8], second: &[u8], own: &[u8]) -> Option<String> {
    let lines = |text: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(text);
        text.split('\n').map(str::to_owned).collect()
    };
    let (first, second, own) = (lines(first), lines(second), lines(own));
    let comparable = first.len() == own.len();
    for (at, line) in first.iter().enumerate() {
        let ours = own.get(at);
        if ours == Some(line) {
            continue;
        }
        let random = second
            .get(at)
            .zip(ours)
            .is_some_and(|(second, ours)| second != line && is_alike(line, second, ours));
        if random && comparable && first.len() == second.len() {
            continue;
        }
        return Some(format!(
            "line {}\nhelm   {line}\naiplat {}",
            at + 1,
            ours.map_or("(nothing)", String::as_str)
        ));
    }
    (own.len() > first.len()).then(|| format!("more lines than Helm's {}", first.len()))
}

/// Whether our line has all that Helm's two lines have in common at their ends.
fn is_alike(first: &str, second: &str, own: &str) -> bool {
    let common = |left: &mut dyn Iterator<Item = u8>, right: &mut dyn Iterator<Item = u8>| {
        left.zip(right)
            .take_while(|(left, right)| left == right)
            .count()
    };
    let head = common(&mut first.bytes(), &mut second.bytes());
    let tail = common(&mut first.bytes().rev(), &mut second.bytes().rev());
    // Two random texts may share a few characters by chance.
    let chance = 3;
    let (head, tail) = (head.saturating_sub(chance), tail.saturating_sub(chance));
    let bytes = own.as_bytes();
    bytes.len() >= head + tail
        && bytes.starts_with(first.as_bytes().get(..head).unwrap_or_default())
        && bytes.ends_with(
            first
                .as_bytes()
                .get(first.len().saturating_sub(tail)..)
                .unwrap_or_default(),
        )
}
