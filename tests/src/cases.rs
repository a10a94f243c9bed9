//! Tests that are folders of input and expected output.

use crate::program::{program, repository};
use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::Path;

/// Run every folder of `folder` as a test, and exit.
///
/// # Errors
/// There is none, or the engine cannot be compiled.
pub fn run(folder: &Path, case: fn(&Path) -> Result<()>) -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || case(&path).map_err(|error| Failed::from(format!("{error:#}")))));
    }
    ensure!(!trials.is_empty(), "no cases in {}", folder.display());
    compile_engine()?;
    libtest_mimic::run(&arguments, trials).exit()
}

/// Have the engine compiled before any case, so that no log tells of it.
fn compile_engine() -> Result<()> {
    let output = program("runner")?.arg("compile").arg(repository().join("examples/hello/app.js")).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Compare what was seen with what a file says, where nothing is the same as no file; with `BLESS=1`, write it there.
///
/// # Errors
/// They differ.
pub fn compare(path: &Path, seen: &str) -> Result<()> {
    if std::env::var_os("BLESS").is_some() {
        return match seen {
            "" if !path.exists() => Ok(()),
            _ => Ok(fs::write(path, seen)?),
        };
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    ensure!(
        expected == seen,
        "{}:\n--- expected\n{expected}\n--- seen\n{seen}\n(BLESS=1 accepts what was seen)",
        path.display()
    );
    Ok(())
}
