//! From bytes to what instances are made of: files, the engines that artifacts name, Wasmtime's engine.

pub(crate) mod engines;
pub(crate) mod read;
pub(crate) mod ticker;
pub(crate) mod wasmtime_engine;
