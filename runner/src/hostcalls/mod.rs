//! What a guest may ask of the host, one interface a file.

mod log;
mod operation;
mod response;
mod wasi;

use crate::errors::one_line;
use crate::state::RequestState;
use anyhow::{Result, bail};
use engine_abi::{HOST_MODULE, HostError};
use wasmtime::{Caller, ExternType, Linker, Module};

/// Everything this host provides, but for what `complete` adds.
pub(crate) fn add_to(linker: &mut Linker<RequestState>) -> wasmtime::Result<()> {
    response::add_to(linker)?;
    operation::add_to(linker)?;
    log::add_to(linker)
}

/// Add what `module` imports of WASI, and check that it imports nothing else.
pub(crate) fn complete(linker: &mut Linker<RequestState>, module: &Module) -> Result<()> {
    for import in module.imports() {
        let (from, name) = (import.module(), import.name());
        if from == HOST_MODULE && engine_abi::import::ALL.contains(&name) {
            continue;
        }
        let ExternType::Func(_) = import.ty() else {
            bail!("it imports {from}::{name}, which is not a function; this host provides functions only");
        };
        if from.starts_with("wizerjs-host-") && from != HOST_MODULE {
            bail!(
                "its engine speaks interface {from}, this host {HOST_MODULE}; rebuild it with this version's wizerjs"
            );
        }
        if from != engine_wasi::MODULE {
            let wasi = engine_wasi::MODULE;
            bail!("it imports {from}::{name}, which this host does not provide ({HOST_MODULE} and {wasi} only)");
        }
    }
    engine_wasi::define(linker, module).map_err(one_line)
}

/// The bytes a guest points at and the rest of the state, `None` if there are none at that place.
fn message<'a>(
    caller: &'a mut Caller<'_, RequestState>,
    ptr: i32,
    len: i32,
) -> Option<(&'a [u8], &'a mut RequestState)> {
    let memory = caller.data().memory?;
    let (bytes, state) = memory.data_and_store_mut(caller);
    let start = ptr as u32 as usize;
    Some((bytes.get(start..start.checked_add(len as u32 as usize)?)?, state))
}

/// Run an import that takes one message: its result, or the error's number. Counted when it was refused.
fn answer(
    caller: &mut Caller<'_, RequestState>,
    ptr: i32,
    len: i32,
    call: impl FnOnce(&[u8], &mut RequestState) -> Result<i32, HostError>,
) -> i32 {
    let result = match message(caller, ptr, len) {
        Some((bytes, state)) => call(bytes, state),
        None => Err(HostError::Malformed),
    };
    result.unwrap_or_else(|error| refuse(caller.data(), error))
}

fn refuse(state: &RequestState, error: HostError) -> i32 {
    let metrics = &state.app.shared.metrics;
    match error {
        HostError::Malformed => {
            metrics.malformed_messages.add_one();
            tracing::warn!(target: "runner", app = state.app.name, "the guest sent a message that cannot be read");
        }
        _ => metrics.refused_calls.add_one(),
    }
    error.code()
}
