//! Runs of bytes that are alike.

/// How many bytes are looked at in one go.
const BLOCK: usize = 32;

/// How many bytes `text` begins with that are such. Looks at a block of them at a time: where
/// `is_such` has no branches, at all of a block at once.
pub(super) fn leading(text: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let others = |block: &[u8; BLOCK]| {
        let count = |others, byte: &u8| others | u8::from(!is_such(*byte));
        block.iter().fold(0, count)
    };
    let whole = blocks.iter().take_while(|block| others(block) == 0);
    let blocks = whole.count();
    let rest = text.get(blocks * BLOCK..).unwrap_or_default();
    blocks * BLOCK + rest.iter().take_while(|byte| is_such(**byte)).count()
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
