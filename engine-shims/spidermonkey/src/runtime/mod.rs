//! The engine as a guest: start-up, modules, jobs, operations, errors, limits. What JavaScript sees is in `builtins/`;
//! the seam between the two is described in `builtins/README.md`.
//!
//! There is one thread, one context and one realm, entered once and never left. Control comes in through an export of
//! `exports.rs`, runs JavaScript until nothing is left to run, and goes back: the guest never waits.

mod async_context;
mod bundle;
mod clock;
mod command;
mod engine;
mod environment;
pub mod errors;
pub mod exchange;
mod heap;
pub mod host;
mod interpreter;
mod jobs;
mod load;
mod modules;
pub mod native;
pub mod operations;
mod pending;
mod quiesce;
mod random;
mod reflect;
mod serve;
mod strings;
mod warm_up;
pub mod wasi;

pub use command::{run, run_alone};
pub use engine::start;
pub use load::load;
pub use serve::{handle, resume};
