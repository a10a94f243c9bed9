//! Limits on memory and time.

use super::Host;
use crate::snapshot::MAX_TABLE_ENTRIES;
use std::fmt;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};

/// What is used and what may be. Growing beyond it is an error, not a `-1` that the module could paper over: the
/// snapshot would depend on the limit.
pub(super) struct Limits {
    used_bytes: u64,
    limit_bytes: u64,
}

/// The error of a module that asks for more memory than it may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemoryLimit {
    pub(super) wanted_bytes: u64,
    pub(super) limit_bytes: u64,
}

impl fmt::Display for MemoryLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of memory wanted, {} allowed", self.wanted_bytes, self.limit_bytes)
    }
}

impl std::error::Error for MemoryLimit {}

impl Limits {
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self { used_bytes: 0, limit_bytes }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let wanted_bytes = self.used_bytes.saturating_add((desired - current) as u64);
        if wanted_bytes > self.limit_bytes {
            return Err(MemoryLimit { wanted_bytes, limit_bytes: self.limit_bytes }.into());
        }
        self.used_bytes = wanted_bytes;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired as u64 <= MAX_TABLE_ENTRIES)
    }
}

/// The error of a module that runs for longer than it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimit(pub(super) Duration);

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not finished after {:?}", self.0)
    }
}

impl std::error::Error for TimeLimit {}

/// Time between interruptions once the limit has passed.
const TICK: Duration = Duration::from_millis(10);

/// Interrupts a store at a point in time, unless dropped before.
pub(super) struct Deadline {
    finished: Option<mpsc::Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Deadline {
    /// Let `store` run for `limit` from now on.
    pub(super) fn start<T: 'static>(engine: &Engine, store: &mut Store<Host<T>>, limit: Duration) -> Self {
        let end = Instant::now().checked_add(limit);
        store.set_epoch_deadline(1);
        // The engine's epoch is shared: another store's deadline may have raised it.
        store.epoch_deadline_callback(move |_| match end {
            Some(end) if Instant::now() >= end => Err(TimeLimit(limit).into()),
            _ => Ok(UpdateDeadline::Continue(1)),
        });
        let (finished, is_finished) = mpsc::channel::<()>();
        let engine = engine.clone();
        let watch = std::thread::spawn(move || {
            let mut wait = limit;
            // Again, because the first time may come when nothing runs that looks at the epoch.
            while is_finished.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout) {
                engine.increment_epoch();
                wait = TICK;
            }
        });
        Self { finished: Some(finished), watch: Some(watch) }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.finished.take();
        if let Some(watch) = self.watch.take() {
            // It only waits and cannot panic.
            let _ = watch.join();
        }
    }
}
