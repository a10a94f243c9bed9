//! Whether the calls of an application are quick enough to run on a thread that serves.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Calls that run on a fiber before an application is trusted to be quick.
const FIBER_CALLS_AT_FIRST: u32 = 8;

/// Calls that run on a fiber after one that was slow.
const FIBER_CALLS_AFTER_SLOW: u32 = 1024;

/// How far an application is from running inline.
#[derive(Debug)]
pub(crate) struct Trust(AtomicU32);

impl Default for Trust {
    fn default() -> Self {
        Self(AtomicU32::new(FIBER_CALLS_AT_FIRST))
    }
}

impl Trust {
    /// Whether a call may run on the thread that serves: a call that turns out to be slow there keeps that thread from
    /// everything else until it ends.
    pub(crate) fn runs_inline(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    pub(crate) fn ran_on_fiber(&self) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |calls| calls.checked_sub(1));
    }

    pub(crate) fn was_slow(&self) {
        self.0.store(FIBER_CALLS_AFTER_SLOW, Relaxed);
    }
}
