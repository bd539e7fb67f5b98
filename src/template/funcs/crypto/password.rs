//! `derivePassword`: the Master Password algorithm, with scrypt (RFC 7914).

use hmac::{Hmac, KeyInit, Mac};
use scrypt::{Params, scrypt};
use sha2::Sha256;

use super::super::super::error::Failure;
use super::super::super::value::Value;
use super::super::Call;

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// scrypt's parameters: the logarithm of its cost, the width of blocks in units of 128 bytes, the
/// lanes.
const LOG_COST: u8 = 15;
const WIDTH: u32 = 8;
const LANES: u32 = 2;

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
        .spend(u64::from(WIDTH << LOG_COST) * super::super::VALUE)?;
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(0).to_be_bytes();
    let (password, user, site) = (call.bytes(2), call.bytes(3), call.bytes(4));
    let salt = [SEED, &length(user), user].concat();
    let mut key = [0; 64];
    let params = Params::new(LOG_COST, WIDTH, LANES).map_err(|error| error.to_string())?;
    scrypt(password, &salt, &params, &mut key).map_err(|error| error.to_string())?;
    let mut hmac = Hmac::<Sha256>::new(&key.into());
    hmac.update(&[SEED, &length(site), site, &counter.to_be_bytes()].concat());
    let [first, seed @ ..]: [u8; 32] = hmac.finalize().into_bytes().into();
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
