//! `wizerjs types`: declarations for TypeScript.

use super::Common;
use anyhow::Result;
use std::io::Write;
use std::path::PathBuf;
use wizerjs::output;

/// Write TypeScript's declarations of what applications find in the engine
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to write them; standard output unless given
    #[arg(long, short)]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let Some(path) = args.output else {
        return Ok(std::io::stdout().write_all(wizerjs::TYPES.as_bytes())?);
    };
    output::write_atomically(&path, wizerjs::TYPES.as_bytes())?;
    if common.quiet {
        return Ok(());
    }
    super::print(&format!("{}: TypeScript declarations; use them with \"lib\": [\"esnext\"]", path.display()))
}
