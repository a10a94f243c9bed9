//! From the start of a process to the answer to its first request, with the engine's code in the cache; as a control a
//! process that does nothing.

use anyhow::{Result, ensure};
use benches::measure::times::quantile_us;
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use std::time::Instant;
use wizerjs::BuildOptions;

/// Processes measured.
const PROCESSES: usize = 40;

/// Measure `hello`.
pub(crate) fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let artifact = folder.path().join("hello.wasm");
    std::fs::write(&artifact, wizerjs::build(&BuildOptions::new(repository().join("examples/hello/app.js")))?.bytes)?;
    let (mut controls, mut listening, mut answered) = (Vec::new(), Vec::new(), Vec::new());
    for process in 0..=PROCESSES {
        let start = Instant::now();
        ensure!(program("runner")?.arg("--version").output()?.status.success(), "runner --version");
        let control = start.elapsed();
        let start = Instant::now();
        let server = Server::start(&artifact, &[])?;
        let listens = start.elapsed();
        ensure!(server.get("/")?.status == 200, "an answer");
        let answers = start.elapsed();
        // The first one may have compiled the engine.
        if process > 0 {
            controls.push(control);
            listening.push(listens);
            answered.push(answers);
        }
    }
    println!("{:44} {:>9} {:>9}", "whole process, ms", "min", "p50");
    let rows = [("runner --version (control)", controls), ("it listens", listening), ("first answer", answered)];
    for (label, mut times) in rows {
        println!("{label:44} {:9.1} {:9.1}", quantile_us(&mut times, 0.0) / 1e3, quantile_us(&mut times, 0.5) / 1e3);
    }
    Ok(())
}
