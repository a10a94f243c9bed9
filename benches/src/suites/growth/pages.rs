//! Resets of requests that write to 10 to 10,000 pages, beside a plain copy of as many.

use crate::measure::times::quantile_us;
use crate::report::{Column, Plot, Samples, Table};
use crate::suites::Context;
use crate::suites::lines::{lines, plot};
use anyhow::{Result, ensure};
use runner::{Config, Host, Limits};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PAGE_BYTES: usize = 4096;

/// Pages written by a request.
const PAGES: [usize; 7] = [10, 30, 100, 300, 1_000, 3_000, 10_000];

/// How far apart they are: each the next, every other.
const STEPS: [usize; 2] = [1, 2];

/// Requests before measuring, and measured in a round.
const REQUESTS: [usize; 2] = [10, 50];

/// What a sample is of.
const RESET: &str = "reset";
const COPY: &str = "copy";
const RESTORED: &str = "restored";

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("growth", "pages") {
        return Ok(Default::default());
    }
    let most = PAGES[PAGES.len() - 1] * STEPS[STEPS.len() - 1];
    let wasm = guest(most)?;
    let (from, mut to) = (vec![1_u8; most * PAGE_BYTES], vec![2_u8; most * PAGE_BYTES]);
    context.rounds("growth, pages", samples, |_, samples, _| {
        for step in STEPS {
            for pages in PAGES {
                if samples.error(&case(pages), who(step)).is_none()
                    && let Err(error) = turn(&wasm, (&from, &mut to), pages, step, samples)
                {
                    samples.fail(&case(pages), who(step), &error);
                }
            }
        }
        Ok(())
    })?;
    let mut drawn = Vec::new();
    for what in [RESET, COPY] {
        for (name, points) in lines(samples, &STEPS.map(|step| who(step).to_owned()), &PAGES, case, what) {
            drawn.push((format!("{what}, {name}"), points));
        }
    }
    let columns: Vec<Column> = STEPS
        .iter()
        .flat_map(|&step| {
            [(RESET, "µs"), (COPY, "µs"), (RESTORED, "pages")]
                .map(|(what, unit)| Column::new(&format!("{}: {what}, {unit}", who(step)), who(step), what))
        })
        .collect();
    let cases = PAGES.map(case);
    let table =
        samples.table("The reset of a request that writes to pages, beside a plain copy of as many", &cases, &columns);
    let plot = plot(
        "growth-pages",
        "The reset of a request that writes to pages",
        "µs",
        "pages of 4 KiB that the request writes to",
        "pages",
        drawn,
    );
    Ok((vec![table], plot.into_iter().collect()))
}

fn case(pages: usize) -> String {
    format!("{pages} pages")
}

fn who(step: usize) -> &'static str {
    if step == 1 { "each the next" } else { "every other" }
}

fn turn(wasm: &[u8], (from, to): (&[u8], &mut [u8]), pages: usize, step: usize, samples: &mut Samples) -> Result<()> {
    // A host of its own: its instance has seen nothing else.
    let limits = Limits { instances: 2, ..Limits::default() };
    let app = Host::new(Config { limits, ..Config::default() })?.load_bytes("writer", wasm.to_vec())?;
    let message = [u32::try_from(pages)?.to_le_bytes(), u32::try_from(step)?.to_le_bytes()].concat();
    let mut session = app.session()?;
    let (mut resets, mut copies) = (Vec::new(), Vec::new());
    let mut report = runner::ResetReport::default();
    let [before, measured] = REQUESTS;
    for request in 0..before + measured {
        // It gives no response, and is brought back like any other.
        let _ = session.handle_sync(&message);
        let start = Instant::now();
        report = session.reset()?;
        let reset = start.elapsed();
        let copy = copy(from, to, pages, step);
        if request >= before {
            resets.push(reset);
            copies.push(copy);
        }
    }
    ensure!(report.pages >= pages, "it wrote to {pages} pages, and {} were restored", report.pages);
    samples.add(&case(pages), who(step), RESET, "µs", quantile_us(&mut resets, 0.5));
    samples.add(&case(pages), who(step), COPY, "µs", quantile_us(&mut copies, 0.5));
    samples.add(&case(pages), who(step), RESTORED, "pages", report.pages as f64);
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
