//! Bytes that look random and are the same in every run.

use sha2::{Digest, Sha256};

use crate::golang::unicode::{from_runes, to_runes};

use super::super::super::error::Failure;
use super::super::super::value::Value;
use super::super::digest::hex;
use super::super::{Call, strval};
use crate::golang::encoding::BASE64;

/// A stream of bytes that the call decides: SHA-256 in counter mode over the function's name, its
/// arguments, the place in the template and the turns of the loops around.
pub(super) struct Stream {
    seed: [u8; 32],
    block: [u8; 32],
    counter: u64,
    used: usize,
}

impl Stream {
    pub(super) fn new(call: &mut Call<'_>) -> Self {
        let mut seed = call.name.as_bytes().to_vec();
        for arg in call.args {
            // What cannot be shown within the budget does not make a difference.
            let shown = strval::show(arg, call.machine).unwrap_or_default();
            seed.extend_from_slice(&(shown.len() as u64).to_be_bytes());
            seed.extend_from_slice(&shown);
        }
        if let Some(span) = call.machine.call_site() {
            seed.extend_from_slice(format!("{span:?}").as_bytes());
        }
        for turn in call.machine.turns() {
            seed.extend_from_slice(&turn.to_be_bytes());
        }
        let seed = Sha256::digest(&seed).into();
        Self {
            seed,
            block: seed,
            counter: 0,
            used: 32,
        }
    }

    pub(super) fn byte(&mut self) -> u8 {
        if self.used >= self.block.len() {
            let mut message = self.seed.to_vec();
            message.extend_from_slice(&self.counter.to_be_bytes());
            self.block = Sha256::digest(&message).into();
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or(0);
        self.used += 1;
        byte
    }

    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.byte();
        }
    }

    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_be_bytes(bytes) % limit.max(1)
    }

    pub(super) fn letters(&mut self, count: usize, alphabet: &[u8]) -> Vec<u8> {
        let mut letters = Vec::with_capacity(count);
        for _ in 0..count {
            let at = usize::from(self.byte()) % alphabet.len().max(1);
            letters.extend(alphabet.get(at));
        }
        letters
    }
}

pub(super) fn alphabetic() -> Vec<u8> {
    (b'a'..=b'z').chain(b'A'..=b'Z').collect()
}

pub(super) fn alphanumeric() -> Vec<u8> {
    let mut letters = alphabetic();
    letters.extend(b'0'..=b'9');
    letters
}

pub(super) fn numeric() -> Vec<u8> {
    (b'0'..=b'9').collect()
}

pub(super) fn printable() -> Vec<u8> {
    (b' '..=b'~').collect()
}

/// As many letters as the first argument says; none where it is negative.
pub(super) fn text(call: &mut Call<'_>, alphabet: &[u8]) -> Result<Value, Failure> {
    let count = usize::try_from(call.int(0)).unwrap_or(0);
    call.machine.allow(count)?;
    call.machine.spend(count as u64)?;
    Ok(Value::str(Stream::new(call).letters(count, alphabet)))
}

pub(super) fn rand_bytes(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Ok(count) = usize::try_from(call.int(0)) else {
        return Err("runtime error: makeslice: len out of range".into());
    };
    call.machine.allow(count.saturating_mul(2))?;
    call.machine.spend(count as u64)?;
    let mut bytes = vec![0; count];
    Stream::new(call).fill(&mut bytes);
    Ok(Value::str(BASE64.encode(&bytes)))
}

pub(super) fn rand_int(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (min, max) = (call.int(0), call.int(1));
    let range = max.wrapping_sub(min);
    if range <= 0 {
        return Err("invalid argument to Intn".into());
    }
    let offset = Stream::new(call).below(range.unsigned_abs());
    let offset = i64::try_from(offset).unwrap_or(0);
    Ok(Value::int(min.wrapping_add(offset)))
}

pub(super) fn shuffle(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut runes = to_runes(call.bytes(0));
    call.machine.spend(runes.len() as u64)?;
    let mut stream = Stream::new(call);
    for at in (1..runes.len()).rev() {
        let other = stream.below(at as u64 + 1);
        runes.swap(at, usize::try_from(other).unwrap_or(0));
    }
    Ok(Value::str(from_runes(&runes)))
}

/// A UUID of version 4 in form.
pub(super) fn uuid(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut bytes = [0; 16];
    Stream::new(call).fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let groups: Vec<&str> = [0..8, 8..12, 12..16, 16..20, 20..32]
        .into_iter()
        .filter_map(|range| digits.get(range))
        .collect();
    Ok(Value::str(groups.join("-")))
}
