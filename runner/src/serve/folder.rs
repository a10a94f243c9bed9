//! Many applications: every artifact of a folder, read on first use, dropped when others need the room.

use super::system_memory::Memory;
use crate::host::{App, Host};
use anyhow::{Context, Result, ensure};
use engine_artifact::{COMPRESSED_ENDING, ENDING, application_name};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Longest name of an application, that of a label in a host name.
const NAME_MAX_BYTES: usize = 63;

/// The applications of a folder: `NAME.wasm` or `NAME.wasm.zst` is NAME.
#[derive(Clone)]
pub struct Folder(Arc<Inner>);

struct Inner {
    host: Host,
    directory: PathBuf,
    max_loaded: usize,
    loaded: RwLock<HashMap<String, Loaded>>,
    /// Held while an artifact is read, so that it is read once.
    loading: Mutex<()>,
    /// Counts uses, as a clock.
    uses: AtomicU64,
}

struct Loaded {
    app: App,
    last_used: AtomicU64,
}

impl Folder {
    /// The artifacts in `directory`, of which at most `max_loaded` are in memory at a time.
    ///
    /// # Errors
    /// It is not a folder, or cannot be read.
    pub fn open(host: Host, directory: impl Into<PathBuf>, max_loaded: usize) -> Result<Self> {
        let directory = directory.into();
        let mut entries =
            std::fs::read_dir(&directory).with_context(|| format!("{}: cannot read", directory.display()))?;
        let has_artifact = entries.any(|entry| entry.is_ok_and(|entry| is_artifact(&entry.path())));
        ensure!(has_artifact, "{}: no artifacts in it; `wizerjs build app.js` makes one", directory.display());
        let inner = Inner {
            host,
            directory,
            max_loaded: max_loaded.max(1),
            loaded: RwLock::default(),
            loading: Mutex::default(),
            uses: AtomicU64::new(0),
        };
        Ok(Self(Arc::new(inner)))
    }

    pub(crate) fn host(&self) -> &Host {
        &self.0.host
    }

    /// How many applications are in memory.
    pub fn loaded(&self) -> usize {
        self.0.loaded.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The application of this name, `None` if there is no such file.
    ///
    /// # Errors
    /// Its file is not an application that can be served here.
    pub fn get(&self, name: &str) -> Result<Option<App>> {
        if !is_name(name) {
            return Ok(None);
        }
        if let Some(app) = self.find(name) {
            return Ok(Some(app));
        }
        let _loading = self.0.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(app) = self.find(name) {
            return Ok(Some(app));
        }
        let paths = [ENDING, COMPRESSED_ENDING].iter().map(|ending| self.0.directory.join(format!("{name}{ending}")));
        let Some(path) = paths.into_iter().find(|path| path.is_file()) else { return Ok(None) };
        let app = self.0.host.load(path)?;
        self.insert(name, app.clone());
        Ok(Some(app))
    }

    fn now(&self) -> u64 {
        self.0.uses.fetch_add(1, Relaxed)
    }

    fn find(&self, name: &str) -> Option<App> {
        let loaded = self.0.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let found = loaded.get(name)?;
        found.last_used.store(self.now(), Relaxed);
        Some(found.app.clone())
    }

    /// Add an application; if there are too many then, drop an eighth of them, those that were not used for longest. If the
    /// system is short of memory, drop half of them, and the instances that are kept for the next requests.
    fn insert(&self, name: &str, app: App) {
        let is_short = Memory::now().is_some_and(Memory::is_short);
        if is_short {
            self.0.host.drop_idle_instances();
        }
        let mut loaded = self.0.loaded.write().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(name.to_owned(), Loaded { app, last_used: AtomicU64::new(self.now()) });
        let max = if is_short { loaded.len() / 2 } else { self.0.max_loaded };
        if loaded.len() > max {
            let uses = loaded.values().map(|loaded| loaded.last_used.load(Relaxed)).collect();
            let oldest_kept = oldest_kept(uses, max);
            loaded.retain(|_, loaded| loaded.last_used.load(Relaxed) >= oldest_kept);
        }
    }
}

/// When the oldest of those was used that stay if `max` may; an eighth less than that stay, and one at least.
fn oldest_kept(mut uses: Vec<u64>, max: usize) -> u64 {
    let surplus = (uses.len() - max.min(uses.len())).max(max / 8).min(uses.len().saturating_sub(1));
    *uses.select_nth_unstable(surplus).1
}

fn is_artifact(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    application_name(&name).is_some_and(is_name)
}

/// Whether this can be the name of an application: one part of a path and of a host name.
fn is_name(name: &str) -> bool {
    let fits = (1..=NAME_MAX_BYTES).contains(&name.len());
    fits && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_not_used_for_longest_go() {
        let uses = |count: u64| (0..count).rev().collect::<Vec<_>>();
        assert_eq!(oldest_kept(uses(17), 16), 2);
        assert_eq!(oldest_kept(uses(9), 4), 5);
        assert_eq!(oldest_kept(uses(2), 1), 1);
        assert_eq!(oldest_kept(uses(1), 0), 0);
        assert_eq!(oldest_kept(uses(100), 50), 50);
    }
}
