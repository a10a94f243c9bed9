//! Data section: memories as they are, and segments that code can still name.

use crate::snapshot::capture::Snapshot;
use crate::snapshot::error::Error;
use crate::snapshot::leb;
use crate::snapshot::module::{Module, section};
use crate::snapshot::value::offset_expression;
use wasmparser::DataKind;

/// Flags that start a segment.
const ACTIVE: u8 = 0;
const PASSIVE: u8 = 1;
const ACTIVE_WITH_MEMORY: u8 = 2;

/// Data segments of the original module that keep their indices because code names them or later ones.
pub(crate) fn kept_data_segments(module: &Module<'_>) -> usize {
    module.facts.used_data.last().map_or(0, |&last| last as usize + 1)
}

/// Whether a segment still has its bytes at the snapshot point. Active ones are dropped when a module is instantiated;
/// nobody will ever look at one that no instruction names.
pub(super) fn is_kept(module: &Module<'_>, snapshot: &Snapshot, index: u32) -> bool {
    matches!(module.data[index as usize].kind, DataKind::Passive)
        && module.facts.used_data.contains(&index)
        && !snapshot.dropped_data.contains(&index)
}

fn count(module: &Module<'_>, snapshot: &Snapshot) -> usize {
    kept_data_segments(module) + snapshot.memories.iter().map(|image| image.segments.len()).sum::<usize>()
}

/// New contents of the data count section, if there is one and the count changed.
pub(super) fn count_contents(module: &Module<'_>, snapshot: &Snapshot) -> Option<Vec<u8>> {
    module.section(section::DATA_COUNT)?;
    let count = count(module, snapshot);
    (count != module.data.len()).then(|| {
        let mut contents = Vec::new();
        leb::unsigned(&mut contents, count as u64);
        contents
    })
}

/// New contents of the data section; `None` if there is nothing to say.
pub(super) fn contents(module: &Module<'_>, snapshot: &Snapshot) -> Result<Option<Vec<u8>>, Error> {
    let count = count(module, snapshot);
    if count == 0 {
        return Ok(None);
    }
    let mut contents = Vec::with_capacity(capacity(module, snapshot));
    leb::unsigned(&mut contents, count as u64);
    for (index, data) in module.data.iter().enumerate().take(kept_data_segments(module)) {
        if is_kept(module, snapshot, index as u32) {
            contents.extend_from_slice(module.slice(&data.range));
        } else {
            contents.extend_from_slice(&[PASSIVE, 0]);
        }
    }
    for ((index, ty), image) in (0u32..).zip(&module.memories).zip(&snapshot.memories) {
        for segment in &image.segments {
            contents.push(if index == 0 { ACTIVE } else { ACTIVE_WITH_MEMORY });
            if index != 0 {
                leb::unsigned(&mut contents, u64::from(index));
            }
            offset_expression(&mut contents, segment.offset, ty.memory64);
            leb::bytes(&mut contents, &segment.data);
        }
    }
    Ok(Some(contents))
}

/// Bytes to reserve, so that a large section is not copied while it grows.
fn capacity(module: &Module<'_>, snapshot: &Snapshot) -> usize {
    /// Flags, memory, offset and length at their longest, in bytes.
    const HEADER_BYTES_MAX: usize = 32;
    let kept: usize = module.data.iter().take(kept_data_segments(module)).map(|data| data.range.len()).sum();
    let images: usize = snapshot.memories.iter().map(|image| image.segment_bytes() as usize).sum();
    kept + images + count(module, snapshot) * HEADER_BYTES_MAX
}
