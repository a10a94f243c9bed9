//! The same sources give the same bytes: in folders of other names, with one thread and with many.

use crate::cases::cache_home;
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Modules of the application: enough that threads have something to be out of order with.
const MODULES: usize = 60;

/// An application of ES modules, CommonJS, TypeScript, JSON and text.
fn write_application(folder: &Path) -> Result<()> {
    let package = folder.join("node_modules/part");
    fs::create_dir_all(&package)?;
    fs::write(package.join("package.json"), r#"{ "name": "part", "main": "main.js" }"#)?;
    fs::write(
        package.join("main.js"),
        "exports.load = (name) => { try { return require(name) } catch { return __dirname } };\n",
    )?;
    fs::write(folder.join("package.json"), "{}")?;
    fs::write(folder.join("data.json"), r#"{ "a": [1, 2] }"#)?;
    fs::write(folder.join("page.html"), "<p>text</p>")?;
    let mut entry =
        "import data from './data.json';\nimport page from './page.html';\nimport { load } from 'part';\n".to_owned();
    let mut names = Vec::new();
    for module in 0..MODULES {
        let (kind, text) = match module % 3 {
            0 => (
                "ts",
                format!(
                    "export const value: number = {module};\nexport function named(this: unknown) {{ return value; }}\n"
                ),
            ),
            1 => ("cjs", format!("const local = {{}};\nexports.value = {module};\nexports.local = local;\n")),
            _ => (
                "js",
                format!("import {{ value as other }} from './m{}.cjs';\nexport const value = other + 1;\n", module - 1),
            ),
        };
        fs::write(folder.join(format!("m{module}.{kind}")), text)?;
        writeln!(entry, "import {{ value as v{module} }} from './m{module}.{kind}';")?;
        names.push(format!("v{module}"));
    }
    writeln!(entry, "const later = () => import('./m0.ts');")?;
    let all = names.join(", ");
    writeln!(
        entry,
        "export default {{ fetch: async () => Response.json([data, page, load, await later(), {all}]) }};"
    )?;
    Ok(fs::write(folder.join("app.tsx"), entry)?)
}

/// The artifact and its map, built with so many threads.
fn build(folder: &Path, threads: usize, options: &[&str]) -> Result<[Vec<u8>; 2]> {
    let threads = threads.to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_wizerjs"))
        .args(["build", "-q", "app.tsx", "-o", "app.wasm"])
        .args(options)
        .current_dir(folder)
        .env_clear()
        .env("XDG_CACHE_HOME", cache_home())
        .envs([("RAYON_NUM_THREADS", &threads), ("TOKIO_WORKER_THREADS", &threads)])
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let map = fs::read(folder.join("app.wasm.map"))?;
    Ok([fs::read(folder.join("app.wasm"))?, engine_artifact::decompress(map)?])
}

#[test]
fn threads_and_folders_change_nothing() -> Result<()> {
    let root = tempfile::tempdir()?;
    let folders = [root.path().join("one"), root.path().join("another place/with/a longer-name")];
    for folder in &folders {
        fs::create_dir_all(folder)?;
        write_application(folder)?;
    }
    for options in [&[][..], &["--minify"]] {
        let mut first = None;
        for folder in &folders {
            for threads in [1, 8, 8] {
                let built = build(folder, threads, options)?;
                let first = first.get_or_insert_with(|| built.clone());
                ensure!(built == *first, "{} with {threads} threads differs", folder.display());
            }
        }
        let place = root.path().to_str().context("UTF-8")?.as_bytes();
        for bytes in first.iter().flatten() {
            ensure!(!bytes.windows(place.len()).any(|part| part == place), "it holds a path of this machine");
        }
    }
    Ok(())
}
