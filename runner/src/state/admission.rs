//! Which requests may run: one slot an instance, and a bounded queue before them.

use crate::limits::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slots of a host.
#[derive(Debug)]
pub(crate) struct Admission {
    slots: Arc<Semaphore>,
    slots_max: usize,
    queued: AtomicUsize,
    queued_max: usize,
    queue_time: Duration,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(limits.instances)),
            slots_max: limits.instances,
            queued: AtomicUsize::new(0),
            queued_max: limits.queued_requests,
            queue_time: limits.queue_time,
        }
    }

    /// Wait until no request is handled, those that go on after their response included.
    pub(crate) async fn idle(&self) {
        let all = u32::try_from(self.slots_max).unwrap_or(u32::MAX);
        // Never closed; all permits together are there when nobody has one.
        let _ = self.slots.acquire_many(all).await;
    }

    /// Permission to run an instance, `None` if there is none to be had in time.
    pub(crate) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.slots.clone().try_acquire_owned() {
            return Some(permit);
        }
        let _queued = Queued::enter(&self.queued, self.queued_max)?;
        let acquired = tokio::time::timeout(self.queue_time, self.slots.clone().acquire_owned()).await;
        acquired.ok()?.ok()
    }
}

/// A place in the queue, left when dropped.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(queued: &'a AtomicUsize, max: usize) -> Option<Self> {
        let place = Self(queued);
        // `place` leaves again if it was one too many.
        (queued.fetch_add(1, Relaxed) < max).then_some(place)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
