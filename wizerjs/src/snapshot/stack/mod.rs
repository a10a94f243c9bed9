//! The call stack of an instance that was stopped at a call: read, and made again by functions that are added to the module.
//!
//! For each frame there is one [continuation](continuation): the function's body, entered at the call where it stood.

mod code;
mod constant;
mod continuation;
mod frame;
mod labels;
mod place;
mod types;

pub(super) use continuation::{Callee, body};
pub use frame::Frame;
pub(super) use frame::Reader;
pub(super) use types::{AddedTypes, Types};

/// Frames of a call stack at most: each becomes a function of the module.
pub const MAX_FRAMES: usize = 10_000;
