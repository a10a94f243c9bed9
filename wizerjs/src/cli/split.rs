//! `wizerjs split`: a self-contained application becomes a thin one, without its engine.

use super::Common;
use super::build::{EngineArgs, size};
use anyhow::{Context, Result};
use std::path::PathBuf;
use wizerjs::output;

/// Make a thin application of a self-contained one, by taking its engine away
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Self-contained application, compressed or not
    input: PathBuf,
    /// Where to write the thin application
    #[arg(long, short)]
    output: PathBuf,
    /// Compress it with zstd
    #[arg(long)]
    compress: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let name = args.input.display();
    let artifact = std::fs::read(&args.input).with_context(|| format!("cannot read {name}"))?;
    let base = args.engine.find(common)?;
    let mut thin = engine_artifact::split(artifact, &base.wasm()?).with_context(|| name.to_string())?;
    if args.compress {
        thin = engine_artifact::compress(&thin)?;
    }
    output::write_atomically(&args.output, &thin)?;
    if common.quiet {
        return Ok(());
    }
    let (output, size) = (args.output.display(), size(thin.len() as u64));
    super::print(&format!("{output}: {size} thin of {name} without {}", base.name))
}
