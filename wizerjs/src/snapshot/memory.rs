//! Memories: finding the bytes that are not zero, and keeping them as segments.

use super::live::LiveInstance;
use super::module::Module;
use super::runs::{self, Run, Runs};
use super::value::offset_expression_len;
use super::{MAX_DATA_SEGMENTS, instrument::Plan, leb};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::ops::Range;

/// Bytes that one task looks through.
const CHUNK_BYTES: usize = 4 << 20;

/// Contents of one memory at the snapshot point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryImage<'a> {
    /// Size of a page in bytes.
    pub page_bytes: u64,
    /// Size in pages. May be raised before writing: the added pages are zero.
    pub pages: u64,
    /// Everything that is not zero, in order, without overlaps.
    pub segments: Vec<Segment<'a>>,
}

impl MemoryImage<'_> {
    /// Size in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.pages.saturating_mul(self.page_bytes)
    }

    /// Bytes in segments.
    pub fn segment_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.data.len() as u64).sum()
    }

    /// Write the image over `memory`, which is all zero and at least as long as the last segment reaches.
    pub fn copy_to(&self, memory: &mut [u8]) {
        for segment in &self.segments {
            let start = segment.offset as usize;
            memory[start..start + segment.data.len()].copy_from_slice(segment.data);
        }
    }
}

/// Bytes at a place in a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// First byte's address.
    pub offset: u64,
    /// The bytes; the first and the last are not zero.
    pub data: &'a [u8],
}

/// Read all memories.
pub(super) fn capture<'a>(
    module: &Module<'_>,
    plan: &Plan,
    instance: &'a impl LiveInstance,
    kept_segments: usize,
) -> Vec<MemoryImage<'a>> {
    let indices = 0..module.memories.len() as u32;
    let mut runs: Vec<Vec<Run>> = indices
        .clone()
        .map(|index| {
            let export = plan.memory(index);
            let written = instance.written(&export);
            nonzero_runs(instance.memory(&export), &written, index, is_64_bit(module, index))
        })
        .collect();
    runs::limit(&mut runs, MAX_DATA_SEGMENTS.saturating_sub(kept_segments));
    indices
        .zip(runs)
        .map(|(index, runs)| {
            let bytes = instance.memory(&plan.memory(index));
            let page_bytes = page_bytes(module, index);
            let segments = runs
                .into_iter()
                .map(|run| Segment { offset: run.start, data: &bytes[run.start as usize..run.end as usize] })
                .collect();
            MemoryImage { page_bytes, pages: bytes.len() as u64 / page_bytes, segments }
        })
        .collect()
}

fn is_64_bit(module: &Module<'_>, index: u32) -> bool {
    module.memories[index as usize].memory64
}

fn page_bytes(module: &Module<'_>, index: u32) -> u64 {
    const DEFAULT_PAGE_BYTES_LOG2: u32 = 16;
    1 << module.memories[index as usize].page_size_log2.unwrap_or(DEFAULT_PAGE_BYTES_LOG2)
}

/// Runs of bytes that are not zero, such that no gap between two is cheaper to write than a segment of its own; all of
/// them are in these ranges.
fn nonzero_runs(memory: &[u8], written: &[Range<usize>], index: u32, is_64_bit: bool) -> Vec<Run> {
    let fills = |start| header_bytes(index, start, is_64_bit) as u64;
    let starts = |range: &Range<usize>| range.clone().step_by(CHUNK_BYTES);
    let chunks: Vec<Range<usize>> =
        written.iter().flat_map(|range| starts(range).map(|start| start..range.end.min(start + CHUNK_BYTES))).collect();
    let chunks: Vec<Vec<Run>> = chunks
        .into_par_iter()
        .map(|chunk| {
            let mut runs = Runs::new(fills);
            scan(&memory[chunk.clone()], chunk.start as u64, &mut runs);
            // Of all gaps only the largest are kept in the end, so of a chunk's too: this bounds what is held in between.
            let mut runs = [runs.finish()];
            runs::limit(&mut runs, MAX_DATA_SEGMENTS);
            let [runs] = runs;
            runs
        })
        .collect();
    let mut runs = Runs::new(fills);
    for run in chunks.into_iter().flatten() {
        runs.push(run);
    }
    runs.finish()
}

/// Bytes of an active data segment before its data, at least.
fn header_bytes(memory: u32, offset: u64, is_64_bit: bool) -> usize {
    const FLAG_BYTES: usize = 1;
    const LENGTH_BYTES_MIN: usize = 1;
    let index_bytes = if memory == 0 { 0 } else { leb::unsigned_len(u64::from(memory)) };
    FLAG_BYTES + index_bytes + offset_expression_len(offset, is_64_bit) + LENGTH_BYTES_MIN
}

/// Push the runs of `bytes`, whose first byte has address `base`. Zeros inside of one word are never worth a segment.
fn scan<F: Fn(u64) -> u64>(bytes: &[u8], base: u64, runs: &mut Runs<F>) {
    const WORD_BYTES: usize = 8;
    const BLOCK_WORDS: usize = 8;
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    let mut index = 0;
    while let Some(word) = words.get(index) {
        let word = u64::from_le_bytes(*word);
        if word != 0 {
            let start = base + (index * WORD_BYTES) as u64;
            let leading_zeros = u64::from(word.trailing_zeros() / 8);
            let trailing_zeros = u64::from(word.leading_zeros() / 8);
            runs.push(start + leading_zeros..start + WORD_BYTES as u64 - trailing_zeros);
            index += 1;
            continue;
        }
        index += 1;
        while let Some(block) = words.get(index..index + BLOCK_WORDS) {
            if block.iter().fold(0, |any, word| any | u64::from_le_bytes(*word)) != 0 {
                break;
            }
            index += BLOCK_WORDS;
        }
    }
    let rest_start = base + (words.len() * WORD_BYTES) as u64;
    for (position, _) in rest.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        let start = rest_start + position as u64;
        runs.push(start..start + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain definition: one byte after the other.
    fn runs_by_definition(memory: &[u8]) -> Vec<Run> {
        let mut runs = Runs::new(|start| header_bytes(0, start, false) as u64);
        for (address, _) in memory.iter().enumerate().filter(|(_, byte)| **byte != 0) {
            runs.push(address as u64..address as u64 + 1);
        }
        runs.finish()
    }

    #[test]
    fn runs_are_found_at_every_alignment_and_across_chunks() {
        let mut memory = vec![0u8; 3 * CHUNK_BYTES + 5];
        let last = memory.len() - 1;
        let places =
            [0, 70, 79, 4095, 4096, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES - 3, 2 * CHUNK_BYTES + 4, last];
        for (value, place) in places.into_iter().enumerate() {
            memory[place] = value as u8 + 1;
        }
        let runs = nonzero_runs(&memory, &whole(&memory), 0, false);
        assert_eq!(runs, runs_by_definition(&memory));
        assert_eq!(runs.last(), Some(&(last as u64..memory.len() as u64)));
        // The same by the pages that were written to, whichever zeros are among them.
        let page = |place: usize| place / 4096 * 4096..(place / 4096 * 4096 + 4096).min(memory.len());
        let mut written: Vec<_> = places.into_iter().chain([4096 * 300]).map(page).collect();
        written.sort_by_key(|page| page.start);
        written.dedup();
        assert_eq!(nonzero_runs(&memory, &written, 0, false), runs);
    }

    fn whole(memory: &[u8]) -> Vec<Range<usize>> {
        std::iter::once(0..memory.len()).collect()
    }

    #[test]
    fn an_empty_or_zero_memory_has_no_runs() {
        assert_eq!(nonzero_runs(&[], &[], 0, false), []);
        assert_eq!(nonzero_runs(&[0; 100_000], &whole(&[0; 100_000]), 0, false), []);
        assert_eq!(nonzero_runs(&[0; 100_000], &[], 0, false), []);
    }
}
