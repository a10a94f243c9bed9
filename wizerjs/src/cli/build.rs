//! `wizerjs build`: JavaScript in, pre-initialized wasm out.

use super::terminal::Terminal;
use super::warm_up::WarmUpArgs;
use super::{Common, Usage, values};
use anyhow::{Context, Result};
use engine_artifact::{COMPRESSED_ENDING, ENDING};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use wizerjs::application::{Baked, BuildReport, Format, SourceMapPlace};
use wizerjs::engine::{self, BaseModule, EngineChoice};
use wizerjs::output;
use wizerjs::settings::Project;
use wizerjs::source::BundleOptions;

/// Name of the variable that fixes clocks of builds: <https://reproducible-builds.org/specs/source-date-epoch/>
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Build an application: bundle its modules, evaluate them, capture the engine's state, write it
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Entry file: JavaScript, TypeScript or JSX [default: the one that `wizerjs.toml` names]
    entry: Option<PathBuf>,
    /// Where to write the artifact [default: the entry's name with `.wasm`, in the current folder]
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = FormatName::Thin)]
    format: FormatName,
    /// Compress it with zstd (`.wasm.zst`)
    #[arg(long)]
    compress: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    bundle: BundleArgs,
    /// Where the source map goes: a file beside the artifact, named like it with `.map`; into the artifact; nowhere
    #[arg(long, value_enum, value_name = "PLACE", default_value_t = MapPlaceName::Beside)]
    source_map: MapPlaceName,
    /// Capture an environment variable; without a value, the one it has now
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = option_values::variable)]
    env: Vec<(String, String)>,
    #[command(flatten)]
    warm_up: WarmUpArgs,
    /// Let warm-up requests read what a snapshot fixes: what the handler keeps of it is then the same in every instance
    #[arg(long, value_enum, value_name = "NAMES", value_delimiter = ',')]
    allow_baked: Vec<BakedName>,
    /// Longest time that the top level and the warm-up requests may take, of the processor
    #[arg(long, value_name = "DURATION", value_parser = option_values::duration, default_value = values::BUILD_TIMEOUT)]
    init_timeout: Duration,
    /// Write a report in JSON
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    /// Print the report in JSON instead of a line
    #[arg(long)]
    json: bool,
}

/// Which engine to use.
#[derive(clap::Args)]
pub(crate) struct EngineArgs {
    /// Engine to use instead of the embedded one: as it was linked, or its base module
    #[arg(long, value_name = "PATH")]
    engine: Option<PathBuf>,
    /// Folder of compiled engines [default: `wizerjs` in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

impl EngineArgs {
    /// The base module of the engine.
    pub(super) fn find(self, common: Common) -> Result<BaseModule> {
        let (engine, cache_dir) = self.split();
        engine::find(&engine, cache_dir.as_deref(), &Terminal::new(common))
    }

    pub(crate) fn split(self) -> (EngineChoice, Option<PathBuf>) {
        (self.engine.map_or(EngineChoice::Embedded, EngineChoice::File), self.cache_dir)
    }
}

/// How the files of an application become one module.
#[derive(clap::Args)]
struct BundleArgs {
    /// Replace a name, or a path of names, by an expression
    #[arg(long, value_name = "NAME=EXPRESSION")]
    define: Vec<String>,
    /// Conditions of packages' `exports`, besides those of edge platforms
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    conditions: Vec<String>,
    /// Shorten the code; names of functions stay
    #[arg(long)]
    minify: bool,
}

impl BundleArgs {
    /// Add what was asked for on the command line: it comes last, and wins.
    fn add_to(self, options: &mut BundleOptions) -> Result<(), Usage> {
        let pair = |define: &String| match define.split_once('=') {
            Some((name, expression)) if !name.is_empty() && !expression.is_empty() => {
                Ok((name.to_owned(), expression.to_owned()))
            }
            _ => Err(Usage(format!("--define {define}: expected NAME=EXPRESSION; a text is an expression in quotes"))),
        };
        options.define.extend(self.define.iter().map(pair).collect::<Result<Vec<_>, _>>()?);
        options.conditions.extend(self.conditions);
        options.minify = self.minify;
        Ok(())
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum MapPlaceName {
    Beside,
    Embedded,
    None,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum BakedName {
    /// Random numbers, identifiers, keys
    Random,
    /// The time of day
    Clock,
}

impl BakedName {
    fn baked(self) -> Baked {
        match self {
            Self::Random => Baked::Random,
            Self::Clock => Baked::Clock,
        }
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FormatName {
    /// The difference to the engine's own image: data and no code
    Thin,
    /// Self-contained: the engine and the application
    Module,
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let project = Project::find(args.entry.as_deref())?;
    let entry = project.entry(args.entry.as_deref())?;
    let output = match args.output {
        Some(path) => path,
        None => default_output(&entry, args.compress)?,
    };
    let (engine, cache_dir) = args.engine.split();
    let mut options = project.options(entry);
    options.format = match args.format {
        FormatName::Thin => Format::Thin,
        FormatName::Module => Format::Module,
    };
    options.compress = args.compress;
    args.bundle.add_to(&mut options.bundle)?;
    options.source_map = match args.source_map {
        MapPlaceName::Beside => SourceMapPlace::Beside,
        MapPlaceName::Embedded => SourceMapPlace::Embedded,
        MapPlaceName::None => SourceMapPlace::None,
    };
    options.engine = engine;
    options.cache_dir = cache_dir;
    options.env = values::last_of_each(args.env);
    options.warm_up.extend(args.warm_up.0);
    options.allow_baked = args.allow_baked.into_iter().map(BakedName::baked).collect();
    options.init_timeout = args.init_timeout;
    if let Some(seconds) = std::env::var_os(SOURCE_DATE_EPOCH) {
        let seconds = seconds.to_str().and_then(|seconds| seconds.parse().ok());
        options.clock_s = seconds.ok_or_else(|| Usage(format!("{SOURCE_DATE_EPOCH} is not a number of seconds")))?;
    }

    let built = wizerjs::build_observed(&options, Arc::new(Terminal::new(common)))?;
    for warning in &built.report.warnings {
        common.say(warning);
    }
    if is_same_file(&output, &options.entry) {
        return Err(Usage(format!("{}: the artifact would replace the source", output.display())).into());
    }
    match &built.source_map {
        Some(map) if has_a_name(&output) => {
            output::write_together(&[(&output, &built.bytes), (&engine_source_map::beside(&output), map)])?;
        }
        Some(_) | None => output::write_atomically(&output, &built.bytes)?,
    }
    let json = serde_json::to_string_pretty(&built.report)?;
    if let Some(path) = &args.report {
        output::write_atomically(path, format!("{json}\n").as_bytes())?;
    }
    if args.json {
        super::print(&json)
    } else if common.quiet {
        Ok(())
    } else {
        super::print(&line(&output, &built.report))
    }
}

/// Whether both paths are of one file that is there.
fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The entry's name with another ending, in the current folder.
fn default_output(entry: &Path, compress: bool) -> Result<PathBuf> {
    let stem = entry.file_stem().with_context(|| format!("{}: not the name of a file", entry.display()))?;
    let mut name = stem.to_os_string();
    name.push(if compress { COMPRESSED_ENDING } else { ENDING });
    Ok(PathBuf::from(name))
}

/// Whether something can stand beside a path: not beside what is there and is no file, like `/dev/stdout`.
fn has_a_name(output: &Path) -> bool {
    std::fs::metadata(output).map_or(true, |metadata| metadata.is_file() || metadata.is_dir())
}

/// What was written, in one line.
fn line(output: &Path, report: &BuildReport) -> String {
    let modules = match report.modules.len() {
        1 => "1 module".to_owned(),
        count => format!("{count} modules"),
    };
    let env = if report.env.is_empty() { String::new() } else { format!(", env {}", report.env.join(" ")) };
    let warm = if report.warm_up.is_empty() {
        String::new()
    } else {
        format!(", warmed up with {}", report.warm_up.join(", "))
    };
    let read = report.environment_read.as_ref();
    let read = read.map(|place| format!(", which read the environment at {place}")).unwrap_or_default();
    let compressed = if report.compressed { ", compressed" } else { "" };
    format!(
        "{}: {} {}{compressed} in {:.0} ms: {modules}, {} in {} pages beyond {}{env}{warm}{read}",
        output.display(),
        size(report.artifact_bytes),
        report.format,
        report.elapsed_ms,
        size(report.delta_bytes),
        report.delta_os_pages,
        report.engine_name,
    )
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    const KB: f64 = 1000.0;
    let bytes_f = bytes as f64;
    if bytes_f < KB {
        format!("{bytes} B")
    } else if bytes_f < KB * KB {
        format!("{:.1} KB", bytes_f / KB)
    } else {
        format!("{:.1} MB", bytes_f / (KB * KB))
    }
}
