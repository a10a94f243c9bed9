//! What the language does, where the engine is patched: each folder of `language/` is a program whose output is that of
//! Node.js for the same file. `BLESS=1` asks Node.js again, which has to be installed then.

use anyhow::{Result, ensure};
use end_to_end::cases;
use end_to_end::program::{engine_args, program, repository};
use std::path::Path;
use std::process::Command;

/// What Node.js runs: the module at the first argument, as `runner run` does it.
const RUN: &str = "import(require('url').pathToFileURL(process.argv[1])).then((app) => app.main())";

fn main() -> Result<()> {
    cases::run(&repository().join("tests/language"), compare)
}

fn compare(case: &Path) -> Result<()> {
    let app = case.join("app.js");
    let output = match std::env::var_os("BLESS") {
        Some(_) => {
            let folder = tempfile::tempdir()?;
            let module = folder.path().join("app.mjs");
            std::fs::copy(&app, &module)?;
            Command::new("node").arg("-e").arg(RUN).arg(&module).output()?
        }
        None => program("runner")?.arg("run").args(engine_args()).arg(&app).output()?,
    };
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    cases::compare(&case.join("expected.txt"), &String::from_utf8_lossy(&output.stdout))
}
