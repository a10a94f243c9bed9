//! Limits on memory and tables.

use super::Error;
use crate::snapshot::MAX_TABLE_ENTRIES;
use std::fmt;
use wasmtime::ResourceLimiter;

/// What is used and what may be. Growing beyond it fails as it does without memory: `memory.grow` and `table.grow` give -1,
/// which the module may live with. That it was refused is remembered, because the snapshot then depends on the limit.
pub(super) struct Limits {
    used_bytes: u64,
    limit_bytes: u64,
    refused: Option<RefusedMemory>,
}

/// Memory that a module asked for and did not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedMemory {
    /// Bytes that it would have used in all.
    pub wanted_bytes: u64,
    /// Bytes that it may use.
    pub limit_bytes: u64,
}

impl fmt::Display for RefusedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted_bytes, limit_bytes } = self;
        write!(f, "wanted {wanted_bytes} bytes of memory during initialization, of {limit_bytes} allowed")
    }
}

impl Limits {
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self { used_bytes: 0, limit_bytes, refused: None }
    }

    /// The first memory that was refused.
    pub(super) fn refused(&self) -> Option<RefusedMemory> {
        self.refused
    }

    /// The error of a run, with the memory that was refused before.
    pub(super) fn add_to(&self, cause: Error) -> Error {
        match self.refused {
            Some(refused) => Error::WithoutMemory { cause: Box::new(cause), refused },
            None => cause,
        }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let wanted_bytes = self.used_bytes.saturating_add((desired - current) as u64);
        if wanted_bytes > self.limit_bytes {
            self.refused.get_or_insert(RefusedMemory { wanted_bytes, limit_bytes: self.limit_bytes });
            return Ok(false);
        }
        self.used_bytes = wanted_bytes;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired as u64 <= MAX_TABLE_ENTRIES)
    }
}
