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
mod resume;
mod resume_cli;
mod resume_failures;
mod resume_generated;
mod resume_law;
mod resume_program;
mod sections;
mod segments;
mod tables;
mod testsuite;
mod wasi;
