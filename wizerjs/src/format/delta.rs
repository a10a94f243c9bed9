//! What an application's image has that its engine's has not.

use engine_abi::GlobalValue;

/// Pages of a wasm memory, in bytes.
pub const WASM_PAGE_BYTES: u64 = 64 << 10;

/// Pages of the host's memory, in bytes, on every platform the function host runs on: its unit of copying.
pub const OS_PAGE_BYTES: usize = 4 << 10;

/// Equal bytes between two differing ones that are written along with them. A segment of its own costs its kind (1
/// byte), `i32.const` with an offset above 2 MiB (1 + 4), `end` (1) and its length (1 or 2): 8 at least.
const GAP_MAX_BYTES: usize = 8;

/// Most segments of a module. Implementations stop at 100,000
/// (<https://webassembly.github.io/spec/js-api/#limits>); half of that leaves room for a base module's own.
const SEGMENTS_MAX: usize = 50_000;

/// Bytes of the application's memory, at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where they go.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What an application's image has that its engine's has not.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Delta {
    /// Bytes that differ, in order, none overlapping.
    pub segments: Vec<Segment>,
    /// Exported mutable globals that differ, in the order of the module's exports.
    pub globals: Vec<(String, GlobalValue)>,
    /// Pages of the memory, at least as many as the engine's own.
    pub memory_pages: u64,
}

impl Delta {
    /// Bytes in all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes.len() as u64).sum()
    }

    /// Pages of the host's memory that the segments touch.
    pub fn os_pages(&self) -> u64 {
        let page_bytes = OS_PAGE_BYTES as u64;
        let mut next = 0;
        let mut count = 0;
        for segment in self.segments.iter().filter(|segment| !segment.bytes.is_empty()) {
            let first = (segment.offset / page_bytes).max(next);
            let end = (segment.offset + segment.bytes.len() as u64).div_ceil(page_bytes);
            count += end.saturating_sub(first);
            next = next.max(end);
        }
        count
    }
}

/// The bytes of `image` that differ from `base`, which counts as zero beyond its end. `image` is at least as long.
pub fn difference(base: &[u8], image: &[u8]) -> Vec<Segment> {
    difference_within(base, image, std::iter::once(0..image.len()))
}

/// [`difference`], looking only at these ranges, which are in order and do not touch: all others are known to be equal.
pub fn difference_within(
    base: &[u8],
    image: &[u8],
    ranges: impl Iterator<Item = std::ops::Range<usize>>,
) -> Vec<Segment> {
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
    merge(runs).into_iter().map(|run| Segment { offset: run.start as u64, bytes: image[run].to_vec() }).collect()
}

/// The part of `base` that lies in a range, and how many zeros follow it.
fn equal(base: &[u8], image: &[u8], start: usize, end: usize) -> bool {
    let split = base.len().clamp(start, end);
    base.get(start..split).unwrap_or_default() == &image[start..split]
        && image[split..end].iter().all(|byte| *byte == 0)
}

/// Append the runs of differing bytes in `range`.
fn differing_runs(base: &[u8], image: &[u8], range: std::ops::Range<usize>, runs: &mut Vec<std::ops::Range<usize>>) {
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
fn merge(mut runs: Vec<std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
    let mut gap_max = GAP_MAX_BYTES;
    loop {
        runs = runs.into_iter().fold(Vec::new(), |mut merged: Vec<std::ops::Range<usize>>, run| {
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
    use super::{Delta, SEGMENTS_MAX, Segment, difference};

    fn apply(base: &[u8], segments: &[Segment], len: usize) -> Vec<u8> {
        let mut image = base.to_vec();
        image.resize(len, 0);
        for segment in segments {
            let start = segment.offset as usize;
            image[start..start + segment.bytes.len()].copy_from_slice(&segment.bytes);
        }
        image
    }

    #[test]
    fn equal_images_have_no_difference() {
        assert_eq!(difference(&[1, 2, 3], &[1, 2, 3, 0, 0]), []);
        assert_eq!(difference(&[], &[]), []);
    }

    #[test]
    fn gaps_that_cost_less_than_a_segment_are_merged() {
        let mut image = vec![0; 40];
        image[0] = 1;
        image[9] = 2;
        image[19] = 3;
        let offsets: Vec<_> =
            difference(&[], &image).iter().map(|segment| (segment.offset, segment.bytes.len())).collect();
        assert_eq!(offsets, [(0, 10), (19, 1)]);
    }

    #[test]
    fn runs_over_page_boundaries_and_beyond_the_base_are_whole() {
        let base = vec![7; 5000];
        let mut image = vec![7; 9000];
        image[4090..4100].fill(1);
        let segments = difference(&base, &image);
        let offsets: Vec<_> = segments.iter().map(|segment| (segment.offset, segment.bytes.len())).collect();
        assert_eq!(offsets, [(4090, 10), (5000, 4000)]);
        assert_eq!(apply(&base, &segments, 9000), image);
        let delta = Delta { segments, ..Delta::default() };
        assert_eq!((delta.bytes(), delta.os_pages()), (4010, 3));
    }

    #[test]
    fn the_number_of_segments_is_bounded() {
        let image: Vec<u8> = (0..SEGMENTS_MAX * 40).map(|at| u8::from(at % 20 == 0)).collect();
        let segments = difference(&[], &image);
        assert!(segments.len() <= SEGMENTS_MAX, "{}", segments.len());
        assert_eq!(apply(&[], &segments, image.len()), image);
    }

    proptest::proptest! {
        #[test]
        fn applying_a_difference_gives_the_image(
            base in proptest::collection::vec(0..3u8, 0..300),
            image in proptest::collection::vec(0..3u8, 300..600),
        ) {
            let segments = difference(&base, &image);
            proptest::prop_assert_eq!(apply(&base, &segments, image.len()), image);
            let apart = |pair: &[Segment]| pair[0].offset + (pair[0].bytes.len() as u64) < pair[1].offset;
            proptest::prop_assert!(segments.windows(2).all(apart));
        }
    }
}
