//! What an application of an engine is on disk, and what it may rely on. Bytes in, bytes out: this crate knows neither
//! Wasmtime nor JavaScript, and both programs read and write artifacts through it alone.

pub mod hidden_state;
