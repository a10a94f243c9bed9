//! What requests need of a host: limits, counters, the client for outbound requests, the clock.

use super::admission::Admission;
use super::computing::Computing;
use crate::limits::Limits;
use crate::memory::Budget;
use crate::metrics::Metrics;
use crate::operations::{Client, Outbound};
use crate::system_memory::Memory;
use anyhow::{Context, Result};
use std::sync::Arc;
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
    pub(crate) budget: Arc<Budget>,
    pub(crate) computing: Computing,
}

impl Shared {
    /// What the requests of a host with these limits share. `keeps_instances`: instances are brought back and kept.
    ///
    /// # Errors
    /// Threads cannot be started.
    pub(crate) fn new(limits: Limits, outbound: Outbound, keeps_instances: bool) -> Result<Self> {
        Ok(Self {
            metrics: Metrics::default(),
            client: Client::new(outbound),
            keeps_instances,
            started: Instant::now(),
            admission: Admission::new(&limits),
            budget: Budget::new(limits.total_memory_bytes.unwrap_or_else(most_of_memory)),
            computing: Computing::start().context("cannot start threads")?,
            limits,
        })
    }

    /// A point in time on the clock that guests call monotonic, in nanoseconds.
    pub(crate) fn monotonic_ns(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Three quarters of the memory that the system has for this process: the rest is for the process itself, and the images.
fn most_of_memory() -> usize {
    Memory::eighths_of_available(6)
}
