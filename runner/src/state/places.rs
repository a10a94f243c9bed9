//! Where places in an application's bundle were written, for what its guests log.

use anyhow::{Context, Result};
use engine_source_map::{BUNDLE, SourceMap, Thrown};
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::OnceLock;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Largest source map that is read, uncompressed, in bytes: it holds the sources, of which the build tool takes 256 MiB.
const MAP_MAX_BYTES: usize = 1 << 30;

/// The source map of an application, read when something is logged that has a place in it: most never log one, and a map
/// takes several times the memory of an application.
#[derive(Debug)]
pub(crate) struct Places {
    source: Source,
    map: OnceLock<SourceMap>,
}

/// Where a map is.
#[derive(Debug, Default)]
pub(crate) enum Source {
    /// There is none.
    #[default]
    Nowhere,
    /// A file, which need not be there.
    File(PathBuf),
    /// In memory, compressed or not.
    Bytes(Vec<u8>),
}

impl Places {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, map: OnceLock::new() }
    }

    /// `text` with every place in the bundle replaced by the one where it was written, as far as that is known.
    pub(crate) fn mapped<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if matches!(self.source, Source::Nowhere) || !text.contains(BUNDLE) {
            return Cow::Borrowed(text);
        }
        self.map().mapped(text)
    }

    /// Where an error was thrown, in files that somebody wrote.
    pub(crate) fn thrown(&self, thrown: Thrown) -> Thrown {
        let names_a_place = thrown.file == BUNDLE || thrown.stack.contains(BUNDLE);
        if matches!(self.source, Source::Nowhere) || !names_a_place { thrown } else { self.map().thrown(thrown) }
    }

    fn map(&self) -> &SourceMap {
        self.map.get_or_init(|| {
            let read = || {
                self.source.read().unwrap_or_else(|error| {
                    tracing::warn!(target: "runner", "stacks name places in the bundle: {error:#}");
                    SourceMap::default()
                })
            };
            match Handle::try_current() {
                // A map of megabytes takes milliseconds, in which other requests of this thread go on elsewhere.
                Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
                    tokio::task::block_in_place(read)
                }
                _ => read(),
            }
        })
    }
}

impl Source {
    fn read(&self) -> Result<SourceMap> {
        match self {
            Self::Nowhere => Ok(SourceMap::default()),
            Self::Bytes(bytes) => parse(bytes),
            Self::File(path) => match std::fs::read(path) {
                Ok(bytes) => parse(&bytes).with_context(|| path.display().to_string()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SourceMap::default()),
                Err(error) => Err(error).with_context(|| path.display().to_string()),
            },
        }
    }
}

/// A map in JSON, compressed with zstd or not.
fn parse(bytes: &[u8]) -> Result<SourceMap> {
    SourceMap::from_json(&engine_artifact::decompress_within(bytes, MAP_MAX_BYTES)?)
}

#[cfg(test)]
mod tests {
    use super::{Places, Source};

    const MAP: &[u8] = br#"{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA"}"#;

    #[test]
    fn places_are_mapped_if_there_is_a_map() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.wasm.map");
        let compressed = engine_artifact::compress(MAP).unwrap();
        let mapped = |source| Places::new(source).mapped("at bundle.js:1:3").into_owned();
        assert_eq!(mapped(Source::File(file.clone())), "at bundle.js:1:3", "no file");
        std::fs::write(&file, &compressed).unwrap();
        assert_eq!(mapped(Source::File(file.clone())), "at a.ts:1:1");
        std::fs::write(&file, b"damaged").unwrap();
        assert_eq!(mapped(Source::File(file)), "at bundle.js:1:3", "damaged");
        assert_eq!(mapped(Source::Bytes(compressed[..20].to_vec())), "at bundle.js:1:3", "cut");
        assert_eq!(mapped(Source::Bytes(MAP.to_vec())), "at a.ts:1:1");
        assert_eq!(mapped(Source::Nowhere), "at bundle.js:1:3");
    }
}
