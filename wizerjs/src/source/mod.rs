//! The entry file and what it imports.

mod position;

pub use position::{excerpt, line_at, position_of};
