//! The sections of a module that make up its initial state.

use crate::constant;
use crate::manifest::{GlobalValue, MANIFEST_SECTION};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::ops::Range;
use wasmparser::{
    BinaryReaderError, Data, DataKind, Encoding, Export, ExternalKind, GlobalSectionReader, GlobalType, MemoryType,
    Parser, Payload, TypeRef, ValType,
};

/// First bytes of a module or component.
const WASM_MAGIC: &[u8] = b"\0asm";

/// Largest image that is looked at, in bytes: the addresses of the largest memory that a default host lets an application
/// have, several times over. Only absurd files have more.
const IMAGE_MAX_BYTES: usize = 2 << 30;

/// Base-2 logarithm of the bytes of an ordinary page.
const PAGE_BYTES_LOG2: u32 = 16;

/// A section: its id and where its contents are.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) id: u8,
    pub(crate) contents: Range<usize>,
}

/// A global that the module defines.
#[derive(Clone, Debug)]
pub(crate) struct Global {
    pub(crate) ty: GlobalType,
    /// Its entry in the section: type and initial value.
    pub(crate) entry: Range<usize>,
    /// Its initial value, if that is a constant number.
    pub(crate) value: Option<GlobalValue>,
}

/// The sections of a module with one memory, whose data is all active at constant addresses.
#[derive(Debug)]
pub(crate) struct Sections<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) all: Vec<Section>,
    pub(crate) memory: MemoryType,
    pub(crate) globals: Vec<Global>,
    pub(crate) exports: Vec<Export<'a>>,
    /// Address and contents of each data segment, in order.
    data: Vec<(u64, &'a [u8])>,
    imported_globals: usize,
    /// Whether there is a manifest.
    pub(crate) has_manifest: bool,
}

impl<'a> Sections<'a> {
    /// Read a module.
    ///
    /// # Errors
    /// It is no module, has another number of memories, or data whose place has to be computed.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        check_is_wasm(bytes)?;
        let mut memories = Vec::new();
        let mut sections = Sections {
            bytes,
            all: Vec::new(),
            memory: MemoryType { memory64: false, shared: false, initial: 0, maximum: None, page_size_log2: None },
            globals: Vec::new(),
            exports: Vec::new(),
            data: Vec::new(),
            imported_globals: 0,
            has_manifest: false,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            sections.add(payload.map_err(damaged)?, &mut memories)?;
        }
        let [memory] = memories[..] else { bail!("it has {} memories, where one is expected", memories.len()) };
        ensure!(!memory.memory64 && !memory.shared, "its memory is shared or has 64-bit addresses");
        let is_ordinary = memory.page_size_log2.is_none_or(|log2| log2 == PAGE_BYTES_LOG2);
        ensure!(is_ordinary, "its memory has pages of an unusual size");
        sections.memory = memory;
        Ok(sections)
    }

    fn add(&mut self, payload: Payload<'a>, memories: &mut Vec<MemoryType>) -> Result<()> {
        if let Some((id, contents)) = payload.as_section() {
            self.all.push(Section { id, contents });
        }
        match payload {
            Payload::Version { encoding, .. } => {
                ensure!(encoding == Encoding::Module, "a component, where a core module is expected");
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import.map_err(damaged)?.ty {
                        TypeRef::Memory(memory) => memories.push(memory),
                        TypeRef::Global(_) => self.imported_globals += 1,
                        _ => {}
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    memories.push(memory.map_err(damaged)?);
                }
            }
            Payload::GlobalSection(section) => self.globals = globals(section)?,
            Payload::ExportSection(section) => {
                self.exports = section.into_iter().collect::<Result<_, _>>().map_err(damaged)?;
            }
            Payload::DataSection(section) => {
                for segment in section {
                    self.data.push(active(segment.map_err(damaged)?)?);
                }
            }
            Payload::CustomSection(section) => self.has_manifest |= section.name() == MANIFEST_SECTION,
            _ => {}
        }
        Ok(())
    }

    /// The memory as the data segments make it, up to the end of the last of them.
    pub(crate) fn image(&self) -> Result<Vec<u8>> {
        let end = self.data.iter().map(|(offset, data)| *offset as usize + data.len()).max().unwrap_or(0);
        ensure!(end <= IMAGE_MAX_BYTES, "its data segments reach beyond {} MB", IMAGE_MAX_BYTES >> 20);
        let mut image = vec![0; end];
        for (offset, data) in &self.data {
            let start = *offset as usize;
            image[start..start + data.len()].copy_from_slice(data);
        }
        Ok(image)
    }

    /// Exported mutable globals that the module defines: name, and index in [`Sections::globals`].
    pub(crate) fn exported_globals(&self) -> impl Iterator<Item = (&'a str, usize)> {
        let exports = self.exports.iter().filter(|export| export.kind == ExternalKind::Global);
        let defined = exports.filter_map(|export| {
            let index = (export.index as usize).checked_sub(self.imported_globals)?;
            Some((export.name, index))
        });
        defined.filter(|(_, index)| self.globals.get(*index).is_some_and(|global| global.ty.mutable))
    }

    /// Exported mutable globals and their initial values, once each, in the order of exports.
    pub(crate) fn global_values(&self) -> Result<Vec<(&'a str, GlobalValue)>> {
        let mut seen = Vec::new();
        let mut values = Vec::new();
        for (name, index) in self.exported_globals() {
            if seen.contains(&index) {
                continue;
            }
            seen.push(index);
            let value = self.globals[index].value;
            values.push((name, value.with_context(|| format!("global {name} starts as no constant number"))?));
        }
        Ok(values)
    }
}

/// Refuse what is not even the beginning of a module or component.
pub(crate) fn check_is_wasm(bytes: &[u8]) -> Result<()> {
    ensure!(bytes.starts_with(WASM_MAGIC), "not a WebAssembly file");
    Ok(())
}

/// An error of reading a module, in one line.
pub(crate) fn damaged(error: BinaryReaderError) -> anyhow::Error {
    one_line(&error).context("damaged or truncated")
}

/// An error of wasmparser in one line, with its place.
pub(crate) fn one_line(error: &BinaryReaderError) -> anyhow::Error {
    anyhow!("{} (at byte {})", error.message().lines().next().unwrap_or_default(), error.offset())
}

/// Address and contents of a data segment that is written to the first memory at start.
pub(crate) fn active(segment: Data<'_>) -> Result<(u64, &[u8])> {
    let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
        bail!("it has a data segment that is not for the memory at start")
    };
    let Some(GlobalValue::I32(offset)) = constant::number(&offset_expr) else {
        bail!("it has a data segment whose place is not a constant")
    };
    Ok((offset.into(), segment.data))
}

fn globals(section: GlobalSectionReader<'_>) -> Result<Vec<Global>> {
    let end = section.range().end;
    let mut globals: Vec<Global> = Vec::new();
    for item in section.into_iter_with_offsets() {
        let (start, global) = item.map_err(damaged)?;
        if let Some(last) = globals.last_mut() {
            last.entry.end = start;
        }
        let value = constant::number(&global.init_expr).filter(|value| has_type(*value, global.ty.content_type));
        globals.push(Global { ty: global.ty, entry: start..end, value });
    }
    Ok(globals)
}

fn has_type(value: GlobalValue, ty: ValType) -> bool {
    let of_value = match value {
        GlobalValue::I32(_) => ValType::I32,
        GlobalValue::I64(_) => ValType::I64,
        GlobalValue::F32(_) => ValType::F32,
        GlobalValue::F64(_) => ValType::F64,
        GlobalValue::V128(_) => ValType::V128,
    };
    of_value == ty
}
