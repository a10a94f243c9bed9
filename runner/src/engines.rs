//! Engines by digest: embedded, and in files and folders that the user names.

use crate::host::read_artifact;
use anyhow::{Context, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where to look for engines.
pub(crate) struct Engines {
    places: Vec<PathBuf>,
    /// Files in [`Engines::places`] by the digest of their contents, uncompressed.
    files: OnceLock<HashMap<[u8; 32], PathBuf>>,
}

impl Engines {
    pub(crate) fn new(places: &[PathBuf]) -> Self {
        Self { places: places.to_vec(), files: OnceLock::new() }
    }

    /// The base module with this digest.
    pub(crate) fn find(&self, digest: &[u8; 32]) -> Result<Cow<'static, [u8]>> {
        let files = self.files.get_or_init(|| index(&self.places));
        let path = files.get(digest).context("unknown engine")?;
        let wasm = read(path)?;
        anyhow::ensure!(blake3::hash(&wasm).as_bytes() == digest, "{}: it has changed", path.display());
        Ok(wasm.into())
    }
}

fn index(places: &[PathBuf]) -> HashMap<[u8; 32], PathBuf> {
    let mut files = HashMap::new();
    for place in places {
        for path in candidates(place) {
            match read(&path) {
                Ok(wasm) => drop(files.insert(*blake3::hash(&wasm).as_bytes(), path)),
                Err(error) => tracing::warn!(target: "runner", "{}: not used as an engine: {error:#}", path.display()),
            }
        }
    }
    files
}

/// The file itself, or the wasm files of a folder.
fn candidates(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return vec![place.to_path_buf()] };
    let is_wasm = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".wasm") || name.ends_with(".wasm.zst")
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_wasm).collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = read_artifact(path)?;
    if path.extension().is_none_or(|extension| extension != "zst") {
        return Ok(bytes);
    }
    let mut wasm = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(&bytes[..])?;
    decoder.take(crate::artifact::ARTIFACT_MAX_BYTES).read_to_end(&mut wasm)?;
    Ok(wasm)
}
