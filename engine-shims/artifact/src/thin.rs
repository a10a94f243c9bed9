//! `thin`: an application as the difference to its engine's base image. A wasm module with no code:
//!
//! ```wat
//! (module
//!   (import "engine" "memory" (memory 192))            ;; as many pages as the application has
//!   (data (i32.const 1052672) "…") …                   ;; the bytes that differ
//!   (@custom "wizerjs.map" "…")                        ;; the source map, if it is in there
//!   (@custom "wizerjs.app" "…"))                       ;; the manifest; last, so that no part of a file is an artifact
//! ```
//!
//! Over an instance of the base module, whose memory it imports and whose memory has so many pages, instantiating it
//! is loading the application, by wasm's own semantics; what is left is to set the globals that the manifest lists.

use crate::compress::checked;
use crate::delta::{Delta, DeltaBuilder};
use crate::manifest::{MANIFEST_SECTION, MAP_SECTION, Manifest};
use crate::sections::{active, damaged, one_line};
use anyhow::{Context, Result, bail, ensure};
use engine_abi::export;
use std::borrow::Cow;
use wasm_encoder::{ConstExpr, CustomSection, DataSection, EntityType, ImportSection, MemoryType, Module as Encoder};
use wasmparser::{Parser, Payload, TypeRef, Validator};

/// The wasm module name under which the engine's memory is imported.
pub const ENGINE_MODULE: &str = "engine";

/// The artifact of an application: what it says about itself, what its memory has that its engine's has not, and its source
/// map, compressed, if that is to be in there.
///
/// # Errors
/// It is larger than [`crate::ARTIFACT_MAX_BYTES`].
pub fn write(manifest: &Manifest, memory: &Delta, map: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut imports = ImportSection::new();
    let ty = MemoryType {
        minimum: manifest.memory_pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import(ENGINE_MODULE, export::MEMORY, EntityType::Memory(ty));
    let mut module = Encoder::new();
    module.section(&imports);
    if memory.segment_count() > 0 {
        module.section(&data_section(memory));
    }
    end(module, manifest, map)
}

/// The module with what an application has besides sections of wasm.
pub(crate) fn end(mut module: Encoder, manifest: &Manifest, map: Option<&[u8]>) -> Result<Vec<u8>> {
    let custom = |name, data| CustomSection { name: Cow::Borrowed(name), data };
    if let Some(map) = map {
        module.section(&custom(MAP_SECTION, Cow::Borrowed(map)));
    }
    module.section(&custom(MANIFEST_SECTION, Cow::Owned(manifest.encode())));
    checked(module.finish())
}

/// Active segments of the first memory.
pub(crate) fn data_section(memory: &Delta) -> DataSection {
    let mut data = DataSection::new();
    for (offset, bytes) in memory.segments() {
        // Addresses are those of a 32-bit memory; the constant's sign is an accident of notation.
        let offset = ConstExpr::i32_const((offset as u32).cast_signed());
        data.active(0, &offset, bytes.iter().copied());
    }
    data
}

/// What the data segments of a thin application are; nothing else may be in it that would do something.
///
/// # Errors
/// It is not a valid module, something else is in it, or it does not agree with its manifest.
pub(crate) fn read(wasm: &[u8], manifest: &Manifest) -> Result<Delta> {
    Validator::new().validate_all(wasm).map_err(|error| one_line(&error)).context("not a valid module")?;
    let mut memory = DeltaBuilder::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(damaged)? {
            Payload::Version { .. }
            | Payload::CustomSection(_)
            | Payload::End(_)
            | Payload::DataCountSection { .. } => {}
            Payload::ImportSection(imports) => {
                let mut pages = None;
                for import in imports.into_imports() {
                    let TypeRef::Memory(ty) = import.map_err(damaged)?.ty else {
                        bail!("not a thin application: it imports more than its engine's memory")
                    };
                    ensure!(pages.replace(ty.initial).is_none(), "not a thin application: it imports two memories");
                }
                ensure!(
                    pages == Some(manifest.memory_pages),
                    "damaged: its manifest and its import disagree about the size of the memory"
                );
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let (offset, bytes) = active(segment.map_err(damaged)?)?;
                    memory.segment(offset, bytes)?;
                }
            }
            _ => bail!("not a thin application: it has sections beyond an import, data and custom ones"),
        }
    }
    Ok(memory.finish())
}
