//! A function host: every request is handled by a pristine, already initialized instance of an engine.
//!
//! [`Host`] is what a process shares, [`App`] an application loaded into it, [`serve`] puts HTTP in front.
//! Every way a request can end is an [`Outcome`]; nothing a guest does ends the process.

mod app;
mod artifact;
mod base;
mod body;
mod command;
mod engine;
mod engines;
mod folder;
mod headers;
mod host;
mod hostcalls;
mod image;
mod instance;
mod limits;
mod memory;
mod metrics;
mod operations;
mod outcome;
mod pages;
mod pipe;
mod request;
mod router;
mod runtime;
mod server;
mod session;
mod split;
mod state;
mod ticker;

pub use app::App;
pub use body::{Body, BodyError};
pub use folder::Folder;
pub use host::{Config, Host};
pub use instance::ResetReport;
pub use limits::Limits;
pub use metrics::{Counter, Histogram, Metrics};
pub use outcome::{Outcome, OutcomeKind};
pub use router::Router;
pub use runtime::runtime;
pub use server::serve;
pub use session::Session;
