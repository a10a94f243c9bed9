//! The numbers to remember: geometric means of ratios to [`BASE`].

use super::BASE;
use super::engine::Engine;
use super::kernels::{FIFTIETH, FIRST, KEPT, LEAST, WARMED_UP};
use crate::report::{Plot, Samples, Shape, Table, shown};

/// What is compared: the quantity of an engine, and that of [`BASE`].
const PAIRS: [(&str, &str); 4] = [(FIRST, FIRST), (KEPT, FIFTIETH), (WARMED_UP, FIFTIETH), (FIFTIETH, FIFTIETH)];

/// The same by the least times.
const PAIRS_OF_LEAST: [(&str, &str); 4] =
    [(FIRST, FIRST), ("kept, least", LEAST), ("warmed up, least", LEAST), (LEAST, LEAST)];

/// How many times the time of [`BASE`] each engine takes, by medians.
pub(super) fn table(names: &[&str], engines: &[Engine], samples: &Samples) -> Table {
    let title = format!("Kernels: how many times as long as {BASE}, geometric means");
    means(title, names, engines, samples, PAIRS, Samples::mean_ratio)
}

/// The same by the least times of all rounds, for runs on a machine that has other work.
pub(super) fn table_of_least(names: &[&str], engines: &[Engine], samples: &Samples) -> Table {
    let title = format!("The same by least times, which other load hardly changes ({FIRST}: of all rounds)");
    means(title, names, engines, samples, PAIRS_OF_LEAST, Samples::mean_ratio_of_least)
}

fn means(
    title: String,
    names: &[&str],
    engines: &[Engine],
    samples: &Samples,
    pairs: [(&str, &str); 4],
    ratio: impl Fn(&Samples, &[&str], (&str, &str), (&str, &str)) -> Option<f64>,
) -> Table {
    let head = pairs.iter().map(|(ours, base)| format!("{ours} ÷ {base} of {BASE}"));
    let rows = engines.iter().map(|engine| {
        let ratios = pairs.iter().map(|(quantity, base)| {
            ratio(samples, names, (&engine.name, quantity), (BASE, base)).map_or("–".to_owned(), shown)
        });
        let both = names.iter().filter(|case| samples.median(case, &engine.name, FIRST).is_some()).count();
        std::iter::once(engine.name.clone()).chain(ratios).chain([both.to_string()]).collect()
    });
    Table {
        title,
        head: std::iter::once(String::new()).chain(head).chain(["kernels".to_owned()]).collect(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// For each kernel, how many times the time of `base` ours takes.
pub(super) fn ratios(names: &[&str], engines: &[Engine], samples: &Samples, base: &str) -> Table {
    let ours: Vec<&Engine> = engines.iter().filter(|engine| engine.ours().is_some()).collect();
    let pairs = || ours.iter().flat_map(|engine| PAIRS.map(|pair| (engine, pair)));
    let head = pairs().map(|(engine, (quantity, of))| format!("{}: {quantity} ÷ {of}", engine.name));
    let rows = names.iter().map(|case| {
        let ratio = |(engine, (quantity, of)): (&&Engine, (&str, &str))| {
            let ratio = Some(samples.median(case, &engine.name, quantity)? / samples.median(case, base, of)?);
            ratio.map(shown)
        };
        let cells = pairs().map(|pair| ratio(pair).unwrap_or_else(|| "–".to_owned()));
        std::iter::once((*case).to_owned()).chain(cells).collect()
    });
    Table {
        title: format!("Kernels: how many times as long as {base}, each"),
        head: std::iter::once(String::new()).chain(head).collect(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// The means as bars.
pub(super) fn plots(names: &[&str], engines: &[Engine], samples: &Samples) -> Vec<Plot> {
    let plot = |name: &str, title: &str, base: &str, quantities: &[&str]| {
        let mut bars = Vec::new();
        for engine in engines {
            let is_ours = engine.ours().is_some();
            for quantity in quantities {
                let ratio = samples.mean_ratio(names, (&engine.name, quantity), (BASE, base));
                let label =
                    if quantities.len() > 1 { format!("{}, {quantity}", engine.name) } else { engine.name.clone() };
                bars.extend(ratio.map(|ratio| (label, ratio, is_ours)));
            }
        }
        bars.sort_by(|one, other| one.1.total_cmp(&other.1));
        let says = bars.iter().filter(|bar| bar.2).map(|bar| format!("{} takes {} times as long", bar.0, shown(bar.1)));
        let says = format!("{} as {BASE}.", says.collect::<Vec<_>>().join(", "));
        let axis = format!("times as long as {BASE} ({base}), shorter is better");
        Plot { name: name.to_owned(), title: title.to_owned(), axis, says, shape: Shape::Bars(bars) }
    };
    let plots = [
        plot("javascript-first", "Kernels: first run", FIRST, &[FIRST]),
        plot("javascript-again", "Kernels: run again", FIFTIETH, &[KEPT, WARMED_UP, FIFTIETH]),
    ];
    // Without the base there is nothing to compare with.
    plots.into_iter().filter(|plot| matches!(&plot.shape, Shape::Bars(bars) if !bars.is_empty())).collect()
}
