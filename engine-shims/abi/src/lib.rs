//! The interface between an engine guest (a JavaScript engine compiled to WebAssembly) and its host.
//!
//! This crate is the only copy of every name, layout and version; the guest and both host programs
//! (`wizerjs` while building, `runner` while serving) use it. It allocates nothing of a size that the
//! other side chose: decoding borrows from the message.
//!
//! # The life of an instance
//!
//! 1. [`export::INITIALIZE`] runs C++ and Rust constructors, once, before anything else.
//! 2. [`export::INITIALIZE_ENGINE`]`() -> `[`Load`] starts the engine, installs the builtins and warms up. The memory
//!    image after it is the *base image*, shared by every application.
//! 3. [`export::LOAD_APPLICATION`]`(ptr, len) -> `[`Load`] takes an [`Application`] and evaluates its entry module,
//!    draining microtasks and top-level await. The image after it is the application's snapshot.
//! 4. [`export::HANDLE_REQUEST`]`(ptr, len) -> `[`State`] takes a [`Request`], once in the life of a restored instance.
//!    While it answers [`State::Pending`] the host runs the outstanding operations and calls
//!    [`export::RESUME`]`(ptr, len) -> `[`State`] with [`Completions`].
//!
//! The guest never blocks: every wait is an operation, and control is back at the host while it runs.
//!
//! # Messages
//!
//! A message is a run of bytes in guest memory, fields in declaration order. Integers are little-endian;
//! byte strings and lists carry a `u32` length or count first; enumerations carry a `u8` tag. To pass one in,
//! the host calls [`export::ALLOCATE`]`(len, align) -> ptr` (0: no memory), writes it there, and passes `(ptr, len)`;
//! the guest owns the buffer from then on. Messages that the guest passes to an import are only read during that call.
//!
//! Everything the guest says is checked field by field; a malformed message is a [`Malformed`] error, never a panic.

#![no_std]

extern crate alloc;

mod application;
mod diagnostic;
mod http;
mod operation;
mod wire;

pub use application::{Application, Module};
pub use diagnostic::{Diagnostic, Kind, Level};
pub use http::{Body, Headers, Request, Response};
pub use operation::{Completion, Completions, Operation, Outcome};
pub use wire::{Malformed, Message, Reader, Writer};

/// Version of everything in this crate; part of [`HOST_MODULE`]. Any change of a name, layout or meaning raises it.
pub const ABI_VERSION: u32 = 2;

/// The wasm module name of every function in [`import`]. It carries [`ABI_VERSION`], so a guest of another version
/// fails to link, by name.
pub const HOST_MODULE: &str = "wizerjs-host-v2";

/// Names of what the guest exports.
pub mod export {
    /// The linear memory.
    pub const MEMORY: &str = "memory";
    /// `()`: constructors; reactor convention of WASI.
    pub const INITIALIZE: &str = "_initialize";
    /// `() -> i32` ([`crate::Load`]): start the engine.
    pub const INITIALIZE_ENGINE: &str = "initialize_engine";
    /// `(ptr: i32, len: i32) -> i32` ([`crate::Load`]): evaluate an [`crate::Application`].
    pub const LOAD_APPLICATION: &str = "load_application";
    /// `()`: both of the above, the [`crate::Application`] being read from standard input. Traps on failure.
    /// For tools that know nothing of this interface, such as the stock Wizer.
    pub const WIZER_INITIALIZE: &str = "wizer-initialize";
    /// `(len: i32, align: i32) -> i32`: memory for a message, 0 if there is none.
    pub const ALLOCATE: &str = "allocate";
    /// `(ptr: i32, len: i32) -> i32` ([`crate::State`]): take a [`crate::Request`].
    pub const HANDLE_REQUEST: &str = "handle_request";
    /// `(ptr: i32, len: i32) -> i32` ([`crate::State`]): take [`crate::Completions`].
    pub const RESUME: &str = "resume";
    /// `(ptr: i32, len: i32) -> i32` ([`crate::State`]): call the application's `main(args)`; the message is a list of
    /// byte strings, the arguments. An exit code other than 0 is passed with WASI's `proc_exit`.
    /// Reads of standard input are [`crate::Operation::ReadBody`]; output is [`super::import::RESPONSE_CHUNK`].
    pub const RUN_MAIN: &str = "run_main";
    /// `()`: WASI command entry: `main(args)` with arguments from WASI, waiting for timers by itself.
    pub const START: &str = "_start";
    /// The stack pointer global of the C toolchain, exported so that a snapshot can read and check it.
    pub const STACK_POINTER: &str = "__stack_pointer";
}

/// Names of what the host provides, in module [`HOST_MODULE`]. A negative result is an [`HostError`].
pub mod import {
    /// `(ptr, len) -> i32`: take a [`crate::Response`]; 0 when accepted. Once per request. With
    /// [`crate::Body::Complete`] or [`crate::Body::Empty`] the response is whole and nothing else follows.
    pub const RESPONSE_HEAD: &str = "response_head";
    /// `(ptr, len) -> i32`: bytes of a streaming body (copied before the call returns). 0: accepted, go on.
    /// Positive: accepted, and an operation of this id completes with [`crate::Outcome::Ready`] when there is
    /// room for more; the guest waits for it before the next chunk.
    pub const RESPONSE_CHUNK: &str = "response_chunk";
    /// `(ok: i32) -> i32`: end of a streaming body; `ok` 0 aborts the response instead.
    pub const RESPONSE_END: &str = "response_end";
    /// `(ptr, len) -> i32`: start an [`crate::Operation`]; its id, positive and not in use.
    pub const START_OPERATION: &str = "start_operation";
    /// `(id: i32)`: forget an operation; it will not complete. Unknown ids are ignored.
    pub const CANCEL_OPERATION: &str = "cancel_operation";
    /// `(level: i32, ptr, len)`: a line of [`crate::Level`] in UTF-8 from `console`.
    pub const LOG: &str = "log";
    /// `(ptr, len)`: a [`crate::Diagnostic`]: something went wrong, or was noticed while loading.
    pub const REPORT: &str = "report";

    /// All of them, for linkers.
    pub const ALL: [&str; 7] =
        [RESPONSE_HEAD, RESPONSE_CHUNK, RESPONSE_END, START_OPERATION, CANCEL_OPERATION, LOG, REPORT];
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        pub enum $name { $($(#[$vdoc])* $variant = $value,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number that crosses the interface.
            pub const fn code(self) -> i32 {
                self as i32
            }

            /// The value of a number, `None` for one that has no meaning.
            pub const fn from_code(code: i32) -> Option<Self> {
                match code {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// How a stage of loading ended.
    Load {
        /// Ready to be captured.
        Ready = 0,
        /// Not loaded; a [`Diagnostic`] of level [`Level::Error`] was reported.
        Failed = 1,
    }
}

codes! {
    /// Where the guest stands when it gives control back.
    State {
        /// Finished: the response is complete and `waitUntil` promises have settled.
        Done = 0,
        /// Waiting for at least one outstanding operation.
        Pending = 1,
        /// The handler failed; a [`Diagnostic`] was reported. A response may have been started.
        Failed = 2,
        /// Not finished and nothing outstanding could ever finish it; a [`Diagnostic`] was reported.
        Stalled = 3,
    }
}

codes! {
    /// Why the host refused a call. As a result of an import: negative.
    HostError {
        /// The message could not be read.
        Malformed = -1,
        /// Not in this state: a second response head, a chunk before the head, a read of a body being read.
        WrongState = -2,
        /// Not allowed in this phase, or by the host's policy (for instance an outbound request while loading).
        Forbidden = -3,
        /// A limit on operations, buffers or sizes was reached.
        Limit = -4,
        /// The other end is gone: the client closed the connection.
        Closed = -5,
        /// Not supported by this host.
        Unsupported = -6,
        /// As many outbound requests as may be open are: once one of them has its response, or is over, there is room.
        Busy = -7,
    }
}
