//! The parts of a wasm module that make up its initial state.

use anyhow::{Context, Result, bail, ensure};
use engine_abi::GlobalValue;
use std::ops::Range;
use wasmparser::{
    ConstExpr, DataKind, ExternalKind, GlobalType, MemoryType, Operator, Parser, Payload, TypeRef, ValType,
};

/// Largest image that is looked at, in bytes. A snapshot is tens of megabytes; this only stops absurd files.
const IMAGE_MAX_BYTES: usize = 2 << 30;

/// A section: its id and where its contents are.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) id: u8,
    pub(super) contents: Range<usize>,
}

/// A global that the module defines.
#[derive(Clone, Debug)]
pub(super) struct Global {
    pub(super) ty: GlobalType,
    /// Its entry in the section: type and initial value.
    pub(super) entry: Range<usize>,
    /// Its initial value, if that is a constant number.
    pub(super) value: Option<GlobalValue>,
}

/// A module with one memory, whose data is all active at constant offsets.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sections: Vec<Section>,
    pub(super) memory: MemoryType,
    /// Whether the memory is an import.
    pub(super) memory_imported: bool,
    pub(super) globals: Vec<Global>,
    pub(super) exports: Vec<wasmparser::Export<'a>>,
    /// Exported mutable globals: name and index in `globals`.
    pub(super) exported_globals: Vec<(&'a str, usize)>,
    /// Offset and contents of each data segment, in order.
    pub(super) data: Vec<(u64, &'a [u8])>,
    /// Contents of the section [`engine_abi::MANIFEST_SECTION`].
    pub(super) manifest: Option<&'a [u8]>,
    /// Whether there are functions, tables or anything else that is not data.
    pub(super) has_code: bool,
}

impl<'a> Parts<'a> {
    /// Parse a module.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut imported_globals = 0;
        let mut memories = Vec::new();
        let mut parts = Parts {
            bytes,
            sections: Vec::new(),
            memory: MemoryType { memory64: false, shared: false, initial: 0, maximum: None, page_size_log2: None },
            memory_imported: false,
            globals: Vec::new(),
            exports: Vec::new(),
            exported_globals: Vec::new(),
            data: Vec::new(),
            manifest: None,
            has_code: false,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.context("not a wasm module")?;
            if let Some((id, contents)) = payload.as_section() {
                parts.sections.push(Section { id, contents });
            }
            match payload {
                Payload::Version { encoding, .. } => {
                    ensure!(encoding == wasmparser::Encoding::Module, "a component, where a core module is expected");
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Memory(memory) => {
                                memories.push(memory);
                                parts.memory_imported = true;
                            }
                            TypeRef::Global(_) => imported_globals += 1,
                            _ => parts.has_code = true,
                        }
                    }
                }
                Payload::MemorySection(section) => {
                    memories.extend(section.into_iter().collect::<Result<Vec<_>, _>>()?);
                }
                Payload::GlobalSection(section) => parts.globals = globals(section)?,
                Payload::ExportSection(section) => {
                    parts.exports = section.into_iter().collect::<Result<Vec<_>, _>>()?;
                }
                Payload::DataSection(section) => parts.data = section.into_iter().map(data).collect::<Result<_>>()?,
                Payload::CustomSection(section) if section.name() == engine_abi::MANIFEST_SECTION => {
                    ensure!(parts.manifest.is_none(), "two sections {}", engine_abi::MANIFEST_SECTION);
                    parts.manifest = Some(section.data());
                }
                Payload::FunctionSection(_)
                | Payload::TableSection(_)
                | Payload::StartSection { .. }
                | Payload::ElementSection(_)
                | Payload::CodeSectionStart { .. } => parts.has_code = true,
                _ => {}
            }
        }
        let [memory] = memories[..] else { bail!("it has {} memories, where one is expected", memories.len()) };
        ensure!(!memory.memory64 && !memory.shared, "its memory is shared or has 64-bit addresses");
        ensure!(memory.page_size_log2.is_none_or(|log2| log2 == 16), "its memory has pages of an unusual size");
        parts.memory = memory;
        for export in parts.exports.iter().filter(|export| export.kind == ExternalKind::Global) {
            let Some(index) = (export.index as usize).checked_sub(imported_globals) else { continue };
            if parts.globals.get(index).is_some_and(|global| global.ty.mutable) {
                parts.exported_globals.push((export.name, index));
            }
        }
        Ok(parts)
    }

    /// The memory as the data segments make it, up to the last of them.
    pub(super) fn image(&self) -> Result<Vec<u8>> {
        let end = self.data.iter().map(|(offset, data)| *offset as usize + data.len()).max().unwrap_or(0);
        ensure!(end <= IMAGE_MAX_BYTES, "its data segments reach beyond {} MB", IMAGE_MAX_BYTES >> 20);
        let mut image = vec![0; end];
        for (offset, data) in &self.data {
            let start = *offset as usize;
            image[start..start + data.len()].copy_from_slice(data);
        }
        Ok(image)
    }

    /// Exported mutable globals and their initial values, once each, in the order of exports.
    pub(super) fn global_values(&self) -> Result<Vec<(&'a str, GlobalValue)>> {
        let mut seen = Vec::new();
        let mut values = Vec::new();
        for (name, index) in &self.exported_globals {
            if seen.contains(index) {
                continue;
            }
            seen.push(*index);
            let value = self.globals[*index].value;
            values.push((*name, value.with_context(|| format!("global {name} starts as no constant number"))?));
        }
        Ok(values)
    }
}

fn globals(section: wasmparser::GlobalSectionReader<'_>) -> Result<Vec<Global>> {
    let end = section.range().end;
    let mut globals: Vec<Global> = Vec::new();
    for item in section.into_iter_with_offsets() {
        let (start, global) = item?;
        if let Some(last) = globals.last_mut() {
            last.entry.end = start;
        }
        globals.push(Global { ty: global.ty, entry: start..end, value: constant(global.ty, &global.init_expr) });
    }
    Ok(globals)
}

/// The value of a constant expression of one instruction.
fn constant(ty: GlobalType, expression: &ConstExpr<'_>) -> Option<GlobalValue> {
    let mut operators = expression.get_operators_reader();
    let value = match (operators.read().ok()?, ty.content_type) {
        (Operator::I32Const { value }, ValType::I32) => GlobalValue::I32(value.cast_unsigned()),
        (Operator::I64Const { value }, ValType::I64) => GlobalValue::I64(value.cast_unsigned()),
        (Operator::F32Const { value }, ValType::F32) => GlobalValue::F32(value.bits()),
        (Operator::F64Const { value }, ValType::F64) => GlobalValue::F64(value.bits()),
        (Operator::V128Const { value }, ValType::V128) => GlobalValue::V128(value.i128().cast_unsigned()),
        _ => return None,
    };
    matches!(operators.read(), Ok(Operator::End)).then_some(value)
}

fn data(segment: wasmparser::Result<wasmparser::Data<'_>>) -> Result<(u64, &[u8])> {
    let segment = segment?;
    let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
        bail!("a data segment is not for the memory at start")
    };
    let mut operators = offset_expr.get_operators_reader();
    let (Operator::I32Const { value }, Operator::End) = (operators.read()?, operators.read()?) else {
        bail!("a data segment starts at an offset that is not a constant")
    };
    Ok((value.cast_unsigned().into(), segment.data))
}
