//! From an engine as it was linked to its base module: run it to the end of `initialize_engine`, keep the state.

use super::check;
use crate::clock;
use crate::guest::{self, Guest, Surroundings};
use crate::progress::Silent;
use anyhow::{Context, Result, bail};
use engine_abi::{Level, Load, export};
use engine_artifact::{State, with_state};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Module;

/// Limit on starting an engine. It takes a fraction of a second.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Limit on the memory of an engine without an application, in bytes.
const MEMORY_MAX_BYTES: u64 = 1 << 30;

/// Exports that only make sense before the engine is started.
const START_UP_EXPORTS: [&str; 3] = [export::INITIALIZE, export::INITIALIZE_ENGINE, export::WIZER_INITIALIZE];

/// The base module of an engine. The same bytes for the same engine, wherever it is done.
///
/// # Errors
/// It is not an engine of this interface, has state that cannot be read from outside, or does not start.
pub fn prepare(wasm: &[u8]) -> Result<Vec<u8>> {
    check::linked_engine(wasm)?;
    let engine = guest::runtime().map_err(anyhow::Error::from)?;
    let module = Module::new(&engine, wasm).map_err(anyhow::Error::from).context("it does not compile")?;
    let around = Surroundings {
        observer: Arc::new(Silent),
        clock_s: clock::FIXED_S,
        memory_max_bytes: MEMORY_MAX_BYTES,
        timeout: TIMEOUT,
    };
    let mut guest = Guest::new(&engine, &module, &around).map_err(anyhow::Error::from)?;
    let code = guest.run(start).map_err(anyhow::Error::from).context("it does not start")?;
    if let Some(error) = guest.host().diagnostics.iter().find(|noticed| noticed.level == Level::Error) {
        bail!("it does not start: {}", error.message);
    }
    if code != Load::Ready.code() {
        bail!("it does not start: {} answered {code}", export::INITIALIZE_ENGINE);
    }
    let delta = guest.delta()?;
    let state = State { memory: &delta.memory, memory_pages: delta.memory_pages, globals: &delta.globals };
    let base = with_state(wasm, state, &START_UP_EXPORTS)?;
    check::base_module(&base)?;
    Ok(base)
}

fn start(guest: &mut Guest) -> wasmtime::Result<i32> {
    guest.call::<(), ()>(export::INITIALIZE, ())?;
    guest.call(export::INITIALIZE_ENGINE, ())
}
