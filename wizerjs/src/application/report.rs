//! What was built from what.

use super::load::Loaded;
use super::options::{BuildOptions, Format};
use super::warm_up::WarmUp;
use crate::engine::BaseModule;
use crate::neutral::neutral;
use crate::source::Sources;
use serde::Serialize;
use std::time::Duration;

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
    /// Size in bytes of the one module that they became.
    pub bundle_bytes: u64,
    /// Names of the environment variables that were captured.
    pub env: Vec<String>,
    /// Requests that the handler answered before its state was captured, as `METHOD /path`.
    pub warm_up: Vec<String>,
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
    /// Where a warm-up request first read the environment, as `file:line:column`: what the handler keeps of it is the build's.
    pub environment_read: Option<String>,
    /// What was noticed while the top level ran.
    pub warnings: Vec<Warning>,
    /// Time that the build took, in milliseconds.
    pub elapsed_ms: f64,
}

/// A module of the application.
#[derive(Clone, Debug, Serialize)]
pub struct CapturedModule {
    /// Its name: path from the folder of the entry's `package.json`, of a package's file from `node_modules/` on.
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
    /// How often it was noticed there.
    pub count: u64,
}

/// The report of a build that went well.
pub(super) fn of(
    base: &BaseModule,
    sources: &Sources,
    loaded: &Loaded,
    options: &BuildOptions,
    artifact_bytes: usize,
    elapsed: Duration,
) -> BuildReport {
    let delta = &loaded.delta;
    BuildReport {
        entry: sources.entry.clone(),
        format: options.format,
        artifact_bytes: artifact_bytes as u64,
        compressed: options.compress,
        engine_name: base.name.clone(),
        engine_digest: base.digest_hex(),
        engine_compiled: loaded.compiled,
        modules: sources
            .files
            .iter()
            .map(|file| CapturedModule { name: file.name.clone(), bytes: file.bytes })
            .collect(),
        bundle_bytes: sources.text.len() as u64,
        env: options.env.iter().map(|(name, _)| name.clone()).collect(),
        warm_up: options.warm_up.iter().map(WarmUp::name).collect(),
        memory_pages: delta.memory_pages,
        delta_segments: delta.memory.segment_count() as u64,
        delta_bytes: delta.memory.byte_count() as u64,
        delta_os_pages: delta.memory.os_pages() as u64,
        changed_globals: delta.globals.iter().map(|global| global.export.clone()).collect(),
        environment_read: loaded
            .environment_read
            .as_ref()
            .map(|noticed| format!("{}:{}:{}", neutral(&noticed.file), noticed.line, noticed.column)),
        warnings: warnings(sources, loaded),
        elapsed_ms: elapsed.as_secs_f64() * 1e3,
    }
}

fn warnings(sources: &Sources, loaded: &Loaded) -> Vec<Warning> {
    let of_sources = sources.remarks.iter().map(|remark| Warning {
        file: remark.file.clone(),
        line: remark.position.0,
        column: remark.position.1,
        message: remark.message.clone(),
        count: 1,
    });
    let of_engine = loaded.remarks.iter().map(|noticed| Warning {
        file: neutral(&noticed.file),
        line: noticed.line,
        column: noticed.column,
        message: neutral(&noticed.message),
        count: noticed.count,
    });
    let dropped = (loaded.dropped_remarks > 0).then(|| Warning {
        file: String::new(),
        line: 0,
        column: 0,
        message: format!("{} more warnings of other places are not shown", loaded.dropped_remarks),
        count: 1,
    });
    let baked = loaded.baked.iter().map(|read| {
        let (file, line, column) = match &read.place {
            Some(noticed) => (neutral(&noticed.file), noticed.line, noticed.column),
            None => (sources.entry.clone(), 0, 0),
        };
        Warning { file, line, column, message: read.remark(), count: read.count }
    });
    of_sources.chain(of_engine).chain(dropped).chain(baked).collect()
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if self.line > 0 {
                write!(f, "{}:{}:", self.line, self.column)?;
            }
            f.write_str(" ")?;
        }
        write!(f, "warning: {}", self.message)?;
        if self.count > 1 { write!(f, " ({} times)", self.count) } else { Ok(()) }
    }
}
