//! The time that a guest may run for while something is built: processor time, so that a busy machine fails no build.

use rustix::time::{ClockId, clock_gettime};
use std::fmt;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wasmtime::{Engine, Store, UpdateDeadline};

/// Time between two looks at the processor time, once it may have passed the limit.
const TICK: Duration = Duration::from_millis(10);

/// A guest that waits uses no processor time. It ends after this many times the limit, which is more than any machine is
/// busy.
const WALL_FACTOR: u32 = 20;

/// The error of a guest that runs for longer than it may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit(pub(crate) Duration);

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not finished after {:?} of processor time", self.0)
    }
}

impl std::error::Error for TimeLimit {}

/// Interrupts a store at the end of its time, unless dropped before.
pub(crate) struct Deadline {
    finished: Option<mpsc::Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Deadline {
    /// Let `store` run for `limit`, on a thread that is started for it: the time is that of this thread.
    pub(crate) fn start<T: 'static>(engine: &Engine, store: &mut Store<T>, limit: Duration) -> std::io::Result<Self> {
        let wall_end = Instant::now().checked_add(limit.saturating_mul(WALL_FACTOR));
        store.set_epoch_deadline(1);
        // The engine's epoch is shared: another store's deadline may have raised it.
        store.epoch_deadline_callback(move |_| {
            let is_over = thread_time() >= limit || wall_end.is_some_and(|end| Instant::now() >= end);
            if is_over { Err(TimeLimit(limit).into()) } else { Ok(UpdateDeadline::Continue(1)) }
        });
        let (finished, is_finished) = mpsc::channel::<()>();
        let engine = engine.clone();
        let watch = std::thread::Builder::new().name("deadline".to_owned()).spawn(move || {
            // One thread has no more processor time than the clock says.
            let mut wait = limit;
            while is_finished.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout) {
                engine.increment_epoch();
                wait = TICK;
            }
        })?;
        Ok(Self { finished: Some(finished), watch: Some(watch) })
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        // The thread wakes up when the sender is gone.
        self.finished.take();
        if let Some(watch) = self.watch.take() {
            // It only waits and cannot panic.
            let _ = watch.join();
        }
    }
}

/// Processor time of the calling thread since it was started.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // Neither is negative.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
