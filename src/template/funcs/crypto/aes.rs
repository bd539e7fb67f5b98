//! AES-256 in CBC mode (FIPS 197), for `encryptAES` and `decryptAES`.

use aes::Aes256;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};

const BLOCK: usize = 16;

type Block = [u8; BLOCK];

/// Of a password, cut or filled with zeros to 32 bytes.
fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    for (byte, given) in key.iter_mut().zip(password) {
        *byte = *given;
    }
    key
}

/// The start block and the encrypted text, filled up to whole blocks.
pub(super) fn encrypt(password: &[u8], text: &[u8], start: Block) -> Vec<u8> {
    let cipher = cbc::Encryptor::<Aes256>::new(&key(password).into(), &start.into());
    let mut out = start.to_vec();
    out.extend(cipher.encrypt_padded_vec::<Pkcs7>(text));
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
    let cipher = cbc::Decryptor::<Aes256>::new(&key(password).into(), &(*start).into());
    let Ok(mut out) = cipher.decrypt_padded_vec::<NoPadding>(secret) else {
        return Err("crypto/cipher: input not full blocks".to_owned());
    };
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
