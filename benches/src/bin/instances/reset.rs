//! What it costs to bring back an instance whose requests write to many pages, beside a plain copy of as many.

use anyhow::{Result, ensure};
use benches::measure::times::quantile_us;
use runner::{Config, Host};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PAGE_BYTES: usize = 4096;

/// Pages written by a request.
const PAGES: [usize; 12] = [10, 30, 100, 200, 300, 400, 600, 1_000, 1_500, 2_000, 3_000, 5_000];

/// How far apart they are: each the next, every other, every fourth.
const STEPS: [usize; 3] = [1, 2, 4];

/// Requests measured.
const REQUESTS: usize = 200;

/// Characters of a bar for a ratio of 1.
const BAR: f64 = 16.0;

/// Measure all of them.
pub(crate) fn measure() -> Result<()> {
    let most = PAGES[PAGES.len() - 1] * STEPS[STEPS.len() - 1];
    let wasm = guest(most)?;
    let (from, mut to) = (vec![1_u8; most * PAGE_BYTES], vec![2_u8; most * PAGE_BYTES]);
    println!(
        "{:>6} {:>5} {:>9} {:>7} {:>9} {:>9} {:>6}",
        "pages", "step", "restored", "runs", "reset µs", "copy µs", "ratio"
    );
    for step in STEPS {
        for pages in PAGES {
            // A host of its own: its instance has seen nothing else.
            let app = Host::new(Config::default())?.load_bytes("writer", wasm.clone())?;
            let message = [(pages as u32).to_le_bytes(), (step as u32).to_le_bytes()].concat();
            let mut session = app.session()?;
            let (mut resets, mut copies) = (Vec::new(), Vec::new());
            let mut report = runner::ResetReport::default();
            for request in 0..REQUESTS + 10 {
                // It gives no response, and is brought back like any other.
                let _ = session.handle_sync(&message);
                let start = Instant::now();
                report = session.reset()?;
                let reset = start.elapsed();
                let copy = copy(&from, &mut to, pages, step);
                if request >= 10 {
                    resets.push(reset);
                    copies.push(copy);
                }
            }
            ensure!(report.pages >= pages, "it wrote to {pages} pages, and {} were restored", report.pages);
            let (reset, copy) = (quantile_us(&mut resets, 0.5), quantile_us(&mut copies, 0.5));
            let ratio = reset / copy;
            println!(
                "{pages:6} {step:5} {:9} {:7} {reset:9.1} {copy:9.1} {ratio:6.2} {}",
                report.pages,
                report.runs,
                "#".repeat((ratio * BAR) as usize)
            );
        }
    }
    Ok(())
}

fn copy(from: &[u8], to: &mut [u8], pages: usize, step: usize) -> Duration {
    let start = Instant::now();
    for page in 0..pages {
        let at = page * step * PAGE_BYTES;
        to[at..at + PAGE_BYTES].copy_from_slice(&from[at..at + PAGE_BYTES]);
    }
    let elapsed = start.elapsed();
    black_box(to);
    elapsed
}

/// A guest whose message is how many pages it writes to, and how many pages they are apart.
fn guest(most: usize) -> Result<Vec<u8>> {
    // No page is all zeros, which the system has only one of.
    let data = "a".repeat(most * PAGE_BYTES);
    let pages_64k = most.div_ceil(16) + 32;
    Ok(wat::parse_str(format!(
        r#"(module
          (memory (export "memory") {pages_64k})
          (data (i32.const 0x200000) "{data}")
          (func (export "allocate") (param i32 i32) (result i32) (i32.const 0x1000))
          (func (export "handle_request") (param $at i32) (param $length i32) (result i32)
            (local $count i32) (local $step i32)
            (local.set $count (i32.load (local.get $at)))
            (local.set $step (i32.load offset=4 (local.get $at)))
            (local.set $at (i32.const 0x200000))
            (loop $again
              (i32.store8 (local.get $at) (i32.const 1))
              (local.set $at (i32.add (local.get $at) (i32.shl (local.get $step) (i32.const 12))))
              (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
            (i32.const 0))
          (func (export "resume") (param i32 i32) (result i32) (i32.const 0)))"#
    ))?)
}
