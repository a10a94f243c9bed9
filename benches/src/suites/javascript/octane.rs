//! Octane, by the makers of V8: each of its suites in a process or instance of its own.

use super::BASE;
use super::engine::Engine;
use super::scripts::{self, Script};
use crate::peers::Package;
use crate::report::{Column, Plot, Samples, Shape, Table, geometric_mean, shown};
use crate::suites::Context;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// What a sample is of.
const SCORE: &str = "score";

/// Suites and their files. Those that a short run has are first.
const SUITES: [(&str, &[&str]); 15] = [
    ("Richards", &["richards"]),
    ("DeltaBlue", &["deltablue"]),
    ("Crypto", &["crypto"]),
    ("RayTrace", &["raytrace"]),
    ("RegExp", &["regexp"]),
    ("NavierStokes", &["navier-stokes"]),
    ("EarleyBoyer", &["earley-boyer"]),
    ("Splay", &["splay"]),
    ("PdfJS", &["pdfjs"]),
    ("Mandreel", &["mandreel"]),
    ("Gameboy", &["gbemu-part1", "gbemu-part2"]),
    ("CodeLoad", &["code-load"]),
    ("Box2D", &["box2d"]),
    ("zlib", &["zlib", "zlib-data"]),
    ("Typescript", &["typescript", "typescript-input", "typescript-compiler"]),
];

/// Suites of a short run.
const QUICK: usize = 6;

/// Rounds: every suite runs for seconds, and repeats itself.
const ROUNDS: usize = 1;

pub(super) fn measure(
    context: &mut Context,
    engines: &[Engine],
    samples: &mut Samples,
) -> Result<(Vec<Table>, Vec<Plot>)> {
    let suites = &SUITES[..if context.quick { QUICK } else { SUITES.len() }];
    let mut scripts = Vec::new();
    for (name, files) in suites {
        if context.wants("octane", name) {
            scripts.push(script(context, name, files)?);
        }
    }
    if scripts.is_empty() {
        return Ok(Default::default());
    }
    for round in 0..ROUNDS {
        eprintln!("octane, round {} of {ROUNDS}", round + 1);
        for script in &scripts {
            for engine in engines {
                if samples.error(&script.case, &engine.name).is_some() {
                    continue;
                }
                match engine.run(script) {
                    Ok(scores) => note(engine, &scores, samples),
                    Err(error) => samples.fail(&script.case, &engine.name, &error),
                }
            }
        }
    }
    Ok(shown_as(engines, samples))
}

/// A script with the source of a suite as text: it is evaluated in sloppy mode everywhere, modules are strict.
fn script(context: &mut Context, name: &str, files: &[&str]) -> Result<Script> {
    let folder = context.peers.get(Package::Npm("workloads"))?.join("benchmark-octane/lib/octane");
    let mut source = String::new();
    for file in std::iter::once(&"base").chain(files) {
        let path = folder.join(format!("{file}.js"));
        source += &std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        source += "\n";
    }
    let driver = std::fs::read_to_string(scripts::source("octane.js"))?;
    let text = format!("globalThis.octaneSource = {};\n{driver}", Value::from(source));
    scripts::plain(context, &format!("octane-{name}"), &text, json!({}))
}

fn note(engine: &Engine, scores: &Value, samples: &mut Samples) {
    for (name, score) in scores.as_object().into_iter().flatten() {
        if let Some(score) = score.as_f64() {
            samples.add(name, &engine.name, SCORE, "points", score);
        }
    }
}

fn shown_as(engines: &[Engine], samples: &Samples) -> (Vec<Table>, Vec<Plot>) {
    let cases = samples.cases(SCORE);
    let everywhere: Vec<&str> = cases
        .iter()
        .copied()
        .filter(|case| engines.iter().all(|engine| samples.median(case, &engine.name, SCORE).is_some()))
        .collect();
    let columns: Vec<Column> = engines.iter().map(|engine| Column::new(&engine.name, &engine.name, SCORE)).collect();
    let mut table = samples.table("Octane: scores, higher is better", &cases, &columns);
    let mean = |engine: &Engine| {
        let scores: Vec<f64> = everywhere.iter().filter_map(|case| samples.median(case, &engine.name, SCORE)).collect();
        geometric_mean(&scores)
    };
    let cells = engines.iter().map(|engine| mean(engine).map_or("–".to_owned(), shown));
    let name = format!("geometric mean of the {} that run everywhere", everywhere.len());
    table.rows.push(std::iter::once(name).chain(cells).collect());
    let mut bars: Vec<(String, f64, bool)> = engines
        .iter()
        .filter_map(|engine| Some((engine.name.clone(), mean(engine)?, engine.ours().is_some())))
        .collect();
    bars.sort_by(|one, other| other.1.total_cmp(&one.1));
    let base = bars.iter().find(|bar| bar.0 == BASE).map(|bar| bar.1);
    let says = bars.iter().filter(|bar| bar.2).map(|bar| match base {
        Some(base) => format!("{} has {} of the score of {BASE}.", bar.0, shown(bar.1 / base)),
        None => format!("{} scores {}.", bar.0, shown(bar.1)),
    });
    let plot = Plot {
        name: "javascript-octane".to_owned(),
        title: "Octane".to_owned(),
        axis: "score, higher is better".to_owned(),
        says: says.collect::<Vec<_>>().join(" "),
        shape: Shape::Bars(bars),
    };
    let plots = if everywhere.is_empty() { Vec::new() } else { vec![plot] };
    (vec![table], plots)
}
