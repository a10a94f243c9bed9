//! Base modules that were prepared before, kept beside the compiled code.

use anyhow::{Context, Result};
use engine_code_cache::CodeCache;
use std::path::PathBuf;

/// Changes whenever [`super::prepare`] would make something else of the same engine.
const PREPARATION: &str = "wizerjs base module 1";

/// The base module of the engine with these bytes, prepared by `prepare` if it was not before.
///
/// A file is named `base-KEY-DIGEST.wasm`: KEY of the engine, DIGEST of the file, so that one that is not whole is not
/// used. It holds no machine code, and is checked like any other engine. It counts for the bound of the cache.
pub(super) fn base_of(
    cache: &CodeCache,
    engine: &[u8],
    prepare: impl FnOnce(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let key = key(engine);
    if let Some((path, base)) = find(cache, &key) {
        cache.used(&path);
        return Ok(base);
    }
    let base = prepare(engine)?;
    let path = cache.directory().join(format!("base-{key}-{}.wasm", blake3::hash(&base).to_hex()));
    crate::output::write_atomically(&path, &base).context("keeping the base module")?;
    cache.used(&path);
    Ok(base)
}

fn key(engine: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(PREPARATION);
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes()).update(engine);
    hasher.finalize().to_hex()[..32].to_owned()
}

/// A file of this key that is what its name says.
fn find(cache: &CodeCache, key: &str) -> Option<(PathBuf, Vec<u8>)> {
    let prefix = format!("base-{key}-");
    let named = |path: PathBuf| {
        let digest = path.file_name()?.to_str()?.strip_prefix(&prefix)?.strip_suffix(".wasm")?.to_owned();
        let bytes = std::fs::read(&path).ok()?;
        (blake3::hash(&bytes).to_hex().as_str() == digest).then_some((path, bytes))
    };
    std::fs::read_dir(cache.directory()).ok()?.flatten().find_map(|entry| named(entry.path()))
}
