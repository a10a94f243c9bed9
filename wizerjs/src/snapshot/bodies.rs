//! Where the function bodies of a module stand: in bytes from its start, without their sizes.

use super::error::Error;
use super::module::{Module, section};
use std::ops::Range;

/// Where the function bodies of a module stand.
pub(super) fn bodies(module: &[u8]) -> Result<Vec<Range<usize>>, Error> {
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        if let wasmparser::Payload::CodeSectionStart { range, .. } = payload? {
            return Ok(of_contents(&module[range.clone()], range.start)?);
        }
    }
    Ok(Vec::new())
}

/// Those of a code section whose contents begin at `start`.
fn of_contents(contents: &[u8], start: usize) -> wasmparser::Result<Vec<Range<usize>>> {
    let mut reader = wasmparser::BinaryReader::new(contents, start);
    let count = reader.read_var_u32()?;
    (0..count)
        .map(|_| {
            let size = reader.read_var_u32()? as usize;
            let start = reader.original_position();
            reader.read_bytes(size)?;
            Ok(start..start + size)
        })
        .collect()
}

impl Module<'_> {
    /// Where the function bodies stand.
    pub(super) fn bodies(&self) -> wasmparser::Result<Vec<Range<usize>>> {
        let Some(code) = self.section(section::CODE) else { return Ok(Vec::new()) };
        of_contents(self.slice(&code.contents), code.contents.start)
    }
}
