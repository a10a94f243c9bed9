//! Hashes, HMAC and the derivation functions built on them: <https://w3c.github.io/webcrypto/#sha>

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::digest::Digest;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};

/// Evaluate an expression with `$D` the hash type of this name; `None` for another name. WebCrypto lets its own names
/// through, `node:crypto` all of them.
macro_rules! with_hash {
    ($name:expr, $D:ident => $body:expr) => {
        with_hash!(@ $name, $D => $body,
            "MD5": md5::Md5, "RIPEMD-160": ripemd::Ripemd160, "SHA-1": sha1::Sha1,
            "SHA-224": sha2::Sha224, "SHA-256": sha2::Sha256, "SHA-384": sha2::Sha384, "SHA-512": sha2::Sha512,
            "SHA-512/224": sha2::Sha512_224, "SHA-512/256": sha2::Sha512_256)
    };
    (@ $name:expr, $D:ident => $body:expr, $($known:literal: $hash:ty),+) => {
        match $name {
            $($known => {
                type $D = $hash;
                Some($body)
            })+
            _ => None,
        }
    };
}
pub(super) use with_hash;

/// Digest of `data`.
pub fn digest(hash: &str, data: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => D::digest(data).to_vec())
}

/// State of a hash of nothing. It is bytes, so that JavaScript keeps it and collects it.
pub fn start(hash: &str) -> Option<Vec<u8>> {
    with_hash!(hash, D => D::new().serialize().to_vec())
}

/// The state after `data`; `None` also for what is no state.
pub fn update(hash: &str, state: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => {
        let mut digest = resumed::<D>(state)?;
        digest.update(data);
        digest.serialize().to_vec()
    })
}

/// The digest of what a state was updated with.
pub fn finish(hash: &str, state: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => resumed::<D>(state)?.finalize().to_vec())
}

fn resumed<D: SerializableState>(state: &[u8]) -> Option<D> {
    D::deserialize(&SerializedState::<D>::try_from(state).ok()?).ok()
}

/// Message authentication code.
pub fn hmac_sign(hash: &str, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => {
        let mut mac = Hmac::<D>::new_from_slice(key).ok()?;
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    })
}

/// Whether `signature` is that of `data`, compared in constant time.
pub fn hmac_verify(hash: &str, key: &[u8], signature: &[u8], data: &[u8]) -> Option<bool> {
    with_hash!(hash, D => {
        let mut mac = Hmac::<D>::new_from_slice(key).ok()?;
        mac.update(data);
        mac.verify_slice(signature).is_ok()
    })
}

/// `None` also for more output than HKDF has.
pub fn hkdf(hash: &str, key: &[u8], salt: &[u8], info: &[u8], size: usize) -> Option<Vec<u8>> {
    /// RFC 5869: at most 255 blocks, of which the longest has 64 bytes.
    const SIZE_MAX: usize = 255 * 64;
    if size > SIZE_MAX {
        return None;
    }
    let mut output = vec![0; size];
    let filled = with_hash!(hash, D => Hkdf::<D>::new(Some(salt), key).expand(info, &mut output))?;
    filled.is_ok().then_some(output)
}

/// `iterations` is at least 1.
pub fn pbkdf2(hash: &str, password: &[u8], salt: &[u8], iterations: u32, size: usize) -> Option<Vec<u8>> {
    let mut output = vec![0; size];
    with_hash!(hash, D => pbkdf2::pbkdf2_hmac::<D>(password, salt, iterations, &mut output))?;
    Some(output)
}

/// RFC 7914, with the logarithm of N, r and p; `None` for parameters that it does not have.
pub fn scrypt(password: &[u8], salt: &[u8], [log_n, r, p]: [u32; 3], size: usize) -> Option<Vec<u8>> {
    let parameters = scrypt::Params::new(u8::try_from(log_n).ok()?, r, p).ok()?;
    let mut output = vec![0; size];
    scrypt::scrypt(password, salt, &parameters, &mut output).ok()?;
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn digests_abc() {
        let digest = digest("SHA-256", b"abc").expect("known");
        assert_eq!(hex(&digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn signs_with_a_short_key() {
        let signature = hmac_sign("SHA-256", b"Jefe", b"what do ya want for nothing?").expect("known");
        assert_eq!(hex(&signature), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(hmac_verify("SHA-256", b"Jefe", &signature, b"what do ya want for nothing?"), Some(true));
        assert_eq!(hmac_verify("SHA-256", b"Jefe", &signature[1..], b"what do ya want for nothing?"), Some(false));
    }

    /// RFC 6070, first test vector.
    #[test]
    fn derives_with_one_iteration() {
        let key = pbkdf2("SHA-1", b"password", b"salt", 1, 20).expect("known");
        assert_eq!(hex(&key), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    }

    /// RFC 7914, section 12.
    #[test]
    fn scrypt_agrees_with_its_authors() {
        let key = scrypt(b"", b"", [4, 1, 1], 64).expect("key");
        assert_eq!(hex(&key[..16]), "77d6576238657b203b19ca42c18a0497");
        assert_eq!(scrypt(b"", b"", [64, 1, 1], 64), None);
    }

    /// RFC 1321, appendix A.5; the state travels between any two bytes.
    #[test]
    fn a_state_goes_on() {
        let mut state = start("MD5").expect("known");
        for byte in b"message digest" {
            state = update("MD5", &state, &[*byte]).expect("state");
        }
        assert_eq!(hex(&finish("MD5", &state).expect("state")), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(update("MD5", &state[1..], b""), None);
    }

    #[test]
    fn refuses_more_than_hkdf_has() {
        assert_eq!(hkdf("SHA-256", b"key", b"", b"", 255 * 32 + 1), None);
    }
}
