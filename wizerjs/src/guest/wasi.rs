//! The world while an application is loaded, as WASI shows it: a clock that stands still, entropy from a fixed seed,
//! output to the console; no environment, no arguments. The same on every machine.

use super::host::Host;
use engine_abi::Level;
use engine_wasi::{Clock, Errno, Stream, World};

/// Seed of the entropy that an application finds while it is loaded. At run time there is real entropy instead.
pub(super) const ENTROPY_CONTEXT: &str = "wizerjs 1 entropy while an application is loaded";

/// The process was ended by its own wish.
#[derive(Debug)]
struct Exit(i32);

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit with code {}", self.0)
    }
}

impl std::error::Error for Exit {}

impl World for Host {
    /// The least that can be said of a clock that stands still.
    const CLOCK_RESOLUTION_NS: u64 = 1;

    fn clock_ns(&mut self, clock: Clock) -> u64 {
        const NS_PER_S: u64 = 1_000_000_000;
        match clock {
            Clock::Realtime => {
                self.unreported.clock();
                self.clock_s.saturating_mul(NS_PER_S)
            }
            Clock::Monotonic => 0,
        }
    }

    fn entropy(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        self.unreported.random();
        self.entropy.fill(bytes);
        Ok(())
    }

    fn environment(&self) -> Vec<String> {
        Vec::new()
    }

    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Errno> {
        let level = match stream {
            Stream::Output => Level::Info,
            Stream::Error => Level::Error,
        };
        self.write(level, bytes);
        Ok(())
    }

    fn exit(&mut self, code: i32) -> wasmtime::Error {
        Exit(code).into()
    }

    fn refused(&mut self, function: &str) {
        self.note_refused(function);
    }
}
