//! Helpers of the end-to-end tests: the built programs, a served application, raw HTTP over loopback, and exchanges
//! written down in files.

pub mod cases;
pub mod exchange;
pub mod http;
pub mod node;
pub mod program;
pub mod server;
