//! What a request costs without HTTP: pristine instance, handler, reset, on one thread. Kept instances against fresh ones.
//!
//! `cargo bench -p runner --bench instance [APP.js …]`

use runner::{App, Config, Host, Session};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Requests before measuring: code, caches and slots are warm after them.
const WARM_UP: usize = 1_000;
/// Requests measured.
const REQUESTS: usize = 5_000;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut apps: Vec<PathBuf> = std::env::args().skip(1).filter(|arg| arg != "--bench").map(Into::into).collect();
    if apps.is_empty() {
        apps = ["hello", "json-api"].map(|name| root.join("examples").join(name).join("app.js")).into();
    }
    println!(
        "{:28} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>5} {:>6}",
        "µs", "take", "call", "reset", "sum", "p99", "min", "pages", "runs", "faults"
    );
    // The stack of the main thread is too small for a guest's.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(24 << 20);
        thread.spawn_scoped(scope, || apps.iter().try_for_each(|path| measure_both(path)))?.join().expect("no panic")
    })
}

fn measure_both(path: &Path) -> anyhow::Result<()> {
    let built = wizerjs::build(&wizerjs::BuildOptions::new(path))?;
    for fresh_instances in [false, true] {
        let host = Host::new(Config { fresh_instances, ..Config::default() })?;
        let app = host.load_bytes("bench", built.bytes.clone())?;
        let kind = if fresh_instances { "fresh" } else { "kept" };
        let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        measure(&format!("{name} {kind}"), &app, fresh_instances)?;
    }
    Ok(())
}

struct Times {
    take: Vec<Duration>,
    call: Vec<Duration>,
    reset: Vec<Duration>,
    sum: Vec<Duration>,
}

impl Times {
    /// Touched from end to end, so that keeping times costs no page faults.
    fn new() -> Self {
        let touched = || vec![Duration::MAX; WARM_UP + REQUESTS];
        let mut times = Self { take: touched(), call: touched(), reset: touched(), sum: touched() };
        times.clear();
        times
    }

    fn clear(&mut self) {
        for times in [&mut self.take, &mut self.call, &mut self.reset, &mut self.sum] {
            times.clear();
        }
    }
}

fn measure(name: &str, app: &App, fresh: bool) -> anyhow::Result<()> {
    let message = Session::get("http://localhost/products/2");
    let mut times = Times::new();
    let mut faults = 0;
    let (mut pages, mut runs) = (0, 0);
    for request in 0..WARM_UP + REQUESTS {
        if request == WARM_UP {
            times.clear();
            faults = minor_faults();
        }
        let start = Instant::now();
        let mut session = app.session()?;
        let taken = Instant::now();
        let response = session.handle_sync(&message).map_err(|outcome| anyhow::anyhow!("{outcome}"))?;
        let called = Instant::now();
        if !fresh && request == WARM_UP {
            let report = session.reset()?;
            (pages, runs) = (report.pages, report.runs);
        }
        drop(session);
        let reset = Instant::now();
        drop(response);
        times.take.push(taken - start);
        times.call.push(called - taken);
        times.reset.push(reset - called);
        times.sum.push(reset - start);
    }
    let faults = (minor_faults() - faults) as f64 / REQUESTS as f64;
    let Times { take, call, reset, sum } = &mut times;
    println!(
        "{name:28} {:7.1} {:7.1} {:7.1} {:7.1} {:7.1} {:7.1} {pages:6} {runs:5} {faults:6.2}",
        quantile(take, 0.5),
        quantile(call, 0.5),
        quantile(reset, 0.5),
        quantile(sum, 0.5),
        quantile(sum, 0.99),
        quantile(sum, 0.0),
    );
    Ok(())
}

fn quantile(times: &mut [Duration], q: f64) -> f64 {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e6
}

/// Page faults of this process so far that needed no disk.
fn minor_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in parentheses come state and further numbers; the eighth of these is minor faults.
    stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(7)?.parse().ok()).unwrap_or(0)
}
