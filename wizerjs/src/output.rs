//! Writing files so that a path holds either the previous file or a complete new one.

use anyhow::{Context, Result};
use std::io::Write;
use std::path::Path;

/// Write `bytes` to `path` through a temporary file in the same folder and a rename.
///
/// # Errors
/// Any failure of the file system, naming `path`; the previous file, if there was one, is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        let temporary = tempfile::Builder::new().prefix(".wizerjs-").tempfile_in(folder);
        let mut file = temporary.map_err(|error| about_folder(folder, &error))?;
        file.write_all(bytes)?;
        set_ordinary_mode(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|failed| failed.error)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Why no file can be made in a folder, without the name of the temporary file, which says nothing to the user.
fn about_folder(folder: &Path, error: &std::io::Error) -> std::io::Error {
    std::fs::read_dir(folder).err().unwrap_or_else(|| error.kind().into())
}

/// Temporary files are private (0600); what we write is as readable as any compiler's output.
#[cfg(unix)]
fn set_ordinary_mode(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const ORDINARY_MODE: u32 = 0o644;
    file.set_permissions(std::fs::Permissions::from_mode(ORDINARY_MODE))
}

#[cfg(not(unix))]
fn set_ordinary_mode(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
