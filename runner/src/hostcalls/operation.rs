//! Operations: starting and forgetting them.

use super::answer;
use crate::state::RequestState;
use engine_abi::{HOST_MODULE, HostError, Message, Operation, import};
use wasmtime::{Caller, Linker};

pub(super) fn add_to(linker: &mut Linker<RequestState>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST_MODULE,
        import::START_OPERATION,
        |mut caller: Caller<'_, RequestState>, ptr: i32, len: i32| answer(&mut caller, ptr, len, start),
    )?;
    linker.func_wrap(HOST_MODULE, import::CANCEL_OPERATION, |mut caller: Caller<'_, RequestState>, id: i32| {
        caller.data_mut().operations.cancel(id as u32);
    })?;
    Ok(())
}

fn start(bytes: &[u8], state: &mut RequestState) -> Result<i32, HostError> {
    let operation = Operation::decode(bytes).map_err(|_| HostError::Malformed)?;
    // Ids fit: `Operations` gives out positive ones only.
    state.operations.start(operation, &state.app.shared.client, &state.share).map(|id| id as i32)
}
