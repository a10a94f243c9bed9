//! Bodies: what a response carries, and how the bytes of an incoming one are handed to a guest piece by piece.

use super::pipe::{BodyError, PipeReader};
use bytes::{Buf, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The body of a response from an [`crate::App`].
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    /// All of it; `None` when it was taken.
    Whole(Option<Bytes>),
    Streaming(PipeReader),
    /// Somebody else's.
    Other(UnsyncBoxBody<Bytes, BodyError>),
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Self(Kind::Whole(None))
    }

    pub(crate) fn streaming(reader: PipeReader) -> Self {
        Self(Kind::Streaming(reader))
    }

    /// A body of one's own, as one that changes another on its way.
    pub fn new(body: impl HttpBody<Data = Bytes, Error = BodyError> + Send + 'static) -> Self {
        Self(Kind::Other(body.boxed_unsync()))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Streaming(reader) => Pin::new(reader).poll_frame(cx),
            Kind::Other(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_none(),
            Kind::Streaming(reader) => reader.is_end_stream(),
            Kind::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Streaming(_) => SizeHint::default(),
            Kind::Other(body) => body.size_hint(),
        }
    }
}

/// An error of someone else's body.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The body of a request, whoever sent it.
pub type IncomingBody = UnsyncBoxBody<Bytes, BoxError>;

/// Any body as one that has arrived.
pub(crate) fn incoming<B>(body: B) -> IncomingBody
where
    B: HttpBody + Send + 'static,
    B::Error: Into<BoxError>,
{
    let body = body.map_frame(|frame| frame.map_data(|mut data| data.copy_to_bytes(data.remaining())));
    body.map_err(Into::into).boxed_unsync()
}

/// The next piece of an incoming body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Bytes(Bytes),
    End,
    Error(String),
}

/// An incoming body and what of it has arrived but was not handed on.
pub(crate) struct BodySource {
    body: Option<IncomingBody>,
    arrived: Bytes,
    /// Why it broke off, until that was handed on.
    failed: Option<String>,
}

impl fmt::Debug for BodySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodySource").field("open", &self.body.is_some()).field("arrived", &self.arrived.len()).finish()
    }
}

impl BodySource {
    pub(crate) fn empty() -> Self {
        Self { body: None, arrived: Bytes::new(), failed: None }
    }

    pub(crate) fn new<B>(body: B) -> Self
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Self::empty();
        }
        Self { body: Some(incoming(body)), ..Self::empty() }
    }

    /// The whole body, if it ends within `max_bytes` and all of it is there already; nothing is lost otherwise.
    pub(crate) async fn arrived_whole(&mut self, max_bytes: usize) -> Option<Bytes> {
        let declared = self.body.as_ref().map_or(0, |body| body.size_hint().lower());
        if declared > max_bytes as u64 {
            return None;
        }
        std::future::poll_fn(|cx| Poll::Ready(self.poll_whole(cx, max_bytes))).await
    }

    fn poll_whole(&mut self, cx: &mut Context<'_>, max_bytes: usize) -> Option<Bytes> {
        while let Some(body) = &mut self.body {
            match body.poll_frame_unpin(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if self.arrived.is_empty() {
                        self.arrived = data;
                    } else {
                        self.arrived = [&self.arrived[..], &data].concat().into();
                    }
                    if body.is_end_stream() {
                        self.body = None;
                    } else if self.arrived.len() > max_bytes {
                        return None;
                    }
                }
                Poll::Ready(None) => self.body = None,
                Poll::Ready(Some(Err(error))) => {
                    self.body = None;
                    self.failed = Some(error.to_string());
                    return None;
                }
                Poll::Pending => return None,
            }
        }
        (self.arrived.len() <= max_bytes).then(|| std::mem::take(&mut self.arrived))
    }

    /// The next piece, of at most `max_bytes` bytes.
    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>, max_bytes: usize) -> Poll<Piece> {
        while self.arrived.is_empty() {
            let Some(body) = &mut self.body else {
                return Poll::Ready(self.failed.take().map_or(Piece::End, Piece::Error));
            };
            match ready!(body.poll_frame_unpin(cx)) {
                Some(Ok(frame)) => self.arrived = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    self.body = None;
                    return Poll::Ready(Piece::Error(error.to_string()));
                }
                None => self.body = None,
            }
        }
        Poll::Ready(Piece::Bytes(self.arrived.split_to(max_bytes.clamp(1, self.arrived.len()))))
    }
}

/// `poll_frame` of a body that may be moved.
trait PollUnpin: HttpBody + Unpin {
    #[expect(clippy::type_complexity, reason = "it is the type of `HttpBody::poll_frame`")]
    fn poll_frame_unpin(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(self).poll_frame(cx)
    }
}

impl<B: HttpBody + Unpin> PollUnpin for B {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::pipe;
    use std::task::Waker;

    fn cx() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    #[test]
    fn a_whole_body_is_taken_at_once_and_a_longer_one_in_pieces() {
        let (writer, reader) = pipe(100);
        writer.push(Bytes::from_static(b"ab"));
        writer.push(Bytes::from_static(b"cd"));
        writer.finish();
        let mut source = BodySource::new(reader);
        assert_eq!(source.poll_whole(&mut cx(), 4), Some(Bytes::from_static(b"abcd")));

        let (writer, reader) = pipe(100);
        writer.push(Bytes::from_static(b"abcde"));
        let mut source = BodySource::new(reader);
        assert_eq!(source.poll_whole(&mut cx(), 4), None);
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Ready(Piece::Bytes(Bytes::from_static(b"abc"))));
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Ready(Piece::Bytes(Bytes::from_static(b"de"))));
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Pending);
        drop(writer);
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Pending, "whoever reads it may write what it has");
        let error = Piece::Error(BodyError::Aborted.to_string());
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Ready(error));
        assert_eq!(source.poll_piece(&mut cx(), 3), Poll::Ready(Piece::End));
    }
}
