//! An artifact's file: the application in it, and whether another file took its place.

use crate::host::{App, Host};
use anyhow::Result;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// How often a file is read that is replaced while it is read.
const READS_MAX: usize = 3;

/// What tells a file from one that took its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: Option<SystemTime>,
}

impl FileIdentity {
    /// That of the file at `path`, if there is one.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let (device, inode, bytes) = (metadata.dev(), metadata.ino(), metadata.len());
        Some(Self { device, inode, bytes, modified: metadata.modified().ok() })
    }
}

/// The application at `path` and the file that it was read from.
pub(super) fn load(host: &Host, path: &Path) -> (Result<App>, Option<FileIdentity>) {
    let mut file = FileIdentity::of(path);
    for _ in 1..READS_MAX {
        let app = host.load(path);
        let now = FileIdentity::of(path);
        if now == file {
            return (app, file);
        }
        file = now;
    }
    (host.load(path), file)
}

/// What takes the place of the version that answers, if it can be loaded, and the file that it was read from. Either way
/// the log says so.
pub(super) fn replacement(host: &Host, path: &Path) -> (Option<App>, Option<FileIdentity>) {
    let (app, file) = load(host, path);
    match &app {
        Ok(app) => tracing::info!(target: "runner", app = app.name(), "replaced by a new version"),
        Err(error) => tracing::error!(target: "runner", "{error:#}; the version before goes on answering"),
    }
    (app.ok(), file)
}
