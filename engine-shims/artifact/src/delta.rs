//! What one image of a memory has that another one has not.

use crate::manifest::ChangedGlobal;
use anyhow::{Result, ensure};
use std::ops::Range;

/// Bytes of a page of a wasm memory.
pub const WASM_PAGE_BYTES: u64 = 64 << 10;

/// Bytes of a page of the host's memory, on every platform that the function host runs on: its unit of copying.
pub const OS_PAGE_BYTES: usize = 4 << 10;

/// Equal bytes between two differing ones that are written along with them. A segment of its own costs its kind (1
/// byte), `i32.const` with an offset above 2 MiB (1 + 4), `end` (1) and its length (1 or 2): 8 at least.
const GAP_MAX_BYTES: usize = 8;

/// Most segments of a module. Implementations stop at 100,000
/// (<https://webassembly.github.io/spec/js-api/#limits>); half of that leaves room for a base module's own.
const SEGMENTS_MAX: usize = 50_000;

/// End of the addresses of a 32-bit memory.
const ADDRESSES_END: u64 = 1 << 32;

/// What an instance has that an instance of its engine's base module has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateDelta {
    /// Bytes of its memory that differ.
    pub memory: Delta,
    /// Pages of 64 KiB of its memory, at least as many as the engine's own.
    pub memory_pages: u64,
    /// Exported mutable globals that differ, in the order of the module's exports.
    pub globals: Vec<ChangedGlobal>,
}

/// Bytes by which a memory differs from another one: segments, ascending and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    segments: Box<[Segment]>,
    bytes: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    /// Address of its first byte.
    offset: u32,
    /// Where its bytes start in [`Delta::bytes`]; they end where those of the next one start.
    start: u32,
}

impl Delta {
    /// Addresses and bytes of the segments.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = (usize, &[u8])> {
        self.segments_from(0)
    }

    /// Where they are.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        self.segments().map(|(offset, bytes)| offset..offset + bytes.len())
    }

    fn segments_from(&self, first: usize) -> impl ExactSizeIterator<Item = (usize, &[u8])> {
        (first..self.segments.len()).map(|index| {
            let segment = self.segments[index];
            let end = self.segments.get(index + 1).map_or(self.bytes.len(), |next| next.start as usize);
            (segment.offset as usize, &self.bytes[segment.start as usize..end])
        })
    }

    /// How many segments there are.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Bytes in all segments.
    pub fn byte_count(&self) -> usize {
        self.bytes.len()
    }

    /// Address behind the last segment.
    pub fn end(&self) -> usize {
        self.segments.last().map_or(0, |last| last.offset as usize + self.bytes.len() - last.start as usize)
    }

    /// Bytes of the host's memory that it takes, without itself.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.segments) + self.bytes.len()
    }

    /// Pages of the host's memory that the segments touch.
    pub fn os_pages(&self) -> usize {
        let mut next = 0;
        let mut count = 0;
        for (offset, bytes) in self.segments().filter(|(_, bytes)| !bytes.is_empty()) {
            let first = (offset / OS_PAGE_BYTES).max(next);
            let end = (offset + bytes.len()).div_ceil(OS_PAGE_BYTES);
            count += end.saturating_sub(first);
            next = next.max(end);
        }
        count
    }

    /// Write the segments into `memory`, which reaches to [`Delta::end`].
    pub fn apply(&self, memory: &mut [u8]) {
        for (offset, bytes) in self.segments() {
            memory[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Write into `part` what the segments have in `run`; `part` is the memory in that range of addresses.
    pub fn apply_within(&self, run: &Range<usize>, part: &mut [u8]) {
        // The one before the first that starts in the run may reach into it.
        let first = self.segments.partition_point(|segment| (segment.offset as usize) < run.start).saturating_sub(1);
        for (offset, bytes) in self.segments_from(first) {
            if offset >= run.end {
                break;
            }
            let (start, end) = (offset.max(run.start), (offset + bytes.len()).min(run.end));
            if start < end {
                part[start - run.start..end - run.start].copy_from_slice(&bytes[start - offset..end - offset]);
            }
        }
    }
}

/// Collects the segments of a [`Delta`].
#[derive(Debug, Default)]
pub struct DeltaBuilder {
    segments: Vec<Segment>,
    bytes: Vec<u8>,
    end: u64,
}

impl DeltaBuilder {
    /// Add a segment.
    ///
    /// # Errors
    /// It is not behind the one before, or ends beyond 4 GiB.
    pub fn segment(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        ensure!(offset >= self.end, "its data segments overlap or are out of order");
        let end = offset + bytes.len() as u64;
        ensure!(end <= ADDRESSES_END, "damaged: a data segment ends beyond 4 GiB");
        if bytes.is_empty() {
            return Ok(());
        }
        self.end = end;
        self.segments.push(Segment { offset: u32::try_from(offset)?, start: u32::try_from(self.bytes.len())? });
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// What was collected.
    pub fn finish(self) -> Delta {
        Delta { segments: self.segments.into(), bytes: self.bytes.into() }
    }
}

/// The bytes of `image` that differ from `base`, which counts as zero beyond its end. `image` is at least as long.
///
/// # Errors
/// They reach beyond 4 GiB.
pub fn difference(base: &[u8], image: &[u8]) -> Result<Delta> {
    difference_within(base, image, std::iter::once(0..image.len()))
}

/// [`difference`], looking only at these ranges, which are in order and do not touch: all others are known to be equal.
///
/// # Errors
/// As [`difference`].
pub fn difference_within(base: &[u8], image: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Result<Delta> {
    let mut runs = Vec::new();
    for range in ranges {
        let end = range.end.min(image.len());
        let mut at = range.start;
        while at < end {
            // Whole pages first: nearly all of them are equal, and comparing them is one `memcmp`.
            let page_end = (at / OS_PAGE_BYTES + 1).saturating_mul(OS_PAGE_BYTES).min(end);
            if !equal(base, image, at, page_end) {
                differing_runs(base, image, at..page_end, &mut runs);
            }
            at = page_end;
        }
    }
    let mut delta = DeltaBuilder::default();
    for run in merge(runs) {
        delta.segment(run.start as u64, &image[run])?;
    }
    Ok(delta.finish())
}

/// Whether both images have the same bytes from `start` to `end`.
fn equal(base: &[u8], image: &[u8], start: usize, end: usize) -> bool {
    let split = base.len().clamp(start, end);
    base.get(start..split).unwrap_or_default() == &image[start..split]
        && image[split..end].iter().all(|byte| *byte == 0)
}

/// Append the runs of differing bytes in `range`.
fn differing_runs(base: &[u8], image: &[u8], range: Range<usize>, runs: &mut Vec<Range<usize>>) {
    for at in range {
        if base.get(at).copied().unwrap_or(0) == image[at] {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
}

/// Join runs with small gaps between them, larger gaps as long as there are too many runs.
fn merge(mut runs: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut gap_max = GAP_MAX_BYTES;
    loop {
        runs = runs.into_iter().fold(Vec::new(), |mut merged: Vec<Range<usize>>, run| {
            match merged.last_mut() {
                Some(last) if run.start - last.end <= gap_max => last.end = run.end,
                _ => merged.push(run),
            }
            merged
        });
        if runs.len() <= SEGMENTS_MAX {
            return runs;
        }
        gap_max *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places and lengths of the segments.
    fn places(delta: &Delta) -> Vec<(usize, usize)> {
        delta.segments().map(|(offset, bytes)| (offset, bytes.len())).collect()
    }

    fn applied(base: &[u8], delta: &Delta, len: usize) -> Vec<u8> {
        let mut image = base.to_vec();
        image.resize(len, 0);
        delta.apply(&mut image);
        image
    }

    #[test]
    fn segments_go_to_their_places() {
        let mut builder = DeltaBuilder::default();
        builder.segment(1, b"ab").unwrap();
        builder.segment(3, b"").unwrap();
        builder.segment(5, b"c").unwrap();
        assert!(builder.segment(5, b"d").is_err(), "on another");
        assert!(builder.segment(u32::MAX.into(), b"de").is_err(), "beyond the end");
        let delta = builder.finish();
        assert_eq!(applied(b".......", &delta, 7), b".ab..c.");
        assert_eq!((delta.end(), delta.byte_count(), delta.segment_count()), (6, 3, 2));
    }

    #[test]
    fn parts_of_a_difference() {
        let mut builder = DeltaBuilder::default();
        builder.segment(10, &[1; 100]).unwrap();
        builder.segment(OS_PAGE_BYTES as u64 - 2, &[2; 4]).unwrap();
        builder.segment(20 * OS_PAGE_BYTES as u64, &[3; 8]).unwrap();
        let delta = builder.finish();
        let whole = applied(&[], &delta, 21 * OS_PAGE_BYTES);
        for run in [
            0..OS_PAGE_BYTES,
            OS_PAGE_BYTES..2 * OS_PAGE_BYTES,
            50..60,
            105..OS_PAGE_BYTES + 1,
            20 * OS_PAGE_BYTES + 4..21 * OS_PAGE_BYTES,
        ] {
            let mut part = vec![0; run.len()];
            delta.apply_within(&run, &mut part);
            assert!(part == whole[run.clone()], "{run:?}");
        }
    }

    #[test]
    fn equal_images_have_no_difference() {
        assert_eq!(difference(&[1, 2, 3], &[1, 2, 3, 0, 0]).unwrap(), Delta::default());
        assert_eq!(difference(&[], &[]).unwrap(), Delta::default());
    }

    #[test]
    fn gaps_that_cost_less_than_a_segment_are_merged() {
        let mut image = vec![0; 40];
        image[0] = 1;
        image[9] = 2;
        image[19] = 3;
        assert_eq!(places(&difference(&[], &image).unwrap()), [(0, 10), (19, 1)]);
    }

    #[test]
    fn runs_over_page_boundaries_and_beyond_the_base_are_whole() {
        let base = vec![7; 5000];
        let mut image = vec![7; 9000];
        image[4090..4100].fill(1);
        let delta = difference(&base, &image).unwrap();
        assert_eq!(places(&delta), [(4090, 10), (5000, 4000)]);
        assert_eq!(applied(&base, &delta, 9000), image);
        assert_eq!((delta.byte_count(), delta.os_pages()), (4010, 3));
    }

    #[test]
    fn the_number_of_segments_is_bounded() {
        let image: Vec<u8> = (0..SEGMENTS_MAX * 40).map(|at| u8::from(at % 20 == 0)).collect();
        let delta = difference(&[], &image).unwrap();
        assert!(delta.segment_count() <= SEGMENTS_MAX, "{}", delta.segment_count());
        assert_eq!(applied(&[], &delta, image.len()), image);
    }

    proptest::proptest! {
        #[test]
        fn applying_a_difference_gives_the_image(
            base in proptest::collection::vec(0..3u8, 0..300),
            image in proptest::collection::vec(0..3u8, 300..600),
        ) {
            let delta = difference(&base, &image).unwrap();
            proptest::prop_assert_eq!(applied(&base, &delta, image.len()), image);
            let apart = |pair: &[(usize, usize)]| pair[0].0 + pair[0].1 < pair[1].0;
            proptest::prop_assert!(places(&delta).windows(2).all(apart));
        }
    }
}
