//! A module with other initial values: its data, its exported globals, the size of its memory. Everything else is copied
//! byte for byte, so the way back is exact.

use crate::delta::{Delta, WASM_PAGE_BYTES, difference};
use crate::manifest::{ChangedGlobal, GlobalValue};
use crate::sections::{Section, Sections};
use crate::thin::data_section;
use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::{
    ConstExpr, DataCountSection, ExportKind, ExportSection, GlobalSection, Ieee32, Ieee64, MemorySection, MemoryType,
    Module as Encoder, RawSection, SectionId,
};
use wasmparser::ExternalKind;

/// What an instance has that an instance of its engine has not.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// Bytes of its memory that differ.
    pub memory: &'a Delta,
    /// Pages of 64 KiB of its memory.
    pub memory_pages: u64,
    /// Exported mutable globals that differ.
    pub globals: &'a [ChangedGlobal],
}

/// An engine that starts with this state, without the exports in `dropped`.
///
/// # Errors
/// `engine` has no state that could be replaced, or `state` was not taken from it.
pub fn with_state(engine: &[u8], state: State<'_>, dropped: &[&str]) -> Result<Vec<u8>> {
    Ok(encoder(engine, state, dropped)?.finish())
}

/// The sections of [`with_state`], to which others can be added.
pub(crate) fn encoder(engine: &[u8], state: State<'_>, dropped: &[&str]) -> Result<Encoder> {
    let mut module = Encoder::new();
    let sections = Sections::read(engine).context("engine")?;
    ensure!(!sections.has_manifest, "engine: it is an application");
    let image = whole_image(&sections, state)?;
    for section in &sections.all {
        match section.id {
            id if id == SectionId::Export as u8 => module.section(&export_section(&sections, dropped)),
            id if id == SectionId::Memory as u8 => module.section(&memory_section(&sections, state.memory_pages)?),
            id if id == SectionId::Global as u8 => module.section(&global_section(&sections, state.globals)?),
            id if id == SectionId::Data as u8 => module.section(&data_section(&image)),
            id if id == SectionId::DataCount as u8 => {
                module.section(&DataCountSection { count: u32::try_from(image.segment_count())? })
            }
            _ => module.section(&raw(&sections, section)),
        };
    }
    if !sections.all.iter().any(|section| section.id == SectionId::Data as u8) && image.segment_count() > 0 {
        bail!("engine: it has no data, so it is not a base module");
    }
    Ok(module)
}

/// The engine's image with the state over it, as the difference to a memory of zeros.
fn whole_image(sections: &Sections<'_>, state: State<'_>) -> Result<Delta> {
    let mut image = sections.image().context("engine")?;
    let end = state.memory.end();
    ensure!(
        end as u64 <= state.memory_pages.saturating_mul(WASM_PAGE_BYTES),
        "a data segment is outside of the memory"
    );
    image.resize(image.len().max(end), 0);
    state.memory.apply(&mut image);
    difference(&[], &image)
}

fn raw<'a>(sections: &Sections<'a>, section: &Section) -> RawSection<'a> {
    RawSection { id: section.id, data: &sections.bytes[section.contents.clone()] }
}

fn export_section(sections: &Sections<'_>, dropped: &[&str]) -> ExportSection {
    let mut section = ExportSection::new();
    for export in sections.exports.iter().filter(|export| !dropped.contains(&export.name)) {
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

fn memory_section(sections: &Sections<'_>, pages: u64) -> Result<MemorySection> {
    let memory = sections.memory;
    let fits = memory.maximum.is_none_or(|maximum| pages <= maximum);
    ensure!(pages >= memory.initial && fits, "a memory of {pages} pages cannot be that of the engine");
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum: pages,
        maximum: memory.maximum,
        memory64: false,
        shared: false,
        page_size_log2: memory.page_size_log2,
    });
    Ok(section)
}

fn global_section(sections: &Sections<'_>, globals: &[ChangedGlobal]) -> Result<GlobalSection> {
    let mut changed = vec![None; sections.globals.len()];
    for ChangedGlobal { export, value } in globals {
        let known = sections.exported_globals().find(|(name, _)| name == export);
        let (_, index) = known.with_context(|| format!("the engine has no mutable global {export}"))?;
        ensure!(
            sections.globals[index].value.is_some_and(|old| is_same_type(old, *value)),
            "global {export} has another type in the engine"
        );
        changed[index] = Some(*value);
    }
    let mut section = GlobalSection::new();
    for (global, changed) in sections.globals.iter().zip(changed) {
        match changed {
            None => section.raw(&sections.bytes[global.entry.clone()]),
            Some(value) => section.global(
                wasm_encoder::GlobalType { val_type: val_type(value), mutable: global.ty.mutable, shared: false },
                &constant(value),
            ),
        };
    }
    Ok(section)
}

fn is_same_type(a: GlobalValue, b: GlobalValue) -> bool {
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
