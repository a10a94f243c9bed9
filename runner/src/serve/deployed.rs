//! One application, read again when its file is replaced: requests in flight end on the version that they began with.

use super::artifact::{self, FileIdentity};
use crate::host::{App, Host};
use crate::watch::Watch;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The application of a file. Cheap to clone; it is followed until the last clone is dropped.
#[derive(Clone)]
pub struct Deployed(Arc<Inner>);

struct Inner {
    host: Host,
    path: PathBuf,
    app: RwLock<App>,
    /// The file that was looked at last, whether it was taken or refused. Held while the next one is read.
    seen: Mutex<Option<FileIdentity>>,
    watch: Watch,
}

impl Deployed {
    /// Load the artifact at `path`, and follow its file: another one that takes its place is loaded, and if it can be, it
    /// answers from then on. One that cannot be is logged, and what was there before goes on answering. So it does when the
    /// file is deleted.
    ///
    /// # Errors
    /// As [`Host::load`]; files cannot be watched.
    pub fn open(host: Host, path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let (app, seen) = artifact::load(&host, &path);
        let watch = Watch::new()?;
        let inner =
            Inner { host, path: path.clone(), app: RwLock::new(app?), seen: Mutex::new(seen), watch: watch.clone() };
        let deployed = Self(Arc::new(inner));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if watch.folder(folder) {
            let (weak, name) = (Arc::downgrade(&deployed.0), path.file_name().context("it is a file")?.to_owned());
            watch.start(move |changed| {
                let inner = weak.upgrade();
                if let Some(inner) = inner.as_ref().filter(|_| changed.file_name() == Some(&name)) {
                    inner.look();
                }
                inner.is_some()
            })?;
        }
        Ok(deployed)
    }

    /// The version that answers now.
    pub fn app(&self) -> App {
        self.0.app.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Look whether the file is another one now, as file systems that tell nobody need it. Reads, and may compile.
    pub fn look(&self) {
        self.0.look();
    }

    pub(crate) fn host(&self) -> &Host {
        &self.0.host
    }
}

impl Inner {
    fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is deleted may be about to be replaced, and there is nothing better to answer with.
        let Some(now) = FileIdentity::of(&self.path).filter(|now| seen.as_ref() != Some(now)) else { return };
        let (app, file) = artifact::replacement(&self.host, &self.path);
        *seen = file.or(Some(now));
        if let Some(app) = app {
            *self.app.write().unwrap_or_else(PoisonError::into_inner) = app;
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watch.stop();
    }
}
