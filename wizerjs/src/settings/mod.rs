//! `wizerjs.toml`: what a project's builds need to know and no default is good for.

mod env;
mod error;
mod file;

pub use env::declaration;
pub use file::{Settings, WarmUpSettings};

use crate::application::{BuildError, BuildOptions, WarmUp};
use crate::source::{Located, SETTINGS_FILE, project_folder};
use error::Place;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A project: a folder, and what its `wizerjs.toml` says.
#[derive(Clone, Debug)]
pub struct Project {
    /// The nearest folder with `wizerjs.toml` or `package.json`.
    pub folder: PathBuf,
    /// What the file says; nothing if there is none.
    pub settings: Settings,
    /// Whether there is a file.
    pub has_settings: bool,
    warm_up: Vec<WarmUp>,
}

impl Project {
    /// The project that `entry` belongs to, or the current folder if there is none.
    ///
    /// # Ambient authority
    /// Reads `wizerjs.toml` and the files that it names as bodies.
    ///
    /// # Errors
    /// The file cannot be read, or says something that has no meaning: [`BuildError::Source`], with its place.
    pub fn find(entry: Option<&Path>) -> Result<Self, BuildError> {
        let start = match entry.map(Path::parent) {
            Some(Some(folder)) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // A folder that is not there has no project; what is wrong with the entry is said where it is read.
        let start = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
        Self::open(project_folder(&start))
    }

    fn open(folder: &Path) -> Result<Self, BuildError> {
        let path = folder.join(SETTINGS_FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (settings, warm_up) = (Settings::default(), Vec::new());
                return Ok(Self { folder: folder.to_path_buf(), settings, has_settings: false, warm_up });
            }
            Err(error) => {
                let cause = format!("cannot be read: {error}");
                return Err(BuildError::Source(vec![Located::whole_file(SETTINGS_FILE, &cause)]));
            }
        };
        let place = Place { text: &text };
        let settings: Settings = toml::from_str(&text).map_err(|error| place.wrong(&error))?;
        settings.check(&place)?;
        let warm_up = settings.warm_up.iter().map(|request| request.read(folder, &place)).collect::<Result<_, _>>()?;
        Ok(Self { folder: folder.to_path_buf(), settings, has_settings: true, warm_up })
    }

    /// The entry file: `given`, else that of the settings.
    ///
    /// # Errors
    /// There is none.
    pub fn entry(&self, given: Option<&Path>) -> Result<PathBuf, BuildError> {
        match (given, &self.settings.entry) {
            (Some(entry), _) => Ok(entry.to_path_buf()),
            (None, Some(entry)) => Ok(shortened(&self.folder.join(entry))),
            (None, None) => {
                let cause =
                    format!("no entry file is named; name one, or write entry = \"src/index.ts\" into {SETTINGS_FILE}");
                Err(BuildError::Source(vec![Located::whole_file("", &cause)]))
            }
        }
    }

    /// What to build and how, as the settings say; everything else has its default.
    pub fn options(&self, entry: PathBuf) -> BuildOptions {
        let mut options = BuildOptions::new(entry);
        options.bundle.conditions.clone_from(&self.settings.conditions);
        let define = self.settings.define.iter();
        options.bundle.define = define.map(|(name, expression)| (name.clone(), expression.clone())).collect();
        options.warm_up.clone_from(&self.warm_up);
        options
    }
}

/// A path as people write it: relative to the current folder, if it is in there.
fn shortened(path: &Path) -> PathBuf {
    let current = std::env::current_dir().and_then(|current| current.canonicalize()).ok();
    match current.and_then(|current| path.strip_prefix(current).ok().map(Path::to_path_buf)) {
        Some(short) if short != Path::new("") => short,
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Project, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("body.json"), "{}").unwrap();
        std::fs::write(folder.path().join(SETTINGS_FILE), text).unwrap();
        Project::open(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let project = open(
            "entry = 'src/index.ts'
             conditions = ['mine']
             env = ['TOKEN', 'MODE']
             define = { BUILD = '\"1\"' }
             [[warm-up]]
             request = 'GET /a'
             [[warm-up]]
             request = 'POST /b'
             headers = { content-type = 'application/json' }
             body-file = 'body.json'",
        )
        .unwrap();
        let options = project.options(project.entry(None).unwrap());
        assert_eq!(options.entry, project.folder.join("src/index.ts"));
        assert_eq!(options.bundle.conditions, ["mine"]);
        assert_eq!(options.bundle.define, [("BUILD".to_owned(), "\"1\"".to_owned())]);
        assert_eq!(options.warm_up.iter().map(WarmUp::name).collect::<Vec<_>>(), ["GET /a", "POST /b"]);
        assert_eq!(project.settings.env_names().collect::<Vec<_>>(), ["TOKEN", "MODE"]);
        assert_eq!(project.entry(Some(Path::new("x.js"))).unwrap(), Path::new("x.js"));
    }

    #[test]
    fn what_has_no_meaning_is_said_with_its_place() {
        for (text, said) in [
            ("entri = 'a.ts'", "wizerjs.toml:1:1: no key is called 'entri'; is it 'entry'?\n"),
            (
                "\n[quux]\nx = 1",
                "wizerjs.toml:2:2: no key is called 'quux'; there are conditions, define, entry, env, warm-up\n",
            ),
            ("entry = 3", "wizerjs.toml:1:9: invalid type: integer `3`, expected path string\n"),
            ("entry = 'a", "wizerjs.toml:1:11: invalid literal string"),
            ("[[warm-up]]\nrequest = 'get /'", "wizerjs.toml:2:11: expected a method and a path, as 'GET /'\n"),
            (
                "[[warm-up]]\nrequest = 'GET /'\nheader = {}",
                "wizerjs.toml:3:1: no key is called 'header'; is it 'headers'?\n",
            ),
            ("[[warm-up]]\nrequest = 'GET /'\nbody = 'x'", "wizerjs.toml:2:11: a GET request has no body\n"),
            ("[[warm-up]]\nrequest = 'PUT /'\nbody-file = 'none'", "wizerjs.toml:3:13: cannot read none: "),
            ("[[warm-up]]\nbody = ''", "wizerjs.toml:1:1: missing field `request`\n"),
            ("env = ['A=B']", "wizerjs.toml:1:8: 'A=B' cannot be the name of a variable\n"),
        ] {
            let error = open(text).expect_err(text);
            assert!(error.starts_with(said), "{text}\n{error}");
        }
        let none = open("").unwrap().entry(None).unwrap_err().to_string();
        assert!(none.starts_with("no entry file is named; "), "{none}");
    }
}
