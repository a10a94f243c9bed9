//! Growth: what gets slower when something gets larger, and how much.

mod cores;
mod pages;
mod snapshot;
mod workers;

use super::{Context, of_parts};
use crate::report::Suite;
use anyhow::Result;

/// Measure the parts that were asked for.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    of_parts(
        context,
        "growth",
        "Growth",
        about(),
        &[snapshot::measure, pages::measure, cores::measure, workers::measure],
    )
}

fn about() -> Vec<String> {
    [
        "Each plot has two logarithmic axes: a line that rises as steeply as the axis goes to the right grows with the size, a flat one does not. The number of applications and the size of an application are in the suite `instances`.",
        "Processors are compared in process, a thread on each: over HTTP the clients need as many as the server.",
    ]
    .map(str::to_owned)
    .to_vec()
}
