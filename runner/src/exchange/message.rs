//! A request as the message that its guest gets.

use crate::state::AppContext;
use bytes::Bytes;
use engine_abi::{Message, Writer};
use http::request::Parts;
use std::time::Instant;

/// Bytes of a request message beyond those of its parts, at most: lengths, tags, the clock.
const MESSAGE_OVERHEAD_BYTES: usize = 1024;

/// The message for a request whose body, if it has arrived already, is `whole`.
pub(super) fn message(
    context: &AppContext,
    head: &Parts,
    url: &str,
    whole: Option<&Bytes>,
    received: Instant,
) -> Vec<u8> {
    let request = engine_abi::Request {
        method: head.method.as_str(),
        url,
        headers: head.headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())).collect(),
        body: match whole {
            Some(bytes) if bytes.is_empty() => engine_abi::Body::Empty,
            Some(bytes) => engine_abi::Body::Complete(bytes),
            None => engine_abi::Body::Streaming,
        },
        received_ns: context.shared.monotonic_ns(received),
        env: context.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    let body_bytes = whole.map_or(0, Bytes::len);
    let mut writer = Writer::new(Vec::with_capacity(MESSAGE_OVERHEAD_BYTES + body_bytes));
    request.write(&mut writer);
    writer.into_bytes()
}
