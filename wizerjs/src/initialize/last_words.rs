//! The last of what a module wrote to its standard error: when initialization fails, that usually says why.

use super::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Bytes that are kept. Nobody reads more, and a module may write without end.
const MAX_BYTES: usize = 16 << 10;

/// Bytes that are taken at a time.
const WRITE_BYTES: usize = 64 << 10;

/// A standard stream that keeps the last of what is written to it.
#[derive(Clone, Default)]
pub(super) struct LastWords(Arc<Mutex<Vec<u8>>>);

impl LastWords {
    /// The error of a run, with what the module said before.
    pub(super) fn add_to(&self, cause: Error) -> Error {
        let words = self.kept();
        if words.is_empty() {
            return cause;
        }
        Error::Said { cause: Box::new(cause), stderr: String::from_utf8_lossy(&words).into_owned() }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.kept();
        kept.extend_from_slice(bytes);
        let excess = kept.len().saturating_sub(MAX_BYTES);
        kept.drain(..excess);
    }
}

impl IsTerminal for LastWords {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LastWords {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for LastWords {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for LastWords {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.keep(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

impl tokio::io::AsyncWrite for LastWords {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.keep(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_kept() {
        let words = LastWords::default();
        assert!(matches!(words.add_to(Error::Exit(1)), Error::Exit(1)));
        words.keep(&[b'a'; MAX_BYTES]);
        words.keep(b"why");
        let Error::Said { stderr, .. } = words.add_to(Error::Exit(1)) else { panic!("something was said") };
        assert_eq!((stderr.len(), &stderr[MAX_BYTES - 4..]), (MAX_BYTES, "awhy"));
    }
}
