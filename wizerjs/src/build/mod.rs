//! `wizerjs build`: JavaScript in, pre-initialized wasm out.

mod error;
mod options;
mod report;

pub use error::{BuildError, Located};
pub use options::{BuildOptions, EngineChoice, Observer, Silent};
pub use report::{BuildReport, CapturedModule, Warning};

use std::sync::Arc;

/// A finished artifact, not yet written anywhere, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Built {
    /// The artifact, compressed if that was asked for.
    pub bytes: Vec<u8>,
    /// What was built from what.
    pub report: BuildReport,
}

/// Build what `options` says.
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
pub fn build_observed(options: &BuildOptions, _observer: Arc<dyn Observer>) -> Result<Built, BuildError> {
    Err(BuildError::Engine(anyhow::anyhow!("{}: building is not there yet", options.entry.display())))
}
