//! Engines of ours under test, as builds, hosts and commands are told.

use anyhow::Result;
use end_to_end::program::program;
use runner::Config;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use wizerjs::BuildOptions;
use wizerjs::engine::EngineChoice;

/// An engine of ours.
#[derive(Clone, Debug)]
pub struct EngineUnderTest {
    /// What it is called in tables.
    pub name: String,
    /// Its file, or the embedded one.
    pub choice: EngineChoice,
}

impl EngineUnderTest {
    /// Those with these paths, of which `embedded` is the embedded one. The only one is called `ours`.
    pub fn all(paths: Vec<PathBuf>) -> Vec<Self> {
        let several = paths.len() > 1;
        let engine = |path: PathBuf| {
            let name = if several { format!("ours ({})", path.display()) } else { "ours".to_owned() };
            let is_embedded = path.as_os_str() == "embedded";
            Self { name, choice: if is_embedded { EngineChoice::Embedded } else { EngineChoice::File(path) } }
        };
        paths.into_iter().map(engine).collect()
    }

    /// The embedded one.
    pub fn embedded() -> Self {
        Self { name: "ours".to_owned(), choice: EngineChoice::Embedded }
    }

    /// A host that knows it.
    pub fn config(&self) -> Config {
        Config { engines: self.file().map(Path::to_owned).into_iter().collect(), ..Config::default() }
    }

    /// A build with it.
    pub fn build_options(&self, entry: impl Into<PathBuf>) -> BuildOptions {
        let mut options = BuildOptions::new(entry.into());
        options.engine = self.choice.clone();
        options
    }

    /// What commands of `wizerjs` and `runner` are told.
    pub fn arguments(&self) -> Vec<OsString> {
        self.file().map_or_else(Vec::new, |path| vec!["--engine".into(), path.into()])
    }

    /// `runner serve` of a file or folder, without its log.
    ///
    /// # Errors
    /// It is not built.
    pub fn serve(&self, path: &Path, address: SocketAddr) -> Result<Command> {
        let mut command = program("runner")?;
        command.arg("serve").arg(path).args(["--quiet", "--addr", &address.to_string()]).args(self.arguments());
        Ok(command)
    }

    fn file(&self) -> Option<&Path> {
        match &self.choice {
            EngineChoice::File(path) => Some(path),
            EngineChoice::Embedded => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EngineUnderTest;

    #[test]
    fn the_embedded_engine_needs_no_word_and_a_file_is_named() {
        let engines = EngineUnderTest::all(vec!["embedded".into(), "a.wasm".into()]);
        assert_eq!(engines[0].arguments().len() + engines[0].config().engines.len(), 0);
        assert_eq!(engines[1].arguments(), ["--engine", "a.wasm"]);
        assert_eq!(engines[1].config().engines, [std::path::Path::new("a.wasm")]);
        assert_eq!(engines[1].name, "ours (a.wasm)");
    }
}
