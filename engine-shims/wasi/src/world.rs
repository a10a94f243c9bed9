//! What a host says the world is like.

use crate::errno::Errno;
use wasmtime::{Caller, Extern, Memory};

/// Name of the export that is a guest's memory.
const MEMORY: &str = "memory";

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time since the beginning of 1970.
    Realtime,
    /// Time that never goes back, from any beginning. The clocks of used processor time are this one too.
    Monotonic,
}

/// A stream that a guest writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a guest finds around it: implemented by the data of a store.
pub trait World: Sized + 'static {
    /// Resolution that clocks are said to have, in nanoseconds.
    const CLOCK_RESOLUTION_NS: u64;

    /// The memory of the calling guest; `None` if it has none.
    fn memory(guest: &mut Caller<'_, Self>) -> Option<Memory> {
        guest.get_export(MEMORY).and_then(Extern::into_memory)
    }

    /// What a clock says, in nanoseconds.
    fn clock_ns(&mut self, clock: Clock) -> u64;

    /// Fill `bytes` with entropy.
    ///
    /// # Errors
    /// There is none.
    fn entropy(&mut self, bytes: &mut [u8]) -> Result<(), Errno>;

    /// Environment variables, as `NAME=value`.
    fn environment(&self) -> Vec<String>;

    /// Arguments, the program's name first.
    fn arguments(&self) -> Vec<String>;

    /// Take what the guest wrote.
    ///
    /// # Errors
    /// It got nowhere.
    fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Errno>;

    /// The error with which a guest ends that exits with `code`.
    fn exit(&mut self, code: i32) -> wasmtime::Error;

    /// Take note that the guest called a function that opens a file or a connection; it gets an error.
    fn refused(&mut self, function: &str) {
        let _ = function;
    }
}
