//! Standard error as the log's destination: nobody who reads it slowly, or not at all, holds up or ends the process.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that wait for a slow reader; further lines are dropped and counted.
const QUEUE_MAX_BYTES: usize = 1 << 20;

/// How long the end of the process waits for lines that are still to be read.
const FINISH_TIMEOUT: Duration = Duration::from_secs(1);

/// Where lines go.
#[derive(Clone, Debug)]
pub(super) enum Stderr {
    /// Written where they are logged, in order with what else this process writes there.
    Direct,
    /// Written by a thread of its own, so that nobody else waits for a reader.
    Queued(Arc<Queue>),
}

/// Lines on their way to standard error.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Something was added, or written.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whole lines.
    waiting: Vec<u8>,
    is_writing: bool,
    dropped_lines: u64,
}

impl Stderr {
    /// # Errors
    /// No thread can be started.
    pub(super) fn queued() -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let to_write = queue.clone();
        thread::Builder::new().name("log".into()).spawn(move || to_write.write_to(&mut io::stderr()))?;
        Ok(Self::Queued(queue))
    }

    /// Wait until what was logged is written, but not for ever.
    pub(super) fn finish(&self) {
        if let Self::Queued(queue) = self {
            queue.wait_until_written(FINISH_TIMEOUT);
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > QUEUE_MAX_BYTES {
            state.dropped_lines += 1;
            return;
        }
        state.waiting.extend_from_slice(line);
        drop(state);
        self.changed.notify_all();
    }

    /// Write what comes, until the process ends. What cannot be written is lost: there is nobody to be told.
    fn write_to(&self, destination: &mut impl Write) {
        let mut lines = Vec::new();
        let mut state = self.lock();
        loop {
            if state.waiting.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            mem::swap(&mut lines, &mut state.waiting);
            state.is_writing = true;
            let dropped_log_lines = mem::take(&mut state.dropped_lines);
            drop(state);
            let written = destination.write_all(&lines);
            if written.is_ok() && dropped_log_lines > 0 {
                tracing::warn!(target: "runner", dropped_log_lines, "standard error was not read in time");
            }
            lines.clear();
            state = self.lock();
            state.is_writing = false;
            self.changed.notify_all();
        }
    }

    fn wait_until_written(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        while state.is_writing || !state.waiting.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// One event's line.
pub(super) struct Line<'a>(&'a Stderr);

impl<'a> MakeWriter<'a> for Stderr {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

impl Write for Line<'_> {
    /// Takes a whole line. It never fails: the subscriber would say so on standard error, and panic if that fails too.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.0 {
            Stderr::Direct => drop(io::stderr().write_all(line)),
            Stderr::Queued(queue) => queue.push(line),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
