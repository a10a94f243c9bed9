//! Where in a memory the bytes are.

use super::{ALWAYS_MAPPED_BYTES, HOST_PAGE_BYTES, MemoryUse};

/// Cells of a map at most: enough to see pages of an ordinary heap, few enough to draw.
const MAX_CELLS: u64 = 1 << 16;

/// A memory, cut into cells.
#[derive(Clone, Debug)]
pub(super) struct MemoryMap {
    page_bytes: u64,
    pages: u64,
    /// Bytes a cell stands for: pages of the host, or a power of two of them.
    pub(super) cell_bytes: u64,
    /// For each cell, bytes that are not zero.
    pub(super) cells: Vec<u64>,
    segments: u64,
    segment_bytes: u64,
    start: u64,
    end: u64,
}

impl MemoryMap {
    /// An empty map of so many pages.
    pub(super) fn new(page_bytes: u64, pages: u64) -> Self {
        let bytes = pages.saturating_mul(page_bytes);
        let mut cell_bytes = HOST_PAGE_BYTES;
        while bytes.div_ceil(cell_bytes) > MAX_CELLS {
            cell_bytes *= 2;
        }
        Self {
            page_bytes,
            pages,
            cell_bytes,
            cells: vec![0; bytes.div_ceil(cell_bytes) as usize],
            segments: 0,
            segment_bytes: 0,
            start: u64::MAX,
            end: 0,
        }
    }

    /// Add a segment. Parts that are beyond the end, where instantiation would fail, are not drawn.
    pub(super) fn add(&mut self, offset: u64, data: &[u8]) {
        self.segments += 1;
        self.segment_bytes += data.len() as u64;
        if data.is_empty() {
            return;
        }
        self.start = self.start.min(offset);
        self.end = self.end.max(offset.saturating_add(data.len() as u64));
        let mut rest = data;
        let mut address = offset;
        while !rest.is_empty() {
            let cell = address / self.cell_bytes;
            let room = (self.cell_bytes - address % self.cell_bytes).min(rest.len() as u64);
            let (here, later) = rest.split_at(room as usize);
            if let Some(cell) = self.cells.get_mut(cell as usize) {
                *cell += here.iter().filter(|byte| **byte != 0).count() as u64;
            }
            rest = later;
            address = address.saturating_add(room);
        }
    }

    pub(super) fn len_bytes(&self) -> u64 {
        self.pages.saturating_mul(self.page_bytes)
    }

    pub(super) fn memory_use(&self, index: u32, has_computed_offset: bool) -> MemoryUse {
        let image_bytes = self.end.saturating_sub(self.start);
        let nonzero_bytes: u64 = self.cells.iter().sum();
        let density = if image_bytes == 0 { 1.0 } else { self.segment_bytes as f64 / image_bytes as f64 };
        // The conditions of Wasmtime's static memory initialization.
        let is_copy_on_write = self.segment_bytes == 0
            || (!has_computed_offset
                && self.page_bytes >= HOST_PAGE_BYTES
                && (image_bytes < self.segment_bytes.saturating_mul(2) || image_bytes < ALWAYS_MAPPED_BYTES));
        MemoryUse {
            index,
            is_imported: false,
            page_bytes: self.page_bytes,
            pages: self.pages,
            bytes: self.len_bytes(),
            nonzero_bytes,
            zero_bytes: self.len_bytes().saturating_sub(nonzero_bytes),
            segments: self.segments,
            segment_bytes: self.segment_bytes,
            image_bytes,
            image_density: (density * 1e4).round() / 1e4,
            is_copy_on_write,
        }
    }
}
