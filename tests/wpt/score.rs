//! How many subtests passed.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// Of one folder of the suite.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) files: usize,
    pub(crate) passed: usize,
    pub(crate) run: usize,
}

impl Count {
    fn percent(self) -> f64 {
        100.0 * self.passed as f64 / self.run.max(1) as f64
    }
}

/// By folder of the suite.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score(BTreeMap<String, Count>);

impl Score {
    /// Note a file, one of its variants.
    pub(crate) fn add(&mut self, folder: &str, passed: usize, run: usize) {
        let count = self.0.entry(folder.to_owned()).or_default();
        count.files += 1;
        count.passed += passed;
        count.run += run;
    }

    fn total(&self) -> Count {
        self.0.values().fold(Count::default(), |sum, count| Count {
            files: sum.files + count.files,
            passed: sum.passed + count.passed,
            run: sum.run + count.run,
        })
    }

    pub(crate) fn json(&self) -> Value {
        self.0
            .iter()
            .map(|(folder, count)| (folder.clone(), json!({ "passed": count.passed, "run": count.run })))
            .collect()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| folder | files | subtests passed | run | % |\n|---|--:|--:|--:|--:|")?;
        let rows = self.0.iter().map(|(folder, count)| (&folder[..], *count)).chain([("all", self.total())]);
        for (folder, count) in rows {
            let Count { files, passed, run } = count;
            writeln!(out, "| {folder} | {files} | {passed} | {run} | {:.1} |", count.percent())?;
        }
        Ok(())
    }
}
