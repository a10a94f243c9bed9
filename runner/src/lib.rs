//! Function host.
