//! From one format to the other, given the engine.

use crate::artifact::{Artifact, Kind, expect_manifest};
use crate::manifest::Manifest;
use crate::{module, thin};
use anyhow::{Result, bail, ensure};

/// Digits of a digest that are shown to people: enough to tell engines apart.
const DIGEST_DIGITS: usize = 16;

/// The self-contained module of a thin application (compressed or not) and the base module of its engine.
///
/// # Errors
/// It is not a thin application, or not of this engine.
pub fn link(artifact: Vec<u8>, base: &[u8]) -> Result<Vec<u8>> {
    let Artifact { kind, map } = Artifact::parse(artifact)?;
    match kind {
        Kind::Thin { manifest, memory } => {
            same_engine(&manifest, base)?;
            module::write(base, &manifest, &memory, map.as_deref())
        }
        Kind::SelfContained { manifest, .. } => {
            expect_manifest(manifest)?;
            bail!("not a thin application: it has code; `wizerjs split` makes it thin")
        }
    }
}

/// The thin application of a self-contained one (compressed or not) and the base module of its engine.
///
/// # Errors
/// It is not a self-contained application, or not of this engine.
pub fn split(artifact: Vec<u8>, base: &[u8]) -> Result<Vec<u8>> {
    let Artifact { kind, map } = Artifact::parse(artifact)?;
    let Kind::SelfContained { wasm, manifest } = kind else { bail!("it is thin already") };
    let manifest = expect_manifest(manifest)?;
    same_engine(&manifest, base)?;
    let memory = module::split(&wasm, base)?.map(|state| state.memory).unwrap_or_default();
    // The whole answer checked at once: put together again it must be what it was.
    ensure!(
        module::write(base, &manifest, &memory, map.as_deref()).is_ok_and(|again| again == wasm),
        "it is not made of this engine, or was changed since"
    );
    thin::write(&manifest, &memory, map.as_deref())
}

/// Whether `base` is the engine that the application names.
fn same_engine(manifest: &Manifest, base: &[u8]) -> Result<()> {
    let needed = blake3::Hash::from_bytes(manifest.engine_digest);
    let given = blake3::hash(base);
    if needed != given {
        bail!(
            "it needs the engine {} with digest {}, and this one has {}; name the right one with --engine",
            manifest.engine_name,
            &needed.to_hex()[..DIGEST_DIGITS],
            &given.to_hex()[..DIGEST_DIGITS]
        );
    }
    Ok(())
}
