//! Data section: memories as they are, and segments that code can still name.

use crate::snapshot::capture::Snapshot;
use crate::snapshot::leb;
use crate::snapshot::module::{Module, section};
use crate::snapshot::pieces::Pieces;
use crate::snapshot::value::offset_expression;
use wasmparser::DataKind;

/// Flags that start a segment.
const ACTIVE: u8 = 0;
const PASSIVE: u8 = 1;
const ACTIVE_WITH_MEMORY: u8 = 2;

/// A passive segment of no bytes.
const EMPTY: [u8; 2] = [PASSIVE, 0];

/// Data segments of the original module that keep their indices because code names them or later ones.
pub(crate) fn kept_data_segments(module: &Module<'_>) -> usize {
    module.facts.used_data.last().map_or(0, |&last| last as usize + 1)
}

/// Whether a segment still has its bytes at the snapshot point. Active ones are dropped when a module is instantiated;
/// nobody will ever look at one that no instruction names.
pub(super) fn is_kept(module: &Module<'_>, snapshot: &Snapshot<'_>, index: u32) -> bool {
    matches!(module.data[index as usize].kind, DataKind::Passive)
        && module.facts.used_data.contains(&index)
        && !snapshot.dropped_data.contains(&index)
}

fn count(module: &Module<'_>, snapshot: &Snapshot<'_>) -> usize {
    kept_data_segments(module) + snapshot.memories.iter().map(|image| image.segments.len()).sum::<usize>()
}

/// New contents of the data count section, if there is one and the count changed.
pub(super) fn count_contents(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Option<Vec<u8>> {
    module.section(section::DATA_COUNT)?;
    let count = count(module, snapshot);
    (count != module.data.len()).then(|| {
        let mut contents = Vec::new();
        leb::unsigned(&mut contents, count as u64);
        contents
    })
}

/// New contents of the data section.
pub(super) struct Contents<'a> {
    pub(super) contents: Pieces<'a>,
    /// The same with nothing in any segment: as valid, and nothing large.
    pub(super) skeleton: Vec<u8>,
}

/// New contents of the data section; `None` if there is nothing to say.
pub(super) fn contents<'a>(module: &Module<'a>, snapshot: &Snapshot<'a>) -> Option<Contents<'a>> {
    let count = count(module, snapshot);
    if count == 0 {
        return None;
    }
    let (mut contents, mut skeleton) = (Pieces::default(), Vec::new());
    contents.push(|new| leb::unsigned(new, count as u64));
    leb::unsigned(&mut skeleton, count as u64);
    for (index, data) in module.data.iter().enumerate().take(kept_data_segments(module)) {
        if is_kept(module, snapshot, index as u32) {
            contents.borrow(module.slice(&data.range));
        } else {
            contents.push(|new| new.extend_from_slice(&EMPTY));
        }
        skeleton.extend_from_slice(&EMPTY);
    }
    for ((index, ty), image) in (0u32..).zip(&module.memories).zip(&snapshot.memories) {
        for segment in &image.segments {
            let place = skeleton.len();
            active(&mut skeleton, index, segment.offset, ty.memory64);
            contents.push(|new| {
                new.extend_from_slice(&skeleton[place..]);
                leb::unsigned(new, segment.data.len() as u64);
            });
            contents.borrow(segment.data);
            skeleton.push(0);
        }
    }
    Some(Contents { contents, skeleton })
}

/// Where an active segment goes: all of it before its length.
fn active(out: &mut Vec<u8>, memory: u32, offset: u64, is_64_bit: bool) {
    out.push(if memory == 0 { ACTIVE } else { ACTIVE_WITH_MEMORY });
    if memory != 0 {
        leb::unsigned(out, u64::from(memory));
    }
    offset_expression(out, offset, is_64_bit);
}
