//! Compressed artifacts.

use anyhow::{Context, Result, ensure};
use std::borrow::Cow;
use std::io::Read;

/// First bytes of a zstd frame: <https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1>.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// An artifact is compressed once and read many times; the highest level without unusual memory needs.
const LEVEL: i32 = 19;

/// Largest artifact that is decompressed, in bytes, so that a small file cannot fill the memory.
const DECOMPRESSED_MAX_BYTES: u64 = 1 << 30;

/// Compress an artifact.
///
/// # Errors
/// There is not enough memory.
pub fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::compress(bytes, LEVEL).context("compressing")
}

/// The artifact in `bytes`, whether compressed or not.
///
/// # Errors
/// It is compressed and damaged, or absurdly large.
pub fn decompress(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut artifact = Vec::new();
    let decoder = zstd::Decoder::with_buffer(bytes).context("compressed data")?;
    let read = decoder.take(DECOMPRESSED_MAX_BYTES + 1).read_to_end(&mut artifact).context("compressed data")?;
    ensure!(read as u64 <= DECOMPRESSED_MAX_BYTES, "it decompresses to more than {} MB", DECOMPRESSED_MAX_BYTES >> 20);
    Ok(Cow::Owned(artifact))
}

#[cfg(test)]
mod tests {
    use super::{compress, decompress};

    #[test]
    fn what_was_compressed_comes_back_and_anything_else_stays() -> anyhow::Result<()> {
        let bytes = b"wasm".repeat(100);
        let small = compress(&bytes)?;
        assert!(small.len() < bytes.len());
        assert_eq!(*decompress(&small)?, bytes);
        assert_eq!(*decompress(&bytes)?, bytes);
        assert!(decompress(&small[..small.len() - 1]).is_err());
        Ok(())
    }
}
