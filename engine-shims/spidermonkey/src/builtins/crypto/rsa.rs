//! RSA: <https://w3c.github.io/webcrypto/#rsassa-pkcs1>. Keys are DER: PKCS #8 private ones, SubjectPublicKeyInfo public ones.
//! `None` for what is not a key, and for anything that fails.

use super::digest::with_hash;
use super::random::HostRng;
use pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Oaep, Pkcs1v15Sign, Pss, RsaPrivateKey, RsaPublicKey};
use sha2::digest::Digest;

/// How a signature is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSA-PSS with a salt of so many bytes; of as many as a signature has for `None`, which makes none.
    Pss(Option<usize>),
}

fn private_der(key: &RsaPrivateKey) -> Option<Vec<u8>> {
    Some(key.to_pkcs8_der().ok()?.as_bytes().to_vec())
}

fn public_der(key: &RsaPublicKey) -> Option<Vec<u8>> {
    Some(key.to_public_key_der().ok()?.into_vec())
}

/// A new private key.
pub fn generate(bits: usize, exponent: &[u8]) -> Option<Vec<u8>> {
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    private_der(&RsaPrivateKey::new_with_exp(&mut HostRng, bits, exponent).ok()?)
}

/// The public key of a private one.
pub fn public(der: &[u8]) -> Option<Vec<u8>> {
    public_der(&RsaPrivateKey::from_pkcs8_der(der).ok()?.to_public_key())
}

/// Check a key and bring it into the form it is kept in.
pub fn import(is_private: bool, der: &[u8]) -> Option<Vec<u8>> {
    if is_private {
        private_der(&RsaPrivateKey::from_pkcs8_der(der).ok()?)
    } else {
        public_der(&RsaPublicKey::from_public_key_der(der).ok()?)
    }
}

/// Public key of modulus and exponent.
pub fn from_public(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let number = BoxedUint::from_be_slice_vartime;
    public_der(&RsaPublicKey::new(number(modulus), number(exponent)).ok()?)
}

/// Private key of modulus, exponents and primes.
pub fn from_private(modulus: &[u8], exponent: &[u8], private_exponent: &[u8], primes: [&[u8]; 2]) -> Option<Vec<u8>> {
    let number = BoxedUint::from_be_slice_vartime;
    let primes = primes.map(number).to_vec();
    let key = RsaPrivateKey::from_components(number(modulus), number(exponent), number(private_exponent), primes);
    private_der(&key.ok()?)
}

/// n and e, of a private key also d, p, q, dp, dq and qi: big-endian without leading zeros.
pub fn components(is_private: bool, der: &[u8]) -> Option<Vec<Box<[u8]>>> {
    let bytes = |number: &BoxedUint| number.to_be_bytes_trimmed_vartime();
    if !is_private {
        let key = RsaPublicKey::from_public_key_der(der).ok()?;
        return Some(vec![bytes(key.n().as_ref()), bytes(key.e())]);
    }
    let key = RsaPrivateKey::from_pkcs8_der(der).ok()?;
    let [p, q] = key.primes() else { return None };
    let [dp, dq] = [key.dp()?, key.dq()?].map(bytes);
    let qi = bytes(&key.crt_coefficient()?);
    Some(vec![bytes(key.n().as_ref()), bytes(key.e()), bytes(key.d()), bytes(p), bytes(q), dp, dq, qi])
}

/// Signature of `data`.
pub fn sign(scheme: Scheme, hash: &str, der: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let key = RsaPrivateKey::from_pkcs8_der(der).ok()?;
    with_hash!(hash, D => {
        let digest = D::digest(data);
        match scheme {
            Scheme::Pkcs1 => key.sign_with_rng(&mut HostRng, Pkcs1v15Sign::new::<D>(), &digest),
            Scheme::Pss(salt) => key.sign_with_rng(&mut HostRng, Pss::<D>::new_with_salt(salt?), &digest),
        }
        .ok()?
    })
}

/// Whether a signature is right.
pub fn verify(scheme: Scheme, hash: &str, der: &[u8], data: &[u8], signature: &[u8]) -> Option<bool> {
    let key = RsaPublicKey::from_public_key_der(der).ok()?;
    with_hash!(hash, D => {
        let digest = D::digest(data);
        match scheme {
            Scheme::Pkcs1 => key.verify(Pkcs1v15Sign::new::<D>(), &digest, signature),
            Scheme::Pss(salt) => key.verify(Pss::<D> { salt_len: salt, ..Pss::new() }, &digest, signature),
        }
        .is_ok()
    })
}

/// RSA-OAEP.
pub fn oaep(encrypt: bool, hash: &str, der: &[u8], data: &[u8], label: &[u8]) -> Option<Vec<u8>> {
    with_hash!(hash, D => {
        let padding = if label.is_empty() { Oaep::<D>::new() } else { Oaep::<D>::new_with_label(label.to_vec()) };
        if encrypt {
            RsaPublicKey::from_public_key_der(der).ok()?.encrypt(&mut HostRng, padding, data).ok()?
        } else {
            RsaPrivateKey::from_pkcs8_der(der).ok()?.decrypt_blinded(&mut HostRng, padding, data).ok()?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sign_encrypt_and_travel() {
        let private = generate(1024, &[1, 0, 1]).expect("key");
        let public = public(&private).expect("key");
        assert_eq!(import(true, &private).as_ref(), Some(&private));
        let parts = components(true, &private).expect("parts");
        let again = from_private(&parts[0], &parts[1], &parts[2], [&parts[3], &parts[4]]);
        assert_eq!(again.as_ref(), Some(&private));
        assert_eq!(from_public(&parts[0], &parts[1]).as_ref(), Some(&public));
        for scheme in [Scheme::Pkcs1, Scheme::Pss(Some(0)), Scheme::Pss(Some(20))] {
            let signature = sign(scheme, "SHA-256", &private, b"data").expect("signature");
            assert_eq!(verify(scheme, "SHA-256", &public, b"data", &signature), Some(true));
            assert_eq!(verify(scheme, "SHA-256", &public, b"date", &signature), Some(false));
            let is_any_salt = verify(Scheme::Pss(None), "SHA-256", &public, b"data", &signature);
            assert_eq!(is_any_salt, Some(scheme != Scheme::Pkcs1));
        }
        let sealed = oaep(true, "SHA-1", &public, b"data", b"label").expect("sealed");
        assert_eq!(oaep(false, "SHA-1", &private, &sealed, b"label"), Some(b"data".to_vec()));
        assert_eq!(oaep(false, "SHA-1", &private, &sealed, b"other"), None);
    }
}
