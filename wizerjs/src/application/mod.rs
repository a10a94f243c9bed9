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

use crate::engine::{self, BaseModule};
use crate::progress::{Observer, Silent};
use crate::source::{self, Sources};
use engine_artifact::{Manifest, StateDelta, compress, module, thin};
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
pub fn build(options: &BuildOptions) -> Result<Built, BuildError> {
    build_observed(options, Arc::new(Silent))
}

/// [`build`], telling `observer` how it goes.
///
/// # Errors
/// See [`BuildError`].
pub fn build_observed(options: &BuildOptions, observer: Arc<dyn Observer>) -> Result<Built, BuildError> {
    let started = Instant::now();
    let sources = source::bundle(&options.entry, &options.bundle).map_err(BuildError::Source)?;
    let cache = engine::open_cache(options.cache_dir.as_deref()).map_err(BuildError::Engine)?;
    let base = BaseModule::find(&options.engine, &cache, &*observer).map_err(BuildError::Engine)?;
    let loaded = load::load(&base, &sources, options, &cache, &observer)?;
    let bytes = artifact(&base, &sources, &loaded.delta, options).map_err(BuildError::Engine)?;
    let source_map = match options.source_map {
        SourceMapPlace::Beside => Some(compress(sources.map.to_json().as_bytes()).map_err(BuildError::Engine)?),
        SourceMapPlace::Embedded | SourceMapPlace::None => None,
    };
    let report = report::of(&base, &sources, &loaded, options, bytes.len(), started.elapsed());
    Ok(Built { bytes, source_map, report })
}

/// The bytes of the artifact.
fn artifact(
    base: &BaseModule,
    sources: &Sources,
    delta: &StateDelta,
    options: &BuildOptions,
) -> anyhow::Result<Vec<u8>> {
    let manifest = Manifest {
        engine_digest: base.digest,
        engine_name: base.name.clone(),
        entry: sources.entry.clone(),
        memory_pages: delta.memory_pages,
        globals: delta.globals.clone(),
        env_names: options.env.iter().map(|(name, _)| name.clone()).collect(),
        source_map: match options.source_map {
            SourceMapPlace::Embedded => sources.map.to_json(),
            SourceMapPlace::Beside | SourceMapPlace::None => String::new(),
        },
    };
    let bytes = match options.format {
        Format::Thin => thin::write(&manifest, &delta.memory)?,
        Format::Module => module::write(&base.wasm()?, &manifest, &delta.memory)?,
    };
    if options.compress { compress(&bytes) } else { Ok(bytes) }
}
