//! The world of a request's guest, as WASI shows it.

use super::log::log;
use crate::outcome::Exit;
use crate::state::{RequestState, Sink};
use engine_abi::Level;
use engine_wasi::{Clock, Errno, Stream, World};
use std::io::Write;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use wasmtime::{Caller, Memory};

impl World for RequestState {
    const CLOCK_RESOLUTION_NS: u64 = 1_000;

    fn memory(guest: &mut Caller<'_, Self>) -> Option<Memory> {
        guest.data().memory
    }

    fn clock_ns(&mut self, clock: Clock) -> u64 {
        match clock {
            Clock::Realtime => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64),
            Clock::Monotonic => self.app.shared.monotonic_ns(Instant::now()),
        }
    }

    fn entropy(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        getrandom::fill(bytes).map_err(|_| Errno::Io)
    }

    fn environment(&self) -> Vec<String> {
        self.app.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Errno> {
        let written = match (&self.sink, stream) {
            (Sink::Stdout { .. }, Stream::Output) => std::io::stdout().write_all(bytes),
            (Sink::Stdout { .. }, Stream::Error) => std::io::stderr().write_all(bytes),
            (Sink::Http { .. }, stream) => {
                let level = if stream == Stream::Output { Level::Info } else { Level::Error };
                log(bytes, level, self);
                Ok(())
            }
        };
        written.map_err(|_| Errno::Io)
    }

    fn exit(&mut self, code: i32) -> wasmtime::Error {
        wasmtime::Error::new(Exit(code))
    }
}
