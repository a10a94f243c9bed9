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
    let mut out = module.bytes[original.contents.start..reader.original_position()].to_vec();
    while !reader.eof() {
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let len = reader.read_var_u32()? as usize;
        let contents = BinaryReader::new(reader.read_bytes(len)?, 0);
        if id != DATA_NAMES {
            out.extend_from_slice(&module.bytes[start..reader.original_position()]);
            continue;
        }
        let names = names_below(contents, kept)?;
        if names.count > 0 {
            out.push(id);
            leb::bytes(&mut out, &names.finish());
        }
    }
    Ok((out != module.slice(&original.contents)).then_some(out))
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
