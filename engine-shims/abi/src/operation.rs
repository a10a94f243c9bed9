//! What a guest asks of the host and gets back later.

use crate::http::{Body, Headers, read_headers, write_headers};
use crate::wire::{Malformed, Message, Reader, Writer};
use alloc::vec::Vec;

/// Something the host does while the guest is not running (guest to host, [`crate::import::START_OPERATION`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// Tag 1. Completes with [`Outcome::Ready`] after so many nanoseconds.
    Timer {
        /// Delay from now, in nanoseconds.
        delay_ns: u64,
    },
    /// Tag 2. The next piece of an incoming body: [`Outcome::Chunk`], [`Outcome::End`] or [`Outcome::Error`].
    ReadBody {
        /// Id of the [`Operation::Fetch`] whose response it is, 0 for the request's own body.
        fetch: u32,
        /// Longest piece wanted, in bytes.
        max_bytes: u32,
    },
    /// Tag 3. An outbound request: [`Outcome::Head`] or [`Outcome::Error`]. Redirects are not followed by the host.
    /// Its id stays in use, for reads and writes of bodies, until the response body has ended or it is cancelled.
    Fetch {
        /// Method.
        method: &'a str,
        /// Absolute URL.
        url: &'a str,
        /// Headers.
        headers: Headers<'a>,
        /// Body; a streaming one is written with [`Operation::WriteFetchBody`].
        body: Body<'a>,
    },
    /// Tag 4. A piece of an outbound body: [`Outcome::Ready`] when the next may follow, or [`Outcome::Error`].
    WriteFetchBody {
        /// Id of the [`Operation::Fetch`].
        fetch: u32,
        /// The bytes.
        bytes: &'a [u8],
        /// Whether the body ends here.
        last: bool,
    },
}

impl<'a> Message<'a> for Operation<'a> {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Timer { delay_ns } => {
                out.u8(1);
                out.u64(*delay_ns);
            }
            Self::ReadBody { fetch, max_bytes } => {
                out.u8(2);
                out.u32(*fetch);
                out.u32(*max_bytes);
            }
            Self::Fetch { method, url, headers, body } => {
                out.u8(3);
                out.text(method);
                out.text(url);
                write_headers(out, headers);
                body.write(out);
            }
            Self::WriteFetchBody { fetch, bytes, last } => {
                out.u8(4);
                out.u32(*fetch);
                out.bytes(bytes);
                out.u8(u8::from(*last));
            }
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(match input.u8("operation tag")? {
            1 => Self::Timer { delay_ns: input.u64("delay")? },
            2 => Self::ReadBody { fetch: input.u32("fetch")?, max_bytes: input.u32("max bytes")? },
            3 => Self::Fetch {
                method: input.text("method")?,
                url: input.text("url")?,
                headers: read_headers(input)?,
                body: Body::read(input)?,
            },
            4 => Self::WriteFetchBody {
                fetch: input.u32("fetch")?,
                bytes: input.bytes("bytes")?,
                last: input.flag("last")?,
            },
            _ => return Err(Malformed("operation tag")),
        })
    }
}

/// How an operation, or a step of one, ended (host to guest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Tag 0. Done; room for more; the time has come.
    Ready,
    /// Tag 1. Bytes of a body, at least one.
    Chunk(&'a [u8]),
    /// Tag 2. The body has ended.
    End,
    /// Tag 3. Head of an outbound response; its body is read with [`Operation::ReadBody`].
    Head {
        /// Status code.
        status: u16,
        /// Reason phrase in Latin-1, empty if there is none.
        reason: &'a [u8],
        /// Headers.
        headers: Headers<'a>,
    },
    /// Tag 4. It failed, in words for a developer.
    Error(&'a str),
}

/// The outcome of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion<'a> {
    /// Id of the operation.
    pub operation: u32,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

impl<'a> Message<'a> for Completion<'a> {
    fn write(&self, out: &mut Writer) {
        out.u32(self.operation);
        match &self.outcome {
            Outcome::Ready => out.u8(0),
            Outcome::Chunk(bytes) => {
                out.u8(1);
                out.bytes(bytes);
            }
            Outcome::End => out.u8(2),
            Outcome::Head { status, reason, headers } => {
                out.u8(3);
                out.u16(*status);
                out.bytes(reason);
                write_headers(out, headers);
            }
            Outcome::Error(message) => {
                out.u8(4);
                out.text(message);
            }
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let operation = input.u32("operation")?;
        let outcome = match input.u8("outcome tag")? {
            0 => Outcome::Ready,
            1 => Outcome::Chunk(input.bytes("chunk")?),
            2 => Outcome::End,
            3 => Outcome::Head {
                status: input.u16("status")?,
                reason: input.bytes("reason")?,
                headers: read_headers(input)?,
            },
            4 => Outcome::Error(input.text("error")?),
            _ => return Err(Malformed("outcome tag")),
        };
        Ok(Self { operation, outcome })
    }
}

/// What [`crate::export::RESUME`] takes: completions, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Completions<'a>(pub Vec<Completion<'a>>);

/// Smallest size of a completion in bytes: id and tag.
const COMPLETION_MIN_BYTES: usize = 5;

impl<'a> Message<'a> for Completions<'a> {
    fn write(&self, out: &mut Writer) {
        out.list(&self.0);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self(input.list(COMPLETION_MIN_BYTES, "completion count")?))
    }
}
