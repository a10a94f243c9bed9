//! Outbound requests: the state of each, from its start to the end of its response's body.

use super::client::Client;
use super::{Ended, Finished, Read, Readable};
use crate::memory::Share;
use crate::stream::{Body, BodySource, PipeWriter, Pushed, headers, pipe};
use bytes::Bytes;
use engine_abi::{Headers, HostError};
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http::{HeaderValue, Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper_util::client::legacy;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Check what the guest wants to send.
pub(super) fn request(
    method: &str,
    url: &str,
    headers: &Headers<'_>,
    body: engine_abi::Body<'_>,
    header_max_bytes: usize,
) -> Result<Request<()>, HostError> {
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| HostError::Malformed)?;
    let uri: Uri = url.split('#').next().unwrap_or_default().parse().map_err(|_| HostError::Malformed)?;
    if uri.host().is_none() || !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(HostError::Malformed);
    }
    if matches!(method, Method::CONNECT | Method::TRACE) {
        return Err(HostError::Forbidden);
    }
    let framing =
        if matches!(body, engine_abi::Body::Streaming) { headers::Framing::Ours } else { headers::Framing::Known };
    let mut request = Request::new(());
    *request.headers_mut() = headers::checked(headers, header_max_bytes, framing)?;
    // Fetch, HTTP-network-or-cache fetch: these two say that they have no body, which some servers insist on.
    if matches!(body, engine_abi::Body::Empty) && matches!(method, Method::POST | Method::PUT) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    Ok(request)
}

type Connecting = Pin<Box<dyn Future<Output = Result<Response<Incoming>, legacy::Error>> + Send>>;

enum State {
    Connecting(Connecting),
    /// The head was handed on; the body can be read.
    Open(Readable),
    Over,
}

/// One outbound request.
pub(super) struct Fetch {
    id: u32,
    state: State,
    /// Where the guest writes a streaming body.
    upload: Option<PipeWriter>,
    /// The write that waits for room.
    write: Option<u32>,
    /// Writes that are done at once.
    written: Vec<u32>,
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Fetch {
    pub(super) fn start(
        id: u32,
        request: Request<()>,
        body: engine_abi::Body<'_>,
        client: &Client,
        buffer_bytes: usize,
        share: &Share,
    ) -> Result<Self, HostError> {
        let (body, upload) = match body {
            engine_abi::Body::Empty => (Body::empty(), None),
            engine_abi::Body::Complete(bytes) => (share.hold(bytes).ok_or(HostError::Limit)?.into(), None),
            engine_abi::Body::Streaming => {
                let (writer, reader) = pipe(buffer_bytes);
                (Body::streaming(reader), Some(writer))
            }
        };
        let connections = client.connections(request.uri()).ok_or(HostError::Forbidden)?.clone();
        let request = request.map(|()| body);
        // Nothing is sent before the first poll, after the guest's call has returned.
        let connecting = Box::pin(async move { connections.request(request).await });
        Ok(Self { id, state: State::Connecting(connecting), upload, write: None, written: Vec::new() })
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn body(&mut self) -> Option<&mut Readable> {
        match &mut self.state {
            State::Open(body) => Some(body),
            State::Connecting(_) | State::Over => None,
        }
    }

    pub(super) fn write(&mut self, id: u32, bytes: Bytes, last: bool) -> Result<(), HostError> {
        let upload = self.upload.as_ref().filter(|_| self.write.is_none()).ok_or(HostError::WrongState)?;
        let pushed = if bytes.is_empty() { Pushed::Room } else { upload.push(bytes) };
        match pushed {
            Pushed::Room => self.written.push(id),
            Pushed::Full if last => self.written.push(id),
            Pushed::Full => self.write = Some(id),
            Pushed::Ignored => return Err(HostError::Limit),
            Pushed::Closed => return Err(HostError::Closed),
        }
        if last && let Some(upload) = self.upload.take() {
            upload.finish();
        }
        Ok(())
    }

    /// Whether the fetch itself is to be forgotten.
    pub(super) fn cancel(&mut self, id: u32) -> bool {
        self.write.take_if(|write| *write == id);
        self.written.retain(|written| *written != id);
        if let State::Open(body) = &mut self.state {
            body.read.take_if(|read: &mut Read| read.operation == id);
        }
        self.id == id
    }

    pub(super) fn outstanding(&self) -> usize {
        let state = match &self.state {
            State::Connecting(_) => 1,
            State::Open(body) => usize::from(body.read.is_some()),
            State::Over => 0,
        };
        state + usize::from(self.write.is_some()) + self.written.len()
    }

    /// Whether it waits for the head of its response.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Connecting(_))
    }

    /// Whether nothing can follow: the response body has ended and no write is to be answered.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over) && self.write.is_none() && self.written.is_empty()
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>, finished: &mut Vec<Finished>) {
        finished.extend(self.written.drain(..).map(|operation| Finished { operation, ended: Ended::Ready }));
        // Polled first: the connection is what makes room.
        self.poll_response(cx, finished);
        if self.write.is_some() && self.upload.as_ref().is_none_or(|upload| upload.poll_room(cx).is_ready()) {
            finished.extend(self.write.take().map(|operation| Finished { operation, ended: Ended::Ready }));
        }
    }

    fn poll_response(&mut self, cx: &mut Context<'_>, finished: &mut Vec<Finished>) {
        match &mut self.state {
            State::Connecting(connecting) => {
                let Poll::Ready(result) = connecting.as_mut().poll(cx) else { return };
                let ended = match result {
                    Ok(response) => {
                        let (head, body) = response.into_parts();
                        self.state = State::Open(Readable::new(BodySource::new(body)));
                        let reason = reason(&head);
                        Ended::Head { status: head.status.as_u16(), reason, headers: head.headers }
                    }
                    Err(error) => {
                        self.state = State::Over;
                        Ended::Error(causes(&error))
                    }
                };
                finished.push(Finished { operation: self.id, ended });
            }
            State::Open(body) => {
                let Some(read) = body.poll(cx) else { return };
                if !matches!(read.ended, Ended::Piece(super::Piece::Bytes(_))) {
                    self.state = State::Over;
                }
                finished.push(read);
            }
            State::Over => {}
        }
    }
}

/// The reason phrase that came with a response: hyper keeps those only that are not the status's own.
fn reason(head: &Parts) -> ReasonPhrase {
    let usual = || ReasonPhrase::from_static(b"");
    match (head.extensions.get::<ReasonPhrase>(), head.status.canonical_reason()) {
        (Some(reason), _) => reason.clone(),
        (None, Some(reason)) => ReasonPhrase::try_from(reason.as_bytes()).unwrap_or_else(|_| usual()),
        (None, None) => usual(),
    }
}

/// An error and what caused it, in one line.
fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}
