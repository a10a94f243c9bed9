//! The programs under test, as Cargo built them.

use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// A command that runs one of the workspace's binaries, with a cache of the tests' own and nothing of the user's
/// environment that could change what it does.
///
/// # Errors
/// The binary has not been built.
pub fn program(name: &str) -> Result<Command> {
    let path = profile_folder()?.join(name);
    ensure!(path.is_file(), "{} is not built: run `cargo build --release --workspace` first", path.display());
    with_environment(Command::new(path))
}

/// A command line in which the workspace's binaries can be named, otherwise as [`program`].
///
/// # Errors
/// They have not been built.
pub fn shell(words: &[&str]) -> Result<Command> {
    for name in ["wizerjs", "runner"] {
        program(name)?;
    }
    let (name, arguments) = words.split_first().context("an empty command line")?;
    let mut command = with_environment(Command::new(name))?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(profile_folder()?).chain(std::env::split_paths(&paths));
    command.args(arguments).env("PATH", std::env::join_paths(paths)?);
    Ok(command)
}

fn with_environment(mut command: Command) -> Result<Command> {
    command
        .env("XDG_CACHE_HOME", profile_folder()?.join("end-to-end-cache"))
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .env_remove("RUNNER_ADDR")
        .env_remove("RUNNER_LOG")
        .env_remove("SOURCE_DATE_EPOCH");
    Ok(command)
}

/// Arguments that name the engine under test: the file in the variable `TEST_ENGINE`, none for the embedded one. This is
/// how a guest is tried before it is packed.
pub fn engine_args() -> Vec<OsString> {
    std::env::var_os("TEST_ENGINE").map_or_else(Vec::new, |path| vec!["--engine".into(), path])
}

/// `target`: where downloads of tests are kept.
///
/// # Errors
/// The program that runs is not in such a folder.
pub fn target_folder() -> Result<PathBuf> {
    Ok(profile_folder()?.parent().context("no target folder")?.to_path_buf())
}

/// `target/release`: where the running program is, or the folder above for a test in `deps`.
fn profile_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("no target folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_path_buf())
}
