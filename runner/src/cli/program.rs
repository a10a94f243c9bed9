//! Options of programs, which are commands of WASI preview 1, for every subcommand that takes one.

use super::options::Hosting;
use anyhow::{Context, Result};
use runner::{Program, ProgramFolder, Surroundings};
use std::path::{Path, PathBuf};

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// Argument of a program; can be repeated
    #[arg(long = "arg", value_name = "ARGUMENT", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// Folder that a program may read, and with `:rw` change; can be repeated
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro|:rw]", value_parser = folder)]
    folders: Vec<ProgramFolder>,
    /// Give a program the variables of a request at the beginning of its standard input, as SCGI does: for snapshots, which have
    /// read their environment already
    #[arg(long)]
    scgi: bool,
}

impl Options {
    /// The program in this file; `None` if there is something else. `more` are further arguments.
    pub(crate) fn program(
        &self,
        path: &Path,
        hosting: &Hosting,
        limits: runner::Limits,
        more: &[String],
    ) -> Result<Option<Program>> {
        if path.extension().is_none_or(|ending| ending != "wasm") {
            return Ok(None);
        }
        let place = || path.display().to_string();
        // Whoever loads applications says what is wrong with a file.
        let Some(wasm) = std::fs::read(path).ok().filter(|wasm| runner::is_program(wasm)) else { return Ok(None) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let surroundings = Surroundings {
            arguments: [&self.arguments, more].concat(),
            env: hosting.variables().to_vec(),
            folders: self.folders.clone(),
            is_scgi: self.scgi,
            limits,
            cache_dir: hosting.cache_dir.clone(),
        };
        Program::load(&name, &wasm, surroundings).map(Some).with_context(place)
    }
}

fn folder(text: &str) -> Result<ProgramFolder, String> {
    let (folder, is_writable) = match (text.strip_suffix(":rw"), text.strip_suffix(":ro")) {
        (Some(folder), _) => (folder, true),
        (None, Some(folder)) => (folder, false),
        (None, None) => (text, false),
    };
    let (host, guest) = folder.split_once("::").unwrap_or((folder, folder));
    if host.is_empty() || guest.is_empty() {
        return Err("expected HOST[::GUEST][:ro|:rw]".to_owned());
    }
    Ok(ProgramFolder { host: PathBuf::from(host), guest: guest.to_owned(), is_writable })
}
