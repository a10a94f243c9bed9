//! `wizerjs prepare`: an engine as it was linked becomes its base module.

use super::Common;
use super::build::size;
use super::terminal::Terminal;
use anyhow::{Context, Result};
use std::path::PathBuf;
use wizerjs::progress::Observer;
use wizerjs::{engine, output};

/// Start an engine and write its base module, from which applications start
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Engine as it was linked
    input: PathBuf,
    /// Where to write its base module
    #[arg(long, short)]
    output: PathBuf,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let name = args.input.display();
    let engine = std::fs::read(&args.input).with_context(|| format!("cannot read {name}"))?;
    let terminal = Terminal::new(common);
    terminal.compiling(&name.to_string());
    let base = engine::prepare(&engine).with_context(|| name.to_string());
    terminal.compiled();
    let base = base?;
    output::write_atomically(&args.output, &base)?;
    if common.quiet {
        return Ok(());
    }
    super::print(&format!("{}: {} base module of {name}", args.output.display(), size(base.len() as u64)))
}
