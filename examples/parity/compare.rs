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
    Breaks,
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
            Self::Breaks => "AIPLAT BREAKS",
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
    if own.broke {
        return of(Class::Breaks, first_lines(&own.errors()));
    }
    if theirs.errors().starts_with("parity: ") {
        // Helm did not come to an end: there is nothing to compare with.
        return of(Class::OnlyHelmFails, first_lines(&theirs.errors()));
    }
    match (theirs.ok, own.ok) {
        (true, false) => of(Class::OnlyOursFails, first_lines(&own.errors())),
        (false, true) => of(Class::OnlyHelmFails, core(&theirs.errors())),
        (false, false) => {
            let (theirs, own) = (core(&theirs.errors()), own.errors());
            let same = !own.trim().is_empty() && theirs.contains(own.trim());
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

/// Where our rendering differs from Helm's first one outside of what is random or the time.
///
/// Lines that both of Helm's renderings have must be ours too. A line that changes from run to run
/// may be another one with us, and a block of them, such as a key, may have another length.
fn differs_beyond_random(first: &[u8], second: &[u8], own: &[u8]) -> Option<String> {
    let (first, second, own) = (lines(first), lines(second), lines(own));
    let (mut at, mut theirs, mut ours) = (0, 0, 0);
    while at < first.len() || ours < own.len() {
        let mine = own.get(ours).map_or("", String::as_str);
        let line = first.get(at).map_or("", String::as_str);
        let other = second.get(theirs).map_or("", String::as_str);
        let here = at < first.len() && ours < own.len();
        if here && (line == mine && line == other || is_clock(line, mine)) {
            (at, theirs, ours) = (at + 1, theirs + 1, ours + 1);
            continue;
        }
        if here && line != other && is_alike(line, other, mine) {
            (at, theirs, ours) = (at + 1, theirs + 1, ours + 1);
            continue;
        }
        // A block: up to the next line that all three have.
        let block = |lines: &[String], from: usize, end: &str| {
            let rest = lines.iter().skip(from).take(BLOCK);
            rest.take_while(|line| line.as_str() != end).count()
        };
        let ends = first
            .iter()
            .skip(at)
            .take(BLOCK)
            .enumerate()
            .find_map(|(skip, end)| {
                let (skip_theirs, skip_ours) =
                    (block(&second, theirs, end), block(&own, ours, end));
                let random = (0..skip)
                    .all(|i| first.get(at + i).is_some_and(|line| is_encoded(line)))
                    && (0..skip_ours)
                        .all(|i| own.get(ours + i).is_some_and(|line| is_encoded(line)));
                // What both of Helm's renderings say is not random, however it looks.
                let again = second.iter().skip(theirs).take(skip_theirs);
                let random = random && !first.iter().skip(at).take(skip).eq(again);
                (skip > 0 && random && skip_theirs < BLOCK && skip_ours < BLOCK).then_some((
                    skip,
                    skip_theirs,
                    skip_ours,
                ))
            });
        let Some((skip, skip_theirs, skip_ours)) = ends else {
            return Some(format!("line {}\nhelm   {line}\naiplat {mine}", at + 1));
        };
        (at, theirs, ours) = (at + skip, theirs + skip_theirs, ours + skip_ours);
    }
    None
}

/// How many lines a random block may have.
const BLOCK: usize = 80;

fn lines(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    text.split('\n').map(str::to_owned).collect()
}

/// Whether a line is nothing but encoded bytes, as in a key.
fn is_encoded(line: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    !line.trim().is_empty() && line.trim().bytes().all(is_part)
}

/// Whether our line has all that Helm's two lines have in common at their ends, up to whole words.
fn is_alike(first: &str, second: &str, own: &str) -> bool {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let (first, second, own) = (first.as_bytes(), second.as_bytes(), own.as_bytes());
    let both = first.iter().zip(second);
    let head = both.take_while(|(left, right)| left == right).count();
    let both = first.iter().rev().zip(second.iter().rev());
    let tail = both.take_while(|(left, right)| left == right).count();
    let head = first.get(..head).unwrap_or_default();
    let tail = first.get(first.len() - tail..).unwrap_or_default();
    let head = &head[..head
        .iter()
        .rposition(|b| !is_word(b))
        .map_or(0, |at| at + 1)];
    let tail = &tail[tail.iter().position(|b| !is_word(b)).unwrap_or(tail.len())..];
    own.len() >= head.len() + tail.len() && own.starts_with(head) && own.ends_with(tail)
}

/// Whether two lines differ in nothing but the time, which stands still with us: in words that say
/// it, at the same place.
fn is_clock(theirs: &str, own: &str) -> bool {
    // `now` as it is printed says how long the process has run, too.
    let words = |line: &str| -> Vec<String> {
        let words = line.split(['"', '\'', ' ']);
        let words = words.filter(|word| !word.starts_with("m=+"));
        words.map(str::to_owned).collect()
    };
    let (theirs, own) = (words(theirs), words(own));
    let is_time = |word: &str| {
        ["2026-01-01", "1767225600", "20260101", "Jan/01/2026"]
            .iter()
            .any(|time| word.contains(time))
    };
    // The hour, the day of the week and the half of the day stand apart where a time is printed.
    let is_beside = |at: usize| {
        let word = |at: Option<usize>| at.and_then(|at| own.get(at)).map(String::as_str);
        let beside = [at.checked_sub(1), at.checked_add(1)].map(word);
        matches!(word(Some(at)), Some("00:00:00" | "Thu" | "AM"))
            && beside.into_iter().flatten().any(is_time)
    };
    theirs.len() == own.len()
        && theirs
            .iter()
            .zip(&own)
            .enumerate()
            .all(|(at, (theirs, own))| theirs == own || is_time(own) || is_beside(at))
}
