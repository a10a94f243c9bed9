//! Table of contents of the command line: one file per subcommand, each with `Args` and `run`.

mod compile;
#[cfg(feature = "build")]
mod dev;
mod log;
mod options;
mod program;
mod run;
mod serve;
mod source;
mod stderr;
mod style;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;
use stderr::Stderr;
use style::Style;

/// Exit code for work that failed.
const EXIT_FAILURE: u8 = 1;

/// Serve functions: a pristine, already initialized instance for every request
#[derive(Parser)]
#[command(name = "runner", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    log: log::Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "build")]
    Dev(dev::Args),
    Serve(serve::Args),
    Run(run::Args),
    Compile(compile::Args),
}

/// A line of results, on standard output.
fn print(line: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).context("cannot write to standard output")
}

/// Parse the command line, run the subcommand, print its error.
pub(crate) fn main() -> ExitCode {
    let Cli { log, command } = Cli::parse();
    let stderr = match command {
        // Without a thread for it, the log is as good as it can be.
        Command::Serve(_) => Stderr::queued().unwrap_or(Stderr::Direct),
        #[cfg(feature = "build")]
        Command::Dev(_) => Stderr::queued().unwrap_or(Stderr::Direct),
        Command::Run(_) | Command::Compile(_) => Stderr::Direct,
    };
    log.start(stderr.clone());
    let result = match command {
        #[cfg(feature = "build")]
        Command::Dev(args) => dev::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Run(args) => run::run(args),
        Command::Compile(args) => compile::run(args),
    };
    stderr.finish();
    result.unwrap_or_else(|error| {
        // If this is lost there is nobody to be told.
        let style = Style::of_stderr();
        let _ = writeln!(std::io::stderr(), "{} {}", style.error("error:"), style.lines(&format!("{error:#}")));
        ExitCode::from(EXIT_FAILURE)
    })
}
