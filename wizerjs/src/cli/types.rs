//! `wizerjs types`: declarations for TypeScript.

use super::Common;
use anyhow::Result;
use std::path::PathBuf;
use wizerjs::output;
use wizerjs::settings::{self, Project};

/// Write TypeScript's declarations of what applications find in the engine, and of the environment that `wizerjs.toml` names
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to write them; standard output unless given
    #[arg(long, short)]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let project = Project::find(None)?;
    let declarations = format!("{}{}", wizerjs::TYPES, settings::declaration(project.settings.env_names()));
    let Some(path) = args.output else {
        return super::write_stdout(declarations.as_bytes());
    };
    output::write_atomically(&path, declarations.as_bytes())?;
    if common.quiet {
        return Ok(());
    }
    super::print(&format!("{}: TypeScript declarations; use them with \"lib\": [\"esnext\"]", path.display()))
}
