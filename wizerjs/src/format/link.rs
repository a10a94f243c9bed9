//! From one format to the other, given the engine.

use super::{decompress, module, thin};
use anyhow::{Result, bail};
use engine_abi::Manifest;

/// The self-contained module of a thin application (compressed or not) and the base module of its engine.
///
/// # Errors
/// It is not a thin application, or not of this engine.
pub fn link(artifact: &[u8], base: &[u8]) -> Result<Vec<u8>> {
    let artifact = decompress(artifact)?;
    let thin = thin::read(&artifact)?;
    same_engine(&thin.manifest, base)?;
    module::write(base, &thin.delta, thin.manifest_bytes)
}

/// The thin application of a self-contained one (compressed or not) and the base module of its engine.
///
/// # Errors
/// It is not a self-contained application, or not of this engine.
pub fn split(artifact: &[u8], base: &[u8]) -> Result<Vec<u8>> {
    let artifact = decompress(artifact)?;
    let split = module::split(&artifact, base, same_engine)?;
    Ok(thin::write(&split.delta, split.manifest_bytes))
}

/// Whether `base` is the engine that the application names.
fn same_engine(manifest: &Manifest<'_>, base: &[u8]) -> Result<()> {
    let needed = blake3::Hash::from_bytes(manifest.engine_digest);
    let given = blake3::hash(base);
    if needed != given {
        bail!(
            "it needs the engine {} with digest {}, and this one has {}; name the right one with --engine",
            manifest.engine_name,
            short(&needed),
            short(&given)
        );
    }
    Ok(())
}

/// The first digits of a digest: enough to tell engines apart.
fn short(digest: &blake3::Hash) -> String {
    digest.to_hex()[..16].to_owned()
}
