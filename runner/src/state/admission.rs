//! Which requests may run: one slot an instance, and a bounded queue before them. A request that waits for its client gives
//! way to one that would have to be refused.

use crate::limits::Limits;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How far behind a client has to be for its request to give way: several times of what packets take around the world.
const GIVES_WAY_AFTER: Duration = Duration::from_millis(500);

/// How often a queued request looks for one that gives way.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The slots of a host.
#[derive(Debug)]
pub(crate) struct Admission {
    slots: Arc<Semaphore>,
    slots_max: usize,
    queued: AtomicUsize,
    queued_max: usize,
    queue_time: Duration,
    slow: Slow,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(limits.instances)),
            slots_max: limits.instances,
            queued: AtomicUsize::new(0),
            queued_max: limits.queued_requests,
            queue_time: limits.queue_time,
            slow: Slow::default(),
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
        let mut slot = std::pin::pin!(self.slots.clone().acquire_owned());
        let deadline = Instant::now() + self.queue_time;
        loop {
            self.slow.end_slowest();
            let left = deadline.saturating_duration_since(Instant::now());
            match timeout(left.min(LOOK_INTERVAL), &mut slot).await {
                Ok(acquired) => return acquired.ok(),
                Err(_) if left <= LOOK_INTERVAL => return None,
                Err(_) => {}
            }
        }
    }

    /// Note that a request waits for its client, which was level, or would have been, at `level`.
    pub(crate) fn waits_for_client(&self, level: Instant, waker: &Waker) -> Waiting {
        self.slow.add(level, waker.clone())
    }
}

/// The requests that wait for their clients.
#[derive(Clone, Debug, Default)]
struct Slow(Arc<Mutex<Requests>>);

#[derive(Debug, Default)]
struct Requests {
    last_id: u64,
    waiting: HashMap<u64, Request>,
}

#[derive(Debug)]
struct Request {
    level: Instant,
    waker: Waker,
    has_to_end: Arc<AtomicBool>,
}

impl Slow {
    fn lock(&self) -> MutexGuard<'_, Requests> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, level: Instant, waker: Waker) -> Waiting {
        let has_to_end = Arc::new(AtomicBool::new(false));
        let mut requests = self.lock();
        requests.last_id += 1;
        let id = requests.last_id;
        requests.waiting.insert(id, Request { level, waker, has_to_end: has_to_end.clone() });
        drop(requests);
        Waiting { id, has_to_end, among: self.clone() }
    }

    /// End the request whose client is the furthest behind, if it is far enough.
    fn end_slowest(&self) {
        let mut requests = self.lock();
        let Some((&id, slowest)) = requests.waiting.iter().min_by_key(|(_, request)| request.level) else { return };
        if slowest.level.elapsed() < GIVES_WAY_AFTER {
            return;
        }
        if let Some(request) = requests.waiting.remove(&id) {
            request.has_to_end.store(true, Relaxed);
            drop(requests);
            request.waker.wake();
        }
    }
}

/// A request that waits for its client, until dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    id: u64,
    has_to_end: Arc<AtomicBool>,
    among: Slow,
}

impl Waiting {
    /// Whether it has to give way to another.
    pub(crate) fn has_to_end(&self) -> bool {
        self.has_to_end.load(Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.among.lock().waiting.remove(&self.id);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_request_with_the_slowest_client_gives_way() {
        let limits = Limits { instances: 1, queue_time: Duration::from_millis(200), ..Limits::default() };
        let admission = Admission::new(&limits);
        let running = admission.slot().await.unwrap();
        let now = Instant::now();
        let ago = |milliseconds| now.checked_sub(Duration::from_millis(milliseconds)).unwrap();
        let (slower, slow) = (ago(9000), ago(8000));
        let waiting = [slow, slower, now].map(|level| admission.waits_for_client(level, Waker::noop()));
        assert!(admission.slot().await.is_none(), "nobody ended the requests that were told to");
        assert_eq!(waiting.each_ref().map(Waiting::has_to_end), [true, true, false]);
        drop(waiting);
        assert!(admission.slow.lock().waiting.is_empty());
        drop(running);
        assert!(admission.slot().await.is_some());
    }
}
