//! Which files matter to a build.

use super::environment;
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use wizerjs::source::SETTINGS_FILE;

/// The folder of packages.
const PACKAGES: &str = "node_modules/";

/// Files whose change makes another build.
#[derive(Debug)]
pub(super) enum Interest {
    /// These, and those that say how to build.
    Files(HashSet<PathBuf>),
    /// All of a project: the build failed, and what would mend it is not known.
    Anything,
}

impl Interest {
    /// The files of an application by their names, which begin at the project's folder. Those of packages are not looked at:
    /// they change when packages are installed, with `package.json`.
    pub(super) fn in_files<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> Self {
        let own = names.filter(|name| !name.starts_with(PACKAGES));
        Self::Files(own.map(|name| normal(&folder.join(name))).collect())
    }

    /// Whether a change of this file is of interest.
    pub(super) fn is_in(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match self {
            _ if says_how(name) => true,
            Self::Files(files) => files.contains(path),
            Self::Anything => !is_by_the_way(name),
        }
    }

    /// Folders that have one of the files.
    pub(super) fn folders(&self) -> HashSet<&Path> {
        match self {
            Self::Files(files) => files.iter().filter_map(|file| file.parent()).collect(),
            Self::Anything => HashSet::new(),
        }
    }
}

/// Whether a file of this name says how to build, or what the environment is.
fn says_how(name: &str) -> bool {
    let is_tsconfig = name.starts_with("tsconfig") && name.ends_with(".json");
    is_tsconfig || [SETTINGS_FILE, "package.json"].contains(&name) || environment::FILES.contains(&name)
}

/// Whether a file of this name is an editor's or a build's own.
fn is_by_the_way(name: &str) -> bool {
    let endings = ["~", ".swp", ".swx", ".tmp", ".wasm", ".wasm.zst", ".map"];
    // Vim tries with a file of this name whether it can write.
    name.starts_with(".#") || name == "4913" || endings.iter().any(|ending| name.ends_with(ending))
}

/// A path without `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, part| {
        match part {
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
        normal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_application_matter_and_others_only_after_a_failure() {
        let names = ["src/a.ts", "../shared/b.ts", "node_modules/c/index.js"];
        let files = Interest::in_files(Path::new("/home/me/app"), names.into_iter());
        let is_in = |path: &str| (files.is_in(Path::new(path)), Interest::Anything.is_in(Path::new(path)));
        assert_eq!(is_in("/home/me/app/src/a.ts"), (true, true));
        assert_eq!(is_in("/home/me/shared/b.ts"), (true, true));
        assert_eq!(is_in("/home/me/app/node_modules/c/index.js"), (false, true));
        assert_eq!(is_in("/home/me/app/src/new.ts"), (false, true));
        assert_eq!(is_in("/home/me/app/src/a.ts~"), (false, false));
        assert_eq!(is_in("/home/me/app/app.wasm"), (false, false));
        for name in ["wizerjs.toml", ".env", ".env.local", "package.json", "tsconfig.build.json"] {
            assert_eq!(is_in(&format!("/home/me/app/{name}")), (true, true));
        }
        let mut folders: Vec<_> = files.folders().into_iter().collect();
        folders.sort();
        assert_eq!(folders, [Path::new("/home/me/app/src"), Path::new("/home/me/shared")]);
    }
}
