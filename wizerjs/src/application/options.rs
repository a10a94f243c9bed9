//! What to build and how.

use super::baked::Baked;
use super::warm_up::WarmUp;
use crate::clock;
use crate::engine::EngineChoice;
use crate::source::BundleOptions;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Time that loading an application may take if nobody says otherwise.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(30);

/// Default limit on the engine's memory, in bytes: what 32-bit addresses reach.
const MEMORY_MAX_BYTES: u64 = 4 << 30;

/// How an application is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The difference to the engine's base image: data and no code.
    Thin,
    /// Self-contained: the engine's code and the whole image.
    Module,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Thin => "thin",
            Self::Module => "module",
        })
    }
}

/// Where the source map goes, which leads from the bundle to the files that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceMapPlace {
    /// A file beside the artifact: the artifact stays small, and only who has the map can read the sources.
    #[default]
    Beside,
    /// In the artifact.
    Embedded,
    /// Nowhere: stacks name places in the bundle.
    None,
}

/// What to build and how.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Entry file: JavaScript, TypeScript or JSX.
    pub entry: PathBuf,
    /// How it and what it imports become one module.
    pub bundle: BundleOptions,
    /// Where the source map goes.
    pub source_map: SourceMapPlace,
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
    /// What these requests may read although a snapshot fixes it; a build in which they read anything else fails.
    pub allow_baked: Vec<Baked>,
    /// Limit on the processor time of the top level and the warm-up requests. What only waits ends after some twenty times
    /// as long.
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
            bundle: BundleOptions::default(),
            source_map: SourceMapPlace::default(),
            format: Format::Thin,
            compress: false,
            engine: EngineChoice::Embedded,
            env: Vec::new(),
            warm_up: Vec::new(),
            allow_baked: Vec::new(),
            init_timeout: INIT_TIMEOUT,
            clock_s: clock::FIXED_S,
            memory_max_bytes: MEMORY_MAX_BYTES,
            cache_dir: None,
        }
    }
}
