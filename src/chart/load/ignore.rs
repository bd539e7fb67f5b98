//! `.helmignore`, which looks like `.gitignore` and is not.

use crate::golang::path;

/// How much may be asked of the rules of one chart, in steps of less than 100 nanoseconds. A file of
/// a chart and a pattern are one; that many there are with 10,000 files and 2,000 patterns.
const MAX_WORK: u64 = 20_000_000;

/// The rules of one file. The first that matches decides.
#[derive(Debug)]
pub(super) struct Rules {
    patterns: Vec<Pattern>,
    /// How much may still be asked.
    left: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            patterns: Vec::new(),
            left: MAX_WORK,
        }
    }
}

#[derive(Debug)]
struct Pattern {
    /// Without `!`, leading and trailing slash.
    glob: Vec<u8>,
    /// `!x`: everything that does *not* match x is ignored.
    is_negated: bool,
    directories_only: bool,
    /// Matched against the last name only.
    base_only: bool,
    kind: Kind,
}

impl Rules {
    /// Reads a file; stops at a line that Helm refuses, and gives its message and its bytes.
    pub(super) fn parse(&mut self, text: &[u8]) -> Result<(), (String, usize, usize)> {
        let mut start = 0;
        for line in text.split(|byte| *byte == b'\n') {
            let end = start + line.len();
            let rule = super::without_bom(line);
            if let Err(message) = self.rule(&String::from_utf8_lossy(rule)) {
                return Err((message, start, end));
            }
            start = end + 1;
        }
        Ok(())
    }

    /// Files whose name starts with a dot are no templates.
    pub(super) fn add_defaults(&mut self) {
        // The rule is well-formed.
        let _ = self.rule("templates/.?*");
    }

    fn rule(&mut self, rule: &str) -> Result<(), String> {
        let rule = rule.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        if path::match_pattern(rule.as_bytes(), b"abc").is_err() {
            return Err("syntax error in pattern".to_owned());
        }
        let (is_negated, rule) = match rule.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let (directories_only, rule) = match rule.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let (base_only, rule) = match rule.strip_prefix('/') {
            Some(rest) => (false, rest),
            None => (!rule.contains('/'), rule),
        };
        self.patterns.push(Pattern {
            glob: rule.as_bytes().to_vec(),
            is_negated,
            directories_only,
            base_only,
            kind: Kind::of(rule.as_bytes()),
        });
        Ok(())
    }

    /// Whether a path in the chart is ignored; nothing once too much was asked.
    pub(super) fn ignores(&mut self, name: &str, is_directory: bool) -> Option<bool> {
        let last = last_of(name);
        for pattern in &self.patterns {
            self.left = self.left.checked_sub(pattern.cost(name))?;
            if pattern.is_negated {
                if pattern.directories_only && !is_directory || !pattern.matches(name, last) {
                    return Some(true);
                }
                continue;
            }
            if pattern.directories_only && !is_directory {
                continue;
            }
            if pattern.matches(name, last) {
                return Some(true);
            }
        }
        Some(false)
    }
}

impl Pattern {
    /// How much work it is to ask about a name.
    fn cost(&self, name: &str) -> u64 {
        match self.kind {
            Kind::Literal | Kind::Ending => 1,
            Kind::Glob => 1 + (self.glob.len() as u64 * name.len() as u64) / 64,
        }
    }

    /// `last` is the last of the names in `name`.
    fn matches(&self, name: &str, last: &str) -> bool {
        let name = if self.base_only { last } else { name };
        let name = name.as_bytes();
        match self.kind {
            Kind::Literal => name == self.glob,
            Kind::Ending => {
                let end = self.glob.get(1..).unwrap_or_default();
                let start = name.strip_suffix(end);
                start.is_some_and(|start| !start.contains(&b'/'))
            }
            Kind::Glob => path::match_pattern(&self.glob, name).unwrap_or(false),
        }
    }
}

/// The last name of a path.
fn last_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How much there is to a pattern. Every file of a chart is asked about every pattern.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// It stands for itself.
    Literal,
    /// `*.md`
    Ending,
    Glob,
}

impl Kind {
    fn of(glob: &[u8]) -> Self {
        let is_plain = |part: &[u8]| !part.iter().any(|byte| b"*?[\\".contains(byte));
        match glob.split_first() {
            Some((b'*', end)) if is_plain(end) => Self::Ending,
            _ if is_plain(glob) => Self::Literal,
            _ => Self::Glob,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn simple_patterns_match_as_all_do(glob in "[*]?[ab/.]{0,3}", name in "[ab/.]{0,6}") {
            let pattern = Pattern {
                kind: Kind::of(glob.as_bytes()),
                glob: glob.clone().into_bytes(),
                is_negated: false,
                directories_only: false,
                base_only: false,
            };
            let want = path::match_pattern(glob.as_bytes(), name.as_bytes());
            prop_assert_eq!(pattern.matches(&name, last_of(&name)), want.unwrap());
        }
    }

    #[test]
    fn a_name_alone_matches_at_any_depth() {
        case("*.md", "README.md", true);
        case("*.md", "docs/a.md", true);
        case("*.md", "docs", false);
        case("tmp/", "tmp", false);
        case_dir("tmp/", "tmp", true);
        case_dir("tmp/", "a/tmp", true);
    }

    #[test]
    fn a_slash_ties_the_pattern_to_the_root() {
        case("/a.md", "a.md", true);
        case("/a.md", "docs/a.md", false);
        case("docs/*.md", "docs/a.md", true);
        case("docs/*.md", "docs/x/a.md", false);
    }

    #[test]
    fn negation_ignores_everything_else() {
        case("!keep", "Chart.yaml", true);
        case("!keep", "keep", false);
        case("# c\n\n", "# c", false);
    }

    #[test]
    fn hidden_templates_are_ignored_by_default() {
        case("", "templates/.hidden", true);
        case("", "templates/x/.hidden", false);
        case("", "templates/.", false);
    }

    #[test]
    fn what_helm_refuses() {
        let refused = |text: &str| Rules::default().parse(text.as_bytes()).unwrap_err();
        let star = "double-star (**) syntax is not supported".to_owned();
        assert_eq!(refused("a\na/**/b\n"), (star, 2, 8));
        assert_eq!(refused("[a").0, "syntax error in pattern");
    }

    #[test]
    fn no_more_is_asked_than_is_paid_for() {
        let mut rules = Rules::default();
        rules.parse(&b"a*b\n".repeat(1000)).unwrap();
        rules.left = 10_000;
        let mut asked = (0..).map(|n| rules.ignores(&format!("a{n}"), false));
        assert_eq!(asked.next(), Some(Some(false)));
        assert!(asked.take(100).any(|ignored| ignored.is_none()));
    }

    #[track_caller]
    fn case(rules: &str, name: &str, ignored: bool) {
        check(rules, name, false, ignored);
    }

    #[track_caller]
    fn case_dir(rules: &str, name: &str, ignored: bool) {
        check(rules, name, true, ignored);
    }

    #[track_caller]
    fn check(text: &str, name: &str, is_directory: bool, ignored: bool) {
        let mut rules = Rules::default();
        rules.parse(text.as_bytes()).unwrap();
        rules.add_defaults();
        assert_eq!(
            rules.ignores(name, is_directory).unwrap(),
            ignored,
            "{text:?} {name}"
        );
    }
}
