//! What a module holds and what its snapshot captured, found in its bytes alone.

mod html;
mod map;
mod text;

pub use html::html;
pub use text::text;

use crate::record::{Initialization, SECTION};
use crate::snapshot::MemoryImage;
use anyhow::{Context, Result, bail};
use engine_artifact::{MANIFEST_SECTION, Manifest};
use map::MemoryMap;
use serde::Serialize;
use wasmparser::{DataKind, MemoryType, Parser, Payload, TypeRef, Validator};

/// Image size up to which Wasmtime maps a memory copy-on-write however sparse it is (its default for
/// `memory_guaranteed_dense_image_size`), in bytes.
const ALWAYS_MAPPED_BYTES: u64 = 16 << 20;

/// Smallest page that Wasmtime maps copy-on-write: the host's.
const HOST_PAGE_BYTES: u64 = 4096;

/// What is in a module.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Every section, in order.
    pub sections: Vec<SectionSize>,
    /// How many of what there is.
    pub counts: Counts,
    /// Memories, imported ones first.
    pub memories: Vec<MemoryUse>,
    /// Data segments that are copied when the module starts.
    pub active_segments: u64,
    /// Data segments that code may copy later.
    pub passive_segments: u64,
    /// What happened when the module was initialized, if `wizerjs snapshot` made it.
    pub initialization: Option<Initialization>,
    /// What the module says about itself, if it is an application of an engine.
    pub application: Option<Application>,
    #[serde(skip)]
    maps: Vec<MemoryMap>,
}

/// An application of an engine, as `wizerjs build` makes them: a module that holds what differs from the engine's own image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Application {
    /// Name and version of the engine.
    pub engine: String,
    /// BLAKE3 digest of the engine's base module.
    pub engine_digest: String,
    /// Version of the interface between the engine and its host.
    pub abi_version: u32,
    /// Name of the entry module.
    pub entry: String,
    /// Pages of 64 KiB of the engine's memory.
    pub memory_pages: u64,
    /// Globals that differ from the engine's.
    pub globals_changed: u64,
    /// Names of environment variables that were captured.
    pub environment: Vec<String>,
}

/// A section and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionSize {
    /// `code`, `data`, or the name of a custom section.
    pub name: String,
    /// Whether it is custom.
    pub is_custom: bool,
    /// Its contents in bytes, without id and size.
    pub bytes: u64,
}

/// How many of what there is; imported ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Functions.
    pub functions: u64,
    /// Functions that are imported.
    pub imported_functions: u64,
    /// Tables.
    pub tables: u64,
    /// Globals.
    pub globals: u64,
    /// Exports.
    pub exports: u64,
}

/// A memory and what its active data segments put into it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemoryUse {
    /// Its index.
    pub index: u32,
    /// Whether it is another module's, so that segments are copied over what is there.
    pub is_imported: bool,
    /// Size of a page in bytes.
    pub page_bytes: u64,
    /// Smallest size in pages.
    pub pages: u64,
    /// Smallest size in bytes.
    pub bytes: u64,
    /// Bytes that are not zero.
    pub nonzero_bytes: u64,
    /// Bytes that are zero.
    pub zero_bytes: u64,
    /// Active data segments.
    pub segments: u64,
    /// Bytes in them.
    pub segment_bytes: u64,
    /// From the first byte of the first segment to the last byte of the last.
    pub image_bytes: u64,
    /// `segment_bytes / image_bytes`; 1 for an empty image.
    pub image_density: f64,
    /// Whether Wasmtime, as it is configured by default, maps the image copy-on-write; never for an imported memory.
    pub is_copy_on_write: bool,
}

impl Inspection {
    /// Read a module.
    ///
    /// # Errors
    /// It is a component, or not valid.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        if Parser::is_component(bytes) {
            bail!("is a component: only core modules can be inspected");
        }
        let mut reading = Reading::new(bytes.len() as u64);
        let mut validator = Validator::new_with_features(crate::snapshot::features());
        let mut parser = Parser::new(0);
        parser.set_features(crate::snapshot::features());
        for payload in parser.parse_all(bytes) {
            let payload = payload.context("is not a valid module")?;
            validator.payload(&payload).context("is not a valid module")?;
            reading.note(&payload)?;
        }
        Ok(reading.finish())
    }

    /// What a user should know of.
    pub fn warnings(&self) -> Vec<String> {
        warnings(&self.memories)
    }
}

/// What a user should know of memories.
pub(crate) fn warnings(memories: &[MemoryUse]) -> Vec<String> {
    let misses = |memory: &&MemoryUse| !memory.is_copy_on_write && !memory.is_imported;
    memories.iter().filter(misses).map(MemoryUse::advice).collect()
}

impl MemoryUse {
    /// Of a memory that is to be written.
    pub(crate) fn of(index: u32, image: &MemoryImage<'_>) -> Self {
        let mut map = MemoryMap::new(image.page_bytes, image.pages);
        for segment in &image.segments {
            map.add(segment.offset, segment.data);
        }
        map.memory_use(index, false)
    }

    fn how_it_starts(&self) -> &'static str {
        match self {
            Self { is_imported: true, .. } => "copied over an imported memory",
            Self { is_copy_on_write: true, .. } => "mapped copy-on-write",
            _ => "copied for every instance",
        }
    }

    fn advice(&self) -> String {
        let Self { index, image_bytes, page_bytes, image_density, .. } = self;
        if *page_bytes < HOST_PAGE_BYTES {
            return format!(
                "memory {index} has pages of {page_bytes} bytes: Wasmtime copies its image for every instance instead of mapping it"
            );
        }
        let percent = image_density * 100.0;
        format!(
            "memory {index} is {percent:.0} % full: Wasmtime copies an image below 50 % for every instance instead of mapping it; \
             raise `memory_guaranteed_dense_image_size` (-O memory-guaranteed-dense-image-size) above {image_bytes}, or keep \
             data closer together"
        )
    }
}

impl From<Manifest> for Application {
    fn from(manifest: Manifest) -> Self {
        Self {
            engine: manifest.engine_name,
            engine_digest: manifest.engine_digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            // No other is decoded.
            abi_version: engine_abi::ABI_VERSION,
            entry: manifest.entry,
            memory_pages: manifest.memory_pages,
            globals_changed: manifest.globals.len() as u64,
            environment: manifest.env_names,
        }
    }
}

/// An inspection under way.
struct Reading {
    inspection: Inspection,
    types: Vec<MemoryType>,
    imported_memories: u32,
    /// Whether a segment's place is only known to the engine that instantiates the module.
    has_computed_offset: bool,
}

impl Reading {
    fn new(bytes: u64) -> Self {
        let inspection = Inspection {
            bytes,
            sections: Vec::new(),
            counts: Counts::default(),
            memories: Vec::new(),
            active_segments: 0,
            passive_segments: 0,
            initialization: None,
            application: None,
            maps: Vec::new(),
        };
        Self { inspection, types: Vec::new(), imported_memories: 0, has_computed_offset: false }
    }

    fn note(&mut self, payload: &Payload<'_>) -> Result<()> {
        if let Some((id, range)) = payload.as_section() {
            let name = match payload {
                Payload::CustomSection(custom) => custom.name().to_string(),
                _ => section_name(id).to_string(),
            };
            let is_custom = matches!(payload, Payload::CustomSection(_));
            self.inspection.sections.push(SectionSize { name, is_custom, bytes: range.len() as u64 });
        }
        let counts = &mut self.inspection.counts;
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    match import?.ty {
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                            counts.functions += 1;
                            counts.imported_functions += 1;
                        }
                        TypeRef::Table(_) => counts.tables += 1,
                        TypeRef::Global(_) => counts.globals += 1,
                        TypeRef::Memory(ty) => {
                            self.types.push(ty);
                            self.imported_memories += 1;
                        }
                        TypeRef::Tag(_) => {}
                    }
                }
            }
            Payload::FunctionSection(functions) => counts.functions += u64::from(functions.count()),
            Payload::TableSection(tables) => counts.tables += u64::from(tables.count()),
            Payload::GlobalSection(globals) => counts.globals += u64::from(globals.count()),
            Payload::ExportSection(exports) => counts.exports += u64::from(exports.count()),
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    self.types.push(memory?);
                }
            }
            Payload::DataSection(data) => {
                self.start_maps();
                for data in data.clone() {
                    let data = data?;
                    match data.kind {
                        DataKind::Passive => self.inspection.passive_segments += 1,
                        DataKind::Active { memory_index, offset_expr } => {
                            self.inspection.active_segments += 1;
                            match engine_artifact::offset(&offset_expr) {
                                Some(offset) => self.inspection.maps[memory_index as usize].add(offset, data.data),
                                None => self.has_computed_offset = true,
                            }
                        }
                    }
                }
            }
            // A section that another program wrote under this name is not ours to explain.
            Payload::CustomSection(custom) if custom.name() == SECTION => {
                self.inspection.initialization = serde_json::from_slice(custom.data()).ok();
            }
            Payload::CustomSection(custom) if custom.name() == MANIFEST_SECTION => {
                self.inspection.application = Manifest::decode(custom.data()).ok().map(Application::from);
            }
            _ => {}
        }
        Ok(())
    }

    fn start_maps(&mut self) {
        if self.inspection.maps.is_empty() {
            self.inspection.maps = self.types.iter().map(map_of).collect();
        }
    }

    fn finish(mut self) -> Inspection {
        self.start_maps();
        let maps = (0u32..).zip(&self.inspection.maps);
        self.inspection.memories = maps
            .map(|(index, map)| MemoryUse {
                is_imported: index < self.imported_memories,
                ..map.memory_use(index, self.has_computed_offset || index < self.imported_memories)
            })
            .collect();
        self.inspection
    }
}

fn map_of(ty: &MemoryType) -> MemoryMap {
    /// Default size of a page, as a power of two.
    const PAGE_BYTES_LOG2: u32 = 16;
    MemoryMap::new(1 << ty.page_size_log2.unwrap_or(PAGE_BYTES_LOG2), ty.initial)
}

fn section_name(id: u8) -> &'static str {
    const NAMES: [&str; 14] = [
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    NAMES.get(usize::from(id)).copied().unwrap_or("unknown")
}
