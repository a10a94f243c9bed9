//! Samples, taken in rounds, and what is computed from them.

use super::{Table, machine, shown};
use serde::Serialize;

/// The contender that is measured in every round of every suite.
pub const CONTROL: &str = "bare hyper (control)";

/// What was measured of one contender in one case.
#[derive(Debug, Serialize)]
struct Measured {
    /// What it did.
    case: String,
    /// Who did it.
    who: String,
    /// What was measured of it.
    quantity: String,
    unit: &'static str,
    /// One a round.
    samples: Vec<f64>,
    median: f64,
    /// Load average of the machine's last minute when each of them was taken.
    load: Vec<f64>,
}

/// A contender that could not be measured.
#[derive(Debug, Serialize)]
struct Failed {
    case: String,
    who: String,
    error: String,
}

/// Samples of a suite.
#[derive(Debug, Default, Serialize)]
pub struct Samples {
    measured: Vec<Measured>,
    failed: Vec<Failed>,
}

impl Samples {
    /// Note one sample of `quantity`.
    pub fn add(&mut self, case: &str, who: &str, quantity: &str, unit: &'static str, value: f64) {
        let load = machine::load();
        let known = self.measured.iter_mut().find(|one| one.is(case, who, quantity));
        let measured = match known {
            Some(known) => known,
            None => {
                self.measured.push(Measured {
                    case: case.to_owned(),
                    who: who.to_owned(),
                    quantity: quantity.to_owned(),
                    unit,
                    samples: Vec::new(),
                    median: f64::NAN,
                    load: Vec::new(),
                });
                let last = self.measured.len() - 1;
                &mut self.measured[last]
            }
        };
        measured.samples.push(value);
        measured.load.push(load);
        measured.median = median(&measured.samples);
    }

    /// Note why there is no sample. The first reason counts.
    pub fn fail(&mut self, case: &str, who: &str, error: &anyhow::Error) {
        if self.error(case, who).is_none() {
            let error = format!("{error:#}").lines().next().unwrap_or_default().to_owned();
            eprintln!("  {who}, {case}: {error}");
            self.failed.push(Failed { case: case.to_owned(), who: who.to_owned(), error });
        }
    }

    /// Why a contender could not be measured.
    pub fn error(&self, case: &str, who: &str) -> Option<&str> {
        self.failed.iter().find(|one| one.case == case && one.who == who).map(|one| one.error.as_str())
    }

    /// Median of all rounds.
    pub fn median(&self, case: &str, who: &str, quantity: &str) -> Option<f64> {
        self.measured.iter().find(|one| one.is(case, who, quantity)).map(|one| one.median)
    }

    /// The least of all rounds: what other load on the machine changes least.
    pub fn least(&self, case: &str, who: &str, quantity: &str) -> Option<f64> {
        let one = self.measured.iter().find(|one| one.is(case, who, quantity))?;
        one.samples.iter().copied().reduce(f64::min)
    }

    /// Cases in which a quantity was measured, in the order of their first sample.
    pub fn cases(&self, quantity: &str) -> Vec<&str> {
        let mut cases = Vec::new();
        for one in self.measured.iter().filter(|one| one.quantity == quantity) {
            if !cases.contains(&one.case.as_str()) {
                cases.push(one.case.as_str());
            }
        }
        cases
    }

    /// Note a round of the control.
    pub fn add_control(&mut self, per_second: f64, p99_us: f64) {
        self.add("hello, concurrency 8", CONTROL, "rate", "1/s", per_second);
        self.add("hello, concurrency 8", CONTROL, "p99", "µs", p99_us);
    }

    /// The highest 99th percentile of the control in a round.
    pub fn control_p99_us(&self) -> Option<f64> {
        let control = self.measured.iter().find(|one| one.is("hello, concurrency 8", CONTROL, "p99"))?;
        control.samples.iter().copied().reduce(f64::max)
    }

    /// Geometric mean of the ratios of two contenders, by medians, over those of `cases` that both have: how many times as
    /// much the first takes.
    pub fn mean_ratio(&self, cases: &[&str], one: (&str, &str), other: (&str, &str)) -> Option<f64> {
        mean_ratio(cases, |case| Some((self.median(case, one.0, one.1)?, self.median(case, other.0, other.1)?)))
    }

    /// As [`Samples::mean_ratio`], by the least of all rounds.
    pub fn mean_ratio_of_least(&self, cases: &[&str], one: (&str, &str), other: (&str, &str)) -> Option<f64> {
        mean_ratio(cases, |case| Some((self.least(case, one.0, one.1)?, self.least(case, other.0, other.1)?)))
    }

    /// A table of one quantity: cases down, contenders across.
    pub fn table(&self, title: &str, cases: &[impl AsRef<str>], columns: &[Column]) -> Table {
        let cases: Vec<&str> = cases.iter().map(AsRef::as_ref).collect();
        let head = std::iter::once(String::new()).chain(columns.iter().map(|column| column.head.clone()));
        let row = |case: &&str| {
            let cell = |column: &Column| match self.median(case, &column.who, &column.quantity) {
                Some(median) => shown(median * column.factor),
                None => "–".to_owned(),
            };
            std::iter::once((*case).to_owned()).chain(columns.iter().map(cell)).collect()
        };
        Table {
            title: title.to_owned(),
            head: head.collect(),
            rows: cases.iter().map(row).collect(),
            notes: self.notes(&cases, columns),
        }
    }

    /// The errors behind the cells without a number, each once.
    fn notes(&self, cases: &[&str], columns: &[Column]) -> Vec<String> {
        let shown =
            |one: &&Failed| cases.contains(&one.case.as_str()) && columns.iter().any(|column| column.who == one.who);
        let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
        for one in self.failed.iter().filter(shown) {
            let said = format!("{}: {}", one.who, one.error);
            match notes.iter_mut().find(|(known, _)| *known == said) {
                Some((_, cases)) => cases.push(&one.case),
                None => notes.push((said, vec![&one.case])),
            }
        }
        notes.into_iter().map(|(said, cases)| format!("{said} ({})", cases.join(", "))).collect()
    }
}

fn mean_ratio(cases: &[&str], pair: impl Fn(&str) -> Option<(f64, f64)>) -> Option<f64> {
    let ratios: Vec<f64> = cases.iter().filter_map(|case| pair(case)).map(|(one, other)| one / other).collect();
    geometric_mean(&ratios)
}

impl Measured {
    fn is(&self, case: &str, who: &str, quantity: &str) -> bool {
        self.case == case && self.who == who && self.quantity == quantity
    }
}

/// A column of [`Samples::table`].
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub head: String,
    /// The contender.
    pub who: String,
    /// What of it.
    pub quantity: String,
    /// What medians are multiplied with.
    pub factor: f64,
}

impl Column {
    /// A quantity of a contender, as it is.
    pub fn new(head: &str, who: &str, quantity: &str) -> Self {
        Self { head: head.to_owned(), who: who.to_owned(), quantity: quantity.to_owned(), factor: 1.0 }
    }
}

/// The value in the middle; of an even number of them the mean of the two in the middle, of none NaN.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(below), Some(above)) if sorted.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}

/// The geometric mean, of none nothing.
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (sum / values.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::{Column, Samples, geometric_mean, median};

    #[test]
    fn medians_and_means() {
        assert!(median(&[]).is_nan());
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(geometric_mean(&[]), None);
        assert!((geometric_mean(&[1.0, 4.0]).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_contender_that_failed_has_a_note_instead_of_a_number() {
        let mut samples = Samples::default();
        for value in [3.0, 1.0, 2.0] {
            samples.add("a", "ours", "first", "µs", value);
        }
        samples.add("a", "theirs", "first", "µs", 4.0);
        samples.fail("b", "theirs", &anyhow::anyhow!("no crypto\nand more"));
        samples.add("b", "ours", "first", "µs", 5.0);
        let columns = [Column::new("ours", "ours", "first"), Column::new("theirs", "theirs", "first")];
        let cases = samples.cases("first");
        let table = samples.table("t", &cases, &columns);
        assert_eq!(table.rows, [["a", "2.00", "4.00"], ["b", "5.00", "–"]]);
        assert_eq!(table.notes, ["theirs: no crypto (b)"]);
        let ratio = samples.mean_ratio(&cases, ("ours", "first"), ("theirs", "first"));
        assert_eq!(ratio.map(|ratio| (ratio * 100.0).round()), Some(50.0), "over the case that both have");
        let ratio = samples.mean_ratio_of_least(&cases, ("ours", "first"), ("theirs", "first"));
        assert_eq!(ratio.map(|ratio| (ratio * 100.0).round()), Some(25.0), "1 and 4");
    }
}
