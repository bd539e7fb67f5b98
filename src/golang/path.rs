//! Go's `path` and, as they are the same on Linux, `path/filepath`: `Clean`, `Base`, `Dir`, `Ext`, `IsAbs`
//! (sprig's `clean`, `base` … and `osClean`, `osBase` …), and `filepath.Match` for `.helmignore`.

use super::unicode::{RUNE_ERROR, decode_rune};

/// `path.Clean`: the shortest equivalent path, "." for the empty one.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(&last) if last != b".." => drop(parts.pop()),
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// `path.Base`: the last element; "." for the empty path, "/" for one of slashes only.
pub fn base(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let end = path.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1);
    let trimmed = path.get(..end).unwrap_or_default();
    match trimmed.rsplit(|&b| b == b'/').next() {
        Some(last) if !last.is_empty() => last.to_vec(),
        _ => b"/".to_vec(),
    }
}

/// `path.Dir`: all but the last element, cleaned.
pub fn dir(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    clean(path.get(..end).unwrap_or_default())
}

/// `path.Ext`: from the last dot of the last element, "" without one.
pub fn ext(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'.' || b == b'/') {
        Some(at) if path.get(at) == Some(&b'.') => path.get(at..).unwrap_or_default(),
        _ => b"",
    }
}

/// `path.IsAbs`.
pub fn is_abs(path: &[u8]) -> bool {
    path.starts_with(b"/")
}

/// `filepath.ErrBadPattern`, displayed as `syntax error in pattern`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl std::fmt::Display for BadPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("syntax error in pattern")
    }
}

impl std::error::Error for BadPattern {}

/// `filepath.Match`: `*` and `?` do not cross a slash. What follows a failure is not checked further than
/// Go checks it, so a bad pattern may pass unnoticed. The time is bounded by the product of the lengths.
pub fn match_pattern(mut pattern: &[u8], mut name: &[u8]) -> Result<bool, BadPattern> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&b'/'));
        }
        if let Some(tail) = match_chunk(chunk, name)?
            && (tail.is_empty() || !pattern.is_empty())
        {
            name = tail;
            continue;
        }
        if star {
            for at in 0..name.len() {
                if name.get(at) == Some(&b'/') {
                    break;
                }
                let Some(tail) = match_chunk(chunk, name.get(at + 1..).unwrap_or_default())? else {
                    continue;
                };
                if pattern.is_empty() && !tail.is_empty() {
                    continue;
                }
                name = tail;
                continue 'pattern;
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Whether stars come first, then the pattern up to the next star, and the rest.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&b| b == b'*').count();
    let body = pattern.get(stars..).unwrap_or_default();
    let (mut at, mut in_range) = (0, false);
    while let Some(&b) = body.get(at) {
        match b {
            b'\\' if at + 1 < body.len() => at += 1,
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = body.split_at_checked(at).unwrap_or((body, b""));
    (stars > 0, chunk, rest)
}

/// Matches a chunk without stars at the start of `name` and gives what is left of it. After a failure the
/// chunk is read on for its errors.
fn match_chunk<'a>(mut chunk: &[u8], mut name: &'a [u8]) -> Result<Option<&'a [u8]>, BadPattern> {
    let mut failed = false;
    while let Some((&first, rest)) = chunk.split_first() {
        failed = failed || name.is_empty();
        chunk = rest;
        match first {
            b'[' => {
                let mut rune = 0;
                if !failed {
                    let width;
                    (rune, width) = decode_rune(name);
                    name = name.get(width..).unwrap_or_default();
                }
                let negated = chunk.starts_with(b"^");
                chunk = chunk.strip_prefix(b"^").unwrap_or(chunk);
                let (mut matched, mut any) = (false, false);
                loop {
                    if any && let Some(tail) = chunk.strip_prefix(b"]") {
                        chunk = tail;
                        break;
                    }
                    let low;
                    (low, chunk) = range_char(chunk)?;
                    let mut high = low;
                    if let Some(tail) = chunk.strip_prefix(b"-") {
                        (high, chunk) = range_char(tail)?;
                    }
                    matched |= low <= rune && rune <= high;
                    any = true;
                }
                failed = failed || matched == negated;
            }
            b'?' => {
                if !failed {
                    failed = name.starts_with(b"/");
                    name = name.get(decode_rune(name).1..).unwrap_or_default();
                }
            }
            _ => {
                let mut literal = first;
                if first == b'\\' {
                    let (&escaped, tail) = chunk.split_first().ok_or(BadPattern)?;
                    literal = escaped;
                    chunk = tail;
                }
                if !failed {
                    failed = name.first() != Some(&literal);
                    name = name.get(1..).unwrap_or_default();
                }
            }
        }
    }
    Ok(if failed { None } else { Some(name) })
}

/// A possibly escaped character of a range, which something must follow.
fn range_char(chunk: &[u8]) -> Result<(u32, &[u8]), BadPattern> {
    let chunk = match chunk {
        [] | [b'-' | b']', ..] => return Err(BadPattern),
        [b'\\', rest @ ..] => rest,
        _ => chunk,
    };
    let (rune, width) = decode_rune(chunk);
    match chunk.get(width..) {
        Some(rest) if !rest.is_empty() && (rune != RUNE_ERROR || width > 1) => Ok((rune, rest)),
        _ => Err(BadPattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::glob::Glob;
    use crate::golang::quote::unquote;

    /// Lines printed by Go 1.27.2 and gobwas/glob 0.2.3: function, result, arguments.
    #[test]
    fn agrees_with_go() {
        let mut wrong = Vec::new();
        for line in include_str!("../../fixtures/go/path.txt").lines() {
            let cells: Vec<Vec<u8>> = line
                .split('\t')
                .map(|c| unquote(c.as_bytes()).unwrap())
                .collect();
            let [op, want, args @ ..] = cells.as_slice() else {
                panic!("{line}")
            };
            let text = |b: bool| b.to_string().into_bytes();
            let got = match op.as_slice() {
                b"clean" => clean(&args[0]),
                b"base" => base(&args[0]),
                b"dir" => dir(&args[0]),
                b"ext" => ext(&args[0]).to_vec(),
                b"match" => match_pattern(&args[0], &args[1]).map_or(b"bad".to_vec(), text),
                b"glob" => Glob::compile(&args[0])
                    .map_or(b"bad".to_vec(), |glob| text(glob.is_match(&args[1]))),
                _ => panic!("{line}"),
            };
            if got != *want {
                wrong.push(line);
            }
        }
        assert!(
            wrong.is_empty(),
            "{} wrong\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    #[test]
    fn stays_fast() {
        let pattern = [b"a*".repeat(2000), b"b".to_vec()].concat();
        assert_eq!(match_pattern(&pattern, &b"a".repeat(4000)), Ok(false));
    }
}
