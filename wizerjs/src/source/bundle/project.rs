//! The project that an entry belongs to, and the names of files in it: the same on every machine.

use crate::source::project_folder;
use std::path::{Component, Path, PathBuf};

/// The folder of packages.
pub(super) const PACKAGES: &str = "node_modules";

/// The project that an entry belongs to.
#[derive(Debug)]
pub(super) struct Project {
    root: PathBuf,
}

impl Project {
    /// The project of `entry`, an absolute path.
    pub(super) fn of(entry: &Path) -> Self {
        let folder = entry.parent().unwrap_or(Path::new("/"));
        Self { root: project_folder(folder).to_path_buf() }
    }

    /// Its folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Name of a file: its path from the root, of a package's file from `node_modules/` on.
    pub(super) fn name(&self, path: &Path) -> String {
        let parts: Vec<_> = path.components().map(Component::as_os_str).collect();
        if let Some(packages) = parts.iter().rposition(|part| *part == PACKAGES) {
            return joined(parts[packages..].iter().map(|part| part.to_string_lossy()));
        }
        let root: Vec<_> = self.root.components().map(Component::as_os_str).collect();
        let common = root.iter().zip(&parts).take_while(|(one, other)| one == other).count();
        let up = std::iter::repeat_n("..".into(), root.len() - common);
        joined(up.chain(parts[common..].iter().map(|part| part.to_string_lossy())))
    }
}

fn joined<'a>(parts: impl Iterator<Item = std::borrow::Cow<'a, str>>) -> String {
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a name that [`Project::name`] made is that of a package's file.
pub(super) fn is_packages(name: &str) -> bool {
    name.strip_prefix(PACKAGES).is_some_and(|rest| rest.starts_with('/'))
}

/// The package in a specifier or in what follows `node_modules/`: `hono/jsx` is of `hono`, `@a/b/c` of `@a/b`.
pub(super) fn package_of(specifier: &str) -> &str {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(parts - 1) {
        Some((end, _)) => &specifier[..end],
        None => specifier,
    }
}

#[cfg(test)]
mod tests {
    use super::{Project, is_packages, package_of};
    use std::path::{Path, PathBuf};

    #[test]
    fn names_do_not_depend_on_the_machine() {
        let project = Project { root: PathBuf::from("/home/a/app") };
        for (path, name) in [
            ("/home/a/app/src/x.ts", "src/x.ts"),
            ("/home/a/shared/x.ts", "../shared/x.ts"),
            ("/home/a/app/node_modules/hono/dist/x.js", "node_modules/hono/dist/x.js"),
            ("/home/a/node_modules/.pnpm/hono@4/node_modules/hono/x.js", "node_modules/hono/x.js"),
        ] {
            assert_eq!(project.name(Path::new(path)), name);
        }
        assert!(is_packages("node_modules/hono/x.js") && !is_packages("src/node_modules.js"));
    }

    #[test]
    fn packages_are_known_by_their_specifiers() {
        for (specifier, package) in
            [("hono", "hono"), ("hono/jsx", "hono"), ("@a/b", "@a/b"), ("@a/b/c/d", "@a/b"), ("@a", "@a")]
        {
            assert_eq!(package_of(specifier), package);
        }
    }
}
