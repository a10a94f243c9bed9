//! Files that change: every folder of a project is watched, those of packages are not.

use super::builder::Change;
use anyhow::{Context, Result};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Folders that are watched at most: the system allows a user some ten thousand.
const FOLDERS_MAX: usize = 4096;

/// Bytes of events that are read at a time.
const BUFFER_BYTES: usize = 16 << 10;

/// Folders of a project that hold none of its sources. In `node_modules` itself packages come and go.
const WITHOUT_SOURCES: [&str; 2] = ["node_modules", "target"];

/// Folders that are watched. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    inotify: OwnedFd,
    /// By watch descriptor.
    folders: Mutex<HashMap<i32, PathBuf>>,
}

impl Watch {
    /// # Errors
    /// The system allows no more of this kind.
    pub(super) fn new() -> Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC).context("cannot watch files")?;
        Ok(Self(Arc::new(Inner { inotify, folders: Mutex::default() })))
    }

    /// Watch a folder of sources and those in it, as far as they are there.
    pub(super) fn tree(&self, folder: &Path) {
        if !self.folder(folder) {
            return;
        }
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder || name.as_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if WITHOUT_SOURCES.iter().any(|without| name == **without) {
                self.folder(&path);
            } else {
                self.tree(&path);
            }
        }
    }

    /// Watch a folder, if that is possible.
    pub(super) fn folder(&self, folder: &Path) -> bool {
        let mut folders = self.0.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if folders.len() >= FOLDERS_MAX {
            return false;
        }
        let written = WatchFlags::CLOSE_WRITE | WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVE;
        let added = inotify::add_watch(&self.0.inotify, folder, written | WatchFlags::ONLYDIR);
        match added {
            Ok(descriptor) => drop(folders.insert(descriptor, folder.to_path_buf())),
            // What is not there is not watched; it is noticed where it comes to be.
            Err(error) => tracing::debug!(target: "runner", "{}: not watched: {error}", folder.display()),
        }
        added.is_ok()
    }

    /// Tell of every file that changes, from a thread of its own.
    ///
    /// # Errors
    /// The system allows no more threads.
    pub(super) fn start(self, changes: mpsc::Sender<Change>) -> Result<()> {
        let run = move || self.run(&changes);
        std::thread::Builder::new().name("watch".into()).spawn(run).map(drop).context("cannot start a thread")
    }

    fn run(&self, changes: &mpsc::Sender<Change>) {
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut reader = Reader::new(&self.0.inotify, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return tracing::error!(target: "runner", "cannot watch files any more: {error}"),
            };
            let Some(path) = self.path(event.wd(), event.events(), event.file_name().map(|name| name.to_bytes()))
            else {
                continue;
            };
            if event.events().contains(ReadFlags::ISDIR) {
                // What was written into it before it was watched is noticed by whoever looks at the folder.
                self.tree(&path);
            }
            if changes.send(Change::File(path)).is_err() {
                return;
            }
        }
    }

    /// What an event is about; `None` if it is about a folder that is gone.
    fn path(&self, descriptor: i32, events: ReadFlags, name: Option<&[u8]>) -> Option<PathBuf> {
        let mut folders = self.0.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if events.contains(ReadFlags::IGNORED) {
            folders.remove(&descriptor);
            return None;
        }
        Some(folders.get(&descriptor)?.join(OsStr::from_bytes(name?)))
    }
}
