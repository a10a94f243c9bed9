//! Turns JavaScript, or any WASI module, into a pre-initialized WebAssembly module.
//!
//! Data flows through one phase a module; each phase returns a new value:
//! [`initialize`] runs a module up to the snapshot point, [`snapshot`] captures what the run left behind and writes
//! it into the module's own bytes, [`report`] says what happened, [`inspect`] explains a finished file.

pub mod initialize;
pub mod inspect;
pub mod output;
pub mod report;
pub mod snapshot;
