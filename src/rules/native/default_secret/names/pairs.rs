//! Words in a text, found by the two letters that they begin with, many bytes at a time.

/// Words that begin with the same two letters.
pub(super) struct Pair {
    /// The letters, small ones.
    pub(super) first: u8,
    pub(super) second: u8,
    pub(super) words: &'static [&'static str],
}

/// Words by their first two letters, small ones.
pub(super) const fn pair(letters: [u8; 2], words: &'static [&'static str]) -> Pair {
    Pair {
        first: letters[0],
        second: letters[1],
        words,
    }
}

/// How many bytes are looked at together.
const WIDTH: usize = 16;

/// Whether a word of `pairs` may begin with two letters, small ones. What is no letter may be taken
/// for one. All pairs are looked at, since that is the same for many bytes.
#[inline]
pub(super) fn may_begin<const N: usize>(pairs: &[Pair; N], first: u8, second: u8) -> bool {
    pairs.iter().fold(false, |any, pair| {
        any | ((first ^ pair.first) | (second ^ pair.second) == 0)
    })
}

/// Whether `is_one` says so of any of the words of `pairs` that may stand at a place.
pub(super) fn any_of<const N: usize>(
    pairs: &'static [Pair; N],
    text: &[u8],
    at: usize,
    is_one: impl Fn(&'static str) -> bool,
) -> bool {
    let letter = |at: usize| text.get(at).map(u8::to_ascii_lowercase);
    let (first, second) = (letter(at), letter(at + 1));
    let is_here = |pair: &&Pair| first == Some(pair.first) && second == Some(pair.second);
    let mut words = pairs.iter().filter(is_here).flat_map(|pair| pair.words);
    words.any(|word| is_one(word))
}

/// Whether `is_one` says so of any place whose letter and the next one, as small ones, `may_begin` a
/// word.
pub(super) fn any_at(
    text: &[u8],
    may_begin: impl Fn(u8, u8) -> bool,
    is_one: impl Fn(usize) -> bool,
) -> bool {
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| rest.len() > 1) {
        let (chunk, next) = (rest.first_chunk(), rest.get(1..));
        let mut hits = match (chunk, next.and_then(<[u8]>::first_chunk)) {
            (Some(chunk), Some(next)) => hits(chunk, next, &may_begin),
            _ => {
                let mut last = [0; WIDTH + 1];
                if let Some(last) = last.get_mut(..rest.len()) {
                    last.copy_from_slice(rest);
                }
                let ([chunk @ .., _], [_, next @ ..]) = (&last, &last);
                hits(chunk, next, &may_begin)
            }
        };
        while hits != 0 {
            if is_one(start + hits.trailing_zeros() as usize / 8) {
                return true;
            }
            hits &= hits - 1;
        }
        start += WIDTH;
    }
    false
}

/// At which places of a chunk of bytes words may begin: a byte each, which is one there.
#[inline]
fn hits(chunk: &[u8; WIDTH], next: &[u8; WIDTH], may_begin: impl Fn(u8, u8) -> bool) -> u128 {
    let mut hits = [0; WIDTH];
    for (hit, (first, second)) in hits.iter_mut().zip(chunk.iter().zip(next)) {
        *hit = u8::from(may_begin(first | 0x20, second | 0x20));
    }
    u128::from_le_bytes(hits)
}

#[cfg(test)]
mod tests {
    use super::{Pair, any_at, any_of, may_begin, pair};

    const PAIRS: [Pair; 2] = [pair(*b"ab", &["abc", "abd"]), pair(*b"xy", &["xyz"])];

    fn any(text: &str, is_one: impl Fn(usize, &str) -> bool) -> bool {
        any_at(
            text.as_bytes(),
            |first, second| may_begin(&PAIRS, first, second),
            |at| any_of(&PAIRS, text.as_bytes(), at, |word| is_one(at, word)),
        )
    }

    #[test]
    fn words_are_found_wherever_they_stand() {
        for before in 0..40 {
            for behind in 0..20 {
                for word in ["aBc", "ABD", "xyZ"] {
                    let text = ["-".repeat(before), "-".repeat(behind)].join(word);
                    let is_it = |at: usize, word: &str| {
                        let here = text.get(at..at + word.len());
                        at == before && here.is_some_and(|here| here.eq_ignore_ascii_case(word))
                    };
                    assert!(any(&text, is_it), "{text}");
                }
            }
        }
        assert!(!any("a", |_, _| true));
        assert!(!any("a-b x.y \x41\x02", |_, _| true));
    }
}
