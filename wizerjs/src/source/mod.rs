//! The entry file and what it imports, read and resolved. Knows no wasm.
//!
//! Whatever way the sources are brought together, the result is [`Sources`]: here each file stays a module of its own;
//! a bundler would give one module and its source map.

mod located;
mod position;
mod read;
mod refuse;
mod resolve;
mod scan;

pub use located::Located;
pub use position::{excerpt, line_at, position_of};
pub use read::read;

use engine_abi::{Application, Message, Module, Request};

/// Modules of an application, the entry first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// The modules, in the order in which they were found: the same for the same sources.
    pub modules: Vec<SourceModule>,
    /// Source map (version 3, JSON) of the entry, empty if positions need no mapping.
    pub source_map: String,
    /// What is allowed and worth knowing: imports that can only fail at run time.
    pub remarks: Vec<Remark>,
}

/// One ES module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceModule {
    /// Path relative to the entry's folder, `/` between parts.
    pub name: String,
    /// Source text.
    pub text: String,
    /// Specifiers as written, and the index in [`Sources::modules`] of what each names.
    pub imports: Vec<(String, u32)>,
}

/// Something worth knowing, at a place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Module name.
    pub file: String,
    /// Line and column.
    pub position: (u32, u32),
    /// One line.
    pub message: String,
}

impl Sources {
    /// Name of the entry module.
    pub fn entry(&self) -> &str {
        self.modules.first().map_or("", |module| &module.name)
    }

    /// A line of a module, by name and number.
    pub fn line(&self, file: &str, line: u32) -> Option<&str> {
        let module = self.modules.iter().find(|module| module.name == file)?;
        line_at(&module.text, line)
    }

    /// What the engine is told to load.
    pub fn message(&self, env: &[(String, String)], warm_up: Vec<Request<'_>>) -> Vec<u8> {
        let modules = self
            .modules
            .iter()
            .map(|module| Module {
                name: &module.name,
                source: &module.text,
                imports: module.imports.iter().map(|(specifier, index)| (specifier.as_str(), *index)).collect(),
            })
            .collect();
        let env = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Application { modules, env, warm_up }.encode()
    }
}
