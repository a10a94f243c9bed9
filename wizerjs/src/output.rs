//! Writing files so that a path holds either the previous file or a complete new one.

use anyhow::Result;
use std::fs::File;
use std::io::{ErrorKind, IoSlice, Write};
use std::path::{Path, PathBuf};

/// Write `bytes` to `path` through a temporary file in the same folder and a rename. A link is followed. What is no
/// file, like a pipe or `/dev/null`, is written to as it is: a rename would put a file in its place.
///
/// # Errors
/// Any failure of the file system, naming `path`; the previous file, if there was one, is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    write_slices_atomically(path, std::iter::once(bytes))
}

/// [`write_atomically`] of bytes that are in several places.
///
/// # Errors
/// The same.
pub fn write_slices_atomically<'a>(path: &Path, slices: impl Iterator<Item = &'a [u8]>) -> Result<()> {
    stage(path, slices).and_then(Staged::finish).map_err(|error| named(path, error))
}

/// [`write_atomically`] of several files: each is complete under a temporary name before the first has its own.
///
/// # Errors
/// The same; before anything was replaced, unless a rename fails.
pub fn write_together(files: &[(&Path, &[u8])]) -> Result<()> {
    let staged = files.iter().map(|(path, bytes)| {
        let staged = stage(path, std::iter::once(*bytes)).map_err(|error| named(path, error))?;
        Ok((*path, staged))
    });
    for (path, staged) in staged.collect::<Result<Vec<_>>>()? {
        staged.finish().map_err(|error| named(path, error))?;
    }
    Ok(())
}

fn named(path: &Path, error: std::io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("cannot write {}", path.display()))
}

/// A file that is written and has not its name yet.
enum Staged {
    /// Nothing is left to do: it is no file that could be replaced.
    Written,
    /// The temporary file, and the path that it goes to.
    Temporary(tempfile::NamedTempFile, PathBuf),
}

impl Staged {
    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Written => Ok(()),
            Self::Temporary(file, path) => file.persist(path).map(drop).map_err(|failed| failed.error),
        }
    }
}

fn stage<'a>(path: &Path, slices: impl Iterator<Item = &'a [u8]>) -> std::io::Result<Staged> {
    let mut slices: Vec<IoSlice<'_>> = slices.map(IoSlice::new).collect();
    let path = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(rustix::io::Errno::ISDIR.into()),
        Ok(metadata) if !metadata.is_file() => {
            write_all(&mut std::fs::OpenOptions::new().write(true).open(path)?, &mut slices)?;
            return Ok(Staged::Written);
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_path_buf(),
    };
    Ok(Staged::Temporary(temporary(&path, &mut slices)?, path))
}

/// `Write::write_all_vectored`, which is not stable yet.
fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> std::io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn temporary(path: &Path, slices: &mut [IoSlice<'_>]) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let file = tempfile::Builder::new().prefix(".wizerjs-").tempfile_in(folder);
    let mut file = file.map_err(|error| about_folder(folder, &error))?;
    // Its own `write_all` would name the temporary file in errors.
    write_all(file.as_file_mut(), slices)?;
    set_ordinary_mode(file.as_file())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Why no file can be made in a folder, without the name of the temporary file, which says nothing to the user.
fn about_folder(folder: &Path, error: &std::io::Error) -> std::io::Error {
    std::fs::read_dir(folder).err().unwrap_or_else(|| error.kind().into())
}

/// Temporary files are private (0600); what we write is as readable as any compiler's output.
#[cfg(unix)]
fn set_ordinary_mode(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const ORDINARY_MODE: u32 = 0o644;
    file.set_permissions(std::fs::Permissions::from_mode(ORDINARY_MODE))
}

#[cfg(not(unix))]
fn set_ordinary_mode(_: &File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{write_atomically, write_together};
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_leads_to_what_is_written_and_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        write_atomically(&file, b"before").expect("written");
        symlink("file", &link).expect("linked");
        write_atomically(&link, b"after").expect("written");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).expect("there"), b"after");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2);
    }

    #[test]
    fn of_several_files_none_is_replaced_if_one_cannot_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, other) = (folder.path().join("file"), folder.path().join("none/other"));
        write_atomically(&file, b"before").expect("written");
        write_together(&[(&file, b"after"), (&other, b"")]).expect_err("no folder");
        assert_eq!(std::fs::read(&file).expect("there"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1);
        write_together(&[(&file, b"after"), (&folder.path().join("other"), b"")]).expect("written");
        assert_eq!(std::fs::read(&file).expect("there"), b"after");
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (null, full) = (folder.path().join("null"), folder.path().join("full"));
        symlink("/dev/null", &null).expect("linked");
        symlink("/dev/full", &full).expect("linked");
        write_atomically(&null, b"nothing").expect("written");
        let error = write_atomically(&full, b"too much").expect_err("full");
        assert!(format!("{error:#}").ends_with("full: No space left on device (os error 28)"), "{error:#}");
        assert!(null.is_symlink() && full.is_symlink());
    }
}
