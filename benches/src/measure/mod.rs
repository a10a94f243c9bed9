//! Instruments: what a server does for its clients, and what it costs.

pub mod control;
pub mod cpu;
pub mod engine;
pub mod faults;
pub mod instructions;
pub mod load;
pub mod memory;
pub mod process;
pub mod server;
pub mod stack;
pub mod times;
pub mod usage;
pub mod wrk;
