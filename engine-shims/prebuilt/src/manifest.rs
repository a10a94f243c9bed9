//! What an engine was built from, and what came out.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One module of an engine.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Length in bytes, decompressed.
    pub bytes: usize,
    /// BLAKE3 digest of the decompressed bytes, in hexadecimal.
    pub blake3: String,
}

/// A part of an engine with a licence of its own.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Component {
    /// Name and version.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// Where its source is.
    pub source: String,
}

/// The contents of `manifest.json`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Name and version of the engine, for messages.
    pub name: String,
    /// Version of the host interface (`engine-abi`).
    pub abi_version: u32,
    /// The engine as it was linked.
    pub engine: Stage,
    /// The engine after `initialize_engine`.
    pub base: Stage,
    /// BLAKE3 digest of everything in this repository that the engine is built from: see [`crate::inputs`].
    pub inputs_blake3: String,
    /// Versions of the tools that built it.
    pub tools: BTreeMap<String, String>,
    /// What it consists of.
    pub components: Vec<Component>,
}

impl Manifest {
    /// The manifest in this JSON text.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("manifest.json of the embedded engine")
    }

    /// Digest of the base module: how everything else refers to this engine.
    ///
    /// # Errors
    /// It is not 64 hexadecimal digits.
    pub fn base_digest(&self) -> Result<[u8; 32]> {
        Ok(*blake3::Hash::from_hex(&self.base.blake3).context("digest of the base module")?.as_bytes())
    }
}
