//! What the applications of a process share: Wasmtime's engine, compiled engines, limits, counters.

use crate::app::App;
use crate::artifact::{ARTIFACT_MAX_BYTES, Artifact, OwnedManifest};
use crate::base::Base;
use crate::engines::Engines;
use crate::image::Delta;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::operations::{Client, client};
use crate::pages;
use crate::split::split;
use crate::{engine, ticker};
use anyhow::{Context, Result, ensure};
use engine_code_cache::{CodeCache, Origin};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::Module;

/// Digits of a digest that are shown to people.
const DIGEST_DIGITS: usize = 16;

/// How a [`Host`] is set up.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What requests may use.
    pub limits: Limits,
    /// Make an instance for every request and drop it after, instead of keeping and resetting instances.
    pub fresh_instances: bool,
    /// Say in error responses what happened.
    pub dev: bool,
    /// Environment variables of the applications.
    pub env: Vec<(String, String)>,
    /// Engines besides the embedded one: files, and folders of files.
    pub engines: Vec<PathBuf>,
    /// Folder of compiled code; `None`: the user's own.
    pub cache_dir: Option<PathBuf>,
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
    /// By digest of the base module.
    bases: Mutex<HashMap<[u8; 32], Arc<Base>>>,
}

/// What requests need of a host.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) client: Client,
    /// Whether instances are brought back and kept.
    pub(crate) keeps_instances: bool,
    started: Instant,
    slots: Arc<Semaphore>,
    queued: AtomicUsize,
}

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
        let engine = engine::engine(&config.limits, keeps_instances)?;
        ticker::start(engine.weak()).context("cannot start a thread")?;
        let cache = match &config.cache_dir {
            Some(directory) => Some(CodeCache::open(directory, engine_code_cache::DEFAULT_MAX_BYTES)?),
            None => CodeCache::open_default()
                .inspect_err(|error| tracing::warn!(target: "runner", "engines are compiled every time: {error:#}"))
                .ok(),
        };
        let shared = Shared {
            metrics: Metrics::default(),
            client: client(),
            keeps_instances,
            started: Instant::now(),
            slots: Arc::new(Semaphore::new(config.limits.instances)),
            queued: AtomicUsize::new(0),
            limits: config.limits.clone(),
        };
        let engines = Engines::new(&config.engines, config.cache_dir.as_deref());
        let bases = Mutex::default();
        Ok(Self(Arc::new(HostInner { config, shared: Arc::new(shared), engine, cache, engines, bases })))
    }

    /// Load the artifact at `path`; its name is that of the file.
    ///
    /// # Errors
    /// One line that names the file and says what is wrong with it.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<App> {
        let path = path.as_ref();
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        let load = || self.load_bytes(name, read_artifact(path)?);
        load().with_context(|| path.display().to_string())
    }

    /// Load an artifact that was read already.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub fn load_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<App> {
        App::from_artifact(self.0.clone(), name, Artifact::parse(bytes)?)
    }

    /// Give back the instances that are kept for the next requests.
    pub(crate) fn drop_idle_instances(&self) {
        for base in self.0.bases.lock().unwrap_or_else(PoisonError::into_inner).values() {
            base.drop_idle();
        }
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

/// The bytes of a file, if it is a file and not too large.
pub(crate) fn read_artifact(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| anyhow::anyhow!(plain(&error)))?;
    let metadata = file.metadata()?;
    ensure!(!metadata.is_dir(), "a folder, not a file");
    let mut bytes = Vec::new();
    file.take(ARTIFACT_MAX_BYTES + 1).read_to_end(&mut bytes).context("cannot read")?;
    ensure!(bytes.len() as u64 <= ARTIFACT_MAX_BYTES, "larger than {ARTIFACT_MAX_BYTES} bytes");
    ensure!(!bytes.is_empty(), "empty");
    Ok(bytes)
}

/// An error of the system in words, without its number.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

impl HostInner {
    /// The engine that an application needs.
    pub(crate) fn base(&self, manifest: &OwnedManifest) -> Result<Arc<Base>> {
        self.known_base(manifest.engine_digest)?.with_context(|| {
            let hex = blake3::Hash::from_bytes(manifest.engine_digest).to_hex();
            format!(
                "it needs the engine {} ({}…), which is neither embedded nor in --engine-dir",
                manifest.engine_name,
                &hex[..DIGEST_DIGITS]
            )
        })
    }

    fn known_base(&self, digest: [u8; 32]) -> Result<Option<Arc<Base>>> {
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = bases.get(&digest) {
            return Ok(Some(base.clone()));
        }
        let Some(engine) = self.engines.find(&digest)? else { return Ok(None) };
        let module = self.compile(&digest, || engine.wasm())?;
        let base = Arc::new(Base::link(&module, engine.hidden_state()?)?);
        bases.insert(digest, base.clone());
        Ok(Some(base))
    }

    /// A self-contained application: the base that it shares with others if its engine is known, and what differs; its
    /// own base if not.
    pub(crate) fn split(&self, wasm: &[u8], manifest: Option<&OwnedManifest>) -> Result<(Arc<Base>, Delta)> {
        if let Some(manifest) = manifest
            && let Some(engine) = self.engines.find(&manifest.engine_digest)?
            && let Some(delta) = split(wasm, &engine.wasm()?)?
        {
            return Ok((self.base(manifest)?, delta));
        }
        let digest = *blake3::hash(wasm).as_bytes();
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = bases.get(&digest) {
            return Ok((base.clone(), Delta::default()));
        }
        let module = self.compile(&digest, || Ok(wasm.into()))?;
        let base = Arc::new(Base::link(&module, engine_artifact::hidden_state::find(wasm)?)?);
        bases.insert(digest, base.clone());
        Ok((base, Delta::default()))
    }

    fn compile<'a>(&self, digest: &[u8; 32], wasm: impl FnOnce() -> Result<Cow<'a, [u8]>>) -> Result<Module> {
        let Some(cache) = &self.cache else {
            return Module::new(&self.engine, wasm()?).map_err(crate::base::one_line);
        };
        let (module, origin) = cache.module(&self.engine, digest, wasm).map_err(first_line)?;
        if let Origin::Replaced(reason) = origin {
            tracing::warn!(target: "runner", "compiled an engine anew, its cache file could not be trusted: {reason}");
        }
        Ok(module)
    }
}

/// The causes of an error in one line.
fn first_line(error: anyhow::Error) -> anyhow::Error {
    let causes: Vec<_> =
        error.chain().map(|cause| cause.to_string().lines().next().unwrap_or_default().to_owned()).collect();
    anyhow::anyhow!("{}", causes.join(": "))
}

impl Shared {
    /// A point in time on the clock that guests call monotonic, in nanoseconds.
    pub(crate) fn monotonic_ns(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Wait until no request is handled, those that go on after their response included.
    pub(crate) async fn idle(&self) {
        let all = u32::try_from(self.limits.instances).unwrap_or(u32::MAX);
        // Never closed; all permits together are there when nobody has one.
        let _ = self.slots.acquire_many(all).await;
    }

    /// Permission to run an instance, `None` if there is none to be had in time.
    pub(crate) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.slots.clone().try_acquire_owned() {
            return Some(permit);
        }
        let _queued = Queued::enter(&self.queued, self.limits.queued_requests)?;
        let acquired = tokio::time::timeout(self.limits.queue_time, self.slots.clone().acquire_owned()).await;
        acquired.ok()?.ok()
    }
}

/// A place in the queue, left when dropped.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(queued: &'a AtomicUsize, max: usize) -> Option<Self> {
        let place = Self(queued);
        // `place` leaves again if it was one too many.
        (queued.fetch_add(1, Relaxed) < max).then_some(place)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
