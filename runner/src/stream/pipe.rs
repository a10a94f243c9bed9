//! A bounded queue of body bytes between a guest and the network: the writer is told when to wait.

use crate::limits::IGNORED_BACKPRESSURE_FACTOR;
use bytes::Bytes;
use http_body::Frame;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Why a body broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Whoever produced it gave up before its end.
    Aborted,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was aborted before its end")
    }
}

impl Error for BodyError {}

/// Both ends of a queue that asks its writer to wait at `capacity_bytes`.
pub(crate) fn pipe(capacity_bytes: usize) -> (PipeWriter, PipeReader) {
    let shared = Arc::new(Shared { queue: Mutex::default(), capacity_bytes });
    (PipeWriter(shared.clone()), PipeReader(shared))
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    capacity_bytes: usize,
}

#[derive(Debug, Default)]
struct Queue {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    /// Bytes that the reader has taken.
    taken_bytes: u64,
    end: Option<End>,
    reader_gone: bool,
    /// Whether the reader was made to wait once before it learns that the body is aborted.
    flushed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// A writer that has nothing to write before somebody wants it.
    idle_writer: Option<Waker>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Complete,
    Aborted,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No code panics while it holds the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// Taken; more may follow.
    Room,
    /// Taken; wait for [`PipeWriter::poll_room`].
    Full,
    /// Refused: the writer did not wait when it was told to.
    Ignored,
    /// Refused: nobody reads.
    Closed,
}

/// The end that bytes go into. Dropped before [`PipeWriter::finish`], it aborts the body.
#[derive(Debug)]
pub(crate) struct PipeWriter(Arc<Shared>);

impl PipeWriter {
    pub(crate) fn push(&self, chunk: Bytes) -> Pushed {
        let mut queue = self.0.lock();
        if queue.reader_gone {
            return Pushed::Closed;
        }
        if queue.bytes > self.0.capacity_bytes.saturating_mul(IGNORED_BACKPRESSURE_FACTOR) {
            return Pushed::Ignored;
        }
        queue.bytes += chunk.len();
        queue.chunks.push_back(chunk);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
        if queue.bytes < self.0.capacity_bytes { Pushed::Room } else { Pushed::Full }
    }

    /// Bytes that the reader has taken so far.
    pub(crate) fn taken_bytes(&self) -> u64 {
        self.0.lock().taken_bytes
    }

    /// Ready when more may be pushed, or nobody reads any more.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.0.lock();
        if queue.reader_gone || queue.bytes < self.0.capacity_bytes {
            return Poll::Ready(());
        }
        queue.writer = Some(context.waker().clone());
        Poll::Pending
    }

    /// Ready when the reader waits for more, or with false when nobody reads any more.
    pub(crate) fn poll_wanted(&self, context: &mut Context<'_>) -> Poll<bool> {
        let mut queue = self.0.lock();
        if queue.reader_gone || queue.reader.is_some() {
            return Poll::Ready(!queue.reader_gone);
        }
        queue.idle_writer = Some(context.waker().clone());
        Poll::Pending
    }

    /// Ready when nobody reads any more.
    pub(crate) fn poll_closed(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.0.lock();
        if queue.reader_gone {
            return Poll::Ready(());
        }
        queue.writer = Some(context.waker().clone());
        Poll::Pending
    }

    pub(crate) fn finish(self) {
        self.end(End::Complete);
    }

    fn end(&self, end: End) {
        let mut queue = self.0.lock();
        queue.end.get_or_insert(end);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.end(End::Aborted);
    }
}

/// The end that bytes come out of.
#[derive(Debug)]
pub(crate) struct PipeReader(Arc<Shared>);

impl http_body::Body for PipeReader {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut queue = self.0.lock();
        if let Some(chunk) = queue.chunks.pop_front() {
            queue.bytes -= chunk.len();
            queue.taken_bytes += chunk.len() as u64;
            if queue.bytes < self.0.capacity_bytes
                && let Some(writer) = queue.writer.take()
            {
                writer.wake();
            }
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match queue.end {
            Some(End::Complete) => Poll::Ready(None),
            // A server drops what it has not written yet when a body fails. It writes when it has to wait.
            Some(End::Aborted) if !queue.flushed => {
                queue.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(End::Aborted) => Poll::Ready(Some(Err(BodyError::Aborted))),
            None => {
                queue.reader = Some(context.waker().clone());
                if let Some(writer) = queue.idle_writer.take() {
                    writer.wake();
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let queue = self.0.lock();
        queue.chunks.is_empty() && matches!(queue.end, Some(End::Complete))
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.reader_gone = true;
        queue.chunks.clear();
        let queue = &mut *queue;
        for writer in [queue.writer.take(), queue.idle_writer.take()].into_iter().flatten() {
            writer.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[test]
    fn asks_to_wait_refuses_who_does_not_and_ends() {
        let (writer, reader) = pipe(4);
        assert_eq!(writer.push(Bytes::from_static(b"abc")), Pushed::Room);
        assert_eq!(writer.push(Bytes::from_static(b"d")), Pushed::Full);
        assert_eq!(writer.push(Bytes::from(vec![0; 13])), Pushed::Full);
        assert_eq!(writer.push(Bytes::from_static(b"e")), Pushed::Ignored);
        writer.finish();
        let collected = futures_executor(reader.collect()).unwrap().to_bytes();
        assert_eq!(collected.len(), 17);
    }

    #[test]
    fn a_dropped_writer_aborts_and_a_dropped_reader_closes() {
        let (writer, reader) = pipe(4);
        drop(writer);
        assert!(matches!(futures_executor(reader.collect()), Err(BodyError::Aborted)));
        let (writer, reader) = pipe(4);
        drop(reader);
        assert_eq!(writer.push(Bytes::from_static(b"a")), Pushed::Closed);
    }

    #[test]
    fn what_came_before_an_abort_can_be_written_before_the_error_is_seen() {
        let (writer, mut reader) = pipe(4);
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || http_body::Body::poll_frame(Pin::new(&mut reader), &mut context);
        writer.push(Bytes::from_static(b"a"));
        drop(writer);
        assert!(matches!(poll(), Poll::Ready(Some(Ok(_)))));
        assert!(poll().is_pending());
        assert!(matches!(poll(), Poll::Ready(Some(Err(BodyError::Aborted)))));
    }

    #[test]
    fn a_writer_can_wait_until_it_is_wanted() {
        let (writer, mut reader) = pipe(4);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(writer.poll_wanted(&mut context), Poll::Pending);
        assert!(http_body::Body::poll_frame(Pin::new(&mut reader), &mut context).is_pending());
        assert_eq!(writer.poll_wanted(&mut context), Poll::Ready(true));
        assert_eq!(writer.push(Bytes::from_static(b"a")), Pushed::Room);
        assert_eq!(writer.poll_wanted(&mut context), Poll::Pending);
        drop(reader);
        assert_eq!(writer.poll_wanted(&mut context), Poll::Ready(false));
    }

    fn futures_executor<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }
}
