//! What one request, and all of them together, may use.

use crate::units::MIB;
use std::time::Duration;

/// Bounds on what guests and clients can make the host spend. Every field has a flag in `runner serve` or a reason here.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From a request's arrival until its guest is finished, `waitUntil` included. Where bodies are streamed it starts anew
    /// whenever bytes have moved.
    pub wall_time: Duration,
    /// From a request's arrival until its end, however much moves.
    pub total_time: Duration,
    /// How long a client may take for the head of a request, how long a connection is kept without one, and how far a client
    /// may fall behind [`Limits::client_bytes_per_s`].
    pub client_time: Duration,
    /// Bytes of bodies that a client has to send or take each second while it is waited for: Apache's default for bodies.
    pub client_bytes_per_s: u32,
    /// Bytes of one instance: its memories and tables, and what the host holds for its request, together.
    pub memory_bytes: usize,
    /// Bytes of all instances, beyond the images that they share, and of what the host holds for them, the bodies of
    /// responses included. `None`: three quarters of what the system has when the host is made.
    pub total_memory_bytes: Option<usize>,
    /// Instances that run at the same time; each takes address space, and memory as it is used.
    pub instances: usize,
    /// Requests that wait for an instance at the same time; one more is answered 503 at once.
    pub queued_requests: usize,
    /// How long a request waits for an instance before it is answered 503.
    pub queue_time: Duration,
    /// Bytes that instances kept for the next requests may have to themselves. `None`: an eighth of what the system has when
    /// the host is made.
    pub kept_bytes: Option<usize>,
    /// Dirty pages from which an instance is not worth resetting and is thrown away. Making a new one costs less, but then
    /// each page that is written to faults again, which takes ten times as long as copying it.
    pub kept_dirty_pages: usize,
    /// Operations that a request may have outstanding: timers above all, which are a few dozen bytes each.
    pub operations: usize,
    /// Outbound requests of a request that may wait for their responses at the same time, as Cloudflare (6) and Fastly (32)
    /// bound them. More wait for their turn in the guest. [`OPEN_FETCHES_FACTOR`] times as many may be open.
    pub fetches: usize,
    /// Longest request body that is handed over in one message with the head, in bytes.
    pub inline_body_bytes: usize,
    /// Longest piece of a streaming body that is handed to a guest at once, in bytes.
    pub chunk_bytes: usize,
    /// Bytes of a streaming body that are buffered before its producer has to wait.
    pub stream_buffer_bytes: usize,
    /// Names and values of the headers of a response or outbound request, in bytes.
    pub header_bytes: usize,
    /// Bytes that a request may log; what follows is dropped and counted.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_time: Duration::from_secs(30),
            total_time: Duration::from_secs(60 * 60),
            client_time: Duration::from_secs(20),
            client_bytes_per_s: 500,
            memory_bytes: 256 * MIB,
            total_memory_bytes: None,
            instances: 512,
            queued_requests: 1024,
            queue_time: Duration::from_secs(1),
            kept_bytes: None,
            kept_dirty_pages: 16_384,
            operations: 16_384,
            fetches: 32,
            inline_body_bytes: 64 << 10,
            chunk_bytes: 64 << 10,
            stream_buffer_bytes: 256 << 10,
            header_bytes: 128 << 10,
            log_bytes: 256 << 10,
        }
    }
}

/// How much more than [`Limits::stream_buffer_bytes`] a guest that ignores backpressure may queue before its chunks are
/// refused.
pub(crate) const IGNORED_BACKPRESSURE_FACTOR: usize = 4;

/// How many times [`Limits::fetches`] outbound requests may have responses whose bodies are not read to the end: each holds
/// a connection.
pub(crate) const OPEN_FETCHES_FACTOR: usize = 8;

/// Number of headers of a response or outbound request, as hyper bounds those of a request (100) with room for cookies.
pub(crate) const HEADERS_MAX: usize = 256;
