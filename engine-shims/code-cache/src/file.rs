//! Files of the cache: private, complete, verified, bounded.

use crate::stamp::{self, Identity};
use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{Mode, OFlags};
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use wasmtime::{Engine, Module};

const EXTENSION: &str = "cwasm";

/// Extension of base modules, which others keep in the same folder and under the same bound.
const BASE_EXTENSION: &str = "wasm";

/// Prefix of files being written.
pub(crate) const PARTIAL: &str = ".partial-";

/// Age from which a partial file is of a process that died: compiling takes seconds.
const PARTIAL_MAX_AGE: Duration = Duration::from_secs(3600);

/// Mode bits that let others write.
const OTHERS_WRITE: u32 = 0o022;

/// Make `path` if needed and check that nobody else than this user and root can write to it.
pub(crate) fn private_directory(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("{}: cannot make the cache folder", path.display()))?;
    let metadata = fs::metadata(path).with_context(|| format!("{}: cannot read", path.display()))?;
    private(&metadata).with_context(|| {
        format!("{}: machine code is only kept in a folder that you alone can write to", path.display())
    })
}

/// User who may do everything, to this user's processes too.
const ROOT: u32 = 0;

/// Check that nobody else than this user and root can have written to a file or folder.
pub(crate) fn private(metadata: &Metadata) -> Result<()> {
    let user = rustix::process::geteuid().as_raw();
    written_by(user, metadata.uid(), metadata.mode())
}

/// Check that what has this owner and mode was written by `user`, or by root for all users of this machine.
fn written_by(user: u32, owner: u32, mode: u32) -> Result<()> {
    if owner != user && owner != ROOT {
        bail!("owned by user {owner}, not by {user}");
    }
    if mode & OTHERS_WRITE != 0 {
        bail!("others can write to it (mode {:o})", mode & 0o777);
    }
    Ok(())
}

/// Files of this key, in no order.
pub(crate) fn with_key(directory: &Path, key: &str) -> Vec<PathBuf> {
    entries(directory, &[EXTENSION])
        .filter(|path| path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.starts_with(key)))
        .collect()
}

/// Files of these extensions.
fn entries(directory: &Path, extensions: &[&str]) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension)))
}

/// Write a file of machine code: it appears under its name whole or not at all.
pub(crate) fn store(directory: &Path, key: &str, code: &[u8]) -> Result<PathBuf> {
    let digest = blake3::hash(code).to_hex();
    let path = directory.join(format!("{key}-{digest}.{EXTENSION}"));
    let write = || {
        let mut partial = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(directory)?;
        partial.write_all(code)?;
        // On disk before it has its name: what a crash leaves of it is not what its stamp says.
        partial.as_file().sync_all()?;
        partial.persist(&path).map_err(|error| error.error)?;
        std::io::Result::Ok(())
    };
    write().with_context(|| format!("{}: cannot write", path.display()))?;
    // So that it can be stamped as soon as it is loaded.
    std::thread::sleep(stamp::TICK_MAX);
    Ok(path)
}

/// Keeps other processes from compiling what has the same key. Its file goes with it; that of a process that died goes
/// when it is old.
pub(crate) struct Lock {
    path: PathBuf,
    /// Holds the lock for as long as it is open.
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed before it is unlocked: whoever waits for the lock sees that the file is gone, and makes another.
        remove(&self.path);
    }
}

/// Wait until no other process compiles what has this key, and keep the others waiting until the result is dropped.
pub(crate) fn lock(directory: &Path, key: &str) -> Result<Lock> {
    let path = directory.join(format!("{PARTIAL}{key}.lock"));
    let lock = || loop {
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock()?;
        if is_at(&file, &path)? {
            return std::io::Result::Ok(file);
        }
    };
    let file = lock().with_context(|| format!("{}: cannot lock", path.display()))?;
    Ok(Lock { path, _file: file })
}

/// Whether an open file is still what a path leads to.
fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    match fs::metadata(path) {
        Ok(metadata) => Ok(identity(metadata) == identity(file.metadata()?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Load a file after checking who could have written it and that it is what its name says.
pub(crate) fn load(engine: &Engine, path: &Path) -> Result<Module> {
    let expected = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .and_then(|stem| stem.rsplit_once('-'))
        .and_then(|(_, digest)| blake3::Hash::from_hex(digest).ok())
        .context("not named by its digest")?;
    let file = File::from(rustix::fs::open(path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?);
    let metadata = file.metadata()?;
    private(&metadata)?;
    // The same open file is verified and mapped, so it cannot be exchanged in between; only this user could write to it.
    if !Identity::of(&metadata).was_verified(path) {
        verify(&file, expected, &metadata, path)?;
    }
    // SAFETY: Wasmtime asks that the contents were made by `precompile_module` and stay unchanged while mapped. They
    // have the digest under which this user's process stored them, or had it when they were last changed (see `stamp`),
    // in a folder that nobody else can write to, and files of the cache are replaced by renaming or removed, never
    // written to in place.
    unsafe { Module::deserialize_open_file(engine, file) }.map_err(anyhow::Error::from)
}

/// Check that the contents of a file have the digest that is expected, and stamp it. `metadata` is what was said about it
/// before.
fn verify(file: &File, expected: blake3::Hash, metadata: &Metadata, path: &Path) -> Result<()> {
    let is_settled = stamp::is_settled(metadata);
    let mut hasher = blake3::Hasher::new();
    hasher.update_mmap_rayon(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file)))?;
    ensure!(hasher.finalize() == expected, "its contents were changed");
    let identity = Identity::of(metadata);
    if is_settled && identity == Identity::of(&file.metadata()?) {
        identity.note_verified(path);
    }
    Ok(())
}

/// Mark a file as used now, for eviction. A failure is ignored: the file only seems older than it is.
pub(crate) fn mark_used(path: &Path) {
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Remove a file, and its stamp; another process may have been faster.
pub(crate) fn remove(path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(stamp::beside(path));
}

/// Remove what was least recently used until the files take at most `max_bytes`, but never `keep`.
pub(crate) fn evict(directory: &Path, max_bytes: u64, keep: &Path) {
    remove_abandoned(directory);
    remove_stamps_of_nothing(directory);
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries(directory, &[EXTENSION, BASE_EXTENSION])
        .filter_map(|path| {
            let metadata = fs::metadata(&path).ok()?;
            Some((stamp::last_used(&path, &metadata)?, metadata.len(), path))
        })
        .collect();
    files.sort();
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in files {
        if total <= max_bytes {
            break;
        }
        if path != keep {
            remove(&path);
            total -= bytes;
        }
    }
}

/// Remove stamps of files that somebody else removed.
fn remove_stamps_of_nothing(directory: &Path) {
    for stamp in entries(directory, &[stamp::EXTENSION]) {
        if !stamp.with_extension(EXTENSION).exists() {
            let _ = fs::remove_file(stamp);
        }
    }
}

/// Remove partial files of processes that died.
fn remove_abandoned(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let partial = entry.file_name().to_string_lossy().starts_with(PARTIAL);
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        if partial && age.is_some_and(|age| age > PARTIAL_MAX_AGE) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_user_or_root_wrote_is_trusted() {
        assert!(written_by(1000, 1000, 0o100_600).is_ok());
        assert!(written_by(1000, ROOT, 0o040_755).is_ok());
        assert!(written_by(ROOT, ROOT, 0o100_644).is_ok());
        assert_eq!(written_by(1000, 1001, 0o600).unwrap_err().to_string(), "owned by user 1001, not by 1000");
        assert_eq!(written_by(ROOT, 1000, 0o600).unwrap_err().to_string(), "owned by user 1000, not by 0");
        assert!(written_by(1000, ROOT, 0o664).is_err());
    }
}
