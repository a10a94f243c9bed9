//! The life of an application, from its source to its artifact: what `wizerjs build` does.

mod baked;
mod error;
mod judge;
mod load;
mod options;
mod places;
mod report;
mod warm_up;

pub use baked::Baked;
pub use error::BuildError;
pub use options::{BuildOptions, Format, INIT_TIMEOUT, SourceMapPlace};
pub use report::{BuildReport, CapturedModule, Warning};
pub use warm_up::WarmUp;

use crate::engine::BaseModule;
use crate::progress::Observer;
use crate::source::Sources;
use engine_artifact::{Manifest, StateDelta, compress, module, thin};
use engine_code_cache::CodeCache;
use std::sync::Arc;
use std::time::Instant;

/// A finished artifact, not yet written anywhere, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Built {
    /// The artifact, compressed if that was asked for.
    pub bytes: Vec<u8>,
    /// The source map that belongs beside it, in JSON compressed with zstd; `None` if it is elsewhere or nowhere.
    pub source_map: Option<Vec<u8>>,
    /// What was built from what.
    pub report: BuildReport,
}

/// Build the application that `options` names.
///
/// # Ambient authority
/// Reads the source files and the engine, and reads and writes the cache of compiled code.
///
/// # Errors
/// See [`BuildError`].
#[cfg(feature = "bundle")]
pub fn build(options: &BuildOptions) -> Result<Built, BuildError> {
    build_observed(options, Arc::new(crate::progress::Silent))
}

/// [`build`], telling `observer` how it goes.
///
/// # Errors
/// See [`BuildError`].
#[cfg(feature = "bundle")]
pub fn build_observed(options: &BuildOptions, observer: Arc<dyn Observer>) -> Result<Built, BuildError> {
    let started = Instant::now();
    let sources = crate::source::bundle(&options.entry, &options.bundle).map_err(BuildError::Source)?;
    build_from(&sources, options, observer, started)
}

/// [`build_observed`] of sources that were brought together already: the entry that `options` name is not read.
///
/// # Ambient authority
/// Reads the engine, and reads and writes the cache of compiled code.
///
/// # Errors
/// See [`BuildError`].
pub fn build_sources(
    sources: &Sources,
    options: &BuildOptions,
    observer: Arc<dyn Observer>,
) -> Result<Built, BuildError> {
    build_from(sources, options, observer, Instant::now())
}

fn build_from(
    sources: &Sources,
    options: &BuildOptions,
    observer: Arc<dyn Observer>,
    started: Instant,
) -> Result<Built, BuildError> {
    let cache = CodeCache::open_chosen(options.cache_dir.as_deref()).map_err(BuildError::Engine)?;
    let base = BaseModule::find(&options.engine, &cache, &*observer).map_err(BuildError::Engine)?;
    let loaded = load::load(&base, sources, options, &cache, &observer)?;
    let map = Map::of(sources, options).map_err(BuildError::Engine)?;
    let bytes = artifact(&base, sources, &loaded.delta, &map, options).map_err(BuildError::Engine)?;
    let source_map = map.bytes.filter(|_| options.source_map == SourceMapPlace::Beside);
    let report = report::of(&base, sources, &loaded, options, bytes.len(), started.elapsed());
    Ok(Built { bytes, source_map, report })
}

/// The source map, as it is written.
struct Map {
    id: String,
    /// In JSON, compressed; `None` if it goes nowhere.
    bytes: Option<Vec<u8>>,
}

impl Map {
    fn of(sources: &Sources, options: &BuildOptions) -> anyhow::Result<Self> {
        let Some(map) = sources.map.identified() else { return Ok(Self { id: String::new(), bytes: None }) };
        let bytes = match options.source_map {
            SourceMapPlace::None => None,
            SourceMapPlace::Beside | SourceMapPlace::Embedded => Some(compress(map.json.as_bytes())?),
        };
        // Wherever it goes, so that an artifact is the same.
        Ok(Self { id: map.id, bytes })
    }
}

/// The bytes of the artifact.
fn artifact(
    base: &BaseModule,
    sources: &Sources,
    delta: &StateDelta,
    map: &Map,
    options: &BuildOptions,
) -> anyhow::Result<Vec<u8>> {
    let manifest = Manifest {
        engine_digest: base.digest,
        engine_name: base.name.clone(),
        entry: sources.entry.clone(),
        memory_pages: delta.memory_pages,
        globals: delta.globals.clone(),
        env_names: options.env.iter().map(|(name, _)| name.clone()).collect(),
        map_id: map.id.clone(),
    };
    let embedded = map.bytes.as_deref().filter(|_| options.source_map == SourceMapPlace::Embedded);
    let bytes = match options.format {
        Format::Thin => thin::write(&manifest, &delta.memory, embedded)?,
        Format::Module => module::write(&base.wasm()?, &manifest, &delta.memory, embedded)?,
    };
    if options.compress { compress(&bytes) } else { Ok(bytes) }
}
