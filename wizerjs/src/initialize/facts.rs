//! What validation found out about a module, kept beside its machine code.

use crate::snapshot::Facts;
use engine_code_cache::CodeCache;
use std::path::PathBuf;

const EXTENSION: &str = "facts";

/// Bytes of the digest that a file starts with.
const DIGEST_BYTES: usize = 32;

/// Most files that are kept: the machine code of as many modules would fill the cache several times over.
const MAX_FILES: usize = 512;

fn path(cache: &CodeCache, digest: &[u8; 32]) -> PathBuf {
    cache.directory().join(blake3::Hash::from_bytes(*digest).to_hex().as_str()).with_extension(EXTENSION)
}

/// The facts of the module with this digest, if the cache has them whole. Like machine code they are trusted, because the
/// folder belongs to this user alone.
pub(super) fn load(cache: &CodeCache, digest: &[u8; 32]) -> Option<Facts> {
    let bytes = std::fs::read(path(cache, digest)).ok()?;
    let (expected, facts) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
    (blake3::hash(facts) == *expected).then(|| Facts::decode(facts)).flatten()
}

/// Keep facts in the cache. A failed write is ignored, because facts can always be found anew.
pub(super) fn store(cache: &CodeCache, digest: &[u8; 32], facts: &Facts) {
    let facts = facts.encode();
    let bytes = [blake3::hash(&facts).as_bytes().as_slice(), &facts].concat();
    if crate::output::write_atomically(&path(cache, digest), &bytes).is_ok() {
        evict(cache);
    }
}

/// Remove the oldest files where there are too many.
fn evict(cache: &CodeCache) {
    let Ok(entries) = std::fs::read_dir(cache.directory()) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == EXTENSION))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    for (_, path) in files.iter().take(files.len().saturating_sub(MAX_FILES)) {
        let _ = std::fs::remove_file(path);
    }
}
