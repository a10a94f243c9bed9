//! The image that every request of an application starts from: its engine's, and what differs.

use super::base::{Base, Pristine};
use super::mapped::{Mapped, page_runs};
use super::splits::Splits;
use crate::units::wasm_pages_bytes;
use anyhow::{Context, Result, ensure};
use engine_artifact::{ChangedGlobal, Delta, GlobalValue, StateDelta};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use wasmtime::Val;

/// Pages of a difference that are copied into instances, which takes 1 µs each. More are mapped: that costs the process 4 KiB
/// for every page that is touched, but an instance nothing for those that it only reads, and some 100 µs for the mappings.
const COPIED_PAGES_MAX: usize = 256;

/// Eighths of the process's mappings from which images are copied, to leave the rest to what instances write.
const EIGHTHS_FOR_IMAGES: usize = 6;

/// What the memory of an application has that its engine's has not.
pub(crate) struct Difference {
    bytes: Bytes,
    /// Pages of 4 KiB that it touches.
    pages: usize,
}

/// Where the bytes of a difference are.
enum Bytes {
    /// Copied into every instance. With the pages that it touches, as ranges of addresses.
    Copied(Delta, Box<[Range<usize>]>),
    /// Mapped by every instance.
    Mapped(Mapped),
}

impl Difference {
    /// `can_be_mapped`: instances are made on demand.
    fn new(pristine: &Pristine, delta: Delta, can_be_mapped: bool) -> Self {
        let pages = delta.os_pages();
        if can_be_mapped && pages > COPIED_PAGES_MAX {
            Splits::prepare();
            match Mapped::new(pristine, &delta) {
                Ok(mapped) => return Self { bytes: Bytes::Mapped(mapped), pages },
                Err(error) => {
                    tracing::warn!(target: "runner", "every instance has its own copy of an image: {error:#}")
                }
            }
        }
        let runs = page_runs(&delta, 0).into();
        Self { bytes: Bytes::Copied(delta, runs), pages }
    }

    /// Make `memory`, the engine's, the application's. The result is kept for as long as the memory.
    ///
    /// # Safety
    /// `memory` is all of the linear memory of an instance of the host that this was made for.
    pub(crate) unsafe fn put_into(&self, memory: &mut [u8]) -> Splits {
        let splits = Splits::default();
        match &self.bytes {
            Bytes::Mapped(mapped) if Splits::eighths_taken() < EIGHTHS_FOR_IMAGES => {
                splits.take(mapped.parts());
                // SAFETY: passed on; what is mapped was made for instances that are made on demand.
                if let Err(error) = unsafe { mapped.map_over(memory) } {
                    tracing::debug!(target: "runner", "an instance has its own copy of its image: {error:#}");
                    mapped.copy_to(memory);
                }
            }
            Bytes::Mapped(_) | Bytes::Copied(..) => self.copy_to(memory),
        }
        splits
    }

    /// Make `memory`, which has the engine's bytes, have the application's.
    pub(crate) fn copy_to(&self, memory: &mut [u8]) {
        match &self.bytes {
            Bytes::Copied(delta, _) => delta.apply(memory),
            Bytes::Mapped(mapped) => mapped.copy_to(memory),
        }
    }

    /// Make `part`, the memory in the range `run`, what it is in the application's image.
    fn fill(&self, pristine: &Pristine, run: &Range<usize>, part: &mut [u8]) {
        match &self.bytes {
            Bytes::Copied(delta, _) => {
                pristine.fill(run, part);
                delta.apply_within(run, part);
            }
            Bytes::Mapped(mapped) => mapped.fill(pristine, run, part),
        }
    }

    /// What is copied into instances, and the pages that it touches as ranges of addresses. `None`: it is mapped, and so
    /// large that nobody takes over an instance with it.
    pub(crate) fn copied(&self) -> Option<(&Delta, &[Range<usize>])> {
        match &self.bytes {
            Bytes::Copied(delta, runs) => Some((delta, runs)),
            Bytes::Mapped(_) => None,
        }
    }

    /// Pages that an instance has to itself from the start.
    pub(crate) fn private_pages(&self) -> usize {
        self.copied().map_or(0, |_| self.pages)
    }

    /// Whether it is small enough for instances to be taken over.
    pub(crate) fn is_small(&self) -> bool {
        self.copied().is_some() && self.pages <= COPIED_PAGES_MAX
    }

    /// Bytes of the host's memory that it takes, without itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        match &self.bytes {
            Bytes::Copied(delta, runs) => delta.heap_bytes() + size_of_val(&**runs),
            Bytes::Mapped(mapped) => mapped.bytes(),
        }
    }
}

/// The image that every request of an application starts from.
pub(crate) struct Image {
    /// Number that no other image of the process has.
    pub(crate) id: u64,
    pub(crate) base: Arc<Base>,
    pub(crate) difference: Arc<Difference>,
    /// Values of the base's exported mutable globals.
    pub(crate) globals: Vec<Val>,
    /// Size of memory in pages of 64 KiB.
    pub(crate) memory_pages: u64,
}

impl Image {
    /// `can_be_mapped`: instances are made on demand, so that images can be mapped over their memory.
    pub(crate) fn new(base: Arc<Base>, state: StateDelta, can_be_mapped: bool) -> Result<Self> {
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
        let difference = Arc::new(Difference::new(&base.pristine, delta, can_be_mapped));
        Ok(Self { id: IDS.fetch_add(1, Relaxed), base, difference, globals, memory_pages })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        wasm_pages_bytes(self.memory_pages)
    }

    /// Restore the range `run` of memory, in bytes: `part`, the memory there, gets what the image has there.
    pub(crate) fn fill(&self, run: &Range<usize>, part: &mut [u8]) {
        self.difference.fill(&self.base.pristine, run, part);
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
