//! Table of contents of the command line: one file per subcommand, each with `Args` and `run`.

mod build;
mod input;
mod inspect;
mod link;
mod new;
mod prepare;
mod schema;
mod snapshot;
mod split;
mod terminal;
mod types;
mod values;
mod warm_up;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Exit code for work that failed.
const EXIT_FAILURE: u8 = 1;
/// Exit code for a command line that makes no sense; the same as clap's own.
const EXIT_USAGE: u8 = 2;

/// Pre-initialize WebAssembly modules: run them to the end of their initialization once, at build time.
#[derive(Parser)]
#[command(name = "wizerjs", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every subcommand.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Common {
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Common {
    /// A remark for the person at the terminal, on stderr.
    pub(crate) fn say(self, line: impl std::fmt::Display) {
        if !self.quiet {
            eprintln!("{line}");
        }
    }
}

#[derive(Subcommand)]
enum Command {
    Build(build::Args),
    Inspect(inspect::Args),
    Link(link::Args),
    New(new::Args),
    Prepare(prepare::Args),
    Schema(schema::Args),
    Snapshot(snapshot::Args),
    Split(split::Args),
    Types(types::Args),
}

/// A command line that clap accepted and that still makes no sense: exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Parse the command line, run the subcommand, print its error.
pub(crate) fn main() -> ExitCode {
    let Cli { common, command } = Cli::parse();
    let result = match command {
        Command::Build(args) => build::run(args, common),
        Command::Inspect(args) => inspect::run(args, common),
        Command::Link(args) => link::run(args, common),
        Command::New(args) => new::run(args, common),
        Command::Prepare(args) => prepare::run(args, common),
        Command::Schema(args) => schema::run(args),
        Command::Snapshot(args) => snapshot::run(args, common),
        Command::Split(args) => split::run(args, common),
        Command::Types(args) => types::run(args, common),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {}", dimmed(&format!("{error:#}")));
    ExitCode::from(if error.is::<Usage>() { EXIT_USAGE } else { EXIT_FAILURE })
}

/// A line of results, on stdout.
pub(crate) fn print(line: &str) -> Result<()> {
    write_stdout(format!("{line}\n").as_bytes())
}

/// Results, on stdout.
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).context("cannot write to standard output")
}

/// A message whose frames of packages are dim where a terminal reads it: they are rarely what went wrong.
fn dimmed(message: &str) -> String {
    let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_refused || !std::io::stderr().is_terminal() {
        return message.to_owned();
    }
    let dim = anstyle::Style::new().dimmed();
    let lines = message.lines().map(|line| match engine_source_map::is_frame_of_package(line) {
        true => format!("{dim}{line}{dim:#}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether the reader of our stdout went away (`| head`): nobody is left to be told.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
