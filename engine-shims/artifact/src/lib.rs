//! What an application of an engine is on disk: the only reader and writer of artifacts.
//!
//! An application is what an engine's memory and exported globals have after it was loaded, and the engine's *base
//! module* does not: [`StateDelta`]. The `thin` format ([`thin`]) holds just that, the `module` format ([`module`]) is the
//! base module with other initial values. Either carries a [`Manifest`]; [`Artifact::parse`] tells them apart.
//!
//! Nothing here runs anything, and nothing here knows the language of an engine. `docs/artifact-format.md` is the format
//! for those who read it elsewhere.

mod artifact;
mod compress;
mod constant;
mod delta;
mod engine;
mod file_name;
pub mod hidden_state;
mod link;
mod manifest;
mod map;
pub mod module;
mod program;
mod sections;
pub mod thin;
mod with_state;

pub use artifact::{Artifact, Kind};
pub use compress::{ARTIFACT_MAX_BYTES, compress, decompress, decompress_within};
pub use constant::offset;
pub use delta::{Delta, DeltaBuilder, OS_PAGE_BYTES, StateDelta, WASM_PAGE_BYTES, difference, difference_within};
pub use engine::is_started;
pub use file_name::{COMPRESSED_ENDING, ENDING, application_name};
pub use link::{link, split};
pub use manifest::{
    ChangedGlobal, FORMAT_VERSION, GlobalValue, MANIFEST_SECTION, MAP_SECTION, Manifest, SNAPSHOT_SECTION,
};
pub use map::without_map;
pub use program::{PROGRAM_ENTRY, is_program};
pub use with_state::{State, with_state};
