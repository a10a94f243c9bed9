//! Engines by digest: embedded, and in files and folders that the user names.

use super::read::read_artifact;
use anyhow::{Context, Result, ensure};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where to look for engines.
pub(crate) struct Engines {
    places: Vec<PathBuf>,
    /// Files in [`Engines::places`] by the digest of their base module.
    files: OnceLock<HashMap<[u8; 32], PathBuf>>,
    /// Folder for base modules of engines that were not started yet; the user's own if `None`.
    #[cfg_attr(not(feature = "build"), expect(dead_code, reason = "only the build tool can start engines"))]
    cache_dir: Option<PathBuf>,
}

/// An engine that was found.
pub(crate) enum Found {
    /// The one in this program.
    Embedded(&'static engine_prebuilt::Engine),
    /// The contents of a file.
    Read(Vec<u8>),
}

impl Found {
    /// The base module's bytes.
    pub(crate) fn wasm(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::Embedded(engine) => Ok(engine.base_wasm()?.into()),
            Self::Read(wasm) => Ok(wasm.into()),
        }
    }

    /// Reason why instances of the engine cannot be reset; `None` if they can.
    pub(crate) fn hidden_state(&self) -> Result<Option<String>> {
        match self {
            // The embedded engine has no such reason, which a test below checks: looking through its code takes longer than a
            // cold start may.
            Self::Embedded(_) => Ok(None),
            Self::Read(wasm) => engine_artifact::hidden_state::find(wasm),
        }
    }
}

impl Engines {
    pub(crate) fn new(places: &[PathBuf], cache_dir: Option<&Path>) -> Self {
        Self { places: places.to_vec(), files: OnceLock::new(), cache_dir: cache_dir.map(Path::to_path_buf) }
    }

    /// The engine whose base module has this digest, `None` if it is nowhere.
    pub(crate) fn find(&self, digest: &[u8; 32]) -> Result<Option<Found>> {
        let embedded = engine_prebuilt::spidermonkey()?;
        if embedded.manifest().base_digest()? == *digest {
            return Ok(Some(Found::Embedded(embedded)));
        }
        let Some(path) = self.files.get_or_init(|| self.index()).get(digest) else { return Ok(None) };
        let (found, wasm) = self.read(path).with_context(|| path.display().to_string())?;
        ensure!(found == *digest, "{}: it has changed while this process ran", path.display());
        Ok(Some(Found::Read(wasm)))
    }

    fn index(&self) -> HashMap<[u8; 32], PathBuf> {
        let mut files = HashMap::new();
        for path in self.places.iter().flat_map(|place| candidates(place)) {
            match self.read(&path) {
                Ok((digest, _)) => drop(files.insert(digest, path)),
                Err(error) => tracing::warn!(target: "runner", "{}: not used as an engine: {error:#}", path.display()),
            }
        }
        files
    }

    /// The base module in a file, and its digest.
    fn read(&self, path: &Path) -> Result<([u8; 32], Vec<u8>)> {
        let wasm = engine_artifact::decompress(read_artifact(path)?)?;
        if !engine_artifact::is_started(&wasm)? {
            return self.start(path);
        }
        Ok((*blake3::hash(&wasm).as_bytes(), wasm))
    }

    #[cfg(feature = "build")]
    fn start(&self, path: &Path) -> Result<([u8; 32], Vec<u8>)> {
        let choice = wizerjs::engine::EngineChoice::File(path.to_path_buf());
        let base = wizerjs::engine::find(&choice, self.cache_dir.as_deref(), &wizerjs::progress::Silent)?;
        Ok((base.digest, base.wasm()?.into_owned()))
    }

    #[cfg(not(feature = "build"))]
    #[expect(clippy::unused_self, reason = "as the other of this name")]
    fn start(&self, _: &Path) -> Result<([u8; 32], Vec<u8>)> {
        anyhow::bail!("an engine that was not started yet; make a base module of it with wizerjs")
    }
}

/// The file itself, or the wasm files of a folder.
fn candidates(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return vec![place.to_path_buf()] };
    let is_wasm = |path: &PathBuf| {
        engine_artifact::application_name(&path.file_name().unwrap_or_default().to_string_lossy()).is_some()
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_wasm).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn instances_of_the_embedded_engine_can_be_brought_back() {
        let base = engine_prebuilt::spidermonkey().unwrap().base_wasm().unwrap();
        assert_eq!(engine_artifact::hidden_state::find(&base).unwrap(), None);
    }
}
