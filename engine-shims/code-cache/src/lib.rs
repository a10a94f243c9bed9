//! Compiled machine code of wasm modules: content-addressed, verified, shared by processes.
