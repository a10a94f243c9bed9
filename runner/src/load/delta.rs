//! The memory an application starts from: its engine's base image and the bytes that differ.

use anyhow::{Result, ensure};
use std::ops::Range;

/// Bytes by which an application's memory differs from its engine's base image: segments, ascending and apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delta {
    segments: Box<[Segment]>,
    bytes: Box<[u8]>,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Where it goes.
    offset: u32,
    /// Where its bytes start in [`Delta::bytes`]; they end where those of the next one start.
    start: u32,
}

impl Delta {
    pub(crate) fn builder() -> DeltaBuilder {
        DeltaBuilder { segments: Vec::new(), bytes: Vec::new(), end: 0 }
    }

    /// Places and bytes of the segments from the `first` on.
    fn segments_from(&self, first: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let segments = &self.segments[first..];
        let ends = segments.iter().skip(1).map(|next| next.start as usize).chain([self.bytes.len()]);
        segments
            .iter()
            .zip(ends)
            .map(|(segment, end)| (segment.offset as usize, &self.bytes[segment.start as usize..end]))
    }

    /// Where the last segment ends.
    pub(crate) fn end(&self) -> usize {
        self.segments_from(0).last().map_or(0, |(offset, bytes)| offset + bytes.len())
    }

    /// Bytes of memory that it takes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.segments) + self.bytes.len()
    }

    /// Put the bytes in their places. `memory` reaches to [`Delta::end`].
    pub(crate) fn apply(&self, memory: &mut [u8]) {
        for (offset, bytes) in self.segments_from(0) {
            memory[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }
}

impl Delta {
    /// Put the bytes that belong in `run` in their places; `part` is that run of memory.
    pub(crate) fn apply_within(&self, run: &Range<usize>, part: &mut [u8]) {
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

/// Collects segments.
#[derive(Debug)]
pub(crate) struct DeltaBuilder {
    segments: Vec<Segment>,
    bytes: Vec<u8>,
    end: u64,
}

impl DeltaBuilder {
    pub(crate) fn segment(&mut self, offset: u32, bytes: &[u8]) -> Result<()> {
        ensure!(u64::from(offset) >= self.end, "not a thin application: its data segments overlap or are out of order");
        self.end = u64::from(offset) + bytes.len() as u64;
        ensure!(self.end <= 1 << 32, "damaged: a data segment ends beyond 4 GiB");
        let start = u32::try_from(self.bytes.len())?;
        self.segments.push(Segment { offset, start });
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn finish(self) -> Delta {
        Delta { segments: self.segments.into(), bytes: self.bytes.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::PAGE_BYTES;

    #[test]
    fn segments_go_to_their_places() {
        let mut builder = Delta::builder();
        builder.segment(1, b"ab").unwrap();
        builder.segment(3, b"").unwrap();
        builder.segment(5, b"c").unwrap();
        assert!(builder.segment(5, b"d").is_err());
        assert!(builder.segment(u32::MAX, b"de").is_err());
        let delta = builder.finish();
        let mut memory = [b'.'; 7];
        delta.apply(&mut memory);
        assert_eq!(&memory, b".ab..c.");
        assert_eq!(delta.end(), 6);
    }

    #[test]
    fn parts_of_a_difference() {
        let mut builder = Delta::builder();
        builder.segment(10, &[1; 100]).unwrap();
        builder.segment(PAGE_BYTES as u32 - 2, &[2; 4]).unwrap();
        builder.segment(20 * PAGE_BYTES as u32, &[3; 8]).unwrap();
        let delta = builder.finish();
        let mut whole = vec![0; 21 * PAGE_BYTES];
        delta.apply(&mut whole);
        for run in [
            0..PAGE_BYTES,
            PAGE_BYTES..2 * PAGE_BYTES,
            50..60,
            105..PAGE_BYTES + 1,
            20 * PAGE_BYTES + 4..21 * PAGE_BYTES,
        ] {
            let mut part = vec![0; run.len()];
            delta.apply_within(&run, &mut part);
            assert!(part == whole[run.clone()], "{run:?}");
        }
    }
}
