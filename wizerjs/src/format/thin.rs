//! `thin`: an application as the difference to its engine's base image. A wasm module with no code:
//!
//! ```wat
//! (module
//!   (import "engine" "memory" (memory 192))            ;; as many pages as the snapshot has
//!   (data (i32.const 1052672) "…") …                   ;; the bytes that differ
//!   (@custom "wizerjs.app" "…"))                       ;; engine_abi::Manifest; last, so that no part of a file is one
//! ```
//!
//! Over an instance of the base module, whose memory it imports and whose memory has so many pages, instantiating it
//! is loading the application, by wasm's own semantics; what is left is to set the globals that the manifest lists.

use super::delta::{Delta, Segment};
use super::parts::Parts;
use anyhow::{Context, Result, bail, ensure};
use engine_abi::{Manifest, Message, export};
use std::borrow::Cow;
use wasm_encoder::{ConstExpr, CustomSection, DataSection, EntityType, ImportSection, MemoryType, Module as Encoder};

/// The wasm module name under which the engine's memory is imported.
pub const ENGINE_MODULE: &str = "engine";

/// A thin application that was read.
#[derive(Debug)]
pub struct Thin<'a> {
    /// What it says about itself, encoded.
    pub manifest_bytes: &'a [u8],
    /// The same, decoded.
    pub manifest: Manifest<'a>,
    /// Its difference to the base image.
    pub delta: Delta,
}

/// The artifact of a snapshot. `manifest` and `delta` agree in what both say.
pub fn write(delta: &Delta, manifest: &[u8]) -> Vec<u8> {
    let mut imports = ImportSection::new();
    let memory =
        MemoryType { minimum: delta.memory_pages, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import(ENGINE_MODULE, export::MEMORY, EntityType::Memory(memory));
    let mut module = Encoder::new();
    module.section(&imports);
    if !delta.segments.is_empty() {
        module.section(&data_section(&delta.segments));
    }
    module.section(&manifest_section(manifest));
    module.finish()
}

/// The section that says what a module is an application of.
pub(super) fn manifest_section(manifest: &[u8]) -> CustomSection<'_> {
    CustomSection { name: Cow::Borrowed(engine_abi::MANIFEST_SECTION), data: Cow::Borrowed(manifest) }
}

/// Active segments of the first memory.
pub(super) fn data_section(segments: &[Segment]) -> DataSection {
    let mut data = DataSection::new();
    for segment in segments {
        // Offsets are those of a 32-bit memory; the constant's sign is an accident of notation.
        let offset = ConstExpr::i32_const((segment.offset as u32).cast_signed());
        data.active(0, &offset, segment.bytes.iter().copied());
    }
    data
}

/// Read a thin application.
///
/// # Errors
/// It is not one, or its manifest is not of this version.
pub fn read(bytes: &[u8]) -> Result<Thin<'_>> {
    let parts = Parts::parse(bytes)?;
    let manifest_bytes = parts.manifest.with_context(|| {
        format!("not an application: it has no section {}; `wizerjs build` makes one", engine_abi::MANIFEST_SECTION)
    })?;
    if parts.has_code || !parts.memory_imported {
        bail!("not a thin application: it has code; `wizerjs split` makes it thin");
    }
    let manifest = decode_manifest(manifest_bytes)?;
    ensure!(
        manifest.memory_pages == parts.memory.initial,
        "its manifest and its import disagree about the size of the memory"
    );
    let delta = Delta {
        segments: parts.data.iter().map(|(offset, data)| Segment { offset: *offset, bytes: data.to_vec() }).collect(),
        globals: manifest.globals.iter().map(|global| (global.export.to_owned(), global.value)).collect(),
        memory_pages: manifest.memory_pages,
    };
    Ok(Thin { manifest_bytes, manifest, delta })
}

/// The manifest in these bytes, or why there is none of this version.
pub(super) fn decode_manifest(bytes: &[u8]) -> Result<Manifest<'_>> {
    let version = bytes.first_chunk().map(|version| u32::from_le_bytes(*version));
    match version {
        Some(engine_abi::ABI_VERSION) => {}
        Some(other) => bail!(
            "it speaks version {other} of the engine interface, not {}; build it again with this version of wizerjs",
            engine_abi::ABI_VERSION
        ),
        None => bail!("its section {} is empty", engine_abi::MANIFEST_SECTION),
    }
    Manifest::decode(bytes).with_context(|| format!("its section {}", engine_abi::MANIFEST_SECTION))
}
