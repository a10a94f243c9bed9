//! Instances of applications whose difference is large: the first request of a new one, and memory of many at once.

use anyhow::{Result, anyhow};
use benches::measure::faults::minor_faults;
use benches::measure::memory::anonymous_bytes;
use benches::measure::times::quantile_us;
use runner::{App, Config, Host, Limits, Session};
use std::time::Instant;
use wizerjs::BuildOptions;

/// Sizes of data at the top level of applications, in bytes.
const SIZES: [usize; 4] = [0, 100 << 10, 1 << 20, 7 << 20];

/// New instances measured.
const INSTANCES: usize = 100;

/// Instances that are open at the same time.
const OPEN: usize = 100;

/// Measure applications with data of every size.
pub(crate) fn measure() -> Result<()> {
    println!(
        "{:>11} {:>10} {:>9} {:>9} {:>9} {:>8} {:>12} {:>10}",
        "data bytes", "own bytes", "new µs", "call µs", "drop µs", "faults", "µs/touched", "MB private"
    );
    for size in SIZES {
        row(size)?;
    }
    Ok(())
}

fn application(size: usize) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let entry = folder.path().join("app.js");
    let source = format!(
        "const rows = [];
         for (let at = 0; at * 100 < {size}; at++) rows.push({{ number: at, name: `row ${{at}}`, tags: [at, at + 1] }});
         export default {{ fetch: () => new Response(`${{rows.length}}`) }};"
    );
    std::fs::write(&entry, source)?;
    Ok(wizerjs::build(&BuildOptions::new(&entry))?.bytes)
}

fn row(size: usize) -> Result<()> {
    let limits = Limits { kept_bytes: Some(0), ..Limits::default() };
    let host = Host::new(Config { limits, ..Config::default() })?;
    let app = host.load_bytes("large", application(size)?)?;
    let message = Session::get("http://localhost/");
    let (mut made, mut called, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    let mut faults = 0;
    for instance in 0..INSTANCES + 10 {
        if instance == 10 {
            faults = minor_faults();
            made.clear();
            called.clear();
            dropped.clear();
        }
        let start = Instant::now();
        let mut session = app.session()?;
        made.push(start.elapsed());
        let start = Instant::now();
        session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        called.push(start.elapsed());
        let start = Instant::now();
        drop(session);
        dropped.push(start.elapsed());
    }
    let faults = (minor_faults() - faults) as f64 / INSTANCES as f64;
    let before = anonymous_bytes()?;
    let open = (0..OPEN)
        .map(|_| {
            let mut session = app.session()?;
            session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
            Ok(session)
        })
        .collect::<Result<Vec<_>>>()?;
    let private = (anonymous_bytes()? - before) as f64 / OPEN as f64 / 1e6;
    drop(open);
    let new = quantile_us(&mut made, 0.5);
    println!(
        "{size:11} {:10} {new:9.1} {:9.1} {:9.1} {faults:8.1} {:12.2} {private:10.2}",
        App::memory_bytes(&app),
        quantile_us(&mut called, 0.5),
        quantile_us(&mut dropped, 0.5),
        (new - 150.0).max(0.0) / faults,
    );
    Ok(())
}
