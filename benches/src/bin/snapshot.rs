//! `wizerjs snapshot` against the stock `wizer` binary: time and peak memory of whole processes, in turn in one run.
//!
//! ```console
//! npm pack @bytecodealliance/wizer-linux-x64@11.0.3 && tar xzf bytecodealliance-wizer-linux-x64-11.0.3.tgz
//! cargo build --release --bin wizerjs
//! cargo run --release --bin snapshot -- --wizer package/wizer --wizerjs target/release/wizerjs
//! ```

use anyhow::{Context, Result, bail};
use clap::Parser;
use engine_abi::Message;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Sizes of memory that are tried, in MiB.
const MEMORY_MIB: [u64; 3] = [16, 256, 2048];

/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 65536;

/// What the engine is given to evaluate.
const APPLICATION: &str = "export default { fetch: () => new Response('Hello from a fresh engine!') };\n";

/// Compare `wizerjs snapshot` with `wizer`.
#[derive(Parser)]
struct Args {
    /// The stock `wizer`, for control
    #[arg(long)]
    wizer: PathBuf,
    /// The `wizerjs` to measure
    #[arg(long)]
    wizerjs: PathBuf,
    /// Turns: one run of `wizer`, one first and one following snapshot each
    #[arg(long, default_value_t = 5)]
    turns: u32,
    /// Only cases whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Write the modules of the cases into this folder, and nothing else
    #[arg(long, hide = true)]
    write_cases: Option<PathBuf>,
    /// Further modules with `wizer.initialize`, initialized with WASI and empty stdin
    modules: Vec<PathBuf>,
}

/// A module to snapshot.
struct Case {
    name: String,
    module: PathBuf,
    function: &'static str,
    stdin: PathBuf,
}

/// One process, from start to end.
#[derive(Clone, Copy)]
struct Usage {
    wall: Duration,
    cpu: Duration,
    peak_kib: i64,
    /// Time of initialization itself, where the process tells.
    run: Duration,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(folder) = &args.write_cases {
        return write_cases(folder);
    }
    let folder = std::env::temp_dir().join(format!("wizerjs-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = compare_all(&args, &folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn compare_all(args: &Args, folder: &Path) -> Result<()> {
    // In another process: what is measured of a process begins with the memory of the one that started it.
    let status = Command::new(std::env::current_exe()?)
        .args(["--wizer", "-", "--wizerjs", "-", "--write-cases"])
        .arg(folder)
        .status()?;
    anyhow::ensure!(status.success(), "cannot write the cases: {status}");
    println!("medians of {} turns: wall time and processor time in ms, peak memory in MiB", args.turns);
    println!(
        "`rest`: wall time of a following snapshot without initialization itself, and the factors are of wall time"
    );
    println!("| module | `wizer` | first | following | rest | first is | following is |");
    println!("|---|---|---|---|---|---|---|");
    for case in cases(args, folder).iter().filter(|case| case.name.contains(&args.only)) {
        compare(args, folder, case)?;
    }
    Ok(())
}

/// Files of the engine's case.
const ENGINE: &str = "engine.wasm";
const ENGINE_STDIN: &str = "application";

fn memory_file(mib: u64) -> String {
    format!("memory-{mib}.wasm")
}

fn write_cases(folder: &Path) -> Result<()> {
    for mib in MEMORY_MIB {
        std::fs::write(folder.join(memory_file(mib)), wat::parse_str(memory_module(mib))?)?;
    }
    std::fs::write(folder.join(ENGINE), engine_prebuilt::spidermonkey()?.engine_wasm()?)?;
    let source = engine_abi::Module { name: "app.js", source: APPLICATION, imports: Vec::new() };
    let application = engine_abi::Application { modules: vec![source], env: Vec::new(), warm_up: Vec::new() };
    Ok(std::fs::write(folder.join(ENGINE_STDIN), application.encode())?)
}

fn cases(args: &Args, folder: &Path) -> Vec<Case> {
    let with_nothing = |name: String, module: PathBuf| Case {
        name,
        module,
        function: "wizer.initialize",
        stdin: PathBuf::from("/dev/null"),
    };
    let memories =
        MEMORY_MIB.iter().map(|mib| with_nothing(format!("{mib} MiB of memory"), folder.join(memory_file(*mib))));
    let engine = Case {
        name: "JavaScript engine".to_owned(),
        module: folder.join(ENGINE),
        function: engine_abi::export::WIZER_INITIALIZE,
        stdin: folder.join(ENGINE_STDIN),
    };
    let others = args.modules.iter().map(|module| with_nothing(module.display().to_string(), module.clone()));
    memories.chain([engine]).chain(others).collect()
}

/// A module that writes a page of the host into each MiB.
fn memory_module(mib: u64) -> String {
    let pages = mib * (1 << 20) / PAGE_BYTES;
    format!(
        r#"(module
          (memory (export "memory") {pages})
          (func (export "wizer.initialize") (local $mib i32)
            (loop $next
              (memory.fill (i32.mul (local.get $mib) (i32.const 1048576)) (i32.const 7) (i32.const 4096))
              (local.set $mib (i32.add (local.get $mib) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $mib) (i32.const {mib}))))))"#
    )
}

fn compare(args: &Args, folder: &Path, case: &Case) -> Result<()> {
    let [by_wizer, output, report] = ["control.wasm", "out.wasm", "report.json"].map(|name| folder.join(name));
    let (mut control, mut first, mut following) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..args.turns {
        let cache = folder.join(format!("cache-{turn}"));
        let mut wizer = Command::new(&args.wizer);
        wizer.args(["--allow-wasi", "--wasm-bulk-memory=true", "-f", case.function]);
        let ours = || -> Result<Usage> {
            let mut wizerjs = Command::new(&args.wizerjs);
            wizerjs
                .args(["snapshot", "--quiet", "--allow-wasi", "--inherit-stdio", "-f", case.function, "--report"])
                .arg(&report)
                .env("XDG_CACHE_HOME", &cache);
            let usage = measure(wizerjs.arg(&case.module).arg("-o").arg(&output), &case.stdin)?;
            Ok(Usage { run: initialization(&report)?, ..usage })
        };
        control.push(measure(wizer.arg(&case.module).arg("-o").arg(&by_wizer), &case.stdin)?);
        first.push(ours()?);
        following.push(ours()?);
        std::fs::remove_dir_all(&cache)?;
    }
    let rest: Vec<Duration> = following.iter().map(|usage| usage.wall.saturating_sub(usage.run)).collect();
    let [control, first, following] = [control, first, following].map(|usages| medians(&usages));
    let cell =
        |usage: Usage| format!("{:.0}, {:.0}, {:.1}", ms(usage.wall), ms(usage.cpu), usage.peak_kib as f64 / 1024.0);
    let times = |usage: Usage| format!("{:.2} times as fast", control.wall.as_secs_f64() / usage.wall.as_secs_f64());
    println!(
        "| {} | {} | {} | {} | {:.0} | {} | {} |",
        case.name,
        cell(control),
        cell(first),
        cell(following),
        ms(median(rest)),
        times(first),
        times(following)
    );
    Ok(())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The time of initialization that a report tells.
fn initialization(report: &Path) -> Result<Duration> {
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report)?)?;
    let ms = report["milliseconds"]["run"].as_f64().context("no time in the report")?;
    Ok(Duration::from_secs_f64(ms / 1e3))
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn medians(usages: &[Usage]) -> Usage {
    Usage {
        wall: median(usages.iter().map(|usage| usage.wall).collect()),
        cpu: median(usages.iter().map(|usage| usage.cpu).collect()),
        peak_kib: median(usages.iter().map(|usage| usage.peak_kib).collect()),
        run: median(usages.iter().map(|usage| usage.run).collect()),
    }
}

/// Run a command to its end.
fn measure(command: &mut Command, stdin: &Path) -> Result<Usage> {
    command.stdin(File::open(stdin)?).stdout(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let mut status = 0;
    let id = libc::pid_t::try_from(child.id())?;
    // SAFETY: `id` is a child of ours that nobody has waited for; the two pointers are to live values of the right type.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, usage.as_mut_ptr()) };
    let wall = started.elapsed();
    // The child is gone already: this only tells the standard library.
    let _ = child.try_wait();
    if waited != id || status != 0 {
        bail!("{:?} failed (status {status:#x})", command);
    }
    // SAFETY: all zero is a valid value, and the kernel filled it in.
    let usage = unsafe { usage.assume_init() };
    let time =
        |time: libc::timeval| Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64);
    let cpu = time(usage.ru_utime) + time(usage.ru_stime);
    Ok(Usage { wall, cpu, peak_kib: usage.ru_maxrss, run: Duration::ZERO })
}
