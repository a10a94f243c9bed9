//! `runner run`: an application as a command.

use super::options::Hosting;
use super::{program, source};
use anyhow::{Context, Result};
use option_values as values;
use runner::Host;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Time limit of a command that has none of its own.
const NO_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Call an application's `main(args)`, with standard input and output, and exit with its code
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Artifact of `wizerjs build`, an entry file (.js, .mjs) that is built first, or a command of WASI preview 1 (.wasm)
    path: PathBuf,
    /// Arguments for the application
    #[arg(last = true)]
    args: Vec<String>,
    /// Time that it may take [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    programs: program::Options,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(args: Args) -> Result<ExitCode> {
    let runtime = runner::runtime(1).context("cannot start threads")?;
    let code = runtime.block_on(async { tokio::spawn(command(args)).await.context("the command panicked")? })?;
    // A read of standard input may still be going on.
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}

async fn command(args: Args) -> Result<u8> {
    let limit = args.timeout.unwrap_or(NO_TIMEOUT);
    let config = args.hosting.config(Some(limit), false);
    let limits = config.limits.clone();
    let program = tokio::task::block_in_place(|| args.programs.program(&args.path, &args.hosting, limits, &args.args))?;
    if let Some(program) = program {
        return program.run(limit).await;
    }
    let host = Host::new(config)?;
    let app = tokio::task::block_in_place(|| source::load(&host, &args.path, &args.hosting))?;
    app.run(&args.args).await
}
