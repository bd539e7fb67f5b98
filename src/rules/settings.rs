//! What the configuration says to rules.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use crate::k8s::{Quantity, human_bytes, human_count};

/// Parameters of the checks.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rules that are off.
    pub off: BTreeSet<String>,
    /// `budget`.
    pub budget: Budget,
    /// Further workloads that need a GPU.
    pub gpu_workloads: Vec<WorkloadPattern>,
}

/// What the whole release may ask for; absent: not checked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as in the configuration")]
pub struct Budget {
    pub storage: Option<Limit>,
    pub gpu: Option<Limit>,
    pub cpu: Option<Limit>,
    pub memory: Option<Limit>,
}

/// One limit of a budget. It is shown as its user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// How much.
    pub quantity: Quantity,
    text: String,
}

impl Limit {
    /// Reads a limit: a quantity of nothing or more.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let quantity = Quantity::parse(text).filter(|_| !text.starts_with('-'))?;
        let text = text.to_owned();
        Some(Self { quantity, text })
    }

    /// A sum of bytes, in the units that the limit is written in.
    #[must_use]
    pub fn bytes(&self, sum: Quantity) -> String {
        human_bytes(sum, self.quantity.format())
    }

    /// A sum of cores or devices, in thousandths where the limit is.
    #[must_use]
    pub fn count(&self, sum: Quantity) -> String {
        match self.text.ends_with('m') {
            true => format!("{}m", sum.milli()),
            false => human_count(sum),
        }
    }
}

impl Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Budget {
    /// The keys.
    pub const KEYS: &[&str] = &["storage", "gpu", "cpu", "memory"];

    /// The entry of a key; `None` for unknown keys.
    pub fn entry(&mut self, key: &str) -> Option<&mut Option<Limit>> {
        match key {
            "storage" => Some(&mut self.storage),
            "gpu" => Some(&mut self.gpu),
            "cpu" => Some(&mut self.cpu),
            "memory" => Some(&mut self.memory),
            _ => None,
        }
    }
}

/// Workloads by kind, name and image; all that is given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkloadPattern {
    /// The kind, exactly.
    pub kind: Option<String>,
    /// A glob over the name.
    pub name: Option<String>,
    /// A glob over a container's image.
    pub image: Option<String>,
}

impl Settings {
    /// Whether a rule is on.
    #[must_use]
    pub fn is_on(&self, rule: &str) -> bool {
        !self.off.contains(rule)
    }
}

impl WorkloadPattern {
    /// Whether the pattern fits.
    #[must_use]
    pub fn fits(&self, kind: &str, name: &str, image: &str) -> bool {
        let is_given = self.kind.is_some() || self.name.is_some() || self.image.is_some();
        is_given
            && self.kind.as_deref().is_none_or(|want| want == kind)
            && self.name.as_deref().is_none_or(|want| glob(want, name))
            && self.image.as_deref().is_none_or(|want| glob(want, image))
    }
}

/// `*` for any text, `?` for one character.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Where the last `*` stood, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        assert!(glob("*-trainer", "lora-trainer"));
        assert!(!glob("*-trainer", "trainer-x"));
        assert!(glob("*/my-llm*", "ghcr.io/x/my-llm:1"));
        assert!(glob("a?c", "abc") && !glob("a?c", "ac"));
        assert!(glob("*", "") && glob("a*b*c", "a--b--bc") && !glob("a*b", "a"));
    }
}
