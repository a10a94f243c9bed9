//! Items that come after those that a section of a module has.

use super::leb;
use super::module::Module;

/// Items to put at the end of a section.
#[derive(Debug, Default)]
pub(super) struct Addition {
    count: u32,
    items: Vec<u8>,
}

impl Addition {
    /// Append an item that `write` writes; its position among the added ones.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u32 {
        write(&mut self.items);
        self.count += 1;
        self.count - 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The contents of section `id` of `module`, or of a new one, with the items at its end.
    pub(super) fn contents(&self, module: &Module<'_>, id: u8) -> wasmparser::Result<Vec<u8>> {
        let mut contents = Vec::new();
        match module.section(id) {
            Some(original) => {
                let mut reader =
                    wasmparser::BinaryReader::new(module.slice(&original.contents), original.contents.start);
                let count = reader.read_var_u32()?;
                leb::unsigned(&mut contents, u64::from(count) + u64::from(self.count));
                contents.extend_from_slice(&module.bytes[reader.original_position()..original.contents.end]);
            }
            None => leb::unsigned(&mut contents, u64::from(self.count)),
        }
        contents.extend_from_slice(&self.items);
        Ok(contents)
    }
}
