//! `wizerjs snapshot`: pre-initialize any module.

use super::input::{Input, read_module};
use super::{Common, Usage, values};
use anyhow::{Context, Result};
use engine_code_cache::CodeCache;
use std::convert::Infallible;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use wizerjs::initialize::{
    CallPoint, InitFunction, Initialized, Initializer, Options, Preload, Stdio, Wasi, find_init_function,
};
use wizerjs::output::{write_atomically, write_slices_atomically};
use wizerjs::report::Report;
use wizerjs::snapshot::{Pieces, Rewrite, rewrite};

/// Options of which any one provides WASI.
const WASI: &str = "wasi";

/// What a program is started with, unless it is told otherwise.
const PROGRAM_START: &str = "_start";

/// Run a module's initialization function and write the module with the state it left behind
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new(WASI).args(["allow_wasi", "at"]).multiple(true))]
pub(crate) struct Args {
    /// Module to initialize: `.wasm`, `.wat`, or `-` for stdin
    input: PathBuf,
    /// Where to write the snapshot; stdout if that is not a terminal
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Initialization function; without it `wizer-initialize`, then `wizer.initialize`
    #[arg(short = 'f', long, value_name = "NAME")]
    init_func: Option<String>,
    /// Run the program, from `_start` or the initialization function, until it makes this call of an imported function, and go on
    /// there when the snapshot's `_start` is called: `fd_read:0` (the first read of standard input), `wasi:sched_yield`,
    /// `MODULE.NAME[:COUNT]`; provides WASI as `--allow-wasi` does
    #[arg(long, value_name = "CALL", value_parser = |written: &str| Ok::<_, Infallible>(CallPoint::new(written)))]
    at: Option<CallPoint>,
    /// Export OLD as NEW in the snapshot, in place of what is called NEW now
    #[arg(short, long, visible_alias = "func-rename", value_name = "NEW=OLD", value_parser = values::pair)]
    rename_func: Vec<(String, String)>,
    /// Keep exporting the initialization function
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_value_t = false,
          default_missing_value = "true", action = clap::ArgAction::Set)]
    keep_init_func: bool,
    /// Instantiate this module first and let imports from NAME see its exports; its state is not captured
    #[arg(long, value_name = "NAME=PATH", value_parser = values::pair)]
    preload: Vec<(String, String)>,
    /// Provide WASI preview 1: no network, a fixed clock, the same entropy every time
    #[arg(long)]
    allow_wasi: bool,
    /// Folder that the module may use
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = values::folder, requires = WASI)]
    dir: Vec<(PathBuf, String)>,
    /// Like `--dir`, the other way round
    #[arg(long, value_name = "GUEST::HOST", value_parser = values::mapped_folder, requires = WASI, hide = true)]
    mapdir: Vec<(PathBuf, String)>,
    /// Environment variable that the module may read; without a value, this process's
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = option_values::variable, requires = WASI)]
    env: Vec<(String, String)>,
    /// Connect the module to this process's stdin, stdout and stderr
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_value_t = false,
          default_missing_value = "true", action = clap::ArgAction::Set, requires_if("true", WASI))]
    inherit_stdio: bool,
    /// Let the module read this process's whole environment, and the snapshot keep it
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_value_t = false,
          default_missing_value = "true", action = clap::ArgAction::Set, requires_if("true", WASI))]
    inherit_env: bool,
    /// Fail only when an import that nothing provides is called; always so, accepted for other tools' command lines
    #[arg(long)]
    trap_unknown_imports: bool,
    /// Longest time that initialization may take, of the processor
    #[arg(long, value_name = "DURATION", value_parser = option_values::duration, default_value = values::SNAPSHOT_TIMEOUT)]
    init_timeout: Duration,
    /// Memory that initialization may use; beyond it `memory.grow` gives -1
    #[arg(long, value_name = "BYTES", value_parser = option_values::bytes, default_value = values::SNAPSHOT_MEMORY)]
    max_memory: u64,
    /// Leave out debug information; names stay
    #[arg(long)]
    strip: bool,
    /// Write a JSON report of what was captured
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    /// Neither look for compiled code nor keep it
    #[arg(long)]
    no_cache: bool,
    /// Arguments of the program; its name, the first argument, is that of the file
    #[arg(last = true, value_name = "ARGUMENT", requires = WASI)]
    arguments: Vec<String>,
    #[command(flatten)]
    proposals: Proposals,
}

/// Switches of other tools for what is always on here.
#[derive(clap::Args)]
struct Proposals {
    #[arg(long = "wasm-multi-memory", alias = "wasm-multi-value", alias = "wasm-bulk-memory", alias = "wasm-simd",
          alias = "wasm-relaxed-simd", alias = "wasm-reference-types", alias = "relaxed-simd-deterministic",
          value_name = "true", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          value_parser = ["true"], action = clap::ArgAction::Append, hide = true)]
    _always_on: Vec<String>,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let destination = Destination::of(&args)?;
    let Input { name, bytes } = read_module(&args.input)?;
    let cache = if args.no_cache { None } else { Some(CodeCache::open_default()?) };
    let initializer = Initializer::new(cache)?;
    let module = initializer.parse(&bytes).with_context(|| name.clone())?;
    let default = args.at.as_ref().map(|_| PROGRAM_START);
    let function = find_init_function(&module, args.init_func.as_deref().or(default)).with_context(|| name.clone())?;
    let options = options(&args)?;
    let Initialized { mut stopped, run } = initializer
        .run(&module, &options, (), |_| Ok(()), |running| function.call(running))
        .with_context(|| name.clone())?;
    let started = Instant::now();
    let snapshot = stopped.capture(&module).with_context(|| name.clone())?;
    let mut report = Report::of(&module, &options, &run, &snapshot, started.elapsed());
    let output = rewrite(&module, &snapshot, &rewriting(&args, &function, &report)).with_context(|| name.clone())?;
    // What is in it can be counted while it is written.
    let count = || report.finish(output.len() as u64, &snapshot);
    rayon::join(|| destination.write(&output), count).0?;
    if let Some(path) = &args.report {
        write_atomically(path, report.to_json()?.as_bytes())?;
    }
    for warning in &report.warnings {
        common.say(format_args!("warning: {name}: {warning}"));
    }
    Ok(())
}

fn options(args: &Args) -> Result<Options> {
    Ok(Options {
        wasi: (args.allow_wasi || args.at.is_some()).then(|| wasi(args)),
        preload: args
            .preload
            .iter()
            .map(|(name, path)| Ok(Preload { name: name.clone(), bytes: read_module(path.as_ref())?.bytes }))
            .collect::<Result<_>>()?,
        timeout: args.init_timeout,
        max_memory_bytes: args.max_memory,
        at: args.at.clone(),
    })
}

fn wasi(args: &Args) -> Wasi {
    let mut env: Vec<(String, String)> = Vec::new();
    if args.inherit_env {
        env.extend(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        env.sort();
    }
    env.extend(args.env.iter().cloned());
    Wasi {
        dirs: args.dir.iter().chain(&args.mapdir).cloned().collect(),
        env: values::last_of_each(env),
        args: program_arguments(args),
        stdio: if args.inherit_stdio { Stdio::Inherited } else { Stdio::Closed },
    }
}

/// A module that is only initialized has no name, as in other tools, unless it is given arguments.
fn program_arguments(args: &Args) -> Vec<String> {
    let is_program = args.at.is_some() || !args.arguments.is_empty();
    let name = is_program.then(|| args.input.file_name().unwrap_or_default().to_string_lossy().into_owned());
    name.into_iter().chain(args.arguments.iter().cloned()).collect()
}

/// Constructors have run, so they must not be run again; the initialization function goes unless it is to be kept.
fn rewriting(args: &Args, function: &InitFunction, report: &Report) -> Rewrite {
    let mut remove_exports: Vec<String> = function.constructors.into_iter().map(String::from).collect();
    if !args.keep_init_func {
        remove_exports.push(function.name.clone());
    }
    Rewrite {
        remove_exports,
        rename_exports: args.rename_func.clone(),
        strip_debug: args.strip,
        custom_sections: vec![report.initialization.section()],
        entries: function.constructors.into_iter().chain([function.name.as_str()]).map(String::from).collect(),
    }
}

/// Where the snapshot goes.
enum Destination {
    File(PathBuf),
    Stdout,
}

impl Destination {
    fn of(args: &Args) -> Result<Self, Usage> {
        match &args.output {
            Some(path) if path.as_os_str() != "-" => Ok(Self::File(path.clone())),
            None if std::io::stdout().is_terminal() => {
                Err(Usage("a module is not for terminals: name a file with -o, or redirect stdout".to_string()))
            }
            _ => Ok(Self::Stdout),
        }
    }

    fn write(&self, output: &Pieces<'_>) -> Result<()> {
        match self {
            Self::File(path) => write_slices_atomically(path, output.slices()),
            Self::Stdout => super::write_stdout(&output.to_vec()),
        }
    }
}
