//! What the applications of a process share: Wasmtime's engine, compiled engines, limits, counters.

mod app;
mod load;

pub use app::App;

use crate::instance::{Base, Idle, pages};
use crate::limits::Limits;
use crate::load::engines::Engines;
use crate::load::read::read_artifact;
use crate::load::{ticker, wasmtime_engine};
use crate::metrics::Metrics;
use crate::operations::Outbound;
use crate::state::Shared;
use crate::state::places::{Places, Source};
use crate::system_memory::Memory;
use anyhow::{Context, Result};
use engine_artifact::Artifact;
use engine_code_cache::CodeCache;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How a [`Host`] is set up.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What requests may use.
    pub limits: Limits,
    /// Make an instance for every request and drop it after, instead of keeping and resetting instances.
    pub fresh_instances: bool,
    /// Say in error responses what happened.
    pub dev: bool,
    /// Where the applications may send requests to.
    pub outbound: Outbound,
    /// Environment variables of the applications.
    pub env: Vec<(String, String)>,
    /// Engines besides the embedded one: files, and folders of files.
    pub engines: Vec<PathBuf>,
    /// Folder of compiled code; `None`: the user's own.
    pub cache_dir: Option<PathBuf>,
    /// Count the wasm instructions that guests run, for [`crate::Session::instructions`]. Engines are compiled once more for
    /// it, and run slower.
    pub counts_instructions: bool,
}

/// What belongs to an application and is not in its artifact.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Its source map, as the build tool gives it. One that is none is not used, and that is logged.
    pub map: Option<Vec<u8>>,
    /// Variables of its environment, besides those of [`Config::env`], which come after and win.
    pub env: Vec<(String, String)>,
}

/// Runs applications. Cheap to clone; everything ends with the last clone and the last [`App`].
#[derive(Clone)]
pub struct Host(Arc<HostInner>);

pub(crate) struct HostInner {
    pub(crate) config: Config,
    pub(crate) shared: Arc<Shared>,
    engine: wasmtime::Engine,
    cache: Option<CodeCache>,
    engines: Engines,
    /// By digest of the base module. Whoever makes one holds its own lock only.
    bases: Mutex<HashMap<[u8; 32], BaseSlot>>,
    /// Instances kept for the next requests, of all applications.
    pub(crate) idle: Idle,
}

/// An engine that is compiled once, by whoever comes first.
type BaseSlot = Arc<Mutex<Option<Arc<Base>>>>;

impl Host {
    /// A host without applications.
    ///
    /// # Ambient authority
    /// Opens the cache of compiled code in the user's cache folder.
    ///
    /// # Errors
    /// The system does not allow enough address space, or no thread.
    pub fn new(config: Config) -> Result<Self> {
        let keeps_instances = !config.fresh_instances && pages::can_be_watched();
        let engine = wasmtime_engine::engine(&config.limits, keeps_instances, config.counts_instructions)?;
        ticker::start(engine.weak()).context("cannot start a thread")?;
        let cache = match &config.cache_dir {
            Some(directory) => Some(CodeCache::open(directory, engine_code_cache::DEFAULT_MAX_BYTES)?),
            None => CodeCache::open_default()
                .inspect_err(|error| tracing::warn!(target: "runner", "engines are compiled every time: {error:#}"))
                .ok(),
        };
        let cache = cache.map(CodeCache::giving_way);
        let shared = Shared::new(config.limits.clone(), config.outbound.clone(), keeps_instances)?;
        let engines = Engines::new(&config.engines, config.cache_dir.as_deref());
        let bases = Mutex::default();
        let idle = Idle::new(config.limits.kept_bytes.unwrap_or_else(little_of_memory));
        Ok(Self(Arc::new(HostInner { config, shared: Arc::new(shared), engine, cache, engines, bases, idle })))
    }

    /// Load the artifact at `path`; its name is that of the file. Its source map is expected beside it, with `.map` behind
    /// the name, or in it, and read when a guest logs a place. One of another build is not used, and that is logged.
    ///
    /// # Errors
    /// One line that names the file and says what is wrong with it.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<App> {
        let path = path.as_ref();
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        let load = || {
            let artifact = Artifact::parse(read_artifact(path)?)?;
            // The map itself is not kept: most applications never need it.
            let map = Source::Files { artifact: path.to_path_buf(), has_map: artifact.map.is_some() };
            self.load_artifact(name, artifact, map, Vec::new())
        };
        load().with_context(|| path.display().to_string())
    }

    /// Load an artifact that was read already.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub fn load_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<App> {
        self.load_bytes_beside(name, bytes, Beside::default())
    }

    /// [`Host::load_bytes`], with what is beside the artifact.
    ///
    /// # Errors
    /// One line that says what is wrong with the artifact.
    pub fn load_bytes_beside(&self, name: &str, bytes: Vec<u8>, beside: Beside) -> Result<App> {
        let mut artifact = Artifact::parse(bytes)?;
        let map = beside.map.or_else(|| artifact.map.take()).map_or(Source::Nowhere, Source::Bytes);
        self.load_artifact(name, artifact, map, beside.env)
    }

    fn load_artifact(&self, name: &str, artifact: Artifact, map: Source, env: Vec<(String, String)>) -> Result<App> {
        let of_host = &self.0.config.env;
        let is_own = |(name, _): &(String, String)| !of_host.iter().any(|(of_host, _)| of_host == name);
        let env = env.into_iter().filter(is_own).chain(of_host.iter().cloned()).collect();
        let places = artifact.manifest().map(|manifest| Places::new(map, manifest.map_id.clone())).unwrap_or_default();
        App::from_artifact(self.0.clone(), name, artifact.kind, places, env)
    }

    /// Give back the instances that are kept for the next requests.
    pub(crate) fn drop_idle_instances(&self) {
        self.0.idle.clear();
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        self.0.shared.clone()
    }

    /// What was counted since the start.
    pub fn metrics(&self) -> &Metrics {
        &self.0.shared.metrics
    }

    /// What requests may use.
    pub fn limits(&self) -> &Limits {
        &self.0.shared.limits
    }
}

/// An eighth of the memory that the system has for this process: what is kept makes later requests cheaper, and the memory is
/// needed for those that run.
fn little_of_memory() -> usize {
    Memory::eighths_of_available(1)
}
