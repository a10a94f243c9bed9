//! Requests and responses. Header names and values are bytes; checking them as HTTP is up to whoever sends them on.

use crate::wire::{Malformed, Message, Reader, Writer};
use alloc::vec::Vec;

/// Name and value pairs, in order, names as they came.
pub type Headers<'a> = Vec<(&'a [u8], &'a [u8])>;

/// Smallest size of a header in bytes: two lengths.
const HEADER_MIN_BYTES: usize = 8;

pub(crate) fn write_headers(out: &mut Writer, headers: &Headers<'_>) {
    out.count(headers.len());
    for (name, value) in headers {
        out.bytes(name);
        out.bytes(value);
    }
}

pub(crate) fn read_headers<'a>(input: &mut Reader<'a>) -> Result<Headers<'a>, Malformed> {
    let count = input.count(HEADER_MIN_BYTES, "header count")?;
    (0..count).map(|_| Ok((input.bytes("header name")?, input.bytes("header value")?))).collect()
}

/// The body of a request or response. Tags: 0 empty, 1 complete, 2 streaming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// No body at all.
    Empty,
    /// All of it.
    Complete(&'a [u8]),
    /// It follows in pieces: [`crate::Operation::ReadBody`], [`crate::import::RESPONSE_CHUNK`] or
    /// [`crate::Operation::WriteFetchBody`].
    Streaming,
}

impl<'a> Message<'a> for Body<'a> {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Empty => out.u8(0),
            Self::Complete(bytes) => {
                out.u8(1);
                out.bytes(bytes);
            }
            Self::Streaming => out.u8(2),
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(match input.u8("body tag")? {
            0 => Self::Empty,
            1 => Self::Complete(input.bytes("body")?),
            2 => Self::Streaming,
            _ => return Err(Malformed("body tag")),
        })
    }
}

/// A request for the application's handler (host to guest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Method, such as `GET`.
    pub method: &'a str,
    /// Absolute URL.
    pub url: &'a str,
    /// Headers in the order they arrived.
    pub headers: Headers<'a>,
    /// Body, streaming when it is long or not yet there.
    pub body: Body<'a>,
    /// When the request arrived, in nanoseconds of the clock that WASI calls monotonic: `performance.timeOrigin`.
    pub received_ns: u64,
    /// Variables of the run-time environment, which win over those the application was built with.
    pub env: Vec<(&'a str, &'a str)>,
}

impl<'a> Message<'a> for Request<'a> {
    fn write(&self, out: &mut Writer) {
        out.text(self.method);
        out.text(self.url);
        write_headers(out, &self.headers);
        self.body.write(out);
        out.u64(self.received_ns);
        crate::application::write_env(out, &self.env);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            method: input.text("method")?,
            url: input.text("url")?,
            headers: read_headers(input)?,
            body: Body::read(input)?,
            received_ns: input.u64("received")?,
            env: crate::application::read_env(input)?,
        })
    }
}

/// The head of a response, with its body when it is complete (guest to host).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// Status code, 200 to 599.
    pub status: u16,
    /// Reason phrase in Latin-1, empty for the usual one. HTTP/1.1 alone carries it.
    pub reason: &'a [u8],
    /// Headers in order.
    pub headers: Headers<'a>,
    /// Body.
    pub body: Body<'a>,
}

impl<'a> Message<'a> for Response<'a> {
    fn write(&self, out: &mut Writer) {
        out.u16(self.status);
        out.bytes(self.reason);
        write_headers(out, &self.headers);
        self.body.write(out);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let status = input.u16("status")?;
        if !(200..=599).contains(&status) {
            return Err(Malformed("status"));
        }
        let reason = input.bytes("reason")?;
        Ok(Self { status, reason, headers: read_headers(input)?, body: Body::read(input)? })
    }
}
