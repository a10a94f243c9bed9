//! The threads that serve.

use crate::threads::try_threads;
use std::io;
use tokio::runtime::{Builder, Runtime};

/// A tokio runtime with this many threads that serve, one at least.
///
/// # Errors
/// Threads cannot be started.
pub fn runtime(workers: usize) -> io::Result<Runtime> {
    try_threads(workers)?;
    Builder::new_multi_thread().worker_threads(workers.max(1)).enable_all().build()
}
