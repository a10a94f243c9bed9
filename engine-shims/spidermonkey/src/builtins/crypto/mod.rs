//! Algorithms of `crypto.subtle`: <https://w3c.github.io/webcrypto/>. Plain functions on bytes are in the modules;
//! here they are made callable. Keys live in JavaScript, as bytes.

mod cipher;
mod curve;
mod digest;
mod key_format;
mod okp;
mod random;
mod rsa;

use crate::runtime::native::{Call, Natives, Thrown};
use ::base64::Engine;
use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    install_symmetric(host);
    install_rsa(host);
    install_curves(host);
    install_node(host);
    host.function("base64UrlEncode", 1, |call| {
        let text = call.with_bytes(0, |bytes| URL_SAFE_NO_PAD.encode(bytes))?;
        call.return_latin1(text.as_bytes())
    });
    host.function("base64UrlDecode", 1, |call| {
        let bytes = call.with_str(0, |text| URL_SAFE_NO_PAD.decode(text).ok())?;
        array(call, bytes)
    });
}

/// A native `(name, bytes)` that returns what a function of both gives.
macro_rules! named_bytes {
    ($host:expr, $native:literal, $give:ident, $function:path) => {
        $host.function($native, 2, |call| {
            let (name, bytes) = (call.string(0)?, bytes(call, 1)?);
            $give(call, $function(&name, &bytes))
        })
    };
}

fn bytes(call: &mut Call<'_>, index: u32) -> Result<Vec<u8>, Thrown> {
    call.with_bytes(index, <[u8]>::to_vec)
}

/// Return an ArrayBuffer, which the application gets, or null.
fn buffer(call: &mut Call<'_>, bytes: Option<Vec<u8>>) -> Result<(), Thrown> {
    match bytes {
        Some(bytes) => call.return_array_buffer(&bytes),
        None => {
            call.return_null();
            Ok(())
        }
    }
}

/// Return a Uint8Array, which a key keeps, or null.
fn array(call: &mut Call<'_>, bytes: Option<Vec<u8>>) -> Result<(), Thrown> {
    match bytes {
        Some(bytes) => call.return_uint8_array(&bytes),
        None => {
            call.return_null();
            Ok(())
        }
    }
}

fn truth(call: &mut Call<'_>, value: Option<bool>) -> Result<(), Thrown> {
    call.return_bool(value.unwrap_or(false));
    Ok(())
}

fn install_symmetric(host: &mut Natives<'_>) {
    host.function("digest", 2, |call| {
        let hash = call.string(0)?;
        let output = call.with_bytes(1, |data| digest::digest(&hash, data))?;
        buffer(call, output)
    });
    host.function("hmacSign", 3, |call| {
        let (hash, key, data) = (call.string(0)?, bytes(call, 1)?, bytes(call, 2)?);
        buffer(call, digest::hmac_sign(&hash, &key, &data))
    });
    host.function("hmacVerify", 4, |call| {
        let (hash, key, signature, data) = (call.string(0)?, bytes(call, 1)?, bytes(call, 2)?, bytes(call, 3)?);
        truth(call, digest::hmac_verify(&hash, &key, &signature, &data))
    });
    host.function("hkdf", 5, |call| {
        let (hash, key, salt, info) = (call.string(0)?, bytes(call, 1)?, bytes(call, 2)?, bytes(call, 3)?);
        let size = call.integer(4)? as usize;
        buffer(call, digest::hkdf(&hash, &key, &salt, &info, size))
    });
    host.function("pbkdf2", 5, |call| {
        let (hash, password, salt) = (call.string(0)?, bytes(call, 1)?, bytes(call, 2)?);
        let (iterations, size) = (call.integer(3)? as u32, call.integer(4)? as usize);
        buffer(call, digest::pbkdf2(&hash, &password, &salt, iterations, size))
    });
    host.function("aesCtr", 4, |call| {
        let (key, counter, bits) = (bytes(call, 0)?, bytes(call, 1)?, call.integer(2)? as u32);
        let output = call.with_bytes(3, |data| cipher::ctr(&key, &counter, bits, data))?;
        buffer(call, output)
    });
    host.function("aesCbc", 4, |call| {
        let (encrypt, key, iv) = (call.boolean(0), bytes(call, 1)?, bytes(call, 2)?);
        let output = call.with_bytes(3, |data| cipher::cbc(encrypt, &key, &iv, data))?;
        buffer(call, output)
    });
    host.function("aesGcm", 6, |call| {
        let (encrypt, key, iv, additional) = (call.boolean(0), bytes(call, 1)?, bytes(call, 2)?, bytes(call, 4)?);
        let tag_bytes = call.integer(5)? as usize;
        let output = call.with_bytes(3, |data| cipher::gcm(encrypt, &key, &iv, data, &additional, tag_bytes))?;
        buffer(call, output)
    });
    host.function("aesKw", 3, |call| {
        let (wrap, key, data) = (call.boolean(0), bytes(call, 1)?, bytes(call, 2)?);
        buffer(call, cipher::wrap(wrap, &key, &data))
    });
}

/// `scheme` and `salt` as `rsa.js` numbers them; a salt of −1 is one of any length.
fn scheme(call: &mut Call<'_>, scheme: u32, salt: u32) -> Result<rsa::Scheme, Thrown> {
    let is_pkcs1 = call.integer(scheme)? == 0;
    Ok(if is_pkcs1 { rsa::Scheme::Pkcs1 } else { rsa::Scheme::Pss(usize::try_from(call.integer(salt)?).ok()) })
}

fn install_rsa(host: &mut Natives<'_>) {
    host.function("rsaGenerate", 2, |call| {
        let (bits, exponent) = (call.integer(0)? as usize, bytes(call, 1)?);
        array(call, rsa::generate(bits, &exponent))
    });
    host.function("rsaPublic", 1, |call| {
        let der = bytes(call, 0)?;
        array(call, rsa::public(&der))
    });
    host.function("rsaImport", 2, |call| {
        let (is_private, der) = (call.boolean(0), bytes(call, 1)?);
        array(call, rsa::import(is_private, &der))
    });
    host.function("rsaFromPublic", 2, |call| {
        let (modulus, exponent) = (bytes(call, 0)?, bytes(call, 1)?);
        array(call, rsa::from_public(&modulus, &exponent))
    });
    host.function("rsaFromPrivate", 5, |call| {
        let (n, e, d, p, q) = (bytes(call, 0)?, bytes(call, 1)?, bytes(call, 2)?, bytes(call, 3)?, bytes(call, 4)?);
        array(call, rsa::from_private(&n, &e, &d, [&p, &q]))
    });
    host.function("rsaComponents", 2, |call| {
        let (is_private, der) = (call.boolean(0), bytes(call, 1)?);
        let parts = rsa::components(is_private, &der).unwrap_or_default();
        let texts: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        call.return_strings(texts.iter().map(String::as_str))
    });
    host.function("rsaSign", 5, |call| {
        let (scheme, hash, der, data) = (scheme(call, 0, 4)?, call.string(1)?, bytes(call, 2)?, bytes(call, 3)?);
        buffer(call, rsa::sign(scheme, &hash, &der, &data))
    });
    host.function("rsaVerify", 6, |call| {
        let (scheme, hash, der, data) = (scheme(call, 0, 4)?, call.string(1)?, bytes(call, 2)?, bytes(call, 3)?);
        let signature = bytes(call, 5)?;
        truth(call, rsa::verify(scheme, &hash, &der, &data, &signature))
    });
    host.function("rsaOaep", 5, |call| {
        let (encrypt, hash, der) = (call.boolean(0), call.string(1)?, bytes(call, 2)?);
        let (data, label) = (bytes(call, 3)?, bytes(call, 4)?);
        buffer(call, rsa::oaep(encrypt, &hash, &der, &data, &label))
    });
}

fn install_curves(host: &mut Natives<'_>) {
    host.function("ecGenerate", 1, |call| {
        let curve = call.string(0)?;
        array(call, curve::generate(&curve))
    });
    named_bytes!(host, "ecPublic", array, curve::public);
    named_bytes!(host, "ecPoint", array, curve::point);
    named_bytes!(host, "ecFromSpki", array, curve::from_spki);
    named_bytes!(host, "ecFromPkcs8", array, curve::from_pkcs8);
    named_bytes!(host, "ecToSpki", buffer, curve::to_spki);
    named_bytes!(host, "ecToPkcs8", buffer, curve::to_pkcs8);
    named_bytes!(host, "okpFromSpki", array, okp::from_spki);
    named_bytes!(host, "okpFromPkcs8", array, okp::from_pkcs8);
    named_bytes!(host, "okpToSpki", buffer, okp::to_spki);
    named_bytes!(host, "okpToPkcs8", buffer, okp::to_pkcs8);
    host.function("ecSign", 4, |call| {
        let (curve, hash, scalar, data) = (call.string(0)?, call.string(1)?, bytes(call, 2)?, bytes(call, 3)?);
        buffer(call, curve::sign(&curve, &hash, &scalar, &data))
    });
    host.function("ecVerify", 5, |call| {
        let (curve, hash, point, data) = (call.string(0)?, call.string(1)?, bytes(call, 2)?, bytes(call, 3)?);
        let signature = bytes(call, 4)?;
        truth(call, curve::verify(&curve, &hash, &point, &data, &signature))
    });
    host.function("ecdh", 3, |call| {
        let (curve, scalar, point) = (call.string(0)?, bytes(call, 1)?, bytes(call, 2)?);
        buffer(call, curve::diffie_hellman(&curve, &scalar, &point))
    });
    host.function("ed25519Public", 1, |call| {
        let seed = bytes(call, 0)?;
        array(call, okp::ed25519_public(&seed))
    });
    host.function("ed25519Sign", 2, |call| {
        let (seed, data) = (bytes(call, 0)?, bytes(call, 1)?);
        buffer(call, okp::ed25519_sign(&seed, &data))
    });
    host.function("ed25519Verify", 3, |call| {
        let (public, data, signature) = (bytes(call, 0)?, bytes(call, 1)?, bytes(call, 2)?);
        truth(call, Some(okp::ed25519_verify(&public, &data, &signature)))
    });
    host.function("x25519Public", 1, |call| {
        let seed = bytes(call, 0)?;
        array(call, okp::x25519_public(&seed))
    });
    host.function("x25519", 2, |call| {
        let (seed, public) = (bytes(call, 0)?, bytes(call, 1)?);
        buffer(call, okp::x25519(&seed, &public))
    });
}

/// What only `node:crypto` has: `node.js` gives it to applications.
fn install_node(host: &mut Natives<'_>) {
    host.function("hashStart", 1, |call| {
        let hash = call.string(0)?;
        array(call, digest::start(&hash))
    });
    host.function("hashUpdate", 3, |call| {
        let (hash, state) = (call.string(0)?, bytes(call, 1)?);
        let state = call.with_bytes(2, |data| digest::update(&hash, &state, data))?;
        array(call, state)
    });
    named_bytes!(host, "hashFinish", array, digest::finish);
    host.function("scrypt", 6, |call| {
        let (password, salt) = (bytes(call, 0)?, bytes(call, 1)?);
        let parameters = [call.integer(2)? as u32, call.integer(3)? as u32, call.integer(4)? as u32];
        let size = call.integer(5)? as usize;
        buffer(call, digest::scrypt(&password, &salt, parameters, size))
    });
    host.function("keyAlgorithm", 2, |call| {
        let (is_private, der) = (call.boolean(0), bytes(call, 1)?);
        match key_format::algorithm(is_private, &der) {
            Some(name) => call.return_str(name),
            None => {
                call.return_null();
                Ok(())
            }
        }
    });
    named_bytes!(host, "keyDecode", array, key_format::decode);
    named_bytes!(host, "keyEncode", array, key_format::encode);
    named_bytes!(host, "ecSignatureToDer", array, curve::signature_to_der);
    named_bytes!(host, "ecSignatureFromDer", array, curve::signature_from_der);
}
