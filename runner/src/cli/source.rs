//! What PATH names: an artifact to load, or a source file to build first.

use super::options::Hosting;
use anyhow::Result;
use runner::{App, Host};
use std::path::Path;

/// Endings of files that are built first.
const SOURCE_ENDINGS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

pub(crate) fn load(host: &Host, path: &Path, hosting: &Hosting) -> Result<App> {
    if is_source(path) { build::load(host, path, hosting) } else { host.load(path) }
}

/// Whether this is a source file by its name.
pub(crate) fn is_source(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    SOURCE_ENDINGS.contains(&ending)
}

#[cfg(feature = "build")]
pub(super) mod build {
    use super::{App, Host, Hosting, Path, Result};
    use runner::Beside;
    use std::sync::Arc;
    use wizerjs::engine::EngineChoice;
    use wizerjs::progress::Observer;
    use wizerjs::settings::Project;
    use wizerjs::{BuildOptions, Built};

    /// Build what the project of `path` says, and load it.
    pub(super) fn load(host: &Host, path: &Path, hosting: &Hosting) -> Result<App> {
        let project = Project::find(Some(path))?;
        let built = build(with_engine(project.options(path.to_path_buf()), hosting))?;
        host.load_bytes_beside(&name(path), built.bytes, Beside { map: built.source_map, env: Vec::new() })
    }

    /// The name in logs of an application with this entry.
    pub(in crate::cli) fn name(path: &Path) -> String {
        path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Build with the engine and the cache that the host has.
    pub(in crate::cli) fn with_engine(mut options: BuildOptions, hosting: &Hosting) -> BuildOptions {
        options.cache_dir.clone_from(&hosting.cache_dir);
        if let Some(engine) = &hosting.engine {
            options.engine = EngineChoice::File(engine.clone());
        }
        options
    }

    /// Build, and log what is worth knowing.
    pub(in crate::cli) fn build(options: BuildOptions) -> Result<Built> {
        let built = wizerjs::build_observed(&options, Arc::new(Progress))?;
        for warning in &built.report.warnings {
            tracing::warn!(target: "runner", "{warning}");
        }
        Ok(built)
    }

    /// Tells the person at the terminal why it takes so long the first time.
    struct Progress;

    impl Observer for Progress {
        fn compiling(&self, engine: &str) {
            tracing::info!(target: "runner", "compiling the engine {engine}: once on this machine, some seconds");
        }

        fn console(&self, level: engine_abi::Level, line: &str) {
            tracing::info!(target: "guest", app = "build", "{}: {line}", format!("{level:?}").to_lowercase());
        }
    }
}

#[cfg(not(feature = "build"))]
mod build {
    use super::{App, Host, Hosting, Path, Result};

    pub(super) fn load(_: &Host, path: &Path, _: &Hosting) -> Result<App> {
        anyhow::bail!("{}: this runner cannot build sources; use `wizerjs build` first", path.display())
    }
}
