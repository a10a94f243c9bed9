//! A function host: every request is handled by a pristine, already initialized instance of an engine.
//!
//! [`Host`] is what a process shares, [`App`] an application loaded into it, [`serve`] puts HTTP in front.
//! Every way a request can end is an [`Outcome`]; nothing a guest does ends the process.

mod errors;
mod exchange;
mod host;
mod hostcalls;
mod instance;
mod limits;
mod load;
mod memory;
mod metrics;
mod neutral;
mod operations;
mod outcome;
mod program;
mod run;
mod serve;
mod state;
mod stream;
mod system_memory;
mod threads;
mod units;
mod watch;

pub use engine_artifact::is_program;
pub use host::{App, Beside, Config, Host};
pub use instance::ResetReport;
pub use limits::Limits;
pub use metrics::{Counter, Histogram, Metrics};
pub use operations::{NoRule, Outbound, Rule};
pub use outcome::{Outcome, OutcomeKind};
pub use program::{Folder as ProgramFolder, Program, Surroundings};
pub use run::Session;
pub use serve::{Deployed, Folder, Found, Router, runtime, serve};
pub use stream::{Body, BodyError, IncomingBody};
pub use watch::Watch;
