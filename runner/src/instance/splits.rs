//! Mappings of this process: the kernel bounds them, and each part of a memory that is unlike its neighbours, protected or
//! mapped from elsewhere, splits one in up to three.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What the share that is taken is counted in.
pub(super) const EIGHTHS: usize = 8;

/// Splits of all instances together.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// The most of them; 0: not known yet.
static MAX: AtomicUsize = AtomicUsize::new(0);

/// Mappings that are left to everything else: threads, files, and a handful for each of a thousand instances.
const OTHER_MAPPINGS: usize = 10_000;

/// Mappings that Linux allows a process by default (`vm.max_map_count`).
const DEFAULT_MAPPINGS_MAX: usize = 65_530;

/// Splits that somebody has, given back when dropped. All of it but [`Splits::prepare`] can be done in a signal handler.
#[derive(Debug, Default)]
pub(crate) struct Splits(AtomicUsize);

impl Splits {
    /// Find out how many there are, once.
    pub(super) fn prepare() {
        if MAX.load(Relaxed) == 0 {
            MAX.store(max(), Relaxed);
        }
    }

    /// How many eighths of all splits are taken by whom ever.
    pub(super) fn eighths_taken() -> usize {
        eighths(TAKEN.load(Relaxed), MAX.load(Relaxed))
    }

    /// How many this one has.
    pub(super) fn count(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Take so many more, without regard to how many are left.
    pub(super) fn take(&self, count: usize) {
        TAKEN.fetch_add(count, Relaxed);
        self.0.fetch_add(count, Relaxed);
    }

    /// Give all of them back.
    pub(super) fn give_back(&self) {
        TAKEN.fetch_sub(self.0.swap(0, Relaxed), Relaxed);
    }
}

impl Drop for Splits {
    fn drop(&mut self) {
        self.give_back();
    }
}

fn eighths(taken: usize, max: usize) -> usize {
    taken * EIGHTHS / max.max(1)
}

/// How many splits this process may have: half of what the kernel allows, because each can make two mappings more.
fn max() -> usize {
    let allowed = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok();
    let allowed = allowed.and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT_MAPPINGS_MAX);
    (allowed.saturating_sub(OTHER_MAPPINGS) / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        assert!(max() > 1000);
        assert_eq!([0, 99, 100, 799, 800].map(|taken| eighths(taken, 800)), [0, 0, 1, 7, EIGHTHS]);
        // As many as no other test takes.
        let (splits, many) = (Splits::default(), 1 << 40);
        splits.take(many);
        assert_eq!((splits.count(), TAKEN.load(Relaxed) >= many), (many, true));
        splits.give_back();
        assert_eq!((splits.count(), TAKEN.load(Relaxed) < many), (0, true));
        splits.take(many);
        drop(splits);
        assert!(TAKEN.load(Relaxed) < many);
    }
}
