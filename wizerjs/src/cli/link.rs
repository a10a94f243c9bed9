//! `wizerjs link`: a thin application and its engine become one self-contained module.

use super::Common;
use super::build::{EngineArgs, size};
use anyhow::{Context, Result};
use std::path::PathBuf;
use wizerjs::output;

/// Make a self-contained module of a thin application and its engine
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thin application, compressed or not
    input: PathBuf,
    /// Where to write the module
    #[arg(long, short)]
    output: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let name = args.input.display();
    let artifact = std::fs::read(&args.input).with_context(|| format!("cannot read {name}"))?;
    let base = args.engine.find(common)?;
    let module = engine_artifact::link(artifact, &base.wasm()?).with_context(|| name.to_string())?;
    output::write_atomically(&args.output, &module)?;
    if common.quiet {
        return Ok(());
    }
    let (output, size) = (args.output.display(), size(module.len() as u64));
    super::print(&format!("{output}: {size} module of {name} and {}", base.name))
}
