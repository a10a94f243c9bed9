//! Whether the calls of an application are short enough to start on a thread that serves.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// A call of this length keeps the other requests of its thread waiting for long: some hundred requests take as long.
pub(crate) const LONG_CALL: Duration = Duration::from_millis(5);

/// Calls of an application that start among those that compute, after one that was long.
const CALLS_AFTER_LONG: u32 = 256;

/// How many calls an application is from being taken for quick.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU32);

impl Pace {
    /// Whether a call may start on the thread that serves.
    pub(crate) fn is_quick(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    /// A call ended that was not long.
    pub(crate) fn was_short(&self) {
        if !self.is_quick() {
            let _ = self.0.fetch_update(Relaxed, Relaxed, |calls| calls.checked_sub(1));
        }
    }

    /// A call turned out to be long.
    pub(crate) fn was_long(&self) {
        self.0.store(CALLS_AFTER_LONG, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_call_is_remembered_for_some_calls() {
        let pace = Pace::default();
        assert!(pace.is_quick());
        pace.was_long();
        for _ in 0..CALLS_AFTER_LONG {
            assert!(!pace.is_quick());
            pace.was_short();
        }
        assert!(pace.is_quick());
        pace.was_short();
        assert!(pace.is_quick());
    }
}
