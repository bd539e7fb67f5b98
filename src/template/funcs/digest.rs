//! Checksums that templates ask for. Nothing here protects anything: the numbers are to be equal
//! to those that Helm prints.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::super::error::Failure;
use super::super::value::Value;
use super::Param::Str;
use super::Passing::Derived;
use super::{Call, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("sha1sum", &[Str], Derived, |call| {
        Ok(Value::str(hex(&Sha1::digest(paid(call)?))))
    }),
    Function::new("sha256sum", &[Str], Derived, |call| {
        Ok(Value::str(hex(&Sha256::digest(paid(call)?))))
    }),
    Function::new("sha512sum", &[Str], Derived, |call| {
        Ok(Value::str(hex(&Sha512::digest(paid(call)?))))
    }),
    Function::new("adler32sum", &[Str], Derived, |call| {
        Ok(Value::str(adler32(paid(call)?).to_string()))
    }),
];

/// The bytes to hash, whose reading is work.
fn paid<'c>(call: &'c mut Call<'_>) -> Result<&'c [u8], Failure> {
    let bytes = call.bytes(0).len() as u64;
    call.machine.spend(bytes / 2)?;
    Ok(call.bytes(0))
}

/// Two lower-case digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Adler-32 (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % MODULUS;
        b = (b + a) % MODULUS;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_published_vectors() {
        assert_eq!(
            hex(&Sha1::digest(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            hex(&Sha256::digest(b"")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(&Sha256::digest([b'a'; 119])),
            "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"
        );
        assert_eq!(
            hex(&Sha512::digest(b"abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
        assert_eq!(adler32(b"Wikipedia"), 300_286_872);
    }
}
