//! AES-256 in CBC mode (FIPS 197), for `encryptAES` and `decryptAES`.

const BLOCK: usize = 16;
const ROUNDS: usize = 14;

type Block = [u8; BLOCK];

/// Multiplies by x in the field of AES.
fn double(byte: u8) -> u8 {
    byte << 1 ^ if byte & 0x80 == 0 { 0 } else { 0x1b }
}

fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = double(a);
        b >>= 1;
    }
    product
}

/// The substitution box and its inverse, computed as the standard defines them.
fn boxes() -> ([u8; 256], [u8; 256]) {
    let (mut forward, mut inverse) = ([0; 256], [0; 256]);
    for byte in 0..=255_u8 {
        // The inverse is the 254th power; 0 has none and stays 0.
        let mut power = byte;
        for _ in 0..6 {
            power = multiply(multiply(power, power), byte);
        }
        let power = multiply(power, power);
        let mixed = power
            ^ power.rotate_left(1)
            ^ power.rotate_left(2)
            ^ power.rotate_left(3)
            ^ power.rotate_left(4)
            ^ 0x63;
        forward[usize::from(byte)] = mixed;
        inverse[usize::from(mixed)] = byte;
    }
    (forward, inverse)
}

struct Cipher {
    forward: [u8; 256],
    inverse: [u8; 256],
    keys: Vec<Block>,
}

impl Cipher {
    /// Of a password, cut or filled with zeros to 32 bytes.
    fn new(password: &[u8]) -> Self {
        let (forward, inverse) = boxes();
        let mut key = [0; 32];
        for (byte, given) in key.iter_mut().zip(password) {
            *byte = *given;
        }
        let mut words: Vec<[u8; 4]> = key.as_chunks::<4>().0.to_vec();
        let mut constant = 1;
        for at in 8..4 * (ROUNDS + 1) {
            let mut word = words[at - 1];
            if at % 8 == 0 {
                word.rotate_left(1);
                word = word.map(|byte| forward[usize::from(byte)]);
                word[0] ^= constant;
                constant = double(constant);
            } else if at % 8 == 4 {
                word = word.map(|byte| forward[usize::from(byte)]);
            }
            for (byte, before) in word.iter_mut().zip(words[at - 8]) {
                *byte ^= before;
            }
            words.push(word);
        }
        let keys = words.concat().as_chunks::<BLOCK>().0.to_vec();
        Self {
            forward,
            inverse,
            keys,
        }
    }

    fn encrypt(&self, block: &mut Block) {
        for (round, key) in self.keys.iter().enumerate() {
            if round > 0 {
                let bytes = block.map(|byte| self.forward[usize::from(byte)]);
                for (at, byte) in block.iter_mut().enumerate() {
                    *byte = bytes[(at + 4 * (at % 4)) % BLOCK];
                }
            }
            if (1..ROUNDS).contains(&round) {
                mix(block, [2, 3, 1, 1]);
            }
            xor(block, key);
        }
    }

    fn decrypt(&self, block: &mut Block) {
        for (round, key) in self.keys.iter().enumerate().rev() {
            xor(block, key);
            if (1..ROUNDS).contains(&round) {
                mix(block, [14, 11, 13, 9]);
            }
            if round > 0 {
                let bytes = block.map(|byte| self.inverse[usize::from(byte)]);
                for (at, byte) in block.iter_mut().enumerate() {
                    *byte = bytes[(at + 12 * (at % 4)) % BLOCK];
                }
            }
        }
    }
}

fn xor(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// Multiplies each column by the circulant matrix of these factors.
fn mix(block: &mut Block, factors: [u8; 4]) {
    for column in block.as_chunks_mut::<4>().0 {
        let old = *column;
        for (row, byte) in column.iter_mut().enumerate() {
            *byte = (0..4).fold(0, |sum, at| {
                sum ^ multiply(old[at], factors[(at + 4 - row) % 4])
            });
        }
    }
}

/// The start block and the encrypted text, filled up to whole blocks.
pub(super) fn encrypt(password: &[u8], text: &[u8], start: Block) -> Vec<u8> {
    let cipher = Cipher::new(password);
    let fill = BLOCK - text.len() % BLOCK;
    let mut padded = text.to_vec();
    padded.resize(text.len() + fill, u8::try_from(fill).unwrap_or(0));
    let mut out = start.to_vec();
    let mut before = start;
    for block in padded.as_chunks::<BLOCK>().0 {
        let mut block = *block;
        xor(&mut block, &before);
        cipher.encrypt(&mut block);
        out.extend_from_slice(&block);
        before = block;
    }
    out
}

/// The text, or the panic that Go's code would run into.
pub(super) fn decrypt(password: &[u8], secret: &[u8]) -> Result<Vec<u8>, String> {
    let Some((start, secret)) = secret.split_first_chunk::<BLOCK>() else {
        let len = secret.len();
        return Err(format!(
            "runtime error: slice bounds out of range [:16] with capacity {len}"
        ));
    };
    let (blocks, rest) = secret.as_chunks::<BLOCK>();
    if !rest.is_empty() {
        return Err("crypto/cipher: input not full blocks".to_owned());
    }
    let cipher = Cipher::new(password);
    let mut out = Vec::with_capacity(secret.len());
    let mut before = *start;
    for block in blocks {
        let mut text = *block;
        cipher.decrypt(&mut text);
        xor(&mut text, &before);
        out.extend_from_slice(&text);
        before = *block;
    }
    let Some(fill) = out.last().copied().map(usize::from) else {
        return Err("runtime error: index out of range [-1]".to_owned());
    };
    let Some(len) = out.len().checked_sub(fill) else {
        let end = i64::try_from(out.len()).unwrap_or(0) - i64::try_from(fill).unwrap_or(0);
        return Err(format!("runtime error: slice bounds out of range [:{end}]"));
    };
    out.truncate(len);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_standards_example() {
        let key: Vec<u8> = (0..32).collect();
        let mut block: Block = std::array::from_fn(|at| u8::try_from(at * 0x11).unwrap_or(0));
        let cipher = Cipher::new(&key);
        cipher.encrypt(&mut block);
        assert_eq!(block[..4], [0x8e, 0xa2, 0xb7, 0xca]);
        cipher.decrypt(&mut block);
        assert_eq!(block[..4], [0x00, 0x11, 0x22, 0x33]);
    }

    #[test]
    fn decrypts_what_it_encrypted() {
        let secret = encrypt(b"key", b"a text of more than one block", [7; BLOCK]);
        assert_eq!(secret.len(), 48);
        let text = decrypt(b"key", &secret);
        assert_eq!(
            text.as_deref(),
            Ok(b"a text of more than one block".as_slice())
        );
    }
}
