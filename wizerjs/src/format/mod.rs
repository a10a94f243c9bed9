//! How a snapshot of an application is written. Bytes in, bytes out: knows no JavaScript and no Wasmtime.

mod compress;
mod delta;
mod link;
pub mod module;
mod parts;
pub mod thin;

pub use compress::{compress, decompress};
pub use delta::{Delta, OS_PAGE_BYTES, Segment, WASM_PAGE_BYTES, difference, difference_within};

pub use link::{link, split};

use serde::Serialize;

/// How a snapshot of an application is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The difference to the engine's base image: data and no code.
    Thin,
    /// Self-contained: the engine's code and the whole image.
    Module,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Thin => "thin",
            Self::Module => "module",
        })
    }
}
