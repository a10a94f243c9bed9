//! Kernels: what handlers do, in pieces of a millisecond or so.

use super::engine::Engine;
use super::scripts::{self, Script};
use super::{BASE, summary};
use crate::report::{Column, Plot, Samples, Table, median};
use crate::suites::Context;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs in one process or instance.
const RUNS: usize = 50;
/// Requests to a kept instance, of which the median counts.
const REQUESTS: usize = 30;

/// What a sample is of.
pub(super) const FIRST: &str = "first";
pub(super) const FIFTIETH: &str = "50th";
pub(super) const KEPT: &str = "kept";
pub(super) const WARMED_UP: &str = "warmed up";
/// The least of all runs of a process.
pub(super) const LEAST: &str = "least";

/// What kernels gave where they ran first.
type Given = BTreeMap<String, (String, Value)>;

pub(super) fn measure(
    context: &mut Context,
    engines: &[Engine],
    samples: &mut Samples,
) -> Result<(Vec<Table>, Vec<Plot>)> {
    let mut kernels = Vec::new();
    for name in scripts::names("kernels")? {
        if context.wants("kernels", &name) {
            kernels.push(kernel(context, &name)?);
        }
    }
    if kernels.is_empty() {
        return Ok(Default::default());
    }
    let mut given = Given::new();
    context.rounds("kernels", samples, |_, samples, _| {
        for kernel in &kernels {
            for engine in engines {
                if samples.error(&kernel.case, &engine.name).is_none()
                    && let Err(error) = turn(engine, kernel, &mut given, samples)
                {
                    samples.fail(&kernel.case, &engine.name, &error);
                }
            }
        }
        Ok(())
    })?;
    let names: Vec<&str> = kernels.iter().map(|kernel| kernel.case.as_str()).collect();
    Ok((tables(&names, engines, samples), summary::plots(&names, engines, samples)))
}

fn kernel(context: &mut Context, name: &str) -> Result<Script> {
    let [kernel, measure] = [format!("kernels/{name}.js"), "measure-kernel.js".to_owned()].map(|file| {
        let path = scripts::source(&file);
        json!(path).to_string()
    });
    let entry = format!(
        "import {{ run }} from {kernel};\nimport {{ measureKernel }} from {measure};\n\
         globalThis.benchmark = (parameters) => measureKernel(run, parameters);\n"
    );
    scripts::bundle(context, name, &entry, json!({ "runs": RUNS }))
}

/// One round of one engine.
fn turn(engine: &Engine, kernel: &Script, given: &mut Given, samples: &mut Samples) -> Result<()> {
    let (case, who) = (&kernel.case, &engine.name);
    let said = engine.run(kernel)?;
    check(kernel, who, &said, given)?;
    samples.add(case, who, FIRST, "µs", number(&said, "first")?);
    samples.add(case, who, FIFTIETH, "µs", number(&said, "last")?);
    samples.add(case, who, LEAST, "µs", number(&said, "least")?);
    let Some(ours) = engine.ours() else { return Ok(()) };
    let ours = ours?;
    for (quantity, warmed_up) in [(KEPT, false), (WARMED_UP, true)] {
        let (mut inside, mut whole) = (Vec::new(), Vec::new());
        // The first one of them is in a new instance.
        for request in 0..=REQUESTS {
            let kept = ours.kept(kernel, warmed_up, &json!({ "runs": 1 }))?;
            if request > 0 {
                check(kernel, who, &kept.said, given)?;
                inside.push(number(&kept.said, "first")?);
                whole.push(kept.request.as_secs_f64() * 1e6);
            }
        }
        samples.add(case, who, quantity, "µs", median(&inside));
        let least = inside.iter().copied().fold(f64::INFINITY, f64::min);
        samples.add(case, who, &format!("{quantity}, {LEAST}"), "µs", least);
        samples.add(case, who, &format!("{quantity}, whole request"), "µs", median(&whole));
    }
    Ok(())
}

fn number(said: &Value, key: &str) -> Result<f64> {
    said[key].as_f64().with_context(|| format!("no number {key} in {said}"))
}

/// Whether a kernel gave what it gave elsewhere.
fn check(kernel: &Script, who: &str, said: &Value, given: &mut Given) -> Result<()> {
    let (first, expected) = given.entry(kernel.case.clone()).or_insert_with(|| (who.to_owned(), said["gave"].clone()));
    ensure!(said["gave"] == *expected, "gives {} where {first} gives {expected}", said["gave"]);
    Ok(())
}

fn tables(names: &[&str], engines: &[Engine], samples: &Samples) -> Vec<Table> {
    let is_ours = |engine: &Engine| engine.ours().is_some();
    let first: Vec<Column> = engines.iter().map(|engine| Column::new(&engine.name, &engine.name, FIRST)).collect();
    let mut warm = Vec::new();
    for engine in engines {
        if is_ours(engine) {
            for quantity in [KEPT, WARMED_UP] {
                warm.push(Column::new(&format!("{}, {quantity}", engine.name), &engine.name, quantity));
            }
        }
        warm.push(Column::new(&format!("{}, {FIFTIETH}", engine.name), &engine.name, FIFTIETH));
    }
    let whole: Vec<Column> = engines
        .iter()
        .filter(|engine| is_ours(engine))
        .flat_map(|engine| {
            [KEPT, WARMED_UP].map(|quantity| {
                let quantity = format!("{quantity}, whole request");
                Column::new(&format!("{}, {quantity}", engine.name), &engine.name, &quantity)
            })
        })
        .collect();
    vec![
        summary::table(names, engines, samples),
        summary::table_of_least(names, engines, samples),
        samples.table("Kernels, first run in a new process or a fresh instance, µs", names, &first),
        samples.table(
            "Kernels, run again: a request to a kept instance, or the 50th run in one process, µs",
            names,
            &warm,
        ),
        samples.table("Kernels, the whole request to a kept instance: taken, called, reset, µs", names, &whole),
        summary::ratios(names, engines, samples, BASE),
    ]
}
