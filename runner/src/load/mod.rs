//! From bytes to what instances are made of: artifacts, the engines they name, Wasmtime's engine.

pub(crate) mod artifact;
pub(crate) mod delta;
pub(crate) mod engines;
pub(crate) mod read;
pub(crate) mod split;
pub(crate) mod ticker;
pub(crate) mod wasmtime_engine;
