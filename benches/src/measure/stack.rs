//! The thread that measures.

use anyhow::{Context, Result};

/// Bytes of its stack: guests run on it.
pub(crate) const STACK_BYTES: usize = 24 << 20;

/// Measure on a thread that guests can run on.
///
/// # Errors
/// Those of `measure`, or it panicked.
pub fn on_large_stack(measure: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(measure)?;
    thread.join().ok().context("the measurement panicked")?
}
