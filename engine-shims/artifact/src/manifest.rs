//! The manifest: what an artifact says about itself, in a custom section of its own.

use anyhow::{Context, Result, bail, ensure};
use engine_abi::{ABI_VERSION, Malformed, Message, Reader, Writer};

/// Version of the artifact format: of the manifest's layout, and of which sections there are and what they mean. Any change
/// of these raises it. Artifacts of before there was a version begin with a 1.
pub const FORMAT_VERSION: u32 = 3;

/// Name of the custom section that holds a [`Manifest`]; it marks a module as an application of an engine.
pub const MANIFEST_SECTION: &str = "wizerjs.app";

/// Name of the custom section that holds a source map in JSON, compressed with zstd. It says nothing to a host that nothing
/// goes wrong in, and is no part of what an artifact is: without it, it is the same application.
pub const MAP_SECTION: &str = "wizerjs.map";

/// Name of the custom section in which a snapshot of any module keeps how it was made. It says nothing to a host.
pub const SNAPSHOT_SECTION: &str = "wizerjs.snapshot";

/// What the names of this format's sections begin with. Code that was compiled from the application, and files that it
/// reads while it runs, will be in sections of such names: whoever does not know one must not run the artifact without it.
const SECTION_PREFIX: &str = "wizerjs.";

/// Smallest size of a string in bytes: its length.
const TEXT_MIN_BYTES: usize = 4;

/// Smallest size of a changed global in bytes: a string, a tag and an `i32`.
const GLOBAL_MIN_BYTES: usize = TEXT_MIN_BYTES + 1 + 4;

/// The value of a numeric or vector global, as bits. Tags in the layout: 0 i32, 1 i64, 2 f32, 3 f64, 4 v128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalValue {
    /// `i32`.
    I32(u32),
    /// `i64`.
    I64(u64),
    /// `f32`.
    F32(u32),
    /// `f64`.
    F64(u64),
    /// `v128`.
    V128(u128),
}

/// An exported mutable global whose value differs from that in the base module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedGlobal {
    /// Its export name in the base module.
    pub export: String,
    /// Its value in the application.
    pub value: GlobalValue,
}

/// What an artifact says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// BLAKE3 digest of the engine's base module.
    pub engine_digest: [u8; 32],
    /// Name and version of the engine, for messages.
    pub engine_name: String,
    /// Name of the file that the application begins with, among its files.
    pub entry: String,
    /// Pages of 64 KiB of the memory.
    pub memory_pages: u64,
    /// Globals that differ from the base module's.
    pub globals: Vec<ChangedGlobal>,
    /// Names of the environment variables that were captured.
    pub env_names: Vec<String>,
    /// Debug id of its source map, wherever that is; empty if it has none. A map with another id is not its.
    pub map_id: String,
}

impl Manifest {
    /// The contents of the section.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u32(FORMAT_VERSION);
        out.u32(ABI_VERSION);
        out.raw(&self.engine_digest);
        out.text(&self.engine_name);
        out.text(&self.entry);
        out.u64(self.memory_pages);
        out.list(&self.globals);
        out.count(self.env_names.len());
        for name in &self.env_names {
            out.text(name);
        }
        out.text(&self.map_id);
        out.into_bytes()
    }

    /// The manifest that is these bytes, exactly.
    ///
    /// # Errors
    /// It is of another version of the format or of the engine interface, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let damaged = || format!("damaged section {MANIFEST_SECTION}");
        let mut input = Reader::new(bytes);
        let format = input.u32("format version").with_context(damaged)?;
        if format != FORMAT_VERSION {
            bail!(
                "an artifact of format {format}, this version reads format {FORMAT_VERSION}; rebuild it with this version's wizerjs"
            );
        }
        let abi = input.u32("abi version").with_context(damaged)?;
        if abi != ABI_VERSION {
            bail!(
                "built for engine interface {abi}, this version speaks {ABI_VERSION}; rebuild it with this version's wizerjs"
            );
        }
        let manifest = Self::read(&mut input).with_context(damaged)?;
        ensure!(input.is_empty(), "{}: bytes after the end", damaged());
        Ok(manifest)
    }

    /// What follows the versions.
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            engine_digest: input.raw("engine digest")?,
            engine_name: input.text("engine name")?.to_owned(),
            entry: input.text("entry")?.to_owned(),
            memory_pages: input.u64("memory pages")?,
            globals: input.list(GLOBAL_MIN_BYTES, "global count")?,
            env_names: {
                let count = input.count(TEXT_MIN_BYTES, "env name count")?;
                (0..count).map(|_| Ok(input.text("env name")?.to_owned())).collect::<Result<_, _>>()?
            },
            map_id: input.text("map id")?.to_owned(),
        })
    }
}

impl<'a> Message<'a> for ChangedGlobal {
    fn write(&self, out: &mut Writer) {
        out.text(&self.export);
        match self.value {
            GlobalValue::I32(value) => {
                out.u8(0);
                out.u32(value);
            }
            GlobalValue::I64(value) => {
                out.u8(1);
                out.u64(value);
            }
            GlobalValue::F32(value) => {
                out.u8(2);
                out.u32(value);
            }
            GlobalValue::F64(value) => {
                out.u8(3);
                out.u64(value);
            }
            GlobalValue::V128(value) => {
                out.u8(4);
                out.raw(&value.to_le_bytes());
            }
        }
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        let export = input.text("global export")?.to_owned();
        let value = match input.u8("global tag")? {
            0 => GlobalValue::I32(input.u32("global value")?),
            1 => GlobalValue::I64(input.u64("global value")?),
            2 => GlobalValue::F32(input.u32("global value")?),
            3 => GlobalValue::F64(input.u64("global value")?),
            4 => GlobalValue::V128(u128::from_le_bytes(input.raw("global value")?)),
            _ => return Err(Malformed("global tag")),
        };
        Ok(Self { export, value })
    }
}

/// Refuse a section of this format that this version does not know.
pub(crate) fn check_section(name: &str) -> Result<()> {
    let is_known = [MANIFEST_SECTION, MAP_SECTION, SNAPSHOT_SECTION].contains(&name);
    if name.starts_with(SECTION_PREFIX) && !is_known {
        bail!("it has a section {name}, which this version does not know; rebuild it with this version's wizerjs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn manifest() -> Manifest {
        Manifest {
            engine_digest: [7; 32],
            engine_name: "engine 1".to_owned(),
            entry: "app.js".to_owned(),
            memory_pages: 3,
            globals: Vec::new(),
            env_names: vec!["MODE".to_owned()],
            map_id: "0-1".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(
            engine_digest: [u8; 32],
            names: [String; 3],
            memory_pages: u64,
            bits: u128,
            env_names: Vec<String>,
            cut: prop::sample::Index,
        ) {
            let [engine_name, entry, map_id] = names;
            let values = [GlobalValue::I32(bits as u32), GlobalValue::I64(bits as u64), GlobalValue::F32(bits as u32),
                          GlobalValue::F64(bits as u64), GlobalValue::V128(bits)];
            let globals = values.map(|value| ChangedGlobal { export: entry.clone(), value }).into();
            let manifest = Manifest { engine_digest, engine_name, entry, memory_pages, globals, env_names, map_id };
            let bytes = manifest.encode();
            prop_assert_eq!(Manifest::decode(&bytes).ok(), Some(manifest));
            prop_assert!(Manifest::decode(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(Manifest::decode(&[&bytes[..], &[0]].concat()).is_err());
        }

        #[test]
        fn noise_is_an_error_or_the_only_encoding_of_what_it_says(noise: Vec<u8>) {
            let bytes = [&manifest().encode()[..40], &noise].concat();
            if let Ok(manifest) = Manifest::decode(&bytes) {
                prop_assert_eq!(manifest.encode(), bytes);
            }
        }
    }

    #[test]
    fn other_versions_are_told_apart_by_their_first_numbers() {
        let error = |at: usize, version: u32| {
            let mut bytes = manifest().encode();
            bytes[at..at + 4].copy_from_slice(&version.to_le_bytes());
            bytes.truncate(at + 5);
            Manifest::decode(&bytes).unwrap_err().to_string()
        };
        assert_eq!(
            error(0, 1),
            "an artifact of format 1, this version reads format 3; rebuild it with this version's wizerjs"
        );
        assert!(error(0, FORMAT_VERSION + 1).starts_with("an artifact of format 4, "));
        assert!(error(4, ABI_VERSION + 1).starts_with("built for engine interface "));
    }

    #[test]
    fn sections_of_a_later_version_are_refused_and_those_of_others_are_not() {
        assert!(check_section("wizerjs.code").is_err());
        for name in [MANIFEST_SECTION, MAP_SECTION, SNAPSHOT_SECTION, "name", "producers"] {
            check_section(name).unwrap();
        }
    }
}
