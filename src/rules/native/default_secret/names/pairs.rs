//! Words in a text, found by the two letters that they begin with, many bytes at a time.

/// Words that begin with the same two letters.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// The letters, small ones.
    first: u8,
    second: u8,
    words: &'static [&'static str],
}

/// Words by their first two letters, small ones.
pub(super) const fn pair(letters: [u8; 2], words: &'static [&'static str]) -> Pair {
    Pair {
        first: letters[0],
        second: letters[1],
        words,
    }
}

/// Words that are looked for, no two of the pairs alike. It is a type so that the code that looks
/// for them is made for them.
pub(super) trait Words {
    const PAIRS: &'static [Pair];
}

/// How many bytes are looked at together.
const WIDTH: usize = 16;

/// Whether `is_one` says so of any of the words that may stand at a place.
pub(super) fn any_of<W: Words>(
    text: &[u8],
    at: usize,
    is_one: impl Fn(&'static str) -> bool,
) -> bool {
    let Some([first, second]) = text.get(at..).and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let (first, second) = (first | 0x20, second | 0x20);
    let here = W::PAIRS
        .iter()
        .find(|pair| pair.first == first && pair.second == second);
    here.is_some_and(|pair| pair.words.iter().any(|word| is_one(word)))
}

/// Whether `is_one` says so of any place where a word may stand, in small or capital letters: two
/// of its letters do.
pub(super) fn any_at<W: Words>(text: &[u8], is_one: impl Fn(usize) -> bool) -> bool {
    let is_any = |start: usize, mut hits: u128| {
        while hits != 0 {
            if is_one(start + hits.trailing_zeros() as usize / 8) {
                return true;
            }
            hits &= hits - 1;
        }
        false
    };
    let (chunks, _) = text.as_chunks();
    let (nexts, rest) = text.get(1..).unwrap_or_default().as_chunks();
    for (number, (chunk, next)) in chunks.iter().zip(nexts).enumerate() {
        if is_any(WIDTH * number, hits::<W>(chunk, next)) {
            return true;
        }
    }
    // Those that are left, with the letter before them.
    let start = WIDTH * nexts.len();
    let mut last = [0; WIDTH + 1];
    if !rest.is_empty()
        && let Some(rest) = text.get(start..)
        && let Some(last) = last.get_mut(..rest.len())
    {
        last.copy_from_slice(rest);
    }
    let ([chunk @ .., _], [_, next @ ..]) = (&last, &last);
    is_any(start, hits::<W>(chunk, next))
}

/// At which places of a chunk of bytes words may begin: a byte each, which is one there. What is no
/// letter may be taken for one.
fn hits<W: Words>(chunk: &[u8; WIDTH], next: &[u8; WIDTH]) -> u128 {
    let mut hits = [0; WIDTH];
    for (hit, (first, second)) in hits.iter_mut().zip(chunk.iter().zip(next)) {
        let (first, second) = (first | 0x20, second | 0x20);
        // All pairs are asked, since that is the same for all bytes.
        for pair in W::PAIRS {
            *hit |= u8::from((first ^ pair.first) | (second ^ pair.second) == 0);
        }
    }
    u128::from_le_bytes(hits)
}

#[cfg(test)]
mod tests {
    use super::{Pair, Words, any_at, any_of, pair};

    struct Some;

    impl Words for Some {
        const PAIRS: &'static [Pair] = &[pair(*b"ab", &["abc", "abd"]), pair(*b"xy", &["xyz"])];
    }

    fn any(text: &str, is_one: impl Fn(usize, &str) -> bool) -> bool {
        any_at::<Some>(text.as_bytes(), |at| {
            any_of::<Some>(text.as_bytes(), at, |word| is_one(at, word))
        })
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
        assert!(!any("", |_, _| true));
        assert!(!any("a", |_, _| true));
        assert!(!any("a-b x.y \x01\x02", |_, _| true));
    }
}
