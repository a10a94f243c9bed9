//! What a request costs: pristine instance, handler, reset. Kept instances against fresh ones, and applications that were
//! warmed up while they were built against the same ones that were not.

use crate::{choice, host};
use anyhow::Result;
use benches::measure::faults::minor_faults;
use benches::measure::times::quantile_us;
use runner::{App, Session};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Requests before measuring: code, caches and slots are warm after them.
const WARM_UP: usize = 1_000;
/// Requests measured.
const REQUESTS: usize = 5_000;

/// The request, made up by builds too.
const PATH: &str = "/products/2";

/// Measure requests of applications.
pub(crate) fn measure(apps: &[PathBuf], engine: Option<&Path>) -> Result<()> {
    println!(
        "{:32} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>5} {:>6}",
        "µs", "take", "call", "reset", "sum", "p99", "min", "pages", "runs", "faults"
    );
    for path in apps {
        for (how, fresh_instances, warm_up) in
            [("kept", false, false), ("kept, warmed up", false, true), ("fresh", true, false)]
        {
            let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            let mut options = wizerjs::BuildOptions::new(path);
            if warm_up {
                options.warm_up.push(format!("GET {PATH}").parse().map_err(anyhow::Error::msg)?);
            }
            options.engine = choice(engine);
            let host = host(engine, fresh_instances)?;
            let app = host.load_bytes("bench", wizerjs::build(&options)?.bytes)?;
            requests(&format!("{name}, {how}"), &app, fresh_instances)?;
        }
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

fn requests(name: &str, app: &App, fresh: bool) -> Result<()> {
    let message = Session::get(&format!("http://localhost{PATH}"));
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
        "{name:32} {:7.1} {:7.1} {:7.1} {:7.1} {:7.1} {:7.1} {pages:6} {runs:5} {faults:6.2}",
        quantile_us(take, 0.5),
        quantile_us(call, 0.5),
        quantile_us(reset, 0.5),
        quantile_us(sum, 0.5),
        quantile_us(sum, 0.99),
        quantile_us(sum, 0.0),
    );
    Ok(())
}
