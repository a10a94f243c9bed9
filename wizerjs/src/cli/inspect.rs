//! `wizerjs inspect`: what a module holds and what its snapshot captured.

use super::Common;
use std::path::PathBuf;

/// Explain a module: sections, memory, segments, and what its snapshot captured
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Module to explain: `.wasm`, `.wat`, or `-` for stdin
    input: PathBuf,
}

pub(crate) fn run(args: Args, _common: Common) -> anyhow::Result<()> {
    anyhow::bail!("{}: not explained yet", args.input.display())
}
