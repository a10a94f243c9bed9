//! What to build and how, and who wants to know how it goes.

use super::warm_up::WarmUp;
use crate::format::Format;
use engine_abi::Level;
use std::path::PathBuf;
use std::time::Duration;

/// Default limit on evaluating an application's top level, in seconds.
const INIT_TIMEOUT_S: u64 = 30;

/// Default limit on the engine's memory, in bytes: what 32-bit addresses reach.
const MEMORY_MAX_BYTES: u64 = 4 << 30;

/// What the clock says while an application is loaded unless `SOURCE_DATE_EPOCH` or the caller says otherwise:
/// 2000-01-01T00:00:00Z, in seconds since 1970. Recognizably old, and after every date that code takes for "unset".
pub const FIXED_CLOCK_S: u64 = 946_684_800;

/// What to build and how.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Entry file, `.js` or `.mjs`.
    pub entry: PathBuf,
    /// How the snapshot is written.
    pub format: Format,
    /// Whether to compress the artifact with zstd.
    pub compress: bool,
    /// Which engine evaluates it.
    pub engine: EngineChoice,
    /// Environment variables to capture, by name and value.
    pub env: Vec<(String, String)>,
    /// Requests for the handler to answer before its state is captured, several times each, with nobody to hear what it
    /// answers. What it makes on first use is then part of the artifact; so is everything else that it keeps.
    pub warm_up: Vec<WarmUp>,
    /// Limit on evaluating the top level.
    pub init_timeout: Duration,
    /// What the clock says, in seconds since 1970.
    pub clock_s: u64,
    /// Limit on the engine's memory, in bytes.
    pub memory_max_bytes: u64,
    /// Folder of compiled code, the user's own (see [`engine_code_cache::CodeCache::open_default`]) if `None`.
    pub cache_dir: Option<PathBuf>,
}

impl BuildOptions {
    /// The defaults: `thin`, uncompressed, embedded engine, no environment.
    pub fn new(entry: impl Into<PathBuf>) -> Self {
        Self {
            entry: entry.into(),
            format: Format::Thin,
            compress: false,
            engine: EngineChoice::Embedded,
            env: Vec::new(),
            warm_up: Vec::new(),
            init_timeout: Duration::from_secs(INIT_TIMEOUT_S),
            clock_s: FIXED_CLOCK_S,
            memory_max_bytes: MEMORY_MAX_BYTES,
            cache_dir: None,
        }
    }
}

/// Which engine evaluates the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineChoice {
    /// The one in this program.
    Embedded,
    /// A wasm file: an engine as it was linked, or a base module.
    File(PathBuf),
}

/// Someone who wants to know how a build goes. Calls come from the building thread.
pub trait Observer: Send + Sync {
    /// Machine code of the engine is not in the cache; it is compiled now, which takes seconds.
    fn compiling(&self, _engine: &str) {}

    /// It is compiled.
    fn compiled(&self) {}

    /// The application's top level wrote a line to the console.
    fn console(&self, _level: Level, _line: &str) {}
}

/// Nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {}
