//! Operations of the language, each in a loop of its own.

use super::BASE;
use super::engine::Engine;
use super::scripts;
use crate::report::{Column, Plot, Samples, Table, shown};
use crate::suites::Context;
use anyhow::Result;
use serde_json::json;

/// What a sample is of.
const TIME: &str = "one";

/// Least time of a loop, in milliseconds.
const LOOP_MS: u32 = 10;
/// The same in a short run.
const QUICK_LOOP_MS: u32 = 3;

pub(super) fn measure(
    context: &mut Context,
    engines: &[Engine],
    samples: &mut Samples,
) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("operations", "operations") {
        return Ok(Default::default());
    }
    let text = std::fs::read_to_string(scripts::source("operations.js"))?;
    let milliseconds = if context.quick { QUICK_LOOP_MS } else { LOOP_MS };
    let script = scripts::plain(context, "operations", &text, json!({ "milliseconds": milliseconds }))?;
    context.rounds("operations", samples, |_, samples, _| {
        for engine in engines {
            match engine.run(&script) {
                Ok(times) => {
                    for (name, time) in times.as_object().into_iter().flatten() {
                        samples.add(name, &engine.name, TIME, "ns", time.as_f64().unwrap_or(f64::NAN));
                    }
                }
                Err(error) => samples.fail(&script.case, &engine.name, &error),
            }
        }
        Ok(())
    })?;
    let cases = samples.cases(TIME);
    let columns: Vec<Column> = engines.iter().map(|engine| Column::new(&engine.name, &engine.name, TIME)).collect();
    let mut table = samples.table("Operations of the language, ns each, loop included", &cases, &columns);
    let means = engines
        .iter()
        .map(|engine| samples.mean_ratio(&cases, (&engine.name, TIME), (BASE, TIME)).map_or("–".to_owned(), shown));
    table.rows.push(std::iter::once(format!("geometric mean ÷ {BASE}")).chain(means).collect());
    Ok((vec![table], Vec::new()))
}
