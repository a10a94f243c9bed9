//! What is counted: cheap enough for every request, read as a whole by whoever exposes it.

use crate::outcome::{Outcome, OutcomeKind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Buckets of [`Histogram`]: bucket `n` counts values below `2^n` that fit no smaller one.
const BUCKETS: usize = 40;

/// Counts by powers of two, and the sum.
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0) }
    }
}

impl Histogram {
    pub(crate) fn record(&self, value: u64) {
        let bucket = (u64::BITS - value.leading_zeros()) as usize;
        self.buckets[bucket.min(BUCKETS - 1)].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum()
    }

    /// Their sum.
    pub fn sum(&self) -> u64 {
        self.sum.load(Relaxed)
    }

    /// Upper bound (exclusive, a power of two) and count of each bucket.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        self.buckets.iter().enumerate().map(|(power, count)| (1 << power, count.load(Relaxed)))
    }
}

/// Counters of a [`crate::Host`].
#[derive(Debug, Default)]
pub struct Metrics {
    outcomes: [AtomicU64; OutcomeKind::ALL.len()],
    /// From arrival to the end of the guest, in microseconds.
    pub request_us: Histogram,
    /// Pages of 4 KiB that had to be looked at to bring an instance back, per reset.
    pub reset_pages: Histogram,
    /// Instances made.
    pub instances_created: Counter,
    /// Requests that were served by an instance kept from before.
    pub instances_reused: Counter,
    /// Requests that were served by an instance kept of another application, which became one of theirs.
    pub instances_taken_over: Counter,
    /// Instances thrown away.
    pub instances_dropped: Counter,
    /// Messages from guests that could not be read.
    pub malformed_messages: Counter,
    /// Calls from guests that were refused: wrong state, limits, policy.
    pub refused_calls: Counter,
    /// Guest calls that ran for longer than a tick.
    pub slow_calls: Counter,
    /// Lines that guests logged beyond their limit.
    pub dropped_log_lines: Counter,
}

/// A number that grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Metrics {
    pub(crate) fn ended(&self, outcome: &Outcome, elapsed: Duration) {
        self.outcomes[outcome.kind() as usize].fetch_add(1, Relaxed);
        self.request_us.record(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
    }

    /// How many requests ended so.
    pub fn ended_as(&self, kind: OutcomeKind) -> u64 {
        self.outcomes[kind as usize].load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_powers_of_two() {
        let histogram = Histogram::default();
        for value in [0, 1, 1, 7, 8, u64::MAX / 2] {
            histogram.record(value);
        }
        let filled: Vec<_> = histogram.buckets().filter(|&(_, count)| count > 0).collect();
        assert_eq!(filled, [(1, 1), (2, 2), (8, 1), (16, 1), (1 << 39, 1)]);
        assert_eq!(histogram.count(), 6);
    }
}
