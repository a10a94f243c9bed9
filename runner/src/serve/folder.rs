//! Many applications: every artifact of a folder, read on first use, dropped when others need the room, read again when
//! another file took its place.

use super::artifact::{self, FileIdentity};
use crate::host::{App, Host};
use crate::system_memory::Memory;
use crate::watch::Watch;
use anyhow::{Context, Result, ensure};
use engine_artifact::{COMPRESSED_ENDING, ENDING, application_name};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

/// Longest name of an application, that of a label in a host name.
const NAME_MAX_BYTES: usize = 63;

/// Artifacts that are read at the same time: each may be as large as an artifact can be.
const LOADS_MAX: usize = 16;

/// How long a request waits for its application to be read, before it is told to come again. One of a known engine is read
/// in a millisecond; compiling an engine takes seconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long it stays known that a file is no application, before it is looked at again.
const BROKEN_FOR: Duration = Duration::from_secs(1);

/// The applications of a folder: `NAME.wasm` or `NAME.wasm.zst` is NAME.
#[derive(Clone)]
pub struct Folder(Arc<Inner>);

/// What is there under a name.
#[derive(Clone)]
pub enum Found {
    /// This application.
    App(App),
    /// One that is still being read, or whose engine is being compiled.
    Loading,
    /// Nothing.
    Nothing,
    /// A file that is no application that can be served here; the log says why, once.
    Broken,
}

struct Inner {
    host: Host,
    directory: PathBuf,
    max_loaded: usize,
    entries: RwLock<HashMap<String, Entry>>,
    loads: Semaphore,
    /// Counts uses, as a clock.
    uses: AtomicU64,
    /// Names whose files are being looked at, and whether they changed since.
    looked_at: Mutex<HashMap<String, bool>>,
    /// Once files that change are noticed.
    watch: OnceLock<Watch>,
}

/// What is known about a name. Names of nothing are not: clients make them up.
enum Entry {
    /// Ends with what was found.
    Loading(watch::Receiver<Option<Found>>),
    Loaded(Loaded),
    Broken(Broken),
}

struct Loaded {
    app: App,
    last_used: AtomicU64,
    /// The file that was looked at last: that of `app`, or one that was refused since.
    file: Option<FileIdentity>,
}

/// A file that is no application.
#[derive(Clone)]
struct Broken {
    /// When that was found out, or last confirmed.
    seen: Instant,
    file: Option<FileIdentity>,
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
            entries: RwLock::default(),
            loads: Semaphore::new(LOADS_MAX),
            uses: AtomicU64::new(0),
            looked_at: Mutex::default(),
            watch: OnceLock::new(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Follow the files from now on, until the last clone is dropped: an application whose file is replaced is loaded anew,
    /// and if it can be, it answers from then on; requests in flight end on the version before. A file that is no
    /// application is logged, and the version before goes on answering. One whose file is deleted is there no more.
    ///
    /// # Errors
    /// Files cannot be watched; there is no tokio runtime around.
    pub fn follow(&self) -> Result<()> {
        let runtime = Handle::try_current().context("applications are read by the threads of a runtime")?;
        let watch = Watch::new()?;
        ensure!(watch.folder(&self.0.directory), "{}: cannot be watched", self.0.directory.display());
        // Two who follow are as good as one.
        if self.0.watch.set(watch.clone()).is_err() {
            return Ok(());
        }
        let inner = Arc::downgrade(&self.0);
        watch.start(move |path| {
            let Some(inner) = inner.upgrade() else { return false };
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(name) = application_name(&file) {
                inner.look_at(&runtime, name);
            }
            true
        })
    }

    /// Look whether files of applications in memory are other ones now, as file systems that tell nobody need it. Returns at
    /// once; what is found is loaded by and by.
    ///
    /// # Errors
    /// There is no tokio runtime around.
    pub fn look(&self) -> Result<()> {
        let runtime = Handle::try_current().context("applications are read by the threads of a runtime")?;
        let names: Vec<String> = self.0.read().keys().cloned().collect();
        names.iter().for_each(|name| self.0.look_at(&runtime, name));
        Ok(())
    }

    pub(crate) fn host(&self) -> &Host {
        &self.0.host
    }

    /// How many applications are in memory.
    pub fn loaded(&self) -> usize {
        self.0.read().values().filter(|entry| matches!(entry, Entry::Loaded(_))).count()
    }

    /// What is there under this name. Reading and compiling happen on threads of their own.
    pub async fn get(&self, name: &str) -> Found {
        if !is_name(name) {
            return Found::Nothing;
        }
        let loading = match self.0.known(name) {
            Known::Found(found) => return found,
            Known::Loading(loading) => loading,
            Known::Nothing(before) => self.load(name, before),
        };
        wait(loading).await
    }

    /// Start reading an application, unless somebody has in the meantime.
    fn load(&self, name: &str, before: Option<Broken>) -> watch::Receiver<Option<Found>> {
        let (found, loading) = watch::channel(None);
        let mut entries = self.0.write();
        match entries.get(name) {
            Some(Entry::Loading(other)) => return other.clone(),
            Some(Entry::Loaded(loaded)) => return watch::channel(Some(Found::App(loaded.app.clone()))).1,
            Some(Entry::Broken(_)) | None => {}
        }
        entries.insert(name.to_owned(), Entry::Loading(loading.clone()));
        drop(entries);
        let (inner, name) = (self.0.clone(), name.to_owned());
        tokio::spawn(async move {
            // Never closed.
            let _turn = inner.loads.acquire().await;
            let (reader, read) = (inner.clone(), name.clone());
            let entry = tokio::task::spawn_blocking(move || reader.find(&read, before)).await;
            // What made the host itself fail is as broken as a file can be; the panic was reported.
            let entry = entry.unwrap_or_else(|_| Some(Entry::Broken(Broken { seen: Instant::now(), file: None })));
            let is_short = tokio::task::spawn_blocking(|| Memory::now().is_some_and(Memory::is_short)).await;
            let _ = found.send(Some(inner.found(&name, entry, is_short.unwrap_or(false))));
        });
        loading
    }
}

async fn wait(mut loading: watch::Receiver<Option<Found>>) -> Found {
    let found = tokio::time::timeout(PATIENCE, loading.wait_for(Option::is_some)).await;
    found.ok().and_then(Result::ok).and_then(|found| found.clone()).unwrap_or(Found::Loading)
}

/// What can be said about a name at once.
enum Known {
    Found(Found),
    Loading(watch::Receiver<Option<Found>>),
    /// Nothing, or what was broken some time ago.
    Nothing(Option<Broken>),
}

impl Inner {
    // No code panics while it holds the lock.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Entry>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.uses.fetch_add(1, Relaxed)
    }

    fn known(&self, name: &str) -> Known {
        match self.read().get(name) {
            Some(Entry::Loaded(loaded)) => {
                loaded.last_used.store(self.now(), Relaxed);
                Known::Found(Found::App(loaded.app.clone()))
            }
            Some(Entry::Loading(loading)) => Known::Loading(loading.clone()),
            Some(Entry::Broken(broken)) if broken.seen.elapsed() < BROKEN_FOR => Known::Found(Found::Broken),
            Some(Entry::Broken(broken)) => Known::Nothing(Some(broken.clone())),
            None => Known::Nothing(None),
        }
    }

    /// Have the file of an application looked at, once more if somebody does so already.
    fn look_at(self: &Arc<Self>, runtime: &Handle, name: &str) {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changed) = looked_at.get_mut(name) {
            *changed = true;
            return;
        }
        looked_at.insert(name.to_owned(), false);
        drop(looked_at);
        let (inner, name) = (Arc::clone(self), name.to_owned());
        runtime.spawn(async move {
            loop {
                inner.look(&name).await;
                let mut looked_at = inner.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
                if looked_at.insert(name.clone(), false) != Some(true) {
                    looked_at.remove(&name);
                    return;
                }
            }
        });
    }

    /// Look at the file of an application that is known, when nobody reads it any more.
    async fn look(self: &Arc<Self>, name: &str) {
        let seen = loop {
            let mut loading = match self.read().get(name) {
                None => return,
                Some(Entry::Loading(loading)) => loading.clone(),
                Some(Entry::Loaded(loaded)) => break loaded.file.clone(),
                Some(Entry::Broken(broken)) => break broken.file.clone(),
            };
            if loading.wait_for(Option::is_some).await.is_err() {
                return;
            }
        };
        // Never closed.
        let _turn = self.loads.acquire().await;
        let (inner, name) = (Arc::clone(self), name.to_owned());
        // A panic was reported; the application stays as it is.
        let _ = tokio::task::spawn_blocking(move || inner.replace(&name, seen.as_ref())).await;
    }

    /// Load an application anew if its file is not the one that was `seen`.
    fn replace(&self, name: &str, seen: Option<&FileIdentity>) {
        let Some(path) = self.path(name) else {
            if self.forget(name) {
                tracing::info!(target: "runner", app = name, "its file was deleted: it is served no more");
            }
            return;
        };
        if FileIdentity::of(&path).as_ref() == seen {
            return;
        }
        if !matches!(self.read().get(name), Some(Entry::Loaded(_))) {
            // Nothing is served, so the next request may as well read it.
            self.forget(name);
            return;
        }
        let (app, file) = artifact::replacement(&self.host, &path);
        let mut entries = self.write();
        // It may have been dropped meanwhile.
        let Some(Entry::Loaded(loaded)) = entries.get_mut(name) else { return };
        loaded.file = file;
        if let Some(app) = app {
            loaded.app = app;
        }
    }

    /// Know nothing of a name any more, unless somebody reads its file; whether there was an application.
    fn forget(&self, name: &str) -> bool {
        let mut entries = self.write();
        let is_known = entries.get(name).is_some_and(|entry| !matches!(entry, Entry::Loading(_)));
        is_known && matches!(entries.remove(name), Some(Entry::Loaded(_)))
    }

    /// The file of this name, if there is one.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let paths = [ENDING, COMPRESSED_ENDING].iter().map(|ending| self.directory.join(format!("{name}{ending}")));
        paths.into_iter().find(|path| path.is_file())
    }

    /// Read the application of this name; `None` if there is no such file. What was broken `before` is not read again unless
    /// its file is another one now.
    fn find(&self, name: &str, before: Option<Broken>) -> Option<Entry> {
        let path = self.path(name)?;
        let seen = Instant::now();
        if let Some(file) = before.and_then(|before| before.file)
            && FileIdentity::of(&path).as_ref() == Some(&file)
        {
            return Some(Entry::Broken(Broken { seen, file: Some(file) }));
        }
        let (app, file) = artifact::load(&self.host, &path);
        match app {
            Ok(app) => Some(Entry::Loaded(Loaded { app, last_used: AtomicU64::new(self.now()), file })),
            Err(error) => {
                tracing::error!(target: "runner", "{error:#}");
                Some(Entry::Broken(Broken { seen, file }))
            }
        }
    }

    /// Remember what was found, and say it. `is_short`: the system is short of memory.
    fn found(&self, name: &str, entry: Option<Entry>, is_short: bool) -> Found {
        let found = match &entry {
            Some(Entry::Loaded(loaded)) => Found::App(loaded.app.clone()),
            Some(Entry::Broken(_)) => Found::Broken,
            Some(Entry::Loading(_)) | None => Found::Nothing,
        };
        if is_short {
            self.host.drop_idle_instances();
        }
        let mut entries = self.write();
        match entry {
            Some(entry) => drop(entries.insert(name.to_owned(), entry)),
            None => drop(entries.remove(name)),
        }
        self.make_room(&mut entries, is_short);
        found
    }

    /// If there are too many applications, drop an eighth of them, those that were not used for longest. If the system is
    /// short of memory, drop half of them.
    fn make_room(&self, entries: &mut HashMap<String, Entry>, is_short: bool) {
        let last_used = |entry: &Entry| match entry {
            Entry::Loaded(loaded) => Some(loaded.last_used.load(Relaxed)),
            Entry::Loading(_) | Entry::Broken(_) => None,
        };
        let uses: Vec<u64> = entries.values().filter_map(last_used).collect();
        let max = if is_short { uses.len() / 2 } else { self.max_loaded };
        if uses.len() > max {
            let oldest_kept = oldest_kept(uses, max);
            entries.retain(|_, entry| last_used(entry).is_none_or(|used| used >= oldest_kept));
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.get() {
            watch.stop();
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
