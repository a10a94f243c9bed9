//! The entry file and what it imports, brought together in one module. Knows no wasm.

#[cfg(feature = "bundle")]
mod bundle;
mod folder;
#[cfg(feature = "bundle")]
pub mod kinds;
mod located;
#[cfg(feature = "bundle")]
mod node;
mod options;
#[cfg(feature = "bundle")]
mod scan;

#[cfg(feature = "bundle")]
pub use bundle::bundle;
pub use folder::{SETTINGS_FILE, project_folder};
pub use located::Located;
pub use options::BundleOptions;

use engine_abi::{Application, Message, Module, Request};
use engine_source_map::{BUNDLE, SourceMap};

/// An application as one module, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Name of the entry file: its path from the folder of its `package.json`, `/` between parts.
    pub entry: String,
    /// The module's text.
    pub text: String,
    /// Where each place in the text was written.
    pub map: SourceMap,
    /// The files that are in it, the entry first.
    pub files: Vec<SourceFile>,
    /// What is allowed and worth knowing: imports that can only fail at run time.
    pub remarks: Vec<Remark>,
}

/// A file of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Name, as in [`Sources::entry`]; of a package's file from `node_modules/` on.
    pub name: String,
    /// Size of its text in bytes.
    pub bytes: u64,
}

/// Something worth knowing, at a place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Name of the file.
    pub file: String,
    /// Line and column.
    pub position: (u32, u32),
    /// One line.
    pub message: String,
}

impl Sources {
    /// An application that is one module already, which imports nothing.
    pub fn module(name: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let files = vec![SourceFile { name: name.to_owned(), bytes: text.len() as u64 }];
        Self { entry: name.to_owned(), text, map: SourceMap::default(), files, remarks: Vec::new() }
    }

    /// What the engine is told to load.
    pub fn message(&self, env: &[(String, String)], warm_up: Vec<Request<'_>>) -> Vec<u8> {
        let modules = vec![Module { name: BUNDLE, source: &self.text, imports: Vec::new() }];
        let env = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Application { modules, env, warm_up }.encode()
    }
}
