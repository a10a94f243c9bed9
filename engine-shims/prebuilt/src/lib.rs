//! The engines built from `engine-shims`, embedded with their manifests.
//!
//! Each engine comes in two stages: the *engine* as it was linked, and its *base module*, the same code with the memory
//! image after `initialize_engine`, from which applications start. Both are kept compressed; the second is in the programs.

pub mod inputs;
mod manifest;

pub use manifest::{Component, Manifest, Stage};

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::sync::OnceLock;

/// An engine of this crate.
#[derive(Debug)]
pub struct Engine {
    manifest: Manifest,
    base_zst: &'static [u8],
}

/// SpiderMonkey, the engine that is used unless another is named.
///
/// # Errors
/// The embedded manifest cannot be read, which a test of this crate rules out.
pub fn spidermonkey() -> Result<&'static Engine> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let manifest = Manifest::parse(include_str!("../spidermonkey/manifest.json"))?;
    Ok(ENGINE.get_or_init(|| Engine { manifest, base_zst: include_bytes!("../spidermonkey/base.wasm.zst") }))
}

impl Engine {
    /// What it was built from, and what came out.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The module as it was linked. It is not embedded: only tests and measurements look at it, and programs are 7 MB
    /// smaller without it.
    ///
    /// # Ambient authority
    /// Reads a file of this crate's sources.
    ///
    /// # Errors
    /// The sources are not where they were when this was compiled, or the file is not that of the manifest.
    pub fn engine_wasm(&self) -> Result<Vec<u8>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spidermonkey/engine.wasm.zst");
        let compressed = std::fs::read(&path).with_context(|| path.display().to_string())?;
        unpack(&compressed, &self.manifest.engine).with_context(|| path.display().to_string())
    }

    /// The base module, after `initialize_engine`.
    ///
    /// # Errors
    /// The embedded bytes are not those of the manifest.
    pub fn base_wasm(&self) -> Result<Vec<u8>> {
        unpack(self.base_zst, &self.manifest.base).context("embedded base module")
    }
}

/// Decompress and check against the manifest.
fn unpack(compressed: &[u8], stage: &Stage) -> Result<Vec<u8>> {
    let wasm = zstd::bulk::decompress(compressed, stage.bytes)?;
    if blake3::hash(&wasm).to_hex().as_str() != stage.blake3 {
        bail!("its digest is not that of the manifest: rebuild with engine-shims/spidermonkey/build.sh");
    }
    Ok(wasm)
}
