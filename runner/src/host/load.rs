//! What applications are loaded from: engines that are compiled once and shared, and what differs.

use super::HostInner;
use crate::errors::{first_lines, one_line};
use crate::instance::Base;
use anyhow::{Context, Result};
use engine_artifact::{Manifest, StateDelta, module};
use engine_code_cache::Origin;
use std::borrow::Cow;
use std::sync::{Arc, PoisonError};
use wasmtime::Module;

/// Digits of a digest that are shown to people.
const DIGEST_DIGITS: usize = 16;

impl HostInner {
    /// The engine that an application needs.
    pub(crate) fn base(&self, manifest: &Manifest) -> Result<Arc<Base>> {
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
        self.base_or(digest, || {
            let Some(engine) = self.engines.find(&digest)? else { return Ok(None) };
            let module = self.compile(&digest, || engine.wasm())?;
            Ok(Some(Base::link(&module, engine.hidden_state()?, self.config.limits.memory_bytes)?))
        })
    }

    /// The base with this digest, made now if it is the first time. Others that need the same one wait for it.
    fn base_or(&self, digest: [u8; 32], make: impl FnOnce() -> Result<Option<Base>>) -> Result<Option<Arc<Base>>> {
        let slot = {
            let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
            bases.entry(digest).or_default().clone()
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = make()?.map(Arc::new);
        }
        Ok(slot.clone())
    }

    /// A self-contained application: the base that it shares with others if its engine is known, and what differs; its
    /// own base if not.
    pub(crate) fn split(&self, wasm: &[u8], manifest: Option<&Manifest>) -> Result<(Arc<Base>, StateDelta)> {
        if let Some(manifest) = manifest
            && let Some(engine) = self.engines.find(&manifest.engine_digest)?
            && let Some(delta) = module::split(wasm, &engine.wasm()?)?
        {
            return Ok((self.base(manifest)?, delta));
        }
        let digest = *blake3::hash(&engine_artifact::without_map(wasm)?).as_bytes();
        let base = self.base_or(digest, || {
            let module = self.compile(&digest, || Ok(wasm.into()))?;
            let hidden_state = engine_artifact::hidden_state::find(wasm)?;
            Ok(Some(Base::link(&module, hidden_state, self.config.limits.memory_bytes)?))
        })?;
        Ok((base.context("it has code")?, StateDelta::default()))
    }

    fn compile<'a>(&self, digest: &[u8; 32], wasm: impl FnOnce() -> Result<Cow<'a, [u8]>>) -> Result<Module> {
        let Some(cache) = &self.cache else {
            return Module::new(&self.engine, wasm()?).map_err(one_line);
        };
        let (module, origin) = cache.module(&self.engine, digest, wasm).map_err(first_lines)?;
        match origin {
            Origin::Cached | Origin::Compiled => {}
            Origin::Replaced(reason) => {
                tracing::warn!(target: "runner", "compiled an engine anew, its cache file could not be trusted: {reason}");
            }
            Origin::NotStored(reason) => {
                tracing::warn!(target: "runner", "an engine is compiled at every start, it could not be stored: {reason}");
            }
        }
        Ok(module)
    }
}
