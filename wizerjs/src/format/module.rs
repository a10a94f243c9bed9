//! `module`: self-contained, the engine's code with the application's whole image.
//!
//! It is the base module with other initial values: its data, its exported globals, the size of its memory, and a
//! section that says what it is. Everything else is copied byte for byte, so the way back is exact.

use super::delta::{Delta, Segment, difference};
use super::parts::{Parts, Section};
use super::thin::{data_section, decode_manifest, manifest_section};
use anyhow::{Context, Result, bail, ensure};
use engine_abi::{GlobalValue, Manifest};
use wasm_encoder::{
    ConstExpr, DataCountSection, ExportKind, ExportSection, GlobalSection, Ieee32, Ieee64, MemorySection, MemoryType,
    Module as Encoder, RawSection, SectionId,
};
use wasmparser::ExternalKind;

/// The base module with the application in it.
///
/// # Errors
/// `base` is not a base module, or `delta` was not taken from it.
pub fn write(base: &[u8], delta: &Delta, manifest: &[u8]) -> Result<Vec<u8>> {
    let mut module = with_state(base, delta, &[])?;
    module.section(&manifest_section(manifest));
    Ok(module.finish())
}

/// An engine with other initial values, and without some of its exports.
///
/// # Errors
/// `engine` has no state that could be replaced, or `delta` was not taken from it.
pub fn write_without_exports(engine: &[u8], delta: &Delta, dropped: &[&str]) -> Result<Vec<u8>> {
    Ok(with_state(engine, delta, dropped)?.finish())
}

/// The sections of an engine, with other initial values and without some of its exports.
fn with_state(engine: &[u8], delta: &Delta, dropped: &[&str]) -> Result<Encoder> {
    let mut module = Encoder::new();
    let parts = Parts::parse(engine).context("engine")?;
    ensure!(parts.manifest.is_none(), "engine: it is an application");
    let segments = merged(&parts, delta)?;
    for section in &parts.sections {
        match section.id {
            id if id == SectionId::Export as u8 => module.section(&export_section(&parts, dropped)),
            id if id == SectionId::Memory as u8 => module.section(&memory_section(&parts, delta)?),
            id if id == SectionId::Global as u8 => module.section(&global_section(&parts, delta)?),
            id if id == SectionId::Data as u8 => module.section(&data_section(&segments)),
            id if id == SectionId::DataCount as u8 => {
                module.section(&DataCountSection { count: u32::try_from(segments.len())? })
            }
            _ => module.section(&raw(&parts, section)),
        };
    }
    if !parts.sections.iter().any(|section| section.id == SectionId::Data as u8) && !segments.is_empty() {
        bail!("engine: it has no data, so it is not a base module");
    }
    Ok(module)
}

/// A self-contained application taken apart.
#[derive(Debug)]
pub(super) struct Split<'a> {
    /// What it says about itself, encoded.
    pub(super) manifest_bytes: &'a [u8],
    /// Its difference to the engine's base image.
    pub(super) delta: Delta,
}

/// Take a self-contained application apart, given the engine that it names.
///
/// # Errors
/// It is not a self-contained application, not one of this engine, or as `same_engine` says.
pub(super) fn split<'a>(
    module: &'a [u8],
    base: &[u8],
    same_engine: impl FnOnce(&Manifest<'_>, &[u8]) -> Result<()>,
) -> Result<Split<'a>> {
    let parts = Parts::parse(module)?;
    let manifest_bytes = parts.manifest.with_context(|| {
        format!("not an application: it has no section {}; `wizerjs build` makes one", engine_abi::MANIFEST_SECTION)
    })?;
    if !parts.has_code {
        bail!("it is thin already");
    }
    let manifest = decode_manifest(manifest_bytes)?;
    same_engine(&manifest, base)?;
    let engine = Parts::parse(base).context("engine")?;
    let mut image = parts.image()?;
    let base_image = engine.image().context("engine")?;
    image.resize(image.len().max(base_image.len()), 0);
    let base_globals = engine.global_values().context("engine")?;
    let globals = parts.global_values()?.into_iter().filter(|global| !base_globals.contains(global));
    let delta = Delta {
        segments: difference(&base_image, &image),
        globals: globals.map(|(name, value)| (name.to_owned(), value)).collect(),
        memory_pages: parts.memory.initial,
    };
    // The whole answer checked at once: put together again it must be what it was.
    ensure!(
        write(base, &delta, manifest_bytes).is_ok_and(|again| again == module),
        "it is not made of this engine, or was changed since"
    );
    Ok(Split { manifest_bytes, delta })
}

/// The segments of the application's whole image.
fn merged(parts: &Parts<'_>, delta: &Delta) -> Result<Vec<Segment>> {
    let mut image = parts.image().context("engine")?;
    for segment in &delta.segments {
        let start = usize::try_from(segment.offset)?;
        let end = start + segment.bytes.len();
        ensure!(end as u64 <= delta.memory_pages * super::WASM_PAGE_BYTES, "a data segment is outside of the memory");
        image.resize(image.len().max(end), 0);
        image[start..end].copy_from_slice(&segment.bytes);
    }
    Ok(difference(&[], &image))
}

fn raw<'a>(parts: &Parts<'a>, section: &Section) -> RawSection<'a> {
    RawSection { id: section.id, data: &parts.bytes[section.contents.clone()] }
}

fn export_section(parts: &Parts<'_>, dropped: &[&str]) -> ExportSection {
    let mut section = ExportSection::new();
    for export in parts.exports.iter().filter(|export| !dropped.contains(&export.name)) {
        section.export(export.name, kind(export.kind), export.index);
    }
    section
}

fn kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}

fn memory_section(parts: &Parts<'_>, delta: &Delta) -> Result<MemorySection> {
    let memory = parts.memory;
    let fits = memory.maximum.is_none_or(|maximum| delta.memory_pages <= maximum);
    ensure!(
        delta.memory_pages >= memory.initial && fits,
        "a memory of {} pages cannot be that of the engine",
        delta.memory_pages
    );
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum: delta.memory_pages,
        maximum: memory.maximum,
        memory64: false,
        shared: false,
        page_size_log2: memory.page_size_log2,
    });
    Ok(section)
}

fn global_section(parts: &Parts<'_>, delta: &Delta) -> Result<GlobalSection> {
    let mut changed = vec![None; parts.globals.len()];
    for (name, value) in &delta.globals {
        let known = parts.exported_globals.iter().find(|(export, _)| export == name);
        let (_, index) = known.with_context(|| format!("the engine has no mutable global {name}"))?;
        ensure!(
            parts.globals[*index].value.is_some_and(|old| same_type(old, *value)),
            "global {name} has another type in the engine"
        );
        changed[*index] = Some(*value);
    }
    let mut section = GlobalSection::new();
    for (global, changed) in parts.globals.iter().zip(changed) {
        match changed {
            None => section.raw(&parts.bytes[global.entry.clone()]),
            Some(value) => section.global(
                wasm_encoder::GlobalType { val_type: val_type(value), mutable: global.ty.mutable, shared: false },
                &constant(value),
            ),
        };
    }
    Ok(section)
}

fn same_type(a: GlobalValue, b: GlobalValue) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

fn val_type(value: GlobalValue) -> wasm_encoder::ValType {
    match value {
        GlobalValue::I32(_) => wasm_encoder::ValType::I32,
        GlobalValue::I64(_) => wasm_encoder::ValType::I64,
        GlobalValue::F32(_) => wasm_encoder::ValType::F32,
        GlobalValue::F64(_) => wasm_encoder::ValType::F64,
        GlobalValue::V128(_) => wasm_encoder::ValType::V128,
    }
}

fn constant(value: GlobalValue) -> ConstExpr {
    match value {
        GlobalValue::I32(value) => ConstExpr::i32_const(value.cast_signed()),
        GlobalValue::I64(value) => ConstExpr::i64_const(value.cast_signed()),
        GlobalValue::F32(value) => ConstExpr::f32_const(Ieee32::new(value)),
        GlobalValue::F64(value) => ConstExpr::f64_const(Ieee64::new(value)),
        GlobalValue::V128(value) => ConstExpr::v128_const(value.cast_signed()),
    }
}
