//! Threads for guests that compute. A guest runs on the thread that serves its request for as long as a call is short; what
//! takes longer goes on here, so that one guest's computing is not another one's waiting.

use crate::threads::try_threads;
use std::future::Future;
use std::io;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// How much these threads give way to those that serve (`nice(2)`): they get two fifths of a processor that both want. More
/// would starve guests where other programs keep the machine busy.
const NICENESS: i32 = 2;

/// Threads of a host on which guests compute, one for each processor.
#[derive(Debug)]
pub(crate) struct Computing(Option<Runtime>);

impl Computing {
    /// # Errors
    /// Threads cannot be started.
    pub(crate) fn start() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        try_threads(processors)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(processors)
            .thread_name("computing")
            .on_thread_start(|| {
                // Where it is not allowed, the threads are as important as those that serve; they still are others.
                let _ = rustix::process::nice(NICENESS);
            })
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Let a call of a guest go on here, until it ends or whoever waits for it is gone.
    pub(crate) fn spawn<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> Moved<T> {
        Moved(self.0.as_ref().map(|runtime| runtime.spawn(call)))
    }
}

impl Drop for Computing {
    fn drop(&mut self) {
        // A host may be dropped on a thread that serves, which must not wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A call that goes on elsewhere. Dropped, it ends the call at its next tick.
#[derive(Debug)]
pub(crate) struct Moved<T>(Option<JoinHandle<T>>);

impl<T> Moved<T> {
    /// What the call comes to; `None` if the host itself failed in it, which was reported then.
    pub(crate) async fn ended(mut self) -> Option<T> {
        self.0.as_mut()?.await.ok()
    }
}

impl<T> Drop for Moved<T> {
    fn drop(&mut self) {
        if let Some(call) = &self.0 {
            call.abort();
        }
    }
}
