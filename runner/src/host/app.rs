//! An application: loaded once, then asked for responses.

use super::{Host, HostInner};
use crate::instance::Image;
use crate::state::AppContext;
use crate::state::places::Places;
use crate::units::MIB;
use anyhow::{Result, ensure};
use engine_artifact::{Kind, StateDelta};
use std::path::Path;
use std::sync::Arc;

/// An application of a [`Host`]. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<AppInner>);

pub(crate) struct AppInner {
    /// Kept instances, and the engines for further applications.
    pub(crate) host: Arc<HostInner>,
    pub(crate) context: Arc<AppContext>,
    pub(crate) image: Image,
}

impl App {
    /// Load the artifact at `path` into a host of its own, with default limits.
    ///
    /// # Errors
    /// As [`Host::new`] and [`Host::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Host::new(crate::Config::default())?.load(path)
    }

    pub(crate) fn from_artifact(
        host: Arc<HostInner>,
        name: &str,
        kind: Kind,
        places: Places,
        env: Vec<(String, String)>,
    ) -> Result<Self> {
        let (base, delta) = match kind {
            Kind::Thin { manifest, memory } => {
                let base = host.base(&manifest)?;
                (base, StateDelta { memory, memory_pages: manifest.memory_pages, globals: manifest.globals })
            }
            Kind::SelfContained { wasm, manifest } => host.split(&wasm, manifest.as_ref())?,
        };
        let image = Image::new(base, delta, host.shared.keeps_instances)?;
        let (needed, limit) = (image.memory_bytes(), host.shared.limits.memory_bytes);
        ensure!(
            needed <= limit,
            "its memory has {} MiB when it starts, and {} are allowed; raise --max-memory",
            needed.div_ceil(MIB),
            limit / MIB
        );
        let config = &host.config;
        let context = AppContext::new(name, env, config.dev, places, host.shared.clone());
        Ok(Self(Arc::new(AppInner { context: Arc::new(context), host, image })))
    }

    /// Its name in logs.
    pub fn name(&self) -> &str {
        &self.0.context.name
    }

    /// Bytes of memory that the application takes beyond its engine, without instances.
    pub fn memory_bytes(&self) -> usize {
        size_of::<AppInner>() + size_of::<AppContext>() + self.0.image.difference.heap_bytes()
    }
}
