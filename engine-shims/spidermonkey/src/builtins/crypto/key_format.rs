//! Encodings of keys, for `node:crypto`. In JavaScript a private key is a PKCS #8 `PrivateKeyInfo` and a public one a
//! `SubjectPublicKeyInfo`; here the others are brought into these and back. `None` for what is not a key.

use super::{curve, okp, rsa};
use ::rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey, EncodeRsaPrivateKey, EncodeRsaPublicKey};
use ::rsa::{RsaPrivateKey, RsaPublicKey};
use pkcs8::der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier};
use pkcs8::der::{Decode, Encode, Reader, SliceReader, TagNumber};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};

const CURVES: [&str; 3] = ["P-256", "P-384", "P-521"];

/// Name of a key's algorithm: `RSA`, `RSA-PSS`, a curve.
pub fn algorithm(is_private: bool, der: &[u8]) -> Option<&'static str> {
    if is_private {
        name(&PrivateKeyInfoRef::try_from(der).ok()?.algorithm)
    } else {
        name(&SubjectPublicKeyInfoRef::from_der(der).ok()?.algorithm)
    }
}

/// RFC 8017, appendix A; RFC 5480, section 2.1; RFC 8410, section 3.
fn name(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<&'static str> {
    match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => Some("RSA"),
        "1.2.840.113549.1.1.10" => Some("RSA-PSS"),
        "1.3.101.112" => Some("Ed25519"),
        "1.3.101.110" => Some("X25519"),
        "1.2.840.10045.2.1" => match algorithm.parameters?.decode_as::<ObjectIdentifier>().ok()?.to_string().as_str() {
            "1.2.840.10045.3.1.7" => Some("P-256"),
            "1.3.132.0.34" => Some("P-384"),
            "1.3.132.0.35" => Some("P-521"),
            _ => None,
        },
        _ => None,
    }
}

/// A key in a format of these: `pkcs8`, `spki`, `pkcs1-private`, `pkcs1-public`, `sec1`, `certificate`.
pub fn decode(format: &str, der: &[u8]) -> Option<Vec<u8>> {
    match format {
        "pkcs8" => normal_private(algorithm(true, der)?, der),
        "spki" => normal_public(algorithm(false, der)?, der),
        "pkcs1-private" => Some(RsaPrivateKey::from_pkcs1_der(der).ok()?.to_pkcs8_der().ok()?.as_bytes().to_vec()),
        "pkcs1-public" => Some(RsaPublicKey::from_pkcs1_der(der).ok()?.to_public_key_der().ok()?.into_vec()),
        "sec1" => CURVES.iter().find_map(|name| curve::to_pkcs8(name, &curve::from_sec1(name, der)?)),
        "certificate" => {
            let der = certified(der)?;
            normal_public(algorithm(false, &der)?, &der)
        }
        _ => None,
    }
}

fn normal_private(algorithm: &str, der: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        "RSA" => rsa::import(true, der),
        "RSA-PSS" => None,
        name if CURVES.contains(&name) => curve::to_pkcs8(name, &curve::from_pkcs8(name, der)?),
        name => okp::to_pkcs8(name, &okp::from_pkcs8(name, der)?),
    }
}

fn normal_public(algorithm: &str, der: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        "RSA" => rsa::import(false, der),
        "RSA-PSS" => None,
        name if CURVES.contains(&name) => curve::to_spki(name, &curve::from_spki(name, der)?),
        name => okp::to_spki(name, &okp::from_spki(name, der)?),
    }
}

/// The `SubjectPublicKeyInfo` of an X.509 certificate: RFC 5280, section 4.1. Whose it is and who signed it is not looked at.
fn certified(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = AnyRef::from_der(der).ok()?;
    let mut parts = SliceReader::new(certificate.value()).ok()?;
    let to_be_signed = AnyRef::decode(&mut parts).ok()?;
    let mut fields = SliceReader::new(to_be_signed.value()).ok()?;
    // The version; then number, algorithm of the signature, issuer, validity, subject.
    ContextSpecific::<AnyRef<'_>>::decode_explicit(&mut fields, TagNumber(0)).ok()?;
    for _ in 0..5 {
        AnyRef::decode(&mut fields).ok()?;
    }
    fields.tlv_bytes().ok().map(<[u8]>::to_vec)
}

/// A key into `pkcs1-private`, `pkcs1-public` or `sec1`.
pub fn encode(format: &str, der: &[u8]) -> Option<Vec<u8>> {
    match format {
        "pkcs1-private" => Some(RsaPrivateKey::from_pkcs8_der(der).ok()?.to_pkcs1_der().ok()?.as_bytes().to_vec()),
        "pkcs1-public" => Some(RsaPublicKey::from_public_key_der(der).ok()?.to_pkcs1_der().ok()?.into_vec()),
        "sec1" => {
            let name = algorithm(true, der)?;
            curve::to_sec1(name, &curve::from_pkcs8(name, der)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_travel_through_every_format() {
        let key = rsa::generate(1024, &[1, 0, 1]).expect("key");
        assert_eq!(algorithm(true, &key), Some("RSA"));
        assert_eq!(decode("pkcs1-private", &encode("pkcs1-private", &key).expect("der")).as_ref(), Some(&key));
        let public = rsa::public(&key).expect("key");
        assert_eq!(algorithm(false, &public), Some("RSA"));
        assert_eq!(decode("pkcs1-public", &encode("pkcs1-public", &public).expect("der")), Some(public));
        for name in CURVES {
            let key = curve::to_pkcs8(name, &curve::generate(name).expect("key")).expect("der");
            assert_eq!(algorithm(true, &key), Some(name));
            assert_eq!(decode("pkcs8", &key).as_ref(), Some(&key));
            assert_eq!(decode("sec1", &encode("sec1", &key).expect("der")), Some(key));
        }
        for format in ["pkcs8", "spki", "pkcs1-private", "pkcs1-public", "sec1", "certificate", "other"] {
            assert_eq!(decode(format, b"0"), None, "{format}");
        }
    }
}
