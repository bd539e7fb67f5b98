//! Passwords, keys and certificates.
//!
//! Helm makes new ones on every run. What is made here has the right shape (length, alphabet,
//! framing) and is worthless as a secret: it is computed from the function's name, its arguments
//! and the place of the call, so that two calls differ and two runs agree.

mod aes;
mod certificate;
mod password;
mod random;

use super::super::error::Failure;
use super::super::value::Value;
use super::Param::{Int, List, Named, Str, Uint32};
use super::Passing::{Derived, Exact};
use super::{Call, Function};
use crate::golang::encoding::BASE64;
use certificate::TYPE;
use random::Stream;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("randAlphaNum", &[Int], Derived, |call| {
        random::text(call, &random::alphanumeric())
    }),
    Function::new("randAlpha", &[Int], Derived, |call| {
        random::text(call, &random::alphabetic())
    }),
    Function::new("randNumeric", &[Int], Derived, |call| {
        random::text(call, &random::numeric())
    }),
    Function::new("randAscii", &[Int], Derived, |call| {
        random::text(call, &random::printable())
    }),
    Function::new("randBytes", &[Int], Derived, random::rand_bytes),
    Function::new("randInt", &[Int, Int], Derived, random::rand_int),
    Function::new("shuffle", &[Str], Derived, random::shuffle),
    Function::new("uuidv4", &[], Derived, random::uuid),
    Function::new("bcrypt", &[Str], Derived, |call| {
        Ok(Value::str(bcrypt(call, 0)))
    }),
    Function::new("htpasswd", &[Str, Str], Derived, htpasswd),
    Function::new(
        "derivePassword",
        &[Uint32, Str, Str, Str, Str],
        Derived,
        password::derive_password,
    ),
    Function::new("encryptAES", &[Str, Str], Derived, |call| {
        if call.bytes(1).is_empty() {
            return Ok(Value::str(""));
        }
        let mut start = [0; 16];
        Stream::new(call).fill(&mut start);
        let secret = aes::encrypt(call.bytes(0), call.bytes(1), start);
        Ok(Value::str(BASE64.encode(&secret)))
    }),
    Function::new("decryptAES", &[Str, Str], Derived, |call| {
        if call.bytes(1).is_empty() {
            return Ok(Value::str(""));
        }
        let secret = BASE64
            .decode(call.bytes(1))
            .map_err(|at| format!("illegal base64 data at input byte {at}"))?;
        Ok(Value::str(aes::decrypt(call.bytes(0), &secret)?))
    }),
    Function::new("genPrivateKey", &[Str], Derived, certificate::private_key),
    Function::new("buildCustomCert", &[Str, Str], Exact, certificate::custom),
    Function::new("genCA", &[Str, Int], Exact, |call| {
        certificate::made(call, None)
    }),
    Function::new("genCAWithKey", &[Str, Int, Str], Exact, |call| {
        certificate::made(call, Some(2))
    }),
    Function::new(
        "genSelfSignedCert",
        &[Str, List, List, Int],
        Exact,
        |call| certificate::made(call, None),
    ),
    Function::new(
        "genSelfSignedCertWithKey",
        &[Str, List, List, Int, Str],
        Exact,
        |call| certificate::made(call, Some(4)),
    ),
    Function::new(
        "genSignedCert",
        &[Str, List, List, Int, Named(TYPE)],
        Exact,
        |call| certificate::made(call, None),
    ),
    Function::new(
        "genSignedCertWithKey",
        &[Str, List, List, Int, Named(TYPE), Str],
        Exact,
        |call| certificate::made(call, Some(5)),
    ),
];

/// A bcrypt hash in form: cost 10, 22 letters of salt, 31 of hash.
fn bcrypt(call: &mut Call<'_>, password: usize) -> Vec<u8> {
    if call.bytes(password).len() > 72 {
        return b"failed to encrypt string with bcrypt: \
                 bcrypt: password length exceeds 72 bytes"
            .to_vec();
    }
    let mut alphabet = random::alphanumeric();
    alphabet.extend_from_slice(b"./");
    let mut hash = b"$2a$10$".to_vec();
    hash.extend(Stream::new(call).letters(53, &alphabet));
    hash
}

fn htpasswd(call: &mut Call<'_>) -> Result<Value, Failure> {
    let user = call.bytes(0).to_vec();
    if user.contains(&b':') {
        return Ok(Value::str(
            [b"invalid username: ".as_slice(), &user].concat(),
        ));
    }
    let hash = bcrypt(call, 1);
    Ok(Value::str([user.as_slice(), b":", &hash].concat()))
}
