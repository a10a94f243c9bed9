//! Which pages of a memory were written to, as far as the kernel knows.
//!
//! An instance's memory is a private mapping: of nothing, or of an engine's image. What was never written there is still
//! zero, or the image, so only the other pages have to be looked at: a hundred instead of some thousands.

use engine_artifact::OS_PAGE_BYTES;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// Size of an entry in bytes. The format: <https://docs.kernel.org/admin-guide/mm/pagemap.html>
const ENTRY_BYTES: usize = 8;

/// The page is in memory.
const PRESENT: u64 = 1 << 63;
/// The page was moved to swap.
const SWAPPED: u64 = 1 << 62;
/// The page is one of a file, so no private copy was made of it.
const OF_FILE: u64 = 1 << 61;

/// Ranges of `memory` outside of which nothing was written since it was mapped; all of it where that is not known.
/// They are in order and do not touch. `memory` begins at a page of the host.
pub(crate) fn ranges(memory: &[u8]) -> Vec<Range<usize>> {
    read(memory).unwrap_or_else(|| std::iter::once(0..memory.len()).collect())
}

fn read(memory: &[u8]) -> Option<Vec<Range<usize>>> {
    let address = memory.as_ptr().addr();
    if !address.is_multiple_of(OS_PAGE_BYTES) || rustix::param::page_size() != OS_PAGE_BYTES {
        return None;
    }
    let mut entries = vec![0; memory.len().div_ceil(OS_PAGE_BYTES) * ENTRY_BYTES];
    let offset = address / OS_PAGE_BYTES * ENTRY_BYTES;
    File::open("/proc/self/pagemap").ok()?.read_exact_at(&mut entries, offset as u64).ok()?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (page, entry) in entries.as_chunks::<ENTRY_BYTES>().0.iter().enumerate() {
        let entry = u64::from_le_bytes(*entry);
        if entry & (PRESENT | SWAPPED) == 0 || entry & OF_FILE != 0 {
            continue;
        }
        let start = page * OS_PAGE_BYTES;
        let end = (start + OS_PAGE_BYTES).min(memory.len());
        match ranges.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    Some(ranges)
}

#[cfg(test)]
mod tests {
    use super::{OS_PAGE_BYTES, ranges};

    #[test]
    fn what_was_written_is_in_the_ranges() {
        const PAGES: usize = 1000;
        let mut memory = vec![0u8; (PAGES + 1) * OS_PAGE_BYTES];
        let start = memory.as_ptr().align_offset(OS_PAGE_BYTES);
        let memory = &mut memory[start..start + PAGES * OS_PAGE_BYTES];
        for page in [3, 4, 500] {
            memory[page * OS_PAGE_BYTES + 7] = 1;
        }
        let ranges = ranges(memory);
        for page in [3, 4, 500] {
            let at = page * OS_PAGE_BYTES + 7;
            assert!(ranges.iter().any(|range| range.contains(&at)), "page {page} in {ranges:?}");
        }
    }

    #[test]
    fn where_nothing_is_known_it_is_everything() {
        let memory = vec![0u8; 3 * OS_PAGE_BYTES];
        let unaligned = &memory[memory.as_ptr().align_offset(OS_PAGE_BYTES) + 1..];
        assert_eq!(ranges(unaligned).as_slice(), std::slice::from_ref(&(0..unaligned.len())));
    }
}
