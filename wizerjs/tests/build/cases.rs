//! Directories of input and expected output. In each folder of `cases/` and in a copy of it, `wizerjs` is run with the
//! arguments of the file `args`; `expected` holds its exit code, what it printed, and which files are new or changed.
//! `BLESS=1` writes what was found.

use crate::engines::here;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

#[test]
fn cases() -> Result<()> {
    let bless = std::env::var_os("BLESS").is_some();
    let mut folders: Vec<_> =
        std::fs::read_dir(here().join("cases"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.sort();
    ensure!(!folders.is_empty(), "no cases");
    let mut failed = String::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = run(&folder).with_context(|| name.clone())?;
        let expected = folder.join("expected");
        if bless {
            std::fs::write(&expected, &found)?;
            continue;
        }
        let expected = std::fs::read_to_string(&expected).with_context(|| format!("{name}/expected"))?;
        if found != expected {
            write!(failed, "--- {name}, expected:\n{expected}\n--- {name}, found:\n{found}\n")?;
        }
    }
    ensure!(failed.is_empty(), "{failed}(BLESS=1 accepts what was found)");
    Ok(())
}

/// Run a case in a copy of its folder.
fn run(folder: &Path) -> Result<String> {
    let copy = tempfile::tempdir()?;
    let root = copy.path().join("case");
    copy_folder(folder, &root)?;
    let before = files(&root)?;
    let args = std::fs::read_to_string(folder.join("args"))?;
    let output = Command::new(env!("CARGO_BIN_EXE_wizerjs"))
        .args(args.split_whitespace())
        .current_dir(&root)
        .env_clear()
        .env("XDG_CACHE_HOME", cache_home())
        .output()?;
    let mut found = format!("exit {}\n", output.status.code().unwrap_or(-1));
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            write!(found, "--- {name}\n{}", without_measures(&String::from_utf8_lossy(bytes)))?;
        }
    }
    for (path, bytes) in files(&root)? {
        if before.get(&path) != Some(&bytes) {
            writeln!(found, "--- wrote {path}")?;
        }
    }
    Ok(found)
}

/// Compiled engines are kept between runs of the tests, and apart from the user's own.
pub(crate) fn cache_home() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if !["args", "expected"].iter().any(|name| entry.file_name() == *name) {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Every file under a folder, by its path in it.
fn files(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root)?.display().to_string(), std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Times, sizes and depths depend on the machine and on the engine: `1.5 KB` becomes `_ KB`.
fn without_measures(text: &str) -> String {
    let words = text.split_inclusive(' ').collect::<Vec<_>>();
    let mut result = String::new();
    for (index, word) in words.iter().enumerate() {
        let unit = words.get(index + 1).map_or("", |next| next.trim_end_matches([' ', ',', ':', '\n']));
        let measured = ["B", "KB", "MB", "ms", "pages", "more"].contains(&unit) && word.trim().parse::<f64>().is_ok();
        result.push_str(if measured { "_ " } else { word });
    }
    result
}
