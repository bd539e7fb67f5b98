//! `derivePassword`: the Master Password algorithm, with scrypt (RFC 7914).

use super::super::super::error::Failure;
use super::super::super::value::Value;
use super::super::Call;
use super::super::digest::sha256;

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// scrypt's parameters: the cost, the width of blocks in units of 128 bytes, the lanes.
const COST: usize = 32_768;
const WIDTH: usize = 8;
const LANES: usize = 2;

/// The shapes of passwords; a letter stands for a set of characters.
fn templates(kind: &[u8]) -> Option<&'static [&'static [u8]]> {
    Some(match kind {
        b"maximum" => &[b"anoxxxxxxxxxxxxxxxxx", b"axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            b"CvcvnoCvcvCvcv",
            b"CvcvCvcvnoCvcv",
            b"CvcvCvcvCvcvno",
            b"CvccnoCvcvCvcv",
            b"CvccCvcvnoCvcv",
            b"CvccCvcvCvcvno",
            b"CvcvnoCvccCvcv",
            b"CvcvCvccnoCvcv",
            b"CvcvCvccCvcvno",
            b"CvcvnoCvcvCvcc",
            b"CvcvCvcvnoCvcc",
            b"CvcvCvcvCvccno",
            b"CvccnoCvccCvcv",
            b"CvccCvccnoCvcv",
            b"CvccCvccCvcvno",
            b"CvcvnoCvccCvcc",
            b"CvcvCvccnoCvcc",
            b"CvcvCvccCvccno",
            b"CvccnoCvcvCvcc",
            b"CvccCvcvnoCvcc",
            b"CvccCvcvCvccno",
        ],
        b"medium" => &[b"CvcnoCvc", b"CvcCvcno"],
        b"short" => &[b"Cvcn"],
        b"basic" => &[b"aaanaaan", b"aannaaan", b"aaannaaa"],
        b"pin" => &[b"nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The password of a counter, a kind, a master password, a user and a site.
pub(super) fn derive_password(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(templates) = templates(call.bytes(1)) else {
        let text = [b"cannot find password template ", call.bytes(1)].concat();
        return Ok(Value::str(text));
    };
    let counter = u32::try_from(call.int(0)).unwrap_or(0);
    // The 32 MiB it works in are returned at once; what counts is the time to fill them.
    call.machine
        .spend((COST * WIDTH) as u64 * super::super::VALUE)?;
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(0).to_be_bytes();
    let (password, user, site) = (call.bytes(2), call.bytes(3), call.bytes(4));
    let salt = [SEED, &length(user), user].concat();
    let key = scrypt(password, &salt, 64);
    let message = [SEED, &length(site), site, &counter.to_be_bytes()].concat();
    let [first, seed @ ..] = hmac(&key, &message);
    let template = templates
        .get(usize::from(first) % templates.len())
        .copied()
        .unwrap_or_default();
    let mut text = Vec::with_capacity(template.len());
    for (class, byte) in template.iter().zip(seed) {
        let letters = characters(*class);
        text.extend(letters.get(usize::from(byte) % letters.len()));
    }
    Ok(Value::str(text))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let short = sha256(key);
    let key = if key.len() > 64 { &short } else { key };
    let padded = |fill: u8| {
        let mut block = [fill; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = sha256(&[&padded(0x36), message].concat());
    sha256(&[padded(0x5c).as_slice(), &inner].concat())
}

/// PBKDF2 of one round.
fn pbkdf2(password: &[u8], salt: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 32);
    for block in 1_u32.. {
        if out.len() >= len {
            break;
        }
        out.extend(hmac(password, &[salt, &block.to_be_bytes()].concat()));
    }
    out.truncate(len);
    out
}

type Words = Vec<[u32; 16]>;

fn scrypt(password: &[u8], salt: &[u8], len: usize) -> Vec<u8> {
    let lane = 128 * WIDTH;
    let mut mixed = Vec::with_capacity(lane * LANES);
    for part in pbkdf2(password, salt, lane * LANES).chunks(lane) {
        mixed.extend(mix_lane(part));
    }
    pbkdf2(password, &mixed, len)
}

fn mix_lane(lane: &[u8]) -> Vec<u8> {
    let (words, _) = lane.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut state: Words = words.as_chunks::<16>().0.to_vec();
    let mut table: Vec<Words> = Vec::with_capacity(COST);
    for _ in 0..COST {
        table.push(state.clone());
        mix_blocks(&mut state);
    }
    for _ in 0..COST {
        let number = state.last().map_or(0, |block| block[0]) as usize % COST;
        for (block, other) in state.iter_mut().zip(&table[number]) {
            xor(block, other);
        }
        mix_blocks(&mut state);
    }
    let bytes = state.iter().flatten().flat_map(|word| word.to_le_bytes());
    bytes.collect()
}

fn xor(block: &mut [u32; 16], other: &[u32; 16]) {
    for (word, other) in block.iter_mut().zip(other) {
        *word ^= other;
    }
}

/// scrypt's BlockMix: even blocks first, then the odd ones.
fn mix_blocks(blocks: &mut Words) {
    let mut before = blocks.last().copied().unwrap_or_default();
    for block in blocks.iter_mut() {
        xor(block, &before);
        salsa(block);
        before = *block;
    }
    let even = blocks.iter().step_by(2).copied();
    let odd = blocks.iter().skip(1).step_by(2).copied();
    *blocks = even.chain(odd).collect();
}

/// Salsa20/8.
fn salsa(block: &mut [u32; 16]) {
    let mut x = *block;
    let mut quarter = |a: usize, b: usize, c: usize, d: usize| {
        x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
        x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
        x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
        x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
    };
    for _ in 0..4 {
        quarter(0, 4, 8, 12);
        quarter(5, 9, 13, 1);
        quarter(10, 14, 2, 6);
        quarter(15, 3, 7, 11);
        quarter(0, 1, 2, 3);
        quarter(5, 6, 7, 4);
        quarter(10, 11, 8, 9);
        quarter(15, 12, 13, 14);
    }
    for (word, mixed) in block.iter_mut().zip(x) {
        *word = word.wrapping_add(mixed);
    }
}
