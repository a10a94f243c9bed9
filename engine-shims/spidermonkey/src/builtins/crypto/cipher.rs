//! AES: <https://w3c.github.io/webcrypto/#aes-ctr>. Keys have 16, 24 or 32 bytes; `None` for anything that fails.
//!
//! The crates for counter mode and GCM fix the sizes of counters, nonces and tags in their types, and WebCrypto lets a
//! caller choose them; so these two modes are put together here, from the block cipher and GHASH.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{Block, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use ctutils::CtEq;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

const BLOCK_BYTES: usize = 16;
/// Blocks encrypted at once: the software implementation works on several in parallel.
const PARALLEL_BLOCKS: usize = 8;

/// Evaluate an expression with `$A` the cipher for keys of this length.
macro_rules! with_cipher {
    ($key:expr, $A:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $A = Aes128;
                $body
            }
            24 => {
                type $A = Aes192;
                $body
            }
            32 => {
                type $A = Aes256;
                $body
            }
            _ => None,
        }
    };
}

/// CBC with PKCS #7 padding.
pub fn cbc(encrypt: bool, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_cipher!(key, A => if encrypt {
        Some(cbc::Encryptor::<A>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<Pkcs7>(data))
    } else {
        cbc::Decryptor::<A>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(data).ok()
    })
}

/// Counter mode with the counter in the lowest `counter_bits` (1 to 128) of the block; its own inverse.
pub fn ctr(key: &[u8], counter: &[u8], counter_bits: u32, data: &[u8]) -> Option<Vec<u8>> {
    let counter = u128::from_be_bytes(counter.try_into().ok()?);
    with_cipher!(key, A => {
        let mut data = data.to_vec();
        apply_counter_mode(&A::new_from_slice(key).ok()?, counter, counter_bits, &mut data);
        Some(data)
    })
}

fn apply_counter_mode<A: BlockCipherEncrypt>(cipher: &A, first: u128, counter_bits: u32, data: &mut [u8]) {
    let mask = u128::MAX >> (128 - counter_bits.clamp(1, 128));
    let mut counter = first;
    for chunk in data.chunks_mut(PARALLEL_BLOCKS * BLOCK_BYTES) {
        let mut blocks: [Block<A>; PARALLEL_BLOCKS] = Default::default();
        for block in &mut blocks {
            block.copy_from_slice(&counter.to_be_bytes());
            counter = (counter & !mask) | (counter.wrapping_add(1) & mask);
        }
        cipher.encrypt_blocks(&mut blocks);
        for (byte, key) in chunk.iter_mut().zip(blocks.iter().flatten()) {
            *byte ^= key;
        }
    }
}

/// Galois/counter mode; the tag, of `tag_bytes`, stands after the ciphertext.
pub fn gcm(encrypt: bool, key: &[u8], iv: &[u8], data: &[u8], additional: &[u8], tag_bytes: usize) -> Option<Vec<u8>> {
    with_cipher!(key, A => {
        let gcm = Gcm::new(A::new_from_slice(key).ok()?, iv, additional);
        if encrypt { gcm.seal(data, tag_bytes) } else { gcm.open(data, tag_bytes) }
    })
}

/// Bits of a counter block that count: NIST SP 800-38D, 6.2.
const GCM_COUNTER_BITS: u32 = 32;

/// One message in Galois/counter mode.
struct Gcm<'a, A> {
    cipher: A,
    /// The first counter block: NIST SP 800-38D, 7.1 step 2. The data's blocks begin with the next.
    start: u128,
    additional: &'a [u8],
}

impl<'a, A: BlockCipherEncrypt> Gcm<'a, A> {
    fn new(cipher: A, iv: &[u8], additional: &'a [u8]) -> Self {
        let start = gcm_start(&cipher, iv);
        Self { cipher, start, additional }
    }

    fn seal(&self, data: &[u8], tag_bytes: usize) -> Option<Vec<u8>> {
        let mut output = data.to_vec();
        self.apply(&mut output);
        let tag = self.tag(&output);
        output.extend_from_slice(tag.get(..tag_bytes)?);
        Some(output)
    }

    fn open(&self, data: &[u8], tag_bytes: usize) -> Option<Vec<u8>> {
        let (sealed, tag) = data.split_at_checked(data.len().checked_sub(tag_bytes)?)?;
        if !self.tag(sealed).get(..tag_bytes)?.ct_eq(tag).to_bool() {
            return None;
        }
        let mut output = sealed.to_vec();
        self.apply(&mut output);
        Some(output)
    }

    fn apply(&self, data: &mut [u8]) {
        let mask = u128::from(u32::MAX);
        let next = (self.start & !mask) | (self.start.wrapping_add(1) & mask);
        apply_counter_mode(&self.cipher, next, GCM_COUNTER_BITS, data);
    }

    fn tag(&self, sealed: &[u8]) -> [u8; BLOCK_BYTES] {
        let mut hash = ghash(&self.cipher);
        hash.update_padded(self.additional);
        hash.update_padded(sealed);
        hash.update_padded(&((u128::from(bits(self.additional)) << 64) | u128::from(bits(sealed))).to_be_bytes());
        let mut tag = encrypt_block(&self.cipher, self.start);
        for (byte, hash) in tag.iter_mut().zip(hash.finalize()) {
            *byte ^= hash;
        }
        tag
    }
}

fn gcm_start<A: BlockCipherEncrypt>(cipher: &A, iv: &[u8]) -> u128 {
    const SHORT_IV_BYTES: usize = 12;
    if iv.len() == SHORT_IV_BYTES {
        let mut block = [0; BLOCK_BYTES];
        block[..SHORT_IV_BYTES].copy_from_slice(iv);
        block[BLOCK_BYTES - 1] = 1;
        return u128::from_be_bytes(block);
    }
    let mut hash = ghash(cipher);
    hash.update_padded(iv);
    hash.update_padded(&(bits(iv) as u128).to_be_bytes());
    u128::from_be_bytes(hash.finalize().as_slice().try_into().expect("GHASH has 16 bytes"))
}

fn ghash<A: BlockCipherEncrypt>(cipher: &A) -> GHash {
    GHash::new_from_slice(&encrypt_block(cipher, 0)).expect("a block is a key")
}

fn encrypt_block<A: BlockCipherEncrypt>(cipher: &A, value: u128) -> [u8; BLOCK_BYTES] {
    let mut block = Block::<A>::default();
    block.copy_from_slice(&value.to_be_bytes());
    cipher.encrypt_block(&mut block);
    block.as_slice().try_into().expect("AES has 16-byte blocks")
}

fn bits(bytes: &[u8]) -> u64 {
    bytes.len() as u64 * 8
}

/// Key wrapping of RFC 3394.
pub fn wrap(wrap: bool, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    /// An integrity check value stands before the wrapped key.
    const CHECK_BYTES: usize = 8;
    with_cipher!(key, A => {
        let cipher = aes_kw::AesKw::<A>::new_from_slice(key).ok()?;
        let mut output = vec![0; data.len() + CHECK_BYTES];
        let result = if wrap { cipher.wrap_key(data, &mut output) } else { cipher.unwrap_key(data, &mut output) };
        Some(result.ok()?.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
    }

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 and 6: IVs of 12 and of 60 bytes.
    #[test]
    fn gcm_agrees_with_its_authors() {
        let key = bytes("feffe9928665731c6d6a8f9467308308");
        let data = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let additional = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let short = gcm(true, &key, &bytes("cafebabefacedbaddecaf888"), &data, &additional, 16).expect("sealed");
        assert_eq!(short[short.len() - 16..], bytes("5bc94fbc3221a5db94fae95ae7121a47"));
        let iv = bytes(
            "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b",
        );
        let long = gcm(true, &key, &iv, &data, &additional, 16).expect("sealed");
        assert_eq!(long[long.len() - 16..], bytes("619cc5aefffe0bfa462af43c1699d050"));
        assert_eq!(gcm(false, &key, &iv, &long, &additional, 16), Some(data));
        let mut forged = long;
        forged[0] ^= 1;
        assert_eq!(gcm(false, &key, &iv, &forged, &additional, 16), None);
    }

    /// A counter of one bit alternates between two key blocks and leaves the rest of the block alone.
    #[test]
    fn a_counter_wraps_within_its_bits() {
        let output = ctr(&[7; 16], &[0xff; 16], 1, &[0; 64]).expect("encrypted");
        assert_eq!(output[..32], output[32..]);
        assert_ne!(output[..16], output[16..32]);
    }

    /// RFC 3394, 4.1.
    #[test]
    fn wraps_a_key() {
        let key = bytes("000102030405060708090a0b0c0d0e0f");
        let data = bytes("00112233445566778899aabbccddeeff");
        let wrapped = wrap(true, &key, &data).expect("wrapped");
        assert_eq!(wrapped, bytes("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"));
        assert_eq!(wrap(false, &key, &wrapped), Some(data));
        assert_eq!(wrap(false, &key, &[0; 24]), None);
    }
}
