//! Whether a module is a base module: an engine of our interface all of whose state can be read from outside.
//!
//! An application is taken to be the engine's memory and exported globals. Whatever else could change while it is
//! loaded (a hidden global, a table, a dropped segment) would be lost, so a module that could change it is refused.

use anyhow::{Context, Result, bail, ensure};
use engine_abi::{HOST_MODULE, export};
use engine_artifact::{MANIFEST_SECTION, hidden_state};
use engine_wasi::MODULE as WASI;
use wasmparser::{ExternalKind, Parser, Payload, TypeRef, ValType};

/// What a base module exports, with the number of `i32` parameters; each of these returns an `i32`.
const FUNCTIONS: [(&str, usize); 4] =
    [(export::LOAD_APPLICATION, 2), (export::ALLOCATE, 2), (export::HANDLE_REQUEST, 2), (export::RESUME, 2)];

/// What is looked at.
#[derive(Default)]
struct Facts<'a> {
    types: Vec<wasmparser::FuncType>,
    /// Type of each function, imported ones first.
    functions: Vec<u32>,
    exports: Vec<wasmparser::Export<'a>>,
    has_start: bool,
    has_passive_data: bool,
    has_manifest: bool,
}

/// Check that `wasm` is an engine that was not started yet.
///
/// # Errors
/// It is not; what is in the way.
pub(super) fn linked_engine(wasm: &[u8]) -> Result<()> {
    engine(wasm, &Facts::of(wasm)?)
}

/// Check that `wasm` is a base module.
///
/// # Errors
/// It is not; what is in the way.
pub(super) fn base_module(wasm: &[u8]) -> Result<()> {
    let facts = Facts::of(wasm)?;
    if facts.export(export::INITIALIZE_ENGINE).is_some() {
        bail!("it is an engine that was not started yet, not a base module");
    }
    engine(wasm, &facts)
}

fn engine(wasm: &[u8], facts: &Facts<'_>) -> Result<()> {
    ensure!(!facts.has_manifest, "it is an application, not an engine");
    facts.check_exports()?;
    ensure!(!facts.has_start, "its start function would run again in every instance");
    ensure!(!facts.has_passive_data, "it has passive data segments, which could be dropped");
    match hidden_state::find(wasm)? {
        Some(hidden) => bail!("{hidden}, which a snapshot of its memory would lose"),
        None => Ok(()),
    }
}

impl<'a> Facts<'a> {
    fn of(wasm: &'a [u8]) -> Result<Self> {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("not a wasm module")? {
                Payload::Version { encoding, .. } => {
                    ensure!(encoding == wasmparser::Encoding::Module, "a component, where an engine is expected");
                }
                Payload::TypeSection(section) => {
                    facts.types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        facts.import(import?)?;
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        facts.functions.push(ty?);
                    }
                }
                Payload::ExportSection(section) => {
                    facts.exports = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::StartSection { .. } => facts.has_start = true,
                Payload::DataSection(section) => {
                    for data in section {
                        facts.has_passive_data |= matches!(data?.kind, wasmparser::DataKind::Passive);
                    }
                }
                Payload::CustomSection(section) => {
                    facts.has_manifest |= section.name() == MANIFEST_SECTION;
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    fn import(&mut self, import: wasmparser::Import<'_>) -> Result<()> {
        let (module, name) = (import.module, import.name);
        if module != WASI && module != HOST_MODULE {
            if module.starts_with(interface_prefix()) {
                bail!("it speaks the interface {module}, where this version of wizerjs speaks {HOST_MODULE}");
            }
            bail!("it imports {module}.{name}; an engine imports only {WASI} and {HOST_MODULE}");
        }
        match import.ty {
            TypeRef::Func(ty) => self.functions.push(ty),
            _ => bail!("it imports {module}.{name}, which is not a function"),
        }
        Ok(())
    }

    fn check_exports(&self) -> Result<()> {
        for (name, parameters) in FUNCTIONS {
            let function = self.export(name).filter(|export| export.kind == ExternalKind::Func);
            let Some(function) = function else { bail!("not an engine: it exports no function {name}") };
            let ty = self.functions.get(function.index as usize).and_then(|ty| self.types.get(*ty as usize));
            let fits = ty.is_some_and(|ty| {
                ty.params() == vec![ValType::I32; parameters].as_slice() && ty.results() == [ValType::I32].as_slice()
            });
            ensure!(fits, "not an engine: its export {name} has another type");
        }
        let memory = self.export(export::MEMORY).is_some_and(|export| export.kind == ExternalKind::Memory);
        ensure!(memory, "not an engine: it exports no memory");
        let pointer = self.export(export::STACK_POINTER).is_some_and(|export| export.kind == ExternalKind::Global);
        ensure!(pointer, "not an engine: it exports no global {}", export::STACK_POINTER);
        Ok(())
    }

    fn export(&self, name: &str) -> Option<&wasmparser::Export<'a>> {
        self.exports.iter().find(|export| export.name == name)
    }
}

/// What [`HOST_MODULE`] begins with in every version.
fn interface_prefix() -> &'static str {
    HOST_MODULE.trim_end_matches(|c: char| c.is_ascii_digit())
}
