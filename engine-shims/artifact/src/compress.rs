//! Compressed artifacts, and how large they may be.

use anyhow::{Context, Result, ensure};
use std::borrow::Cow;
use std::io::Read;

/// Largest artifact, or engine, in bytes, uncompressed: the same for who writes and who reads them. Reading one takes memory in
/// proportion, compiling one several times as much.
pub const ARTIFACT_MAX_BYTES: usize = 256 << 20;

/// First bytes of a zstd frame: <https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1>.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Level of compression: of an artifact of 7.5 MB, 19 makes 1.05 MB in 5.1 s, 12 1.2 MB in 0.44 s, 6 1.23 MB in 0.13 s; of
/// `hello`, 3,684, 3,710 and 3,966 bytes.
const LEVEL: i32 = 12;

/// A finished artifact, unless it is larger than [`ARTIFACT_MAX_BYTES`], so that nobody could read it.
pub(crate) fn checked(artifact: Vec<u8>) -> Result<Vec<u8>> {
    check_size(artifact.len(), ARTIFACT_MAX_BYTES).context("the artifact; keep less data at the top level")?;
    Ok(artifact)
}

fn check_size(bytes: usize, max_bytes: usize) -> Result<()> {
    ensure!(bytes <= max_bytes, "larger than {} MiB uncompressed, the most that is read", max_bytes >> 20);
    Ok(())
}

/// Compress with zstd.
///
/// # Errors
/// There is not enough memory.
pub fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::compress(bytes, LEVEL).context("compressing")
}

/// The artifact, or engine, in `bytes`, compressed or not.
///
/// # Errors
/// It is compressed and damaged, or larger than [`ARTIFACT_MAX_BYTES`].
pub fn decompress(bytes: Vec<u8>) -> Result<Vec<u8>> {
    let decompressed = match decompress_within(&bytes, ARTIFACT_MAX_BYTES)? {
        Cow::Borrowed(_) => None,
        Cow::Owned(contents) => Some(contents),
    };
    Ok(decompressed.unwrap_or(bytes))
}

/// What `bytes` were before they were compressed, or `bytes` if they are not compressed with zstd; at most `max_bytes`.
///
/// # Errors
/// They are compressed and damaged, or it would be more.
pub fn decompress_within(bytes: &[u8], max_bytes: usize) -> Result<Cow<'_, [u8]>> {
    if !bytes.starts_with(&ZSTD_MAGIC) {
        check_size(bytes.len(), max_bytes)?;
        return Ok(Cow::Borrowed(bytes));
    }
    let mut contents = Vec::new();
    let decoder = zstd::Decoder::with_buffer(bytes)?;
    // One more than it may be, to tell that it is more.
    decoder.take(max_bytes as u64 + 1).read_to_end(&mut contents).context("damaged: it does not decompress")?;
    check_size(contents.len(), max_bytes)?;
    Ok(Cow::Owned(contents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back_and_anything_else_stays() {
        let bytes = b"wasm".repeat(100);
        let small = compress(&bytes).unwrap();
        assert!(small.len() < bytes.len());
        assert_eq!(decompress(small.clone()).unwrap(), bytes);
        assert_eq!(decompress(bytes.clone()).unwrap(), bytes);
        assert!(decompress(small[..small.len() - 1].to_vec()).is_err());
    }

    #[test]
    fn the_limit_is_on_what_comes_out() {
        let bytes = vec![0; 1000];
        let small = compress(&bytes).unwrap();
        for input in [&bytes, &small] {
            assert_eq!(decompress_within(input, 1000).unwrap(), bytes);
            assert!(decompress_within(input, 999).is_err());
        }
    }

    #[test]
    fn nothing_is_written_that_is_not_read() {
        let largest = checked(vec![0; ARTIFACT_MAX_BYTES]).unwrap();
        decompress(largest).unwrap();
        assert!(checked(vec![0; ARTIFACT_MAX_BYTES + 1]).is_err());
    }
}
