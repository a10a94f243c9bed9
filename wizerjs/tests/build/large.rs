//! Applications of megabytes: they are built, or an error says that they are too large.

use crate::cases::cache_home;
use anyhow::{Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

/// Bytes of source in one of the modules.
const MODULE_BYTES: usize = 250_000;

/// Write an application of so many bytes: functions, as bundled packages are made of.
fn write_application(folder: &Path, megabytes: usize) -> Result<()> {
    let mut entry = String::new();
    let modules = megabytes * 1_000_000 / MODULE_BYTES;
    for module in 0..modules {
        let mut text = String::new();
        let mut function = 0;
        while text.len() < MODULE_BYTES {
            writeln!(
                text,
                "export function f{function}(one, other) {{\n  const list = [one, other, {function}];\n  \
                 if (one > {module}) return list.map((each) => each * 2).filter(Boolean);\n  \
                 return {{ name: \"function {function} of module {module}\", list, text: `${{one}} and ${{other}}` }};\n}}"
            )?;
            function += 1;
        }
        fs::write(folder.join(format!("m{module}.js")), text)?;
        writeln!(entry, "import * as m{module} from './m{module}.js';")?;
    }
    let all = (0..modules).map(|module| format!("m{module}")).collect::<Vec<_>>().join(", ");
    writeln!(entry, "const all = [{all}];")?;
    writeln!(entry, "export default {{ fetch: (request) => Response.json(all[request.url.length].f1(1, 2)) }};")?;
    Ok(fs::write(folder.join("app.js"), entry)?)
}

fn build(megabytes: usize) -> Result<Output> {
    let folder = tempfile::tempdir()?;
    write_application(folder.path(), megabytes)?;
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_wizerjs"))
        .args(["build", "app.js"])
        .current_dir(folder.path())
        .env_clear()
        .env("XDG_CACHE_HOME", cache_home())
        .output()?;
    eprintln!("{megabytes} MB in {:.2} s: {}", start.elapsed().as_secs_f64(), String::from_utf8_lossy(&output.stdout));
    Ok(output)
}

#[test]
fn ten_megabytes_are_built() -> Result<()> {
    let output = build(10)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
#[ignore = "takes half a minute"]
fn forty_megabytes_are_built_or_said_to_be_too_much() -> Result<()> {
    let output = build(40)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_refused = output.status.code() == Some(1) && said.lines().count() == 1 && said.starts_with("error: ");
    ensure!(output.status.success() || is_refused, "{:?} {said}", output.status);
    Ok(())
}
