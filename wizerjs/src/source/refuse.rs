//! Words for what cannot be read, each with its remedy.

use super::{Located, line_at, position_of};
use std::io::ErrorKind;
use std::path::Path;

/// An error about the entry file as a whole.
pub(super) fn entry(path: &Path, message: &str) -> Box<Located> {
    Box::new(Located::whole_file(&path.display().to_string(), message))
}

/// An error at a byte offset of a module.
pub(super) fn at(name: &str, text: &str, offset: usize, message: String) -> Box<Located> {
    let position = position_of(text, offset);
    let line = line_at(text, position.0).unwrap_or_default().to_owned();
    Box::new(Located { file: name.to_owned(), position: Some(position), message, line, details: String::new() })
}

/// What a file is wanted as, which decides the words.
#[derive(Clone, Copy)]
pub(super) enum Expected<'a> {
    /// The entry, whose path the message begins with.
    Entry,
    /// What this specifier names; the message begins with the place of the import.
    Import(&'a str),
}

impl Expected<'_> {
    /// It cannot be had, for this reason.
    pub(super) fn cannot(self, cause: &str) -> String {
        match self {
            Self::Entry => format!("cannot be built: {cause}"),
            Self::Import(specifier) => format!("cannot import '{specifier}': {cause}"),
        }
    }

    /// The file system refused.
    pub(super) fn unreadable(self, folder: &Path, name: &str, error: &std::io::Error) -> String {
        match (self, error.kind()) {
            (Self::Entry, ErrorKind::NotFound) => "no such file".to_owned(),
            (Self::Import(specifier), ErrorKind::NotFound) => {
                let remedy = similar(folder, name).map_or_else(
                    || format!("there is no file {name}; names are relative to the importing file"),
                    |ending| format!("did you mean '{specifier}{ending}'?"),
                );
                format!("cannot find '{specifier}'; {remedy}")
            }
            (_, ErrorKind::PermissionDenied) => self.cannot("permission denied"),
            _ => self.cannot(&error.to_string()),
        }
    }

    /// It is a folder.
    pub(super) fn folder(self, path: &Path) -> String {
        match self {
            Self::Entry => "is a folder; name the entry file in it".to_owned(),
            Self::Import(specifier) => {
                let index = ["index.js", "index.mjs"].into_iter().find(|name| path.join(name).is_file());
                let slash = if specifier.ends_with('/') { "" } else { "/" };
                let remedy = index.map_or_else(
                    || "name a file in it".to_owned(),
                    |index| format!("did you mean '{specifier}{slash}{index}'?"),
                );
                format!("cannot import '{specifier}': it is a folder; {remedy}")
            }
        }
    }

    /// Whether the name is that of a JavaScript module.
    pub(super) fn check_kind(self, name: &str) -> Result<(), String> {
        let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        Err(self.cannot(match extension {
            "js" | "mjs" => return Ok(()),
            "ts" | "tsx" | "mts" | "cts" => "TypeScript is not supported yet; compile it to JavaScript first",
            "jsx" => "JSX is not supported yet; compile it to JavaScript first",
            "cjs" => "CommonJS is not supported; make it an ES module, or bundle the application into one",
            "json" => "JSON modules are not supported yet; put `export default` before it, in a .js file",
            "wasm" => "it is WebAssembly; `wizerjs snapshot` takes that",
            _ => "only .js and .mjs files are ES modules",
        }))
    }
}

/// What would have to be added to the name to make it that of a file.
fn similar(folder: &Path, name: &str) -> Option<&'static str> {
    [".js", ".mjs"].into_iter().find(|ending| folder.join(format!("{name}{ending}")).is_file())
}
