//! Snapshots of modules: the law, the sentences of the README one by one, the oracle, and modules from the wild.

mod allocations;
mod cli;
mod failures;
mod generated;
mod globals;
mod harness;
mod law;
mod memories;
mod real;
mod sections;
mod segments;
mod tables;
mod testsuite;
mod wasi;
