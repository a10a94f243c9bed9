//! What PATH names: an artifact to load, or a source file to build first.

use super::options::Hosting;
use anyhow::Result;
use runner::{App, Host};
use std::path::Path;

/// Endings of files that are built first.
const SOURCE_ENDINGS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

pub(crate) fn load(host: &Host, path: &Path, hosting: &Hosting) -> Result<App> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if SOURCE_ENDINGS.contains(&ending) { build(host, path, hosting) } else { host.load(path) }
}

#[cfg(feature = "build")]
fn build(host: &Host, path: &Path, hosting: &Hosting) -> Result<App> {
    let mut options = wizerjs::BuildOptions::new(path);
    options.cache_dir = hosting.cache_dir.clone();
    if let Some(engine) = &hosting.engine {
        options.engine = wizerjs::engine::EngineChoice::File(engine.clone());
    }
    let built = wizerjs::build_observed(&options, std::sync::Arc::new(Progress))?;
    for warning in &built.report.warnings {
        tracing::warn!(target: "runner", "{warning}");
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match built.source_map {
        Some(map) => host.load_bytes_with_map(&name, built.bytes, map),
        None => host.load_bytes(&name, built.bytes),
    }
}

/// Tells the person at the terminal why it takes so long the first time.
#[cfg(feature = "build")]
struct Progress;

#[cfg(feature = "build")]
impl wizerjs::progress::Observer for Progress {
    fn compiling(&self, engine: &str) {
        tracing::info!(target: "runner", "compiling the engine {engine}: once on this machine, some seconds");
    }

    fn console(&self, level: engine_abi::Level, line: &str) {
        tracing::info!(target: "guest", app = "build", "{}: {line}", format!("{level:?}").to_lowercase());
    }
}

#[cfg(not(feature = "build"))]
fn build(_: &Host, path: &Path, _: &Hosting) -> Result<App> {
    anyhow::bail!("{}: this runner cannot build sources; use `wizerjs build` first", path.display())
}
