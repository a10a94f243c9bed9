//! The engine that evaluates an application.
//!
//! What applications start from is its *base module*: the engine's code with the memory image after
//! `initialize_engine`. One is embedded in this program; another can be named, as it was linked or as a base module.

mod check;
mod choice;
mod prepare;
mod store;

pub use choice::EngineChoice;
pub use prepare::prepare;

use crate::progress::Observer;
use anyhow::{Context, Result};
use engine_code_cache::CodeCache;
use std::borrow::Cow;
use std::path::Path;

/// A base module, found and identified.
#[derive(Debug)]
pub struct BaseModule {
    /// Name and version of the engine, for messages.
    pub name: String,
    /// BLAKE3 digest of the base module's bytes, by which everything else refers to it.
    pub digest: [u8; 32],
    wasm: Wasm,
}

#[derive(Debug)]
enum Wasm {
    /// In this program, compressed: only unpacked when it has to be compiled or linked.
    Embedded(&'static engine_prebuilt::Engine),
    Bytes(Vec<u8>),
}

/// The engine of this choice; what has to be kept is kept in `cache_dir`, the user's own folder if `None`.
///
/// # Ambient authority
/// As [`BaseModule::find`], and the environment for the user's cache folder.
///
/// # Errors
/// There is no private folder to keep it in, or as [`BaseModule::find`].
pub fn find(choice: &EngineChoice, cache_dir: Option<&Path>, observer: &dyn Observer) -> Result<BaseModule> {
    BaseModule::find(choice, &CodeCache::open_chosen(cache_dir)?, observer)
}

impl BaseModule {
    /// The engine of this choice.
    ///
    /// # Ambient authority
    /// Reads the file that is named. The base module of an engine that was not started yet is kept in `cache`.
    ///
    /// # Errors
    /// It is missing, or not an engine of this interface.
    pub fn find(choice: &EngineChoice, cache: &CodeCache, observer: &dyn Observer) -> Result<Self> {
        match choice {
            EngineChoice::Embedded => {
                let engine = engine_prebuilt::spidermonkey()?;
                let manifest = engine.manifest();
                Ok(Self { name: manifest.name.clone(), digest: manifest.base_digest()?, wasm: Wasm::Embedded(engine) })
            }
            EngineChoice::File(path) => {
                let name = stem(path);
                let identify = |wasm: Vec<u8>| match engine_artifact::is_started(&wasm)? {
                    true => Self::from_wasm(wasm, &name),
                    false => Self::from_wasm(prepared(&wasm, cache, &name, observer)?, &name),
                };
                identify(read(path)?).with_context(|| path.display().to_string())
            }
        }
    }

    /// A base module that somebody has the bytes of.
    ///
    /// # Errors
    /// It is not an engine of this interface, or not a base module.
    pub fn from_wasm(wasm: Vec<u8>, name: &str) -> Result<Self> {
        check::base_module(&wasm)?;
        Ok(Self { name: name.to_owned(), digest: *blake3::hash(&wasm).as_bytes(), wasm: Wasm::Bytes(wasm) })
    }

    /// Its bytes.
    ///
    /// # Errors
    /// What is embedded in this program is damaged.
    pub fn wasm(&self) -> Result<Cow<'_, [u8]>> {
        match &self.wasm {
            Wasm::Embedded(engine) => engine.base_wasm().map(Cow::Owned),
            Wasm::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }

    /// Its digest in hexadecimal.
    pub fn digest_hex(&self) -> String {
        blake3::Hash::from_bytes(self.digest).to_hex().to_string()
    }
}

/// The base module of an engine that was not started yet.
fn prepared(wasm: &[u8], cache: &CodeCache, name: &str, observer: &dyn Observer) -> Result<Vec<u8>> {
    store::base_of(cache, wasm, |wasm| {
        observer.compiling(name);
        let base = prepare(wasm);
        observer.compiled();
        base
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the engine {}", path.display()))?;
    engine_artifact::decompress(bytes).with_context(|| path.display().to_string())
}

/// A name for an engine that has none: that of its file, without endings.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
