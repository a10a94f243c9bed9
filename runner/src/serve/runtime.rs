//! The tokio runtime on which guests run fastest.

use crate::instance::declare_large_stack;
use crate::units::THREAD_STACK_BYTES;
use std::io;
use tokio::runtime::{Builder, Runtime};

/// A tokio runtime whose worker threads have enough stack to run guests inline. On any other runtime guests run on
/// stacks of their own, a few microseconds a request slower.
///
/// # Errors
/// Threads cannot be started.
pub fn runtime(workers: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers.max(1))
        .thread_stack_size(THREAD_STACK_BYTES)
        .on_thread_start(declare_large_stack)
        .enable_all()
        .build()
}
