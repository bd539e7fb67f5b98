//! Runs of bytes that are alike.

/// How many bytes are looked at in one go, while there are as many.
const BLOCK: usize = 32;
/// And how many then.
const SMALL: usize = 8;

/// How many bytes `text` begins with that are such. Looks at a block of them at a time: where
/// `is_such` has no branches, at all of a block at once.
pub(super) fn leading(text: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let blocks = leading_blocks::<BLOCK>(text, &is_such);
    let rest = text.get(blocks..).unwrap_or_default();
    let small = leading_blocks::<SMALL>(rest, &is_such);
    let rest = rest.get(small..).unwrap_or_default();
    blocks + small + rest.iter().take_while(|byte| is_such(**byte)).count()
}

/// How many bytes the blocks have that `text` begins with and that have only such.
fn leading_blocks<const N: usize>(text: &[u8], is_such: &impl Fn(u8) -> bool) -> usize {
    let (blocks, _) = text.as_chunks::<N>();
    let others = |block: &[u8; N]| {
        let count = |others, byte: &u8| others | u8::from(!is_such(*byte));
        block.iter().fold(0, count)
    };
    let whole = blocks.iter().take_while(|block| others(block) == 0);
    whole.count() * N
}

/// How many spaces `text` begins with.
#[inline]
pub(in crate::yaml) fn spaces(text: &[u8]) -> usize {
    const ALL: u64 = u64::from_le_bytes([b' '; 8]);
    let mut count = 0;
    let mut rest = text;
    while let Some((eight, behind)) = rest.split_first_chunk() {
        let others = u64::from_le_bytes(*eight) ^ ALL;
        if others != 0 {
            return count + others.trailing_zeros() as usize / 8;
        }
        count += eight.len();
        rest = behind;
    }
    count + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// A character of ASCII that is printed, or a space.
#[inline]
pub(super) fn is_printed(byte: u8) -> bool {
    byte.wrapping_sub(b' ') <= b'~' - b' '
}

/// How many bytes `text` begins with that are in a table by byte. For runs of a few bytes.
pub(in crate::yaml) fn leading_in(table: &[bool; 256], text: &[u8]) -> usize {
    let end = text.iter().position(|byte| !table[usize::from(*byte)]);
    end.unwrap_or(text.len())
}
