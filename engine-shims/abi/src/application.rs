//! An application: what the build hands to the engine, and what an artifact says about itself.

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

/// The value of a numeric or vector global, as bits. Tags: 0 i32, 1 i64, 2 f32, 3 f64, 4 v128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalValue {
    /// `i32`.
    I32(u32),
    /// `i64`.
    I64(u64),
    /// `f32`.
    F32(u32),
    /// `f64`.
    F64(u64),
    /// `v128`.
    V128(u128),
}

/// An exported mutable global whose value differs from the base image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedGlobal<'a> {
    /// Its export name in the base module.
    pub export: &'a str,
    /// Its value in the snapshot.
    pub value: GlobalValue,
}

/// Smallest size of a changed global in bytes: a length, a tag and an `i32`.
const GLOBAL_MIN_BYTES: usize = 9;

impl<'a> Message<'a> for ChangedGlobal<'a> {
    fn write(&self, out: &mut Writer) {
        out.text(self.export);
        match self.value {
            GlobalValue::I32(value) => {
                out.u8(0);
                out.u32(value);
            }
            GlobalValue::I64(value) => {
                out.u8(1);
                out.u64(value);
            }
            GlobalValue::F32(value) => {
                out.u8(2);
                out.u32(value);
            }
            GlobalValue::F64(value) => {
                out.u8(3);
                out.u64(value);
            }
            GlobalValue::V128(value) => {
                out.u8(4);
                out.raw(&value.to_le_bytes());
            }
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let export = input.text("global export")?;
        let value = match input.u8("global tag")? {
            0 => GlobalValue::I32(input.u32("global value")?),
            1 => GlobalValue::I64(input.u64("global value")?),
            2 => GlobalValue::F32(input.u32("global value")?),
            3 => GlobalValue::F64(input.u64("global value")?),
            4 => GlobalValue::V128(u128::from_le_bytes(input.raw("global value")?)),
            _ => return Err(Malformed("global tag")),
        };
        Ok(Self { export, value })
    }
}

/// The contents of the custom section [`crate::MANIFEST_SECTION`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest<'a> {
    /// [`crate::ABI_VERSION`] of the engine. First, so that any version can be told from these four bytes.
    pub abi_version: u32,
    /// BLAKE3 digest of the engine's base module.
    pub engine_digest: [u8; 32],
    /// Name and version of the engine, for messages.
    pub engine_name: &'a str,
    /// Entry module's name.
    pub entry: &'a str,
    /// Pages of 64 KiB of the engine's memory in the snapshot.
    pub memory_pages: u64,
    /// Globals that differ from the base image.
    pub globals: Vec<ChangedGlobal<'a>>,
    /// Names of the environment variables that were captured.
    pub env_names: Vec<&'a str>,
    /// Source map (version 3, JSON) of the entry, empty if stacks need no mapping.
    pub source_map: &'a str,
}

/// Smallest size of a string in bytes: its length.
const TEXT_MIN_BYTES: usize = 4;

impl<'a> Message<'a> for Manifest<'a> {
    fn write(&self, out: &mut Writer) {
        out.u32(self.abi_version);
        out.raw(&self.engine_digest);
        out.text(self.engine_name);
        out.text(self.entry);
        out.u64(self.memory_pages);
        out.list(&self.globals);
        out.count(self.env_names.len());
        for name in &self.env_names {
            out.text(name);
        }
        out.text(self.source_map);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let abi_version = input.u32("abi version")?;
        if abi_version != crate::ABI_VERSION {
            return Err(Malformed("abi version"));
        }
        Ok(Self {
            abi_version,
            engine_digest: input.raw("engine digest")?,
            engine_name: input.text("engine name")?,
            entry: input.text("entry")?,
            memory_pages: input.u64("memory pages")?,
            globals: input.list(GLOBAL_MIN_BYTES, "global count")?,
            env_names: {
                let count = input.count(TEXT_MIN_BYTES, "env name count")?;
                (0..count).map(|_| input.text("env name")).collect::<Result<_, _>>()?
            },
            source_map: input.text("source map")?,
        })
    }
}
