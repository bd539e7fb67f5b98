//! Constraints of Masterminds/semver 3.5.0, behind `semverCompare`, `kubeVersion` and dependency ranges.
//!
//! Groups separated by `||` of conditions separated by blanks or commas; `1.2 - 2` is a range; missing or
//! `x` parts make a condition "dirty", which widens it. A pre-release only passes a group in which some
//! condition names one.

use super::{Version, compare_pre};
use crate::golang::quote::quote;
use crate::golang::regexp::Regexp;
use crate::golang::strings::{replace, split, trim_prefix};
use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

const MAX_LEN: usize = 512;
const MAX_GROUPS: usize = 32;

/// What the library takes for a version in a constraint. The `|` in the classes is the library's; it lets
/// such text through to fail later.
const VERSION: &str = concat!(
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
);
/// The operators, the absent one among them.
const OPS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

/// An expression of the grammar, compiled when it is first asked. Only constants are compiled, so
/// it is never missing.
type Expression = LazyLock<Option<Regexp>>;

fn compile(pattern: &str) -> Option<Regexp> {
    Regexp::compile(pattern.as_bytes()).ok()
}

/// One operator and version.
fn one() -> String {
    format!(r"({OPS})\s*({VERSION})")
}

/// A condition alone.
static ONE: Expression = LazyLock::new(|| compile(&format!(r"^\s*{}\s*$", one())));
/// `1.2 - 2`.
static RANGE: Expression =
    LazyLock::new(|| compile(&format!(r"\s*({VERSION})\s+-\s+({VERSION})\s*")));
/// A condition somewhere.
static FIND: Expression = LazyLock::new(|| compile(&one()));
/// Conditions one behind the other.
static VALID: Expression = LazyLock::new(|| {
    let one = one();
    compile(&format!(r"^(\s*{one}\s*)((?:\s+|,\s*){one}\s*)*$"))
});

/// A parsed constraint (`*semver.Constraints`).
#[derive(Debug, Clone)]
pub struct Constraint {
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    conditions: Vec<Condition>,
    /// Whether some condition names a pre-release.
    pre: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

#[derive(Debug, Clone)]
struct Condition {
    op: Op,
    /// The operator as written.
    sign: String,
    /// The version as written.
    text: String,
    version: Version,
    /// Whether a part is missing or a wildcard, and which.
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

fn improper(text: &[u8]) -> String {
    format!("improper constraint: {}", quote(text))
}

/// Rewrites `1.2 - 2` into a pair of conditions.
fn rewrite_ranges(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    // Without a dash between spaces there is no range.
    let is_dash = |part: &[u8]| part[0].is_ascii_whitespace() && part[1] == b'-';
    if !text.windows(2).any(is_dash) {
        return out;
    }
    let Some(range) = RANGE.as_ref() else {
        return out;
    };
    for found in range.find_all(text, -1) {
        let Some(groups) = range.captures(found) else {
            continue;
        };
        let part = |i: usize| groups.get(i).copied().flatten().unwrap_or_default();
        // The second version is group 11: nine groups are inside the first.
        let pair = [b">= ", part(1), b", <= ", part(11), b" "].concat();
        out = replace(&out, found, &pair, 1);
    }
    out
}

impl Constraint {
    /// `semver.NewConstraint`.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Constraint, String> {
        let text = text.as_ref();
        if text.len() > MAX_LEN {
            return Err(format!(
                "constraint string is too long (max {MAX_LEN} bytes)"
            ));
        }
        let text = rewrite_ranges(text);
        let parts = split(&text, b"||");
        if parts.len() > MAX_GROUPS {
            return Err(format!("too many constraint groups (max {MAX_GROUPS})"));
        }
        let mut groups = Vec::with_capacity(parts.len());
        for part in parts {
            // Most have one condition, which needs neither of the larger expressions.
            let conditions = match condition(part) {
                Some(one) => vec![one?],
                None => {
                    let (Some(valid), Some(find)) = (VALID.as_ref(), FIND.as_ref()) else {
                        return Err(improper(part));
                    };
                    if !valid.is_match(part) {
                        return Err(improper(part));
                    }
                    let found = find.find_all(part, -1).into_iter();
                    found
                        .map(|one| condition(one).unwrap_or_else(|| Err(improper(one))))
                        .collect::<Result<Vec<_>, _>>()?
                }
            };
            let pre = conditions.iter().any(|c| !c.version.pre.is_empty());
            groups.push(Group { conditions, pre });
        }
        Ok(Constraint { groups })
    }

    /// `Constraints.Check`.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            group
                .conditions
                .iter()
                .all(|c| c.check(version, group.pre).is_ok())
        })
    }

    /// `Constraints.Validate`: the reasons why the version fails, over all groups.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        let mut told = false;
        for group in &self.groups {
            let mut passes = true;
            for condition in &group.conditions {
                if !group.pre && !version.pre.is_empty() {
                    if !told {
                        reasons.push(pre_reason(version));
                        told = true;
                    }
                    passes = false;
                } else if let Err(reason) = condition.check(version, group.pre) {
                    reasons.push(reason);
                    passes = false;
                }
            }
            if passes {
                return Ok(());
            }
        }
        Err(reasons)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, group) in self.groups.iter().enumerate() {
            if i > 0 {
                f.write_str(" || ")?;
            }
            for (i, condition) in group.conditions.iter().enumerate() {
                let space = if i > 0 { " " } else { "" };
                write!(f, "{space}{}{}", condition.sign, condition.text)?;
            }
        }
        Ok(())
    }
}

fn pre_reason(version: &Version) -> String {
    let version = quote(version.to_string().as_bytes());
    format!(
        "{version} is a prerelease version and the constraint is only looking for release versions"
    )
}

fn is_x(text: &[u8]) -> bool {
    matches!(text, b"x" | b"X" | b"*")
}

/// Reads one operator and version; `None` where the text is not just that.
fn condition(text: &[u8]) -> Option<Result<Condition, String>> {
    if let Some(groups) = plain(text) {
        return Some(read(&groups));
    }
    let groups = ONE.as_ref()?.captures(text)?;
    Some(read(&groups))
}

/// What the groups of [`ONE`] hold that [`read`] asks for, of a condition without anything unusual:
/// such as `>=1.25.0-0`. Most are, and to compile the expression takes longer than all else.
fn plain(text: &[u8]) -> Option<[Option<&[u8]>; 7]> {
    let text = text.trim_ascii();
    let is_sign = |byte: &u8| matches!(byte, b'=' | b'!' | b'>' | b'<' | b'~' | b'^');
    let (sign, rest) = text.split_at(text.iter().take_while(|byte| is_sign(byte)).count());
    if !matches!(
        sign,
        b"" | b"=" | b"!=" | b">" | b"<" | b">=" | b"=>" | b"<=" | b"=<" | b"~" | b"~>" | b"^"
    ) {
        return None;
    }
    let whole = rest.trim_ascii_start();
    let numbers = whole.strip_prefix(b"v").unwrap_or(whole);
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let (numbers, pre) =
        numbers.split_at(numbers.iter().take_while(|byte| is_number(byte)).count());
    let mut dots = memchr::memchr_iter(b'.', numbers);
    let minor = dots.next().unwrap_or(numbers.len());
    let patch = dots.next().unwrap_or(numbers.len());
    let [major, minor, patch] = [
        numbers.get(..minor)?,
        numbers.get(minor..patch)?,
        numbers.get(patch..)?,
    ];
    let is_part = |part: &[u8]| part.is_empty() || part.len() > 1;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let is_pre = match pre {
        [] => true,
        [b'-', names @ ..] => names
            .split(|byte| *byte == b'.')
            .all(|name| !name.is_empty() && name.iter().all(is_name)),
        _ => false,
    };
    let is_plain =
        !major.is_empty() && is_part(minor) && is_part(patch) && dots.next().is_none() && is_pre;
    is_plain.then(|| {
        let group = |part| Some(part).filter(|part: &&[u8]| !part.is_empty());
        [
            Some(text),
            Some(sign),
            Some(whole),
            Some(major),
            group(minor),
            group(patch),
            group(pre),
        ]
    })
}

fn read(groups: &[Option<&[u8]>]) -> Result<Condition, String> {
    let part = |i: usize| groups.get(i).copied().flatten().unwrap_or_default();
    let (sign, whole, major, minor, patch, pre) =
        (part(1), part(2), part(3), part(4), part(5), part(6));
    let op = match sign {
        b"!=" => Op::NotEqual,
        b">" => Op::Greater,
        b"<" => Op::Less,
        b">=" | b"=>" => Op::GreaterEqual,
        b"<=" | b"=<" => Op::LessEqual,
        b"~" | b"~>" => Op::Tilde,
        b"^" => Op::Caret,
        _ => Op::Equal,
    };
    let open = |part: &[u8]| part.is_empty() || is_x(trim_prefix(part, b"."));
    let (mut dirty, mut minor_dirty, mut patch_dirty) = (true, false, false);
    let version = if is_x(major) || major.is_empty() {
        [b"0.0.0", pre].concat()
    } else if open(minor) {
        minor_dirty = true;
        [major, b".0.0", pre].concat()
    } else if open(patch) {
        patch_dirty = true;
        [major, minor, b".0", pre].concat()
    } else {
        dirty = false;
        whole.to_vec()
    };
    let version = Version::new_loose(version).map_err(|_| "constraint parser error")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Condition {
        op,
        sign: text(sign),
        text: text(whole),
        version,
        dirty,
        minor_dirty,
        patch_dirty,
    })
}

impl Condition {
    /// Whether the version passes; the error is the library's reason.
    fn check(&self, v: &Version, include_pre: bool) -> Result<(), String> {
        if !v.pre.is_empty() && !include_pre {
            return Err(pre_reason(v));
        }
        match self.op {
            Op::Equal if self.dirty => self.tilde(v),
            Op::Equal => self.require(v, v.compare(&self.version).is_eq(), "is not equal to"),
            Op::NotEqual => self.require(v, self.differs(v), "is equal to"),
            Op::Greater => self.require(v, self.above(v), "is less than or equal to"),
            Op::Less => self.require(
                v,
                v.compare(&self.version).is_lt(),
                "is greater than or equal to",
            ),
            Op::GreaterEqual => self.require(v, v.compare(&self.version).is_ge(), "is less than"),
            Op::LessEqual => self.require(v, self.at_most(v), "is greater than"),
            Op::Tilde => self.tilde(v),
            Op::Caret => self.caret(v),
        }
    }

    fn require(&self, v: &Version, holds: bool, relation: &str) -> Result<(), String> {
        if holds {
            Ok(())
        } else {
            Err(self.reason(v, relation, ""))
        }
    }

    fn reason(&self, v: &Version, relation: &str, more: &str) -> String {
        format!(
            "{} {relation} {}{more}",
            quote(v.to_string().as_bytes()),
            quote(self.text.as_bytes())
        )
    }

    fn differs(&self, v: &Version) -> bool {
        let c = &self.version;
        if self.dirty {
            if c.major != v.major || c.minor != v.minor && !self.minor_dirty {
                return true;
            }
            if self.minor_dirty {
                return false;
            }
            if c.patch != v.patch && !self.patch_dirty {
                return true;
            }
            if self.patch_dirty {
                let pre = !v.pre.is_empty() || !c.pre.is_empty();
                return pre && compare_pre(&v.pre, &c.pre).is_ne();
            }
        }
        v.compare(c).is_ne()
    }

    fn above(&self, v: &Version) -> bool {
        let c = &self.version;
        if self.dirty {
            match v.major.cmp(&c.major) {
                Ordering::Greater => return true,
                Ordering::Less => return false,
                // `>11` asks for 12, `>11.1` for 11.2.
                Ordering::Equal if self.minor_dirty => return false,
                Ordering::Equal if self.patch_dirty => return v.minor > c.minor,
                Ordering::Equal => {}
            }
        }
        v.compare(c).is_gt()
    }

    fn at_most(&self, v: &Version) -> bool {
        let c = &self.version;
        if !self.dirty {
            return v.compare(c).is_le();
        }
        v.major < c.major || v.major == c.major && (v.minor <= c.minor || self.minor_dirty)
    }

    fn tilde(&self, v: &Version) -> Result<(), String> {
        let c = &self.version;
        self.require(v, v.compare(c).is_ge(), "is less than")?;
        if (c.major, c.minor, c.patch) == (0, 0, 0) && !self.minor_dirty && !self.patch_dirty {
            return Ok(());
        }
        self.require(v, v.major == c.major, "does not have same major version as")?;
        let minor = v.minor == c.minor || self.minor_dirty;
        self.require(v, minor, "does not have same major and minor version as")
    }

    fn caret(&self, v: &Version) -> Result<(), String> {
        let c = &self.version;
        self.require(v, v.compare(c).is_ge(), "is less than")?;
        if c.major > 0 || self.minor_dirty {
            return self.require(v, v.major == c.major, "does not have same major version as");
        }
        self.require(v, v.major == 0, "does not have same major version as")?;
        if c.minor > 0 || self.patch_dirty {
            let more = ". Expected minor versions to match when constraint major version is 0";
            return if v.minor == c.minor {
                Ok(())
            } else {
                Err(self.reason(v, "does not have same minor version as", more))
            };
        }
        self.require(v, v.minor == 0, "does not have same minor version as")?;
        if v.patch == c.patch {
            return Ok(());
        }
        let more = ". Expect version and constraint to equal when major and minor versions are 0";
        Err(self.reason(v, "does not equal", more))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let part = select(vec![
            " ", "\t", "=", ">", "<", "!", "~", "^", ">=", "=<", "v", "1", "20", "0", ".", ".3",
            "x", "*", "|", "-", "-rc", "-0", "+b", "1.2", "1.2.3", "1.25.0-0", "é", "\u{b}",
        ]);
        prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_plain_condition_is_read_as_the_expression_reads_it(text in text()) {
            if let Some(groups) = plain(text.as_bytes()) {
                let expression = ONE.as_ref().unwrap();
                let wanted = expression.captures(text.as_bytes());
                prop_assert_eq!(Some(&groups[1..]), wanted.as_ref().map(|found| &found[1..7]));
            }
        }
    }

    #[test]
    fn most_conditions_are_plain() {
        for text in [
            ">=1.25.0-0",
            ">= 1.2",
            "^1.2.3",
            "~1",
            "1.2.3-rc.1",
            " <v2.0 ",
            "!=1.0.0",
        ] {
            assert!(plain(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "", ">", "1.x", "*", "1.2.", "1.2.3.4", "1.2.3+b", ">=1 <2", "1.2.3-", "=>=1",
        ] {
            assert!(plain(text.as_bytes()).is_none(), "{text}");
        }
    }
}
