//! What is known not to pass, by folder of the suite: `expectations/FOLDER.json`.

use anyhow::{Context, Result, ensure};
use end_to_end::program::repository;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Subtest that stands for the file itself: its script threw, or nothing came back.
pub(crate) const HARNESS: &str = "(harness)";

/// The reason of failures that were accepted with `BLESS=1` and that nobody has explained yet.
const UNEXPLAINED: &str = "unexplained";

/// Everything about one folder of the suite.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectations {
    /// Beginnings of paths that are not run, with reasons.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) skipped: BTreeMap<String, String>,
    /// Failures: by reason, then by test with its variant, the names of subtests.
    #[serde(default)]
    failures: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Expectations {
    pub(crate) fn read(folder: &str) -> Result<Self> {
        let path = path(folder);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(Self::default()) };
        let read: Self = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let explained = !read.failures.contains_key(UNEXPLAINED) || std::env::var_os("BLESS").is_some();
        ensure!(explained, "{}: a failure needs a reason; there are some under {UNEXPLAINED:?}", path.display());
        Ok(read)
    }

    pub(crate) fn write(&self, folder: &str) -> Result<()> {
        let path = path(folder);
        if self.failures.is_empty() && self.skipped.is_empty() {
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        Ok(fs::write(path, format!("{}\n", serde_json::to_string_pretty(self)?))?)
    }

    /// Why nothing of this file is run.
    pub(crate) fn why_skipped(&self, file: &str) -> Option<&str> {
        self.skipped.iter().find(|(prefix, _)| file.starts_with(*prefix)).map(|(_, reason)| reason.as_str())
    }

    /// The subtests of a test that are expected to fail.
    pub(crate) fn failures(&self, test: &str) -> BTreeSet<String> {
        self.failures.values().filter_map(|tests| tests.get(test)).flatten().cloned().collect()
    }

    /// Accept these failures of a test, and no others; those that were known keep their reasons.
    pub(crate) fn accept(&mut self, test: &str, mut failures: BTreeSet<String>) {
        for tests in self.failures.values_mut() {
            if let Some(known) = tests.get_mut(test) {
                known.retain(|subtest| failures.remove(subtest));
            }
            tests.retain(|_, subtests| !subtests.is_empty());
        }
        if !failures.is_empty() {
            self.failures.entry(UNEXPLAINED.to_owned()).or_default().insert(test.to_owned(), failures);
        }
        self.failures.retain(|_, tests| !tests.is_empty());
    }
}

fn path(folder: &str) -> PathBuf {
    repository().join("tests/wpt/expectations").join(format!("{folder}.json"))
}
