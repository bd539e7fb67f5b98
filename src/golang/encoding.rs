//! `encoding/base64` and `encoding/base32`.

/// An encoding of RFC 4648.
#[derive(Debug)]
pub struct Encoding {
    /// What Go calls it in errors.
    pub name: &'static str,
    alphabet: &'static [u8],
    /// How many bits a letter holds.
    bits: usize,
    /// How many letters make a whole number of bytes.
    group: usize,
}

/// `encoding/base64`'s `StdEncoding`.
pub const BASE64: Encoding = Encoding {
    name: "base64",
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    bits: 6,
    group: 4,
};

/// `encoding/base32`'s `StdEncoding`.
pub const BASE32: Encoding = Encoding {
    name: "base32",
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    bits: 5,
    group: 8,
};

impl Encoding {
    /// The letters of bytes, filled up with `=`.
    pub fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        match self.group {
            4 => self.letters::<3, 4>(bytes),
            _ => self.letters::<5, 8>(bytes),
        }
    }

    /// The same, by groups of so many bytes and so many letters.
    fn letters<const BYTES: usize, const LETTERS: usize>(&self, bytes: &[u8]) -> Vec<u8> {
        let mask = self.alphabet.len() - 1;
        let letters = |group: &[u8; BYTES]| -> [u8; LETTERS] {
            let held = group
                .iter()
                .fold(0, |held, byte| held << 8 | u64::from(*byte));
            let index = |at: usize| held >> (self.bits * (LETTERS - 1 - at));
            std::array::from_fn(|at| self.alphabet[index(at) as usize & mask])
        };
        let mut out = Vec::with_capacity(bytes.len().div_ceil(BYTES) * LETTERS);
        let (groups, rest) = bytes.as_chunks::<BYTES>();
        for group in groups {
            out.extend_from_slice(&letters(group));
        }
        if !rest.is_empty() {
            let mut group = [0; BYTES];
            group[..rest.len()].copy_from_slice(rest);
            let mut last = letters(&group);
            last[(rest.len() * 8).div_ceil(self.bits)..].fill(b'=');
            out.extend_from_slice(&last);
        }
        out
    }

    /// The bytes of letters. Line breaks do not count. `Err` is the offset that Go complains of.
    pub fn decode(&self, text: &[u8]) -> Result<Vec<u8>, usize> {
        let values = if self.group == 4 {
            self.read_base64(text)?
        } else {
            self.read_base32(text)?
        };
        let mut out = Vec::with_capacity(values.len());
        let (mut held, mut bits) = (0_usize, 0);
        for value in values {
            held = (held << self.bits | usize::from(value)) & 0xffff;
            bits += self.bits;
            if bits >= 8 {
                bits -= 8;
                out.push(u8::try_from(held >> bits & 0xff).unwrap_or(0));
            }
        }
        Ok(out)
    }

    /// By letter, what it stands for.
    fn values(&self) -> [Option<u8>; 256] {
        let mut values = [None; 256];
        for (value, letter) in (0..).zip(self.alphabet) {
            values[usize::from(*letter)] = Some(value);
        }
        values
    }

    /// Offsets are those of the text, line breaks counted.
    fn read_base64(&self, text: &[u8]) -> Result<Vec<u8>, usize> {
        let known = self.values();
        let mut letters = text
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'));
        let mut values = Vec::with_capacity(text.len());
        while let Some((at, letter)) = letters.next() {
            let place = values.len() % 4;
            if let Some(value) = known[usize::from(letter)] {
                values.push(value);
                continue;
            }
            if letter != b'=' || place < 2 {
                return Err(at);
            }
            if place == 2 {
                match letters.next() {
                    None => return Err(text.len()),
                    Some((_, b'=')) => {}
                    Some((at, _)) => return Err(at.saturating_sub(1)),
                }
            }
            return match letters.next() {
                None => Ok(values),
                Some((at, _)) => Err(at),
            };
        }
        match values.len() % 4 {
            0 => Ok(values),
            place => Err(text.len().saturating_sub(place)),
        }
    }

    /// Offsets are those of the text without its line breaks.
    fn read_base32(&self, text: &[u8]) -> Result<Vec<u8>, usize> {
        let known = self.values();
        let text: Vec<u8> = text
            .iter()
            .copied()
            .filter(|byte| !matches!(byte, b'\n' | b'\r'))
            .collect();
        let mut values = Vec::with_capacity(text.len());
        for (at, letter) in text.iter().enumerate() {
            let place = values.len() % 8;
            let rest = text.get(at + 1..).unwrap_or_default();
            if *letter == b'=' && place >= 2 && rest.len() < 8 {
                if rest.len() + place < 7 {
                    return Err(text.len());
                }
                if let Some(wrong) = rest.iter().take(7 - place).position(|byte| *byte != b'=') {
                    return Err(at + wrong);
                }
                // So few letters do not make up a byte more.
                return match place {
                    3 | 6 => Err(at),
                    _ => Ok(values),
                };
            }
            values.push(known[usize::from(*letter)].ok_or(at)?);
        }
        match values.len() % 8 {
            0 => Ok(values),
            place => Err(text.len().saturating_sub(place)),
        }
    }
}
