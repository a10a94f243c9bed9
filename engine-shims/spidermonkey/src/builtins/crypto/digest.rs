//! Hashes, HMAC and the derivation functions built on them: <https://w3c.github.io/webcrypto/#sha>

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha384, Sha512};

/// Evaluate an expression with `$D` the hash type of WebCrypto's name for it; `None` for another name.
macro_rules! with_hash {
    ($name:expr, $D:ident => $body:expr) => {
        match $name {
            "SHA-1" => {
                type $D = sha1::Sha1;
                Some($body)
            }
            "SHA-256" => {
                type $D = sha2::Sha256;
                Some($body)
            }
            "SHA-384" => {
                type $D = sha2::Sha384;
                Some($body)
            }
            "SHA-512" => {
                type $D = sha2::Sha512;
                Some($body)
            }
            _ => None,
        }
    };
}
pub(super) use with_hash;

/// Digest of `data`.
pub fn digest(hash: &str, data: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => D::digest(data).to_vec())
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
    let filled = match hash {
        "SHA-1" => Hkdf::<Sha1>::new(Some(salt), key).expand(info, &mut output),
        "SHA-256" => Hkdf::<Sha256>::new(Some(salt), key).expand(info, &mut output),
        "SHA-384" => Hkdf::<Sha384>::new(Some(salt), key).expand(info, &mut output),
        "SHA-512" => Hkdf::<Sha512>::new(Some(salt), key).expand(info, &mut output),
        _ => return None,
    };
    filled.is_ok().then_some(output)
}

/// `iterations` is at least 1.
pub fn pbkdf2(hash: &str, password: &[u8], salt: &[u8], iterations: u32, size: usize) -> Option<Vec<u8>> {
    let mut output = vec![0; size];
    with_hash!(hash, D => pbkdf2::pbkdf2_hmac::<D>(password, salt, iterations, &mut output))?;
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

    #[test]
    fn refuses_more_than_hkdf_has() {
        assert_eq!(hkdf("SHA-256", b"key", b"", b"", 255 * 32 + 1), None);
    }
}
