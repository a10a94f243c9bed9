//! Everything in this repository that an engine is built from, as one digest: when it no longer is that of the
//! manifest, the committed engine is not what the sources say.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Folders and files, relative to `engine-shims`.
const ROOTS: [&str; 2] = ["spidermonkey", "abi/src"];

/// Names of files and folders that builds leave behind or that say nothing to them.
const NO_INPUT: [&str; 6] = ["target", "build", "node_modules", "tests", "README.md", ".gitignore"];

/// BLAKE3 digest of the inputs below `engine_shims`, in hexadecimal: each path and length, then the contents, in the
/// order of the paths.
///
/// # Errors
/// A file cannot be read.
pub fn digest(engine_shims: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    for root in ROOTS {
        collect(&engine_shims.join(root), root, &mut files)?;
    }
    let mut hasher = blake3::Hasher::new();
    for (path, contents) in &files {
        hasher.update(&(path.len() as u64).to_le_bytes());
        hasher.update(path.as_bytes());
        hasher.update(&(contents.len() as u64).to_le_bytes());
        hasher.update(contents);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        if NO_INPUT.contains(&&file_name[..]) {
            continue;
        }
        let (path, name) = (entry.path(), format!("{name}/{file_name}"));
        if entry.file_type()?.is_dir() {
            collect(&path, &name, files)?;
        } else {
            files.insert(name, std::fs::read(&path).with_context(|| path.display().to_string())?);
        }
    }
    Ok(())
}
