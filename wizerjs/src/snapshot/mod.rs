//! Snapshots of WebAssembly modules: bytes in, bytes out. Knows no JavaScript and no particular engine.
//!
//! 1. [`parse`] validates a module and lays out what it defines.
//! 2. [`Instrumentation`] makes the module whose state can be read; somebody runs an instance of it
//!    ([`crate::initialize`]).
//! 3. [`capture`] reads that [`LiveInstance`] into a [`Snapshot`], which borrows the contents of memories.
//! 4. [`rewrite`] writes the *original* module with the snapshot as its initial state.
//!
//! What is captured: every memory, every mutable global, every table that was written to, which segments were
//! dropped, and the [frames](Frame) of functions that have not returned. What stays as it was is left in the module byte for byte.

mod addition;
mod bodies;
mod capture;
mod error;
mod facts;
mod instrument;
mod leb;
mod live;
mod memory;
mod module;
mod parse;
mod pieces;
mod rewrite;
mod runs;
mod skeleton;
mod stack;
mod value;

pub use capture::{ImportCalls, Snapshot, TableImage, capture, import_calls};
pub use error::Error;
pub use facts::Facts;
pub use instrument::{Instrumentation, Moment, Watched};
pub use live::{LiveFrame, LiveInstance, LiveReference, LiveValue};
pub use memory::{MemoryImage, Segment};
pub use module::{ImportedFunction, Module};
pub(crate) use parse::features;
pub use parse::{parse, parse_known};
pub use pieces::Pieces;
pub use rewrite::{RESUMING_EXPORT, Rewrite, changed_globals, rewrite};
pub use stack::{Frame, MAX_FRAMES};
pub use value::{Reference, Value};

/// Data segments of a rewritten module at most, whatever its memories look like. Engines take 100,000; a snapshot leaves
/// headroom for what other tools add.
pub const MAX_DATA_SEGMENTS: usize = 10_000;

/// Entries that a module may declare for a table (the limit that engines share, wasmparser `MAX_WASM_TABLE_ENTRIES`).
pub const MAX_TABLE_ENTRIES: u64 = 10_000_000;
