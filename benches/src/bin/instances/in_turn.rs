//! Many applications, each asked in turn: the worst order for whoever keeps an instance of each.

use anyhow::{Result, anyhow, ensure};
use benches::measure::memory::anonymous_bytes;
use benches::measure::times::quantile_us;
use runner::{App, Config, Host, Limits, Session};
use std::time::{Duration, Instant};
use wizerjs::BuildOptions;

/// What stands for the name of the application in the artifact that the others are made from.
const PLACEHOLDER: &str = "tenant-00000000";

/// Requests measured for each number of applications, at least.
const REQUESTS: usize = 10_000;

/// Measure 1, 100, 1,000 and 10,000 applications, and new instances as a control.
pub(crate) fn measure() -> Result<()> {
    let template = template()?;
    println!(
        "{:28} {:>9} {:>7} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>9}",
        "applications in turn",
        "req/cpu s",
        "take µs",
        "call µs",
        "all µs",
        "p99 µs",
        "made",
        "own",
        "others'",
        "anon MB",
        "of N = 1"
    );
    let mut rates = Vec::new();
    for count in [1, 4, 100, 1_000, 10_000] {
        rates.push(row(&count.to_string(), &template, count, Limits::default(), rates.first())?);
    }
    let none = Limits { kept_bytes: Some(0), ..Limits::default() };
    row("1000, none kept (control)", &template, 1_000, none, rates.first())?;
    Ok(())
}

/// Artifact of an application that answers with its name.
fn template() -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let entry = folder.path().join("app.js");
    let source = format!("const name = '{PLACEHOLDER}';\nexport default {{ fetch: () => new Response(name) }};\n");
    std::fs::write(&entry, source)?;
    Ok(wizerjs::build(&BuildOptions::new(&entry))?.bytes)
}

fn name(index: usize) -> String {
    format!("tenant-{index:08}")
}

/// The artifact with another name.
fn renamed(template: &[u8], name: &str) -> Vec<u8> {
    let mut bytes = template.to_vec();
    for at in 0..bytes.len() {
        if template[at..].starts_with(PLACEHOLDER.as_bytes()) {
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
    }
    bytes
}

fn row(label: &str, template: &[u8], count: usize, limits: Limits, first: Option<&f64>) -> Result<f64> {
    let host = Host::new(Config { limits, ..Config::default() })?;
    let load = |index| host.load_bytes(&name(index), renamed(template, &name(index)));
    let apps = (0..count).map(load).collect::<Result<Vec<App>>>()?;
    let message = Session::get("http://localhost/");
    let parts = std::cell::RefCell::new((Vec::new(), Vec::new()));
    let ask = |app: &App| -> Result<Duration> {
        let start = Instant::now();
        let mut session = app.session()?;
        let taken = start.elapsed();
        let response = session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        let called = start.elapsed();
        drop(session);
        let elapsed = start.elapsed();
        ensure!(response.status() == 200, "{}", response.status());
        parts.borrow_mut().0.push(taken);
        parts.borrow_mut().1.push(called - taken);
        Ok(elapsed)
    };
    // Twice each: what can be kept is kept, and the pages that are written to are known.
    for app in apps.iter().cycle().take((count * 2).max(1_000)) {
        ask(app)?;
    }
    let metrics = host.metrics();
    let counts =
        || [&metrics.instances_created, &metrics.instances_reused, &metrics.instances_taken_over].map(|c| c.get());
    let before = counts();
    let requests = REQUESTS.max(count);
    let start = cpu_time();
    let mut times = apps.iter().cycle().take(requests).map(ask).collect::<Result<Vec<_>>>()?;
    let rate = requests as f64 / (cpu_time() - start).as_secs_f64();
    let [made, reused, taken] = std::array::from_fn(|index| counts()[index] - before[index]);
    let (mut take, mut call) = parts.into_inner();
    println!(
        "{label:28} {rate:9.0} {:7.1} {:7.1} {:7.1} {:7.1} {made:8} {reused:8} {taken:8} {:8.0} {:9.2}",
        quantile_us(&mut take, 0.5),
        quantile_us(&mut call, 0.5),
        quantile_us(&mut times, 0.5),
        quantile_us(&mut times, 0.99),
        anonymous_bytes()? as f64 / 1e6,
        rate / first.unwrap_or(&rate),
    );
    Ok(rate)
}

/// Processor time of this thread so far: what others do on a busy machine is not in it.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
