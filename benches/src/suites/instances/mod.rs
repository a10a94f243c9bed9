//! Instances: what a new one, a kept one and its reset cost, what open requests hold, and applications in turn.

mod cost;
mod in_turn;
mod open;
mod sized;

use super::{Context, of_parts};
use crate::report::Suite;
use anyhow::Result;

/// Measure the parts that were asked for.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    of_parts(context, "instances", "Instances", about(), &[cost::measure, open::measure, in_turn::measure])
}

fn about() -> Vec<String> {
    [
        "What isolation costs without HTTP, in process and on one thread: `kept` is an instance that the last request left and that was brought back, `warmed up` the same of an artifact built with `--warm-up`, `new` one that is made for the request and can be kept, `--fresh-instances` one that is made from the pool for one request. `difference` is what an application has in memory that the engine alone has not.",
        "Open requests wait for a timer; applications in turn are a folder of `runner serve`, each asked after all others, the worst order for whoever keeps an instance of each.",
    ]
    .map(str::to_owned)
    .to_vec()
}
