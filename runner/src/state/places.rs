//! Where places in an application's bundle were written, for what its guests log.

use anyhow::{Context, Result, ensure};
use engine_artifact::Artifact;
use engine_source_map::{BUNDLE, SourceMap, Thrown};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Largest source map that is read, uncompressed, in bytes: it holds the sources, of which the build tool takes 256 MiB.
const MAP_MAX_BYTES: usize = 1 << 30;

/// The source map of an application, read when something is logged that has a place in it: most never log one, and a map
/// takes several times the memory of an application.
#[derive(Debug, Default)]
pub(crate) struct Places {
    source: Source,
    /// Debug id of the application's map; one with another id is that of another build.
    id: String,
    map: OnceLock<SourceMap>,
}

/// Where a map is.
#[derive(Debug, Default)]
pub(crate) enum Source {
    /// There is none.
    #[default]
    Nowhere,
    /// In a file beside the artifact, which need not be there, or in the artifact.
    Files {
        /// Path of the artifact.
        artifact: PathBuf,
        /// Whether it has a map.
        has_map: bool,
    },
    /// In memory, compressed or not.
    Bytes(Vec<u8>),
}

impl Places {
    pub(crate) fn new(source: Source, id: String) -> Self {
        Self { source, id, map: OnceLock::new() }
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

    /// A few lines of the source around such a place; empty if they are not known.
    pub(crate) fn excerpt(&self, thrown: &Thrown) -> String {
        // Where nothing was mapped there is no map to be read for it.
        let map = self.map.get();
        map.map(|map| map.excerpt(&thrown.file, thrown.line, thrown.column)).unwrap_or_default()
    }

    fn map(&self) -> &SourceMap {
        self.map.get_or_init(|| {
            let read = || {
                self.source.read(&self.id).unwrap_or_else(|error| {
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
    /// The map with this id; none if there is none at all.
    fn read(&self, id: &str) -> Result<SourceMap> {
        match self {
            Self::Nowhere => Ok(SourceMap::default()),
            Self::Bytes(bytes) => parse(bytes, id),
            Self::Files { artifact, has_map: true } => {
                embedded(artifact, id).with_context(|| artifact.display().to_string())
            }
            Self::Files { artifact, has_map: false } => {
                let path = engine_source_map::beside(artifact);
                match std::fs::read(&path) {
                    Ok(bytes) => parse(&bytes, id).with_context(|| path.display().to_string()),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SourceMap::default()),
                    Err(error) => Err(error).with_context(|| path.display().to_string()),
                }
            }
        }
    }
}

/// The map in an artifact, which may have been replaced since it was loaded.
fn embedded(artifact: &Path, id: &str) -> Result<SourceMap> {
    let artifact = Artifact::parse(std::fs::read(artifact)?)?;
    parse(&artifact.map.context("its source map is gone")?, id)
}

/// A map in JSON, compressed with zstd or not, that has this id.
fn parse(bytes: &[u8], id: &str) -> Result<SourceMap> {
    let map = SourceMap::from_json(&engine_artifact::decompress_within(bytes, MAP_MAX_BYTES)?)?;
    ensure!(map.id() == id, "it is the source map of another build; take the one that was written with the artifact");
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::{Places, Source};
    use engine_artifact::{Delta, Manifest, thin};

    const MAP: &[u8] = br#"{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA","debugId":"7"}"#;

    fn mapped(source: Source, id: &str) -> String {
        Places::new(source, id.to_owned()).mapped("at bundle.js:1:3").into_owned()
    }

    #[test]
    fn places_are_mapped_if_there_is_a_map_of_this_build() {
        let folder = tempfile::tempdir().unwrap();
        let (artifact, file) = (folder.path().join("app.wasm"), folder.path().join("app.wasm.map"));
        let compressed = engine_artifact::compress(MAP).unwrap();
        let beside = |id| mapped(Source::Files { artifact: artifact.clone(), has_map: false }, id);
        assert_eq!(beside("7"), "at bundle.js:1:3", "no file");
        std::fs::write(&file, &compressed).unwrap();
        assert_eq!(beside("7"), "at a.ts:1:1");
        assert_eq!(beside("8"), "at bundle.js:1:3", "of another build");
        std::fs::write(&file, b"damaged").unwrap();
        assert_eq!(beside("7"), "at bundle.js:1:3", "damaged");
        assert_eq!(mapped(Source::Bytes(compressed[..20].to_vec()), "7"), "at bundle.js:1:3", "cut");
        assert_eq!(mapped(Source::Bytes(MAP.to_vec()), "7"), "at a.ts:1:1");
        assert_eq!(mapped(Source::Nowhere, "7"), "at bundle.js:1:3");
    }

    #[test]
    fn a_map_in_an_artifact_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let artifact = folder.path().join("app.wasm");
        let manifest = Manifest {
            engine_digest: [0; 32],
            engine_name: String::new(),
            entry: String::new(),
            memory_pages: 1,
            globals: Vec::new(),
            env_names: Vec::new(),
            map_id: "7".to_owned(),
        };
        let compressed = engine_artifact::compress(MAP).unwrap();
        std::fs::write(&artifact, thin::write(&manifest, &Delta::default(), Some(&compressed)).unwrap()).unwrap();
        let embedded = || mapped(Source::Files { artifact: artifact.clone(), has_map: true }, "7");
        assert_eq!(embedded(), "at a.ts:1:1");
        std::fs::write(&artifact, thin::write(&manifest, &Delta::default(), None).unwrap()).unwrap();
        assert_eq!(embedded(), "at bundle.js:1:3", "replaced by one without");
    }
}
