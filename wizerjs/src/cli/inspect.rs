//! `wizerjs inspect`: what a module holds and what its snapshot captured.

use super::Common;
use super::input::{Input, read_module};
use anyhow::{Context, Result};
use std::path::PathBuf;
use wizerjs::inspect::{Inspection, html, text};
use wizerjs::output::write_atomically;

/// Explain a module: sections, memory, segments, and what its snapshot captured
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Module to explain: `.wasm`, `.wat`, or `-` for stdin
    input: PathBuf,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Draw memory on a page of its own
    #[arg(long, value_name = "PATH")]
    html: Option<PathBuf>,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let Input { name, bytes } = read_module(&args.input)?;
    let inspection = Inspection::of(&bytes).with_context(|| name.clone())?;
    if let Some(path) = &args.html {
        write_atomically(path, html(&name, &inspection).as_bytes())?;
        common.say(format_args!("wrote {}", path.display()));
        if !args.json {
            return Ok(());
        }
    }
    match args.json {
        true => super::print(&serde_json::to_string_pretty(&inspection)?),
        false => super::write_stdout(text(&inspection).as_bytes()),
    }
}
