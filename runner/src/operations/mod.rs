//! What a request has outstanding: timers, reads and writes of bodies, outbound requests. They run while the guest does
//! not, and cost nothing that a limit does not bound.

mod client;
mod fetch;
mod outbound;
mod timers;

pub(crate) use client::Client;
pub use outbound::{NoRule, Outbound, Rule};

use crate::limits::{Limits, OPEN_FETCHES_FACTOR};
use crate::memory::Share;
use crate::stream::{BodySource, Piece, PipeWriter};
use engine_abi::{Completion, HostError, Operation, Outcome};
use fetch::Fetch;
use http::HeaderMap;
use hyper::ext::ReasonPhrase;
use std::task::{Context, Poll};
use std::time::Duration;
use timers::Timers;

/// Bytes of body pieces that are handed to a guest in one message.
const COMPLETIONS_MAX_BYTES: usize = 1 << 20;

/// An [`Outcome`] that owns what it says.
#[derive(Debug)]
pub(crate) enum Ended {
    Ready,
    Piece(Piece),
    Head { status: u16, reason: ReasonPhrase, headers: HeaderMap },
    Error(String),
}

/// A completion on its way to the guest.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) operation: u32,
    pub(crate) ended: Ended,
}

impl Finished {
    pub(crate) fn message(&self) -> Completion<'_> {
        let outcome = match &self.ended {
            Ended::Ready => Outcome::Ready,
            Ended::Piece(Piece::Bytes(bytes)) => Outcome::Chunk(bytes),
            Ended::Piece(Piece::End) => Outcome::End,
            Ended::Piece(Piece::Error(error)) | Ended::Error(error) => Outcome::Error(error),
            Ended::Head { status, reason, headers } => Outcome::Head {
                status: *status,
                reason: reason.as_bytes(),
                headers: headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())).collect(),
            },
        };
        Completion { operation: self.operation, outcome }
    }

    /// Bytes of a body that it hands over.
    pub(crate) fn bytes(&self) -> usize {
        match &self.ended {
            Ended::Piece(Piece::Bytes(bytes)) => bytes.len(),
            _ => 0,
        }
    }
}

/// A read that waits for the next piece of a body.
#[derive(Clone, Copy, Debug)]
struct Read {
    operation: u32,
    max_bytes: usize,
}

/// A body that can be read, by one read at a time.
#[derive(Debug)]
struct Readable {
    source: BodySource,
    read: Option<Read>,
}

impl Readable {
    fn new(source: BodySource) -> Self {
        Self { source, read: None }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Option<Finished> {
        let read = self.read?;
        let Poll::Ready(piece) = self.source.poll_piece(cx, read.max_bytes) else { return None };
        self.read = None;
        Some(Finished { operation: read.operation, ended: Ended::Piece(piece) })
    }
}

/// The operations of one request.
#[derive(Debug)]
pub(crate) struct Operations {
    last_id: u32,
    timers: Timers,
    request_body: Readable,
    fetches: Vec<Fetch>,
    /// The operation that completes when the response has room.
    room: Option<u32>,
    bounds: Bounds,
}

/// What [`Limits`] says about operations.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    operations: usize,
    fetches: usize,
    chunk_bytes: usize,
    header_bytes: usize,
    stream_buffer_bytes: usize,
}

impl Operations {
    pub(crate) fn new(request_body: BodySource, limits: &Limits) -> Self {
        Self {
            last_id: 0,
            timers: Timers::default(),
            request_body: Readable::new(request_body),
            fetches: Vec::new(),
            room: None,
            bounds: Bounds {
                operations: limits.operations,
                fetches: limits.fetches,
                chunk_bytes: limits.chunk_bytes,
                header_bytes: limits.header_bytes,
                stream_buffer_bytes: limits.stream_buffer_bytes,
            },
        }
    }

    /// Start one; its id.
    pub(crate) fn start(&mut self, operation: Operation<'_>, client: &Client, share: &Share) -> Result<u32, HostError> {
        if self.outstanding() >= self.bounds.operations {
            return Err(HostError::Limit);
        }
        let id = self.next_id();
        match operation {
            Operation::Timer { delay_ns } => self.timers.add(id, Duration::from_nanos(delay_ns)),
            Operation::ReadBody { fetch, max_bytes } => {
                let max_bytes = (max_bytes as usize).min(self.bounds.chunk_bytes);
                let body = self.readable(fetch)?;
                if body.read.is_some() {
                    return Err(HostError::WrongState);
                }
                body.read = Some(Read { operation: id, max_bytes });
            }
            Operation::Fetch { method, url, headers, body } => {
                let request = fetch::request(method, url, &headers, body, self.bounds.header_bytes)?;
                let waiting = self.fetches.iter().filter(|fetch| fetch.is_waiting()).count();
                let open_max = self.bounds.fetches.saturating_mul(OPEN_FETCHES_FACTOR);
                if waiting >= self.bounds.fetches || self.fetches.len() >= open_max {
                    return Err(HostError::Busy);
                }
                let buffer_bytes = self.bounds.stream_buffer_bytes;
                self.fetches.push(Fetch::start(id, request, body, client, buffer_bytes, share)?);
            }
            Operation::WriteFetchBody { fetch, bytes, last } => {
                let fetch = self.fetches.iter_mut().find(|each| each.id() == fetch).ok_or(HostError::WrongState)?;
                fetch.write(id, share.hold(bytes).ok_or(HostError::Limit)?, last)?;
            }
        }
        Ok(id)
    }

    fn readable(&mut self, fetch: u32) -> Result<&mut Readable, HostError> {
        if fetch == 0 {
            return Ok(&mut self.request_body);
        }
        let fetch = self.fetches.iter_mut().find(|each| each.id() == fetch);
        fetch.and_then(Fetch::body).ok_or(HostError::WrongState)
    }

    fn next_id(&mut self) -> u32 {
        loop {
            // Ids are positive as an i32; after two billion of them the oldest are long gone.
            self.last_id = if self.last_id >= i32::MAX as u32 { 1 } else { self.last_id + 1 };
            let id = self.last_id;
            if !self.fetches.iter().any(|fetch| fetch.id() == id) && !self.timers.contains(id) {
                return id;
            }
        }
    }

    /// An operation that completes when the response has room again.
    pub(crate) fn wait_for_room(&mut self) -> u32 {
        let id = self.room.unwrap_or_else(|| self.next_id());
        self.room = Some(id);
        id
    }

    /// Forget one.
    pub(crate) fn cancel(&mut self, id: u32) {
        self.timers.remove(id);
        self.room.take_if(|room| *room == id);
        self.request_body.read.take_if(|read| read.operation == id);
        self.fetches.retain_mut(|fetch| !fetch.cancel(id));
    }

    /// How many can complete.
    pub(crate) fn outstanding(&self) -> usize {
        self.timers.len()
            + usize::from(self.request_body.read.is_some())
            + usize::from(self.room.is_some())
            + self.fetches.iter().map(Fetch::outstanding).sum::<usize>()
    }

    /// Whether it is the client who makes something complete, and nobody else but time.
    pub(crate) fn wait_for_client(&self) -> bool {
        let client = self.request_body.read.is_some() || self.room.is_some();
        client && self.fetches.iter().all(|fetch| fetch.outstanding() == 0)
    }

    /// Whether time makes something complete.
    pub(crate) fn wait_for_time(&self) -> bool {
        self.timers.len() > 0
    }

    /// What has completed, at least one. `response` is the streaming body that the guest writes to.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, response: Option<&PipeWriter>) -> Poll<Vec<Finished>> {
        let mut finished = Vec::new();
        self.timers.poll(cx, &mut finished);
        finished.extend(self.request_body.poll(cx));
        if self.room.is_some() && response.is_none_or(|pipe| pipe.poll_room(cx).is_ready()) {
            finished.extend(self.room.take().map(|operation| Finished { operation, ended: Ended::Ready }));
        }
        let mut bytes: usize = finished.iter().map(Finished::bytes).sum();
        for fetch in &mut self.fetches {
            if bytes >= COMPLETIONS_MAX_BYTES {
                break;
            }
            let before = finished.len();
            fetch.poll(cx, &mut finished);
            bytes += finished[before..].iter().map(Finished::bytes).sum::<usize>();
        }
        self.fetches.retain(|fetch| !fetch.is_over());
        if finished.is_empty() { Poll::Pending } else { Poll::Ready(finished) }
    }
}
