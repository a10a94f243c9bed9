//! The NIST curves: <https://w3c.github.io/webcrypto/#ecdsa>. A private key is its scalar, a public one its
//! uncompressed point; `None` for what is not one, and for anything that fails.

use super::digest;
use super::random::HostRng;
use ecdsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use elliptic_curve::Generate;
use elliptic_curve::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use elliptic_curve::sec1::ToSec1Point;

/// Evaluate an expression with `$c` the crate of the curve of this name.
macro_rules! with_curve {
    ($curve:expr, $c:ident => $body:expr) => {
        match $curve {
            "P-256" => {
                use p256 as $c;
                $body
            }
            "P-384" => {
                use p384 as $c;
                $body
            }
            "P-521" => {
                use p521 as $c;
                $body
            }
            _ => None,
        }
    };
}

/// A new private key.
pub fn generate(curve: &str) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::SecretKey::generate_from_rng(&mut HostRng).to_bytes().to_vec()))
}

/// The public key of a private one.
pub fn public(curve: &str, scalar: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => {
        let key = c::SecretKey::from_slice(scalar).ok()?;
        Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
    })
}

/// A public key in any encoding of SEC 1, uncompressed.
pub fn point(curve: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => {
        let key = c::PublicKey::from_sec1_bytes(bytes).ok()?;
        Some(key.to_sec1_point(false).as_bytes().to_vec())
    })
}

/// Public key from SubjectPublicKeyInfo.
pub fn from_spki(curve: &str, der: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => {
        let key = c::PublicKey::from_public_key_der(der).ok()?;
        Some(key.to_sec1_point(false).as_bytes().to_vec())
    })
}

/// Public key to SubjectPublicKeyInfo.
pub fn to_spki(curve: &str, point: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::PublicKey::from_sec1_bytes(point).ok()?.to_public_key_der().ok()?.into_vec()))
}

/// Private key from PrivateKeyInfo.
pub fn from_pkcs8(curve: &str, der: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::SecretKey::from_pkcs8_der(der).ok()?.to_bytes().to_vec()))
}

/// Private key to PrivateKeyInfo.
pub fn to_pkcs8(curve: &str, scalar: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::SecretKey::from_slice(scalar).ok()?.to_pkcs8_der().ok()?.as_bytes().to_vec()))
}

/// A digest as long as the curve's field, which the crate wants at least half of: leading zeros change nothing.
fn prehash(hash: &str, data: &[u8], field_bytes: usize) -> Option<Vec<u8>> {
    let digest = digest::digest(hash, data)?;
    let mut padded = vec![0; field_bytes.saturating_sub(digest.len())];
    padded.extend_from_slice(&digest);
    Some(padded)
}

/// ECDSA signature: r and s, each as long as the field.
pub fn sign(curve: &str, hash: &str, scalar: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => {
        let key = c::ecdsa::SigningKey::from_slice(scalar).ok()?;
        let prehash = prehash(hash, data, scalar.len())?;
        let signature: c::ecdsa::Signature = key.sign_prehash_with_rng(&mut HostRng, &prehash).ok()?;
        Some(signature.to_bytes().to_vec())
    })
}

/// Whether an ECDSA signature is right.
pub fn verify(curve: &str, hash: &str, point: &[u8], data: &[u8], signature: &[u8]) -> Option<bool> {
    with_curve!(curve, c => {
        let key = c::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
        let prehash = prehash(hash, data, (point.len() - 1) / 2)?;
        let Ok(signature) = c::ecdsa::Signature::from_slice(signature) else { return Some(false) };
        Some(key.verify_prehash(&prehash, &signature).is_ok())
    })
}

/// A signature as DER, from its two numbers one behind the other.
pub fn signature_to_der(curve: &str, signature: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::ecdsa::Signature::from_slice(signature).ok()?.to_der().as_bytes().to_vec()))
}

/// The inverse of [`signature_to_der`].
pub fn signature_from_der(curve: &str, der: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::ecdsa::Signature::from_der(der).ok()?.to_bytes().to_vec()))
}

/// Private key from an `ECPrivateKey` of SEC 1.
pub fn from_sec1(curve: &str, der: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::SecretKey::from_sec1_der(der).ok()?.to_bytes().to_vec()))
}

/// Private key to an `ECPrivateKey` of SEC 1.
pub fn to_sec1(curve: &str, scalar: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => Some(c::SecretKey::from_slice(scalar).ok()?.to_sec1_der().ok()?.to_vec()))
}

/// The shared secret: the x coordinate.
pub fn diffie_hellman(curve: &str, scalar: &[u8], point: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, c => {
        let key = c::SecretKey::from_slice(scalar).ok()?;
        let other = c::PublicKey::from_sec1_bytes(point).ok()?;
        Some(key.diffie_hellman(&other).raw_secret_bytes().to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sign_agree_and_travel() {
        for curve in ["P-256", "P-384", "P-521"] {
            let (one, two) = (generate(curve).expect("key"), generate(curve).expect("key"));
            let (one_public, two_public) = (public(curve, &one).expect("point"), public(curve, &two).expect("point"));
            assert_eq!(diffie_hellman(curve, &one, &two_public), diffie_hellman(curve, &two, &one_public));
            assert_eq!(from_pkcs8(curve, &to_pkcs8(curve, &one).expect("der")), Some(one.clone()));
            assert_eq!(from_sec1(curve, &to_sec1(curve, &one).expect("der")), Some(one.clone()));
            assert_eq!(from_spki(curve, &to_spki(curve, &one_public).expect("der")), Some(one_public.clone()));
            for hash in ["SHA-1", "SHA-256", "SHA-384", "SHA-512"] {
                let signature = sign(curve, hash, &one, b"data").expect("signature");
                assert_eq!(verify(curve, hash, &one_public, b"data", &signature), Some(true));
                assert_eq!(verify(curve, hash, &one_public, b"date", &signature), Some(false));
                let der = signature_to_der(curve, &signature).expect("der");
                assert_eq!(signature_from_der(curve, &der), Some(signature.clone()));
                assert_eq!(verify(curve, hash, &one_public, b"data", &signature[1..]), Some(false));
            }
        }
    }
}
