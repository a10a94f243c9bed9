//! Stamps: that the contents of a file were verified, and what the file system says about the file as it was then. Reading all
//! of an engine's machine code takes longer than everything else that a process does before its first request.
//!
//! The kernel notes the time of every change to a file, to its contents as to what is said about it, and no user can set that
//! time. So a file with the identity, size and times of its stamp is the one that was verified, unchanged since. A stamp is
//! written only for a file whose last change was so long before it was read that a later one could not have had the same time,
//! and only if nothing changed while it was read.
//!
//! Who can write a stamp for a file can write the file and name it by its digest: stamps are private like the files, and open no
//! door. What they do not see is what happens below the file system: a disk that decays, a device that is written to directly,
//! a change by root with the clock set back. For that reason a stamp is believed for a day only.

use super::file::private;
use rustix::fs::{Mode, OFlags};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Extension of stamps; the rest of the name is that of the file.
pub(crate) const EXTENSION: &str = "stamp";

/// How long a stamp is believed.
const BELIEVED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Two changes that are so far apart have different times: Linux's clock for files ticks every 10 ms at least.
pub(crate) const TICK_MAX: Duration = Duration::from_millis(20);

/// Bytes of a stamp, at most: seven numbers.
const BYTES_MAX: u64 = 256;

/// Where the stamp of a file is.
pub(crate) fn beside(path: &Path) -> PathBuf {
    path.with_extension(EXTENSION)
}

/// What the file system says about a file. Two of the same file differ if it was changed in between.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity(String);

impl Identity {
    pub(crate) fn of(file: &Metadata) -> Self {
        let (device, inode, bytes) = (file.dev(), file.ino(), file.len());
        let (owner, mode) = (file.uid(), file.mode());
        let (modified, changed) = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
        Self(format!("{device} {inode} {bytes} {owner} {mode:o} {modified:?} {changed:?}\n"))
    }

    /// Whether the file at `path` was verified when it was this, not long ago.
    pub(crate) fn was_verified(&self, path: &Path) -> bool {
        let read = || {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = File::from(rustix::fs::open(beside(path), flags, Mode::empty())?);
            let metadata = file.metadata()?;
            let mut text = String::new();
            (&file).take(BYTES_MAX).read_to_string(&mut text)?;
            io::Result::Ok((metadata, text))
        };
        let Ok((metadata, text)) = read() else { return false };
        // A time in the future is none.
        let age = metadata.modified().ok().and_then(|verified| verified.elapsed().ok());
        private(&metadata).is_ok() && age.is_some_and(|age| age < BELIEVED_FOR) && text == self.0
    }

    /// Note that the file at `path` was verified when it was this. Where that cannot be noted, it is verified every time.
    pub(crate) fn note_verified(&self, path: &Path) {
        let write = |directory: &Path| {
            let mut partial = tempfile::Builder::new().prefix(super::file::PARTIAL).tempfile_in(directory)?;
            partial.write_all(self.0.as_bytes())?;
            partial.persist(beside(path)).map_err(|error| error.error)?;
            io::Result::Ok(())
        };
        let _ = path.parent().map(write);
    }
}

/// Whether the last change of a file was so long ago that one from now on has another time.
pub(crate) fn is_settled(file: &Metadata) -> bool {
    let seconds = u64::try_from(file.ctime()).ok();
    let nanoseconds = u64::try_from(file.ctime_nsec()).ok();
    let changed =
        seconds.zip(nanoseconds).map(|(s, ns)| UNIX_EPOCH + Duration::from_secs(s) + Duration::from_nanos(ns));
    changed.and_then(|changed| SystemTime::now().duration_since(changed).ok()).is_some_and(|age| age > TICK_MAX)
}

/// When a file was last verified, or made.
pub(crate) fn last_used(path: &Path, file: &Metadata) -> Option<SystemTime> {
    let stamped = fs::metadata(beside(path)).and_then(|stamp| stamp.modified()).ok();
    file.modified().ok().max(stamped)
}
