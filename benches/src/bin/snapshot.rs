//! `wizerjs snapshot` against the stock `wizer` binary: time and peak memory of whole processes, pair by pair in one run.
//!
//! ```console
//! npm pack @bytecodealliance/wizer-linux-x64@11.0.3 && tar xzf bytecodealliance-wizer-linux-x64-11.0.3.tgz
//! cargo build --release -p wizerjs
//! cargo run --release -p benches --bin snapshot -- --wizer package/wizer --wizerjs target/release/wizerjs [MODULE.wasm…]
//! ```

use anyhow::{Context, Result, bail};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Sizes of memory that are tried, in MiB.
const MEMORY_MIB: [u64; 3] = [16, 256, 2048];

/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 65536;

/// Compare `wizerjs snapshot` with `wizer`.
#[derive(Parser)]
struct Args {
    /// The stock `wizer`, for control
    #[arg(long)]
    wizer: PathBuf,
    /// The `wizerjs` to measure
    #[arg(long)]
    wizerjs: PathBuf,
    /// Pairs of runs for each module
    #[arg(long, default_value_t = 3)]
    pairs: u32,
    /// Further modules, initialized with WASI and empty stdin
    modules: Vec<PathBuf>,
}

/// One process, from start to end.
#[derive(Clone, Copy)]
struct Usage {
    wall: Duration,
    peak_kib: i64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = std::env::temp_dir().join(format!("wizerjs-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = compare_all(&args, &folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn compare_all(args: &Args, folder: &Path) -> Result<()> {
    println!("median of {} pairs; wall time in ms, peak memory in MiB", args.pairs);
    println!("{:<28} {:>16} {:>16} {:>16} {:>8} {:>8}", "module", "wizer", "first", "following", "first x", "next x");
    for mib in MEMORY_MIB {
        let path = folder.join(format!("memory-{mib}.wasm"));
        std::fs::write(&path, wat::parse_str(memory_module(mib))?)?;
        compare(args, folder, &format!("{mib} MiB of memory"), &path)?;
    }
    for module in &args.modules {
        compare(args, folder, &module.display().to_string(), module)?;
    }
    Ok(())
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

fn compare(args: &Args, folder: &Path, name: &str, module: &Path) -> Result<()> {
    let output = folder.join("out.wasm");
    let (mut control, mut first, mut following) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..args.pairs {
        let cache = folder.join(format!("cache-{pair}"));
        let mut wizer = Command::new(&args.wizer);
        wizer.args(["--allow-wasi", "--wasm-bulk-memory=true", "-f", "wizer.initialize"]);
        let ours = || {
            let mut wizerjs = Command::new(&args.wizerjs);
            wizerjs
                .args(["snapshot", "--quiet", "--allow-wasi", "-f", "wizer.initialize"])
                .env("XDG_CACHE_HOME", &cache);
            measure(wizerjs.arg(module).arg("-o").arg(&output))
        };
        control.push(measure(wizer.arg(module).arg("-o").arg(&output))?);
        first.push(ours()?);
        following.push(ours()?);
        std::fs::remove_dir_all(&cache)?;
    }
    let [control, first, following] = [control, first, following].map(|usages| median(&usages));
    let cell = |usage: Usage| format!("{:.1} / {:.0}", usage.wall.as_secs_f64() * 1e3, usage.peak_kib as f64 / 1024.0);
    let times = |usage: Usage| format!("{:.2}", control.wall.as_secs_f64() / usage.wall.as_secs_f64());
    println!(
        "{name:<28} {:>16} {:>16} {:>16} {:>8} {:>8}",
        cell(control),
        cell(first),
        cell(following),
        times(first),
        times(following)
    );
    Ok(())
}

/// The median of time, and of memory.
fn median(usages: &[Usage]) -> Usage {
    let mut walls: Vec<Duration> = usages.iter().map(|usage| usage.wall).collect();
    let mut peaks: Vec<i64> = usages.iter().map(|usage| usage.peak_kib).collect();
    walls.sort_unstable();
    peaks.sort_unstable();
    Usage { wall: walls[walls.len() / 2], peak_kib: peaks[peaks.len() / 2] }
}

/// Run a command to its end.
fn measure(command: &mut Command) -> Result<Usage> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
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
    Ok(Usage { wall, peak_kib: usage.ru_maxrss })
}
