//! The part of WASI preview 1 that an engine uses, over one trait: clocks, entropy, environment, arguments, output, exit.
//! No files, no sockets.
//!
//! A host implements [`World`] for the data of its stores, and [`define`] gives a linker the functions. Pointers, lengths and
//! encodings are this crate's affair; what the world is like is the host's. A general module, which may want files, is not for this
//! crate: `wasmtime-wasi` is there for it.

mod errno;
mod functions;
mod memory;
mod world;

pub use errno::Errno;
pub use functions::define;
pub use world::{Clock, Stream, World};

/// Module name of WASI preview 1.
pub const MODULE: &str = "wasi_snapshot_preview1";
