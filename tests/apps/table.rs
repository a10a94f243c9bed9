//! What was found about applications, as the table in `README.md`.

use anyhow::{Context, Result, ensure};
use end_to_end::program::repository;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What the table stands between.
const MARKS: [&str; 2] = ["<!-- written by the test -->\n", "<!-- end -->\n"];

const HEAD: &str = "| application | packages | here | artifact |\n|---|---|---|--:|\n";

/// By how much of itself the size of an artifact may differ from what is written: any new engine changes it by some bytes.
const SIZE_TOLERANCE: f64 = 0.25;

/// What was found about one application.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Packages and versions.
    packages: String,
    /// Why it does not work, if it does not.
    why: Option<String>,
    bytes: u64,
}

impl Row {
    /// The row of an application with this source.
    pub(crate) fn new(source: &str, why: Option<&str>, bytes: u64) -> Result<Self> {
        let versions = fs::read_to_string(repository().join("tests/apps/package.json"))?;
        let versions: serde_json::Value = serde_json::from_str(&versions)?;
        let packages = imported(source).into_iter().map(|package| {
            let version = ["dependencies", "devDependencies"].iter().find_map(|kind| versions[kind][package].as_str());
            Ok(format!("{package} {}", version.with_context(|| format!("{package} is in no package.json"))?))
        });
        let packages = packages.collect::<Result<Vec<_>>>()?.join(", ");
        Ok(Self { packages, why: why.map(str::to_owned), bytes })
    }
}

/// Packages that a source imports.
fn imported(source: &str) -> BTreeSet<&str> {
    let specifiers =
        source.lines().filter(|line| line.starts_with("import ")).filter_map(|line| line.split('\'').nth(1));
    let packages = specifiers.filter(|specifier| !specifier.starts_with('.') && !specifier.starts_with("node:"));
    packages
        .map(|specifier| {
            let parts = if specifier.starts_with('@') { 2 } else { 1 };
            let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(end, _)| end);
            &specifier[..end]
        })
        .collect()
}

/// Rows by the name of the application.
#[derive(Debug, Default)]
pub(crate) struct Table(Mutex<BTreeMap<String, Row>>);

impl Table {
    pub(crate) fn add(&self, name: String, row: Row) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, row);
    }

    /// Whether it is what a file says; with `BLESS=1`, write it there.
    pub(crate) fn check(&self, path: &Path) -> Result<()> {
        let written = fs::read_to_string(path)?;
        let (before, rest) = written.split_once(MARKS[0]).context("no table")?;
        let (table, after) = rest.split_once(MARKS[1]).context("no end of the table")?;
        let found = self.text();
        if std::env::var_os("BLESS").is_some() {
            return Ok(fs::write(path, [before, MARKS[0], &found, MARKS[1], after].concat())?);
        }
        let is_same = |(written, found): (&str, &str)| {
            let ((written, one), (found, other)) = (split(written), split(found));
            written == found && (one - other).abs() <= one * SIZE_TOLERANCE
        };
        let differs = table.lines().count() != found.lines().count() || !table.lines().zip(found.lines()).all(is_same);
        ensure!(!differs, "{}: the table is another (BLESS=1 accepts it):\n{found}", path.display());
        Ok(())
    }

    fn text(&self) -> String {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (refused, working): (Vec<_>, Vec<_>) = rows.iter().partition(|(_, row)| row.why.is_some());
        let mut text = HEAD.to_owned();
        for (name, row) in working.into_iter().chain(refused) {
            let packages = if row.packages.is_empty() { "modules of Node.js" } else { &row.packages };
            // Writing to a text cannot fail.
            let _ = match &row.why {
                None => {
                    writeln!(text, "| {name} | {packages} | answers as in Node.js | {:.0} KB |", row.bytes as f64 / 1e3)
                }
                Some(why) => writeln!(text, "| {name} | {packages} | no: {why} | |"),
            };
        }
        text
    }
}

/// A row without its size, and that in KB.
fn split(row: &str) -> (&str, f64) {
    let size = row.strip_suffix(" KB |").and_then(|row| row.rsplit_once("| "));
    size.map_or((row, 0.0), |(row, size)| (row, size.parse().unwrap_or(0.0)))
}
