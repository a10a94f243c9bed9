//! Memory section: the size at the snapshot point becomes the minimum.

use super::Vector;
use crate::snapshot::capture::Snapshot;
use crate::snapshot::leb;
use crate::snapshot::module::Module;
use wasmparser::MemoryType;

/// New contents, if a memory has grown.
pub(super) fn contents(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Option<Vec<u8>> {
    let sizes = module.memories.iter().zip(&snapshot.memories);
    if sizes.clone().all(|(ty, image)| ty.initial == image.pages) {
        return None;
    }
    let mut memories = Vector::default();
    for (ty, image) in sizes {
        memories.push(|out| memory_type(out, &MemoryType { initial: image.pages, ..*ty }));
    }
    Some(memories.finish())
}

fn memory_type(out: &mut Vec<u8>, ty: &MemoryType) {
    const HAS_MAXIMUM: u8 = 1;
    const IS_64_BIT: u8 = 4;
    const HAS_PAGE_SIZE: u8 = 8;
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    out.push(
        flag(ty.maximum.is_some(), HAS_MAXIMUM)
            | flag(ty.memory64, IS_64_BIT)
            | flag(ty.page_size_log2.is_some(), HAS_PAGE_SIZE),
    );
    leb::unsigned(out, ty.initial);
    if let Some(maximum) = ty.maximum {
        leb::unsigned(out, maximum);
    }
    if let Some(page_size_log2) = ty.page_size_log2 {
        leb::unsigned(out, u64::from(page_size_log2));
    }
}
