//! Words for what cannot be imported, each with its remedy.

use super::project::package_of;
use crate::source::kinds;
use rolldown_resolver::ResolveError;
use std::path::{Path, PathBuf};

/// Why a specifier can name nothing, whatever files there are.
pub(super) fn by_form(specifier: &str) -> Option<&'static str> {
    const REMOTE: [&str; 6] = ["http:", "https:", "//", "blob:", "npm:", "jsr:"];
    if specifier.is_empty() {
        Some("the name is empty")
    } else if REMOTE.iter().any(|scheme| specifier.starts_with(scheme)) {
        Some("modules are not fetched; install it as a package, or keep a copy beside the importing file")
    } else if specifier.starts_with('/') || specifier.starts_with("file:") {
        Some("an absolute path names something else on every machine; import it by a relative one")
    } else {
        None
    }
}

/// Why a specifier was not resolved; `None` if it is ignored on purpose.
pub(super) fn unresolved(
    error: &ResolveError,
    specifier: &str,
    importer: &Path,
    importer_name: &str,
) -> Option<String> {
    let package = package_of(specifier);
    Some(match error {
        ResolveError::Ignored(_) => return None,
        ResolveError::PackagePathNotExported { .. } => match specifier.strip_prefix(package) {
            Some(path) if !path.is_empty() => {
                format!("the package '{package}' does not export '.{path}'; see \"exports\" in its package.json")
            }
            _ => format!(
                "the package '{package}' exports nothing that can be used here; see \"exports\" in its package.json"
            ),
        },
        ResolveError::PackageImportNotDefined(..) => {
            format!("'{specifier}' is not in \"imports\" of the package.json that belongs to {importer_name}")
        }
        ResolveError::Json(json) => {
            let folder = json.path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            format!("cannot read {folder}/package.json: {}", first_line(&json.message))
        }
        _ if is_relative(specifier) => missing_file(specifier, importer),
        _ if specifier.starts_with('#') => {
            format!("'{specifier}' is not in \"imports\" of the package.json that belongs to {importer_name}")
        }
        _ => format!("cannot find the package '{package}', which {importer_name} imports; `npm install {package}`"),
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

pub(super) fn is_relative(specifier: &str) -> bool {
    specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../")
}

/// There is no file that a relative specifier names.
fn missing_file(specifier: &str, importer: &Path) -> String {
    let path = importer.parent().unwrap_or(Path::new("")).join(specifier);
    let remedy = if path.is_dir() {
        "it is a folder without an index file; name a file in it".to_owned()
    } else if let Some(similar) = similar(&path) {
        format!("did you mean the file {} beside it?", similar.file_name().unwrap_or_default().to_string_lossy())
    } else {
        "there is no such file, and names are relative to the importing one".to_owned()
    };
    format!("cannot find '{specifier}'; {remedy}")
}

/// A file with another ending, or another case.
fn similar(path: &Path) -> Option<PathBuf> {
    let wanted = path.file_stem()?.to_string_lossy().to_lowercase();
    let mut files: Vec<_> =
        std::fs::read_dir(path.parent()?).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files.into_iter().find(|file| {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
        stem.as_deref() == Some(&wanted) && kinds::MODULES.contains(&kinds::ending(file)) && file.is_file()
    })
}

#[cfg(test)]
mod tests {
    use super::{by_form, missing_file};

    #[test]
    fn some_specifiers_can_name_nothing() {
        for wrong in ["", "https://x/a.js", "//x/a.js", "npm:hono", "/a.js", "file:///a.js"] {
            assert!(by_form(wrong).is_some(), "{wrong}");
        }
        for right in ["hono", "./a.js", "..", "#internal", "@a/b", "data:text/javascript,1"] {
            assert_eq!(by_form(right), None, "{right}");
        }
    }

    #[test]
    fn a_similar_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        for file in ["User.ts", "notes.txt"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let message = |specifier| missing_file(specifier, &folder.path().join("app.ts"));
        assert_eq!(message("./user.js"), "cannot find './user.js'; did you mean the file User.ts beside it?");
        assert!(message("./notes").ends_with("there is no such file, and names are relative to the importing one"));
        assert!(message("./lib").ends_with("it is a folder without an index file; name a file in it"));
    }
}
