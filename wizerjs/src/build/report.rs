//! What was built from what.

use crate::format::Format;
use serde::Serialize;

/// What was built from what: the line a person reads, and all of it as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct BuildReport {
    /// Entry module's name.
    pub entry: String,
    /// Format of the artifact.
    pub format: Format,
    /// Size of the artifact in bytes, compressed if it was.
    pub artifact_bytes: u64,
    /// Whether it is compressed.
    pub compressed: bool,
    /// Name and version of the engine.
    pub engine_name: String,
    /// BLAKE3 digest of the engine's base module, in hexadecimal.
    pub engine_digest: String,
    /// Whether the engine had to be compiled for this build.
    pub engine_compiled: bool,
    /// The modules that were captured, the entry first.
    pub modules: Vec<CapturedModule>,
    /// Names of the environment variables that were captured.
    pub env: Vec<String>,
    /// Pages of 64 KiB of the engine's memory.
    pub memory_pages: u64,
    /// Data segments by which the image differs from the engine's own.
    pub delta_segments: u64,
    /// Bytes in them.
    pub delta_bytes: u64,
    /// Pages of 4 KiB that they touch.
    pub delta_os_pages: u64,
    /// Exported globals that differ from the engine's own, by name.
    pub changed_globals: Vec<String>,
    /// What was noticed while the top level ran.
    pub warnings: Vec<Warning>,
    /// Time that the build took, in milliseconds.
    pub elapsed_ms: f64,
}

/// A module of the application.
#[derive(Clone, Debug, Serialize)]
pub struct CapturedModule {
    /// Its name: path relative to the entry's folder.
    pub name: String,
    /// Size of its source in bytes.
    pub bytes: u64,
}

/// Something that is allowed and worth knowing.
#[derive(Clone, Debug, Serialize)]
pub struct Warning {
    /// Module name, empty if unknown.
    pub file: String,
    /// Line from 1, 0 if unknown.
    pub line: u32,
    /// Column from 1, 0 if unknown.
    pub column: u32,
    /// One line.
    pub message: String,
}
