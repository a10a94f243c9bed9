//! The memory an application starts from: its engine's base image and the bytes that differ.

use anyhow::{Result, ensure};

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

    fn segments(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let ends = self.segments.iter().skip(1).map(|next| next.start as usize).chain([self.bytes.len()]);
        self.segments
            .iter()
            .zip(ends)
            .map(|(segment, end)| (segment.offset as usize, &self.bytes[segment.start as usize..end]))
    }

    /// Where the last segment ends.
    pub(crate) fn end(&self) -> usize {
        self.segments().last().map_or(0, |(offset, bytes)| offset + bytes.len())
    }

    /// Bytes of memory that it takes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.segments) + self.bytes.len()
    }

    /// Put the bytes in their places. `memory` reaches to [`Delta::end`].
    pub(crate) fn apply(&self, memory: &mut [u8]) {
        for (offset, bytes) in self.segments() {
            memory[offset..offset + bytes.len()].copy_from_slice(bytes);
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
}
