//! What a run found: every sample, and the tables and plots made of them, as JSON, HTML and Markdown.

mod html;
mod machine;
mod markdown;
mod plot;
mod readme;
mod samples;

pub use machine::Machine;
pub use plot::{Plot, Shape};
pub use samples::{CONTROL, Column, Samples, geometric_mean, median};

use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;

/// A 99th percentile of the control above this, in microseconds, means that something else had the processors: it is
/// 0.1–0.3 ms on idle ones and 3–5 ms beside a compiler.
const NOISY_CONTROL_P99_US: f64 = 500.0;

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What the machine is.
    pub machine: Machine,
    /// Whether it was a short run, with fewer rounds.
    pub quick: bool,
    /// The command line.
    pub command: String,
    /// Seconds that the run took so far.
    pub seconds: f64,
    /// What was compared with: name, where it is from, and the error if it could not be installed.
    pub peers: Vec<PeerRow>,
    /// What was measured.
    pub suites: Vec<Suite>,
}

/// A peer, as it was found.
#[derive(Clone, Debug, Serialize)]
pub struct PeerRow {
    /// Its name in tables.
    pub name: String,
    /// Package and version.
    pub package: String,
    /// Why it is not measured.
    pub error: Option<String>,
}

/// What one suite found.
#[derive(Debug, Serialize)]
pub struct Suite {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What has to be known to read it, a paragraph each.
    pub about: Vec<String>,
    /// The numbers to remember, for the README.
    pub headline: Option<Table>,
    /// Tables made of the samples.
    pub tables: Vec<Table>,
    /// Plots made of the samples.
    pub plots: Vec<Plot>,
    /// The samples.
    pub samples: Samples,
}

/// A table as it is shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// Cells, as long as the head each.
    pub rows: Vec<Vec<String>>,
    /// Below the table, a line each.
    pub notes: Vec<String>,
}

impl Table {
    /// Whether a column shows numbers, or nothing where one would be.
    fn is_of_numbers(&self, column: usize) -> bool {
        let is_number = |cell: &str| cell == "–" || cell.starts_with(|c: char| c.is_ascii_digit());
        column > 0 && self.rows.iter().all(|row| row.get(column).is_none_or(|cell| is_number(cell)))
    }
}

impl Report {
    /// Why absolute numbers of this run are not to be used, if they are not.
    pub fn noise(&self) -> Option<String> {
        let p99 = self.suites.iter().filter_map(|suite| suite.samples.control_p99_us()).fold(0.0, f64::max);
        (p99 > NOISY_CONTROL_P99_US).then(|| {
            format!(
                "Noisy: the 99th percentile of the control (a bare hyper server) was up to {:.1} ms in a round, more than {:.1}. Compare within this run only.",
                p99 / 1e3,
                NOISY_CONTROL_P99_US / 1e3
            )
        })
    }

    /// Write `report.json`, `report.html`, `report.md` and the plots of the latter into `folder`.
    ///
    /// # Errors
    /// It cannot be written to, or a plot cannot be drawn.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        for plot in self.suites.iter().flat_map(|suite| &suite.plots) {
            write(&plot.file(), plot.svg()?)?;
        }
        write("report.json", serde_json::to_string_pretty(self)?)?;
        write("report.md", markdown::page(self))?;
        write("report.html", html::page(self)?)
    }
}

/// A number as tables show it: three significant digits, more before the point only.
pub fn shown(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "–".to_owned(),
        size if size >= 999.5 => thousands(value),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.3}"),
    }
}

/// A whole number with commas.
fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.0, 0.0123, 1.0, 12.345, 999.7, 1234.5, 1_234_567.0, f64::NAN];
        assert_eq!(numbers.map(shown), ["0", "0.012", "1.00", "12.3", "1,000", "1,234", "1,234,567", "–"]);
    }
}
