//! The image that every request of an application starts from: its engine's, and what differs.

use super::base::Base;
use crate::units::wasm_pages_bytes;
use anyhow::{Context, Result, ensure};
use engine_artifact::{ChangedGlobal, Delta, GlobalValue, StateDelta};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use wasmtime::Val;

/// The image that every request of an application starts from.
pub(crate) struct Image {
    /// Number that no other image of the process has.
    pub(crate) id: u64,
    pub(crate) base: Arc<Base>,
    pub(crate) delta: Delta,
    /// Values of the base's exported mutable globals.
    pub(crate) globals: Vec<Val>,
    /// Size of memory in pages of 64 KiB.
    pub(crate) memory_pages: u64,
}

impl Image {
    pub(crate) fn new(base: Arc<Base>, state: StateDelta) -> Result<Self> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let base_bytes = base.pristine.image().len();
        let StateDelta { memory: delta, memory_pages, globals: changed } = state;
        let memory_pages = memory_pages.max((base_bytes / wasm_pages_bytes(1)) as u64);
        ensure!(delta.end() <= wasm_pages_bytes(memory_pages), "damaged: it has data beyond the end of its memory");
        let mut globals = base.pristine.globals.clone();
        for ChangedGlobal { export: name, value } in changed {
            let index = base.exports.globals.iter().position(|(global, _)| *global == name);
            let global = &mut globals[index.with_context(|| format!("its engine has no global {name}"))?];
            let value = val(value);
            let same_type = std::mem::discriminant(global) == std::mem::discriminant(&value);
            ensure!(same_type, "its engine's global {name} has another type");
            *global = value;
        }
        Ok(Self { id: IDS.fetch_add(1, Relaxed), base, delta, globals, memory_pages })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        wasm_pages_bytes(self.memory_pages)
    }

    /// Restore the range `run` of memory, in bytes: `part`, the memory there, gets what the image has there.
    pub(crate) fn fill(&self, run: &Range<usize>, part: &mut [u8]) {
        let pristine = self.base.pristine.image();
        let from_base = pristine.get(run.start..run.end.min(pristine.len())).unwrap_or_default();
        let (head, tail) = part.split_at_mut(from_base.len());
        head.copy_from_slice(from_base);
        // Not for nothing: a masked store of no bytes, as memset does it, to the protected page that follows takes 0.15 µs.
        if !tail.is_empty() {
            tail.fill(0);
        }
        self.delta.apply_within(run, part);
    }
}

fn val(value: GlobalValue) -> Val {
    match value {
        GlobalValue::I32(bits) => Val::I32(bits as i32),
        GlobalValue::I64(bits) => Val::I64(bits as i64),
        GlobalValue::F32(bits) => Val::F32(bits),
        GlobalValue::F64(bits) => Val::F64(bits),
        GlobalValue::V128(bits) => Val::V128(bits.into()),
    }
}
