//! JavaScript: how fast engines run it, from the first time that code runs to the fiftieth. Without HTTP.

mod engine;
mod kernels;
mod octane;
mod operations;
mod ours;
mod scripts;
mod summary;

use super::Context;
use crate::report::{Samples, Suite};
use anyhow::Result;

/// The engine that every ratio is about: an interpreter of somebody else, without a JIT as ours is.
const BASE: &str = "node --jitless";

/// Measure the parts that were asked for.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    let mut samples = Samples::default();
    let engines = engine::all(context, &mut samples)?;
    let mut tables = vec![engine::table(&engines)];
    let mut headline = None;
    let mut plots = Vec::new();
    for part in [kernels::measure, octane::measure, operations::measure] {
        let (more_tables, more_plots) = part(context, &engines, &mut samples)?;
        // The first table of the first part is the one to remember.
        let mut more_tables = more_tables.into_iter();
        headline = headline.or_else(|| more_tables.next());
        tables.extend(more_tables);
        plots.extend(more_plots);
    }
    Ok(Suite { name: "javascript", title: "JavaScript", about: about(), headline, tables, plots, samples })
}

fn about() -> Vec<String> {
    [
        "Every engine runs the same script, bundled by esbuild, and says itself how long it took, by its own clock. One process for each case, engines alternating; the numbers are medians of rounds.",
        "`first` is the first run in a new process, or for ours in a fresh instance of an artifact built without `--warm-up`; what the top level does is not in it. `50th` is the median of runs 46 to 50 there. `kept` is a request to a kept instance of ours, which was brought back to the snapshot after the last one: what other engines keep from request to request, and what isolates nothing, it does not have. `warmed up` is the same with an artifact built with `--warm-up`.",
    ]
    .map(str::to_owned)
    .to_vec()
}
