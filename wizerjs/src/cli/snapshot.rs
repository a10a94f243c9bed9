//! `wizerjs snapshot`: pre-initialize any module.

use super::Common;
use std::path::PathBuf;

/// Run a module's initialization function and write the module with the state it left behind
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Module to initialize: `.wasm`, `.wat`, or `-` for stdin
    input: PathBuf,
}

pub(crate) fn run(args: Args, _common: Common) -> anyhow::Result<()> {
    anyhow::bail!("{}: snapshots are not written yet", args.input.display())
}
