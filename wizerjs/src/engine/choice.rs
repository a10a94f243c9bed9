//! The choice of an engine.

use std::path::PathBuf;

/// Which engine evaluates the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineChoice {
    /// The one in this program.
    Embedded,
    /// A wasm file: an engine as it was linked, or a base module.
    File(PathBuf),
}
