//! What a module read of the world while it was initialized: whatever it read is in the snapshot.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that the host's clocks and entropy share with the run.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) wall_clock: AtomicU64,
    pub(super) monotonic_clock: AtomicU64,
    pub(super) random_bytes: AtomicU64,
}

/// What was read. Clocks and entropy are fixed by the tool, so the values say nothing about the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// How often the wall clock was read.
    pub wall_clock: u64,
    /// How often the monotonic clock was read.
    pub monotonic_clock: u64,
    /// Bytes of entropy.
    pub random_bytes: u64,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, count: u64) -> u64 {
        counter.fetch_add(count, Ordering::Relaxed)
    }

    pub(super) fn read(&self) -> Reads {
        Reads {
            wall_clock: self.wall_clock.load(Ordering::Relaxed),
            monotonic_clock: self.monotonic_clock.load(Ordering::Relaxed),
            random_bytes: self.random_bytes.load(Ordering::Relaxed),
        }
    }
}
