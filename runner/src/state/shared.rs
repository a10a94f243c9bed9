//! What requests need of a host: limits, counters, the client for outbound requests, the clock.

use super::admission::Admission;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::operations::{Client, client};
use std::time::Instant;

/// What requests need of a host.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) client: Client,
    /// Whether instances are brought back and kept.
    pub(crate) keeps_instances: bool,
    started: Instant,
    pub(crate) admission: Admission,
}

impl Shared {
    /// What the requests of a host with these limits share. `keeps_instances`: instances are brought back and kept.
    pub(crate) fn new(limits: Limits, keeps_instances: bool) -> Self {
        Self {
            metrics: Metrics::default(),
            client: client(),
            keeps_instances,
            started: Instant::now(),
            admission: Admission::new(&limits),
            limits,
        }
    }

    /// A point in time on the clock that guests call monotonic, in nanoseconds.
    pub(crate) fn monotonic_ns(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }
}
