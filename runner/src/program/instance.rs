//! One run of a program: what its store holds, and what it may use.

use super::Surroundings;
use anyhow::{Context, Result};
use engine_artifact::PROGRAM_ENTRY;
use std::path::PathBuf;
use std::time::Duration;
use wasmtime::{InstancePre, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

/// Table entries of one program.
const TABLE_ELEMENTS_MAX: usize = 1_000_000;

/// A folder that a program may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Path on this machine.
    pub host: PathBuf,
    /// Path that the program sees.
    pub guest: String,
    /// Whether it may change what is in it.
    pub is_writable: bool,
}

/// What the store of a run holds.
pub(super) struct State {
    pub(super) wasi: WasiP1Ctx,
    limits: StoreLimits,
}

/// What a run is given besides its surroundings: `builder` has its streams, its arguments and its environment.
pub(super) fn state(mut builder: WasiCtxBuilder, surroundings: &Surroundings) -> Result<State> {
    for Folder { host, guest, is_writable } in &surroundings.folders {
        let permissions = if *is_writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        builder
            .preopened_dir(host, guest, permissions)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("cannot open the folder {}", host.display()))?;
    }
    let limits = StoreLimitsBuilder::new()
        .memory_size(surroundings.limits.memory_bytes)
        .table_elements(TABLE_ELEMENTS_MAX)
        .build();
    Ok(State { wasi: builder.build_p1(), limits })
}

/// Run a program to its end: the code that it exits with.
///
/// # Errors
/// It trapped, or did not end within `limit`.
pub(super) async fn run(program: &InstancePre<State>, state: State, limit: Duration) -> Result<i32> {
    let mut store = Store::new(program.module().engine(), state);
    store.limiter(|state| &mut state.limits);
    // A program that computes lets others run at every tick, and so can be stopped.
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    let ended = tokio::time::timeout(limit, async {
        let instance = program.instantiate_async(&mut store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut store, PROGRAM_ENTRY)?;
        start.call_async(&mut store, ()).await
    });
    match ended.await {
        Err(_) => anyhow::bail!("did not end within {limit:?}"),
        Ok(Ok(())) => Ok(0),
        Ok(Err(error)) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Ok(exit.0),
            None => Err(anyhow::Error::from(error)),
        },
    }
}
