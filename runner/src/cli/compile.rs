//! `runner compile`: fill the cache of compiled code ahead of time.

use super::options::Hosting;
use super::source;
use anyhow::Result;
use runner::Host;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compile what an application needs, so that serving it starts at once
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Artifact of `wizerjs build`, or an entry file (.js, .mjs)
    path: PathBuf,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(args: Args) -> Result<ExitCode> {
    let host = Host::new(args.hosting.config(None, false))?;
    let app = source::load(&host, &args.path, &args.hosting)?;
    super::print(&format!("{}: ready, {} bytes beyond its engine", app.name(), app.memory_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
