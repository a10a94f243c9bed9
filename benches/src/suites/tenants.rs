//! Many applications that differ in the text that they answer with: one artifact, patched.

use super::Context;
use crate::measure::engine::EngineUnderTest;
use anyhow::{Context as _, Result, ensure};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What stands for the name of the application in the artifact that the others are made from.
const PLACEHOLDER: &str = "tenant-00000000";

/// The name of an application, and what it answers.
pub(super) fn name(index: usize) -> String {
    format!("tenant-{index:08}")
}

/// The artifact that the others are made from.
pub(super) struct Template {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    pub(super) fn new(engine: &EngineUnderTest) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let entry = folder.path().join("app.js");
        let source = format!("const name = '{PLACEHOLDER}';\nexport default {{ fetch: () => new Response(name) }};\n");
        std::fs::write(&entry, source)?;
        let bytes = wizerjs::build(&engine.build_options(entry))?.bytes;
        let places: Vec<usize> =
            (0..bytes.len()).filter(|&at| bytes[at..].starts_with(PLACEHOLDER.as_bytes())).collect();
        ensure!(!places.is_empty(), "the text is not in the artifact");
        Ok(Self { bytes, places })
    }

    /// An application.
    pub(super) fn artifact(&self, index: usize) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for &at in &self.places {
            bytes[at..at + PLACEHOLDER.len()].copy_from_slice(name(index).as_bytes());
        }
        bytes
    }

    /// A folder of so many of them, out of the page cache: they are to be read from disk.
    pub(super) fn folder(&self, context: &Context, count: usize) -> Result<tempfile::TempDir> {
        let folder = tempfile::Builder::new().prefix("tenants-").tempdir_in(&context.work)?;
        let path = |index| -> PathBuf { folder.path().join(format!("{}.wasm", name(index))) };
        for index in 0..count {
            File::create(path(index))?.write_all(&self.artifact(index))?;
        }
        // What is not written cannot be forgotten.
        rustix::fs::syncfs(File::open(folder.path())?).context("cannot sync")?;
        for index in 0..count {
            forget(&path(index))?;
        }
        Ok(folder)
    }
}

fn forget(file: &Path) -> Result<()> {
    Ok(rustix::fs::fadvise(&File::open(file)?, 0, None, rustix::fs::Advice::DontNeed)?)
}
