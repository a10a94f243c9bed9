//! What is shown of serving.

use super::hosts::Host;
use super::{CONCURRENCY, MAIN};
use crate::report::{CONTROL, Plot, Samples, Shape, Table, shown};

/// One application: hosts down, what was measured across.
pub(super) fn table(application: &str, hosts: &[Host], samples: &Samples) -> Table {
    let mut head = vec![String::new()];
    for concurrency in CONCURRENCY {
        head.extend(["req/s", "p50 µs", "p99 µs"].map(|what| format!("{concurrency}: {what}")));
    }
    head.extend(
        ["÷ control", "cpu µs", "wrk req/s", "PSS MB", "new for each request", "a request cannot reach"]
            .map(str::to_owned),
    );
    let control = samples.median(application, CONTROL, &rate(MAIN));
    let row = |name: &str, new: &str, isolated: &str| {
        let cell = |quantity: &str| samples.median(application, name, quantity).map_or("–".to_owned(), shown);
        let mut cells = vec![name.to_owned()];
        for concurrency in CONCURRENCY {
            cells.extend(["rate", "p50", "p99"].map(|what| cell(&format!("{concurrency}: {what}"))));
        }
        let ratio = samples.median(application, name, &rate(MAIN)).zip(control).map(|(rate, control)| rate / control);
        cells.push(ratio.map_or("–".to_owned(), shown));
        cells.extend([cell(&format!("{MAIN}: cpu")), cell("wrk"), cell("PSS"), new.to_owned(), isolated.to_owned()]);
        cells
    };
    let mut rows: Vec<Vec<String>> = hosts.iter().map(|host| row(&host.name, host.new, host.isolated)).collect();
    if control.is_some() {
        rows.push(row(CONTROL, "no JavaScript", ""));
    }
    Table {
        title: format!("{application}: concurrency 1, 8 and 64"),
        head,
        rows,
        notes: hosts
            .iter()
            .filter_map(|host| Some(format!("{}: {}", host.name, samples.error(application, &host.name)?)))
            .collect(),
    }
}

/// All applications, with the numbers to remember.
pub(super) fn headline(hosts: &[Host], samples: &Samples) -> Table {
    let quantity = rate(MAIN);
    let applications = samples.cases(&quantity);
    let rates = applications.iter().map(|application| format!("{application}, req/s"));
    let more = ["p99 µs", "processor µs", "PSS MB", "new for each request", "a request cannot reach"];
    let row = |name: &str, new: &str, isolated: &str| {
        let cell = |application: &str, quantity: &str| {
            samples.median(application, name, quantity).map_or("–".to_owned(), shown)
        };
        let rates = applications.iter().map(|application| cell(application, &quantity));
        let first = applications.first().copied().unwrap_or_default();
        let costs = [format!("{MAIN}: p99"), format!("{MAIN}: cpu"), "PSS".to_owned()].map(|what| cell(first, &what));
        let texts = [new.to_owned(), isolated.to_owned()];
        std::iter::once(name.to_owned()).chain(rates).chain(costs).chain(texts).collect()
    };
    let mut rows: Vec<Vec<String>> = hosts.iter().map(|host| row(&host.name, host.new, host.isolated)).collect();
    rows.push(row(CONTROL, "no JavaScript", "–"));
    let first = applications.first().copied().unwrap_or_default();
    Table {
        title: format!("One processor, concurrency {MAIN}; the three columns after the rates are of {first}"),
        head: std::iter::once(String::new()).chain(rates).chain(more.map(str::to_owned)).collect(),
        rows,
        notes: Vec::new(),
    }
}

fn rate(concurrency: usize) -> String {
    format!("{concurrency}: rate")
}

/// Rates as bars, the highest first.
pub(super) fn plot(application: &str, hosts: &[Host], samples: &Samples) -> Option<Plot> {
    let bar = |host: &Host| {
        let rate = samples.median(application, &host.name, &rate(MAIN))?;
        Some((format!("{} ({})", host.name, host.new), rate, host.is_ours))
    };
    let mut bars: Vec<_> = hosts.iter().filter_map(bar).collect();
    bars.sort_by(|one, other| other.1.total_cmp(&one.1));
    let ours = bars.iter().find(|bar| bar.2)?.1;
    let of = |wanted: fn(&Host) -> bool| {
        let rates = hosts.iter().filter(|host| !host.is_ours && wanted(host));
        rates.filter_map(|host| samples.median(application, &host.name, &rate(MAIN))).reduce(f64::max)
    };
    let mut says = format!("{application}: our best serves {} requests a second", shown(ours));
    for (who, rate) in [
        ("the fastest that makes something new for each request", of(|host| host.new != "nothing")),
        ("the fastest that makes nothing new", of(|host| host.new == "nothing")),
    ] {
        says += &rate.map_or_else(String::new, |rate| format!(", {} times {who}", shown(ours / rate)));
    }
    Some(Plot {
        name: format!("serving-{application}"),
        title: format!("{application}: requests a second, one processor, concurrency {MAIN}"),
        axis: "requests a second (in parentheses: what is new for each request)".to_owned(),
        says: says + ".",
        shape: Shape::Bars(bars),
    })
}
