//! Turns JavaScript, or any WASI module, into a pre-initialized WebAssembly module.
//!
//! Data flows through one phase a module; each phase returns a new value:
//! [`initialize`] runs a module up to the snapshot point, [`snapshot`] captures what the run left behind and writes
//! it into the module's own bytes, [`record`] is what the snapshot keeps about it, [`report`] says what happened,
//! [`inspect`] explains a finished file.
//!
//! For an application, [`settings`] says what a project wants, [`source`] makes one module of its files, [`engine`] finds the engine that evaluates them, [`application`]
//! has them evaluated, captures the result and writes it.
//!
//! Without the feature `bundle`, which is on by default, there is no bundler: applications are one module already
//! ([`source::Sources::module`]).

pub mod application;
pub mod clock;
mod deadline;
pub mod engine;
mod guest;
pub mod initialize;
pub mod inspect;
mod neutral;
pub mod output;
pub mod progress;
pub mod record;
pub mod report;
pub mod settings;
pub mod snapshot;
pub mod source;
mod written;

pub use application::{BuildError, BuildOptions, Built, build_sources};
#[cfg(feature = "bundle")]
pub use application::{build, build_observed};
pub use neutral::neutral_line;

/// TypeScript's declarations of what applications find in the embedded engine.
pub const TYPES: &str = include_str!("types/wizerjs.d.ts");
