//! The engine guest: SpiderMonkey, what it needs to live in an instance that is snapshotted, and the Web APIs.

mod builtins;
mod exports;
mod runtime;
