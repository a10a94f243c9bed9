//! Engines to build with, and what the tests share.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use wizerjs::application::{BuildError, BuildOptions, Built};
use wizerjs::engine::{self, EngineChoice};

/// A folder with an application and an engine that evaluates no JavaScript.
pub(crate) struct Mock {
    folder: tempfile::TempDir,
}

impl Mock {
    /// The engine of `mock.wat`, and an entry whose fourth character says what it does.
    pub(crate) fn new(behaviour: char) -> Result<Self> {
        Self::with_engine(include_str!("mock.wat"), behaviour)
    }

    pub(crate) fn with_engine(wat: &str, behaviour: char) -> Result<Self> {
        let mock = Self { folder: tempfile::tempdir()? };
        std::fs::write(mock.path("engine.wasm"), wat::parse_str(wat)?)?;
        std::fs::write(mock.path("app.js"), format!("$$${behaviour};\n"))?;
        Ok(mock)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn options(&self) -> BuildOptions {
        let mut options = BuildOptions::new(self.path("app.js"));
        options.engine = EngineChoice::File(self.path("engine.wasm"));
        options.cache_dir = Some(self.path("cache"));
        options
    }

    pub(crate) fn build(&self) -> Result<Built, BuildError> {
        wizerjs::build(&self.options())
    }

    /// The base module that builds start from.
    pub(crate) fn base(&self) -> Result<Vec<u8>> {
        engine::prepare(&std::fs::read(self.path("engine.wasm"))?)
    }

    /// What a build that must fail says.
    pub(crate) fn failure(&self) -> Result<String> {
        Ok(self.build().err().context("the build must fail")?.to_string())
    }
}

/// The folder of this test's own files.
pub(crate) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/build")
}
