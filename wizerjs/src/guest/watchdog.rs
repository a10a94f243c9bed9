//! Ends an endless top level.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use wasmtime::Engine;

/// Interrupts what runs in an engine after a time, unless dropped before.
pub(super) struct Watchdog {
    finished: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Start the time.
    pub(super) fn start(engine: &Engine, limit: Duration) -> std::io::Result<Self> {
        let (finished, wait) = channel::<()>();
        let engine = engine.clone();
        let thread = std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            if wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { finished: Some(finished), thread: Some(thread) })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // The thread wakes up when the sender is gone.
        drop(self.finished.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
