//! Name section: data segments that are gone lose their names, or the new ones would have them.

use super::Vector;
use super::data::kept_data_segments;
use crate::snapshot::leb;
use crate::snapshot::module::{Module, Section};
use wasmparser::BinaryReader;

/// Subsection of data segment names (extended name section).
const DATA_NAMES: u8 = 9;

/// New contents, if a name has to go. Nothing checks name sections, so one that is malformed stays as it is.
pub(super) fn contents(module: &Module<'_>, original: &Section) -> Option<Vec<u8>> {
    rewritten(module, original).ok().flatten()
}

fn rewritten(module: &Module<'_>, original: &Section) -> wasmparser::Result<Option<Vec<u8>>> {
    let kept = kept_data_segments(module) as u32;
    let mut reader = BinaryReader::new(module.slice(&original.contents), original.contents.start);
    reader.read_string()?;
    let Some(subsection) = data_names(&mut reader)? else { return Ok(None) };
    let whole = module.slice(&subsection.whole);
    let names = names_below(BinaryReader::new(module.slice(&subsection.contents), 0), kept)?;
    let mut kept_names = Vec::new();
    if names.count > 0 {
        kept_names.push(DATA_NAMES);
        leb::bytes(&mut kept_names, &names.finish());
    }
    let [before, after] =
        [original.contents.start..subsection.whole.start, subsection.whole.end..original.contents.end];
    Ok((kept_names != whole).then(|| [module.slice(&before), &kept_names, module.slice(&after)].concat()))
}

/// The subsection of data segment names; there is one at most, and the others are as they should be.
fn data_names(reader: &mut BinaryReader<'_>) -> wasmparser::Result<Option<Section>> {
    let mut found = None;
    while !reader.eof() {
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let len = reader.read_var_u32()? as usize;
        let contents = reader.original_position()..reader.original_position() + len;
        reader.read_bytes(len)?;
        if id == DATA_NAMES {
            found = Some(Section { id, whole: start..contents.end, contents });
        }
    }
    Ok(found)
}

fn names_below(mut names: BinaryReader<'_>, end: u32) -> wasmparser::Result<Vector> {
    let mut kept = Vector::default();
    for _ in 0..names.read_var_u32()? {
        let index = names.read_var_u32()?;
        let name = names.read_string()?;
        if index < end {
            kept.push(|out| {
                leb::unsigned(out, u64::from(index));
                leb::bytes(out, name.as_bytes());
            });
        }
    }
    Ok(kept)
}
