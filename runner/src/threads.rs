//! Threads: whether the system allows as many as are wanted.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Start as many threads as are wanted, all at the same time, and end them again: where the system does not allow so many,
/// tokio panics.
///
/// # Errors
/// It does not.
pub(crate) fn try_threads(count: usize) -> io::Result<()> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let _closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = || drop(gate.lock());
        (0..count).try_for_each(|_| thread::Builder::new().spawn_scoped(scope, wait).map(drop))
    })
}
