//! Artifacts: what a file on disk is, checked before anything else looks at it.

use crate::load::delta::Delta;
use anyhow::{Context, Result, bail, ensure};
use engine_abi::{ABI_VERSION, GlobalValue, MANIFEST_SECTION, Manifest, Message, export};
use std::io::Read;
use wasmparser::{DataKind, Encoding, Operator, Parser, Payload, TypeRef, Validator};

/// Largest artifact that is read, uncompressed, in bytes: compiling takes memory in proportion.
pub(crate) const ARTIFACT_MAX_BYTES: u64 = 256 << 20;

/// First bytes of a zstd frame.
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// First bytes of a wasm module or component.
const WASM_MAGIC: &[u8] = b"\0asm";

/// A checked artifact.
#[derive(Debug)]
pub(crate) enum Artifact {
    /// What differs from an engine's base image.
    Thin { manifest: OwnedManifest, delta: Delta },
    /// Code and image in one.
    SelfContained { wasm: Vec<u8>, manifest: Option<OwnedManifest> },
}

/// A [`Manifest`] that owns what it says.
#[derive(Clone, Debug)]
pub(crate) struct OwnedManifest {
    pub(crate) engine_digest: [u8; 32],
    pub(crate) engine_name: String,
    pub(crate) memory_pages: u64,
    pub(crate) globals: Vec<(String, GlobalValue)>,
}

impl Artifact {
    /// What these bytes are.
    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Self> {
        let wasm = decompressed(bytes)?;
        ensure!(wasm.starts_with(WASM_MAGIC), "not a WebAssembly file");
        let sections = Sections::read(&wasm)?;
        match sections {
            Sections { manifest: Some(manifest), has_code: false, imports_memory: true, .. } => {
                Validator::new().validate_all(&wasm).map_err(one_line).context("not a valid module")?;
                Ok(Self::Thin { delta: delta(&wasm)?, manifest })
            }
            Sections { manifest, has_code: true, handles_requests: true, .. } => {
                Ok(Self::SelfContained { wasm, manifest })
            }
            _ => bail!(
                "a WebAssembly module, but no application: it has neither a section {MANIFEST_SECTION} nor an export {}; \
                 build one with `wizerjs build app.js`",
                export::HANDLE_REQUEST
            ),
        }
    }
}

/// The bytes themselves, or what they decompress to.
pub(crate) fn decompressed(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(ZSTD_MAGIC) {
        return Ok(bytes);
    }
    let mut wasm = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(&bytes[..])?;
    decoder.take(ARTIFACT_MAX_BYTES + 1).read_to_end(&mut wasm).context("damaged: it does not decompress")?;
    ensure!(wasm.len() as u64 <= ARTIFACT_MAX_BYTES, "larger than {ARTIFACT_MAX_BYTES} bytes when decompressed");
    Ok(wasm)
}

/// An error of wasmparser in one line, with its offset.
fn one_line(error: wasmparser::BinaryReaderError) -> anyhow::Error {
    let message = error.message().lines().next().unwrap_or_default().to_owned();
    anyhow::anyhow!("{message} (at byte {})", error.offset())
}

/// What the sections of a module say at a glance.
#[derive(Default)]
struct Sections {
    manifest: Option<OwnedManifest>,
    has_code: bool,
    imports_memory: bool,
    handles_requests: bool,
}

impl Sections {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(one_line).context("damaged or truncated")? {
                Payload::Version { encoding: Encoding::Component, .. } => {
                    bail!("a WebAssembly component; this version serves core modules made by `wizerjs build`")
                }
                Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                    ensure!(found.manifest.is_none(), "damaged: it has two sections {MANIFEST_SECTION}");
                    found.manifest = Some(manifest(section.data())?);
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        found.imports_memory |= matches!(import.map_err(one_line)?.ty, TypeRef::Memory(_));
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        found.handles_requests |= export.map_err(one_line)?.name == export::HANDLE_REQUEST;
                    }
                }
                Payload::CodeSectionStart { count, .. } => found.has_code = count > 0,
                _ => {}
            }
        }
        Ok(found)
    }
}

fn manifest(bytes: &[u8]) -> Result<OwnedManifest> {
    if let Some(version) = bytes.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
        && version != ABI_VERSION
    {
        bail!(
            "built for engine interface {version}, this runner speaks {ABI_VERSION}; rebuild it with this version's wizerjs"
        );
    }
    let manifest = Manifest::decode(bytes).with_context(|| format!("damaged section {MANIFEST_SECTION}"))?;
    Ok(OwnedManifest {
        engine_digest: manifest.engine_digest,
        engine_name: manifest.engine_name.to_owned(),
        memory_pages: manifest.memory_pages,
        globals: manifest.globals.iter().map(|global| (global.export.to_owned(), global.value)).collect(),
    })
}

/// The data segments of a thin application; nothing else may be in it that would do something.
fn delta(wasm: &[u8]) -> Result<Delta> {
    let mut delta = Delta::builder();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(one_line)? {
            Payload::Version { .. }
            | Payload::CustomSection(_)
            | Payload::End(_)
            | Payload::DataCountSection { .. } => {}
            Payload::ImportSection(imports) => ensure!(
                imports.into_imports().count() == 1,
                "not a thin application: it imports more than its engine's memory"
            ),
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment.map_err(one_line)?;
                    let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
                        bail!("not a thin application: it has a data segment that is not active");
                    };
                    let mut operators = offset_expr.get_operators_reader();
                    let Ok(Operator::I32Const { value }) = operators.read() else {
                        bail!("not a thin application: the place of a data segment is not a constant");
                    };
                    delta.segment(value as u32, segment.data)?;
                }
            }
            _ => bail!("not a thin application: it has sections beyond an import, data and custom ones"),
        }
    }
    Ok(delta.finish())
}

/// Whether this is an engine as it was linked, on which `initialize_engine` still has to be called.
pub(crate) fn is_unstarted_engine(wasm: &[u8]) -> Result<bool> {
    ensure!(wasm.starts_with(WASM_MAGIC), "not a WebAssembly file");
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload.map_err(one_line)? {
            for export in exports {
                if export.map_err(one_line)?.name == export::INITIALIZE_ENGINE {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Digest of a module's types, imports, tables, exports, elements and code: of everything but its state.
pub(crate) fn code_digest(wasm: &[u8]) -> Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(one_line)?;
        let state = matches!(
            payload,
            Payload::CustomSection(_)
                | Payload::DataSection(_)
                | Payload::DataCountSection { .. }
                | Payload::MemorySection(_)
                | Payload::GlobalSection(_)
        );
        if let Some((id, range)) = payload.as_section()
            && !state
        {
            hasher.update(&[id]).update(&(range.len() as u64).to_le_bytes()).update(&wasm[range]);
        }
    }
    Ok(hasher.finalize())
}
