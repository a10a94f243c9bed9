//! The host's functions, and the phases in which they may be called.

use ::std::cell::Cell;
use engine_abi::{Diagnostic, HostError, Level, Message, Operation, Response};

mod raw {
    #[link(wasm_import_module = "wizerjs-host-v2")]
    unsafe extern "C" {
        pub(super) fn response_head(ptr: *const u8, len: usize) -> i32;
        pub(super) fn response_chunk(ptr: *const u8, len: usize) -> i32;
        pub(super) fn response_end(ok: i32) -> i32;
        pub(super) fn start_operation(ptr: *const u8, len: usize) -> i32;
        pub(super) fn cancel_operation(id: i32);
        pub(super) fn log(level: i32, ptr: *const u8, len: usize);
        pub(super) fn report(ptr: *const u8, len: usize);
    }
}

// The attribute above takes only a literal.
const _: () = assert!(matches!(engine_abi::HOST_MODULE.as_bytes(), b"wizerjs-host-v2"));

/// What the guest is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Starting the engine, with no application in it.
    Start = 0,
    /// Evaluating the application.
    Load = 1,
    /// Answering a request, or running `main`.
    Serve = 2,
    /// Answering made-up requests of the build.
    WarmUp = 3,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Start) };
}

/// The current phase.
pub fn phase() -> Phase {
    PHASE.get()
}

pub(super) fn set_phase(phase: Phase) {
    PHASE.set(phase);
}

/// Whether somebody listens to responses and logs.
fn is_heard() -> bool {
    !matches!(phase(), Phase::Start | Phase::WarmUp)
}

/// A negative result is an error; anything else is passed on.
fn checked(result: i32) -> Result<u32, HostError> {
    u32::try_from(result).map_err(|_| HostError::from_code(result).unwrap_or(HostError::Unsupported))
}

/// Hand over a response head.
pub fn response_head(response: &Response<'_>) -> Result<(), HostError> {
    if !is_heard() {
        return Ok(());
    }
    let message = response.encode();
    // SAFETY: the host reads the message during the call.
    checked(unsafe { raw::response_head(message.as_ptr(), message.len()) }).map(drop)
}

/// Hand over a piece of a streaming body; the id of the operation to wait for, 0 for none.
pub fn response_chunk(bytes: &[u8]) -> Result<u32, HostError> {
    if !is_heard() {
        return Ok(0);
    }
    // SAFETY: the host reads the bytes during the call.
    checked(unsafe { raw::response_chunk(bytes.as_ptr(), bytes.len()) })
}

/// End a streaming body, or abort it.
pub fn response_end(ok: bool) -> Result<(), HostError> {
    if !is_heard() {
        return Ok(());
    }
    // SAFETY: no memory is involved.
    checked(unsafe { raw::response_end(ok.into()) }).map(drop)
}

/// Start an operation; its id.
pub fn start_operation(operation: &Operation<'_>) -> Result<u32, HostError> {
    let message = operation.encode();
    // SAFETY: the host reads the message during the call.
    checked(unsafe { raw::start_operation(message.as_ptr(), message.len()) })
}

/// Forget an operation.
pub fn cancel_operation(id: u32) {
    // SAFETY: no memory is involved.
    unsafe { raw::cancel_operation(id as i32) }
}

/// A line of `console`.
pub fn log(level: Level, text: &str) {
    if !is_heard() {
        return;
    }
    // SAFETY: the host reads the text during the call.
    unsafe { raw::log(level.code(), text.as_ptr(), text.len()) }
}

/// A diagnostic.
pub fn report(diagnostic: &Diagnostic<'_>) {
    let message = diagnostic.encode();
    // SAFETY: the host reads the message during the call.
    unsafe { raw::report(message.as_ptr(), message.len()) }
}
