//! What a file is, told before anything else looks at it.

use crate::compress::decompress;
use crate::delta::Delta;
use crate::manifest::{MANIFEST_SECTION, MAP_SECTION, Manifest, check_section};
use crate::sections::{check_is_wasm, damaged};
use crate::thin;
use anyhow::{Context, Result, bail, ensure};
use engine_abi::export;
use std::ops::Range;
use wasmparser::{Encoding, Parser, Payload, TypeRef};

/// An artifact that was read.
#[derive(Debug)]
pub struct Artifact {
    /// The application.
    pub kind: Kind,
    /// Its source map, compressed, if it is in there.
    pub map: Option<Vec<u8>>,
}

/// The two ways in which an application is written.
#[derive(Debug)]
pub enum Kind {
    /// What an engine's base module lacks.
    Thin {
        /// What it says about itself.
        manifest: Manifest,
        /// What its memory has that the engine's has not.
        memory: Delta,
    },
    /// Code and image in one.
    SelfContained {
        /// The module, uncompressed.
        wasm: Vec<u8>,
        /// What it says about itself; `None` for a module that another program made.
        manifest: Option<Manifest>,
    },
}

impl Artifact {
    /// What these bytes are, compressed or not.
    ///
    /// # Errors
    /// They are no application, one of another version, or damaged.
    pub fn parse(bytes: Vec<u8>) -> Result<Self> {
        let wasm = decompress(bytes)?;
        check_is_wasm(&wasm)?;
        let signs = Signs::of(&wasm)?;
        let map = signs.map.clone().map(|map| wasm[map].to_vec());
        let kind = match signs {
            Signs { manifest: Some(manifest), has_code: false, imports_memory: true, .. } => {
                Kind::Thin { memory: thin::read(&wasm, &manifest)?, manifest }
            }
            Signs { manifest, has_code: true, handles_requests: true, .. } => Kind::SelfContained { wasm, manifest },
            _ => bail!(
                "a WebAssembly module, but no application: it has neither a section {MANIFEST_SECTION} nor an export {}; \
                 build one with `wizerjs build app.js`",
                export::HANDLE_REQUEST
            ),
        };
        Ok(Self { kind, map })
    }

    /// What the application says about itself; `None` for a module that another program made.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.kind {
            Kind::Thin { manifest, .. } => Some(manifest),
            Kind::SelfContained { manifest, .. } => manifest.as_ref(),
        }
    }
}

/// By what a module is told.
#[derive(Default)]
struct Signs {
    manifest: Option<Manifest>,
    /// Where the source map is.
    map: Option<Range<usize>>,
    has_code: bool,
    imports_memory: bool,
    handles_requests: bool,
}

impl Signs {
    fn of(wasm: &[u8]) -> Result<Self> {
        let mut signs = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(damaged)? {
                Payload::Version { encoding: Encoding::Component, .. } => {
                    bail!("a WebAssembly component; this version serves core modules made by `wizerjs build`")
                }
                Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                    ensure!(signs.manifest.is_none(), "damaged: it has two sections {MANIFEST_SECTION}");
                    signs.manifest = Some(Manifest::decode(section.data())?);
                }
                Payload::CustomSection(section) if section.name() == MAP_SECTION => {
                    ensure!(signs.map.is_none(), "damaged: it has two sections {MAP_SECTION}");
                    let start = section.data_offset();
                    signs.map = Some(start..start + section.data().len());
                }
                Payload::CustomSection(section) => check_section(section.name())?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        signs.imports_memory |= matches!(import.map_err(damaged)?.ty, TypeRef::Memory(_));
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        signs.handles_requests |= export.map_err(damaged)?.name == export::HANDLE_REQUEST;
                    }
                }
                Payload::CodeSectionStart { count, .. } => signs.has_code = count > 0,
                _ => {}
            }
        }
        Ok(signs)
    }
}

/// The manifest of a self-contained application.
///
/// # Errors
/// There is none.
pub(crate) fn expect_manifest(manifest: Option<Manifest>) -> Result<Manifest> {
    manifest
        .with_context(|| format!("not an application: it has no section {MANIFEST_SECTION}; `wizerjs build` makes one"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::difference;

    fn manifest() -> Manifest {
        Manifest {
            engine_digest: [1; 32],
            engine_name: "engine".to_owned(),
            entry: "app.js".to_owned(),
            memory_pages: 1,
            globals: Vec::new(),
            env_names: Vec::new(),
            map_id: "id".to_owned(),
        }
    }

    fn error(wasm: Vec<u8>) -> String {
        format!("{:#}", Artifact::parse(wasm).unwrap_err())
    }

    /// A module of these fields, and with a manifest.
    fn thin(fields: &str) -> Vec<u8> {
        let section: String = manifest().encode().iter().map(|byte| format!("\\{byte:02x}")).collect();
        wat::parse_str(format!(r#"(module {fields} (@custom "{MANIFEST_SECTION}" "{section}"))"#)).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let memory = difference(&[], b"\0\0ab\0\0\0\0\0\0\0\0\0\0c").unwrap();
        let wasm = thin::write(&manifest(), &memory, Some(b"a map")).unwrap();
        for bytes in [wasm.clone(), crate::compress(&wasm).unwrap()] {
            let artifact = Artifact::parse(bytes).unwrap();
            assert_eq!(artifact.map.as_deref(), Some(&b"a map"[..]));
            let Kind::Thin { manifest: read, memory: delta } = artifact.kind else { panic!("it is thin") };
            assert_eq!((read, delta), (manifest(), memory.clone()));
        }
        let without = thin::write(&manifest(), &memory, None).unwrap();
        assert_eq!(crate::without_map(&wasm).unwrap(), without);
        assert_eq!(crate::without_map(&without).unwrap(), without);
        for end in 0..wasm.len() {
            assert_ne!(error(wasm[..end].to_vec()), "", "cut to {end} bytes");
        }
    }

    #[test]
    fn what_a_thin_application_may_not_have_is_refused() {
        let import = r#"(import "engine" "memory" (memory 1))"#;
        Artifact::parse(thin(import)).unwrap();
        for (fields, expected) in [
            (r#"(import "engine" "memory" (memory 2))"#.to_owned(), "disagree about the size"),
            (format!(r#"{import} (import "a" "f" (func))"#), "sections beyond"),
            (format!("{import} (global i32 (i32.const 1))"), "sections beyond"),
            (format!(r#"{import} (data "a")"#), "not for the memory at start"),
            (format!(r#"{import} (data (offset (i32.add (i32.const 5) (i32.const 3))) "a")"#), "is not a constant"),
            (format!(r#"{import} (data (i32.const 4) "ab") (data (i32.const 5) "c")"#), "overlap"),
            (format!(r#"{import} (data (i32.const -1) "ab")"#), "beyond 4 GiB"),
            (
                format!(r#"{import} (@custom "wizerjs.code" "")"#),
                "a section wizerjs.code, which this version does not know",
            ),
        ] {
            let error = error(thin(&fields));
            assert!(error.contains(expected) && error.lines().count() == 1, "{fields}: {error}");
        }
    }
}
