//! Snapshots of memories from 1 to 256 MiB, and of the JavaScript engine, beside the stock `wizer`: whole processes.

use crate::measure::usage::{self, Usage};
use crate::peers::Package;
use crate::report::{Column, Plot, Samples, Table};
use crate::suites::Context;
use crate::suites::lines::{lines, plot};
use anyhow::{Result, bail};
use end_to_end::program::program;
use engine_abi::Message as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sizes of memory, in MiB.
const SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// Bytes of a page of memory.
const PAGE_BYTES: usize = 65536;

/// Case of the JavaScript engine.
const ENGINE: &str = "JavaScript engine and an application";
/// What the engine is given to evaluate.
const APPLICATION: &str = "export default { fetch: () => new Response('Hello from a fresh engine!') };\n";

const OURS: &str = "wizerjs snapshot";
/// With the compiled module in a cache.
const OURS_AGAIN: &str = "wizerjs snapshot, again";
const THEIRS: &str = "wizer 11.0.3";

/// What a sample is of.
const WALL: &str = "wall";
const PEAK: &str = "peak memory";

/// How much of the memory initialization writes, and how it is called.
const FILLS: [(&str, usize); 2] = [("a page in each MiB", 4096), ("all of it", 1 << 20)];

/// A module to snapshot.
struct Case {
    name: String,
    module: PathBuf,
    function: &'static str,
    stdin: PathBuf,
}

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("growth", "snapshot") {
        return Ok(Default::default());
    }
    let folder = tempfile::Builder::new().prefix("snapshot-").tempdir_in(&context.work)?;
    let mut cases = memories(folder.path())?;
    if !context.quick {
        cases.push(engine(folder.path())?);
    }
    context.rounds("growth, snapshots", samples, |context, samples, round| {
        for case in &cases {
            for who in [THEIRS, OURS, OURS_AGAIN] {
                // Compiling the engine takes either of them some eight seconds: once is enough.
                let is_costly = case.name == ENGINE && who != OURS_AGAIN;
                if samples.error(&case.name, who).is_some() || (is_costly && round > 0) {
                    continue;
                }
                match snapshot(context, folder.path(), case, who) {
                    Ok(usage) => {
                        samples.add(&case.name, who, WALL, "ms", usage.wall_ms);
                        samples.add(&case.name, who, PEAK, "MB", usage.peak_bytes as f64 / 1e6);
                    }
                    Err(error) => samples.fail(&case.name, who, &error),
                }
            }
        }
        Ok(())
    })?;
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let columns: Vec<Column> = [WALL, PEAK]
        .into_iter()
        .flat_map(|what| {
            let unit = if what == WALL { "ms" } else { "MB" };
            [THEIRS, OURS, OURS_AGAIN].map(|who| Column::new(&format!("{who}: {what}, {unit}"), who, what))
        })
        .collect();
    let table = samples.table("Snapshots, whole processes", &names, &columns);
    let who = [THEIRS, OURS, OURS_AGAIN].map(str::to_owned);
    let mut drawn = Vec::new();
    for (how, _) in FILLS {
        for (name, points) in lines(samples, &who, &SIZES, |mib| case_name(mib, how), WALL) {
            drawn.push((format!("{name}, {how}"), points));
        }
    }
    let plot = plot(
        "growth-snapshot",
        "Snapshot of a memory",
        "ms",
        "MiB of memory, written by initialization",
        "memory",
        drawn,
    );
    Ok((vec![table], plot.into_iter().collect()))
}

fn case_name(mib: usize, how: &str) -> String {
    format!("{mib} MiB, {how} written")
}

fn memories(folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (how, bytes) in FILLS {
        for mib in SIZES {
            let module = folder.join(format!("memory-{mib}-{bytes}.wasm"));
            std::fs::write(&module, wat::parse_str(memory_module(mib, bytes))?)?;
            let stdin = PathBuf::from("/dev/null");
            cases.push(Case { name: case_name(mib, how), module, function: "wizer.initialize", stdin });
        }
    }
    Ok(cases)
}

fn engine(folder: &Path) -> Result<Case> {
    let (module, stdin) = (folder.join("engine.wasm"), folder.join("application"));
    std::fs::write(&module, engine_prebuilt::spidermonkey()?.engine_wasm()?)?;
    let source = engine_abi::Module { name: "app.js", source: APPLICATION, imports: Vec::new() };
    let application = engine_abi::Application { modules: vec![source], env: Vec::new(), warm_up: Vec::new() };
    std::fs::write(&stdin, application.encode())?;
    Ok(Case { name: ENGINE.to_owned(), module, function: engine_abi::export::WIZER_INITIALIZE, stdin })
}

/// A module that writes so many bytes into each MiB.
fn memory_module(mib: usize, bytes: usize) -> String {
    let pages = mib * (1 << 20) / PAGE_BYTES;
    format!(
        r#"(module
          (memory (export "memory") {pages})
          (func (export "wizer.initialize") (local $mib i32)
            (loop $next
              (memory.fill (i32.mul (local.get $mib) (i32.const 1048576)) (i32.const 7) (i32.const {bytes}))
              (local.set $mib (i32.add (local.get $mib) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $mib) (i32.const {mib}))))))"#
    )
}

fn snapshot(context: &mut Context, folder: &Path, case: &Case, who: &str) -> Result<Usage> {
    let output = folder.join("out.wasm");
    let mut command = match who {
        THEIRS => {
            let mut command = Command::new(context.peers.get(Package::Npm("wizer"))?.join(WIZER));
            command.args(["--allow-wasi", "--wasm-bulk-memory=true", "-f", case.function]);
            command
        }
        OURS | OURS_AGAIN => {
            let cache = folder.join("cache");
            if who == OURS {
                let _ = std::fs::remove_dir_all(&cache);
            }
            let mut command = program("wizerjs")?;
            command.args(["snapshot", "--quiet", "--allow-wasi", "--inherit-stdio", "-f", case.function]);
            command.env("XDG_CACHE_HOME", &cache);
            command
        }
        unknown => bail!("nobody is called {unknown}"),
    };
    usage::of(command.arg(&case.module).arg("-o").arg(output), &case.stdin)
}

/// The program in its package.
const WIZER: &str = "@bytecodealliance/wizer-linux-x64/wizer";
