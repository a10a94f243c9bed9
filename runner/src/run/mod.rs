//! Running an application without HTTP: as a command, and in the hands of a caller.

mod command;
mod session;

pub use session::Session;
