//! Masterminds/semver 3.5.0: versions, behind sprig's `semver` and Helm's version checks. Constraints are in
//! [`constraint`].

pub mod constraint;

pub use constraint::Constraint;

use super::numparse::parse_uint;
use std::cmp::Ordering;
use std::fmt;

/// The longest version the library looks at.
const MAX_LEN: usize = 256;

const INVALID: &str = "invalid semantic version";
const STARTS_ZERO: &str = "version segment starts with 0";

/// A version (`*semver.Version`). Displayed without a leading `v`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What follows the hyphen, "" for a release.
    pub pre: String,
    /// What follows the plus sign.
    pub metadata: String,
    /// The text the version was read from.
    pub original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Splits a run of digits off.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 {
        None
    } else {
        text.split_at_checked(end)
    }
}

fn identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn numeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn check_pre(pre: &str) -> Result<(), String> {
    for part in pre.split('.') {
        if part.is_empty() {
            return Err("invalid prerelease string".to_owned());
        }
        if numeric(part) {
            if part.len() > 1 && part.starts_with('0') {
                return Err(STARTS_ZERO.to_owned());
            }
        } else if !identifier(part) {
            return Err("invalid prerelease string".to_owned());
        }
    }
    Ok(())
}

impl Version {
    /// `semver.NewVersion`: one to three numbers, leading zeros and a `v` allowed.
    pub fn new_loose(text: impl AsRef<[u8]>) -> Result<Version, String> {
        let bytes = text.as_ref();
        if bytes.len() > MAX_LEN {
            return Err(format!("version string is too long (max {MAX_LEN} bytes)"));
        }
        let original = std::str::from_utf8(bytes).map_err(|_| INVALID)?;
        let (numbers, rest) = split_numbers(original).ok_or(INVALID)?;
        let (pre, metadata) = split_suffixes(rest).ok_or(INVALID)?;
        let number = |i: usize| match numbers.get(i) {
            Some(Some(text)) => {
                parse_uint(text, 10, 64).map_err(|e| format!("error parsing version segment: {e}"))
            }
            _ => Ok(0),
        };
        let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
        if !pre.is_empty() {
            check_pre(pre)?;
        }
        Ok(Version {
            major,
            minor,
            patch,
            pre: pre.to_owned(),
            metadata: metadata.to_owned(),
            original: original.to_owned(),
        })
    }

    /// `semver.StrictNewVersion`: three numbers without leading zeros and no `v`.
    pub fn strict(text: impl AsRef<[u8]>) -> Result<Version, String> {
        let bytes = text.as_ref();
        if bytes.is_empty() {
            return Err("version string empty".to_owned());
        }
        if bytes.len() > MAX_LEN {
            return Err(format!("version string is too long (max {MAX_LEN} bytes)"));
        }
        // Where a bad byte matters, no check below takes U+FFFD for a good character.
        let text = String::from_utf8_lossy(bytes);
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(last)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(INVALID.to_owned());
        };
        let (last, metadata) = last
            .split_once('+')
            .map_or((last, None), |(a, b)| (a, Some(b)));
        if metadata.is_some_and(|m| !m.split('.').all(identifier)) {
            return Err("invalid metadata string".to_owned());
        }
        let (patch, pre) = last
            .split_once('-')
            .map_or((last, None), |(a, b)| (a, Some(b)));
        if let Some(pre) = pre {
            check_pre(pre)?;
        }
        for part in [major, minor, patch] {
            if !numeric(part) {
                return Err("invalid characters in version".to_owned());
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err(STARTS_ZERO.to_owned());
            }
        }
        let number = |part: &str| parse_uint(part, 10, 64).map_err(|e| e.to_string());
        Ok(Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            pre: pre.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.into_owned(),
        })
    }

    /// `Version.Compare`: by precedence, metadata ignored.
    pub fn compare(&self, other: &Version) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            })
    }

    fn next(&self, major: u64, minor: u64, patch: u64) -> Version {
        let v = if self.original.starts_with('v') {
            "v"
        } else {
            ""
        };
        Version {
            major,
            minor,
            patch,
            pre: String::new(),
            metadata: String::new(),
            original: format!("{v}{major}.{minor}.{patch}"),
        }
    }

    /// `Version.SetPrerelease`.
    pub fn set_pre(&self, pre: &str) -> Result<Version, String> {
        if !pre.is_empty() {
            check_pre(pre)?;
        }
        let pre = pre.to_owned();
        Ok(Version {
            pre,
            ..self.clone()
        }
        .written_anew())
    }

    /// `Version.SetMetadata`.
    pub fn set_metadata(&self, metadata: &str) -> Result<Version, String> {
        if !metadata.is_empty() && !metadata.split('.').all(identifier) {
            return Err("invalid metadata string".to_owned());
        }
        let metadata = metadata.to_owned();
        Ok(Version {
            metadata,
            ..self.clone()
        }
        .written_anew())
    }

    /// The version with what it is now as its text, a `v` kept.
    fn written_anew(mut self) -> Version {
        let prefix = if self.original.starts_with('v') {
            "v"
        } else {
            ""
        };
        self.original = format!("{prefix}{self}");
        self
    }

    /// `Version.IncMajor`; the error is the text Go panics with.
    pub fn inc_major(&self) -> Result<Version, &'static str> {
        let major = self
            .major
            .checked_add(1)
            .ok_or("major version increment would overflow uint64")?;
        Ok(self.next(major, 0, 0))
    }

    /// `Version.IncMinor`; the error is the text Go panics with.
    pub fn inc_minor(&self) -> Result<Version, &'static str> {
        let minor = self
            .minor
            .checked_add(1)
            .ok_or("minor version increment would overflow uint64")?;
        Ok(self.next(self.major, minor, 0))
    }

    /// `Version.IncPatch`: a pre-release becomes its release. The error is the text Go panics with.
    pub fn inc_patch(&self) -> Result<Version, &'static str> {
        let step = u64::from(self.pre.is_empty());
        let patch = self
            .patch
            .checked_add(step)
            .ok_or("patch version increment would overflow uint64")?;
        Ok(self.next(self.major, self.minor, patch))
    }
}

/// One to three dotted numbers after an optional `v`, and the rest.
fn split_numbers(text: &str) -> Option<([Option<&str>; 3], &str)> {
    let (major, mut rest) = digits(text.strip_prefix('v').unwrap_or(text))?;
    let mut numbers = [Some(major), None, None];
    for slot in numbers.iter_mut().skip(1) {
        let Some((number, after)) = rest.strip_prefix('.').and_then(digits) else {
            break;
        };
        *slot = Some(number);
        rest = after;
    }
    Some((numbers, rest))
}

/// The pre-release and the metadata, which must take up all of the text.
fn split_suffixes(text: &str) -> Option<(&str, &str)> {
    let (before, metadata) = text
        .split_once('+')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let pre = match before {
        "" => None,
        _ => Some(before.strip_prefix('-')?),
    };
    let fine = |part: Option<&str>| part.is_none_or(|p| p.split('.').all(identifier));
    (fine(pre) && fine(metadata)).then(|| (pre.unwrap_or_default(), metadata.unwrap_or_default()))
}

/// Pre-releases compare part by part: numbers below words, a missing part below any.
fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = (left.next(), right.next());
        if x.is_none() && y.is_none() {
            return Ordering::Equal;
        }
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        if x == y {
            continue;
        }
        if x.is_empty() || y.is_empty() {
            return x.len().cmp(&y.len());
        }
        return match (parse_uint(x, 10, 64), parse_uint(y, 10, 64)) {
            (Err(_), Err(_)) => x.cmp(y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            // The library takes equal numbers that are written differently for smaller.
            (Ok(n), Ok(m)) => {
                if n > m {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::quote::unquote;

    /// Lines printed by semver 3.5.0 under Go 1.27.2: operation, result, arguments.
    #[test]
    fn agrees_with_go() {
        let mut count = 0;
        for line in include_str!("../../fixtures/go/semver.txt").lines() {
            let cells: Vec<Vec<u8>> = line
                .split('\t')
                .map(|c| unquote(c.as_bytes()).unwrap())
                .collect();
            let [op, want, args @ ..] = cells.as_slice() else {
                panic!("{line}")
            };
            let version = |i: usize| Version::new_loose(&args[i]);
            let show = |v: Result<Version, String>| match v {
                Ok(v) => format!(
                    "{v} {} {} {} {:?} {:?} {} {} {}",
                    v.major,
                    v.minor,
                    v.patch,
                    v.pre,
                    v.metadata,
                    v.inc_major().unwrap().original,
                    v.inc_minor().unwrap().original,
                    v.inc_patch().unwrap().original
                ),
                Err(e) => e,
            };
            let got = match op.as_slice() {
                b"new" => show(version(0)),
                b"strict" => show(Version::strict(&args[0])),
                b"cmp" => (version(0).unwrap().compare(&version(1).unwrap()) as i32).to_string(),
                b"con" => Constraint::new(&args[0]).map_or_else(|e| e, |c| c.to_string()),
                b"check" => Constraint::new(&args[0])
                    .unwrap()
                    .check(&version(1).unwrap())
                    .to_string(),
                b"val" => match Constraint::new(&args[0])
                    .unwrap()
                    .validate(&version(1).unwrap())
                {
                    Ok(()) => "ok".to_owned(),
                    Err(reasons) => reasons.join("\n"),
                },
                _ => panic!("{line}"),
            };
            assert_eq!(got, String::from_utf8_lossy(want), "{line}");
            count += 1;
        }
        assert!(count > 1000);
    }

    /// What `semverCompare` of Helm 4.3.1 returned.
    #[test]
    fn agrees_with_helm() {
        for line in include_str!("../../fixtures/go/semver.jsonl").lines() {
            let probe: serde_json::Value = serde_json::from_str(line).unwrap();
            let constraint = Constraint::new(probe["constraint"].as_str().unwrap());
            if probe["versions"].is_null() {
                assert!(constraint.is_err(), "{line}");
                continue;
            }
            for (version, want) in probe["versions"].as_object().unwrap() {
                let got = match (&constraint, Version::new_loose(version)) {
                    (Ok(c), Ok(v)) => Some(c.check(&v)),
                    _ => None,
                };
                assert_eq!(got, want.as_bool(), "{line} {version}");
            }
        }
    }
}
