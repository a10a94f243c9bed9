//! The clock that bounds guest code: one thread for each of Wasmtime's engines, of which a host has one.

use std::thread;
use std::time::Duration;
use wasmtime::EngineWeak;

/// Resolution of time limits, and the longest that guest code runs before it is noticed.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Advance the engine's epoch every [`TICK`] for as long as the engine lives.
pub(crate) fn start(engine: EngineWeak) -> std::io::Result<()> {
    thread::Builder::new().name("ticker".into()).spawn(move || {
        loop {
            thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else { return };
            engine.increment_epoch();
        }
    })?;
    Ok(())
}
