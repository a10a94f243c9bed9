//! Files that change: folders that are watched through inotify, which the system tells of every file in them.

use anyhow::{Context, Result};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Folders that are watched at most: the system allows a user some ten thousand.
const FOLDERS_MAX: usize = 4096;

/// Bytes of events that are read at a time.
const BUFFER_BYTES: usize = 16 << 10;

/// Folders of a project that hold none of its sources. In `node_modules` itself packages come and go.
const WITHOUT_SOURCES: [&str; 2] = ["node_modules", "target"];

/// Folders that are watched. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    inotify: OwnedFd,
    /// By watch descriptor; `None` once nothing is to be watched any more.
    folders: Mutex<Option<HashMap<i32, PathBuf>>>,
}

impl Watch {
    /// Nothing is watched yet.
    ///
    /// # Errors
    /// The system allows no more of this kind.
    pub fn new() -> Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC).context("cannot watch files")?;
        Ok(Self(Arc::new(Inner { inotify, folders: Mutex::new(Some(HashMap::new())) })))
    }

    /// Watch a folder of sources and those in it, as far as they are there; not those of packages.
    pub fn tree(&self, folder: &Path) {
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

    /// Watch a folder; whether that is possible.
    pub fn folder(&self, folder: &Path) -> bool {
        let mut watched = self.0.folders();
        let Some(folders) = watched.as_mut().filter(|folders| folders.len() < FOLDERS_MAX) else { return false };
        let written = WatchFlags::CLOSE_WRITE | WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVE;
        let added = inotify::add_watch(&self.0.inotify, folder, written | WatchFlags::ONLYDIR);
        match added {
            Ok(descriptor) => drop(folders.insert(descriptor, folder.to_path_buf())),
            // What is not there is not watched; it is noticed where it comes to be.
            Err(error) => tracing::debug!(target: "runner", "{}: not watched: {error}", folder.display()),
        }
        added.is_ok()
    }

    /// Tell `changed` of every file that was written, came or went, from a thread of its own, until it answers `false` or
    /// the watch is stopped.
    ///
    /// # Errors
    /// The system allows no more threads.
    pub fn start(self, changed: impl FnMut(PathBuf) -> bool + Send + 'static) -> Result<()> {
        let run = move || self.run(changed);
        std::thread::Builder::new().name("watch".into()).spawn(run).map(drop).context("cannot start a thread")
    }

    /// Watch nothing any more, and end the thread.
    pub fn stop(&self) {
        // A watch that is removed is an event of its own, so the thread wakes up.
        for descriptor in self.0.folders().take().unwrap_or_default().into_keys() {
            let _ = inotify::remove_watch(&self.0.inotify, descriptor);
        }
    }

    fn run(&self, mut changed: impl FnMut(PathBuf) -> bool) {
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut reader = Reader::new(&self.0.inotify, &mut buffer);
        while self.0.folders().is_some() {
            let event = match reader.next() {
                Ok(event) => event,
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return tracing::error!(target: "runner", "cannot watch files any more: {error}"),
            };
            let Some(path) = self.0.path(event.wd(), event.events(), event.file_name().map(|name| name.to_bytes()))
            else {
                continue;
            };
            if event.events().contains(ReadFlags::ISDIR) {
                // What was written into it before it was watched is noticed by whoever looks at the folder.
                self.tree(&path);
            }
            if !changed(path) {
                return;
            }
        }
    }
}

impl Inner {
    // No code panics while it holds the lock.
    fn folders(&self) -> MutexGuard<'_, Option<HashMap<i32, PathBuf>>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an event is about; `None` if it is about a folder that is gone.
    fn path(&self, descriptor: i32, events: ReadFlags, name: Option<&[u8]>) -> Option<PathBuf> {
        let mut watched = self.folders();
        let folders = watched.as_mut()?;
        if events.contains(ReadFlags::IGNORED) {
            folders.remove(&descriptor);
            return None;
        }
        Some(folders.get(&descriptor)?.join(OsStr::from_bytes(name?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn files_are_told_of_until_the_watch_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::new().unwrap();
        assert!(watch.folder(folder.path()));
        let (send, told) = mpsc::channel();
        watch.clone().start(move |path| send.send(path).is_ok()).unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "a").unwrap();
        assert_eq!(told.recv_timeout(SOON).unwrap(), path);
        watch.stop();
        // The thread ends, and its end of the channel with it; events before may still be in it.
        while told.recv_timeout(SOON).is_ok() {}
        assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Disconnected));
        assert!(!watch.folder(folder.path()));
    }
}
