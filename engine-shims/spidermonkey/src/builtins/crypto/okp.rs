//! Ed25519 and X25519: <https://w3c.github.io/webcrypto/#ed25519>. A private key is its seed; `None` for what fails.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use x25519_dalek::{PublicKey, StaticSecret};

/// RFC 8410, section 3.
fn oid(name: &str) -> Option<ObjectIdentifier> {
    match name {
        "Ed25519" => Some(ObjectIdentifier::new_unwrap("1.3.101.112")),
        "X25519" => Some(ObjectIdentifier::new_unwrap("1.3.101.110")),
        _ => None,
    }
}

fn algorithm(name: &str) -> Option<AlgorithmIdentifierRef<'static>> {
    Some(AlgorithmIdentifierRef { oid: oid(name)?, parameters: None })
}

/// Public key of a seed.
pub fn ed25519_public(seed: &[u8]) -> Option<Vec<u8>> {
    Some(SigningKey::from_bytes(seed.try_into().ok()?).verifying_key().to_bytes().to_vec())
}

/// Signature of 64 bytes.
pub fn ed25519_sign(seed: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    Some(SigningKey::from_bytes(seed.try_into().ok()?).sign(data).to_bytes().to_vec())
}

/// Whether a signature is right. Points of low order are refused, as RFC 8032 allows.
pub fn ed25519_verify(public: &[u8], data: &[u8], signature: &[u8]) -> bool {
    let key = public.try_into().ok().and_then(|public| VerifyingKey::from_bytes(public).ok());
    let (Some(key), Ok(signature)) = (key, Signature::from_slice(signature)) else { return false };
    key.verify_strict(data, &signature).is_ok()
}

/// Public key of a seed.
pub fn x25519_public(seed: &[u8]) -> Option<Vec<u8>> {
    let seed: [u8; 32] = seed.try_into().ok()?;
    Some(PublicKey::from(&StaticSecret::from(seed)).to_bytes().to_vec())
}

/// The shared secret; `None` if the other side forced it to be zero.
pub fn x25519(seed: &[u8], public: &[u8]) -> Option<Vec<u8>> {
    let (seed, public): ([u8; 32], [u8; 32]) = (seed.try_into().ok()?, public.try_into().ok()?);
    let secret = StaticSecret::from(seed).diffie_hellman(&PublicKey::from(public));
    secret.was_contributory().then(|| secret.to_bytes().to_vec())
}

/// Public key from SubjectPublicKeyInfo.
pub fn from_spki(name: &str, der: &[u8]) -> Option<Vec<u8>> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    let is_right = info.algorithm.oid == oid(name)? && info.algorithm.parameters.is_none();
    if is_right { Some(info.subject_public_key.as_bytes()?.to_vec()) } else { None }
}

/// Public key to SubjectPublicKeyInfo.
pub fn to_spki(name: &str, public: &[u8]) -> Option<Vec<u8>> {
    let subject_public_key = BitStringRef::from_bytes(public).ok()?;
    SubjectPublicKeyInfoRef { algorithm: algorithm(name)?, subject_public_key }.to_der().ok()
}

/// Seed from PrivateKeyInfo, in which it is an octet string within an octet string.
pub fn from_pkcs8(name: &str, der: &[u8]) -> Option<Vec<u8>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    if info.algorithm.oid != oid(name)? || info.algorithm.parameters.is_some() {
        return None;
    }
    Some(<&OctetStringRef>::from_der(info.private_key.as_bytes()).ok()?.as_bytes().to_vec())
}

/// Seed to PrivateKeyInfo.
pub fn to_pkcs8(name: &str, seed: &[u8]) -> Option<Vec<u8>> {
    let inner = OctetStringRef::new(seed).ok()?.to_der().ok()?;
    PrivateKeyInfoRef::new(algorithm(name)?, OctetStringRef::new(&inner).ok()?).to_der().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sign_agree_and_travel() {
        let (one, two) = ([1; 32], [2; 32]);
        let public = ed25519_public(&one).expect("key");
        let signature = ed25519_sign(&one, b"data").expect("signature");
        assert!(ed25519_verify(&public, b"data", &signature));
        assert!(!ed25519_verify(&public, b"date", &signature));
        assert_eq!(x25519(&one, &x25519_public(&two).expect("key")), x25519(&two, &x25519_public(&one).expect("key")));
        assert_eq!(x25519(&one, &[0; 32]), None);
        for name in ["Ed25519", "X25519"] {
            assert_eq!(from_pkcs8(name, &to_pkcs8(name, &one).expect("der")), Some(one.to_vec()));
            assert_eq!(from_spki(name, &to_spki(name, &public).expect("der")), Some(public.clone()));
        }
        assert_eq!(from_spki("X25519", &to_spki("Ed25519", &public).expect("der")), None);
    }
}
