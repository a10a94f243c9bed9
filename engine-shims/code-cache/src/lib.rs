//! Compiled machine code of wasm modules: content-addressed, verified, shared by processes.
//!
//! A file of the cache is named `KEY-DIGEST.cwasm`. KEY is derived from the wasm module's digest and everything that
//! decides what its machine code looks like: Wasmtime's version, its settings, the target and its CPU features. DIGEST is
//! of the file's own contents, so it stands outside of what it protects and a file is complete or ignored. Loading
//! machine code is running it, so only files are loaded that this user or root wrote, in a folder that nobody else can write
//! to, and whose contents have the digest of their name, or had it after they were last changed: `KEY-DIGEST.stamp` says so
//! for a day.

mod compile;
mod config;
mod file;
mod stamp;

pub use config::codegen_config;

use anyhow::{Context, Result};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use wasmtime::{Engine, Module};

/// Default bound on the size of a cache, in bytes: some fifty engines.
pub const DEFAULT_MAX_BYTES: u64 = 2 << 30;

/// Folder under the user's cache folder.
const FOLDER: &str = "wizerjs";

/// Where a module's machine code came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Its machine code was in the cache.
    Cached,
    /// It was not in the cache, and was compiled and stored.
    Compiled,
    /// There was a file that could not be trusted, for this reason; it was removed and the module compiled anew.
    Replaced(String),
    /// It was compiled, and could not be stored, for this reason.
    NotStored(String),
}

/// A folder of machine code. Any number of processes may use the same one at the same time.
#[derive(Clone, Debug)]
pub struct CodeCache {
    directory: PathBuf,
    max_bytes: u64,
    gives_way: bool,
}

impl CodeCache {
    /// The cache in the user's cache folder: `$XDG_CACHE_HOME/wizerjs`, else `~/.cache/wizerjs`.
    ///
    /// # Errors
    /// Neither variable is set, or as [`CodeCache::open`].
    pub fn open_default() -> Result<Self> {
        let base = match std::env::var_os("XDG_CACHE_HOME").filter(|path| Path::new(path).is_absolute()) {
            Some(path) => PathBuf::from(path),
            None => PathBuf::from(
                std::env::var_os("HOME").context("no cache folder: set XDG_CACHE_HOME or HOME, or name one")?,
            )
            .join(".cache"),
        };
        Self::open(&base.join(FOLDER), DEFAULT_MAX_BYTES)
    }

    /// The cache in `directory` with the usual bound, the user's own if `None`.
    ///
    /// # Errors
    /// As [`CodeCache::open`] and [`CodeCache::open_default`].
    pub fn open_chosen(directory: Option<&Path>) -> Result<Self> {
        match directory {
            Some(directory) => Self::open(directory, DEFAULT_MAX_BYTES),
            None => Self::open_default(),
        }
    }

    /// The cache in `directory`, made with mode 0700 if it is not there, kept under `max_bytes` by removing what
    /// was least recently used. One that is root's is only read by others: what is not in it is compiled and not stored.
    ///
    /// # Errors
    /// The folder cannot be made, is neither this user's nor root's, or others can write to it.
    pub fn open(directory: &Path, max_bytes: u64) -> Result<Self> {
        file::private_directory(directory)?;
        Ok(Self { directory: directory.to_path_buf(), max_bytes, gives_way: false })
    }

    /// Compile with threads that give way to those of this process that do something else.
    #[must_use]
    pub fn giving_way(self) -> Self {
        Self { gives_way: true, ..self }
    }

    /// Folder of the cache.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Note that a file that somebody keeps in the folder was made or used just now: files with the extension `wasm` count
    /// for the bound of the cache, and those that were not used for longest go first.
    pub fn used(&self, path: &Path) {
        file::mark_used(path);
        file::evict(&self.directory, self.max_bytes, path);
    }

    /// The module with this BLAKE3 `digest`, from the cache or compiled from `wasm`, which is only asked for
    /// when it has to be compiled; a progress display can start in it.
    ///
    /// # Errors
    /// `wasm` fails, or the module does not compile.
    pub fn module<'a>(
        &self,
        engine: &Engine,
        digest: &[u8; 32],
        wasm: impl FnOnce() -> Result<Cow<'a, [u8]>>,
    ) -> Result<(Module, Origin)> {
        let key = key(engine, digest);
        if let Found::Module(module) = self.find(engine, &key) {
            return Ok((module, Origin::Cached));
        }
        // Whoever waited for another process that compiles the same module finds what it stored.
        // Where nothing can be locked nothing can be stored either, and everybody compiles for himself.
        let _compiling = file::lock(&self.directory, &key);
        let origin = match self.find(engine, &key) {
            Found::Module(module) => return Ok((module, Origin::Cached)),
            Found::Nothing => Origin::Compiled,
            Found::Untrusted(reason) => Origin::Replaced(reason),
        };
        let code = compile::compile(engine, &wasm()?, self.gives_way)?;
        match self.store(engine, &key, code.bytes()) {
            Ok(module) => Ok((module, origin)),
            Err(reason) => Ok((code.module(engine)?, Origin::NotStored(format!("{reason:#}")))),
        }
    }

    /// Store machine code, and take it from there: it is mapped, and shared with other processes.
    fn store(&self, engine: &Engine, key: &str, code: &[u8]) -> Result<Module> {
        for untrusted in file::with_key(&self.directory, key) {
            file::remove(&untrusted);
        }
        let path = file::store(&self.directory, key, code)?;
        file::evict(&self.directory, self.max_bytes, &path);
        file::load(engine, &path).with_context(|| format!("{}: just written", path.display()))
    }

    fn find(&self, engine: &Engine, key: &str) -> Found {
        let mut found = Found::Nothing;
        for path in file::with_key(&self.directory, key) {
            match file::load(engine, &path) {
                Ok(module) => return Found::Module(module),
                Err(error) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    found = Found::Untrusted(format!("{name}: {error:#}"));
                }
            }
        }
        found
    }
}

enum Found {
    Module(Module),
    Nothing,
    Untrusted(String),
}

/// What decides the machine code of a module, as a file name.
fn key(engine: &Engine, digest: &[u8; 32]) -> String {
    struct Blake3(blake3::Hasher);

    impl std::hash::Hasher for Blake3 {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            // Only the whole digest is used.
            0
        }
    }

    let mut hasher = Blake3(blake3::Hasher::new());
    hasher.0.update(digest);
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    hasher.0.finalize().to_hex()[..32].to_owned()
}
