//! An application: what the build hands to the engine.

use crate::http::Request;
use crate::wire::{Malformed, Message, Reader, Writer};
use alloc::vec::Vec;

/// Smallest size of an environment variable in bytes: two lengths.
const ENV_MIN_BYTES: usize = 8;

pub(crate) fn write_env(out: &mut Writer, env: &[(&str, &str)]) {
    out.count(env.len());
    for (name, value) in env {
        out.text(name);
        out.text(value);
    }
}

pub(crate) fn read_env<'a>(input: &mut Reader<'a>) -> Result<Vec<(&'a str, &'a str)>, Malformed> {
    let count = input.count(ENV_MIN_BYTES, "env count")?;
    (0..count).map(|_| Ok((input.text("env name")?, input.text("env value")?))).collect()
}

/// One ES module with its imports already resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module<'a> {
    /// Name for stacks and `import.meta.url`: path relative to the entry's folder, `/` between parts.
    pub name: &'a str,
    /// Source text.
    pub source: &'a str,
    /// Specifiers as written in the source, and the index in [`Application::modules`] of what each names.
    pub imports: Vec<(&'a str, u32)>,
}

/// Smallest size of a module in bytes: two lengths and a count.
const MODULE_MIN_BYTES: usize = 12;
/// Smallest size of a request in bytes: two lengths, two counts, the tag of its body, when it arrived.
const REQUEST_MIN_BYTES: usize = 25;
/// Smallest size of a resolved import in bytes: a length and an index.
const IMPORT_MIN_BYTES: usize = 8;

impl<'a> Message<'a> for Module<'a> {
    fn write(&self, out: &mut Writer) {
        out.text(self.name);
        out.text(self.source);
        out.count(self.imports.len());
        for (specifier, index) in &self.imports {
            out.text(specifier);
            out.u32(*index);
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let name = input.text("module name")?;
        let source = input.text("module source")?;
        let count = input.count(IMPORT_MIN_BYTES, "import count")?;
        let imports =
            (0..count).map(|_| Ok((input.text("specifier")?, input.u32("import index")?))).collect::<Result<_, _>>()?;
        Ok(Self { name, source, imports })
    }
}

/// What [`crate::export::LOAD_APPLICATION`] takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application<'a> {
    /// Every module, the entry first. Indices in [`Module::imports`] are below the count.
    pub modules: Vec<Module<'a>>,
    /// Environment that the user asked to have captured.
    pub env: Vec<(&'a str, &'a str)>,
    /// Requests for the handler to answer before the snapshot is taken, so that what it makes on first use is part of it.
    pub warm_up: Vec<Request<'a>>,
}

impl<'a> Message<'a> for Application<'a> {
    fn write(&self, out: &mut Writer) {
        out.list(&self.modules);
        write_env(out, &self.env);
        out.list(&self.warm_up);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let modules: Vec<Module<'a>> = input.list(MODULE_MIN_BYTES, "module count")?;
        if modules.is_empty() {
            return Err(Malformed("module count"));
        }
        let count = modules.len();
        if modules.iter().flat_map(|module| &module.imports).any(|&(_, index)| index as usize >= count) {
            return Err(Malformed("import index"));
        }
        Ok(Self { modules, env: read_env(input)?, warm_up: input.list(REQUEST_MIN_BYTES, "warm-up count")? })
    }
}
